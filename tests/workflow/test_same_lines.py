"""At a workflow's end no line goes because another one looks like it: only equal ones are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.workflow import steps as flows
from memorybank.workflow.finish import finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

PAIRS = [
    ("✅ Deploy works", "❌ Deploy works"),
    ("Parser in C", "Parser in C++"),
    ("Import `Foo`", "Import `foo`"),
    ("Offset is 5", "Offset is -5"),
]


def with_tasks(bank: BankFolder, rows: str) -> None:
    path = bank.folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("end -->\n\n- [None]", f"end -->\n\n{rows}"), encoding="utf-8")


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_both_of_two_tasks_are_filed(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], one: str, other: str
) -> None:
    with_tasks(bank, f"- [x] {one}\n- [x] {other}")
    flows.start(bank, "BUILD", "x", way)
    finish(bank, way, changed=["y"])
    assert section("progress.md#Completed") == [f"- [x] {one}", f"- [x] {other}"]


@pytest.mark.parametrize(("one", "other"), [*PAIRS, ("Ship the search", "Ship the search")])
def test_an_open_task_stays_open_beside_a_done_one(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], one: str, other: str
) -> None:
    with_tasks(bank, f"- [x] {one}\n- [ ] {other}")
    flows.start(bank, "BUILD", "x", way)
    finish(bank, way, changed=["y"])
    assert section("progress.md#Completed") == [f"- [x] {one}"]
    assert section("progress.md#Tasks") == [f"- [ ] {other}"]
