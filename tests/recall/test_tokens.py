"""The estimate of tokens against real tokenizers: on the safe side, and not far off.

The tokenizers come with the extra `dev`; the figures of docs/loading.md are printed by `python -m
tests.benchmarks.tokens`.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.recall.loading.budget import count_tokens, fewest_tokens
from tests.benchmarks.tokens import SAMPLES, encoding, measure
from tests.judges import library


@pytest.fixture(autouse=True)
def tokenizers() -> None:
    library("bpe_openai")


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_estimate_is_above_what_a_tokenizer_counts_and_not_far(kind: str) -> None:
    """Against cl100k, the one of the two that takes more tokens for most text."""
    row = measure(kind, "cl100k_base")
    assert 1.0 <= row.ratio <= 1.5, row
    assert row.under <= 0.05, row


@pytest.mark.parametrize("text", ["a" * 5000, "acgt" * 1000, " " * 5000, "=" * 5000, "\n" * 500, "0" * 999, "\t" * 99])
def test_what_is_no_text_is_not_taken_for_less_than_it_is(text: str) -> None:
    assert count_tokens(text) >= len(encoding("cl100k_base").encode(text))


@pytest.mark.parametrize("place", range(4))
def test_random_letters_are_not_taken_for_words(place: int) -> None:
    text = "".join(Random(place).choices("abcdefghijklmnopqrstuvwxyz", k=4000))
    assert count_tokens(text) >= len(encoding("cl100k_base").encode(text))


def test_nothing_takes_nothing() -> None:
    assert count_tokens("") == 0
    assert count_tokens("word") == 1


@given(st.text(alphabet=st.sampled_from("aAzZ09 \n\t{}-_./:é漢и😀"), max_size=60))
def test_the_fewest_tokens_are_never_more(text: str) -> None:
    assert fewest_tokens(text) <= count_tokens(text)
