"""A refused secret is named by its line in the text that was passed, not by its line in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.errors import SecretError
from tests.running import bank as run
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

# put together here, so that no scanner takes this file for a leak
SECRET = "ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"
THIRD = f"one\ntwo\nthe key is {SECRET}"

CALLS: list[tuple[str, tuple[str, ...], dict[str, Any], str]] = [
    ("save", (THIRD,), {}, "line 3 of content"),
    ("save", ("x",), {"metadata": {"key": SECRET}}, "line 1 of metadata.key"),
    ("save", (), {"type": "error", "sections": {"Symptom": "a", "Solution": THIRD}}, "line 3 of section Solution"),
    ("note", (f"the key is {SECRET}",), {}, "line 1 of text"),
    ("decide", ("Title",), {"context": THIRD}, "line 3 of context"),
    ("decide", ("Title",), {"alternatives": ["a", SECRET]}, "line 1 of alternatives 2"),
    ("learn", ("Title",), {"what": THIRD}, "line 3 of what"),
    ("log", (THIRD,), {}, "line 3 of text"),
    ("add_message", ("user", THIRD), {"session_id": "new"}, "line 3 of"),
    ("end_session", ("",), {"summary": THIRD}, "line 3 of summary"),
]


@pytest.mark.parametrize(("method", "given", "more", "place"), CALLS, ids=[f"{each[0]} {each[3]}" for each in CALLS])
def test_a_secret_is_named_by_its_line(
    tmp_path: Path, method: str, given: tuple[str, ...], more: dict[str, Any], place: str
) -> None:
    make_bank(tmp_path)
    bank = Bank.open(tmp_path)
    bank.start_session(label="mine")
    with pytest.raises(SecretError) as refused:
        getattr(bank, method)(*given, **more)
    assert place in refused.value.message
    assert SECRET not in str(refused.value.to_wire())


def test_the_command_names_the_option(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert "line 3 of description" in run(tmp_path, "bug", "new", "It hangs", "--description", THIRD).stderr
    assert "line 3 of content" in run(tmp_path, "save", "-", text=THIRD).stderr
