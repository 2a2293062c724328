"""Typo correction: find the closest known words for a word that is not in the index."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.recall.rank import ASSUMED
from memorybank.recall.words.folding import fold, fold_spelled_out
from memorybank.recall.words.terms import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.recall.index import Connection

# corrections that one word gets at most
MOST = 3
# letters: up to here one slip is corrected, in longer words two (else current is taken for correct); words shorter than
# _LEAST are never corrected
_SHORT = 8
_LEAST = 4
_LONGEST_STOP_WORD = max(map(len, STOP_WORDS))
# rapidfuzz's score, of 100, below which a heading is not close
_CUT_OFF = 70
# what a heading counts that is found only by the names above it
_BY_PATH = 0.9
# between the names of a path of headings
PATH_SIGN = " > "
# the words that can be corrections; the cross join looks up the counts of only these
_FORMS = "SELECT f.written, f.term, w.count FROM form f CROSS JOIN word w ON w.term = f.term WHERE "
_LENGTH = "length(f.written) BETWEEN :shortest AND :longest"
_SAME_LETTER = f"{_FORMS} f.term >= :first AND f.term < :last AND ({_LENGTH} OR f.written GLOB :longer)"
# one typo changes the first letter: what is below the second has one typo less
_OTHER_LETTER = (
    f"{_FORMS} {_LENGTH} AND (f.written GLOB :inside OR f.written GLOB :ending)"
    " AND NOT (f.term >= :first AND f.term < :last)"
)


class Correction(NamedTuple):
    """A known word that an unknown one may be meant for: as written, its term, how often it is, what it counts."""

    written: str
    term: str
    uses: int
    weight: float


def may_be_a_slip(word: str) -> bool:
    """Check whether an unknown word may be a typo or a part of a word: long enough, and only letters."""
    return len(word) >= _LEAST and word.isalpha()


def _most_slips(word: str) -> int:
    return 1 if len(word) <= _SHORT else 2


def is_slip_of_stop_word(word: str) -> bool:
    """Check whether a word is a stop word with two letters swapped: waht, thsi."""
    swapped = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))
    return len(word) <= _LONGEST_STOP_WORD and not STOP_WORDS.isdisjoint(swapped)


def closest(word: str, dbs: Sequence[Connection]) -> list[Correction]:
    """Return the words of some indexes that are closest to a word, the most likely first.

    Almost all typos keep the first letter, so words with the same one are searched first.
    """
    most = _most_slips(word)
    # between these two parts is a letter, so that no second typo is in both
    part = (len(word) - 3) // 2
    values = {
        "first": word[0],
        "last": f"{word[0]}\U0010ffff",
        "shortest": len(word) - most,
        "longest": len(word) + most,
        "longer": f"{word}*",
        "inside": f"*{word[2 : 2 + part]}*" if most > 1 else f"*{word[2:]}",
        "ending": f"*{word[-part:] if most > 1 else word[2:]}",
    }
    for sql in (_SAME_LETTER, _OTHER_LETTER):
        found: dict[tuple[str, str], int] = {}
        for db in dbs:
            for written, term, count in db.execute(sql, values):
                found[written, term] = found.get((written, term), 0) + count
        near = corrections(word, found)
        if near:
            return near
    return []


def corrections(word: str, known: Mapping[tuple[str, str], int]) -> list[Correction]:
    """Return the known words closest to a word as written, the most likely first; `known` counts words with their term.

    One typo (a swapped, missing, additional or wrong letter) in words up to eight letters, two in longer words; equal
    distances are sorted by the same first letter, then by frequency.
    """
    from rapidfuzz.distance import OSA

    most = _most_slips(word)
    found = []
    longer = []
    for (written, term), count in known.items():
        if written.startswith(word):
            longer.append((-count, written, term))
        if abs(len(written) - len(word)) <= most and written not in STOP_WORDS:
            distance = OSA.distance(word, written, score_cutoff=most)
            if distance <= most:
                found.append((distance, written[0] != word[0], -count, written, term))
    found.sort()
    longer.sort()
    near = [row[-3:] for row in found if row[0] == found[0][0]] or longer
    terms: dict[str, Correction] = {}
    for count, written, term in near:
        terms.setdefault(term, Correction(written, term, -count, ASSUMED))
    return list(terms.values())[:MOST]


def best_headings(query: str, headings: list[str], limit: int) -> list[tuple[int, float]]:
    """Return the headings closest to the typed text, as positions in the list, with a score from 0 to 100.

    A heading is found by its own name, and less by the names above it. `partial_ratio` finds a fragment with typos;
    `WRatio` does not (with two typos it finds one in seven).
    """
    from rapidfuzz import fuzz, process, utils

    typed = [utils.default_process(each) for each in _ways(query)]
    names: list[str] = []
    places: list[int] = []
    for place, path in enumerate(headings):
        for way in _ways(path.rpartition(PATH_SIGN)[2]):
            names.append(utils.default_process(way))
            places.append(place)
    paths = [utils.default_process(fold(path)) for path in headings]
    best: dict[int, float] = {}
    for each in typed:
        # a name that is shorter than the typed text must be like all of it
        for name, score, at in process.extract(
            each, names, scorer=fuzz.partial_ratio, limit=None, score_cutoff=_CUT_OFF
        ):
            own = score if len(name) >= len(each) else fuzz.ratio(each, name)
            best[places[at]] = max(own, best.get(places[at], 0.0))
        for _, score, place in process.extract(
            each, paths, scorer=fuzz.partial_ratio, limit=None, score_cutoff=_CUT_OFF
        ):
            best[place] = max(score * _BY_PATH, best.get(place, 0.0))
    # for equal scores the shorter heading is closer to the typed text
    rows = sorted((-score, len(headings[place]), place) for place, score in best.items() if score >= _CUT_OFF)
    return [(place, -score) for score, _, place in rows[:limit]]


def _ways(text: str) -> list[str]:
    """Return the ways to write a text without accents: Größe is Grosse and Groesse."""
    return list(dict.fromkeys(each for each in (fold(text), fold_spelled_out(text)) if each))
