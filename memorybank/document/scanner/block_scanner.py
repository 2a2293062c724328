"""The line machine: parse the block structure of Markdown one line at a time, in linear time.

It follows CommonMark as markdown-it implements it, with its deviations, because markdown-it renders the files and the
tests compare with it. Two deviations shape the code: after a link reference definition the next line starts a new
block, and a block quote decides about a line before the blocks inside it do.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from memorybank.document.scanner.containers import MAX_DEPTH, Container, ListRun
from memorybank.document.scanner.line_rules import (
    ATX,
    CODE_INDENT,
    CONTAINER_STARTS,
    FENCE,
    FENCE_END,
    HTML_ENDS,
    TASK,
    TRIM,
    UNDERLINE,
    LineRules,
    atx_text,
    enter_quote,
    html_kind,
    indent_of,
    space_end,
    width_of,
)
from memorybank.document.scanner.nodes import Block, Heading, Item, OpenBlock, TooMuch

if TYPE_CHECKING:
    import re

# A line takes a few microseconds: with more lines a hostile file would take seconds. With the skimmer, real files of
# 10 MB need about a hundred lines here; a section that is parsed for its items needs all of its lines.
MAX_LINES = 250_000
MAX_RECORDED = 400_000


class Machine:
    """A parse in progress; read lines in order with `read_line`, then call `finish`.

    Only headings are recorded; with `record` also blocks and items.
    """

    def __init__(self, text: str, end: int, *, record: bool) -> None:
        self.text = text
        self.end = end
        self.record = record
        self.headings: list[Heading] = []
        self.blocks: list[Block] = []
        self.items: list[Item] = []
        # leaves at any depth, if the caller puts a list here
        self.leaves: list[Block] | None = None
        self.line_count = 0
        self._line_limit = MAX_RECORDED if record else MAX_LINES
        self.rules = LineRules(text)
        self.reset()

    def reset(self) -> None:
        """Reset the state to one where no block is open."""
        self.stack: list[Container] = []
        # markdown-it's blkIndent and listIndent at the place of the next block
        self._indent, self._list_indent = 0, -1
        self.leaf = ""
        self._quotes: list[int] = []
        self._pending: ListRun | None = None
        self.leaf_start = self._leaf_end = self._used_end = 0
        self._fence = self._html = ""
        self._blank_end, self._blank_depth = -1, 0

    def read_line(self, start: int) -> int:
        """Read the line at an offset, or a whole definition; return the offset of the next line."""
        text = self.text
        self.line_count += 1
        if self.line_count > self._line_limit:
            raise TooMuch(f"it has more than {self._line_limit} lines of lists, quotes or definitions in one section")
        eol, after = self._line_end(start)
        at, column = indent_of(text, start, eol)
        if at >= eol:
            self._read_blank(start, after, 0)
            return after
        base = 0
        fresh = False
        for depth, index in enumerate(self._quotes):
            indent, list_indent = self._context(index)
            quote = self.stack[index]
            if text[at] == ">" and column >= indent:
                at, column, base = enter_quote(self.text, at, column, base, eol)
                quote.empty_until = 1 if at >= eol else -1
                if at >= eol:
                    self._read_blank(start, after, depth + 1)
                    self._used_end = after
                    return after
                continue
            lazy = not (
                quote.empty_until > 0
                or self.rules.interrupts(at, eol, column, indent, list_indent)
                or (depth + 1 < len(self._quotes) and self.rules.interrupts(at, eol, -1, 0, -1))
            )
            if lazy and self.leaf == "paragraph":
                return self._keep(after)
            self._close(index)
            fresh = True
            break
        if not fresh and self.leaf and self._continue_leaf(at, column, eol, after):
            return after
        return self._begin(start, at, column, base, eol, after)

    def after_blank(self, start: int) -> bool:
        """Return whether the line before an offset was blank; a line with only quote marks is not."""
        return self._blank_end == start and self._blank_depth == 0

    def finish(self) -> OpenBlock | None:
        """Close all open blocks; return the top-level fence or HTML block that is not closed in the text."""
        left = None
        if not self.stack and (self.leaf == "fence" or (self.leaf == "html" and self._html in HTML_ENDS)):
            left = OpenBlock(self.leaf, self.leaf_start)
            if self.leaf == "html" and self._html == "comment":
                left = OpenBlock("comment", self.leaf_start)
            self._leaf_end = self.end
        self._close(0)
        return left

    def _line_end(self, start: int) -> tuple[int, int]:
        eol = self.text.find("\n", start, self.end)
        return (self.end, self.end) if eol < 0 else (eol, eol + 1)

    def _context(self, index: int) -> tuple[int, int]:
        if not index:
            return 0, -1
        outer = self.stack[index - 1]
        return outer.indent, outer.list_indent

    def _keep(self, after: int) -> int:
        self._leaf_end = self._used_end = after
        return after

    def _read_blank(self, start: int, after: int, depth: int) -> None:
        if depth < len(self._quotes):
            self._close(self._quotes[depth])
        if self.leaf == "fence" or (self.leaf == "html" and self._html in HTML_ENDS):
            self._leaf_end = after
        elif self.leaf and self.leaf != "code":
            self._close_leaf()
        if self._pending is not None:
            self._end_list(self._pending)
        elif self.stack and self.stack[-1].list is not None and self.stack[-1].empty_until == start:
            # an item cannot begin with two blank lines; its list may still continue
            self._pending = self._pop_item()
        self._blank_end, self._blank_depth = after, depth

    def _continue_leaf(self, at: int, column: int, eol: int, after: int) -> bool:
        """Add the line to the open leaf block, or close the block."""
        text = self.text
        indent = self._indent
        inner = column - indent
        if self.leaf == "paragraph":
            if inner >= CODE_INDENT:
                self._keep(after)
                return True
            if inner >= 0 and text[at] in "=-" and UNDERLINE.match(text, at, eol):
                self._underline(at, after)
                return True
            if not self.rules.interrupts(at, eol, column, indent, self._list_indent, paragraph=True):
                self._keep(after)
                return True
        elif self.leaf == "code" and inner >= CODE_INDENT:
            self._keep(after)
            return True
        elif self.leaf in {"fence", "html"} and inner >= 0:
            self._keep(after)
            if self._leaf_ends(at, inner, eol):
                self._close_leaf()
            return True
        self._close_leaf()
        return False

    def _leaf_ends(self, at: int, inner: int, eol: int) -> bool:
        if self.leaf == "html":
            end = HTML_ENDS.get(self._html)
            return end is not None and end.search(self.text, at, eol) is not None
        if inner >= CODE_INDENT or self.text[at] != self._fence[0]:
            return False
        found = FENCE_END.match(self.text, at, eol)
        return found is not None and len(found[1]) >= len(self._fence)

    def _underline(self, at: int, after: int) -> None:
        if not self.stack:
            level = 1 if self.text[at] == "=" else 2
            content = self.text[self.leaf_start : self._leaf_end].strip(TRIM)
            self.headings.append(Heading(self.leaf_start, after, level, content))
        self.leaf = "heading"
        self._keep(after)
        self._close_leaf()

    def _begin(self, start: int, at: int, column: int, base: int, eol: int, after: int) -> int:
        """Read a line that continues no leaf block: close the items it is not part of, then open its blocks."""
        text = self.text
        rules = self.rules
        last, self._pending = self._pending, None
        while True:
            if last is not None:
                marker = rules.marker(at, eol) if 0 <= column - self._indent < CODE_INDENT else None
                if marker is not None and text[marker.end() - 1] == last.char:
                    if self._blank_end == start and self._blank_depth == len(self._quotes):
                        last.loose = True
                    at, column = self._open_item(last, marker, start, column, base, eol, after)
                    break
                self._end_list(last)
                last = None
            if not self.stack or self.stack[-1].list is None or column >= self._indent:
                self._note_child(start)
                break
            last = self._pop_item()
        while at < eol and text[at] in CONTAINER_STARTS:
            if column - self._indent >= CODE_INDENT or len(self.stack) >= MAX_DEPTH:
                break
            if text[at] == ">":
                self._open_quote(start)
                at, column, base = enter_quote(text, at, column, base, eol)
                self.stack[-1].empty_until = 1 if at >= eol else -1
                continue
            marker = rules.marker(at, eol)
            if marker is None:
                break
            of = ListRun(text[marker.end() - 1], start)
            at, column = self._open_item(of, marker, start, column, base, eol, after)
        if at < eol:
            return self._open_leaf(start, at, column, eol, after)
        self._used_end = after
        if self._quotes and self.stack[-1].list is None:
            self._blank_end, self._blank_depth = after, len(self._quotes)
        return after

    def _note_child(self, start: int) -> None:
        item = self.stack[-1] if self.stack else None
        if item is None or item.list is None:
            return
        if item.used and self._blank_end == start and self._blank_depth == len(self._quotes):
            item.list.loose = True
        item.used = True

    def _open_quote(self, start: int) -> None:
        if self.stack:
            self.stack[-1].used = True
        self._quotes.append(len(self.stack))
        self.stack.append(Container(start, 0, self._list_indent, None, -1))
        self._indent = 0

    def _open_item(
        self, of: ListRun, marker: re.Match[str], start: int, column: int, base: int, eol: int, after: int
    ) -> tuple[int, int]:
        text = self.text
        at, end = marker.span()
        outer = self._indent
        content = space_end(text, end, eol)
        initial = column + end - at
        width = width_of(text[end:content], initial + base)
        inner = initial + (width if content < eol and width <= CODE_INDENT else 1)
        index = -1
        if self.record and not self._quotes:
            index = len(self.items)
            parent = self.stack[-1].item if self.stack else -1
            task = TASK.match(text, content, eol) if initial + width - inner < CODE_INDENT else None
            mark = task[1] if task else None
            self.items.append(Item(start, after, len(self.stack), column, text[at:end], content, mark, parent))
        if self.stack:
            self.stack[-1].used = True
        item = Container(start, inner, outer, of, index)
        if content >= eol:
            item.empty_until = after
        else:
            item.used = True
        self.stack.append(item)
        self._indent, self._list_indent = inner, outer
        return content, initial + width

    def _open_leaf(self, start: int, at: int, column: int, eol: int, after: int) -> int:
        text = self.text
        self.leaf_start = start
        self._keep(after)
        char = text[at]
        if self.stack:
            self.stack[-1].used = True
        if column - self._indent >= CODE_INDENT:
            self.leaf = "code"
            return after
        self.leaf = "paragraph"
        if char == "#" and (marks := ATX.match(text, at, eol)):
            self.leaf = "heading"
            if not self.stack:
                self.headings.append(Heading(start, after, len(marks[1]), atx_text(text, marks.end(), eol)))
            self._close_leaf()
        elif char in "`~" and (fence := FENCE.match(text, at, eol)):
            self.leaf = "fence"
            self._fence = fence[0]
        elif char == "<" and (kind := html_kind(text, at, eol)):
            self.leaf = "html"
            self._html = kind
            if self._leaf_ends(at, 0, eol):
                self._close_leaf()
        elif char in "*-_" and self.rules.is_break(at, eol):
            self.leaf = "rule"
            self._close_leaf()
        elif char == "[":
            return self._define(at, after)
        return after

    def _define(self, at: int, after: int) -> int:
        """Read a link reference definition; if it is not one, the line stays a paragraph."""
        # text that turns out not to be a definition can need a lookahead of millions of lines
        ends = array("q", [after])

        def more() -> str | None:
            found = self._peek(ends[-1])
            if found is None:
                return None
            ends.append(found[1])
            return self.text[found[0] : found[1]]

        from memorybank.document.scanner.link_definitions import definition_lines

        count = definition_lines(self.text[at:after], more)
        if not count:
            return after
        self.leaf = "definition"
        self._keep(ends[count - 1])
        self._close_leaf()
        return ends[count - 1]

    def _peek(self, start: int) -> tuple[int, int] | None:
        """Return the next line of the open text block, from its first character, without consuming it."""
        if start >= self.end:
            return None
        self.line_count += 1
        eol, after = self._line_end(start)
        at, column = indent_of(self.text, start, eol)
        base = 0
        for index in self._quotes:
            if at >= eol:
                return None
            indent, list_indent = self._context(index)
            if column < 0:
                return None if self.rules.interrupts(at, eol, -1, 0, -1) else (at, after)
            if self.text[at] == ">" and column >= indent:
                at, column, base = enter_quote(self.text, at, column, base, eol)
            elif self.rules.interrupts(at, eol, column, indent, list_indent):
                return None
            else:
                column = -1
        if at >= eol or (column >= 0 and self.rules.interrupts(at, eol, column, self._indent, self._list_indent)):
            return None
        return at, after

    def _close_leaf(self) -> None:
        if self.leaf and self.record and not (self.stack and self.leaves is None):
            found = Block(self.leaf, self.leaf_start, self._leaf_end)
            if not self.stack:
                self.blocks.append(found)
            if self.leaves is not None:
                self.leaves.append(found)
        self.leaf = ""

    def _pop_item(self) -> ListRun:
        """Close the innermost container, an item; its list may continue."""
        self._close_leaf()
        item = self.stack.pop()
        self._indent, self._list_indent = self._context(len(self.stack))
        if item.item >= 0:
            self.items[item.item] = self.items[item.item]._replace(end=self._used_end)
        if item.list is None:
            raise AssertionError
        return item.list

    def _end_list(self, of: ListRun) -> None:
        self._pending = None
        if self.record and not self.stack:
            self.blocks.append(Block("list", of.start, self._used_end, of.loose))

    def _close(self, index: int) -> None:
        """Close the leaf block and every container from an index on."""
        self._close_leaf()
        if self._pending is not None:
            self._end_list(self._pending)
        while len(self.stack) > index:
            if self.stack[-1].list is not None:
                self._end_list(self._pop_item())
                continue
            quote = self.stack.pop()
            self._indent, self._list_indent = self._context(len(self.stack))
            self._quotes.pop()
            if self.record and not self.stack:
                self.blocks.append(Block("quote", quote.start, self._used_end))
