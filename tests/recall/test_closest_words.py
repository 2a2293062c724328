"""An unknown word is compared with few known ones, and gets the corrections that all of them would give."""

from __future__ import annotations

import sqlite3
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.recall.index import _TABLES
from memorybank.recall.words.typos import Correction, closest, corrections
from memorybank.stem import stem

KINDS = ("swap", "drop", "add", "change")
WORDS = st.text("abé", min_size=4, max_size=12)
SLIPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 12)), max_size=3)
KNOWN = st.lists(st.lists(SLIPS, max_size=12), min_size=1, max_size=2)


@given(WORDS, KNOWN)
def test_few_words_are_compared_and_the_corrections_are_those_of_all(
    word: str, known: list[list[list[tuple[str, int]]]]
) -> None:
    vocabularies = [[slipped(word, each) for each in some] for some in known]
    dbs = [index_of(words) for words in vocabularies]
    assert closest(word, dbs) == of_all(word, vocabularies)


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("kubernetes", ["ubkernetes", "kubernete"]),
        ("abcdefghi", ["bacdefgih", "xbcdexghi"]),
        ("abcdefghi", ["bacdefghi", "bcdefghi", "xabcdefghi", "xxcdefghi"]),
        ("thei", ["their", "theirs"]),
        ("abba", ["xbba", "bbaa", "xabba", "baba", "abbaabba"]),
        ("straße", ["strasse", "traßen", "starße"]),
    ],
)
def test_some_corrections_are_those_of_all(word: str, known: list[str]) -> None:
    assert closest(word, [index_of(known)]) == of_all(word, [known]) != []


def test_two_typos_at_any_places_of_a_long_word() -> None:
    word = "abcdefghijk"
    index = index_of([word])
    for one, two in product(product(KINDS, range(len(word))), repeat=2):
        typed = slipped(word, [one, two])
        assert closest(typed, [index]) == of_all(typed, [[word]])


def slipped(word: str, slips: list[tuple[str, int]]) -> str:
    """Return a word with some typos, of four letters or more."""
    for kind, place in slips:
        at = min(place, len(word) - 1)
        before, here, after = word[:at], word[at : at + 1], word[at + 1 :]
        word = {
            "swap": f"{before}{after[:1]}{here}{after[1:]}",
            "drop": before + after,
            "add": f"{before}x{here}{after}",
            "change": f"{before}x{after}",
        }[kind]
    return word if len(word) >= 4 else f"{word}abba"


def index_of(words: list[str]) -> sqlite3.Connection:
    """Make an index that has only words, each in one entry."""
    db = sqlite3.connect(":memory:")
    db.executescript(_TABLES)
    db.executemany("INSERT OR IGNORE INTO form VALUES(?, ?)", [(stem(word), word) for word in words])
    db.executemany("INSERT OR IGNORE INTO word VALUES(?, 1)", [(stem(word),) for word in words])
    return db


def of_all(word: str, vocabularies: list[list[str]]) -> list[Correction]:
    """Compare a word with all words of the same first letter, and if none is close, with all."""
    counts: dict[tuple[str, str], int] = {}
    for words in vocabularies:
        for known in set(words):
            counts[known, stem(known)] = counts.get((known, stem(known)), 0) + 1
    same = {(written, term): count for (written, term), count in counts.items() if term[0] == word[0]}
    return corrections(word, same) or corrections(word, counts)
