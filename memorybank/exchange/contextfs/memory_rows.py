"""Memories of ContextFS with their relations, and namespaces, as records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.source import digest_of
from memorybank.document.text import one_line, without_hidden
from memorybank.exchange.contextfs.column_values import FORMAT, PREFIX, json_of, text_of, time_of
from memorybank.exchange.contextfs.rows import RowReader
from memorybank.exchange.incoming import Incoming
from memorybank.ids import chosen
from memorybank.records.record import Link, render_sections
from memorybank.records.templates import load_type

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from memorybank.exchange.account import Account
    from memorybank.exchange.contextfs.database import Row
    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder

# types that both have; records of other types become facts with their type in the metadata
SAME = ("fact", "decision", "code", "error", "procedural", "episodic", "user")
_STATUS_LENGTH = 100
_NAME_LENGTH = 100
# what the report of an empty row has room for
_PLACE_LENGTH = 200
_KNOWN = frozenset(("type", name) for name in SAME)
# columns that a row without any content may have
_PLACE = frozenset(
    {
        "id",
        "type",
        "namespace_id",
        "source_file",
        "source_repo",
        "source_tool",
        "project",
        "session_id",
        "created_at",
        "updated_at",
        "repo_url",
        "repo_name",
        "relative_path",
        "authoritative",
    }
)

# what is kept with a record besides its row: values by their names in the metadata
Beside = dict[str, Any]


class MemoryReader:
    """Turns rows of memories into records."""

    def __init__(self, bank: BankFolder, account: Account, sessions: Container[str]) -> None:
        """Load the types of the records; `sessions` are the ids of the sessions that are imported as well."""
        self.account, self.sessions = account, sessions
        self.kinds = {name: load_type(bank, name) for name in SAME}

    def read(self, entry: str, row: Row, links: tuple[Link, ...], beside: Mapping[str, Any]) -> Incoming | None:
        """Return the record of a row; None if it is empty, which is reported."""
        digest = row_digest(row)
        if not row.get("authoritative"):
            row = {name: value for name, value in row.items() if name != "authoritative"}
        place = _place(row)
        if not beside and _is_empty(row) and len(place) <= _PLACE_LENGTH:
            self.account.skipped(entry, f"it is empty ({place})" if place else "it is empty")
            return None
        came = RowReader(self.account, "memories", entry, row)
        ident, word, content = came.ident(), came.text("type").strip(), came.text("content")
        kind = self.kinds.get(word.lower(), self.kinds["fact"])
        if kind.name != word.lower():
            came.kept.put("custom_type", word)
        structured = json_of(came.row.pop("structured_data", None))
        status = _status(kind, structured)
        sections, rest = _sections(kind, structured, status)
        came.kept.put("structured_data", rest)
        summary, session = came.text("summary"), came.line("session_id")
        # a session's record has its old id
        self.account.turned(entry, session if session in self.sessions else "")
        for name, value in beside.items():
            came.kept.put(f"{PREFIX}{name}", value)
        text = "\n\n".join(each for each in (content, sections) if each.strip())
        title = one_line(summary)[:TITLE_LENGTH].rstrip()
        return Incoming(
            entry,
            digest,
            kind.name,
            title if without_hidden(f"{title}{text}")[0].strip() else f"Memory {ident}",
            text,
            wish=ident,
            status=chosen(status, [name for name, _ in kind.statuses]),
            summary=summary,
            tags=came.tags("tags"),
            project=came.line("project"),
            source_tool=came.line("source_tool") or FORMAT,
            source_repo=came.line("source_repo"),
            session=session,
            created=came.time("created_at"),
            updated=came.time("updated_at"),
            links=links,
            metadata=came.rest(),
        )


def _is_empty(row: Row) -> bool:
    named = (value for name, value in row.items() if name not in _PLACE)
    return not any(json_of(value) not in (None, [], {}) for value in named)


def _place(row: Row) -> str:
    """Return the columns of an empty row, for the report."""
    named = {name: text_of(value) for name, value in row.items() if name in _PLACE and name != "id"}
    return "; ".join(f"{name} {text}" for name, text in named.items() if text and (name, text.lower()) not in _KNOWN)


def _status(kind: RecordType, structured: Any) -> str:
    status = structured.get("status") if isinstance(structured, dict) and kind.name == "decision" else None
    return status if isinstance(status, str) and status.strip() and len(status) <= _STATUS_LENGTH else ""


def _sections(kind: RecordType, structured: Any, status: str) -> tuple[str, Any]:
    """Return the text of the values with a section in our type, and the values without one."""
    if not isinstance(structured, dict):
        return "", structured
    names = {section.name.casefold(): section.name for section in kind.sections}
    found: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for key, value in structured.items():
        name = names.get(str(key).replace("_", " ").casefold(), "")
        text = _section_text(value)
        if name and name not in found and text.strip():
            found[name] = text
        elif not (key == "status" and status):
            rest[str(key)] = value
    return render_sections(
        (section.name, found[section.name]) for section in kind.sections if section.name in found
    ), rest


def _section_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(each, str) and each.strip() for each in value):
        return "\n".join(f"- {one_line(each)}" for each in value)
    return ""


def namespace_of(account: Account, entry: str, row: Row) -> Incoming | None:
    """Return the record of a namespace; None if it has only an id, which its memories have as well."""
    ident, name, at = (text_of(row.get(each)) for each in ("id", "name", "created_at"))
    others = [json_of(value) for key, value in row.items() if key not in {"id", "name", "created_at"}]
    is_named = name.casefold() not in {"", ident.casefold()}
    if not is_named and bool(at.strip()) == bool(time_of(row.get("created_at"))) and all(not each for each in others):
        return None
    digest = row_digest(row)
    came = RowReader(account, "namespaces", entry, row)
    ident, name = came.ident(), came.line("name", _NAME_LENGTH)
    created = came.time("created_at")
    kept = came.rest()
    lines = [f"- {key.removeprefix(PREFIX)}: {value}" for key, value in kept.items() if isinstance(value, (str, int))]
    return Incoming(
        entry,
        digest,
        "fact",
        one_line(f"Namespace {name or ident}"),
        "\n".join(map(one_line, lines)),
        wish=ident,
        source_tool=FORMAT,
        created=created,
        metadata=kept,
    )


def row_digest(row: Row) -> str:
    """Return a digest of the imported values of a row."""
    skipped = {"vector_clock", "content_hash", "last_modified_by", "memories_created"}
    kept = {name: text_of(each) for name, each in row.items() if name not in skipped}
    return digest_of(json.dumps(kept, sort_keys=True).encode())
