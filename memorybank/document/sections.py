"""Document: a source split into sections that cover it without gap or overlap.

A section begins at a heading that is not in a list, quote, fence or comment. The preamble (index 0, level 0, no name)
is the text before the first heading. A section's *own* text ends at the next heading of any level; the section itself
ends at the next heading of the same or a higher level.
"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.frontmatter import find_block
from memorybank.document.scanner.line_rules import unshielded
from memorybank.document.scanner.nodes import TooMuch
from memorybank.document.scanner.outline import scan
from memorybank.document.source import Source, Span, shadow_of
from memorybank.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.document.scanner.nodes import Heading, OpenBlock

# 10 MB of notes have a tenth of this
MAX_LINES = 1_200_000


class Section(NamedTuple):
    """One heading and the text under it; every offset is on a line boundary of `Source.text`.

    start..body is the heading (its lines are never rewritten), body..own_end its own text, start..end all of it.
    """

    number: int
    level: int
    name: str
    start: int
    body: int
    own_end: int
    end: int

    @property
    def span(self) -> Span:
        """The whole section: heading, own text and subsections."""
        return Span(self.start, self.end)


def name_of(heading: str) -> str:
    """Return a heading's name: its text without trailing comments and extra space."""
    name = heading.rstrip()
    while name.endswith("-->"):
        start = name.rfind("<!--")
        if start < 0 or "-->" in name[start:-3]:
            break
        name = name[:start].rstrip()
    name = " ".join(name.split())
    return unshielded(name) if name.endswith("#") else name


def key_of(name: str) -> str:
    """Return the form in which names are compared: case and spacing do not matter."""
    return " ".join(name.split()).casefold()


class Splice(NamedTuple):
    """One change of whole lines: its offset, the old text, the new text, and the line above.

    `role` is the role of the change (see `trail`), None if an older version did not record it; `place` is the path of
    the section that contains it.
    """

    start: int
    old: str
    new: str
    above: str = ""
    role: str | None = None
    place: str = ""


class Document:
    """A source with its sections, headings and front matter.

    With `contract`, a level-1 heading after the first is text, not a section: the settings line `# AUTO_PROCEED` of
    older banks parses as such a heading.
    """

    __slots__ = (
        "_sections",
        "content_start",
        "contract",
        "headings",
        "index",
        "path",
        "source",
        "trail",
        "unterminated",
    )

    def __init__(
        self,
        source: Source,
        headings: tuple[Heading, ...],
        unterminated: OpenBlock | None,
        *,
        path: str,
        contract: bool,
        trail: tuple[Splice, ...] = (),
    ) -> None:
        self.trail = trail
        self.source = source
        self.headings = headings
        self.unterminated = unterminated
        self.path = path
        self.contract = contract
        # the index of addresses, kept here by `addresses` once it is built
        self.index: object | None = None
        block = find_block(source.shadow)
        self.content_start = block.end if block else 0
        self._sections: tuple[Section, ...] | None = None

    @property
    def sections(self) -> tuple[Section, ...]:
        """The preamble and every section, in file order."""
        if self._sections is None:
            self._sections = _sections(self)
        return self._sections

    def text_of(self, section: Section) -> str:
        """Return a section's text without its heading, subsections included."""
        return self.source.text[section.body : section.end]

    def digest_of(self, section: Section) -> str:
        """Return the digest of a whole section, heading and subsections included."""
        return self.source.digest_of(section.span)

    def path_of(self, section: Section) -> str:
        """Return the names from the outermost section to this one, joined by slashes, without the title."""
        names = [section.name]
        level = section.level
        for each in reversed(self.sections[1 : section.number]):
            if each.level < level:
                level = each.level
                if each.level == 1:
                    break
                names.append(each.name)
        return "/".join(reversed(names))


@contextmanager
def limited(path: str) -> Iterator[None]:
    """Convert `TooMuch` in a `with` block to a `LimitError` that names the file.

    Raises:
        LimitError: it has too many headings, or too many lines that cannot be skipped.
    """
    try:
        yield
    except TooMuch as error:
        raise LimitError(path=path, why=error.why) from error


def outline(source: Source, path: str = "", *, contract: bool = False) -> Document:
    """Split a source into its sections.

    Raises:
        LimitError: the file has too many headings, or too many lines to read one by one.
    """
    if source.shadow.count("\n") > MAX_LINES:
        raise LimitError(path=path, why=f"it has more than {MAX_LINES} lines")
    block = find_block(source.shadow)
    with limited(path):
        found = scan(source.shadow, block.end if block else 0)
    return Document(source, found.headings, found.unterminated, path=path, contract=contract)


def splice(document: Document, start: int, end: int, text: str) -> Document:
    """Return the document with start..end replaced by text; only the text around the change is parsed again.

    The state of a parse just after a heading is always the same. So it is enough to parse from the heading before the
    change to the first heading after it that is still in its place; the rest cannot have changed.
    """
    source = document.source
    text = _apart(source.text, start, end, text)
    change = _in_lines(source, start, end, text)
    new = Source(b"")
    new.bom = source.bom
    new.text = source.text[:start] + text + source.text[end:]
    new.data = new.to_bytes(new.text)
    if _splits_crlf(new.text, start, start + len(text)):
        return _read_again(document, new, change)
    new._shadow = source.shadow[:start] + shadow_of(text) + source.shadow[end:]  # noqa: SLF001  the same class's other half
    shift = len(text) - (end - start)
    headings = document.headings
    first = next((i for i, each in enumerate(headings) if each.end > start), len(headings))
    after = next((i for i in range(first, len(headings)) if headings[i].start >= end), len(headings))
    begin = headings[first - 1].start if first else None
    block = find_block(new.shadow)
    content = block.end if block else 0
    if begin is None or begin < content:
        begin, kept = content, headings[:0]
    else:
        kept = headings[: first - 1]
    with limited(document.path):
        if after == len(headings):
            found = scan(new.shadow, begin)
            return _like(document, new, kept + found.headings, found.unterminated, change)
        until = headings[after].start + shift
        found = scan(new.shadow, begin, until=until)
    expected = _moved(headings[after], shift)
    if not found.headings or found.headings[-1] != expected:
        return _read_again(document, new, change)
    rest = tuple(_moved(heading, shift) for heading in headings[after + 1 :])
    unterminated = document.unterminated
    if unterminated is not None:
        unterminated = unterminated._replace(start=unterminated.start + shift)
    return _like(document, new, kept + found.headings + rest, unterminated, change)


def _apart(text: str, start: int, end: int, new: str) -> str:
    """Add an LF where a splice would join a CR and an LF to one line ending, so that they stay two."""
    before, after = text[:start][-1:], text[end : end + 1]
    if before == "\r" and (new or after)[:1] == "\n" and text[start : start + 1] != "\n":
        new = f"\n{new}"
    if new[-1:] == "\r" and after == "\n" and text[end - 1 : end] != "\r":
        new = f"{new}\n"
    return new


def _like(
    document: Document,
    source: Source,
    headings: tuple[Heading, ...],
    unterminated: OpenBlock | None,
    change: Splice,
) -> Document:
    after = Document(source, headings, unterminated, path=document.path, contract=document.contract)
    # added text is in a section of the new document, removed text was in a section of the old one
    place = place_at(after if change.new else document, change.start)
    after.trail = (*document.trail, change._replace(place=place))
    return after


def _read_again(document: Document, source: Source, change: Splice) -> Document:
    fresh = outline(source, document.path, contract=document.contract)
    return _like(document, source, fresh.headings, fresh.unterminated, change)


def place_at(document: Document, offset: int) -> str:
    """Return the path of the innermost section that contains an offset; "" before the first heading."""
    section = document.sections[bisect_right(document.sections, offset, key=lambda each: each.start) - 1]
    return document.path_of(section) if section.number else ""


def _in_lines(source: Source, start: int, end: int, text: str) -> Splice:
    """Widen a splice to whole lines, so that an undo can find them after they have moved."""
    shadow = source.shadow
    first = shadow.rfind("\n", 0, start) + 1
    last = end
    whole = text.endswith(("\n", "\r")) or (not text and start == first)
    if not (whole and (end == 0 or shadow[end - 1] == "\n")):
        at = shadow.find("\n", end)
        last = len(shadow) if at < 0 else at + 1
    # include the last line with words: a blank line alone would match everywhere
    words = len(shadow[max(first - 4096, 0) : first].rstrip(" \t\n")) + max(first - 4096, 0)
    above = source.text[shadow.rfind("\n", 0, max(words - 1, 0)) + 1 : first]
    new = source.text[first:start] + text + source.text[end:last]
    return Splice(first, source.text[first:last], new, above, "")


def _moved(heading: Heading, shift: int) -> Heading:
    return heading._replace(start=heading.start + shift, end=heading.end + shift)


def _splits_crlf(text: str, *offsets: int) -> bool:
    return any(0 < at < len(text) and text[at - 1] == "\r" and text[at] == "\n" for at in offsets)


def _sections(document: Document) -> tuple[Section, ...]:
    length = len(document.source.text)
    headings = list(document.headings)
    if document.contract:
        title = next((i for i, each in enumerate(headings) if each.level == 1), None)
        headings = [each for i, each in enumerate(headings) if each.level > 1 or i == title]
    starts = [heading.start for heading in headings] + [length]
    ends = [length] * len(headings)
    pending: list[int] = []
    for i, each in enumerate(headings):
        while pending and headings[pending[-1]].level >= each.level:
            ends[pending.pop()] = each.start
        pending.append(i)
    preamble = Section(0, 0, "", 0, 0, starts[0], starts[0])
    return (
        preamble,
        *(
            Section(i + 1, each.level, name_of(each.text), each.start, each.end, starts[i + 1], ends[i])
            for i, each in enumerate(headings)
        ),
    )
