"""Typo correction: find the closest known words for a word that is not in the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# corrections that one word gets at most
MOST = 3
# letters: up to here one slip is corrected, in longer words two; shorter ones than _LEAST are never corrected
_SHORT = 5
_LEAST = 4
# rapidfuzz's score, of 100, below which a heading is not close
_CUT_OFF = 70


def may_be_a_slip(word: str) -> bool:
    """Check whether an unknown word may be a typo: long enough, and only letters."""
    return len(word) >= _LEAST and word.isalpha()


def nearest(word: str, known: Iterable[tuple[str, int]]) -> list[str]:
    """Return the known words closest to a word, the most likely first.

    One typo (a swapped, missing, additional or wrong letter) in words up to five letters, two in longer words; equal
    distances are sorted by the same first letter, then by frequency.
    """
    from rapidfuzz.distance import OSA

    most = 1 if len(word) <= _SHORT else 2
    found = []
    for other, count in known:
        if abs(len(other) - len(word)) <= most and other.isalpha():
            distance = OSA.distance(word, other, score_cutoff=most)
            if distance <= most:
                found.append((distance, other[0] != word[0], -count, other))
    found.sort()
    return [other for distance, _, _, other in found if distance == found[0][0]][:MOST]


def best_headings(query: str, headings: list[str], limit: int) -> list[tuple[int, float]]:
    """Return the headings closest to the typed text, as positions in the list, with a score from 0 to 100.

    `partial_ratio` finds a fragment with typos; `WRatio` does not (with two typos it finds one in seven).
    """
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        query, headings, scorer=fuzz.partial_ratio, processor=utils.default_process, limit=limit, score_cutoff=_CUT_OFF
    )
    # for equal scores the shorter heading is closer to the typed text
    rows = sorted(((-score, len(heading), place) for heading, score, place in found))
    return [(place, -score) for score, _, place in rows]
