"""What a bank remembers of its files' contracts, and when it reads them again."""

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
    """Return where the bank's own template for the file is looked for."""
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


def test_a_template_that_comes_changes_or_goes_is_seen(bank: BankFolder, own: Path) -> None:
    assert cap_of(bank) == 10
    own.write_bytes(template(3))
    assert cap_of(bank) == 3
    own.write_bytes(template(4))
    # a program may keep the size; the time of the change differs
    os.utime(own, ns=(0, 0))
    assert cap_of(bank) == 4
    own.unlink()
    assert cap_of(bank) == 10


def test_a_template_replaced_by_one_of_its_size_and_time_is_seen(bank: BankFolder, own: Path) -> None:
    own.write_bytes(template(3))
    os.utime(own, ns=(0, 0))
    assert cap_of(bank) == 3
    new = own.with_name("new.md")
    new.write_bytes(template(4))
    os.utime(new, ns=(0, 0))
    new.replace(own)
    assert cap_of(bank) == 4


def test_a_template_that_cannot_be_understood_is_refused_each_time(bank: BankFolder, own: Path) -> None:
    own.write_bytes(b"# no front matter\n")
    for _ in range(2):
        with pytest.raises(ConfigError):
            bank.contract_of(FILE)
    own.write_bytes(template(3))
    assert cap_of(bank) == 3
