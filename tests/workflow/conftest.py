"""The bank and the way of writing that the tests of the store use, with a clock that goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from memorybank.store.actor import Actor
from memorybank.store.manage.init import init
from memorybank.store.way import Author, Way

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder

START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def way() -> Way:
    """Give a way of writing whose clock stands and whose chance counts."""
    numbers = count(1)

    def random_bytes(length: int) -> bytes:
        number = next(numbers)
        return bytes((number >> (5 * place)) & 31 for place in reversed(range(length)))

    return Way(Author(Actor("tests", "s1"), lambda: START, random_bytes))


@pytest.fixture
def later(way: Way) -> Callable[..., Way]:
    """Give a function that moves the clock on: `later(hours=2)`."""
    return lambda **passed: way._replace(author=way.author._replace(now=lambda: START + timedelta(**passed)))


@pytest.fixture
def bank(tmp_path: Path, way: Way) -> BankFolder:
    project = tmp_path / "project"
    project.mkdir()
    return init(project, way).bank


@pytest.fixture
def section(bank: BankFolder) -> Callable[[str], list[str]]:
    """Give a function that reads the lines of a section: `section("activeContext.md#Decisions")`."""
    from memorybank.store.view import look

    return lambda address: [line for line in look(bank, address).text.split("\n") if line.strip()]
