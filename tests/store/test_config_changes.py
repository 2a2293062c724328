"""`bank config`: one value changes and no other byte; what a setting does not take is refused."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.errors import ConfigError, FieldError
from memorybank.store.config import can_be_set
from memorybank.store.home import Personal
from memorybank.store.settings.table import BY_KEY
from tests.running import bank as run

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (
    b"# ours\n"
    b"name   =   'p'   # do not rename\n"
    b"\n"
    b"kept_megabytes = 64\t# space\n"
    b"unknown = [ 1,\n  2 ] # kept\n"
    b"[ load ]   # k\n"
    b"  budget_tokens=1 # t\n"
    b"[check.severity]\n"
    b'"dead-link" = "off"\n'
    b"# the end"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def bank(tmp_path: Path, home: Path) -> Bank:
    Bank.init(tmp_path / "p")
    return Bank.open(tmp_path / "p")


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("kept_megabytes", "5", b"kept_megabytes = 64\t#", b"kept_megabytes = 5\t#"),
        ("load.budget_tokens", "900", b"budget_tokens=1 #", b"budget_tokens=900 #"),
        ("check.severity.dead-link", "notice", b'"dead-link" = "off"', b'"dead-link" = "notice"'),
        ("name", "Ada's", b"'p'   #", b'"Ada\'s"   #'),
    ],
)
def test_the_value_changes_and_no_other_byte(
    bank: Bank, bom: bytes, newline: bytes, key: str, value: str, old: bytes, new: bytes
) -> None:
    path, text = bank.path / "bank.toml", bom + TEXT.replace(b"\n", newline)
    path.write_bytes(text)
    bank.settings.set(key, value)
    assert path.read_bytes() == text.replace(old, new)
    bank.undo()
    assert path.read_bytes() == text


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize(("key", "value"), [("agents.writes", "warn"), ("semantic", "true"), ("check.tags", "api,db")])
def test_a_new_value_is_added_and_taken_out_again(bank: Bank, newline: bytes, key: str, value: str) -> None:
    path, text = bank.path / "bank.toml", TEXT.replace(b"\n", newline)
    path.write_bytes(text)
    bank.settings.set(key, value)
    after = path.read_bytes()
    rest = [line.rstrip(b"\r") for line in after.split(b"\n")]
    assert [line for line in TEXT.split(b"\n") if line not in rest] == []
    assert (b"\r\n" in after.replace(b"\r\n", b"", 0)) == (newline == b"\r\n")
    assert after.count(b"\n") == after.count(newline)
    bank.settings.unset(key)
    left = tomllib.loads(path.read_text())
    assert {name: each for name, each in left.items() if each != {}} | {"agents": {}} == {
        **tomllib.loads(text.decode()),
        "agents": {},
    } | ({"check": left["check"]} if key == "check.tags" else {})


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("agents.writes", "wran", "bank config set agents.writes warn"),
        ("agents.inject", "maybe", "bank config set agents.inject false"),
        ("kept_megabytes", "0", "bank config set kept_megabytes 64"),
        ("kept_megabytes", "many", "bank config set kept_megabytes 64"),
        ("log.zone", "Mars", "bank config set log.zone local"),
        ("name", "a\nb", "bank config set name"),
        ("headings.Lessons", "lerning", "bank config set headings.Lessons learning"),
        ("sync.enabld", "true", "bank config get sync.enabled"),
        ("sync.postgres_url", "postgresql://a:hunter2@db/x", "put the password into ~/.pgpass"),
        ("sync.postgres_url", "mysql://db/x", "put the password into ~/.pgpass"),
        ("layout", "2", "bank migrate"),
        ("scope", "all", "bank config set scope"),
    ],
)
def test_what_a_setting_does_not_take_is_refused_and_nothing_is_written(
    bank: Bank, key: str, value: str, hint: str
) -> None:
    before = (bank.path / "bank.toml").read_bytes()
    with pytest.raises(FieldError) as caught:
        bank.settings.set(key, value)
    assert caught.value.hint.startswith(hint)
    assert (bank.path / "bank.toml").read_bytes() == before


def test_an_invalid_value_is_corrected_by_the_command_and_a_broken_file_is_not_touched(bank: Bank) -> None:
    path = bank.path / "bank.toml"
    path.write_text('kept_megabytes = "x"\n')
    result = run(bank.project, "config", "set", "kept_megabytes", "5")
    assert result.returncode == 0, result.stderr
    assert path.read_text() == "kept_megabytes = 5\n"
    path.write_text("= broken\n")
    with pytest.raises(ConfigError):
        bank.settings.set("kept_megabytes", "5")
    assert path.read_text() == "= broken\n"


def test_the_users_own_settings_need_no_bank_and_are_not_the_teams(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"MEMORYBANK_HOME": str(home)}
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", "config", "set", "semantic", "true", "--user", env=env).returncode == 0
    assert (home / "settings.toml").read_text() == "semantic = true\n"
    assert run(tmp_path / "empty", "config", "get", "semantic", "--user", env=env).stdout == "true\n"
    refused = run(tmp_path / "empty", "config", "set", "scope", "repository", "--user", env=env)
    assert refused.returncode == 5
    assert run(tmp_path / "empty", "note", "x", env=env).returncode == 3


def test_a_dry_run_writes_nothing(bank: Bank, home: Path) -> None:
    dry = Bank.open(bank.project, dry_run=True)
    before = (bank.path / "bank.toml").read_bytes()
    change = dry.settings.set("semantic", value=True)
    assert change.receipt is not None
    assert change.receipt.dry_run
    dry.settings.set("semantic", value=True, user=True)
    assert (bank.path / "bank.toml").read_bytes() == before
    assert not (home / "settings.toml").exists()


def test_the_list_has_the_value_and_its_place(bank: Bank) -> None:
    bank.settings.set("check.severity.dead-link", "off")
    found = {each.key: (each.value, each.source) for each in bank.settings.list()}
    assert found["check.severity.dead-link"] == ("off", "bank")
    assert found["agents.stop"] == ("remind", "default")
    assert next(each.key for each in bank.settings.list("agents")) == "agents.inject"


def test_a_setting_that_no_place_names_is_known_to_have_its_default(tmp_path: Path) -> None:
    """What comes after each command asks this first, and the reader of TOML costs more than the rest of it."""
    ours, nobody = tmp_path / "bank.toml", Personal(tmp_path / "home", {})
    nobody.home.mkdir()
    ours.write_bytes(TEXT)
    assert not can_be_set("sync.enabled", ours, nobody)
    assert can_be_set("sync.enabled", ours, Personal(nobody.home, {BY_KEY["sync.enabled"].variable: "true"}))
    ours.write_bytes(b"[ 'sync' ]\nenabled = true\n")
    assert can_be_set("sync.enabled", ours, nobody)
    ours.unlink()
    nobody.path.write_bytes(b"sync.enabled = true\n")
    assert can_be_set("sync.enabled", ours, nobody)
    assert not can_be_set("sync.enabled", ours, None)
