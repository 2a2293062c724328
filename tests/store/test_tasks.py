"""Tasks in banks of today and of before: one numbering, whatever sections they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import ItemRef
from memorybank.errors import DuplicateAnchorError, NoItemError
from memorybank.workflow.lines.note import note
from memorybank.workflow.progress.tasks import finish_task, list_tasks

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

LEGACY = """# Progress Tracking

## Active Workflow Tasks

- [ ] parse
- [ ] print

## In Progress

- lex ^t1abcd

## Remaining

- [ ] print
- [None]
- [ ] ship

## Last Updated

2026-01-01
"""


@pytest.fixture
def legacy(bank: BankFolder) -> BankFolder:
    (bank.folder / "progress.md").write_text(LEGACY, encoding="utf-8")
    return bank


def test_numbers_go_on_from_section_to_section(legacy: BankFolder) -> None:
    assert [(each.number, each.text) for each in list_tasks(legacy)] == [
        (1, "parse"),
        (2, "print"),
        (3, "lex ^t1abcd"),
        (4, "print"),
        (5, "ship"),
    ]


def test_a_subsection_of_such_a_name_counts_once(bank: BankFolder) -> None:
    text = "# Progress Tracking\n\n## Tasks\n\n- [ ] a\n\n### Remaining\n\n- [ ] b\n"
    (bank.folder / "progress.md").write_text(text, encoding="utf-8")
    assert [(each.number, each.text) for each in list_tasks(bank)] == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("ref", "line"),
    [
        (ItemRef(number=1), "- [x] parse"),
        (ItemRef(number=2, text="print"), "- [x] print\n\n## In Progress"),
        (ItemRef(number=3), "- [x] lex ^t1abcd"),
        (ItemRef(id="t1abcd"), "- [x] lex ^t1abcd"),
        (ItemRef(number=4, text="print"), "## Remaining\n\n- [x] print"),
        (ItemRef(number=5), "- [x] ship"),
        (ItemRef(text="ship"), "- [x] ship"),
    ],
)
def test_a_task_is_ticked_where_it_stands(legacy: BankFolder, way: Way, ref: ItemRef, line: str) -> None:
    finish_task(legacy, ref, way)
    text = (legacy.folder / "progress.md").read_text(encoding="utf-8")
    assert line in text
    assert text.count("[x]") == 1


def test_a_text_that_stands_in_two_sections_is_no_single_task(legacy: BankFolder, way: Way) -> None:
    with pytest.raises(DuplicateAnchorError) as caught:
        finish_task(legacy, ItemRef(text="print"), way)
    assert caught.value.details["lines"] == [6, 14]
    assert caught.value.hint == "bank task list"


@pytest.mark.parametrize("ref", [ItemRef(), ItemRef(number=9), ItemRef(text="shop"), ItemRef(number=1, text="ship")])
def test_what_is_no_task_is_told(legacy: BankFolder, way: Way, ref: ItemRef) -> None:
    with pytest.raises(NoItemError) as caught:
        finish_task(legacy, ref, way)
    assert caught.value.hint == "bank task list"


MARKED = """# Progress Tracking

## Tasks

- [ ] open
- [/] doing
- [-] dropped
* \\[x] Ship
* \\[ ] escaped
- ~~struck~~ → Ship ^t1
- [ ] ~~struck, with a box~~
- [ ] ~~half~~ struck
- [b] bookmark
- [1] first
- [ab] words
- [ ]

## Completed

* \\[None]

## Last Updated

2026-11-28 14:04 UTC
"""


def test_other_marks_are_no_open_tasks_and_escaped_boxes_are_boxes(bank: BankFolder, way: Way) -> None:
    (bank.folder / "progress.md").write_text(MARKED, encoding="utf-8")
    rows = list_tasks(bank)
    assert [(each.text, each.done) for each in rows] == [
        ("open", False),
        ("doing", None),
        ("dropped", None),
        ("Ship", True),
        ("escaped", False),
        ("~~struck~~ → Ship ^t1", None),
        ("~~struck, with a box~~", None),
        ("~~half~~ struck", False),
        ("[b] bookmark", None),
        ("[1] first", None),
        ("[ab] words", False),
    ]
    assert "".join(each.mark or "." for each in rows) == " /-x ~~ b1."
    finish_task(bank, ItemRef(text="[b] bookmark"), way)
    assert "- [x] bookmark\n" in (bank.folder / "progress.md").read_text(encoding="utf-8")
    finish_task(bank, ItemRef(text="[1] first"), way, evidence="`make` → exit 0")
    assert "* [x] first - `make` → exit 0\n" in (bank.folder / "progress.md").read_text(encoding="utf-8")
    finish_task(bank, ItemRef(text="doing"), way)
    assert "- [x] doing\n" in (bank.folder / "progress.md").read_text(encoding="utf-8")


def test_an_escaped_placeholder_is_no_task_and_makes_room(bank: BankFolder, way: Way) -> None:
    start, end = MARKED.index("- [ ] open"), MARKED.index("\n## Completed")
    text = f"{MARKED[:start]}* \\[None]\n{MARKED[end:]}"
    (bank.folder / "progress.md").write_text(text, encoding="utf-8")
    assert list_tasks(bank) == []
    note(bank, "Ship", way, kind="task")
    assert [each.text for each in list_tasks(bank)] == ["Ship"]
    assert "## Tasks\n\n* [ ] Ship\n\n" in (bank.folder / "progress.md").read_text(encoding="utf-8")
