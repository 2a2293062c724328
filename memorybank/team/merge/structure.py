"""Merge two versions of a Markdown text by its structure: sections, items, rows, fields of the front matter."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.contract import NONE
from memorybank.document.items import plain_key, split_marker
from memorybank.team.merge.arrange import Level, Step, arrange
from memorybank.team.merge.collapse import collapse
from memorybank.team.merge.field_merge import merge_field
from memorybank.team.merge.gaps import Piece, joined
from memorybank.team.merge.json_merge import in_time, merge_record, parsed
from memorybank.team.merge.moves import Key, Moves, find_moves, key_of_unit
from memorybank.team.merge.pairing import contested, pair
from memorybank.team.merge.sides import Block, Clash, Combined
from memorybank.team.merge.units import (
    FIELD,
    FILE,
    FRONT,
    ITEM,
    MARKED,
    NESTED,
    RECORD,
    ROW,
    SECTION,
    TABLE,
    Tree,
    Unit,
    stretch,
)
from memorybank.team.merge.word_merge import Worded, choose, later_stamp, merge_item, merge_row, merge_rows, time_of

if TYPE_CHECKING:
    from memorybank.contracts.contract import Contract, SectionSpec
    from memorybank.document.scanner.nodes import Heading
    from memorybank.team.merge.line_merge import Markers

BOTH_CHANGED = "both sides changed it"
ONE_DELETED = "one side deleted it, the other changed it"
BOTH_REPLACED = "both sides wrote something else in its place"
# a line of `=======` below these does not make them a heading
_CLOSED = frozenset({ITEM, "fence", "html", "rule"})
# no placeholder is longer
_LONGEST = 200
_IN_YAML = frozenset({FRONT, FIELD, "value", "line", RECORD})


class Structured(NamedTuple):
    """The merged text, its conflicts, and what is needed to count its lines."""

    text: str
    clashes: tuple[Clash, ...]
    blocks: tuple[Block, ...]
    combined: tuple[Combined, ...]
    exempt: frozenset[str]
    headings: tuple[tuple[Heading, ...], ...] | None = None


def merge_structure(
    base: str, ours: str, theirs: str, markers: Markers, contract: Contract | None, *, records: bool = False
) -> Structured:
    """Merge three texts with LF line endings; an empty base is a file that both sides made anew.

    With `records`, each line is one.

    Raises:
        LimitError: a text has too many headings or lines for its structure.
    """
    b, o, t = (Tree(text, contract=contract is not None, records=records) for text in (base, ours, theirs))
    return merge_trees(b, o, t, markers, contract, with_moves=not records)


def merge_trees(
    base: Tree, ours: Tree, theirs: Tree, markers: Markers, contract: Contract | None, *, with_moves: bool
) -> Structured:
    """Merge three texts that are read as trees; with `with_moves`, units moved to another section are found there."""
    trees = base, ours, theirs
    moves = find_moves(*trees) if with_moves else Moves()
    merger = _Merger(markers, contract, moves, trees[1])
    text = merger.inside(*(tree.root for tree in trees))
    return Structured(
        text,
        tuple(merger.clashes),
        tuple(merger.blocks),
        tuple(merger.combined),
        frozenset(merger.exempt),
        # the headings in an unresolved merge are hidden from the tree
        None if any(tree.marked for tree in trees) else tuple(tree.document.headings for tree in trees),
    )


class _Merger:
    def __init__(self, markers: Markers, contract: Contract | None, moves: Moves, ours: Tree) -> None:
        self.markers = markers
        self.contract = contract
        self.moves = moves
        self.ours = ours
        self.spec: SectionSpec | None = None
        self.place: list[str] = []
        self.clashes: list[Clash] = []
        self.blocks: list[Block] = []
        self.combined: list[Combined] = []
        self.exempt: set[str] = set()

    @property
    def _is_stamp(self) -> bool:
        return self.spec is not None and self.spec.kind == "stamp"

    @property
    def _marks(self) -> tuple[int, int, int]:
        return len(self.clashes), len(self.blocks), len(self.combined)

    def _undo(self, marks: tuple[int, int, int]) -> None:
        del self.clashes[marks[0] :], self.blocks[marks[1] :], self.combined[marks[2] :]

    # --- one level

    def inside(self, base: Unit | None, ours: Unit, theirs: Unit) -> str:
        """Merge the parts of a unit; the text begins after its head."""
        if base is not None and ours.kind in {FILE, SECTION}:
            collapse(base, ours, theirs)
        old = base.parts if base else []
        if self._is_stamp:
            for side in (base, ours, theirs):
                _name_stamp(side.parts if side else [])
        sides = zip((ours, theirs), self.moves.away, strict=True)
        in_ours, in_theirs = (pair(old, side.parts, partial(self._is_left_out, away)) for side, away in sides)
        in_ours, in_theirs = (
            contested(in_ours, in_theirs, theirs.parts, old),
            contested(in_theirs, in_ours, ours.parts, old),
        )
        level = Level(old, ours.parts, theirs.parts, in_ours, in_theirs, self._is_placeholder, self.moves)
        steps = arrange(level)
        if ours.tree.records:
            steps = _by_time(steps, level)
        written = [self._written(step, level) for step in steps]
        return joined(self._without_placeholders(written), base, ours, theirs)

    def _written(self, step: Step, level: Level) -> Piece:
        o = level.ours[step.ours[0]] if step.ours else None
        t = level.theirs[step.theirs[0]] if step.theirs else None
        b = level.base[step.base] if step.base >= 0 else None
        some = o or t or b
        kind = some.kind if some else ""
        count = len(self.clashes)
        if step.action == "rival" and step.ours and step.theirs:
            both = stretch(level.ours, step.ours), stretch(level.theirs, step.theirs)
            text = self._clash(*both, BOTH_REPLACED, kind)
        elif step.action == "edited" and (words := self._emptied(b, o, t)) is not None:
            text = words
        elif step.action == "edited":
            text = self._clash(o.text if o else "", t.text if t else "", ONE_DELETED, kind)
        elif o and t and b and self._is_guess(step.base, level) and choose(b.plain, o.plain, t.plain) is None:
            text = self._clash(o.text, t.text, BOTH_REPLACED, kind)
        elif o and t:
            text = self.resolve(b, o, t)
        elif step.action == "placed" and some:
            text = self._placed(some, is_ours=o is not None)
        else:
            text = self._copy(some) if some else ""
        clashed = len(self.clashes) > count and text.startswith("<" * self.markers.size)
        return Piece(text, "clash" if clashed else kind, step, some)

    def _emptied(self, base: Unit | None, ours: Unit | None, theirs: Unit | None) -> str | None:
        """Merge a list in front matter of which one side took away the last word, and with it the field."""
        some = ours or theirs
        if base is None or some is None or base.kind != "value":
            return None
        none = f"{base.key}: []"
        worded = merge_field(base.key, base.text, some.text, none)
        if worded is None or worded.text == none:
            return None
        self.combined.append(Combined(base.text, ours.text if ours else "", theirs.text if theirs else "", worded.text))
        return worded.text

    def _placed(self, unit: Unit, *, is_ours: bool) -> str:
        """Merge a unit that was moved here with what the other side made of it at its old place."""
        base, other = self.moves.placed[key_of_unit(unit)]
        if other is None:
            sides = (unit.text, "") if is_ours else ("", unit.text)
            return self._clash(*sides, ONE_DELETED, unit.kind)
        return self.resolve(base, unit, other) if is_ours else self.resolve(base, other, unit)

    def _copy(self, unit: Unit) -> str:
        """Return the text of a new unit, with what was moved into it as it is merged."""
        if not self.moves.touch(unit):
            return unit.text
        out = [unit.own]
        for at, part in enumerate(unit.parts):
            key = key_of_unit(part)
            if key not in self.moves.dropped:
                is_ours = part.tree is self.ours
                text = self._placed(part, is_ours=is_ours) if key in self.moves.placed else self._copy(part)
                out += [unit.gap(at), text]
        return "".join(out)

    @staticmethod
    def _is_guess(at: int, level: Level) -> bool:
        return at in level.in_ours.guessed or at in level.in_theirs.guessed

    def _without_placeholders(self, written: list[Piece]) -> list[Piece]:
        """Leave out a placeholder that one side put in where the other has real items."""
        if len(written) < 2 or not any(self._is_new_placeholder(each) for each in written):  # noqa: PLR2004  it and another
            return written
        kept = [each for each in written if not self._is_new_placeholder(each)]
        if not any(each.kind == ITEM for each in kept):
            return written
        self.exempt.update(each.text for each in written if self._is_new_placeholder(each))
        return kept

    def _is_new_placeholder(self, each: Piece) -> bool:
        return each.step.base < 0 and each.unit is not None and self._is_placeholder(each.unit)

    def _is_left_out(self, away: set[Key], unit: Unit) -> bool:
        """Whether a unit is not to be found again: it was moved away from here, or to here, or is a placeholder."""
        key = key_of_unit(unit) if self.moves.is_any else None
        return key in away or key in self.moves.placed or key in self.moves.dropped or self._is_placeholder(unit)

    def _is_placeholder(self, unit: Unit) -> bool:
        """Whether a unit is a line of the template that the first real entry replaces."""
        if unit.kind not in {ITEM, "paragraph"} or unit.end - unit.start > _LONGEST or self._is_stamp:
            return False
        words = plain_key(split_marker(unit.text)[2].strip())
        known = self.spec.placeholders if self.spec else ()
        return words == plain_key(NONE) or any(words == plain_key(each) for each in known)

    # --- one unit

    def resolve(self, base: Unit | None, ours: Unit, theirs: Unit) -> str:
        """Merge one unit that both sides have; without a base both made it anew."""
        old = base.text if base else ""
        whole = choose(old, ours.text, theirs.text)
        is_touched = ours.kind in NESTED and (self.moves.touch(ours) or self.moves.touch(theirs))
        if whole is not None and not is_touched:
            return whole
        plain = base.plain if base else None
        if ours.plain == theirs.plain and not is_touched:
            return self._combine(old, ours.text, theirs.text, theirs.text if ours.text == old else ours.text)
        if ours.plain == plain and ours.kind == ROW:
            return self._combine(old, ours.text, theirs.text, theirs.text)
        if theirs.plain == plain and ours.kind == ROW:
            return self._combine(old, ours.text, theirs.text, ours.text)
        if ours.kind == SECTION:
            return self._section(base, ours, theirs)
        if ours.kind == ITEM:
            return self._item(base, ours, theirs)
        if ours.kind in NESTED:
            return self._nested(base, ours, theirs)
        if ours.kind == MARKED:
            return self._marked(ours, theirs)
        return self._leaf(old, ours, theirs)

    def _section(self, base: Unit | None, ours: Unit, theirs: Unit) -> str:
        outer = self.spec
        name = ours.section.name if ours.section else ""
        if self.contract and ours.level > 1:
            self.spec = self.contract.spec_of(name) or (outer if ours.level > 2 else None)  # noqa: PLR2004  see Document
        if ours.level > 1:
            self.place.append(name)
        head = choose(base.own if base else "", ours.own, theirs.own)
        if head is None and ours.key == theirs.key:
            head = self._combine(base.own if base else "", ours.own, theirs.own, ours.own)
        if head is None:
            head = self._clash(ours.own, theirs.own, BOTH_CHANGED, SECTION)
        is_value = self.spec is not None and self.spec.kind == "value" and self.spec is not outer
        body = self._value(base, ours, theirs) if is_value else self.inside(base, ours, theirs)
        if ours.level > 1:
            self.place.pop()
        self.spec = outer
        return head + body

    def _value(self, base: Unit | None, ours: Unit, theirs: Unit) -> str:
        """Merge the text of a section that has one value: different new values are a conflict."""
        texts = [self._body(each) for each in (base, ours, theirs)]
        whole = choose(*texts)
        if whole is not None:
            parts = (*ours.parts, *theirs.parts)
            self.exempt.update(part.text for part in parts if self._is_placeholder(part))
            return whole or ours.text[ours.head - ours.start :]
        rows = merge_rows(*texts, strict=True)
        if rows is not None:
            return rows.text
        marks = self._marks
        # more than one value: both left something of it
        if base is not None and self._has_kept(base, ours) and self._has_kept(base, theirs):
            merged = self.inside(base, ours, theirs)
            if len(self.clashes) == marks[0]:
                return merged
            self._undo(marks)
        gap = ours.gap(0)
        return gap + self._clash(texts[1].strip("\n"), texts[2].strip("\n"), BOTH_CHANGED, "paragraph")

    def _has_kept(self, base: Unit, side: Unit) -> bool:
        kept = {part.plain for part in base.parts if not self._is_placeholder(part)}
        return any(part.plain in kept for part in side.parts)

    def _body(self, unit: Unit | None) -> str:
        """Return the text of a section below its heading; "" if it has only placeholders."""
        if unit is None or all(self._is_placeholder(part) for part in unit.parts):
            return ""
        return unit.text[unit.head - unit.start :]

    def _item(self, base: Unit | None, ours: Unit, theirs: Unit) -> str:
        old = base.own if base else ""
        head = merge_item(old, ours.own, theirs.own)
        marks = self._marks
        nested = bool(ours.parts or theirs.parts or (base and base.parts))
        inner = self.inside(base, ours, theirs) if nested else ""
        if head is not None:
            return self._combine(old, ours.own, theirs.own, head) + inner
        if len(self.clashes) == marks[0]:
            return self._clash(ours.own + inner, theirs.own + inner, BOTH_CHANGED, ITEM)
        self._undo(marks)
        return self._clash(ours.text, theirs.text, BOTH_CHANGED, ITEM)

    def _nested(self, base: Unit | None, ours: Unit, theirs: Unit) -> str:
        """Merge a table, the front matter or a mapping in it: the first lines, then the parts."""
        old = base.own if base else ""
        head = choose(old, ours.own, theirs.own)
        if head is None and ours.kind == TABLE:
            rows = [text.partition("\n") for text in (old, ours.own, theirs.own)]
            first = merge_row(*(row[0] for row in rows))
            below = choose(*(row[2].replace("-", "") for row in rows))
            head = None if first is None or below is None else f"{first}\n{rows[1][2]}"
        if head is None:
            return self._leaf(base.text if base else "", ours, theirs)
        return self._combine(old, ours.own, theirs.own, head) + self.inside(base, ours, theirs)

    def _marked(self, ours: Unit, theirs: Unit) -> str:
        """Keep both versions of an unresolved merge: someone has to look at it anyway."""
        text = f"{ours.text}\n{theirs.text}"
        self.clashes.append(Clash("/".join(self.place), text, "both sides changed an unresolved merge"))
        self.blocks.append(Block(text, ours.text, theirs.text))
        return text

    def _leaf(self, old: str, ours: Unit, theirs: Unit) -> str:
        worded = self._words(old, ours, theirs)
        if worded is None:
            return self._clash(ours.text, theirs.text, BOTH_CHANGED, ours.kind)
        self.combined += worded.combined
        return worded.text

    def _words(self, old: str, ours: Unit, theirs: Unit) -> Worded | None:
        texts = old, ours.text, theirs.text
        if ours.kind == RECORD:
            record = merge_record(*texts)
            return None if record is None else Worded(record, (Combined(*texts, record),))
        if ours.kind == "value":
            return merge_field(ours.key, *texts)
        if ours.kind == ROW:
            row = merge_row(*texts)
            return None if row is None else Worded(row, (Combined(*texts, row),))
        stamp = later_stamp(*texts, labelled=not self._is_stamp)
        if stamp is not None:
            return Worded(stamp, (Combined(*texts, stamp),))
        return merge_rows(*texts, strict=ours.kind not in {"paragraph", "quote"}) if old else None

    def _combine(self, base: str, ours: str, theirs: str, merged: str) -> str:
        if ours != theirs and base not in (ours, theirs):
            self.combined.append(Combined(base, ours, theirs, merged))
        return merged

    def _clash(self, ours: str, theirs: str, why: str, kind: str) -> str:
        apart = kind not in _IN_YAML and (kind not in _CLOSED or not ours)
        text, blocks = self.markers.blocks(ours, theirs, apart=apart)
        self.clashes += [Clash("/".join(self.place), block.removesuffix("\n"), why) for block in blocks]
        self.blocks.append(Block(text.removesuffix("\n"), ours, theirs))
        return text.removesuffix("\n")


def _name_stamp(parts: list[Unit]) -> None:
    """Name the time in a stamp section, or its placeholder, so that it is known for the same one after any edit."""
    for part in parts:
        if part.kind in {"paragraph", ITEM} and "\n" not in part.text and (time_of(part.text) or part.text[:1] == "["):
            part.key = "stamp"
            return


def _by_time(steps: list[Step], level: Level) -> list[Step]:
    """Return the steps with the new records of both sides between two old ones in the order of their times."""
    found: list[Step] = []
    for is_new, group in groupby(steps, lambda step: step.action in {"ours", "theirs"}):
        if not is_new:
            found += group
            continue
        rows = list(group)
        ours, theirs = ([step for step in rows if step.action == side] for side in ("ours", "theirs"))
        found += in_time(ours, theirs, lambda step: _record_of(step, level))
    return found


def _record_of(step: Step, level: Level) -> object:
    unit = level.ours[step.ours[0]] if step.ours else level.theirs[step.theirs[0]] if step.theirs else None
    try:
        return parsed(unit.text) if unit else None
    except ValueError:
        return None
