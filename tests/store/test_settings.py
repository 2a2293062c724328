"""Settings: where a value comes from, and what a place may hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from memorybank import Bank
from memorybank.errors import ConfigError, FieldError
from memorybank.records.corrections.settings import CorrectionSettings, read_settings
from memorybank.store.config import Config
from memorybank.store.discover import find_bank
from memorybank.store.settings.table import OTHERS, SETTINGS


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("MEMORYBANK_HOME", str(folder))
    return folder


def made(tmp_path: Path, *lines: str) -> Bank:
    project = tmp_path / "project"
    Bank.init(project)
    (project / ".memorybank" / "bank.toml").write_text("\n".join(lines) + "\n")
    return Bank.open(project)


def test_the_table_and_the_values_in_force_have_the_same_defaults() -> None:
    config = Config()
    assert {setting.field: setting.default for setting in SETTINGS} == {
        name: value for name, value in config._asdict().items() if name != "headings"
    }


def test_the_environment_is_before_the_bank_and_the_bank_before_the_user(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = made(tmp_path)
    assert bank.settings.get("agents.writes")[1:] == ("block", "default")
    (home / "settings.toml").write_text('[agents]\nwrites = "audit"\n')
    assert bank.settings.get("agents.writes")[1:] == ("audit", "user")
    (bank.path / "bank.toml").write_text('[agents]\nwrites = "block"\n')
    assert bank.settings.get("agents.writes")[1:] == ("block", "bank")
    monkeypatch.setenv("MEMORYBANK_AGENTS_WRITES", "Warn")
    assert Bank.open(bank.project).settings.get("agents.writes")[1:] == ("warn", "environment")


def test_what_belongs_to_the_bank_alone_is_not_read_from_the_user(tmp_path: Path, home: Path) -> None:
    (home / "settings.toml").write_text('scope = "repository"\nname = "mine"\n')
    bank = made(tmp_path)
    assert bank.settings.get("scope")[1:] == ("worktree", "default")


def test_a_budget_of_the_bank_in_characters_is_before_the_users_in_tokens(tmp_path: Path, home: Path) -> None:
    (home / "settings.toml").write_text("[load]\nbudget_tokens = 4000\n")
    bank = made(tmp_path, "[load]", "budget_chars = 9000")
    assert bank.settings.get("load.budget_tokens")[1:] == (0, "default")
    assert bank.settings.get("load.budget_chars")[1:] == (9000, "bank")


def test_a_users_settings_alone_are_no_bank(home: Path) -> None:
    from memorybank.store.discover import bank_at

    (home / "settings.toml").write_text("semantic = true\n")
    assert bank_at(home, home) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[agents]\nwrites = "deny"', "agents.writes must be block or warn or audit"),
        ("[agents]\ninject = 1", "agents.inject must be true or false"),
        ("agents = 1", "agents must be a table"),
        ("kept_megabytes = true", "kept_megabytes must be an integer"),
    ],
)
def test_a_value_that_a_setting_does_not_take_is_an_error_in_either_file(
    tmp_path: Path, home: Path, text: str, why: str
) -> None:
    bank = made(tmp_path)
    for path in (home / "settings.toml", bank.path / "bank.toml"):
        path.write_text(text + "\n")
        with pytest.raises(ConfigError, match=why):
            bank.note("x")
        path.write_text("")
    bank.note("x")


def test_an_unknown_key_is_an_error_that_names_the_closest(tmp_path: Path, home: Path) -> None:
    with pytest.raises(FieldError) as caught:
        made(tmp_path).settings.get("agent.write")
    assert caught.value.hint == "bank config get agents.writes"


def test_the_page_has_each_setting_with_its_text() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0]: line for line in page.split("\n") if line.startswith("| `")}
    for setting in (*SETTINGS, *OTHERS):
        row = rows.pop(f"| `{setting.key}`")
        assert f"| {setting.text} | {setting.kind}" in row
        assert row.endswith("| yes |") == setting.personal
    assert rows == {}


def in_force(bank: Bank) -> CorrectionSettings:
    return read_settings(find_bank(bank.project, environ=os.environ))


def test_the_settings_of_corrections_have_the_same_defaults_in_both_places(tmp_path: Path, home: Path) -> None:
    bank = made(tmp_path)
    assert in_force(bank) == CorrectionSettings()


def test_a_decimal_number_is_read_and_written(tmp_path: Path, home: Path) -> None:
    bank = made(tmp_path, "[corrections]", "half_life_days = 14", "[corrections.weights]", "recency = 0.4")
    bank.settings.set("corrections.weights.tier", "0.25")
    found = in_force(bank)
    assert (found.half_life_days, found.weights.recency, found.weights.tier) == (14.0, 0.4, 0.25)
    assert "tier = 0.25\n" in (bank.path / "bank.toml").read_text()


@pytest.mark.parametrize("value", ["nan", "inf", "-0.1", "much", "1e999", ""])
def test_a_weight_is_a_number_that_can_be_added(tmp_path: Path, home: Path, value: str) -> None:
    with pytest.raises(FieldError, match=r"must be (a number|at least 0)"):
        made(tmp_path).settings.set("corrections.weights.tier", value)


def test_a_list_with_choices_takes_only_these(tmp_path: Path, home: Path) -> None:
    bank = made(tmp_path)
    bank.settings.set("corrections.tiers", "High, critical")
    assert in_force(bank).tiers == ("high", "critical")
    with pytest.raises(FieldError, match="must be a list of critical or high or medium or low"):
        bank.settings.set("corrections.tiers", "urgent")
