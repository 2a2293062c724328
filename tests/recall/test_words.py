"""Any text has some terms, names are found as typed, and none of it is syntax."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.recall.words.folding import _PLAIN, fold
from memorybank.recall.words.terms import query_terms, shown_and_hidden, spans_of, terms_of, title_terms, words_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("see DEC-0054 for it", "dec-0054"),
        ("max_retries is 3", "max_retries"),
        ("UserService.getPreferences() was None", "userservice.getpreferences"),
        ("never --no-verify", "--no-verify"),
        ("in src/auth.py:42", "src/auth.py:42"),
        ("in src/auth.py:42", "src/auth.py"),
        ("in src/auth.py:42", "auth.py"),
        ("written in C++ once", "c++"),
    ],
)
def test_a_name_is_a_term_as_typed(text: str, name: str) -> None:
    assert name in terms_of(text).names


def test_the_parts_of_a_name_are_words_too() -> None:
    assert {"user", "servic", "prefer"} <= set(terms_of("UserService.getPreferences").names)
    assert {"get", "prefer"} <= set(title_terms("getPreferences").words)
    assert "retri" in terms_of("max_retries").words


@given(st.text() | st.text("aeé\u0301\u0323İßŁæ\u017f\u2019\u2014가各", max_size=12))
def test_a_text_is_folded_as_its_characters_are(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    plain = unicodedata.normalize("NFC", bare)
    assert fold(text) == "".join(_PLAIN.get(each, each) for each in plain)


@given(
    st.lists(
        st.sampled_from(["don't", "Größe", "x" * 70, "getUser", "—", "✓", "東京", "it\u2019s", "plain"]), max_size=6
    )
)
def test_words_are_the_same_in_a_text_of_any_letters(words: list[str]) -> None:
    written: set[tuple[str, str]] = set()
    each_alone: set[tuple[str, str]] = set()
    terms = words_of(" ".join(words), written)
    assert terms == [term for word in words for term in words_of(word, each_alone)]
    assert written == each_alone


def test_marks_and_case_make_no_difference() -> None:
    assert fold("Élan VITAL") == "elan vital"
    assert terms_of("naïve Café").words == terms_of("naive cafe").words
    assert terms_of("don't").words == terms_of("don\u2019t").words == ["dont"]


def test_scripts_without_spaces_are_cut_into_pairs() -> None:
    assert terms_of("数据库连接").words == ["数据", "据库", "库连", "连接", "接"]
    assert set(query_terms("连接").words) & set(terms_of("数据库连接池").words)


def test_words_that_say_nothing_are_kept_when_there_are_no_others() -> None:
    assert query_terms("what is the timeout").words == ["timeout"]
    assert query_terms("to be or not to be").words


@given(st.text(max_size=300))
def test_any_text_has_terms_without_blanks(text: str) -> None:
    found = terms_of(text)
    assert all(each and " " not in each and '"' not in each for each in (*found.words, *found.names))
    query_terms(text)


@given(st.text(alphabet="<!-> a", max_size=40))
def test_comments_are_those_that_end(text: str) -> None:
    comment = re.compile("<!--.*?-->", re.DOTALL)
    assert shown_and_hidden(text) == (comment.sub(" ", text), " ".join(comment.findall(text)))


@pytest.mark.parametrize("part", ["池", "1", "aB", "a.b", "a_", "-", "_", "a-", "a+", "é", "a::", "池a", "<!--", "'"])
def test_long_runs_take_no_more_than_their_length(part: str) -> None:
    begun = time.process_time()
    shown, hidden = shown_and_hidden(part * 50_000)
    terms_of(shown)
    terms_of(hidden)
    assert time.process_time() - begun < 30  # by the square of the length: minutes


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("retry cache", "Retries of the Caches, cached.", ["Retries", "Caches", "cached"]),
        ("max_retries", "set max_retries to 3, at max", ["max_retries", "max"]),
        ("preferences", "UserService.getPreferences()", ["Preferences"]),
        ("src/auth.py:42", "see src/auth.py:42.", ["src/auth.py:42"]),
        ("连接池", "数据库连接池大小", ["连接池"]),
        ("naive", "a naïve one", ["naïve"]),
        ("", "nothing", []),
    ],
)
def test_the_words_that_led_to_a_text_are_told(query: str, text: str, marked: list[str]) -> None:
    words = query_terms(query)
    assert [text[start:stop] for start, stop in spans_of(text, {*words.words, *words.names})] == marked


@given(st.text(max_size=60), st.text(max_size=20))
def test_spans_are_in_order_and_apart(text: str, query: str) -> None:
    spans = spans_of(text, {*terms_of(query).words, *terms_of(text).words})
    places = [place for span in spans for place in span]
    assert places == sorted(set(places))
