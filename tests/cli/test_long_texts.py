"""A text with more lines than a section may have is refused as a limit, however it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.document.scanner.block_scanner import MAX_RECORDED
from memorybank.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

LINES = "x\n" * (MAX_RECORDED + 1)


def test_the_library_raises_the_error_of_a_limit(project: Path) -> None:
    section = Bank.open(project).edit("activeContext.md#Learnings")
    for write in (section.append, section.prepend):
        with pytest.raises(LimitError) as caught:
            write(LINES)
        assert caught.value.code == "limit"
        assert str(MAX_RECORDED) in str(caught.value)


def test_the_command_says_that_it_is_the_text_and_what_to_do_with_it(bank: Callable[..., Ended]) -> None:
    ended = bank("edit", "activeContext.md#Learnings", "--append", "-", "--json", stdin=LINES.encode())
    error = ended.data["error"]
    assert (ended.status, error["code"], error["hint"]) == (5, "limit", "bank artifact add -h")
    assert error["message"].startswith("the text is over a limit")
