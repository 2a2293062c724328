"""Choose what is loaded within a budget, so that every choice can be explained.

Nothing here reads a file or the time: the same candidates always lead to the same text and explanation.

An item is loaded whole, in the short form made by its layer, or not at all. Pinned items come first and are never left
out; then items are added by value per token, as long as they fit.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.patterns import later
from memorybank.recall.recall_errors import BudgetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypedDict

    class BudgetChoiceWire(TypedDict):
        """What was done with a candidate for loading, and why."""

        layer: str
        address: str
        hint: str
        why: str
        begins: str
        size: int
        value: float
        rank: float
        terms: dict[str, float]
        also: list[str]


_RUN = later(
    "(?=[A-Za-z]*[0-9])([A-Za-z0-9]{12,})|[A-Z]?[a-z]+|[A-Z]+|( ?[0-9]+)|(\n|[ \t\r\f\v]{2,})|([!-/:-@\\[-`{-~]+)"
    "|([^\0-\x7f]+)"
)
_WORD, _HASH, _NUMBER, _SPACE, _SIGNS = None, 1, 2, 3, 4
# hundredths of a token per character: in a hash; below U+0400 (accented and Greek letters), below U+0530 (Cyrillic),
# below U+0800 (Hebrew, Arabic), below U+10000 (South Asian scripts, CJK); and for emoji
_OF_HASH = 75
_OF_SCRIPT = ((0x400, 130), (0x530, 65), (0x800, 115), (0x10000, 150))
_OF_EMOJI = 350
# letters: an English word up to _SHORT is one token; in a longer word each further letter adds a part; more than
# _ENDLESS is not a word
_SHORT, _LONG, _ENDLESS = 6, 12, 24
_LETTER, _FAR_LETTER, _ANY_LETTER = 22, 30, 60
_ONE = 100
# digits, spaces and signs per token
_DIGITS, _SPACES, _PAIR = 3, 16, 2


# runs that are one token or more each, wherever they stand
_AT_LEAST_ONE = later(r"[A-Za-z]+|[!-/:-@\[-`{-~]+")


def fewest_tokens(text: str) -> int:
    """Return a number that `count_tokens` is never below, in a tenth of its time."""
    return len(_AT_LEAST_ONE.findall(text))


def count_tokens(text: str) -> int:
    """Estimate the number of tokens of a text, rather too high than too low.

    It counts runs of characters, a few megabytes per second. Compared with cl100k the result is 9 to 29 % too high for
    English and source code, and 5 to 40 % too high for other scripts; docs/loading.md has the table. A text of whole
    lines never has more tokens than its parts together.
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
            # a space is part of the token of the word after it, but not of a number
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

    `key` identifies it; `order` is its position in the text, below the line `head`. `text` has whole lines, and so has
    `short`, an optional shorter form. `terms` are the parts of its value; `pinned` says why it must not be left out.
    `fetch` is the command that prints it. `also` are the other layers that offered it.
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
        """The value: the sum of the terms."""
        return max(sum(self.terms.values()), 0.0)


class BudgetChoice(NamedTuple):
    """What was done with a candidate, and why.

    `size` is its size in the unit of the budget, tokens or characters; `begins` is the start of its text, and `content`
    the text itself, in the form that was loaded or would have been. `rank` is its value per 100 units of size.
    `is_unread` is set for a file that cannot be read.
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
    content: str = ""
    is_unread: bool = False

    def to_wire(self) -> BudgetChoiceWire:
        """Return the JSON form; `hint` is the command that prints it."""
        return {
            "layer": self.layer,
            "address": self.address,
            "hint": self.fetch,
            "why": self.reason,
            "begins": self.begins,
            "size": self.size,
            "value": self.value,
            "rank": self.rank,
            "terms": dict(self.terms),
            "also": list(self.also),
        }


class Selection(NamedTuple):
    """The text, its size, and the choices: each candidate is in one of the three lists.

    What is in the text has its order; what was left out comes by value.
    """

    text: str
    size: int
    included: tuple[BudgetChoice, ...]
    shortened: tuple[BudgetChoice, ...]
    omitted: tuple[BudgetChoice, ...]


class Budget(NamedTuple):
    """How much may be loaded, in a unit that `measure` counts; a limit of None loads everything."""

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
    """Return each candidate once, even if several layers offer it: the pinned one, else the most valuable one."""
    found: dict[str, Candidate] = {}
    said: dict[str, str] = {}
    for candidate in candidates:
        words = _folded(candidate.text)
        twin = candidate.key if candidate.key in found else said.get(words, "")
        if not twin or (twin != candidate.key and found[twin].layer == candidate.layer):
            # the same words twice in one layer are two separate entries
            found[candidate.key] = candidate
            said.setdefault(words, candidate.key)
            continue
        best, rest = sorted((found[twin], candidate), key=lambda one: (not one.pinned, -one.value))
        layers = (*best.also, rest.layer, *rest.also)
        found[twin] = best._replace(also=tuple(dict.fromkeys(layer for layer in layers if layer != best.layer)))
    return list(found.values())


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).lstrip("-*+ ")


def select(candidates: Sequence[Candidate], budget: Budget, command: str = "bank load") -> Selection:
    """Choose what is loaded; `command` is the command to run again with a larger budget.

    Raises:
        BudgetError: the pinned items do not fit.
    """
    # each text is measured several times, and some are long
    size_of = cache(budget.measure)
    budget = budget._replace(measure=size_of)
    ranked = sorted(candidates, key=lambda each: (not each.pinned, -_rank(each, size_of), each.order))
    whole = _sum(candidates, size_of)
    if budget.limit is None or whole <= budget.limit:
        taken = [
            _Taken(each, each.text, each.head, each.pinned or "everything fits", is_short=False) for each in ranked
        ]
        return _selection(taken, [], budget, "")
    # as long as it can get
    closing = _closing(0, len(candidates), len(candidates))
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
                    reason = f"the full text needs {_cost(each.text, each.head, heads, size_of)}, and less was left"
                taken.append(_Taken(each, text, head, reason, is_short))
                break
        else:
            cost = _cost(each.text, each.head, heads, size_of)
            omitted.append((each, f"it needs {cost}, but only {left} were left"))
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
    for candidate in candidates:
        total += _cost(candidate.text, candidate.head, heads, size_of)
        heads.add(candidate.head)
    return total


def _cost(text: str, head: str, heads: set[str], size_of: Callable[[str], int]) -> int:
    return size_of(text) + (0 if head in heads else size_of(f"{head}\n"))


def _closing(omitted: int, shortened: int, count: int) -> str:
    short = f", {shortened} of them in short" if shortened else ""
    return f"=== {count - omitted} of {count} shown{short}; --explain lists the rest\n"


def _selection(
    taken: Sequence[_Taken], omitted: Sequence[tuple[Candidate, str]], budget: Budget, closing: str
) -> Selection:
    rows: list[str] = []
    head = ""
    taken = sorted(taken, key=lambda one: one.candidate.order)
    for each in taken:
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
        content=text,
    )


_BEGINS = 80
