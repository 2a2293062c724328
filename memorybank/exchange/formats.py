"""Import by the name of a format: which reader is used for which kind of source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import FieldError, NoFileError
from memorybank.exchange.safe_read import ForeignError, origin_of, tree_of
from memorybank.exchange.write_records import take_in
from memorybank.ids import chosen
from memorybank.records.fields import check_line, check_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.exchange.imported import ImportResult
    from memorybank.exchange.incoming import ReadResult
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

CONVERSATION = "conversation"
# the formats, and whether their source is a file or a folder
FORMATS = {
    "module71": "folder",
    CONVERSATION: "file",
    "adr": "folder",
    "contextfs": "file",
    "claude-memory": "folder",
}


def import_from(
    bank: BankFolder, name: str, path: Path, way: Way, *, summary: str = "", tags: Sequence[str] = ()
) -> ImportResult:
    """Import a source of one format; what was imported before is skipped.

    Conversations get the `summary` and `tags`.

    Raises:
        ForeignError: the source does not have that format.
        FieldError: a summary or tags are given for another format, or are invalid.
        BankError: it cannot be read, or the bank cannot be written.
    """
    if (summary or tags) and chosen(name, FORMATS) != CONVERSATION:
        field = "summary" if summary else "tags"
        raise FieldError(field=field, why=f"only conversations take it, not {name}", hint="bank import -h")
    check_line("summary", summary)
    tags = check_tags(tags)
    return take_in(bank, [_described(harvest_of(bank, name, path), summary, tags)], way)


def import_conversation(
    bank: BankFolder, text: str, way: Way, *, summary: str = "", tags: Sequence[str] = ()
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
    return take_in(bank, [_described(found, check_line("summary", summary), check_tags(tags))], way)


def _described(found: ReadResult, summary: str, tags: tuple[str, ...]) -> ReadResult:
    """Return what was read with a summary and tags; its own stay where none are given."""
    return found._replace(
        records=tuple(
            record._replace(summary=summary or record.summary, tags=tags or record.tags) for record in found.records
        )
    )


def harvest_of(bank: BankFolder, name: str, path: Path) -> ReadResult:
    """Read a source of one format; write nothing.

    Raises:
        ForeignError: the source does not have that format.
        BankError: it cannot be read.
    """
    name = chosen(name, FORMATS)
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
        from memorybank.exchange.adr.read_folder import read_adrs

        return read_adrs(bank, tree_of(path), origin_of(path, bank.project))
    if name == "claude-memory":
        from memorybank.exchange.claude_memory.read_folder import read_claude_memory

        return read_claude_memory(tree_of(path), origin_of(path, bank.project))
    if name == "contextfs":
        from memorybank.exchange.contextfs.reader import read_contextfs

        return read_contextfs(bank, path)
    from memorybank.exchange.conversation import read_conversations

    return read_conversations(path, origin_of(path, bank.project))
