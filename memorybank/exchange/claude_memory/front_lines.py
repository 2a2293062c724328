"""Front matter of a memory file, as YAML or line by line, and its lines that the fields do not hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.frontmatter import MAX_CHARACTERS, find_block
from memorybank.errors import FrontMatterError
from memorybank.exchange.account import texts_in, words_of
from memorybank.records.record import fields_of

if TYPE_CHECKING:
    from memorybank.document.source import Source

# a block with blank lines at its fences, which is read as front matter by some programs
_LOOSE = re.compile(rf"\s*---[ \t]*\n(?P<inner>[^\0]{{0,{MAX_CHARACTERS}}}?)^---[ \t]*(?:\n|\Z)", re.MULTILINE)
_PAIR = re.compile(r"(?P<indent>[ \t]*)(?P<key>[^\s:#-][^:\n]{0,80}?)[ \t]*:(?:[ \t]+(?P<value>.*))?\Z")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?P<text>.*)\Z")
_BLOCK = re.compile(r"[|>][-+0-9]*\Z")


class FrontMatter(NamedTuple):
    """The fields of a file, the text of its block and below it, and why the block is not valid YAML."""

    fields: dict[str, Any]
    inner: str
    body: str
    why: str = ""


def front_matter_of(source: Source, name: str) -> FrontMatter:
    """Read the front matter of a file; a block that is not valid YAML is read line by line."""
    block = find_block(source.shadow)
    if block is None:
        found = _LOOSE.match(source.shadow)
        inner = found["inner"] if found else ""
        if found is None or not _looks_like_fields(inner):
            return FrontMatter({}, "", source.text)
        return FrontMatter(read_lines(inner), inner, source.text[found.end() :])
    inner, body = source.shadow[block.inner_start : block.inner_end], source.text[block.end :]
    try:
        return FrontMatter(fields_of(source, name), inner, body)
    except FrontMatterError as error:
        return FrontMatter(read_lines(inner), inner, body, error.message)


def _looks_like_fields(inner: str) -> bool:
    lines = [line for line in inner.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    is_field = [bool(_PAIR.match(line) or _ITEM.match(line) or line[0] in " \t") for line in lines]
    return bool(lines) and all(is_field) and _PAIR.match(lines[0]) is not None


def read_lines(inner: str) -> dict[str, Any]:
    """Read fields line by line: a key up to the first colon, then its value, items or fields below it."""
    fields: dict[str, Any] = {}
    twice: set[str] = set()
    key, is_block = "", False
    for line in inner.split("\n"):
        pair, item = _PAIR.match(line), _ITEM.match(line)
        is_deeper = line[:1] in {" ", "\t"}
        if not line.strip() or (line.lstrip().startswith("#") and not is_block):
            continue
        if pair and not is_deeper:
            name = _unquoted(pair["key"])
            if name in fields and fields[name] != _value_of(pair["value"] or ""):
                # nobody knows which of two values counts: both stay as lines
                del fields[name]
                twice.add(name)
            key = "" if name in fields or name in twice else name
            is_block = bool(_BLOCK.match((pair["value"] or "").strip()))
            if key:
                fields[key] = "" if is_block else _value_of(pair["value"] or "")
        elif not key:
            continue
        elif is_block:
            fields[key] = f"{fields[key]}\n{line.strip()}".strip()
        elif item and not isinstance(fields[key], dict):
            there = fields[key]
            fields[key] = [*(there if isinstance(there, list) else [there] if there else []), _unquoted(item["text"])]
        elif pair and is_deeper and (fields[key] == "" or isinstance(fields[key], dict)):
            inside = fields[key] if isinstance(fields[key], dict) else {}
            if _unquoted(pair["key"]) not in inside:
                fields[key] = {**inside, _unquoted(pair["key"]): _value_of(pair["value"] or "")}
        elif isinstance(fields[key], str):
            fields[key] = f"{fields[key]} {line.strip()}".strip()
    return fields


def _value_of(text: str) -> Any:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_unquoted(each) for each in text[1:-1].split(",") if each.strip()]
    return _unquoted(text)


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def lines_beside(inner: str, fields: dict[str, Any]) -> list[str]:
    """Return the lines of a block with words that its fields do not hold: comments, second values, other spellings."""
    there = words_of("\n".join(texts_in(fields)))
    lines = []
    for line in inner.split("\n"):
        words = words_of(line)
        if words - there:
            lines.append(line.strip())
        else:
            there -= words
    return lines
