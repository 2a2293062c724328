"""Corrections within a budget: which are there, and which never are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.errors import FieldError
from memorybank.recall.corrections.within_budget import CorrectionOptions, load_corrections
from memorybank.records.corrections.correction import DROPPED, Correction, Origin, Premise
from memorybank.records.corrections.ledger import append_found
from memorybank.store.discover import find_bank
from memorybank.times import stamp_of
from tests.ledger import append_decision

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def found(number: int, days: float, text: str, tier: str = "medium") -> Correction:
    at = stamp_of(NOW - timedelta(days=days))
    return Correction(
        f"cor-20261130-{number:05}", "marker", text, Premise("npm install", "Bash"), Origin(at=at), tier=tier
    )


@pytest.fixture
def folder(tmp_path: Path) -> BankFolder:
    Bank.init(tmp_path)
    bank = find_bank(tmp_path, environ={"MEMORYBANK_HOME": str(tmp_path / "home")})
    rows = [found(1, 1, "use pnpm here", "high"), found(2, 2, "keep the build folder"), found(3, 3, "stop it", "low")]
    append_found(bank, rows, at=stamp_of(NOW))
    return bank


def ids(bank: BankFolder, **wish: object) -> list[str]:
    loaded = load_corrections(bank, NOW, CorrectionOptions(**wish))  # type: ignore[arg-type]
    return [each.correction.id[-1] for each in loaded.chosen]


def test_what_waits_is_marked_and_what_was_dropped_is_not_there(folder: BankFolder) -> None:
    append_decision(folder, "cor-20261130-00003", status=DROPPED)
    loaded = load_corrections(folder, NOW, CorrectionOptions())
    assert loaded.text == (
        "[high] use pnpm here (about: Bash npm install) {cor-20261130-00001, not accepted yet}\n"
        "[medium] keep the build folder (about: Bash npm install) {cor-20261130-00002, not accepted yet}\n"
    )
    assert (loaded.budget, loaded.unit, loaded.strategy, loaded.left_out) == (4096, "characters", "mixture", ())


def test_the_settings_choose_tiers_budget_and_strategy(folder: BankFolder) -> None:
    toml = folder.folder / "bank.toml"
    toml.write_text('[corrections]\ntiers = ["high", "low"]\nmixture = false\nbudget_chars = 90\n')
    loaded = load_corrections(folder, NOW, CorrectionOptions())
    assert (loaded.strategy, loaded.budget) == ("recency", 90)
    assert [each.correction.id[-1] for each in loaded.chosen] == ["1"]
    assert [each.id[-1] for each in loaded.left_out] == ["3"]


def test_a_query_and_a_strategy_change_the_order(folder: BankFolder) -> None:
    assert ids(folder) == ["1", "2", "3"]
    assert ids(folder, strategy="density") == ["2", "1", "3"]
    asked = CorrectionOptions(query="stop")
    loaded = load_corrections(folder, NOW, asked, {"cor-20261130-00003": 0.9})
    assert [each.correction.id[-1] for each in loaded.chosen] == ["3", "1", "2"]


def test_a_window_is_warned_of_and_tokens_are_a_budget(folder: BankFolder) -> None:
    loaded = load_corrections(folder, NOW, CorrectionOptions(budget_tokens=60, window=50))
    assert loaded.unit == "tokens"
    assert loaded.tokens == loaded.size <= 60
    assert loaded.window_percent > 70
    assert loaded.warning.startswith(f"{loaded.tokens} tokens are {loaded.window_percent} % of the window of 50")


@pytest.mark.parametrize("wish", [{"budget_chars": 5, "budget_tokens": 5}, {"budget_chars": 0}, {"window": -1}])
def test_a_budget_that_is_none_is_refused(folder: BankFolder, wish: dict[str, int]) -> None:
    with pytest.raises(FieldError):
        ids(folder, **wish)
