"""Items on the move: what hangs below an item goes along, and arrives as the same list it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import ItemRef, Tick
from memorybank.errors import NoItemError, SpillError
from memorybank.store.manage.items import edit_item, move_item
from memorybank.store.view import look
from memorybank.workflow.lines.find import find_line

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

MOVES = {
    "tabs": ("- one\n\t- two\n\t\t- three\n", "- zebra\n", "- zebra\n- two\n    - three\n"),
    "tabs to an empty section": ("- one\n\t- two\n\t\t- three\n", "", "- two\n    - three\n"),
    "tabs with CR alone": ("- one\r\t- two\r\t\t- three\r", "- zebra\r", "- zebra\r- two\r    - three\r"),
    "spaces": ("- one\n  - two\n    - three\n", "- zebra\n\n- yak\n", "- zebra\n\n- yak\n\n- two\n  - three\n"),
    "another marker": ("- one\n  * two\n    - three\n", "- zebra\n", "- zebra\n\n* two\n  - three\n"),
    "lists on one line": ("- one\n- - two\n", "* zebra\n", "* zebra\n\n- - two\n"),
    "one line": ("- one\n\t- two ^k3f9x\n", "* zebra\n", "* zebra\n* two ^k3f9x\n"),
}


@pytest.mark.parametrize(("items", "there", "then"), MOVES.values(), ids=MOVES.keys())
def test_an_item_arrives_as_the_list_it_was(bank: BankFolder, way: Way, items: str, there: str, then: str) -> None:
    eol = "\r" if "\r" in items else "\n"
    path = bank.project / "notes.md"
    path.write_bytes(f"# N{eol}{eol}## A{eol}{eol}{items}{eol}## B{eol}{eol}{there}".encode())
    move_item(bank, "notes.md#A", ItemRef(number=2), "notes.md#B", way)
    assert path.read_bytes().decode().partition(f"## B{eol}{eol}")[2] == then


def test_an_item_on_the_line_of_another_one_stays(bank: BankFolder, way: Way) -> None:
    path = bank.project / "notes.md"
    path.write_text("# N\n\n## A\n\n- one\n- - two\n\n## B\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(SpillError):
        move_item(bank, "notes.md#A", ItemRef(number=3), "notes.md#B", way)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["[None]", "nope", "^None"])
def test_a_placeholder_is_never_offered(bank: BankFolder, way: Way, name: str) -> None:
    address = "progress.md#Tasks"
    ref = ItemRef(id=name[1:]) if name[0] == "^" else ItemRef(text=name[1:] if name[0] == "[" else name)
    for attempt in (
        lambda: edit_item(bank, address, lambda section: Tick(section, ref), "item tick", way),
        lambda: move_item(bank, address, ref, "notes.md#B", way),
        lambda: find_line(bank, address, str(ref)),
        lambda: look(bank, f"{address}^None"),
    ):
        with pytest.raises(NoItemError) as caught:
            attempt()
        assert caught.value.details["near"] == []
