"""A bank in a folder of its own, written to with a clock that stands and chance that counts."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest

from memorybank.store.actor import Actor
from memorybank.store.manage.init import init
from memorybank.store.way import Author, Way

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

START = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


@pytest.fixture
def way() -> Way:
    numbers = count(1)

    def random_bytes(length: int) -> bytes:
        number = next(numbers)
        return bytes((number >> (5 * place)) & 31 for place in reversed(range(length)))

    return Way(Author(Actor("tests", "s1"), lambda: START, random_bytes))


@pytest.fixture
def bank(tmp_path: Path, way: Way) -> BankFolder:
    project = tmp_path / "project"
    project.mkdir()
    return init(project, way).bank
