"""Choosing what is loaded within a budget, so that every choice can be told.

Nothing here reads a file or the time: candidates come in, a text and its account go out, the same for the same.

An item is taken whole, in the shorter form that its layer made of whole parts, or not at all. Pinned ones come first
and are never left out; then, one after the other, what is worth most per token, as long as it fits.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.recall.recall_errors import BudgetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_RUN = re.compile(
    "(?=[A-Za-z]*[0-9])([A-Za-z0-9]{12,})|[A-Z]?[a-z]+|[A-Z]+|( ?[0-9]+)|(\n|[ \t\r\f\v]{2,})|([!-/:-@\\[-`{-~]+)"
    "|([^\0-\x7f]+)"
)
_WORD, _HASH, _NUMBER, _SPACE, _SIGNS = None, 1, 2, 3, 4
# hundredths of a token a character: in a hash; below U+0400, which are accented and Greek letters, then Cyrillic,
# Hebrew and Arabic, the scripts of South Asia with CJK, and emoji
_OF_HASH = 75
_OF_SCRIPT = ((0x400, 130), (0x530, 65), (0x800, 115), (0x10000, 150))
_OF_EMOJI = 350
# an English word up to so long is one token, of a longer one each further letter adds a part; what is longer still is
# no word
_SHORT, _LONG, _ENDLESS = 6, 12, 24
_LETTER, _FAR_LETTER, _ANY_LETTER = 22, 30, 60
_ONE = 100
# of a run: digits, spaces, signs to a token
_DIGITS, _SPACES, _PAIR = 3, 16, 2


def count_tokens(text: str) -> int:
    """Estimate how many tokens a text has, rather too many than too few.

    By the runs of its characters, a few megabytes a second. Against cl100k it comes out 9 to 29 % above for English
    and source code and 5 to 40 % above for other scripts; docs/loading.md has the table. A text of whole lines never
    has more than its parts together.
    """
    total = 0
    for run in _RUN.finditer(text):
        kind, length = run.lastindex, run.end() - run.start()
        if kind is _WORD:
            total += _ONE
            if length > _SHORT:
                each = _LETTER if length <= _LONG else _FAR_LETTER if length <= _ENDLESS else _ANY_LETTER
                total += (length - _SHORT) * each
        elif kind == _NUMBER:
            # a space belongs to the word behind it, but not to a number
            spaces = run.group().startswith(" ")
            total += _ONE * (spaces - (spaces - length) // _DIGITS)
        elif kind == _SPACE:
            total += _ONE * -(-length // _SPACES)
        elif kind == _SIGNS:
            total += _ONE * -(-length // _PAIR)
        elif kind == _HASH:
            total += _OF_HASH * length
        else:
            total += sum(_of_script(ord(char)) for char in run.group())
    return -(-total // _ONE)


def _of_script(code: int) -> int:
    return next((each for end, each in _OF_SCRIPT if code < end), _OF_EMOJI)


class Candidate(NamedTuple):
    """One thing that could be loaded.

    `key` tells it from others; `order` is its place in the text, below the line `head`. `text` is whole lines, and so
    is `short`, a shorter form, where it has one. `terms` are what it is worth and why; `pinned` says why it may not
    be left out. `fetch` is the command that prints it. `also` are further layers it came from.
    """

    key: str
    layer: str
    order: tuple[Any, ...]
    head: str
    text: str
    address: str
    fetch: str
    short: str = ""
    short_head: str = ""
    terms: Mapping[str, float] = {}
    pinned: str = ""
    also: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """What it is worth: the sum of its terms."""
        return max(sum(self.terms.values()), 0.0)


class BudgetChoice(NamedTuple):
    """What was done with a candidate, and why.

    `size` is what it takes up, or would, in tokens (or characters, when the budget is one of them); `begins` is how it
    begins. `rank` is its value per 100 of that.
    """

    layer: str
    address: str
    fetch: str
    reason: str
    begins: str
    size: int
    value: float
    rank: float
    terms: Mapping[str, float]
    also: tuple[str, ...] = ()


class Selection(NamedTuple):
    """The text, what it takes up, and the account: each candidate is in one of the three."""

    text: str
    size: int
    included: tuple[BudgetChoice, ...]
    shortened: tuple[BudgetChoice, ...]
    omitted: tuple[BudgetChoice, ...]


class Budget(NamedTuple):
    """How much may be loaded: so many of a unit, which `measure` counts; None for all of it."""

    limit: int | None
    unit: str = "tokens"
    measure: Callable[[str], int] = count_tokens


class _Taken(NamedTuple):
    candidate: Candidate
    text: str
    head: str
    reason: str
    is_short: bool


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Give what several layers offer once, in its best form: pinned before all, else the one worth most."""
    found: dict[str, Candidate] = {}
    said: dict[str, str] = {}
    for each in candidates:
        words = _folded(each.text)
        twin = each.key if each.key in found else said.get(words, "")
        if not twin or (twin != each.key and found[twin].layer == each.layer):
            # the same words twice in one layer are two things that were written down
            found[each.key] = each
            said.setdefault(words, each.key)
            continue
        best, rest = sorted((found[twin], each), key=lambda one: (not one.pinned, -one.value))
        layers = (*best.also, rest.layer, *rest.also)
        found[twin] = best._replace(also=tuple(dict.fromkeys(each for each in layers if each != best.layer)))
    return list(found.values())


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).lstrip("-*+ ")


def select(candidates: Sequence[Candidate], budget: Budget, command: str = "bank load") -> Selection:
    """Choose what is loaded; `command` is how a larger budget is asked for.

    Raises:
        BudgetError: what is pinned does not fit.
    """
    # each text is asked for several times, and some are long
    size_of = cache(budget.measure)
    budget = budget._replace(measure=size_of)
    ranked = sorted(candidates, key=lambda each: (not each.pinned, -_rank(each, size_of), each.order))
    whole = _sum(candidates, size_of)
    if budget.limit is None or whole <= budget.limit:
        taken = [_Taken(each, each.text, each.head, each.pinned or "all of it fits", is_short=False) for each in ranked]
        return _selection(taken, [], budget, "")
    closing = _closing(len(candidates), len(candidates), len(candidates))
    left = budget.limit - size_of(closing)
    pinned = [each for each in ranked if each.pinned]
    needed = _sum(pinned, size_of)
    if needed > left:
        needed = min(needed + size_of(closing), whole)
        raise BudgetError(needed=needed, limit=budget.limit, unit=budget.unit, count=len(pinned), command=command)
    taken, omitted = [], []
    heads: set[str] = set()
    for place, each in enumerate(ranked, 1):
        for text, head, is_short in ((each.text, each.head, False), (each.short, each.short_head, True)):
            cost = _cost(text, head, heads, size_of)
            if text and cost <= left:
                heads.add(head)
                left -= cost
                reason = each.pinned or f"{_ordinal(place)} by value"
                if is_short:
                    reason = f"whole it takes {_cost(each.text, each.head, heads, size_of)}, and less was left"
                taken.append(_Taken(each, text, head, reason, is_short))
                break
        else:
            cost = _cost(each.text, each.head, heads, size_of)
            omitted.append((each, f"it takes {cost}, and {left} were left when its turn came"))
    count = len(omitted)
    short = sum(each.is_short for each in taken)
    return _selection(taken, omitted, budget, _closing(count, short, len(candidates)))


def _ordinal(place: int) -> str:
    return f"number {place}"


def _rank(each: Candidate, size_of: Callable[[str], int]) -> float:
    return each.value / max(size_of(each.text), 1)


def _sum(candidates: Iterable[Candidate], size_of: Callable[[str], int]) -> int:
    heads: set[str] = set()
    total = 0
    for each in candidates:
        total += _cost(each.text, each.head, heads, size_of)
        heads.add(each.head)
    return total


def _cost(text: str, head: str, heads: set[str], size_of: Callable[[str], int]) -> int:
    return size_of(text) + (0 if head in heads else size_of(f"{head}\n"))


def _closing(omitted: int, shortened: int, count: int) -> str:
    short = f", {shortened} shortened" if shortened else ""
    return f"=== left out: {omitted} of {count}{short}; --explain tells which\n"


def _selection(
    taken: Sequence[_Taken], omitted: Sequence[tuple[Candidate, str]], budget: Budget, closing: str
) -> Selection:
    rows: list[str] = []
    head = ""
    for each in sorted(taken, key=lambda one: one.candidate.order):
        if each.head != head:
            head = each.head
            rows.append(f"{head}\n")
        rows.append(each.text)
    text = "".join(rows) + closing
    size_of = budget.measure
    return Selection(
        text,
        size_of(text),
        tuple(_choice(each.candidate, each.text, each.reason, size_of) for each in taken if not each.is_short),
        tuple(_choice(each.candidate, each.text, each.reason, size_of) for each in taken if each.is_short),
        tuple(_choice(each, each.text, reason, size_of) for each, reason in omitted),
    )


def _choice(each: Candidate, text: str, reason: str, size_of: Callable[[str], int]) -> BudgetChoice:
    begins = " ".join(text.split())
    return BudgetChoice(
        layer=each.layer,
        address=each.address,
        fetch=each.fetch,
        reason=reason,
        begins=begins if len(begins) <= _BEGINS else f"{begins[: _BEGINS - 1]}…",
        size=size_of(text),
        value=round(each.value, 3),
        rank=round(100 * _rank(each, size_of), 3),
        terms={name: round(value, 3) for name, value in each.terms.items() if value},
        also=each.also,
    )


_BEGINS = 80
