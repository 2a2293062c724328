"""Contracts are read once per bank, and again when the bank's own template changes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from memorybank.contracts import load
from memorybank.contracts.load import template_bytes
from memorybank.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

FILE = "progress.md"


@pytest.fixture
def own(bank: BankFolder) -> Path:
    """Return the path of the bank's own template; the file does not exist yet."""
    folder = bank.folder / "templates" / "contracts"
    folder.mkdir(parents=True)
    return folder / FILE


def cap_of(bank: BankFolder) -> int:
    contract = bank.contract_of(FILE)
    assert contract is not None
    spec = contract.spec_of("Completed")
    assert spec is not None
    return spec.cap


def template(cap: int) -> bytes:
    return template_bytes(f"contracts/{FILE}").replace(b"cap: 10", b"cap: %d" % cap)


def test_a_contract_is_read_once(bank: BankFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bank.contract_of("notes.md") is None
    assert cap_of(bank) == 10
    monkeypatch.delattr(load, "load_contract")
    assert bank.contract_of("notes.md") is None
    assert cap_of(bank) == 10


def test_a_template_that_is_created_changed_or_deleted_is_noticed(bank: BankFolder, own: Path) -> None:
    assert cap_of(bank) == 10
    own.write_bytes(template(3))
    assert cap_of(bank) == 3
    own.write_bytes(template(4))
    assert cap_of(bank) == 4
    own.unlink()
    assert cap_of(bank) == 10


def test_a_template_saved_with_the_same_size_and_time_is_read_again(bank: BankFolder, own: Path) -> None:
    for cap in (3, 4):
        own.write_bytes(template(cap))
        os.utime(own, ns=(0, 0))
        assert cap_of(bank) == cap


def test_an_invalid_template_is_an_error_each_time(bank: BankFolder, own: Path) -> None:
    own.write_bytes(b"# no front matter\n")
    for _ in range(2):
        with pytest.raises(ConfigError):
            bank.contract_of(FILE)
    own.write_bytes(template(3))
    assert cap_of(bank) == 3
