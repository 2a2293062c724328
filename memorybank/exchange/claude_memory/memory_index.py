"""The index of a memory folder, `MEMORY.md`: lines that point to files, and text of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from memorybank.document.source import Source, lines_of, without_eol
from memorybank.exchange.claude_memory.front_lines import front_matter_of
from memorybank.exchange.markdown_entries import parts_of, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "MEMORY.md"
# the title that Claude Code gives to the file: no words of a person
TITLES = ("", "memory", "memory index")

_POINTER = re.compile(
    r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?P<marks>[*_~`]{0,3})"
    r"(?:\[(?P<title>[^\]\n]+)\]\((?P<file><[^>\n]+>|[^)\s]+)\)"
    r"|\[\[(?P<wiki>[^\]|#\n]{1,200})(?:\|(?P<alias>[^\]\n]{1,200}))?\]\]"
    r"|See[ \t]+`?(?P<seen>[^\s`]{1,400}\.(?i:md|markdown))`?[ \t]+for(?=[ \t])"
    r"|(?P<plain>[^\s`*:]{1,200}\.(?i:md|markdown)))"
    r"(?P=marks)[ \t]*(?:[-\u2013\u2014:|>\u2192]+[ \t]*)?(?P<hook>.*)\Z"
)
_IN_MEMORY = re.compile(r"\A(?:/|[A-Za-z]:[\\/]).*[\\/]memory[\\/](?P<name>[^\\/]+)\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<words>.*?)[ \t#]*\Z")
_SECTION = 2
_REPORTED = 200


class Pointer(NamedTuple):
    """A line of an index that points to a file, with the lines that belong to it, below a section."""

    file: str
    title: str
    hook: str
    text: str
    section: str


class IndexPart(NamedTuple):
    """A section of an index with text of its own; `above` is the heading that it is below."""

    level: int
    title: str
    above: str
    text: str


class MemoryIndex(NamedTuple):
    """An index: its sections, its pointers, and headings without text."""

    parts: list[IndexPart]
    pointers: list[Pointer]
    empty: list[str]


class Targets:
    """The files that an index may point to, by their paths and names."""

    def __init__(self, names: Iterable[str], folder: str) -> None:
        """`folder` is that of the index; paths are relative to it."""
        self.folder = folder
        self.paths = {name.casefold(): name for name in reversed([*names])}
        self.stems = {_stem(name): name for name in self.paths.values()}

    def of(self, found: re.Match[str]) -> str:
        """Return the file that a line points to; "" if it is not there."""
        if found["wiki"]:
            return self.stems.get(_stem(found["wiki"]), "")
        path = (found["file"] or found["seen"] or found["plain"]).strip("<>")
        # the Gemini CLI has absolute paths into its folder
        absolute = _IN_MEMORY.search(path)
        path = absolute["name"] if absolute else path
        for each in (path, unquote(path)):
            name = f"{self.folder}{each.removeprefix('./')}".casefold()
            if name in self.paths:
                return self.paths[name]
        return ""


def _stem(name: str) -> str:
    return re.sub(r"\.(?:md|markdown)\Z", "", name.strip().rpartition("/")[2].casefold())


def read_index(data: bytes, targets: Targets) -> MemoryIndex:
    """Read an index; front matter becomes text."""
    source = Source(data)
    front = front_matter_of(source, NAME)
    found = MemoryIndex([], [], [])
    first, waiting = "", ""
    body = front.body.replace("\r\n", "\n")
    for number, part in enumerate(parts_of(body, _SECTION)):
        if part.level == 1:
            if waiting:
                found.empty.append(waiting)
            first = waiting = part.title
        above = first if part.level == _SECTION else ""
        text = (
            f"```yaml\n{front.inner.rstrip()}\n```\n\n{part.text}" if front.inner.strip() and not number else part.text
        )
        pointers, rest = _split(text, targets, " > ".join(each for each in (above, part.title) if each))
        found.pointers.extend(pointers)
        if rest:
            found.parts.append(IndexPart(part.level, part.title, above, rest))
        if pointers or rest:
            waiting = ""
        elif part.level == _SECTION:
            found.empty.append(part.title)
    if waiting:
        found.empty.append(waiting)
    # a heading that is too long for a line of the report is text
    long = [each for each in found.empty if len(each) > _REPORTED]
    found.parts.extend(IndexPart(0, "", "", each) for each in long)
    return found._replace(empty=[each for each in found.empty if each not in long])


def _split(text: str, targets: Targets, section: str) -> tuple[list[Pointer], str]:
    """Return the pointers of a section and its other text."""
    pointers: list[Pointer] = []
    rest: list[str] = []
    # headings below the section whose pointers are taken; the depth of the last pointer, -1 if text followed
    heading, used, depth, fence = "", {0}, -1, ""
    number, is_only_headings = 0, True
    for line in (without_eol(each) for each in lines_of(text)):
        mark = _FENCE.match(line)
        if mark:
            fence = "" if fence and line.strip().startswith(fence) else fence or mark[1]
        found = None if fence or mark else _POINTER.match(line)
        name = targets.of(found) if found else ""
        indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
        below = None if fence else _HEADING.match(line)
        if found and name:
            depth = indent
            where = f"{section} > {heading}" if heading and section else heading or section
            used.add(number)
            title = found["title"] or found["alias"] or ""
            pointers.append(Pointer(name, title.strip(), found["hook"].strip(), line.strip(), where))
        elif 0 <= depth < indent and line.strip() and not mark and not fence:
            pointers[-1] = pointers[-1]._replace(text=f"{pointers[-1].text}\n{line.strip()}")
        else:
            depth = -1
            if below:
                heading, number = below["words"], number + 1
            is_only_headings = is_only_headings and bool(below or not line.strip())
            rest.append(line)
    if is_only_headings and len(used) > number:
        return pointers, ""
    return pointers, trimmed("\n".join(rest))
