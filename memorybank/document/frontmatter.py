"""Front matter: the YAML block before a document's text. Read it safely; change only the characters of one value.

Only this module uses python-frontmatter; only this one and `frontmatter_words.py` use PyYAML. Both are imported when
needed. Writing the whole block again would lose its comments, quotes and order. So a field is set by replacing the
characters that PyYAML marks as its value. The result is parsed again to prove that only this field changed.
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import is_stray
from memorybank.errors import FieldError, FrontMatterError
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Collection

    from memorybank.document.source import Source

MAX_CHARACTERS = 64 * 1024
MAX_DEPTH = 20

# with a blank line below, "---" is a rule: pandoc decides the same way, and no mapping begins with a blank line
_OPEN = later(r"---[ \t]*\n(?![ \t]*\n)")
_CLOSE = later(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
# a rule at the top of a page is not front matter: the first line of a mapping has a key, a comment or nothing, or an
# unresolved merge of the first field begins there
_KEY = r"(?:[^\s#:\-\[{][^\n:]*|[A-Za-z_][\w.-]*(?::[\w.-]+)+):(?:[ \t\n]|\Z)"
_MAPPING = rf"(?:[ \t]*(?:#[^\n]*)?\n)*(?:{_KEY}|<{{7,}} |[\"'][^\n]*:|[{{]|\Z)"
# words after a blank line are a paragraph: then the text between two rules is page text, even if it begins with a key
_WORDS = r"\n[ \t]*\n(?=[^\W_]|[*>])(?:(?!:[ \t\n])[^\n])*(?:\n|\Z)"
# how a block that is not a valid mapping may begin: with a key, a list, a `?`, a tab
_YAML = r"[ \t]*(?:[-?][ \t\n]|[^\s#][^\n]*:[ \t\n])|\t"
_FIELD = r"[A-Za-z_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_.-])?\Z"
# what other programs read as front matter, but this one does not: its name and its pattern
_OTHERS = (
    ("TOML", r"\+\+\+[ \t]*\n(?:(?:[^\n]*\n)*?\+\+\+[ \t]*(?:\n|\Z)|[^\n=]+=)"),
    ("JSON", r";;;[ \t]*\n(?:[^\n]*\n)*?;;;[ \t]*(?:\n|\Z)|\{\s*\"[^\"\n]*\"\s*:"),
    ("of a named language", r"---[ \t]*(?i:toml|json5?|ya?ml|js|coffee|cson)\b[^\n]*\n"),
)
# a block that only some programs read: blank lines around its first fence, or a longer fence
_LOOSE = rf"((?:[ \t]*(?:<!--[^\n]*-->[ \t]*)?\n)*[ \t]*)(-{{3,}})[ \t]*\n((?:[ \t]*\n)*)(?={_KEY}|[\"'][^\n:]*:)"
_PAGE = r"\n[ \t]*\n(?:#{1,6}[ \t]|[-*+>][ \t]|\d+[.)][ \t])"
_PLAIN = r"[A-Za-z0-9_./+(][^\n:#'\"\\]*(?<!\s)\Z"


class Block(NamedTuple):
    """Where the front matter is: `start`..`end` with its fences, `inner_start`..`inner_end` without."""

    start: int
    end: int
    inner_start: int
    inner_end: int


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern when a file may have front matter: most short commands do not need it."""
    return re.compile(text)


def find_block(shadow: str) -> Block | None:
    """Find the front matter of a text, or None; it must begin on the first line, be closed, and be a mapping."""
    opening = _OPEN.match(shadow)
    if opening is None:
        return None
    closing = _CLOSE.search(shadow, opening.end(), opening.end() + MAX_CHARACTERS)
    if closing is None or not _pattern(_MAPPING).match(shadow, opening.end(), closing.start()):
        return None
    if _pattern(_WORDS).search(shadow, opening.end(), closing.start()):
        return None
    return Block(0, closing.end(), opening.end(), closing.start())


def read_fields(source: Source, path: str = "", words: Collection[str] = ()) -> dict[str, Any]:
    """Read the front matter's fields; an empty mapping if there is no front matter.

    For the fields in `words`, the value is the text as written, not the YAML value.

    Raises:
        FrontMatterError: the block is not a YAML mapping, uses aliases, or is nested too deeply.
    """
    block = find_block(source.shadow)
    if block is None:
        return {}
    return _parse(source.shadow[block.inner_start : block.inner_end], path, words)


def _parse(inner: str, path: str, words: Collection[str] = ()) -> dict[str, Any]:
    import frontmatter
    import yaml

    try:
        _refuse_brackets(inner, path)
        # the handler of python-frontmatter reads the block; our loader refuses more, and keeps words as written
        value = frontmatter.default_handlers.YAMLHandler().load(inner, Loader=partial(_loader(), path, words))
    except yaml.reader.ReaderError as error:
        code = f"U+{error.character:04X}" if isinstance(error.character, int) else repr(error.character)
        stray = isinstance(error.character, int) and is_stray(chr(error.character))
        why = "it contains a byte that is not UTF-8" if stray else f"it contains {code}, which YAML does not allow"
        raise FrontMatterError(path=path, line=inner.count("\n", 0, error.position) + 2, why=why) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = (mark.line if mark else 0) + 2
        raise FrontMatterError(path=path, line=line, why=str(getattr(error, "problem", error))) from error
    except (ValueError, RecursionError) as error:
        raise FrontMatterError(path=path, line=2, why=str(error)) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FrontMatterError(path=path, line=2, why="it is not a mapping")
    return {str(key): each for key, each in value.items()}


@cache
def _loader() -> Any:
    """Return the class that loads the YAML; made on first use, because PyYAML is slow to import."""
    import yaml

    from memorybank.document.frontmatter_words import keep_as_written

    class Loader(yaml.SafeLoader):
        def __init__(self, path: str, words: Collection[str], stream: str) -> None:
            super().__init__(stream)
            self._path = path
            self._words = words

        def get_single_node(self) -> Any:
            root: Any = super().get_single_node()
            _refuse_bombs(root, self._path)
            keep_as_written(root, self._words)
            _refuse_times(root, self._path)
            return root

    return Loader


def _refuse_times(root: Any, path: str) -> None:
    from memorybank.document.frontmatter_words import impossible_time

    node = impossible_time(root)
    if node is not None:
        why = f"{node.value!r} is not a valid date or time; put it in quotes to keep it as text"
        raise FrontMatterError(path=path, line=node.start_mark.line + 2, why=why)


def _refuse_brackets(inner: str, path: str) -> None:
    """Refuse brackets nested too deeply, before they are composed: that takes time quadratic in the depth."""
    import yaml

    if inner.count("[") + inner.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for token in yaml.scan(inner, Loader=yaml.SafeLoader):
        depth += isinstance(token, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken))
        depth -= isinstance(token, (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken))
        if depth > MAX_DEPTH:
            line = token.start_mark.line + 2
            raise FrontMatterError(path=path, line=line, why=f"it is nested deeper than {MAX_DEPTH} levels")


def _refuse_bombs(root: Any, path: str) -> None:
    import yaml

    seen: set[int] = set()
    pending = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        if node is None:
            continue
        line = node.start_mark.line + 2
        if id(node) in seen:
            raise FrontMatterError(path=path, line=line, why="YAML aliases are not supported")
        if depth > MAX_DEPTH:
            raise FrontMatterError(path=path, line=line, why=f"it is nested deeper than {MAX_DEPTH} levels")
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending += [(child, depth + 1) for child in node.value]
        elif isinstance(node, yaml.MappingNode):
            _refuse_twins(node, path)
            pending += [(child, depth + 1) for pair in node.value for child in pair]


def _refuse_twins(mapping: Any, path: str) -> None:
    seen: set[str] = set()
    for key, _ in mapping.value:
        name = str(key.value)
        if name in seen:
            raise FrontMatterError(path=path, line=key.start_mark.line + 2, why=f"{name!r} is there twice")
        seen.add(name)


def _is_nested(node: Any) -> bool:
    """Whether a list contains lists or mappings, which a list of words cannot keep."""
    return isinstance(node.value, list) and any(not isinstance(getattr(each, "value", ""), str) for each in node.value)


class FieldSpan(NamedTuple):
    """The characters to replace, and the new text, to set one field."""

    start: int
    end: int
    text: str


def plan_field(source: Source, field: str, value: str, path: str = "") -> FieldSpan:
    """Return which characters to replace to set `field` to `value`, given as YAML or as a plain string.

    A value that YAML would read differently than it was typed (`1.10` as 1.1, `yes` as true) is put in quotes.

    Raises:
        FieldError: the value looks like a date or a time but is not valid.
        FrontMatterError: see `plan_value`.
    """
    return plan_value(source, field, _scalar(value, field), path)


def plan_value(source: Source, field: str, value: str, path: str = "", words: Collection[str] = ()) -> FieldSpan:
    """Return which characters to replace to set `field` to `value`, one line of YAML that is written as it is.

    `words` names fields that are read as written: words that stay in such a list keep their characters.

    A missing field is added as the last line of the block, a missing block is added at the top. `metadata.sprint`
    is the key `sprint` of the mapping `metadata`, unless a field has exactly that name.

    Raises:
        FieldError: the field's name is invalid.
        FrontMatterError: the block is invalid, or the change would affect another field.
    """
    if not _pattern(_FIELD).match(field):
        hint = "a name begins with a letter and has no spaces"
        raise FieldError(field=field, why="invalid field name", hint=hint)
    eol = source.eol_near(0)
    block = find_block(source.shadow)
    outer, dot, inner_key = field.partition(".")
    if block is None:
        _refuse_second(source.shadow, path)
        row = f"{outer}:{eol}  {inner_key}: {value}" if dot else f"{field}: {value}"
        return FieldSpan(0, 0, f"---{eol}{row}{eol}---{eol}{eol if source.text else ''}")
    import yaml

    from memorybank.document.frontmatter_words import span_of_list

    inner = source.shadow[block.inner_start : block.inner_end]
    # the field's current value may be invalid: it is replaced anyway
    as_text = {*words, field}
    before = _parse(inner, path, as_text)
    root = yaml.compose(inner, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode) and root.flow_style:
        raise FrontMatterError(path=path, line=2, why="it is written in braces; set the field by hand")
    pairs = {key.value: (key, node) for key, node in root.value} if isinstance(root, yaml.MappingNode) else {}
    span = FieldSpan(block.inner_end, block.inner_end, f"{field}: {value}{eol}")
    wanted = {**before, field: None}
    got = field
    if field in pairs:
        node = pairs[field][1]
        if field in words and _is_nested(node):
            line = node.start_mark.line + 2
            raise FrontMatterError(path=path, line=line, why=f"{field} has more than words; set it by hand")
        rows = span_of_list(source, block.inner_start, node, value, eol, as_written=field in words)
        span = FieldSpan(*rows) if rows else _span_of_value(source.shadow, block.inner_start, node, value)
    elif dot:
        got = outer
        held = before.get(outer)
        nested = dict(held) if isinstance(held, dict) else {}
        if outer in pairs and not (isinstance(pairs[outer][1], yaml.MappingNode) or held is None):
            raise FrontMatterError(path=path, line=2, why=f"{outer!r} is not a mapping")
        span = _span_of_key(source, block, pairs.get(outer), outer, inner_key, value, eol)
        wanted = {**before, outer: {**nested, inner_key: None}}
    changed = inner[: span.start - block.inner_start] + span.text + inner[span.end - block.inner_start :]
    after = _parse(changed.replace("\r\n", "\n"), path, as_text)
    shown = {**after, field: None} if got == field else after
    if got != field and isinstance(after.get(outer), dict):
        shown = {**after, outer: {**after[outer], inner_key: None}}
    if shown != wanted or list(after)[: len(before)] != list(before):
        raise FrontMatterError(path=path, line=2, why=f"setting {field!r} would change another field")
    return span


def _refuse_second(shadow: str, path: str) -> None:
    """Refuse to add a block above lines that may already be front matter: a file has at most one."""
    opening = _OPEN.match(shadow)
    if opening and (_CLOSE.search(shadow, opening.end()) or _pattern(_YAML).match(shadow, opening.end())):
        why = "the text after '---' is not a mapping of fields; if '---' is a rule, put a blank line below it"
        raise FrontMatterError(path=path, line=1, why=why)
    begin = len(shadow) - len(shadow.lstrip())
    for what, pattern in _OTHERS:
        if re.compile(pattern).match(shadow, begin):
            line = 1 + shadow.count("\n", 0, begin)
            raise FrontMatterError(path=path, line=line, why=f"the file already has front matter, {what}; set it there")
    loose = _pattern(_LOOSE).match(shadow)
    if loose is None:
        return
    above, fence, below = loose.groups()
    closing = re.compile(rf"^(?:{fence}|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE).search(shadow, loose.end())
    if closing is None or any(_pattern(each).search(shadow, loose.end(), closing.start()) for each in (_WORDS, _PAGE)):
        return
    if above.strip() or (above and "\n" not in above):
        why = f"the first '{fence}' is not at the start of the file, so some programs miss it; move it there"
        raise FrontMatterError(path=path, line=1 + above.count("\n"), why=why)
    if above or below:
        why = f"there is a blank line {'above' if above else 'below'} the first '{fence}', so some programs miss it"
        raise FrontMatterError(path=path, line=1 if above else 2, why=f"{why}; remove the blank line")
    if len(fence) > len("---"):
        raise FrontMatterError(path=path, line=1, why=f"some programs do not accept '{fence}'; use three dashes")


def _span_of_value(shadow: str, base: int, node: Any, value: str) -> FieldSpan:
    start, end = base + node.start_mark.index, base + node.end_mark.index
    # a block value's end mark is at the next key: exclude the line ending
    text = shadow[start:end]
    end -= len(text) - len(text.rstrip())
    return FieldSpan(start, max(end, start), ("" if shadow[start - 1] in " \t" else " ") + value)


def _span_of_key(
    source: Source, block: Block, pair: tuple[Any, Any] | None, outer: str, key: str, value: str, eol: str
) -> FieldSpan:
    """Return where a key of a mapping in the block is, or where to add it: below the mapping's last key."""
    base = block.inner_start
    if pair is None:
        return FieldSpan(block.inner_end, block.inner_end, f"{outer}:{eol}  {key}: {value}{eol}")
    node = pair[1]
    rows = node.value if isinstance(node.value, list) else []
    for name, each in rows:
        if name.value == key:
            return _span_of_value(source.shadow, base, each, value)
    if not rows:
        # `metadata:`, `metadata: {}` or `metadata: null`: the mapping begins here
        start, end = base + pair[0].end_mark.index + 1, base + node.end_mark.index
        return FieldSpan(start, max(start, end), f"{eol}  {key}: {value}")
    last = rows[-1][1]
    if node.flow_style:
        at = base + last.end_mark.index
        return FieldSpan(at, at, f", {key}: {value}")
    # the end mark of a block value may be after blank lines: the row ends with its last character
    text = source.shadow[base + last.start_mark.index : base + last.end_mark.index]
    at = base + last.start_mark.index + len(text.rstrip())
    line = source.shadow.find("\n", at, block.inner_end)
    at = block.inner_end if line < 0 else line + 1
    indent = " " * rows[0][0].start_mark.column
    return FieldSpan(at, at, f"{indent}{key}: {value}{eol}")


def _scalar(value: str, field: str) -> str:
    import json

    import yaml

    from memorybank.document.frontmatter_words import impossible_time, reads_back

    quoted = json.dumps(value, ensure_ascii=False)
    if "\n" in value or "\r" in value:
        return quoted
    try:
        root: Any = yaml.compose(f"x: {value}\n", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return quoted
    node = impossible_time(root)
    if node is not None:
        hint = f"use a real date; to keep it as text, put it in quotes: {quoted}"
        raise FieldError(field=field, why=f"{node.value!r} is not a valid date or time", hint=hint)
    if not (value[:1] in tuple("[{\"'") or _pattern(_PLAIN).match(value)):
        return quoted
    is_plain = isinstance(root.value[0][1], yaml.ScalarNode) and root.value[0][1].style is None
    return quoted if is_plain and not reads_back(root.value[0][1]) else value
