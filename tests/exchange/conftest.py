"""Two projects with a bank each, and a fixed clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.exchange.making import make_way
from tests.running import new_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


@pytest.fixture
def way() -> Way:
    return make_way()


@pytest.fixture
def bank(tmp_path: Path) -> BankFolder:
    (tmp_path / "one").mkdir()
    return new_bank(tmp_path / "one")


@pytest.fixture
def other(tmp_path: Path) -> BankFolder:
    (tmp_path / "two").mkdir()
    return new_bank(tmp_path / "two")
