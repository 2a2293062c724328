"""Accepted corrections in `bank load`: once each, and gone after an undo."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.accept import accept
from memorybank.corrections.decide import pin
from memorybank.recall.loading.load import Context, LoadOptions, load_context
from memorybank.recall.loading.stages import MODES, STAGES
from memorybank.recall.recall_errors import BudgetError
from memorybank.records.corrections.ledger import append_found
from memorybank.store.journal.undo import undo
from tests.corrections.test_ledger import one

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LINED, ALONE, WAITING = (f"cor-20261120-{name}" for name in ("aaaaa", "bbbbb", "ccccc"))
TEXTS = {
    LINED: "always keep the build folder",
    ALONE: "the staging host is db-3",
    WAITING: "never deploy to prod-1 on a Friday",
}


def made(bank: BankFolder, way: Way) -> str:
    """Accept one with a line in patterns.md and one without; return the operation of the second."""
    append_found(bank, [one(ident, text, values=()) for ident, text in TEXTS.items()])
    accept(bank, [LINED], way, kind="gotcha")
    return accept(bank, [ALONE], way, kind="none").receipt.operation


def loaded(bank: BankFolder, stage: str = "", mode: str = "", **wish: int) -> Context:
    return load_context(bank, LoadOptions(stage=stage, mode=mode, **wish), NOW)  # type: ignore[arg-type]


def test_each_stage_and_mode_has_them_once_and_an_undo_takes_one_back(bank: BankFolder, way: Way) -> None:
    operation = made(bank, way)
    for stage in STAGES:
        for mode in MODES:
            text = loaded(bank, stage, mode).text
            assert text.count(TEXTS[LINED]) == 1
            assert text.count(f"[medium] {TEXTS[ALONE]} (about: ") == 1
            assert TEXTS[WAITING] not in text
    undo(bank, operation, way)
    assert TEXTS[ALONE] not in loaded(bank).text


def test_one_whose_line_is_not_loaded_is_there_from_its_record(bank: BankFolder, way: Way) -> None:
    made(bank, way)
    context = load_context(bank, LoadOptions(stage="plan", mode="rapid", files=("progress.md",)), NOW)
    assert {TEXTS[ALONE], TEXTS[LINED]} == {each for each in TEXTS.values() if each in context.text}
    assert [each.layer for each in context.of("corrections")] == ["corrections", "corrections"]


def test_a_budget_may_leave_one_out_but_not_a_pinned_one(bank: BankFolder, way: Way) -> None:
    made(bank, way)
    assert not loaded(bank, "review", "rapid", budget_tokens=25).of("corrections")
    pin(bank, ALONE, way)
    with pytest.raises(BudgetError):
        loaded(bank, "review", "rapid", budget_tokens=25)
    assert [each.reason for each in loaded(bank, "review", "rapid", budget_tokens=60).of("corrections")] == [
        "a pinned correction"
    ]
