"""A text of a file as its lines: where each token is, and what stands beside it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.team.histories.reading import ITEM, PLACEHOLDER, TOKEN, Page, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable


class State(NamedTuple):
    """A line with a token: its text without marker and box, its box, its heading, the item that it is in, its kind."""

    text: str
    box: str
    section: str
    parent: str
    kind: str


@dataclass
class Version:
    """One text of a file, read."""

    page: Page
    states: dict[str, State] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    counts: Counter[str] = field(default_factory=Counter)
    plain: Counter[tuple[str, str]] = field(default_factory=Counter)
    order: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    units: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unit_of: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mates: dict[str, frozenset[str]] = field(default_factory=dict)

    def above(self, token: str) -> str:
        """Return the token above this one in its section."""
        order = self.order[self.states[token].section]
        at = order.index(token)
        return order[at - 1] if at else ""


def version(lines: Iterable[str]) -> Version:
    """Read the lines of one text."""
    page = read_lines(list(lines))
    found = Version(page)
    groups: dict[int, set[str]] = defaultdict(set)
    for at, line in enumerate(page.lines):
        key = page.key(line.section) if line.section >= 0 else ""
        if line.kind in {"blank", "front"}:
            continue
        if line.kind != "heading":
            found.bodies[key].append(line.text)
        if key == "Last Updated":
            continue
        if not line.token:
            if not (line.kind != "heading" and PLACEHOLDER.match(line.text.strip())):
                what = f"# {page.key(at)}" if line.kind == "heading" else bare(line.text)
                found.plain[what if line.kind == "heading" else key, what] += 1
            continue
        parent = page.lines[line.parent].token or "-" if line.parent >= 0 else ""
        token = line.token
        text, box = _parts(line.text, line.kind)
        found.counts[token] += len(TOKEN.findall(line.text))
        kind = "text" if line.kind in {"text", "item"} and line.block != at else line.kind
        found.texts[token].add(text)
        found.states[token] = State(text, box, key, parent, kind)
        found.order[key].append(token)
        unit = _unit(page, at)
        found.units[unit].append(line.text)
        found.unit_of[token] = unit
        found.paths[token] = page.path(at)
        groups[line.section].add(token)
        found.mates[token] = frozenset()
    for section in groups.values():
        for token in section:
            found.mates[token] = frozenset(section)
    return found


def bare(text: str) -> str:
    """Return a line without its indent; the number of a numbered item counts for nothing."""
    return re.sub(r"^\d+([.)])", r"1\1", text.strip())


def _parts(text: str, kind: str) -> tuple[str, str]:
    if kind == "item":
        found = ITEM.match(text)
        if found:
            return text[found.end() :].strip(), (found.group(4) or "").strip().lower()
    if kind == "heading":
        return text.strip().lstrip("#").strip(), ""
    return text.strip(), ""


def _unit(page: Page, at: int) -> str:
    """Name what a person would call one thing: an item's own lines, a paragraph, a fence, a row."""
    line = page.lines[at]
    first = line.block
    if line.kind != "item" and line.parent >= 0:
        first = line.parent  # another line, a fence or a paragraph in an item is of the item
    for each in page.lines[first : at + 1]:
        if each.token:
            return each.token
    return line.token


def sides_of(lines: list[str], size: int = 7) -> tuple[list[str], list[str], list[tuple[list[str], list[str]]]]:
    """Return a result with its conflicts settled for our side, for theirs, and the two texts of each conflict."""
    first: list[str] = []
    second: list[str] = []
    blocks: list[tuple[list[str], list[str]]] = []
    where = ""
    for line in lines:
        mark = line[:size] if len(line) <= size or line[size] == " " else ""
        if mark == "<" * size and not where:
            where = "ours"
            blocks.append(([], []))
        elif mark == "|" * size and where == "ours":
            where = "base"
        elif line == "=" * size and where in {"ours", "base"}:
            where = "theirs"
        elif mark == ">" * size and where == "theirs":
            where = ""
        elif not where:
            first.append(line)
            second.append(line)
        elif where == "ours":
            first.append(line)
            blocks[-1][0].append(line)
        elif where == "theirs":
            second.append(line)
            blocks[-1][1].append(line)
    return first, second, blocks
