"""The predictor of what has to be said again: on where there is something to learn, and off where there is not."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.misstep import fit
from memorybank.recall.recall_errors import MissingExtraError
from memorybank.records.corrections.correction import Correction, Origin, Premise
from memorybank.records.corrections.ledger import append_found
from memorybank.times import stamp_of
from tests.ledger import append_decision, read_ledger
from tests.running import bank as run
from tests.running import sampled

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SESSIONS = 36
_WORDS = "alpha beta gamma delta omega sigma kappa lambda zeta theta iota rho tau phi chi psi".split()  # noqa: SIM905


def history(*, is_learnable: bool, seed: int = 1, each: int = 4) -> list[Correction]:
    """Return corrections of many sessions, some of which are said again later: denied ones, or any by chance."""
    chance = random.Random(seed)
    rows: list[Correction] = []
    pending: dict[int, list[tuple[str, str]]] = {}
    for session in range(SESSIONS):
        new = []
        for number in range(each):
            rule = chance.choice(("denied", "marker"))
            new.append((f"thing{session}x{number} {' '.join(chance.sample(_WORDS, 6))}", rule))
        for place, (text, rule) in enumerate([*pending.pop(session, []), *new]):
            likely = 0.8 if rule == "denied" else 0.1
            if chance.random() < (likely if is_learnable else 0.4):
                pending.setdefault(min(session + chance.randint(1, 4), SESSIONS), []).append((text, rule))
            at = stamp_of(BEGIN + timedelta(days=session, minutes=place))
            origin = Origin("claude-code", f"s{session}", at=at)
            premise = Premise(tool="Bash: make") if rule == "denied" else Premise("I did it.")
            rows.append(Correction(f"cor-20260101-{len(rows):05}", rule, text, premise, origin))
    return rows


def test_what_has_a_cause_is_learned_and_each_gets_its_chance(bank: BankFolder, way: Way) -> None:
    append_found(bank, history(is_learnable=True))
    found = fit(bank, way)
    assert found.is_used, found
    assert found.auc is not None
    assert found.recency_auc is not None
    assert found.auc > max(0.7, found.recency_auc)
    assert found.low is not None
    assert found.low > 0
    rows = read_ledger(bank)
    chances = {rule: [each.misstep or 0 for each in rows if each.rule == rule] for rule in ("denied", "marker")}
    assert all(each.misstep is not None for each in rows)
    assert sum(chances["denied"]) / len(chances["denied"]) > 2 * sum(chances["marker"]) / len(chances["marker"])


@pytest.mark.parametrize("seed", sampled(range(2), 2))
def test_chance_is_not_learned_and_what_was_there_is_taken_away(bank: BankFolder, way: Way, seed: int) -> None:
    rows = history(is_learnable=False, seed=seed)
    append_found(bank, rows)
    append_decision(bank, rows[0].id, misstep=0.9)
    found = fit(bank, way)
    assert not found.is_used, found
    assert found.why == "it is not better than recency on sessions that it did not see"
    assert all(each.misstep is None for each in read_ledger(bank))


def test_too_little_is_told(bank: BankFolder, way: Way) -> None:
    assert "0 corrections with a later session, and 50 are needed" in fit(bank, way).why
    append_found(
        bank, [each._replace(origin=Origin("x", "one", at=each.origin.at)) for each in history(is_learnable=True)]
    )
    assert "0 corrections with a later session" in fit(bank, way).why
    assert run(bank.project, "corrections", "fit").stdout.startswith("0 corrections with a later session, 0 of them")


def test_a_dry_run_writes_nothing_and_the_command_prints_the_figures(bank: BankFolder) -> None:
    append_found(bank, history(is_learnable=True))
    done = run(bank.project, "corrections", "fit", "--dry-run")
    assert " on sessions that it did not see, recency " in done.stdout
    assert "on: " in done.stdout
    assert all(each.misstep is None for each in read_ledger(bank))


def test_without_the_extra_the_command_says_how_to_get_it(
    bank: BankFolder, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError) as caught:
        fit(bank, way)
    assert caught.value.hint == "pip install 'memorybank[mining]'"
