"""Count the lines of a merge: none lost, none doubled, none that was deleted comes back, none from nowhere."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from memorybank.document.scanner.nodes import Heading
    from memorybank.team.merge.sides import Combined
    from memorybank.team.merge.structure import Structured

_NUMBER = later(r"([ \t>]*)\d{1,9}([.)])(?=[ \t]|\Z)")


def faults_of(
    base: str,
    ours: str,
    theirs: str,
    merged: str,
    *,
    blocks: Sequence[tuple[str, str, str]] = (),
    combined: Iterable[Combined] = (),
    exempt: Collection[str] = (),
) -> list[str]:
    """Return what is wrong with a merge, one short sentence for each line; empty if every line is accounted for.

    `blocks` are its conflict blocks: the whole block, and the text of each side in it. `combined` are lines put
    together from two sides, `exempt` lines that may go, such as a placeholder. Blank lines are not counted.
    """
    b, o, t, m = _counts(base, ours, theirs, merged)
    in_ours: Counter[str] = Counter()
    in_theirs: Counter[str] = Counter()
    for whole, one, other in blocks:
        m.subtract(_count(whole))
        in_ours.update(_count(one))
        in_theirs.update(_count(other))
    for each in combined:
        for count, line in zip((b, o, t, m), each, strict=True):
            count.subtract(_count(line))
    skipped = {_plain(line) for line in exempt}
    found = []
    for line in (b.keys() | o.keys() | t.keys() | m.keys() | in_ours.keys() | in_theirs.keys()) - skipped:
        low, high = _bounds(b[line], o[line], t[line], is_rule=_is_rule(line))
        most = m[line] + max(in_ours[line], in_theirs[line])
        least = m[line] + min(in_ours[line], in_theirs[line])
        if most < low:
            found.append(f"lost: {line!r} is there {most} times, not {low}")
        elif least > high:
            how = "doubled" if high else "revived" if b[line] else "from nowhere"
            found.append(f"{how}: {line!r} is there {least} times, not {high}")
    return sorted(found)


def faults_in(base: str, ours: str, theirs: str, merged: Structured, *, markdown: bool = True) -> list[str]:
    """Return what is wrong with a structural merge: with its lines, or with its headings, which must stay headings."""
    found = faults_of(
        base,
        ours,
        theirs,
        merged.text,
        blocks=merged.blocks,
        combined=merged.combined,
        exempt=merged.exempt,
    )
    return found or (_headings_lost(base, ours, theirs, merged) if markdown else [])


def _headings_lost(base: str, ours: str, theirs: str, merged: Structured) -> list[str]:
    b, o, t = (Counter(map(_heading, known)) for known in merged.headings or map(_headings, (base, ours, theirs)))
    spans = []
    at = 0
    for block in merged.blocks:
        start = merged.text.find(block.whole, at)
        at = start + len(block.whole)
        spans.append((start, at))
    outside: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    number = 0
    for each in _headings(merged.text):
        while number < len(spans) and spans[number][1] <= each.start:
            number += 1
        within = number < len(spans) and spans[number][0] <= each.start
        (inside if within else outside)[_heading(each)] += 1
    found = []
    for name in b.keys() | o.keys() | t.keys() | outside.keys():
        low, high = _bounds(b[name], o[name], t[name])
        if outside[name] > high or outside[name] + inside[name] < low:
            found.append(f"heading: {name!r} is there {outside[name]} times, not {low} to {high}")
    return sorted(found)


def _headings(text: str) -> tuple[Heading, ...]:
    source = Source(b"")
    source.text = text
    return outline(source).headings


def _heading(heading: Heading) -> str:
    return f"{'#' * heading.level} {heading.text}"


def _bounds(base: int, ours: int, theirs: int, *, is_rule: bool = False) -> tuple[int, int]:
    """Return how often a line may be in the merge: the same addition or deletion on both sides may be one or two.

    A side may have deleted one rule or fence and added another one, which its number does not show.
    """
    both = ours + theirs - base
    if is_rule:
        return max(0, min(ours, theirs, both)), max(ours, theirs, both)
    if ours >= base and theirs >= base:
        return max(ours, theirs), both
    if ours <= base and theirs <= base:
        return max(0, both), min(ours, theirs)
    return max(0, both), max(0, both)


def _is_rule(line: str) -> bool:
    """Return whether a line repeats on purpose: a fence, a rule, the second line of a table, a bracket."""
    bare = line.strip()
    return bare.startswith(("```", "~~~")) or not any(map(str.isalnum, bare))


def _counts(*texts: str) -> list[Counter[str]]:
    """Count the lines of each text, without those that are as often in every one of them."""
    counts = [Counter(_rows(text)) for text in texts]
    first, *others = (count.items() for count in counts)
    alike = set(first).intersection(*others)
    return [_plainly(Counter(dict(count.items() - alike))) for count in counts]


def _rows(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", text) if "\r" in text else text.split("\n")


def _count(text: str) -> Counter[str]:
    return _plainly(Counter(_rows(text)))


def _plainly(rows: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line, count in rows.items():
        plain = _plain(line)
        if plain:
            found[plain] += count
    return found


def _plain(line: str) -> str:
    """Return a line as it is counted: without space at its end, and without the number of an item."""
    line = line.rstrip()
    found = _NUMBER.match(line) if line[:12].strip(" \t>")[:1].isdigit() else None
    return f"{found[1]}1{found[2]}{line[found.end() :]}" if found else line
