"""Words that the index does not know, taken for those of its own that come closest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 3
_SHORT = 5
_LEAST = 4
_CUT_OFF = 70


def may_be_a_slip(word: str) -> bool:
    """Whether a word that is not known can have been meant as another: long enough, and of letters only."""
    return len(word) >= _LEAST and word.isalpha()


def nearest(word: str, known: Iterable[tuple[str, int]]) -> list[str]:
    """Give the known words that a word may have been meant as, the likeliest first.

    One slip (swap, drop, insert or exchange of letters) up to five letters, two in longer words; among equals those
    with the same first letter, then the more frequent.
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
    """Give the headings that come closest to what was typed, by their place in the list, with a score of 0 to 100.

    `partial_ratio` finds a fragment with slips in it; `WRatio` does not (it finds one in seven with two slips).
    """
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        query, headings, scorer=fuzz.partial_ratio, processor=utils.default_process, limit=limit, score_cutoff=_CUT_OFF
    )
    # of equals the shorter path is nearer to what was typed
    rows = sorted(((-score, len(heading), place) for heading, score, place in found))
    return [(place, -score) for score, _, place in rows]
