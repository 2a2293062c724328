"""The deterministic judge: whether a text holds what a correction fixed, close together, and nothing later against it.

It counts words, so it is strict with a text that says the same in other words: that is what model judges are for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later
from memorybank.recall.words.terms import STOP_WORDS, words_of
from memorybank.workflow.contradictions.clash import clash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memorybank.records.corrections.correction import Correction

# the part of the words that must be there: with an exact value that only the correction has, and without one
WITH_VALUE, WITHOUT = 0.34, 0.6
# what belongs together stands within this many characters, or within twice the length of the correction
_NEAR = 300
_LONGEST = 2000
_WORD = later(r"[^\W_]+(?:['\u2019][^\W_]+)*")
# how a correction begins, which says nothing about what it fixed
_OPENERS = frozenset(
    (  # noqa: SIM905  a list of words is read as words
        "no nope not actually wait stop instead correction wrong sorry please just ok okay hey well again said told "
    ).split()
)
_NOT = later(
    r"\b(?:not|never|no longer|without|avoid|stop|don'?t|do not|doesn'?t|mustn'?t|can'?t|cannot|won'?t"
    r"|shouldn'?t|isn'?t|nicht|kein\w*|nie|niemals|ohne|ne|pas|jamais|sans|nunca|jamás|sin|sem|jamais|не|нельзя|никогда|без)\b"
    r"|n't\b|[不别勿]|没有|ない|しない|ません",
    re.IGNORECASE,
)
# what is turned away and named beside its replacement: "8443, not 8080"
_AGAINST = later(
    r"(?:\bnot|\binstead of|\brather than|\bin place of"
    r"|\bstatt|\bau lieu de|\ben vez de|\bem vez de|\b\u0430 \u043d\u0435)"
    r"\s+(?:the |a |port |to |use |using )*[`\"'(]*\Z",
    re.IGNORECASE,
)
_LEAD = later(r"\A(?:\s*(?:no|nope|nein|non|não|нет|不|いいえ)\s*[,.!:;\u2013\u2014\u3001\uff0c-]+)+", re.IGNORECASE)


class Requirement(NamedTuple):
    """What a text must hold: exact values, words as stems with those that the question lacks, and a negation or not."""

    text: str
    values: tuple[str, ...]
    words: frozenset[str]
    new: frozenset[str]
    part: float
    negates: bool
    width: int

    @property
    def is_askable(self) -> bool:
        """Whether it says anything that can be looked for; "no, not like that" does not."""
        return bool(self.values) or len(self.words) > 1


class Statement(NamedTuple):
    """Something a user said that a context holds, with its place in time."""

    order: tuple[int, int]
    text: str


def wanted_of(correction: Correction) -> Requirement:
    """Return what must be recovered of a correction by somebody who knows only its premise."""
    text = _LEAD.sub("", correction.text).strip()[:_LONGEST] or correction.text
    question = f"{correction.premise.text}\n{correction.premise.tool}"
    every = [value for value in dict.fromkeys(correction.values) if value]
    values = [value for value in every if not _is_against(text, value)] or every
    new_values = [value for value in values if not holds(question, value)]
    words = _content(text).difference(*map(_content, every))
    return Requirement(
        text=text,
        values=tuple(new_values or values),
        words=words,
        new=words - _content(question),
        part=WITH_VALUE if new_values else WITHOUT,
        # "8443, not 8080" is also said by "on port 8443"
        negates=not new_values and _NOT.search(text) is not None,
        width=max(_NEAR, 2 * len(text)),
    )


def is_recovered(
    text: str, wanted: Requirement, *, after: Iterable[Statement] = (), order: tuple[int, int] = (0, 0)
) -> bool:
    """Check whether a text holds what is wanted, and none of what the user said `after` contradicts it.

    `order` is the place in time of the correction itself.
    """
    if not any(_is_enough(text[start:end], found, wanted) for start, end, found in _windows(text, wanted)):
        return False
    return not any(each.order > order and _is_against_it(each.text, wanted.text) for each in after)


def holds(text: str, value: str) -> bool:
    """Check whether a text has an exact value, not as a part of a longer one."""
    return next(_places(text, value), -1) >= 0


def _places(text: str, value: str) -> Iterator[int]:
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        is_start = not (value[0].isalnum() and at and text[at - 1].isalnum())
        if is_start and not (value[-1].isalnum() and text[end : end + 1].isalnum()):
            yield at
        at = text.find(value, end)


def _is_against(text: str, value: str) -> bool:
    places = list(_places(text, value))
    return bool(places) and all(_AGAINST.search(text[max(0, at - 40) : at]) for at in places)


@lru_cache(maxsize=4096)
def _content(text: str) -> frozenset[str]:
    """Return the words of a text as stems, without those that carry no subject."""
    words = (word for word in _WORD.findall(text.casefold()) if word not in STOP_WORDS and word not in _OPENERS)
    return frozenset(stem for word in words if not _NOT.fullmatch(word) for stem in _stems_of(word))


@lru_cache(maxsize=65536)
def _stems_of(word: str) -> tuple[str, ...]:
    return tuple(words_of(word))


@lru_cache(maxsize=256)
def _places_of_stems(text: str) -> dict[str, list[int]]:
    """Return where in a text each stem is."""
    places: dict[str, list[int]] = {}
    for found in _WORD.finditer(text.casefold()):
        for stem in _stems_of(found[0]):
            places.setdefault(stem, []).append(found.start())
    return places


def _windows(text: str, wanted: Requirement) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Yield the stretches of a text that could hold it all, each with the wanted words and values in it."""
    places = _places_of_stems(text)
    found = [(at, stem) for stem in wanted.words for at in places.get(stem, ())]
    # the mark keeps a value apart from a stem of the same letters
    found += [(at, f"\0{value}") for value in wanted.values for at in _places(text, value)]
    found.sort()
    end = 0
    for start, (first, _) in enumerate(found):
        while end < len(found) and found[end][0] <= first + wanted.width:
            end += 1
        names = frozenset(name for _, name in found[start:end])
        yield max(0, first - _NEAR // 4), found[end - 1][0] + _NEAR // 4, names


def _is_enough(window: str, found: frozenset[str], wanted: Requirement) -> bool:
    if not all(f"\0{value}" in found for value in wanted.values):
        return False
    if wanted.negates and not _NOT.search(window):
        return False
    for words in (wanted.words, wanted.new if wanted.part >= WITHOUT else frozenset[str]()):
        if words and len(found & words) < wanted.part * len(words):
            return False
    return bool(found)


@lru_cache(maxsize=65536)
def _is_against_it(later_text: str, text: str) -> bool:
    """Check whether something that the user said later decides against a correction."""
    return clash(_LEAD.sub("", later_text)[:_LONGEST], text) is not None
