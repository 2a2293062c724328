"""Find the units of an older text in a newer one: unchanged, edited, moved, renamed. The rest was deleted or is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later
from memorybank.records.memories.reviewed import unmarked
from memorybank.team.merge.align import align, rising
from memorybank.team.merge.units import FIELD, ITEM, RECORD, ROW, SECTION, TABLE, Unit
from memorybank.team.merge.word_merge import head_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_RECORD_TIME = later(r"\"(?:at|timestamp|time|ts)\"\s*:\s*\"([^\"]*)\"")
# from this share of common words on, a unit in the place of another is its new wording
_ALIKE = 0.5
_LETTERS = 0.6
# from this share on, also in another place
MUCH_ALIKE = 0.7
# so many units at one place are compared each with each
_MOST = 40
_LONG = 2_000
_NAMED = frozenset({SECTION, TABLE})
# words; entries of that many are not the same by chance
_ENOUGH = 3


class Pairs(NamedTuple):
    """For each unit of the older text its index in the newer one, or -1; which of them have moved, which are a guess.

    A guess is one unit in the place of another without common words: an edit only if the other side has an edit, too.
    """

    to: tuple[int, ...]
    moved: frozenset[int]
    guessed: frozenset[int]


def pair(old: Sequence[Unit], new: Sequence[Unit], is_placeholder: Callable[[Unit], bool]) -> Pairs:
    """Pair the units of one level."""
    finder = _Finder(old, new, is_placeholder)
    finder.find()
    return finder.pairs()


def contested(pairs: Pairs, others: Pairs, units: Sequence[Unit], old: Sequence[Unit]) -> Pairs:
    """Leave out the guesses about units that the other side, `others` and `units`, left as they were.

    These are an old unit that was deleted, and a new one that may be there on the other side, too.
    """
    sure = {i for i in pairs.guessed if (at := others.to[i]) >= 0 and units[at].plain == old[i].plain}
    to = tuple(-1 if i in sure else at for i, at in enumerate(pairs.to)) if sure else pairs.to
    return Pairs(to, pairs.moved - sure, pairs.guessed - sure)


class _Finder:
    def __init__(self, old: Sequence[Unit], new: Sequence[Unit], is_placeholder: Callable[[Unit], bool]) -> None:
        self.old = old
        self.new = new
        self.is_placeholder = is_placeholder
        self.to: dict[int, int] = dict(align([each.plain for each in old], [each.plain for each in new]))
        self.guessed: set[int] = set()

    def find(self) -> None:
        if len(self.to) == len(self.old) == len(self.new):
            return
        # a key first: a section that kept its name is the same one, whatever is in it
        repeated = self._repeated()
        self._by(lambda unit: None if (made := _key(unit)) in repeated else made, in_order=True)
        self._by(_key)
        self._by(lambda unit: unit.plain if unit.kind != "rule" else None)
        self._by(_words_of_item)
        for olds, news in self._places():
            self._by_words(olds, news)
        self._by(_key, in_order=True)
        self._by_likeness()
        for olds, news in self._places():
            self._by_place(olds, news)

    def pairs(self) -> Pairs:
        stay = {a for a, _ in rising(sorted(self.to.items()))}
        to = tuple(self.to.get(i, -1) for i in range(len(self.old)))
        return Pairs(to, frozenset(self.to.keys() - stay), frozenset(self.guessed))

    def _left(self) -> tuple[list[int], list[int]]:
        taken = set(self.to.values())
        olds = [i for i in range(len(self.old)) if i not in self.to and not self.is_placeholder(self.old[i])]
        return olds, [i for i in range(len(self.new)) if i not in taken and not self.is_placeholder(self.new[i])]

    def _repeated(self) -> set[object]:
        """Return the keys of sections and tables of which one side has more than the other: the words say which."""
        counts = [Counter(_key(each) for each in units if each.kind in _NAMED) for units in (self.old, self.new)]
        return {key for key in counts[0].keys() & counts[1].keys() if counts[0][key] != counts[1][key]}

    def _by(self, key: Callable[[Unit], object], *, in_order: bool = False) -> None:
        """Pair what is left by a key that is there equally often; in order also if it is there more often."""
        olds, news = self._left()
        if not olds or not news:
            return
        if in_order:
            left = [(i, made) for i in olds if (made := key(self.old[i])) is not None]
            right = [(i, made) for i in news if (made := key(self.new[i])) is not None]
            found = align([made for _, made in left], [made for _, made in right])
            self.to.update((left[a][0], right[b][0]) for a, b in found)
            return
        ours, theirs = self._grouped(self.old, olds, key), self._grouped(self.new, news, key)
        for made, at in ours.items():
            if len(at) == len(theirs.get(made, ())):
                self.to.update(zip(at, theirs[made], strict=True))

    @staticmethod
    def _grouped(
        units: Sequence[Unit], numbers: Sequence[int], key: Callable[[Unit], object]
    ) -> dict[object, list[int]]:
        found: dict[object, list[int]] = defaultdict(list)
        for i in numbers:
            made = key(units[i])
            if made is not None:
                found[made].append(i)
        return found

    def _places(self) -> list[tuple[list[int], list[int]]]:
        """Return what is left on both sides between two neighbors that are paired in order."""
        olds, news = self._left()
        places = []
        a = b = 0
        bounds = [*rising(sorted(self.to.items())), (len(self.old), len(self.new))]
        left, right = iter([*olds, len(self.old)]), iter([*news, len(self.new)])
        one, other = next(left), next(right)
        for a, b in bounds:
            mine: list[int] = []
            yours: list[int] = []
            while one < a:
                mine.append(one)
                one = next(left)
            while other < b:
                yours.append(other)
                other = next(right)
            if mine and yours:
                places.append((mine, yours))
        return places

    def _by_words(self, olds: list[int], news: list[int]) -> None:
        """Pair the units of one place so that the sum of their likeness is greatest; they stay in order."""
        if len(olds) > _MOST or len(news) > _MOST:
            if len(olds) != len(news):
                return
            self.to.update(
                (a, b) for a, b in zip(olds, news, strict=True) if likeness(self.old[a], self.new[b]) >= _ALIKE
            )
            return
        like = [[likeness(self.old[a], self.new[b]) for b in news] for a in olds]
        best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
        for i in range(len(olds) - 1, -1, -1):
            for j in range(len(news) - 1, -1, -1):
                take = best[i + 1][j + 1] + like[i][j] if like[i][j] >= _ALIKE else 0.0
                best[i][j] = max(take, best[i + 1][j], best[i][j + 1])
        i = j = 0
        while i < len(olds) and j < len(news):
            if like[i][j] >= _ALIKE and best[i][j] == best[i + 1][j + 1] + like[i][j]:
                self.to[olds[i]] = news[j]
                i, j = i + 1, j + 1
            elif best[i][j] == best[i + 1][j]:
                i += 1
            else:
                j += 1

    def _by_likeness(self) -> None:
        """Pair what was moved and edited: the most alike first, if they are more alike than different."""
        olds, news = self._left()
        if len(olds) * len(news) > _MOST * _MOST:
            return
        found = ((likeness(self.old[a], self.new[b]), -a, -b) for a in olds for b in news)
        for _, a, b in sorted((each for each in found if each[0] >= MUCH_ALIKE), reverse=True):
            if -a not in self.to and -b not in self.to.values():
                self.to[-a] = -b

    def _by_place(self, olds: list[int], news: list[int]) -> None:
        """Guess that as many units of the same kinds at one place are the old ones, written anew."""
        kinds = [self.old[a].kind for a in olds]
        if kinds == [self.new[b].kind for b in news] and not {SECTION, FIELD, RECORD, "value", "line"} & {*kinds}:
            self.to.update(zip(olds, news, strict=True))
            self.guessed.update(olds)


def _key(unit: Unit) -> object:
    return (unit.kind, unit.level, unit.key) if unit.key else None


def time_of_record(unit: Unit) -> str:
    """Return the time of a record as it is written; "" without one."""
    found = _RECORD_TIME.search(unit.text)
    return found[1] if found else ""


def likeness(one: Unit, other: Unit) -> float:
    """Return how much two units of one kind have in common: 1 is all, 0 nothing."""
    if one.kind != other.kind:
        return 0.0
    if one.kind in {ITEM, ROW}:
        return _likeness_of_lines(one, other)
    if one.kind == SECTION:
        return _likeness_of_sections(one, other)
    if one.kind == TABLE:
        return max(_share(_rows(one.text), _rows(other.text)), 0.6 if one.key == other.key else 0.0)
    if one.kind == RECORD:
        return 0.0 if time_of_record(one) != time_of_record(other) else _share(one.text.split(), other.text.split())
    if one.kind in {FIELD, "value"}:
        return 0.0
    if "\n" in one.text and "\n" in other.text:
        rows = _share(_rows(one.text), _rows(other.text))
        if rows >= _ALIKE:
            return rows
    return _share(one.text.split(), other.text.split())


def is_extended(one: Unit, other: Unit) -> bool:
    """Return whether two items are one: equal words, or a few more of them on one side. Short ones may repeat."""
    first, second = _words(one).split(), _words(other).split()
    if min(len(first), len(second)) < _ENOUGH or (one.key and other.key and one.key != other.key):
        return False
    common = (Counter(first) & Counter(second)).total()
    return common == min(len(first), len(second)) and _share(first, second) >= MUCH_ALIKE


def _likeness_of_lines(one: Unit, other: Unit) -> float:
    if one.kind == ITEM and one.key and other.key:
        # an id says which item it is
        return 1.0 if one.key == other.key else 0.0
    first, second = _words(one), _words(other)
    shared = _share(first.split(), second.split())
    if not first or not second or shared >= _ALIKE:
        return shared
    if len(first) < _LONG and len(second) < _LONG and max(len(first.split()), len(second.split())) <= 3:  # noqa: PLR2004  few words have few in common
        # common letters say less than a common word
        return min(SequenceMatcher(None, first, second, autojunk=False).ratio() - 0.1, _LETTERS)
    return shared


def _likeness_of_sections(one: Unit, other: Unit) -> float:
    if one.level != other.level:
        return 0.0
    rows, others = _rows(one.text)[1:], _rows(other.text)[1:]
    body = _share(rows, others) if rows and others else 0.6 if rows == others else 0.0
    # of two with one name it is the one with more in common
    return max(body, _share(one.key.split(), other.key.split())) + body / 100


def _share(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of words, or lines, that two texts have in common."""
    if not one or not other:
        return 0.0
    common = (Counter(one) & Counter(other)).total()
    return 2 * common / (len(one) + len(other))


def _rows(text: str) -> list[str]:
    return [row.strip() for row in text.split("\n") if row.strip()]


def _words(unit: Unit) -> str:
    """Return the words of an item or row, without mark and box, and without the mark of a review."""
    return unmarked(head_of(unit.own).text) if unit.kind == ITEM else unit.text.strip(" |\t")


def _words_of_item(unit: Unit) -> object:
    """Return what stays of an item that was moved and ticked."""
    return _words(unit) or None if unit.kind == ITEM else None
