"""The user's own place: the global bank, named banks, and what this machine knows about banks and approved commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACES = "namespaces"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}\Z")


def home_of(environ: Mapping[str, str]) -> Path:
    """Give the folder of the global bank: `MEMORYBANK_HOME`, else `~/.memorybank`; it need not exist."""
    named = environ.get("MEMORYBANK_HOME")
    return Path(named).expanduser().absolute() if named else Path.home() / ".memorybank"


def namespace_folder(home: Path, name: str) -> Path:
    """Give the folder of a named bank of the user's; it need not exist.

    Raises:
        FieldError: the name is none that a folder can have.
    """
    if not _NAME.match(name):
        from memorybank.ids import slug_of

        raise FieldError(
            field="namespace",
            why=f"{name!r} is no name: letters, digits, hyphens and dots",
            hint=f"bank init --namespace {slug_of(name)}",
        )
    return home / NAMESPACES / name


def is_users_own(folder: Path, home: Path) -> bool:
    """Tell whether a folder is that of the global bank, or of a named one."""
    return _same(folder, home) or (folder.parent.name == NAMESPACES and _same(folder.parent.parent, home))


def _same(one: Path, other: Path) -> bool:
    if one == other:
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False
