"""Approvals: for this machine, this bank and this exact text; nothing else lets a command run."""

from __future__ import annotations

import json
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import ConfigError, UntrustedError
from memorybank.store.approvals import Approval, Runnable, approvals, approve, pending, refuse_untrusted, revoke
from memorybank.store.folder import BankFolder
from memorybank.store.manage.init import init

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.way import Way

AT = "2026-11-21T09:30:00Z"
ONE, TWO = Runnable("paf AUTH-001", "pytest -q"), Runnable("paf AUTH-002", "ruff check .")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_nothing_is_approved_until_someone_does(bank: BankFolder, home: Path) -> None:
    assert approvals(home) == []
    with pytest.raises(UntrustedError) as refused:
        refuse_untrusted(home, bank, [ONE, TWO])
    assert refused.value.details["names"] == ["paf AUTH-001", "paf AUTH-002"]
    assert not home.exists()


def test_an_approved_text_passes_and_no_other(bank: BankFolder, home: Path) -> None:
    approve(home, bank, [ONE], at=AT)
    refuse_untrusted(home, bank, [ONE])
    assert pending(home, bank, [ONE, TWO, ONE._replace(text="pytest -q ")]) == [TWO, ONE._replace(text="pytest -q ")]
    assert pending(home, bank, [ONE._replace(name="hook start")]) == [ONE._replace(name="hook start")]


def test_a_new_text_takes_the_place_of_the_old_one(bank: BankFolder, home: Path) -> None:
    approve(home, bank, [ONE, TWO], at=AT)
    approve(home, bank, [ONE._replace(text="pytest -x")], at=AT)
    assert pending(home, bank, [ONE]) == [ONE]
    assert sorted((each.name, each.text) for each in approvals(home)) == [
        ("paf AUTH-001", "pytest -x"),
        ("paf AUTH-002", "ruff check ."),
    ]


def test_another_bank_with_the_same_text_is_another(bank: BankFolder, home: Path, tmp_path: Path, way: Way) -> None:
    approve(home, bank, [ONE], at=AT)
    (tmp_path / "clone").mkdir()
    clone = init(tmp_path / "clone", way).bank
    assert pending(home, clone, [ONE]) == [ONE]
    assert revoke(home, clone) == []
    assert pending(home, bank, [ONE]) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_bank_reached_through_a_link_is_the_same(bank: BankFolder, home: Path, tmp_path: Path) -> None:
    approve(home, bank, [ONE], at=AT)
    (tmp_path / "link").symlink_to(bank.project)
    linked = BankFolder(tmp_path / "link" / ".memorybank", tmp_path / "link", bank.layout)
    assert pending(home, linked, [ONE]) == []


def test_what_is_taken_back_is_told(bank: BankFolder, home: Path) -> None:
    approve(home, bank, [ONE, TWO], at=AT)
    folder = str(bank.folder.resolve())
    assert revoke(home, bank, ["paf AUTH-001"]) == [Approval(folder, *ONE, AT)]
    assert pending(home, bank, [ONE, TWO]) == [ONE]
    assert revoke(home, bank) == [Approval(folder, *TWO, AT)]
    assert approvals(home) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_approvals_are_private(bank: BankFolder, home: Path) -> None:
    approve(home, bank, [ONE], at=AT)
    assert stat.S_IMODE((home / ".state").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / ".state" / "trusted.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"approvals": 1}',
        '{"approvals": [{"bank": "x"}]}',
        '{"version": 2, "approvals": []}',
        "[" * 9999,
    ],
)
def test_approvals_that_cannot_be_read_approve_nothing_and_are_kept(bank: BankFolder, home: Path, text: str) -> None:
    path = home / ".state" / "trusted.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        pending(home, bank, [ONE])
    with pytest.raises(ConfigError):
        approve(home, bank, [ONE], at=AT)
    assert path.read_text(encoding="utf-8") == text


def test_a_folder_of_odd_bytes_is_a_key_as_well(home: Path, tmp_path: Path, bank: BankFolder) -> None:
    odd = BankFolder(tmp_path / "a\udcffb" / ".memorybank", tmp_path, bank.layout)
    approve(home, odd, [ONE], at=AT)
    assert pending(home, odd, [ONE]) == []
    assert json.loads((home / ".state" / "trusted.json").read_bytes())["version"] == 1
