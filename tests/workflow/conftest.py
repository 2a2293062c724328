"""The sections of the bank, for the tests of the work in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.store.view import look

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder


@pytest.fixture
def section(bank: BankFolder) -> Callable[[str], list[str]]:
    """Give a function that reads the lines of a section: `section("activeContext.md#Decisions")`."""
    return lambda address: [line for line in look(bank, address).text.split("\n") if line.strip()]
