"""Ranking: pure arithmetic over the candidates from the index.

BM25 (Robertson and Zaragoza 2009) with an idf that stays positive, plus context: words that are close together,
entries next to a good one, files about the query. The constants were measured on public data sets; what was tried
and did not help (feedback, synonyms, recency) is left out.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# the two parameters of BM25: how fast repetition stops to count, and how much a long text loses
K1 = 1.2
B = 0.8
# words: the mean length is taken as no less, or in a bank of one-line notes each longer line would be a long text
SHORT = 10.0
# a text this many times as long as the mean loses no more than that; where one word is looked for, its place is all
LONGEST, LONGEST_FOR_ONE = 8.0, 2.0
# occurrences that one word counts for: in the title, in tags and other fields, in the headings above; 1 in the text
TITLE, EXTRA, ABOVE = 3.0, 0.5, 0.3
# two words of the query that are close together add this part of their mean idf
PAIR = 0.45
# what a name counts as a whole; and the most that its parts count together where the whole is missing, as part of that
NAME, PARTS = 1.5, 0.4
# digits of a number that makes a code with the word before it: HTTP 429, RFC 7231; not a year
_CODE = re.compile(r"(?!(?:19|20)\d\d\Z)\d{3,5}\Z")
# parts of a neighbour's score that an entry gets: the one before and after, and the ones two away
BESIDE, TWO_AWAY = 0.2, 0.1
# part of the score of its whole file
FILE = 0.3
# exponent of the part of the query's words (by weight) that an entry holds: 0 ignores it, 1 counts it in full
COVERAGE = 0.1
# the least such part: a phrase of stop words is no part of the query's words
LEAST = 0.05
# typo-corrected terms weigh less than exact ones
ASSUMED = 0.85
# the nearest entry in meaning gets this part of the best score by words
MEANING = 0.65
# what stands in for the length of a text when a name is looked for
_NAME_NORM = K1 * (1 - B)
# factors for outdated records and for hits from the repository: they come below equally good hits
SUNK, DISTANT = 0.6, 0.7
SUNK_STATUSES = frozenset({"superseded", "deprecated", "replaced", "rejected", "wontfix", "duplicate"})
# characters in which a second word must begin to stand beside the first
_NEAR_LETTERS = 40
# how fast the shown score nears 1, by the part of the best possible score: all of it shows 0.86, a half 0.51, a fifth
# 0.16; a part of the query that is missing, or that no entry has, must show
_STEEPNESS, _EXPONENT = 2.0, 1.5


class Term(NamedTuple):
    """A term to search for: its idf, and its weight (lower for a typo-corrected term).

    An `exact` one is a name as a whole: it counts the same wherever it is written. The text of a phrase is its words
    with two spaces between them. One that is `inside` is a part of longer names.
    """

    text: str
    idf: float
    weight: float = 1.0
    exact: bool = False
    inside: bool = False


class Group(NamedTuple):
    """A word or name of the query: the terms that stand for it, of which the best counts, and its part of the query.

    Without terms no entry has the word; its part of the query is then missing in every score. `parts` are the words
    that a name joins: an entry may have them without the name, and they count less than the whole.
    """

    terms: tuple[Term, ...]
    top: float
    parts: tuple[Term, ...] = ()


class Candidate(NamedTuple):
    """An entry of the index that has at least one of the terms."""

    id: int
    file: int
    seq: int
    length: int
    title: str
    body: str
    extra: str
    above: str
    file_length: int
    factor: float = 1.0


class Score(NamedTuple):
    """A candidate's score, 0 to 1, and the part of each signal before scaling to that range."""

    id: int
    score: float
    words: dict[str, float]
    pairs: float
    beside: float
    file: float
    factor: float
    meaning: float = 0.0


class _Pair(NamedTuple):
    """Two words that follow each other in the query, and what it adds that an entry has them so."""

    one: str
    two: str
    gain: float
    is_code: bool


class Collection(NamedTuple):
    """The sizes BM25 needs: number of entries, their mean length, the files' mean length."""

    entries: int
    mean_length: float
    mean_file: float


def idf_of(entries: int, count: int) -> float:
    """Return the inverse document frequency of a term, always above 0."""
    return math.log(1 + (entries - count + 0.5) / (count + 0.5))


def rank(
    candidates: list[Candidate],
    groups: list[Group],
    order: list[str],
    whole: Collection,
    near: Mapping[int, float] | None = None,
) -> list[Score]:
    """Score candidates, best first.

    `order` has the query's words in order, to find pairs that are close together. `near` has the similarity in meaning
    of entries, 0 to 1.
    """
    total = sum(group.top for group in groups) or 1.0
    idf = {term.text: term.idf * term.weight for group in groups for term in group.terms}
    pairs = _pairs(order, idf)
    longest = LONGEST if sum(bool(group.terms) for group in groups) > 1 else LONGEST_FOR_ONE
    found: dict[int, tuple[dict[str, float], float, float]] = {}
    in_file: dict[int, dict[str, float]] = {}
    for each in candidates:
        norm = K1 * (1 - B + B * min(each.length / whole.mean_length, longest))
        parts, met = _words_in(each, groups, norm, in_file.setdefault(each.file, {}))
        joined = _pairs_in(each, pairs, norm)
        own = sum(parts.values()) * max(met / total, LEAST) ** COVERAGE + joined if parts else 0.0
        found[each.id] = parts, joined, own
    ideal = total * (K1 + 1)
    most = max((own for _, _, own in found.values()), default=0.0) or ideal / 2
    meant = {candidate.id: MEANING * most * near.get(candidate.id, 0.0) for candidate in candidates} if near else {}
    places = {
        (candidate.file, candidate.seq): found[candidate.id][2] + meant.get(candidate.id, 0.0)
        for candidate in candidates
    }
    lengths = {candidate.file: candidate.file_length for candidate in candidates}
    files = {
        file: FILE
        * sum(idf[name] * _saturated(count, lengths[file] / whole.mean_file) for name, count in counts.items())
        for file, counts in in_file.items()
    }
    ranked = []
    for each in candidates:
        file, seq = each.file, each.seq
        parts, joined, _ = found[each.id]
        beside = BESIDE * (places.get((file, seq - 1), 0.0) + places.get((file, seq + 1), 0.0))
        beside += TWO_AWAY * (places.get((file, seq - 2), 0.0) + places.get((file, seq + 2), 0.0))
        score = (places[file, seq] + beside + files[file]) * each.factor
        shown = 1 - math.exp(-_STEEPNESS * (score / ideal) ** _EXPONENT)
        meaning = meant.get(each.id, 0.0)
        ranked.append(Score(each.id, shown, parts, joined, beside, files[file], each.factor, meaning))
    ranked.sort(key=lambda each: -each.score)
    return ranked


def _words_in(
    entry: Candidate, groups: list[Group], norm: float, counts: dict[str, float]
) -> tuple[dict[str, float], float]:
    """Return the gain of each query word in an entry, and the matched part of the query; add to the file's counts."""
    parts: dict[str, float] = {}
    met = 0.0
    for group in groups:
        best = 0.0
        for term in group.terms:
            count = _count(entry, term)
            gain = _gain(term, count, norm)
            if gain > best:
                best, name, count_here = gain, term.text, count
        if best:
            parts[name] = parts.get(name, 0.0) + best
            met += group.top
            counts[name] = counts.get(name, 0.0) + count_here
        if group.parts and (not best or name == group.terms[0].text):
            gains = {term.text: _gain(term, _count(entry, term), norm) for term in group.parts}
            found, most = sum(gains.values()), group.top * (K1 + 1) * PARTS
            if found and not best:
                met += group.top * PARTS
            for name, gain in gains.items():
                if gain:
                    parts[name] = parts.get(name, 0.0) + gain * min(1.0, most / found)
    return parts, met


def _count(entry: Candidate, term: Term) -> float:
    """Return how often an entry has a term, by where it stands; `extra` has the names of the text."""
    if term.inside:
        return _inside(entry.extra, term.text)
    word = f" {term.text} "
    count = TITLE * entry.title.count(word) + entry.body.count(word) + ABOVE * entry.above.count(word)
    return count + (1.0 if term.exact else EXTRA) * entry.extra.count(word)


def _inside(text: str, name: str) -> float:
    """Count how often longer names have a name as a part: not auth.py in oauth.py."""
    count = 0.0
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        count += not (text[at - 1].isalnum() or text[end].isalnum())
        at = text.find(name, end)
    return count


def _gain(term: Term, count: float, norm: float) -> float:
    if not count:
        return 0.0
    # a name counts in a long text as in a short one
    return term.idf * term.weight * count * (K1 + 1) / (count + (_NAME_NORM if term.exact else norm))


def _pairs_in(entry: Candidate, pairs: list[_Pair], norm: float) -> float:
    total = 0.0
    for one, two, gain, is_code in pairs:
        if not (one in entry.body and two in entry.body) and not (one in entry.title and two in entry.title):
            continue
        if is_code:
            count = float(entry.title.count(one + two) + entry.body.count(one + two))
            total += gain * count * (K1 + 1) / (count + _NAME_NORM)
            continue
        count = TITLE * _near(entry.title, one, two) + _near(entry.body, one, two)
        if count:
            total += gain * count * (K1 + 1) / (count + norm)
    return total


def _saturated(count: float, length: float) -> float:
    return count * (K1 + 1) / (count + K1 * (1 - B + B * length))


def _pairs(order: list[str], idf: Mapping[str, float]) -> list[_Pair]:
    pairs = []
    for one, two in pairwise(order):
        if one != two and one in idf and two in idf:
            is_code = one.isalpha() and _CODE.match(two) is not None
            gain = (idf[one] + idf[two]) * (NAME if is_code else PAIR / 2)
            pairs.append(_Pair(f" {one} ", f" {two} ", gain, is_code))
    return pairs


def _near(text: str, one: str, two: str) -> float:
    """Count how often two words are close: in order with at most one word between; else 0.5 for reversed pairs."""
    if one not in text or two not in text:
        return 0
    count = 0.0
    at = text.find(one)
    while at >= 0:
        end = at + len(one)
        other = text.find(two, end - 1, end + len(two) + _NEAR_LETTERS)
        if other >= 0 and text.count("  ", end - 1, other + 1) <= 2:  # noqa: PLR2004  one word between
            count += 1
        at = text.find(one, end - 1)
    if count:
        return count
    at = text.find(two)
    while at >= 0:
        end = at + len(two)
        if text.startswith(one, end):
            count += 0.5
        at = text.find(two, end - 1)
    return count
