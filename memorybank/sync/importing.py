"""Importing by the name of a format: which reader takes which kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import NoFileError
from memorybank.sync.foreign import ForeignError, origin_of, tree_of
from memorybank.sync.taking import Imported, take_in

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.bank import Bank
    from memorybank.store.commit import Way
    from memorybank.sync.incoming import Harvest

# what a format is called, and what its source is
FORMATS = {
    "module71": "folder",
    "conversation": "file",
    "adr": "folder",
    "contextfs": "file",
    "claude-memory": "folder",
}


def import_from(bank: Bank, name: str, path: Path, way: Way) -> Imported:
    """Take in a source of one format; what was taken in before is passed over.

    Raises:
        ForeignError: the source is not of that format.
        BankError: it cannot be read, or the bank cannot be written.
    """
    return take_in(bank, harvest_of(bank, name, path), way)


def harvest_of(bank: Bank, name: str, path: Path) -> Harvest:
    """Read a source of one format; nothing is written.

    Raises:
        ForeignError: the source is not of that format.
        BankError: it cannot be read.
    """
    if name not in FORMATS:
        raise ForeignError(path=path, why=f"{name!r} is none of the formats {', '.join(FORMATS)}")
    if not path.exists():
        raise NoFileError(path=path, hint=f"bank import {name} -h")
    if FORMATS[name] == "folder" and not path.is_dir():
        raise ForeignError(path=path, why=f"{name} is read from a folder")
    if FORMATS[name] == "file" and path.is_dir():
        raise ForeignError(path=path, why=f"{name} is read from a file")
    if name == "module71":
        from memorybank.sync.module71_in import read_tree

        return read_tree(bank, tree_of(path))
    if name == "adr":
        from memorybank.sync.adr import read_adrs

        return read_adrs(bank, tree_of(path), origin_of(path, bank.project))
    if name == "claude-memory":
        from memorybank.sync.claude_memory import read_claude_memory

        return read_claude_memory(tree_of(path), origin_of(path, bank.project))
    if name == "contextfs":
        from memorybank.sync.contextfs import read_contextfs

        return read_contextfs(bank, path)
    from memorybank.sync.conversation import read_conversations

    return read_conversations(path, origin_of(path, bank.project))
