"""Loading on a bank as a year leaves it: every stage, mode and budget; and each layer on a bank of its own."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import FieldError, NoAnchorError, NoFileError, NoRecordError
from memorybank.recall.loading.budget import count_tokens
from memorybank.recall.loading.load import Context, LoadOptions, load_context, table_of
from memorybank.recall.loading.stages import ALL, MODES, STAGES
from memorybank.recall.recall_errors import BudgetError
from tests.recall.large_bank import FOCUS, NOW, PINNED, STANDARDS, Large, make_large
from tests.running import FULL, folder_of, sampled

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.recall.loading.budget import BudgetChoice

RECORDS = 5000 if FULL else 300
BUDGETS = (200, 300, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 50_000) if FULL else (200, 4000)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Large:
    return make_large(tmp_path_factory.mktemp("large") / "project", RECORDS)


@pytest.fixture(scope="module")
def small_made(tmp_path_factory: pytest.TempPathFactory) -> Large:
    return make_large(tmp_path_factory.mktemp("small") / "project", 20)


@pytest.fixture
def small(small_made: Large, tmp_path: Path) -> Large:
    """Give a bank with few records, for a test that changes it."""
    return small_made._replace(bank=folder_of(shutil.copytree(small_made.bank.project, tmp_path / "project")))


def load(large: Large, stage: str, mode: str, **wished: Any) -> Context:
    wish = LoadOptions(stage=stage, mode=mode, current=large.session)._replace(**wished)
    return load_context(large.bank, wish, NOW)


def everything(context: Context) -> list[BudgetChoice]:
    return [*context.included, *context.shortened, *context.omitted]


def key_of(choice: BudgetChoice) -> tuple[str, str, str]:
    return choice.layer, choice.address, choice.fetch


@pytest.mark.parametrize(("stage", "mode"), sampled([(stage, mode) for stage in STAGES for mode in MODES], 4))
def test_every_stage_and_mode_keeps_every_budget(large: Large, stage: str, mode: str) -> None:
    """Within budget, the same again, pinned lines kept, and each candidate is accounted for."""
    whole = load(large, stage, mode)
    assert not whole.omitted
    assert not whole.shortened
    candidates = Counter(map(key_of, everything(whole)))
    loaded = {budget: load(large, stage, mode, budget_tokens=budget) for budget in BUDGETS}
    for budget, context in loaded.items():
        assert context.tokens == count_tokens(context.text) <= budget
        assert Counter(map(key_of, everything(context))) == candidates
        assert len(everything(context)) == context.candidates
        for text in (*STANDARDS, PINNED):
            assert f"- {text}\n" in context.text
        assert all(each.reason and each.fetch for each in everything(context))
    assert load(large, stage, mode, budget_tokens=BUDGETS[1]) == loaded[BUDGETS[1]]


def test_a_budget_in_characters_is_kept_as_well(large: Large) -> None:
    for budget in (700, 5000, 50_000):
        context = load(large, "understand", "standard", budget_chars=budget)
        assert len(context.text) <= budget
        assert context.unit == "chars"


def test_the_sources_three_rows_load_what_it_says(large: Large) -> None:
    """Session, a day of cache, twenty records and all facts; session, an hour, five, active ones; the session only."""
    rows = {
        cell: {each.name: each for each in load(large, *cell).layers}
        for cell in (("understand", "rigorous"), ("implement", "standard"), ("verify", "rapid"))
    }
    most = rows["understand", "rigorous"]
    assert most.keys() == {"contracts", "session", "cache", "deep", "pafs", "groups", "corrections"}
    assert (most["session"].found, most["deep"].found, most["pafs"].found) == (60, 20, 12)
    assert most["cache"].wants == "24 h"
    some = rows["implement", "standard"]
    assert some.keys() == {"contracts", "session", "cache", "deep", "pafs", "corrections"}
    assert (some["session"].found, some["deep"].found, some["pafs"].found) == (60, 5, 8)
    assert some["cache"].wants == "1 h"
    assert rows["verify", "rapid"].keys() == {"contracts", "session", "corrections"}


def test_what_a_layer_does_not_ask_for_is_counted(large: Large) -> None:
    layers = {each.name: each for each in load(large, "understand", "rapid").layers}
    assert (layers["session"].found, layers["session"].beyond) == (10, 50)
    assert layers["session"].fetch == f"bank session load {large.session} --max-messages 60"


def test_recent_things_are_those_of_the_window(large: Large) -> None:
    hour, day = recent(load(large, "plan", "standard")), recent(load(large, "understand", "rigorous"))
    assert sum(each.startswith("memories/") for each in hour) == 6
    assert any(large.other in each for each in day)
    assert not any(f"{large.other}.jsonl" in each for each in hour)


def recent(context: Context) -> list[str]:
    return [each.address for each in context.included if each.layer == "cache"]


def test_the_best_records_for_the_query_are_loaded(large: Large) -> None:
    context = load(large, "implement", "standard", query="shard replica timeout")
    deep = [each for each in context.included if each.layer == "deep"]
    assert deep
    assert all(each.terms["query"] > 0 for each in deep)
    without = load(large, "implement", "standard")
    assert {each.address for each in deep} != {each.address for each in without.included if each.layer == "deep"}


def test_the_current_focus_is_the_query_where_there_is_none(large: Large) -> None:
    deep = [each for each in load(large, "implement", "standard").included if "deep" in {each.layer, *each.also}]
    assert FOCUS.split()[1] in load(large, "implement", "standard").text
    assert all("focus" in each.terms or each.layer == "cache" for each in deep)


def test_records_of_some_types_only_where_the_cell_says_so(large: Large) -> None:
    context = load(large, "decompose", "rigorous")
    deep = [each.address for each in context.included if each.layer == "deep"]
    assert len(deep) == 5
    assert {each.split("/")[1] for each in deep} <= {"procedural", "code", "learning"}


def test_a_group_brings_what_was_said_in_all_its_sessions(large: Large) -> None:
    context = load(large, "understand", "standard", group="Login")
    said = {each.address.partition(":")[0] for each in context.included if each.layer == "session"}
    assert said == {f"sessions/{large.session}.jsonl", f"sessions/{large.other}.jsonl"}


def test_a_session_brings_its_own_messages_and_its_own_recent_things(large: Large) -> None:
    context = load(large, "understand", "rigorous", session="before")
    said = {each.address.partition(":")[0] for each in context.included if each.address.startswith("sessions/")}
    assert said == {f"sessions/{large.other}.jsonl"}
    assert not any(each.layer == "cache" and "memories/" in each.address for each in context.included)


def test_a_moment_narrows_the_contracts_and_names_the_stage(large: Large) -> None:
    context = load_context(large.bank, LoadOptions(trigger="decision", budget_tokens=2000), NOW)
    sections = {each.address for each in context.included if each.layer == "contracts"}
    assert sections == {"activeContext.md#Decisions", "patterns.md#User Standards", "patterns.md#Common Gotchas"}
    assert load_context(large.bank, LoadOptions(trigger="build"), NOW).stage == "implement"


def test_what_is_named_narrows_the_contracts_but_what_is_pinned_stays(large: Large) -> None:
    context = load_context(large.bank, LoadOptions(files=("activeContext.md#Current Focus",), mode="rapid"), NOW)
    assert FOCUS in context.text
    assert f"- {STANDARDS[0]}" in context.text
    assert "Decision 3" not in context.text


def test_a_budget_below_what_is_pinned_is_refused_with_what_it_needs(large: Large) -> None:
    with pytest.raises(BudgetError, match="3 pinned lines need") as caught:
        load(large, "plan", "standard", budget_tokens=20)
    needed = caught.value.details["needed"]
    assert isinstance(needed, int)
    assert load(large, "plan", "standard", budget_tokens=needed).tokens <= needed


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (LoadOptions(stage="ponder"), FieldError),
        (LoadOptions(mode="slow"), FieldError),
        (LoadOptions(trigger="never"), FieldError),
        (LoadOptions(budget_tokens=0), FieldError),
        (LoadOptions(budget_tokens=5, budget_chars=5), FieldError),
        (LoadOptions(session="nobody"), NoRecordError),
        (LoadOptions(group="nobody"), NoRecordError),
        (LoadOptions(files=("nothing.md",)), NoFileError),
        (LoadOptions(files=("progress.md#Nothing",)), NoAnchorError),
    ],
)
def test_what_cannot_be_meant_is_refused(large: Large, wish: LoadOptions, error: type[Exception]) -> None:
    with pytest.raises(error):
        load_context(large.bank, wish, NOW)


def test_every_command_that_fetches_something_is_one_of_ours(large: Large) -> None:
    context = load(large, "understand", "rigorous", budget_tokens=1000)
    starts = {" ".join(each.fetch.split()[:2]) for each in everything(context)}
    assert starts == {"bank show", "bank recall", "bank session", "bank history", "bank group"}


def test_a_banks_own_table_is_used(small: Large) -> None:
    own = small.bank.folder / "templates" / "stages.toml"
    own.parent.mkdir()
    own.write_text("[verify.rapid]\nmessages = 3\ndeep = 1\n", "utf-8")
    assert table_of(small.bank).cells["verify", "rapid"].messages == 3
    assert table_of(None).cells["verify", "rapid"].messages == ALL
    layers = {each.name: each.found for each in load(small, "validate", "rapid").layers}
    assert (layers["session"], layers["deep"]) == (3, 1)


def test_what_cannot_be_read_is_told_and_hides_nothing_else(small: Large) -> None:
    (small.bank.folder / "pafs.md").write_bytes(b"\0" * 40)
    (small.bank.folder / "progress.md").unlink()
    context = load(small, "implement", "standard")
    unread = {each.address: each.reason for each in context.omitted}
    assert "progress.md" in unread
    assert STANDARDS[0] in context.text
    assert any(each.layer == "deep" for each in context.included)


def test_an_hour_on_the_cache_is_empty_and_says_so(small: Large) -> None:
    wish = LoadOptions(stage="plan", mode="standard", current=small.session)
    layers = {each.name: each.found for each in load_context(small.bank, wish, NOW + timedelta(days=40)).layers}
    assert layers["cache"] == 0
    assert layers["session"] == 60
