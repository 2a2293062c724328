"""The record as a value, and how it is read from and written to its file.

The file is the source of truth and people edit it too, so the reader accepts fields in any order, unknown fields and
values of another type. A new file is rendered once; later changes edit single fields in place.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import find_block, read_fields
from memorybank.document.inline import title_in
from memorybank.document.scanner.line_rules import shielded, unshielded
from memorybank.document.source import Source, each_line, without_eol
from memorybank.errors import FrontMatterError
from memorybank.patterns import later
from memorybank.times import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memorybank.records.record_answer import RecordAnswer, RecordWire

RELATIONS = ("relates", "supersedes", "superseded-by", "caused-by", "evidence-for", "see")
# the fields that every record may have; the type's own fields and unknown ones are in `fields`
COMMON = (
    "id",
    "type",
    "status",
    "summary",
    "tags",
    "project",
    "source_tool",
    "source_repo",
    "session",
    "created",
    "updated",
    "metadata",
)
_TEXTS = (
    *("id", "type", "title", "status", "summary", "project"),
    *("source_tool", "source_repo", "session", "updated"),
)
# fields that hold words: the text as written counts, not the type YAML would read
WORDS = frozenset(
    ("id", "type", "title", "status", "summary", "tags", "project", "source_tool", "source_repo", "session", *RELATIONS)
)
# characters below the front matter in which a title is looked for
TITLE_WITHIN = 8192
# longer front matter is parsed with `parse`, because it may be longer than what was read
_HEAD = 32 * 1024

_KEY = later(r"([A-Za-z_][A-Za-z0-9_.-]*):(?: +|\Z)")
# plain scalars that YAML reads as exactly this text; all others are parsed by YAML
_TEXT = later(r"[A-Za-z][A-Za-z0-9_./+@()-]*(?: [A-Za-z0-9_./+@()-]+)*\Z")
_TIME = later(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?\Z")
# a field as bank writes it: indent and key, then text, a time, quoted text without escapes, a number, or words
_LINE = later(
    r"(  )?([A-Za-z_][A-Za-z0-9_.-]*):(?: +(?:"
    r"([A-Za-z][A-Za-z0-9_./+@()-]*(?: [A-Za-z0-9_./+@()-]+)*)"
    r"|([0-9]{4}-[0-9][0-9]-[0-9][0-9](?:T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z)?)"
    r'|"([^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*)"'
    r"|(0|-?[1-9][0-9]{0,15})"
    r"|\[((?:[A-Za-z][A-Za-z0-9_.+/-]*(?:, [A-Za-z][A-Za-z0-9_.+/-]*)*)?)\]"
    r"))?\Z"
)
# the last group that matched if there is no value; the groups after it are the types of values
_KEY_ONLY = 2
# characters that YAML reads as a line end or byte order mark, or rejects; they are written as escapes
_ESCAPED = later("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOTHING = object()
_NOT_TEXT = {"y", "n", "yes", "no", "true", "false", "on", "off", "null"}
_LONGEST = max(map(len, _NOT_TEXT))
# keys that need no check for words that YAML does not read as text
_WRITTEN = frozenset({*COMMON, *RELATIONS, "title"})
# with a blank line below it, it is a thematic break
_OPENED = later(r"---[ \t]*\n[ \t]*[^\s]")
# in a record, fields after such a break were meant as front matter: someone added the blank line as spacing
_PARTED = later(r"---[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)+[A-Za-z_][A-Za-z0-9_.-]*:(?:[ \t\n]|\Z)")
# a title that needs no further check: no space or closing `#` at its end
_TITLE = re.compile(rb"\n?# ([^\s#](?:[^\n]{0,500}[^\s#])?)\n")
_HEADING = later(r"#[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\Z")


class Link(NamedTuple):
    """A relation to another record, by its id or address."""

    rel: str
    to: str


class Record(NamedTuple):
    """A record as read from its file.

    `content` is the text below the title and `digest` the file's digest; both are "" if only the front matter was read.
    Times are ISO 8601 text. `fields` holds the fields of the type and unknown ones.
    """

    id: str
    type: str
    title: str
    file: str
    status: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    project: str = ""
    source_tool: str = ""
    source_repo: str = ""
    session: str = ""
    created: str = ""
    updated: str = ""
    metadata: Mapping[str, Any] = {}
    links: tuple[Link, ...] = ()
    fields: Mapping[str, Any] = {}
    content: str = ""
    digest: str = ""

    def to_wire(self) -> RecordWire:
        """Return the JSON form; links as mappings."""
        wire: Any = self._asdict()
        wire["tags"] = list(self.tags)
        wire["links"] = [link._asdict() for link in self.links]
        found: RecordWire = wire
        return found

    def to_answer(self) -> RecordAnswer:
        """Return the answer of a command that reads one record."""
        return {"record": self.to_wire()}

    @property
    def created_at(self) -> datetime | None:
        """When it was made, in UTC; None if its time cannot be read."""
        return moment_of(self.created)

    @property
    def updated_at(self) -> datetime | None:
        """When it was changed last, in UTC: when it was made if it never was."""
        return moment_of(self.updated or self.created)

    def linked(self, rel: str) -> tuple[str, ...]:
        """Return the targets that the record is linked to by one relation."""
        return tuple(link.to for link in self.links if link.rel == rel)


def parse(data: bytes, file: str, kind: str = "") -> Record:
    """Parse a record from its file's bytes; `kind` is its type if the file does not name one.

    Raises:
        FrontMatterError: the front matter cannot be read; the error has the line and the reason.
    """
    source = Source(data)
    block = find_block(source.shadow)
    fields: dict[str, Any] = {}
    if block is not None:
        skimmed = skim_fields(source.shadow[block.inner_start : block.inner_end])
        fields = fields_of(source, file) if skimmed is None else skimmed
    elif _OPENED.match(source.shadow):
        why = "'---' is not followed by a mapping of fields, or there is no closing '---'"
        raise FrontMatterError(path=file, line=1, why=why)
    elif _PARTED.match(source.shadow):
        raise FrontMatterError(path=file, line=2, why="remove the blank line below '---', it makes it a thematic break")
    title, body = titled(fields, source.text[block.end if block else 0 :])
    return record_of(fields, file, kind, title, body)._replace(content=body.strip("\r\n"), digest=source.digest)


def fields_of(source: Source, file: str = "") -> dict[str, Any]:
    """Read a text's front matter with YAML; tags, titles and other words are kept as written.

    Raises:
        FrontMatterError: it cannot be read.
    """
    return {key: plain(value) for key, value in read_fields(source, file, WORDS).items()}


def parse_head(data: bytes, file: str, kind: str = "") -> Record:
    """Read a record's front matter and title as `parse` does, three times as fast for files in bank's own form.

    Content and digest may be left "".

    Raises:
        FrontMatterError: the front matter cannot be read; the error has the line and the reason.
    """
    end = data.find(b"\n---\n", 3)
    is_plain = data.startswith(b"---\n") and 3 < end < _HEAD and b"\r" not in data and b"\n\n" not in data[:end]  # noqa: PLR2004  where the first line ends
    fields = skim_fields(data[4:end].decode("utf-8", "surrogateescape")) if is_plain else None
    if not fields:
        return parse(data, file, kind)
    start = end + 5
    found = _TITLE.match(data, start)
    if found and fields.get("title") is None:
        return record_of(fields, file, kind, found.group(1).decode("utf-8", "surrogateescape"), "")
    title, body = split_title(data[start:].decode("utf-8", "surrogateescape"))
    return record_of(fields, file, kind, title, body)


def record_of(fields: Mapping[str, Any], file: str, kind: str, title: str, body: str) -> Record:
    """Make a record from front-matter fields; a title in the front matter takes precedence over the heading."""
    stem = file.rpartition("/")[2].removesuffix(".md")
    rest = {key: value for key, value in fields.items() if key not in _WRITTEN}
    metadata = fields.get("metadata")
    # this takes the most time for ten thousand records: each field is read only once
    ident, named, own_title, status, summary, project, tool, repo, session, updated = [
        value if value.__class__ is str else _text(value) for value in map(fields.get, _TEXTS)
    ]
    return Record(
        id=ident or stem,
        type=named or kind,
        title=own_title or title or summary or title_in(body) or stem,
        file=file,
        status=status,
        summary=summary,
        tags=tuple(_texts(fields["tags"])) if "tags" in fields else (),
        project=project,
        source_tool=tool,
        source_repo=repo,
        session=session,
        created=_text(fields.get("created") or fields.get("date")),
        updated=updated,
        metadata=metadata if isinstance(metadata, dict) else {} if metadata is None else {"metadata": metadata},
        links=()
        if fields.keys().isdisjoint(RELATIONS)
        else tuple(Link(rel, to) for rel in RELATIONS for to in _texts(fields.get(rel))),
        fields=rest,
    )


def split_title(text: str) -> tuple[str, str]:
    """Return the level-1 heading that a text begins with and the text below it; the title is "" if there is none."""
    at = 0
    for line in each_line(text[:TITLE_WITHIN]):
        at += len(line)
        found = _HEADING.match(without_eol(line))
        if found:
            return unshielded(found.group(1)), text[at:]
        if line.strip():
            break
    return "", text


def titled(fields: Mapping[str, Any], text: str) -> tuple[str, str]:
    """Split a text as `split_title` does; a heading that differs from the title field belongs to the text."""
    title, body = split_title(text)
    return ("", text) if title and fields.get("title") not in (None, "", title) else (title, body)


def skim_fields(inner: str) -> dict[str, Any] | None:
    """Read front matter in the form that bank writes, without YAML; None if it contains anything else.

    The values are those that YAML would return (converted by `plain`); a property test checks this.
    """
    fields: dict[str, Any] = {}
    nested: dict[str, Any] | None = None
    for line in inner.split("\n"):
        if not line:
            continue
        field = plain_field(line)
        if field is None:
            return None
        is_inner, key, value = field
        place = nested if is_inner else fields
        if place is None or key in place:
            return None
        if not is_inner:
            nested = value if isinstance(value, dict) else None
        place[key] = value
    return None if {} in fields.values() else fields


def plain_field(line: str) -> tuple[bool, str, Any] | None:
    """Read a line of front matter in the form that bank writes: whether it is indented, its key, its value.

    A key without a value has an empty mapping, for the indented lines below it. None if YAML may read anything else.
    """
    found = _LINE.match(line)
    if found is None:
        return None
    indent, key = found.group(1, 2)
    last = found.lastindex or _KEY_ONLY
    if (indent and last == _KEY_ONLY) or (key not in _WRITTEN and key.casefold() in _NOT_TEXT):
        return None
    value = {} if last == _KEY_ONLY else _skim_value(last, found.group(last))
    return None if value is _NOTHING else (indent is not None, key, value)


def _skim_value(which: int, text: str) -> Any:
    """Return the value of a field, by the group of `_LINE` that matched it."""
    if which == _KEY_ONLY + 1:
        if len(text) > _LONGEST or text.casefold() not in _NOT_TEXT:
            return text
        return {"true": True, "false": False}.get(text, _NOTHING)
    if which == _KEY_ONLY + 2:
        return text if is_time(text) else _NOTHING
    if which == _KEY_ONLY + 3:
        return text
    if which == _KEY_ONLY + 4:
        return int(text)
    words = text.split(", ") if text else []
    return words if _NOT_TEXT.isdisjoint(map(str.casefold, words)) else _NOTHING


def is_time(value: str) -> bool:
    """Check whether a time in the usual form exists."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def plain(value: Any) -> Any:
    """Convert what YAML read to JSON values: times become ISO 8601 text, keys become text."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC) if value.tzinfo else value
        text = value.isoformat()
        return f"{text.removesuffix('+00:00')}Z" if value.tzinfo else text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        # in one order in every process
        return sorted(map(plain, value), key=lambda each: (type(each).__name__, str(each)))
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _texts(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list):
        return [each if each.__class__ is str else _text(each) for each in value if each is not None]
    return [_text(value)]


def to_yaml(value: Any) -> str:
    """Return a value as one line of YAML that reads back as the same value: text stays text."""
    if isinstance(value, str):
        is_plain = (_TEXT.match(value) and value.casefold() not in _NOT_TEXT) or (_TIME.match(value) and is_time(value))
        return value if is_plain else _quoted(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(to_yaml(each) for each in value)}]"
    if isinstance(value, dict):
        rows = [f"{_quoted(str(key))}: {to_yaml(each)}" for key, each in value.items()]
        return f"{{{', '.join(rows)}}}"
    if isinstance(value, float):
        # YAML 1.1 recognises a float only if it has a point
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")
    return json.dumps(value)


def _quoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))


def render(fields: Mapping[str, Any], title: str, content: str) -> str:
    """Return the file of a new record: its fields in order without empty ones, its title, its text."""
    rows = []
    for key, value in fields.items():
        if isinstance(value, dict) and value:
            rows += [f"{key}:", *(f"  {_key(name)}: {to_yaml(each)}" for name, each in value.items())]
        elif value not in ("", None, (), [], {}):
            rows.append(f"{key}: {to_yaml(value)}")
    text = content.strip("\r\n")
    heading = f"# {shielded(title)}\n\n" if title else ""
    return (
        f"---\n{''.join(row + chr(10) for row in rows)}---\n{heading}{text}\n"
        if text
        else (f"---\n{''.join(row + chr(10) for row in rows)}---\n{heading.rstrip(chr(10))}\n")
    )


def _key(name: object) -> str:
    text = str(name)
    return text if _KEY.match(f"{text}: ") and text.casefold() not in _NOT_TEXT else _quoted(text)


def render_sections(sections: Iterable[tuple[str, str]]) -> str:
    """Return a body of sections, each below its level-2 heading; empty ones are left out."""
    return "\n\n".join(f"## {name}\n\n{text.strip()}" for name, text in sections if text.strip())
