"""A substrate-config.yaml becomes the settings of corrections."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.exchange.safe_read import ForeignError
from memorybank.facade.upkeep.exchange import Exchange
from memorybank.records.corrections.settings import CorrectionSettings, Steps, Weights, read_settings
from memorybank.store.discover import find_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult

# the template of the source, key by key
TEMPLATE = """\
# substrate-config.yaml
extraction:
  log_directory: "~/.claude/projects/"
  correction_markers:
    - "actually"
    - "no"
    - "should be"
  span_tiers: ["critical", "high", "medium", "low"]
scoring:
  signals:
    recency:
      weight: 0.4
      normalization: "min_max"
    density:
      weight: 0.3
      formula: "len(correction) / max(1, len(premise))"
    cosine_neighborhood:
      weight: 0.3
      embedding_dim: 128
  mixture:
    enabled: true
    human_label_weight: 0.05
decay:
  schedule: "0 4 * * *"
  half_life_multipliers:
    1_day: 0.91
    1_week: 0.50
    1_month: 0.05
  independent_of_signals: true
exposure:
  transport: "stdio"
  max_budget_chars: 4096
  auto_inject: false
  audit_log: "./logs/substrate-audit.jsonl"
"""


def made(tmp_path: Path, text: str | bytes) -> tuple[Bank, Path]:
    Bank.init(tmp_path / "project")
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Bank.open(tmp_path / "project"), path


def taken(bank: Bank, path: Path) -> ImportResult:
    return Exchange(bank._opened, bank._caller).import_from("substrate-config", path)  # noqa: SLF001


def in_force(bank: Bank) -> CorrectionSettings:
    return read_settings(find_bank(bank.project, environ=os.environ))


def test_each_key_of_the_template_is_a_setting_or_reported(tmp_path: Path) -> None:
    bank, path = made(tmp_path, TEMPLATE)
    before = (bank.path / "bank.toml").read_text()
    done = taken(bank, path)
    assert in_force(bank) == CorrectionSettings(
        log_directory="~/.claude/projects/",
        markers=("actually", "no", "should be"),
        recency="min-max",
        weights=Weights(0.4, 0.0, 0.0, 0.3, 0.0, 0.3, 0.0, 0.05),
        decay="steps",
        steps=Steps(0.91, 0.5, 0.05),
    )
    assert [each.where.rpartition(".")[2] for each in done.misfits] == ["formula", "embedding_dim", "audit_log"]
    assert len(done.operations) == 1
    bank.undo()
    assert (bank.path / "bank.toml").read_text() == before


def test_again_changes_nothing_and_a_dry_run_neither(tmp_path: Path) -> None:
    bank, path = made(tmp_path, TEMPLATE)
    before = (bank.path / "bank.toml").read_text()
    dry = Bank.open(bank.project, dry_run=True)
    assert taken(dry, path).dry_run
    assert (bank.path / "bank.toml").read_text() == before
    taken(bank, path)
    assert taken(bank, path).operations == ()


def test_what_a_setting_does_not_take_is_reported_and_the_rest_is_set(tmp_path: Path) -> None:
    text = """\
---
extraction: {span_tiers: [urgent], log_directory: "a\\u001bb", new_key: 1}
decay: {half_life_multipliers: {1_day: 9, 1_week: .nan}, independent_of_signals: false, schedule: 5}
exposure: {transport: http, max_budget_chars: 2000, auto_inject: "yes", audit_log: false}
"""
    bank, path = made(tmp_path, text)
    done = taken(bank, path)
    assert {each.key: each.value for each in done.settings} == {
        "corrections.budget_chars": 2000,
        "corrections.audit_log": False,
    }
    assert {each.where for each in done.misfits} == {
        "extraction.span_tiers",
        "extraction.log_directory",
        "extraction.new_key",
        "decay.half_life_multipliers.1_day",
        "decay.half_life_multipliers.1_week",
        "decay.independent_of_signals",
        "decay.schedule",
        "exposure.transport",
        "exposure.auto_inject",
    }
    assert in_force(bank) == CorrectionSettings(budget_chars=2000, audit_log=False)


BOMB = "a: &a [x]\nb: [*a, *a]\n"


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- b\n", "a: 1\n", "a: [", BOMB, b"\xff\xfe\x00", "exposure: []\n", "[" * 5000]
)
def test_what_is_no_such_file_is_refused_and_nothing_is_written(tmp_path: Path, text: str | bytes) -> None:
    bank, path = made(tmp_path, text)
    before = (bank.path / "bank.toml").read_text()
    with pytest.raises(ForeignError):
        taken(bank, path)
    assert (bank.path / "bank.toml").read_text() == before


def test_the_settings_are_in_the_json_form(tmp_path: Path) -> None:
    bank, path = made(tmp_path, "exposure:\n  max_budget_chars: 100\n")
    wire = json.loads(json.dumps(taken(bank, path).to_wire()))
    assert wire["settings"] == [{"key": "corrections.budget_chars", "value": 100, "entry": "exposure.max_budget_chars"}]


@pytest.mark.parametrize(
    ("signals", "weights"),
    [
        ("recency: {weight: .nan}, density: {weight: 0.2}", Weights(0.5, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0)),
        ("recency: {normalization: min_max}", Weights()),
    ],
)
def test_a_weight_that_is_not_given_or_not_valid_stays_as_it_is(tmp_path: Path, signals: str, weights: Weights) -> None:
    bank, path = made(tmp_path, f"scoring: {{signals: {{{signals}}}}}")
    taken(bank, path)
    assert in_force(bank).weights == weights
