"""Choosing within a budget: laws that hold for whatever is offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.recall.loading.budget import Budget, Candidate, Selection, count_tokens, merged, select
from memorybank.recall.recall_errors import BudgetError


def offer(number: int, text: str, *, value: float = 1.0, pinned: str = "", short: str = "", head: int = 0) -> Candidate:
    return Candidate(
        key=f"k{number}",
        layer="contracts",
        order=(head, number),
        head=f"=== file{head}.md",
        text=text,
        address=f"file{head}.md",
        fetch=f"bank show file{head}.md",
        short=short,
        short_head=f"=== file{head}.md in short",
        terms={"worth": value},
        pinned=pinned,
    )


LINES = st.text(st.sampled_from("ab c1-é中\U0001f600"), max_size=60).map(lambda text: f"- {text}\n")


@st.composite
def offered(draw: st.DrawFn) -> list[Candidate]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        head = draw(st.integers(0, 3))
        long = draw(LINES) * draw(st.integers(1, 4))
        short = draw(st.sampled_from(["", "- short\n"]))
        # a shorter form has a head of its own, so what has one stands alone below it
        place = 100 + number if short else head
        pinned = draw(st.sampled_from(["", "", "", "pinned"]))
        value = draw(st.floats(-1, 5, allow_nan=False))
        found.append(offer(number, long, value=value, pinned=pinned, short=short, head=place))
    return found


def told(chosen: Selection) -> int:
    return len(chosen.included) + len(chosen.shortened) + len(chosen.omitted)


@given(offered(), st.integers(30, 400), st.booleans())
def test_a_choice_fits_and_everything_is_accounted_for(candidates: list[Candidate], limit: int, chars: bool) -> None:
    budget = Budget(limit, "chars", len) if chars else Budget(limit)
    try:
        chosen = select(candidates, budget)
    except BudgetError as error:
        limit = int(str(error.details["needed"]))
        budget = budget._replace(limit=limit)
        chosen = select(candidates, budget)
    assert chosen.size == budget.measure(chosen.text) <= limit
    assert told(chosen) == len(candidates)
    pinned = [each for each in candidates if each.pinned]
    assert all(each.text in chosen.text for each in pinned)
    assert sum(each.reason == "pinned" for each in chosen.included) == len(pinned)
    assert select(list(reversed(candidates)), budget) == chosen
    assert bool(chosen.omitted or chosen.shortened) == ("; --explain lists the rest\n" in chosen.text)
    assert all(each.reason and each.fetch and each.address for each in (*chosen.shortened, *chosen.omitted))


@given(offered())
def test_without_a_budget_everything_is_whole(candidates: list[Candidate]) -> None:
    chosen = select(candidates, Budget(None))
    assert len(chosen.included) == len(candidates)
    assert all(each.text in chosen.text for each in candidates)


def test_a_budget_too_small_for_what_is_pinned_says_how_much_it_needs() -> None:
    candidates = [offer(0, "- never push on a Friday\n" * 5, pinned="User Standards"), offer(1, "- other\n")]
    with pytest.raises(BudgetError) as caught:
        select(candidates, Budget(20), "bank load --stage plan --mode rapid")
    needed = caught.value.details["needed"]
    assert isinstance(needed, int)
    assert caught.value.hint == f"bank load --stage plan --mode rapid --budget-tokens {needed}"
    assert caught.value.exit_status == 5
    assert len(select(candidates, Budget(needed)).included) >= 1
    with pytest.raises(BudgetError):
        select(candidates, Budget(needed - 1))


def test_what_is_worth_most_for_its_size_comes_first() -> None:
    dear = offer(0, "- word word word word word word word word word word\n" * 4, value=2.0, head=1)
    cheap = offer(1, "- word\n", value=1.0, head=2)
    chosen = select([dear, cheap], Budget(40))
    assert [each.address for each in chosen.included] == ["file2.md"]
    assert [each.address for each in chosen.omitted] == ["file1.md"]
    assert "were left" in chosen.omitted[0].reason


def test_what_does_not_fit_whole_is_given_in_short_if_it_has_a_shorter_form() -> None:
    long = offer(0, "- word word word word\n" * 40, value=50.0, short="- title\n", head=1)
    chosen = select([long, offer(1, "- other\n")], Budget(60))
    assert [each.address for each in chosen.shortened] == ["file1.md"]
    assert "in short" in chosen.text
    assert "the full text needs" in chosen.shortened[0].reason
    assert len(chosen.included) == 1


def test_an_item_is_never_cut() -> None:
    text = "- one\n  two\n  three\n"
    chosen = select([offer(0, text), offer(1, "- x\n", value=0.1)], Budget(26))
    assert ("one" in chosen.text) == (text in chosen.text)


def test_the_same_thing_of_two_layers_is_there_once_and_both_are_told() -> None:
    one = offer(0, "- Use JWT\n")
    same_place = one._replace(layer="cache", terms={"worth": 3.0})
    same_words = offer(5, "use  JWT\n")._replace(layer="deep")
    found = merged([one, same_place, same_words])
    assert len(found) == 1
    assert found[0].layer == "cache"
    assert set(found[0].also) == {"contracts", "deep"}


def test_a_pinned_line_stays_pinned_when_another_layer_has_it_too() -> None:
    pinned = offer(0, "- Use JWT\n", pinned="pinned", value=0.0)
    found = merged([offer(3, "- Use JWT\n", value=9.0)._replace(layer="deep"), pinned])
    assert [each.pinned for each in found] == ["pinned"]


def test_the_same_words_twice_in_one_layer_are_two_things() -> None:
    assert len(merged([offer(0, "- write tests\n"), offer(1, "- write tests\n")])) == 2


@given(st.lists(LINES, max_size=8))
def test_a_text_has_no_more_tokens_than_its_lines_together(lines: list[str]) -> None:
    assert count_tokens("".join(lines)) <= sum(map(count_tokens, lines))
