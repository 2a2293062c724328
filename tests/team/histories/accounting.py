"""Say what became of each line in a merge, from the texts alone: base, both sides, and the result.

A line is followed by its token. What each side wanted is the difference of its text from the base; the result has to
have both differences. Where the two cannot both be had, a conflict is needed, and its two sides hold the two texts.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tests.team.histories.making import WHOLE
from tests.team.histories.reading import TOKEN, cut, read_lines
from tests.team.histories.versions import bare, sides_of, version
from tests.team.histories.wanted import (
    born_twice,
    changed_twice,
    every_token,
    expected_state,
    reordered,
    same_or_changed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.team.histories.versions import State, Version
    from tests.team.histories.wanted import Three

FAULTS = ("lost", "doubled", "revived", "misplaced", "disordered", "torn", "hidden", "endings", "fields", "asymmetric")
_TAGS = "tags"
_TIMES = frozenset({"updated", "date"})


@dataclass
class Account:
    """What is wrong with a merge; `needed` says whether a conflict was due."""

    faults: list[tuple[str, str]] = field(default_factory=list)
    conflicts: int = 0
    needless_blocks: int = 0
    needed: bool = False

    def add(self, kind: str, what: str) -> None:
        """Add a fault."""
        self.faults.append((kind, what))

    @property
    def needless(self) -> bool:
        """Tell whether there is a conflict, though the two sides changed nothing in common."""
        return bool(self.conflicts) and not self.needed


class Merge(NamedTuple):
    """All texts of one merge, read: base, ours, theirs; the result with its conflicts settled for us, and for them."""

    three: Three
    seen: tuple[Version, Version]
    blocks: list[tuple[list[str], list[str]]]

    @property
    def sides(self) -> tuple[Version, Version]:
        """Return ours and theirs."""
        return self.three[1:]

    @property
    def inside(self) -> set[str]:
        """Return the tokens within conflicts."""
        return {token for pair in self.blocks for part in pair for line in part for token in TOKEN.findall(line)}


def account(base: str, ours: str, theirs: str, result: str, *, name: str = "") -> Account:
    """Compare a result with what the two sides changed."""
    out = Account()
    first, second, blocks = sides_of(cut(result))
    old, one, two = (version(cut(text)) for text in (base, ours, theirs))
    merge = Merge((old, one, two), (version(first), version(second)), blocks)
    both, twice = changed_twice(merge.three)
    fields = _fields(out, (base, ours, theirs), (first, second), conflicts=bool(blocks))
    out.conflicts, out.needed = len(blocks), bool(twice) or fields
    out.needless_blocks = sum(not _is_needed(merge.three, block, twice, fields=fields) for block in blocks)
    inside = merge.inside
    lines = name.endswith(".jsonl")
    for token in sorted(every_token(merge.three)):
        if born_twice(merge.three, token) or (lines and token in both):
            _both_texts(out, merge, token)
        elif token in both:
            _choice(out, merge, token, inside=token in inside)
        else:
            _follow(out, merge, token, inside=token in inside)
    for view in merge.seen:
        _plain(out, merge, view)
        if not blocks:
            _order(out, merge.three, view)
        _torn(out, (base, ours, theirs), view, name)
    _endings(out, base, ours, theirs, result)
    out.faults = list(dict.fromkeys(out.faults))
    return out


def _is_needed(three: Three, block: tuple[list[str], list[str]], twice: set[str], *, fields: bool) -> bool:
    """Tell whether a conflict holds anything that both sides changed."""
    lines = [line for part in block for line in part]
    tokens = {token for line in lines for token in TOKEN.findall(line)}
    units = {each.unit_of.get(token, token) for each in three for token in tokens}
    keys = {each.states[token].section for each in three for token in tokens if token in each.states}
    return bool((tokens | units | keys) & twice) or (fields and any(re.match(r"\w+:|  - |---", line) for line in lines))


def _follow(out: Account, merge: Merge, token: str, *, inside: bool) -> None:
    """Say what became of a line of which the two sides do not want different things."""
    expected = expected_state(merge.three, token)
    counts = [view.counts[token] for view in merge.seen]
    if max(counts) > max(1, *(side.counts[token] for side in merge.sides)):
        out.add("doubled", token)
    if expected is None:
        if min(counts) and not (inside and any(not view.counts[token] for view in merge.seen)):
            out.add("revived", token)
    elif not max(counts) or (not inside and not min(counts)):
        out.add("lost", token)
    elif inside:
        if not min(counts) and all(token in side.states for side in merge.sides):
            out.add("lost", f"{token} (in one side of a conflict)")
    else:
        for view in merge.seen:
            _compare_states(out, merge, token, expected, view)


def _compare_states(out: Account, merge: Merge, token: str, expected: State, view: Version) -> None:
    state = view.states.get(token)
    if state is None:  # it is where nothing should be
        out.add("misplaced", f"{token}: in {expected.section!r}, is in the front matter or the last section")
    elif state.kind == expected.kind and state[:2] != expected[:2]:
        out.add("lost", f"{token}: {expected.box} {expected.text!r} is {state.box} {state.text!r}")
    elif state[2:] != expected[2:]:
        out.add("misplaced", f"{token}: {expected[2:]} is {state[2:]}")
    elif not _beside_its_mates(merge.sides, token, expected, view):
        out.add("misplaced", f"{token}: under another heading {expected.section!r}")


def _beside_its_mates(sides: tuple[Version, Version], token: str, expected: State, view: Version) -> bool:
    """Of two headings with the same words, find the one that was meant by what else is under it."""
    everywhere = (*sides, view)
    for side in sides:
        state = side.states.get(token)
        if state is None or state.section != expected.section:
            continue
        stay = {
            mate
            for mate in side.mates[token] - {token}
            if all(mate in each.states and each.states[mate].section == expected.section for each in everywhere)
            and all(token not in each.mates or mate in each.mates[token] for each in sides)
        }
        if stay and not stay & view.mates[token]:
            return False
    return True


def _both_texts(out: Account, merge: Merge, token: str) -> None:
    """Check that both texts are there: of two lines with one token, or of a JSON line, which is its own name."""
    shown = {text for view in merge.seen for text in view.texts[token]}
    before = merge.three[0].states.get(token)
    for side in merge.sides:
        text = side.states[token].text if token in side.states else ""
        if text and text not in shown and (before is None or text != before.text):
            out.add("lost", f"{token}: {text!r}")
    if max(view.counts[token] for view in merge.seen) > 2:
        out.add("doubled", token)


def _choice(out: Account, merge: Merge, token: str, *, inside: bool) -> None:
    """Check that of two different wishes both are shown."""
    before, ours, theirs = (each.states.get(token) for each in merge.three)
    counts = [view.counts[token] for view in merge.seen]
    if max(counts) > max(1, *(side.counts[token] for side in merge.sides)):
        out.add("doubled", token)
    if inside:
        shown = {view.states[token][0] for view in merge.seen if token in view.states}
        for side in (ours, theirs):
            if side is not None and (before is None or side.text != before.text) and side.text not in shown:
                out.add("lost", f"{token}: {side.text!r} is in no side of the conflict")
        return
    if before is None and (ours is None or theirs is None):
        if not min(counts):
            out.add("lost", f"{token} (added below what was deleted)")
        return
    kept = ours or theirs
    if ours is None or theirs is None:
        if kept is not None and before is not None and kept[:2] != before[:2]:
            out.add("hidden", f"{token}: changed and deleted")
    elif before is None or same_or_changed(before.text, ours.text, theirs.text)[1]:
        if ours[:2] != theirs[:2]:
            out.add("hidden", f"{token}: two texts")
    elif not min(counts):
        out.add("lost", f"{token} (moved to two places)")


def _plain(out: Account, merge: Merge, view: Version) -> None:
    """Count the lines that repeat on purpose, heading by heading."""
    old, one, two = merge.three
    gone = {key for each in (one, two) for key in old.order if key not in each.order and key}
    for at in {*old.plain, *one.plain, *two.plain, *view.plain}:
        key, what = at
        if key in gone or key in WHOLE:
            continue
        before, ours, theirs, found = (each.plain[at] for each in (old, one, two, view))
        wanted = (ours, theirs, max(0, ours + theirs - before))
        low, high = min(wanted), max(wanted)
        if before in (ours, theirs) or (key == what and ours == theirs):
            low = high = int(str(same_or_changed(before, ours, theirs)[0]))
        if merge.blocks:
            low, high = min(low, ours, theirs, before), max(high, ours, theirs)
        if found < low:
            out.add("lost", f"{what!r} under {key!r}: {found} of {low}")
        if found > high:
            out.add("revived" if high < before else "doubled", f"{what!r} under {key!r}: {found}, not {high}")


def _order(out: Account, three: Three, view: Version) -> None:
    """Check that neighbours keep their order, and that an order that one side made is there."""
    old, one, two = three
    for mine, other in ((one, two), (two, one)):
        for key, tokens in mine.order.items():
            found = view.order.get(key, [])
            place = {token: at for at, token in enumerate(found)}
            if reordered(old, mine, key) and not reordered(old, other, key):
                common = {token for token in tokens if token in old.states and token in place}
                kept, made = ([token for token in each if token in common] for each in (found, tokens))
                if kept != made:
                    out.add("disordered", f"{key!r}: {kept} is not {made}")
            elif not reordered(old, mine, key) and not reordered(old, other, key):
                for left, right in pairwise(tokens):
                    if view.counts[left] > 1 or view.counts[right] > 1 or _moved(three, left, right):
                        continue
                    if {left, right} <= place.keys() and place[left] > place[right]:
                        out.add("disordered", f"{left} is below {right}")


def _moved(three: Three, *tokens: str) -> bool:
    return any(len({each.states[token].section for each in three if token in each.states}) > 1 for token in tokens)


def _endings(out: Account, base: str, ours: str, theirs: str, result: str) -> None:
    forms = [_ending(text) for text in (base, ours, theirs)]
    if "mixed" not in forms:
        expected, both = same_or_changed(*forms)
        if not both and _ending(result) not in {expected, ""} and expected:
            out.add("endings", f"{_ending(result)} is not {expected}")
    finals = [text.endswith("\n") for text in (base, ours, theirs)]
    if all(finals) and result and not result.endswith("\n"):
        out.add("endings", "no ending of the last line")
    marks = [text.startswith("\ufeff") for text in (base, ours, theirs)]
    if len(set(marks)) == 1 and result.startswith("\ufeff") != marks[0]:
        out.add("endings", "byte order mark")


def _ending(text: str) -> str:
    crlf = text.count("\r\n")
    if not text.count("\n"):
        return ""
    return "mixed" if 0 < crlf < text.count("\n") else "crlf" if crlf else "lf"


def _torn(out: Account, inputs: tuple[str, ...], view: Version, name: str) -> None:
    """Find lines without a token that nobody wrote, and a second time of the last update."""
    written = {bare(line) for text in inputs for line in cut(text)}
    for line in view.page.lines:
        if not line.token and line.kind != "front" and line.text.strip() and bare(line.text) not in written:
            out.add("torn", repr(line.text))
    if name.endswith(".md") and len(view.bodies.get("Last Updated", ())) > 1:
        out.add("doubled", "Last Updated")


def _fields(out: Account, texts: tuple[str, str, str], views: tuple[list[str], list[str]], *, conflicts: bool) -> bool:
    """Check the front matter field by field; return whether a field was changed by both."""
    old, one, two = (front_fields(cut(text)) for text in texts)
    found = [front_fields(view) for view in views]
    needed = False
    for name in sorted({*old, *one, *two}):
        before, mine, other = (each.get(name, "") for each in (old, one, two))
        shown = [each.get(name, "") for each in found]
        expected, both = same_or_changed(before, mine, other)
        if name == _TAGS:
            tags = [set(value.split()) for value in (before, mine, other)]
            expected, both = sorted((tags[0] & tags[1] & tags[2]) | (tags[1] - tags[0]) | (tags[2] - tags[0])), False
            shown_tags = [sorted(value.split()) for value in shown]
            right = [value == expected for value in shown_tags]
        else:
            right = [value == expected for value in shown]
        needed |= both and name not in _TIMES
        if not both and not (any(right) if conflicts else all(right)):
            out.add("fields", f"{name}: {shown[0]!r} is not {expected!r}")
    return needed


def front_fields(lines: list[str]) -> Mapping[str, str]:
    """Read simple front matter: `name: value`, and tags in both forms."""
    page = read_lines(lines)
    fields: dict[str, str] = {}
    last = ""
    for line in page.lines[1 : max(page.front - 1, 0)]:
        name, colon, value = line.text.partition(":")
        if colon and not name.startswith(" "):
            last = name
            value = value.strip()
            fields[name] = " ".join(value.strip("[]").replace(",", " ").split()) if name == _TAGS else value
        elif last == _TAGS and line.text.strip().startswith("- "):
            fields[_TAGS] = f"{fields.get(_TAGS, '')} {line.text.strip()[2:]}".strip()
    return fields


def compare(one: str, other: str) -> str:
    """Say how the results of the two directions differ; empty if only their order does."""
    first, second = sides_of(cut(one)), sides_of(cut(other))
    if bool(first[2]) != bool(second[2]):
        return f"{len(first[2])} conflicts one way, {len(second[2])} the other"
    for mine, theirs in ((first[0], second[1]), (first[1], second[0])):
        more, less = (Counter(_without_order(line) for line in side) for side in (mine, theirs))
        for counts in (more, less):
            counts.pop("", None)
        if more != less:
            return (
                f"only one way: {list((more - less).elements())[:3]}, the other: {list((less - more).elements())[:3]}"
            )
    return ""


def _without_order(line: str) -> str:
    """Return a line without its indent, number, and the order of tags in it."""
    if line.startswith("tags: ["):
        return " ".join(sorted(line[6:].strip("[] ").replace(",", " ").split()))
    return bare(line)
