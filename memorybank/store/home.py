"""The user's own place: the global bank, and what this machine knows about banks and approved commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def home_of(environ: Mapping[str, str]) -> Path:
    """Give the folder of the global bank: `MEMORYBANK_HOME`, else `~/.memorybank`; it need not exist."""
    named = environ.get("MEMORYBANK_HOME")
    return Path(named).expanduser().absolute() if named else Path.home() / ".memorybank"
