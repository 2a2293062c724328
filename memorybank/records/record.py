"""The record as a value, and the way between it and its file.

The file is the truth and is written by hand too, so reading takes what it finds: fields in any order, unknown ones,
values of another kind. A new file is rendered once; from then on single fields are changed where they stand.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import find_block, read_fields
from memorybank.document.scanner.line_rules import shielded, unshielded
from memorybank.document.source import Source, each_line, without_eol
from memorybank.errors import FrontMatterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RELATIONS = ("relates", "supersedes", "superseded-by", "caused-by", "evidence-for", "see")
# the fields that every record may have; a type's own ones and unknown ones are `fields`
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
# fields of words: what is written there counts, not what YAML takes it for
WORDS = frozenset(
    ("id", "type", "title", "status", "summary", "tags", "project", "source_tool", "source_repo", "session", *RELATIONS)
)
TITLE_LENGTH = 200
# front matter this long is looked at with care: it may be longer than what is read
_HEAD = 32 * 1024

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*):(?: +|\Z)")
# plain scalars that YAML reads as the text they are; all others are left to YAML
_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_./+@()-]*(?: [A-Za-z0-9_./+@()-]+)*\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?\Z")
# a field as it is written here: indent and key, then text, a time, quoted text without escapes, a number, or words
_LINE = re.compile(
    r"(  )?([A-Za-z_][A-Za-z0-9_.-]*):(?: +(?:"
    r"([A-Za-z][A-Za-z0-9_./+@()-]*(?: [A-Za-z0-9_./+@()-]+)*)"
    r"|([0-9]{4}-[0-9][0-9]-[0-9][0-9](?:T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z)?)"
    r'|"([^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*)"'
    r"|(0|-?[1-9][0-9]{0,15})"
    r"|\[((?:[A-Za-z][A-Za-z0-9_.+/-]*(?:, [A-Za-z][A-Za-z0-9_.+/-]*)*)?)\]"
    r"))?\Z"
)
# the last group that matched where there is no value; those behind it are the kinds of values
_KEY_ONLY = 2
# what YAML takes for a line end, for a mark of the file, or not at all: written as escapes
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOTHING = object()
_NOT_TEXT = {"y", "n", "yes", "no", "true", "false", "on", "off", "null"}
_LONGEST = max(map(len, _NOT_TEXT))
# keys that need no look at what YAML takes for no text
_WRITTEN = frozenset({*COMMON, *RELATIONS, "title"})
# a blank line below it makes it a rule
_OPENED = re.compile(r"---[ \t]*\n[ \t]*[^\s]")
# in a record that is never meant where fields follow: whoever broke the line wanted to set them apart
_PARTED = re.compile(r"---[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)+[A-Za-z_][A-Za-z0-9_.-]*:(?:[ \t\n]|\Z)")
# a title that needs no second look: no space or closing mark at its end
_TITLE = re.compile(rb"\n?# ([^\s#](?:[^\n]{0,500}[^\s#])?)\n")
_HEADING = re.compile(r"#[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\Z")


class Link(NamedTuple):
    """A relation to another record, by its id or address."""

    rel: str
    to: str


class Record(NamedTuple):
    """A record as its file tells it.

    `content` is the text below the title and `digest` the file's, both "" where only the front matter was read.
    Times are ISO 8601 text; `fields` holds what the type adds and what no one declared.
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

    def to_wire(self) -> dict[str, object]:
        """Give the fields that `--json` shows; links as mappings."""
        wire: dict[str, object] = dict(self._asdict())
        wire["tags"] = list(self.tags)
        wire["links"] = [each._asdict() for each in self.links]
        return wire

    def linked(self, rel: str) -> tuple[str, ...]:
        """Give what it is linked to by one relation."""
        return tuple(each.to for each in self.links if each.rel == rel)


def parse(data: bytes, file: str, kind: str = "") -> Record:
    """Read a record from its file's bytes; `kind` is its type where the file names none.

    Raises:
        FrontMatterError: the front matter cannot be read; the line and the reason are told.
    """
    source = Source(data)
    block = find_block(source.shadow)
    fields: dict[str, Any] = {}
    if block is not None:
        skimmed = skim_fields(source.shadow[block.inner_start : block.inner_end])
        fields = fields_of(source, file) if skimmed is None else skimmed
    elif _OPENED.match(source.shadow):
        why = "what follows '---' is no mapping of fields, or no second '---' closes it"
        raise FrontMatterError(path=file, line=1, why=why)
    elif _PARTED.match(source.shadow):
        raise FrontMatterError(path=file, line=2, why="a blank line below '---' makes it a rule: take the line out")
    title, body = titled(fields, source.text[block.end if block else 0 :])
    return record_of(fields, file, kind, title, body)._replace(content=body.strip("\r\n"), digest=source.digest)


def fields_of(source: Source, file: str = "") -> dict[str, Any]:
    """Read a text's front matter with YAML: tags, titles and other words as they are written.

    Raises:
        FrontMatterError: it cannot be read.
    """
    return {key: plain(value) for key, value in read_fields(source, file, WORDS).items()}


def parse_head(data: bytes, file: str, kind: str = "") -> Record:
    """Read a record's front matter and title as `parse` does, in a third of the time where it is written as here.

    Content and digest may be left "".

    Raises:
        FrontMatterError: the front matter cannot be read; the line and the reason are told.
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
    """Make a record of front-matter fields; a title of the front matter comes first, then the text's own."""
    stem = file.rpartition("/")[2].removesuffix(".md")
    rest = {key: value for key, value in fields.items() if key not in _WRITTEN}
    metadata = fields.get("metadata")
    # of ten thousand records this is the part that takes longest: one look at each field, no more
    ident, named, own_title, status, summary, project, tool, repo, session, updated = [
        value if value.__class__ is str else _text(value) for value in map(fields.get, _TEXTS)
    ]
    return Record(
        id=ident or stem,
        type=named or kind,
        title=own_title or title or summary or first_line(body) or stem,
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
    """Give the title that a text begins with, as a heading of level 1, and the text below it; "" when it has none."""
    at = 0
    for line in each_line(text[:8192]):
        at += len(line)
        found = _HEADING.match(without_eol(line))
        if found:
            return unshielded(found.group(1)), text[at:]
        if line.strip():
            break
    return "", text


def titled(fields: Mapping[str, Any], text: str) -> tuple[str, str]:
    """Cut a text as `split_title` does; below a title of the front matter another heading is text like all else."""
    title, body = split_title(text)
    return ("", text) if title and fields.get("title") not in (None, "", title) else (title, body)


def first_line(text: str) -> str:
    """Give the first line with words, cut to a title's length; headings and list markers lose their marks."""
    for line in each_line(text[:8192]):
        words = without_eol(line).strip().lstrip("#*->+ ").strip()
        if words and words[:3] not in {"```", "~~~"}:
            return words if len(words) <= TITLE_LENGTH else f"{words[: TITLE_LENGTH - 1]}…"
    return ""


def skim_fields(inner: str) -> dict[str, Any] | None:
    """Read front matter of the form that is written here, without YAML; None when there is anything else in it.

    What is read has the value that YAML would give it (brought to text by `plain`): a property test holds that.
    """
    fields: dict[str, Any] = {}
    nested: dict[str, Any] | None = None
    for line in inner.split("\n"):
        if not line:
            continue
        found = _LINE.match(line)
        if found is None:
            return None
        indent, key = found.group(1, 2)
        place = nested if indent else fields
        if place is None or key in place or (key not in _WRITTEN and key.casefold() in _NOT_TEXT):
            return None
        if not indent:
            nested = None
        last = found.lastindex or _KEY_ONLY
        if last == _KEY_ONLY:
            if indent:
                return None
            nested = place[key] = {}
            continue
        value = _skim_value(last, found.group(last))
        if value is _NOTHING:
            return None
        place[key] = value
    return None if {} in fields.values() else fields


def _skim_value(which: int, text: str) -> Any:
    """Give what a value stands for, by the part of `_LINE` that took it."""
    if which == _KEY_ONLY + 1:
        if len(text) > _LONGEST or text.casefold() not in _NOT_TEXT:
            return text
        return {"true": True, "false": False}.get(text, _NOTHING)
    if which == _KEY_ONLY + 2:
        return text if _is_time(text) else _NOTHING
    if which == _KEY_ONLY + 3:
        return text
    if which == _KEY_ONLY + 4:
        return int(text)
    words = text.split(", ") if text else []
    return _NOTHING if any(word.casefold() in _NOT_TEXT for word in words) else words


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def plain(value: Any) -> Any:
    """Bring what YAML read to values that JSON has: times become ISO 8601 text, keys text."""
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
    if isinstance(value, (list, tuple, set, frozenset)):
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
        return [each.strip() for each in value.split(",") if each.strip()]
    if isinstance(value, list):
        return [each if each.__class__ is str else _text(each) for each in value if each is not None]
    return [_text(value)]


def to_yaml(value: Any) -> str:
    """Write a value in one line of YAML, so that it is read back as what it is: text stays text."""
    if isinstance(value, str):
        is_plain = (_TEXT.match(value) and value.casefold() not in _NOT_TEXT) or (
            _TIME.match(value) and _is_time(value)
        )
        return value if is_plain else _quoted(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(to_yaml(each) for each in value)}]"
    if isinstance(value, dict):
        rows = [f"{_quoted(str(key))}: {to_yaml(each)}" for key, each in value.items()]
        return f"{{{', '.join(rows)}}}"
    if isinstance(value, float):
        # YAML 1.1 knows a float by its point
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")
    return json.dumps(value)


def _quoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))


def render(fields: Mapping[str, Any], title: str, content: str) -> str:
    """Write a new record's file: its fields in their order (empty ones left out), its title, its text."""
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
    """Write a body of sections, each below its heading of level 2; an empty one is left out."""
    return "\n\n".join(f"## {name}\n\n{text.strip()}" for name, text in sections if text.strip())
