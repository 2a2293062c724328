"""A text as a tree of units: sections, list items, table rows, fields of front matter, and blocks that are one piece.

The units of a level are in text order; what is between two of them is only line endings and blank lines, the gap. So
units and gaps together are the text, byte for byte. A unit is split further only when someone asks for its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.frontmatter import find_block
from memorybank.document.items import ID
from memorybank.document.scanner.blocks import parse_blocks
from memorybank.document.sections import Document, key_of, outline
from memorybank.document.source import Source
from memorybank.patterns import later
from memorybank.team.merge.line_merge import marked_spans
from memorybank.team.merge.quick import SHORT, kind_of, lumps, spans_of
from memorybank.team.merge.word_merge import cells_of, head_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.document.scanner.nodes import Item
    from memorybank.document.sections import Section

FILE, FRONT, FIELD, SECTION, ITEM, TABLE, ROW, PARAGRAPH, MARKED, RECORD = (
    "file",
    "front",
    "field",
    "section",
    "item",
    "table",
    "row",
    "paragraph",
    "marked",
    "record",
)
# units with parts of their own
NESTED = frozenset({FILE, FRONT, FIELD, SECTION, ITEM, TABLE})

_BLANKS = " \t\r\n"
_DELIMITER = later(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t\r]*\Z")
_KEY = later(r"([ \t]*)(\"[^\"\n]*\"|'[^'\n]*'|[^\s#:\-\[{<>=][^\n:]*?)[ \t]*:(?=[ \t\r\n]|\Z)")
_ID = later(r"\{\s*\"id\"\s*:\s*\"([^\"\\]+)\"")


class Unit:
    """One unit of a text: `start`..`end` without the line ending, `head` is where its own first part ends.

    `plain` is its text without what may change by itself, `key` the name by which it is found again after an edit.
    """

    __slots__ = ("_parts", "_plain", "end", "head", "key", "kind", "level", "section", "start", "tree")

    def __init__(self, tree: Tree, kind: str, start: int, end: int, *, key: str = "", level: int = 0) -> None:
        self.tree = tree
        self.kind = kind
        self.start = start
        self.end = _stripped(tree.text, start, end)
        self.head = self.end
        self.key = key
        self.level = level
        self.section: Section | None = None
        self._parts: list[Unit] | None = None
        self._plain: str | None = None

    @property
    def text(self) -> str:
        """The text of the unit without its last line ending."""
        return self.tree.text[self.start : self.end]

    @property
    def own(self) -> str:
        """The text before its parts: a heading, the first lines of an item."""
        return self.tree.text[self.start : self.head]

    @property
    def plain(self) -> str:
        """The text without the number of an item, or the space around the cells of a row."""
        if self._plain is None:
            self._plain = _PLAIN.get(self.kind, str)(self.text)
        return self._plain

    @property
    def parts(self) -> list[Unit]:
        """The units in this one, in order."""
        if self._parts is None:
            self._parts = list(self.tree.split(self)) if self.kind in NESTED else []
        return self._parts

    def leave_whole(self, parts: list[Unit] | None = None) -> None:
        """Set the parts, which are known without a parse: by default none."""
        self._parts = parts or []

    def gap(self, at: int) -> str:
        """Return what is between part `at - 1` and part `at`; before the first is the head, after the last the end."""
        parts = self.parts
        start = parts[at - 1].end if at else self.head
        end = parts[at].start if at < len(parts) else self.limit
        return self.tree.text[start:end]

    @property
    def body(self) -> tuple[int, int]:
        """The span of the text below the heading, before the first section in it."""
        section = self.section or self.tree.document.sections[0]
        if self.kind == FILE:
            return self.tree.front, len(self.tree.text) if self.tree.records else section.own_end
        return section.body, section.own_end

    @property
    def sections(self) -> list[Unit]:
        """The sections directly in this one."""
        return [] if self.tree.records else list(self.tree.sections_in(self))

    @property
    def limit(self) -> int:
        """Where the last gap ends: only a file has text after its last unit, line endings."""
        return len(self.tree.text) if self.kind == FILE else self.end


class Tree:
    """The text of one side as units, parsed when needed."""

    def __init__(self, text: str, *, contract: bool, records: bool = False) -> None:
        self.text = text
        self.records = records
        source = Source(b"")
        source.text = text
        block = find_block(source.shadow)
        self.front = block.end if block and not records else 0
        self.marked = marked_spans(text, self.front)
        if self.marked:
            source._shadow = _masked(source.shadow, self.marked)  # noqa: SLF001  an unresolved merge is parsed as one block
        self.shadow = source.shadow
        self.document: Document = outline(Source(b"") if records else source, contract=contract)
        self.children = _children(self.document)
        self.root = Unit(self, FILE, 0, len(text))
        self.root.head = 0

    def split(self, unit: Unit) -> Iterator[Unit]:
        """Yield the units in a unit."""
        if self.records:
            yield from self._split_records()
        elif unit.kind in {FILE, SECTION}:
            yield from self._split_section(unit)
        elif unit.kind == TABLE:
            yield from (Unit(self, ROW, start, end) for start, end in self.rows(unit.head, unit.end))
        elif unit.kind == FRONT:
            yield from self._fields(unit.head, unit.end, depth=0)
        elif unit.kind == FIELD:
            yield from self._fields(unit.head, unit.end, depth=1)

    def rows(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the lines of a span that are not blank, without their endings."""
        at = start
        while at < end:
            stop = self.shadow.find("\n", at, end)
            stop = end if stop < 0 else stop
            if self.shadow[at:stop].strip(_BLANKS):
                yield at, stop
            at = stop + 1

    def _split_records(self) -> Iterator[Unit]:
        marked = iter([*self.marked, (len(self.text), 0)])
        start, end = next(marked)
        for first, last in self.rows(0, len(self.text)):
            if first > start:
                if last >= end - 1:
                    start, end = next(marked)
                continue
            if first == start:
                yield Unit(self, MARKED, start, end)
                continue
            yield self._record(first, last)

    def _record(self, start: int, end: int) -> Unit:
        found = _ID.match(self.text, start, end)
        return Unit(self, RECORD, start, end, key=found[1] if found else "")

    def _split_section(self, unit: Unit) -> Iterator[Unit]:
        if unit.kind == FILE and self.front:
            front = Unit(self, FRONT, 0, self.front)
            front.head = self.text.index("\n") if "\n" in self.text else 0
            yield front
        yield from self._split_body(*unit.body)
        yield from self.sections_in(unit)

    def sections_in(self, unit: Unit) -> Iterator[Unit]:
        """Yield the sections directly in a unit."""
        sections = self.document.sections
        section = unit.section or sections[0]
        for number in self.children[section.number]:
            each = sections[number]
            inner = Unit(self, SECTION, each.start, each.end, key=key_of(each.name), level=each.level)
            inner.section = each
            inner.head = _stripped(self.text, each.start, each.body)
            yield inner

    def _split_body(self, start: int, end: int) -> Iterator[Unit]:
        if end - start < SHORT:
            yield from self._parse(start, end)
            return
        for first, last in spans_of(lumps(self.shadow, start, end), end):
            yield from self.split_lump(first, last)

    def whole(self, start: int, end: int) -> Unit:
        """Return several lumps as one unit that is not split."""
        while self.shadow[start] == "\n":
            start += 1
        return Unit(self, "whole", start, end)

    def split_lump(self, start: int, end: int) -> Iterator[Unit]:
        """Yield the units of a lump; a simple one is not parsed."""
        if self.records:
            yield self._record(start, end)
            return
        kind = kind_of(self.shadow, start, end)
        if not kind:
            yield from self._parse(start, end)
            return
        at = start
        while self.shadow[at] == "\n":
            at += 1
        unit = Unit(self, kind, at, end)
        if kind == ITEM:
            unit.leave_whole()
            found = ID.search(self.text[at : unit.end])
            unit.key = f"^{found[1]}" if found else ""
        yield unit

    def _parse(self, start: int, end: int) -> Iterator[Unit]:
        blocks, items, _ = parse_blocks(self.shadow, start, end)
        nested: dict[int, list[int]] = {}
        for i, item in enumerate(items):
            nested.setdefault(item.parent, []).append(i)
        tops = iter(nested.get(-1, ()))
        number = next(tops, None)
        for block in blocks:
            if block.kind != "list":
                yield self._block(block.kind, block.start, block.end)
                continue
            while number is not None and items[number].start < block.end:
                yield self._item(items, nested, number)
                number = next(tops, None)

    def _block(self, kind: str, start: int, end: int) -> Unit:
        if any(first <= start < last for first, last in self.marked):
            return Unit(self, MARKED, start, end)
        if kind == PARAGRAPH and "|" in self.shadow[start:end]:
            rows = list(self.rows(start, end))
            if len(rows) > 1 and _DELIMITER.match(self.shadow[slice(*rows[1])]):
                table = Unit(self, TABLE, start, end, key=key_of(self.text[slice(*rows[0])]))
                table.head = _stripped(self.text, start, rows[1][1])
                return table
        return Unit(self, kind, start, end)

    def _item(self, items: tuple[Item, ...], nested: dict[int, list[int]], number: int) -> Unit:
        item = items[number]
        unit = Unit(self, ITEM, item.start, item.end)
        within = [each for each in nested.get(number, ()) if items[each].start > item.start]
        if within:
            unit.head = _stripped(self.text, item.start, items[within[0]].start)
        parts: list[Unit] = []
        at = unit.head
        for each in within:
            parts += self._between(at, items[each].start)
            parts.append(self._item(items, nested, each))
            at = items[each].end
        unit.leave_whole([*parts, *self._between(at, unit.end)] if within else [])
        found = ID.search(self.text[item.start : unit.head])
        unit.key = f"^{found[1]}" if found else ""
        return unit

    def _between(self, start: int, end: int) -> list[Unit]:
        rows = list(self.rows(start, end))
        return [Unit(self, "text", rows[0][0], rows[-1][1])] if rows else []

    def _fields(self, start: int, end: int, *, depth: int) -> Iterator[Unit]:
        """Yield the fields of front matter, or the keys of a mapping in it; other lines are units of their own."""
        rows = list(self.rows(start, end))
        width = -1 if depth else 0
        at = 0
        while at < len(rows):
            found = _KEY.match(self.shadow, rows[at][0], rows[at][1])
            width = len(found[1]) if found and width < 0 else width
            last = at
            if found and len(found[1]) == width:
                while last + 1 < len(rows) and self._continues(rows[last + 1], width):
                    last += 1
                unit = Unit(self, FIELD, rows[at][0], rows[last][1], key=found[2].strip("\"'"))
                if not depth and last > at and not self.text[found.end() : rows[at][1]].strip(_BLANKS):
                    second = _KEY.match(self.shadow, rows[at + 1][0], rows[at + 1][1])
                    unit.head = rows[at][1] if second and second[1] else unit.end
                unit.kind = FIELD if unit.head < unit.end else "value"
                yield unit
            else:
                last = self._end_of_marks(rows, at)
                yield Unit(self, "line" if last == at else MARKED, rows[at][0], rows[last][1])
            at = last + 1

    def _continues(self, row: tuple[int, int], width: int) -> bool:
        line = self.shadow[slice(*row)]
        indent = len(line) - len(line.lstrip(" \t"))
        return indent > width or (indent == width and line[indent : indent + 2] in {"- ", "-"})

    def _end_of_marks(self, rows: list[tuple[int, int]], at: int) -> int:
        if not self.text.startswith("<<<<<<< ", rows[at][0]):
            return at
        ends = (i for i in range(at, len(rows)) if self.text.startswith(">>>>>>> ", rows[i][0]))
        return next(ends, at)


def stretch(units: Sequence[Unit], span: tuple[int, int]) -> str:
    """Return the text from the first to the last of some units beside each other."""
    first, last = units[span[0]], units[span[1] - 1]
    return first.tree.text[first.start : last.end]


def _plain_row(row: str) -> str:
    return "|".join(cell.strip() for cell in cells_of(row))


def _plain_item(text: str) -> str:
    if text[:1] in {"-", "*", "+"}:
        return text
    head = head_of(text)
    if not head.is_numbered:
        return text
    return f"{head.indent}1{head.marker[-1]}{text[len(head.indent) + len(head.marker) :]}"


_PLAIN = {ITEM: _plain_item, ROW: _plain_row}


def _stripped(text: str, start: int, end: int) -> int:
    """Return the end of a span without the blank lines and the line ending at its end."""
    body = text[start:end].rstrip(_BLANKS)
    at = start + len(body)
    stop = at
    while stop < end and text[stop] in " \t":
        stop += 1
    # spaces at the end of a line with words are a part of it: they may be a line break
    return stop if body else at


def _children(document: Document) -> dict[int, list[int]]:
    """Return the numbers of the sections directly in each section; 0 is the file."""
    found: dict[int, list[int]] = {each.number: [] for each in document.sections}
    above: list[Section] = []
    for each in document.sections[1:]:
        while above and above[-1].end <= each.start:
            above.pop()
        found[above[-1].number if above else 0].append(each.number)
        above.append(each)
    return found


def _masked(shadow: str, spans: list[tuple[int, int]]) -> str:
    """Replace each span by a comment of the same length: one block wherever it is, whatever was in it."""
    out = []
    at = 0
    for start, end in spans:
        body = end - start - (1 if shadow[end - 1] == "\n" else 0)
        out += [shadow[at:start], f"<!--{'x' * (body - len('<!---->'))}-->", shadow[start + body : end]]
        at = end
    return "".join([*out, shadow[at:]])
