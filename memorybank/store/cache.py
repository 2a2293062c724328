"""Derived state that may be deleted at any time: kept beside the bank for speed, never for truth."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from memorybank.errors import BankError
from memorybank.files.write import FileMoved, make_dirs, publish, read

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


def read_cache(bank: BankFolder, name: str) -> tuple[bytes, Any]:
    """Give a cache's bytes and its value; (b"", None) when there is none that can be read."""
    data = load_bytes(bank, name)
    try:
        return data, json.loads(data)
    except (ValueError, RecursionError):
        return b"", None


def write_cache(bank: BankFolder, name: str, value: Any, *, base: bytes) -> None:
    """Keep a cache in place of what was read; where that cannot be, the next reader works without it."""
    keep_bytes(bank, name, json.dumps(value, separators=(",", ":")).encode(), base=base)


def load_bytes(bank: BankFolder, name: str) -> bytes:
    """Give a cache's bytes; none when there is none that can be read."""
    try:
        return read(bank.state / name)
    except BankError:
        return b""


def keep_bytes(bank: BankFolder, name: str, new: bytes, *, base: bytes) -> None:
    """Keep bytes in place of what was read; where that cannot be, the next reader works without them."""
    if bank.read_only:
        return
    path = bank.state / name
    with suppress(BankError, FileMoved, OSError):
        hide_state(bank)
        there = base or (read(path) if os.path.lexists(path) else None)
        publish(path, base=there, new=new, mode=0o600)


def hide_state(bank: BankFolder) -> None:
    """Keep local state out of git, wherever the bank stands."""
    ignore = bank.state / ".gitignore"
    if not os.path.lexists(ignore):
        make_dirs(bank.state, 0o700)
        # a look that failed says "not there" as well
        with suppress(FileMoved):
            publish(ignore, base=None, new=b"*\n")
