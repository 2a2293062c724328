"""Packs corrections into a budget: the best first, then what still fits, and none twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later
from memorybank.records.corrections.correction import ACCEPTED
from memorybank.stem import stem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.records.corrections.correction import Correction
    from memorybank.records.corrections.score import Scored

WARN_PERCENT = 70
_PREMISE = 80
# fewer words than these may mean something else after another premise
_FEW = 4
_FILLERS = frozenset("a an the please again just really already actually and so i you we said told ok okay".split())  # noqa: SIM905
_WORD = later(r"[^\W_]+")


class Left(NamedTuple):
    """A correction that was left out: its id, the length of its text, why, and whether another one says the same."""

    id: str
    size: int
    why: str
    is_twin: bool = False


class Packed(NamedTuple):
    """What fits into a budget: the text with a line for each, those that were chosen, those left out, and the size."""

    text: str
    chosen: tuple[Scored, ...]
    left_out: tuple[Left, ...]
    size: int
    limit: int | None
    unit: str


def line_of(correction: Correction) -> str:
    """Return a correction as one line: its tier, what the user said, what it was said about, and its id."""
    said = _one_line(correction.text)
    premise = _one_line(f"{correction.premise.tool} {correction.premise.text}")
    if len(premise) > _PREMISE:
        premise = f"{premise[: _PREMISE - 1]}…"
    about = f" (about: {premise})" if premise else ""
    pending = "" if correction.status == ACCEPTED else ", not accepted yet"
    return f"[{correction.effective_tier}] {said}{about} {{{correction.id}{pending}}}\n"


def pack(
    scored: Sequence[Scored],
    limit: int | None,
    *,
    unit: str = "characters",
    measure: Callable[[str], int] = len,
    fewest: Callable[[str], int] | None = None,
) -> Packed:
    """Pack corrections, which come best first, into a budget; `measure` counts its unit, None is no limit.

    `fewest` is quicker than `measure` and never above it: what does not fit even so need not be measured.

    A correction that does not fit is left out, and smaller ones after it may still fit. Of several that say the same
    only the best is there, or the best that was accepted.
    """
    rows: list[str] = []
    chosen: list[Scored] = []
    left: list[Left] = []
    said: dict[tuple[str, ...], str] = {}
    if any(each.correction.status != ACCEPTED for each in scored):
        # one that was accepted stands for those that say the same and wait
        for correction, _ in scored:
            if correction.status == ACCEPTED:
                said.setdefault(sense_of(correction), correction.id)
    size = 0
    full = ""
    for each in scored:
        correction = each.correction
        length = len(correction.text)
        if full:
            left.append(Left(correction.id, length, full))
            continue
        line = line_of(correction)
        needs = "at least "
        cost = fewest(line) if fewest is not None and limit is not None else 0
        if limit is None or size + cost <= limit:
            needs, cost = "", measure(line)
        if limit is not None and size + cost > limit:
            room = limit - size
            left.append(Left(correction.id, length, f"it needs {needs}{cost} {unit}, but only {room} were left"))
            # what every line has: where less is left, the others need not be measured
            full = f"only {room} {unit} were left" if (fewest or measure)(f"[low] {{{correction.id}}}\n") > room else ""
            continue
        twin = said.setdefault(sense_of(correction), correction.id)
        if twin != correction.id:
            left.append(Left(correction.id, length, f"it says the same as {twin}", is_twin=True))
            continue
        rows.append(line)
        chosen.append(each)
        size += cost
    text = "".join(rows)
    return Packed(text, tuple(chosen), tuple(left), measure(text), limit, unit)


def window_warning(tokens: int, window: int) -> str:
    """Return a warning if a text takes too much of the window of a model, else ""."""
    if window <= 0 or tokens * 100 <= window * WARN_PERCENT:
        return ""
    return f"{tokens} tokens are {tokens * 100 / window:.1f} % of the window of {window}: more than {WARN_PERCENT} %"


def _one_line(text: str) -> str:
    """Return a text in one line without characters that a terminal obeys or that turn the direction of writing."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(char for char in line if char.isprintable())


def sense_of(correction: Correction) -> tuple[str, ...]:
    """Return what a correction says, to compare it with others: its words in order, as stems and without fillers.

    One that says little by itself, such as `not that one`, has the words of its premise too.
    """
    words = tuple(stem(word) for word in _WORD.findall(correction.text.casefold()) if word not in _FILLERS)
    if len(words) < _FEW and not correction.values:
        words = (*words, "", *_WORD.findall(f"{correction.premise.tool} {correction.premise.text}".casefold()))
    # signs are no words, but they are a part of an exact value
    return (*words, "", *sorted(correction.values))
