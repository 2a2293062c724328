"""The front matter of a decision record: YAML or TOML, with its comments; a broken one is read line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import MAX_CHARACTERS, find_block, read_fields
from memorybank.document.names import plain_of
from memorybank.document.source import Source, lines_of, without_eol
from memorybank.errors import FrontMatterError
from memorybank.exchange.account import texts_in, words_of
from memorybank.patterns import later
from memorybank.records.record import fields_of

if TYPE_CHECKING:
    from collections.abc import Collection

_FENCED = later(r"\s*^(?P<fence>---|\+\+\+)[ \t]*\n(?![ \t]*\n)", re.MULTILINE)
_HEADING = later(r"^#{2,6}[ \t]", re.MULTILINE)
_KEY = later(r"(?P<key>[A-Za-z_][\w .-]{0,60}?)[ \t]*:(?:[ \t]+(?P<value>.*))?\Z")
_COMMENT = later(r"(?:\A|[ \t])#[ \t]?(?P<text>.*)\Z")


class Front(NamedTuple):
    """The fields of a file's front matter, its comments, the text below it, and why it needs a report.

    `kept` is a block that cannot be read, as a block of code; `raw` is a block whose fields do not have all of its
    words, such as one with escapes.
    """

    fields: dict[str, Any]
    comments: tuple[str, ...]
    body: str
    why: str = ""
    kept: str = ""
    raw: str = ""


def read_front(text: str, words: Collection[str], name: str = "") -> Front:
    """Split a text, with LF at its line ends, into front matter and body; `words` are fields that stay as written."""
    opening = _FENCED.match(text[: MAX_CHARACTERS + 1])
    if opening is None:
        return Front({}, (), text)
    text_from = text[opening.start("fence") :]
    if opening["fence"] == "+++":
        return _toml(text, text_from)
    source = Source(text_from.encode("utf-8", "surrogateescape"))
    block = find_block(source.shadow)
    if block is not None:
        inner = text_from[block.inner_start : block.inner_end]
        try:
            fields = _as_written(source, words, name)
        except FrontMatterError as error:
            return _loose(inner, text_from[block.end :], error.message.removeprefix("invalid front matter in "))
        return _front(fields, inner, text_from[block.end :])
    closing = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE).search(text_from, opening.end() - opening.start("fence"))
    if closing is None or _HEADING.search(text_from, 0, closing.start()):
        return Front({}, (), text)
    inner = text_from[text_from.index("\n") + 1 : closing.start()]
    return _loose(inner, text_from[closing.end() :], "it is not a mapping of fields")


def _as_written(source: Source, words: Collection[str], name: str) -> dict[str, Any]:
    """Return the fields; a value whose words YAML would change is its text."""
    typed = fields_of(source, name)
    fields = read_fields(source, words={*words, *typed})
    found: dict[str, Any] = {}
    for key, value in typed.items():
        written = fields.get(key)
        text = " ".join(texts_in(written))
        is_changed = bool(words_of(text) - words_of(" ".join(texts_in(value))))
        found[key] = written if (key.casefold() in words or is_changed) and written is not None else value
    return found


def _comments(inner: str, fields: dict[str, Any]) -> tuple[str, ...]:
    """Return the comments of a block; a `#` in a value does not begin one."""
    if "#" not in inner:
        return ()
    missing = words_of(inner) - words_of(" ".join(texts_in(fields)))
    found = []
    for line in (without_eol(each) for each in lines_of(inner)):
        comment = _COMMENT.search(line)
        if comment and not (words_of(comment["text"]) - missing) and comment["text"].strip():
            found.append(comment["text"].strip())
            missing -= words_of(comment["text"])
    return tuple(found)


def _loose(inner: str, body: str, why: str) -> Front:
    """Read `key: value` line by line; a block with other lines is kept as a whole."""
    fields: dict[str, Any] = {}
    key = ""
    is_whole = True
    for line in (without_eol(each) for each in lines_of(inner)):
        found = _KEY.match(line)
        if not line.strip() or (line.startswith("#") and not key):
            is_whole &= not line.strip()
        elif found and found["key"] not in fields:
            key = found["key"]
            fields[key] = _unquoted(found["value"] or "")
        elif found and plain_of(found["key"]).words == "status":
            # two statuses: they are weighed against each other
            fields[found["key"]] = f"{fields[found['key']]}\n{_unquoted(found['value'] or '')}"
            is_whole = False
        elif key and line[:1] in " \t-" and isinstance(fields[key], str):
            fields[key] = f"{fields[key]}\n{line.strip()}".strip()
        else:
            is_whole = False
    if not fields or not is_whole:
        return Front(
            fields,
            (),
            body,
            f"its front matter cannot be read ({why}); kept as text",
            _fenced(inner, "yaml"),
        )
    return Front(fields, (), body, f"its front matter is not valid ({why}); read line by line")


def _fenced(inner: str, language: str) -> str:
    fence = "`" * max([3, *(len(each) + 1 for each in re.findall(r"`{3,}", inner))])
    return f"{fence}{language}\n{inner.rstrip()}\n{fence}"


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _toml(text: str, text_from: str) -> Front:
    import tomllib

    closing = re.compile(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE).search(text_from, 4)
    if closing is None:
        return Front({}, (), text)
    inner, body = text_from[text_from.index("\n") + 1 : closing.start()], text_from[closing.end() :]
    try:
        fields = {key: _plain(value) for key, value in tomllib.loads(inner).items()}
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Front(
            {},
            (),
            body,
            f"its front matter cannot be read ({error}); kept as text",
            _fenced(inner, "toml"),
        )
    return _front(fields, inner, body)


def _front(fields: dict[str, Any], inner: str, body: str) -> Front:
    comments = _comments(inner, fields)
    has_all = not words_of(inner) - words_of(" ".join((*texts_in(fields), *comments)))
    return Front(fields, comments, body, raw="" if has_all else inner.strip("\n"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, (str, bool, int, float)) else str(value)
