"""Documents and contracts for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.contracts.load import load_contract
from memorybank.document.sections import outline
from memorybank.document.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.contracts.contract import Contract
    from memorybank.document.sections import Document


@pytest.fixture
def read() -> Callable[[str, str], tuple[Document, Contract]]:
    """Give a function that reads a text as a contract file of a name, with its contract."""

    def document(file: str, text: str) -> tuple[Document, Contract]:
        contract = load_contract(file)
        assert contract is not None
        source = Source(text.encode("utf-8", "surrogateescape"))
        return outline(source, file, contract=True), contract

    return document
