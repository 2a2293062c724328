"""Import by the name of a format: which reader is used for which kind of source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import NoFileError
from memorybank.exchange.safe_read import ForeignError, origin_of, tree_of
from memorybank.exchange.write_records import ImportResult, take_in

if TYPE_CHECKING:
    from memorybank.exchange.incoming import ReadResult
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

# the formats, and whether their source is a file or a folder
FORMATS = {
    "module71": "folder",
    "conversation": "file",
    "adr": "folder",
    "contextfs": "file",
    "claude-memory": "folder",
}


def import_from(bank: BankFolder, name: str, path: Path, way: Way) -> ImportResult:
    """Import a source of one format; what was imported before is skipped.

    Raises:
        ForeignError: the source does not have that format.
        BankError: it cannot be read, or the bank cannot be written.
    """
    return take_in(bank, harvest_of(bank, name, path), way)


def import_conversation(
    bank: BankFolder, text: str, way: Way, *, summary: str = "", tags: tuple[str, ...] = ()
) -> ImportResult:
    """Import conversations from a JSON text; each becomes a session with this summary and these tags.

    Raises:
        ForeignError: it has no conversation in a known format.
        BankError: the bank cannot be written.
    """
    from memorybank.document.source import digest_of
    from memorybank.exchange.conversation import conversations_in

    data = text.encode("utf-8", "surrogateescape")
    found = conversations_in(data, Path("the JSON text"), f"text-{digest_of(data)}")
    records = tuple(record._replace(summary=summary, tags=tags) for record in found.records)
    return take_in(bank, found._replace(records=records), way)


def harvest_of(bank: BankFolder, name: str, path: Path) -> ReadResult:
    """Read a source of one format; write nothing.

    Raises:
        ForeignError: the source does not have that format.
        BankError: it cannot be read.
    """
    if name not in FORMATS:
        raise ForeignError(path=path, why=f"invalid format {name!r}: choose from {', '.join(FORMATS)}")
    if not path.exists():
        raise NoFileError(path=path, hint=f"bank import {name} -h")
    if FORMATS[name] == "folder" and not path.is_dir():
        raise ForeignError(path=path, why=f"the format {name} needs a folder")
    if FORMATS[name] == "file" and path.is_dir():
        raise ForeignError(path=path, why=f"the format {name} needs a file")
    if name == "module71":
        from memorybank.exchange.module71.reader import read_tree

        return read_tree(bank, tree_of(path))
    if name == "adr":
        from memorybank.exchange.adr import read_adrs

        return read_adrs(bank, tree_of(path), origin_of(path, bank.project))
    if name == "claude-memory":
        from memorybank.exchange.claude_memory import read_claude_memory

        return read_claude_memory(tree_of(path), origin_of(path, bank.project))
    if name == "contextfs":
        from memorybank.exchange.contextfs import read_contextfs

        return read_contextfs(bank, path)
    from memorybank.exchange.conversation import read_conversations

    return read_conversations(path, origin_of(path, bank.project))
