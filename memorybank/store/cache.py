"""Caches: derived state next to the bank. They only make things faster and may be deleted at any time."""

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
    """Return a cache's bytes and its value; (b"", None) if it is missing or cannot be read."""
    data = load_bytes(bank, name)
    try:
        return data, json.loads(data)
    except (ValueError, RecursionError):
        return b"", None


def write_cache(bank: BankFolder, name: str, value: Any, *, base: bytes) -> None:
    """Write a cache that replaces `base`. If it cannot be written, the next reader works without it."""
    keep_bytes(bank, name, json.dumps(value, separators=(",", ":")).encode(), base=base)


def load_bytes(bank: BankFolder, name: str) -> bytes:
    """Return a cache's bytes; empty if it is missing or cannot be read."""
    try:
        return read(bank.state / name)
    except BankError:
        return b""


def keep_bytes(bank: BankFolder, name: str, new: bytes, *, base: bytes) -> None:
    """Write bytes that replace `base`. If they cannot be written, the next reader works without them."""
    if bank.read_only:
        return
    path = bank.state / name
    with suppress(BankError, FileMoved, OSError):
        hide_state(bank)
        there = base or (read(path) if os.path.lexists(path) else None)
        publish(path, base=there, new=new, mode=0o600)


def hide_state(bank: BankFolder) -> None:
    """Keep local state out of git with a `.gitignore`, wherever the bank is."""
    ignore = bank.state / ".gitignore"
    if not os.path.lexists(ignore):
        make_dirs(bank.state, 0o700)
        # lexists also returns False when the check itself failed
        with suppress(FileMoved):
            publish(ignore, base=None, new=b"*\n")
