"""Stems are those of SQLite's porter tokenizer, for every word tried."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from memorybank.stem import stem

WORDS = (  # noqa: SIM905  a list of words is read as words
    "caresses ponies ties cats feed agreed plastered bled motoring sing conflated troubled sized hopping "
    "tanned falling hissing fizzed failing filing happy sky relational conditional rational valenci hesitanci "
    "digitizer conformabli radicalli differentli vileli analogousli vietnamization predication operator "
    "feudalism decisiveness hopefulness callousness formaliti sensitiviti sensibiliti triplicate formative "
    "formalize electriciti electrical hopeful goodness revival allowance inference airliner gyroscopic "
    "adjustable defensible irritant replacement adjustment dependent adoption homologou communism activate "
    "angulariti homologous effective bowdlerize probate rate cease controll roll yes say toy enjoyable yearly "
    "yy by caching indexed indices migrations retrying skies ies sses eed byyed "
).split()


def by_sqlite(words: list[str]) -> list[str]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE f USING fts5(x, tokenize='porter unicode61')")
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(f, instance)")
    db.executemany("INSERT INTO f(rowid, x) VALUES(?, ?)", enumerate(words))
    found = dict(db.execute("SELECT doc, term FROM v"))
    db.close()
    return [found[number] for number in range(len(words))]


def test_words_of_the_paper() -> None:
    assert [stem(word) for word in WORDS] == by_sqlite(WORDS)


@given(
    st.lists(
        st.builds(
            lambda start, end: start + end,
            st.text("abcdeilnorstuvyz", min_size=1, max_size=9),
            st.sampled_from(
                ["", "s", "es", "ed", "ing", "ational", "izer", "fulness", "ement", "ion", "ies", "y", "ll", "e"]
            ),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_words_of_any_make(words: list[str]) -> None:
    assert [stem(word) for word in words] == by_sqlite(words)
