"""The end of a workflow renews two sections item by item: what is not its business stands as it stood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.store.discover import find_bank
from memorybank.store.journal.undo import undo
from memorybank.workflow import steps as flows
from memorybank.workflow.finish import finish
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

CHANGES = "activeContext.md#Recent Changes"
TASKS = "progress.md#Tasks"


def by_hand(bank: BankFolder, file: str, old: str, new: str) -> None:
    path = bank.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def with_tasks(bank: BankFolder, text: str) -> None:
    by_hand(bank, "progress.md", "end -->\n\n- [None]\n", f"end -->\n\n{text}")


def tasks_of(bank: BankFolder) -> str:
    text = (bank.folder / "progress.md").read_text(encoding="utf-8")
    return text.partition("end -->\n\n")[2].partition("\n## Completed")[0]


@pytest.mark.parametrize("changed", [[], ["Uploads resume"]])
def test_what_was_noted_since_the_start_stays(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], changed: list[str]
) -> None:
    note(bank, "of the last workflow", way, kind="change")
    flows.start(bank, "BUILD", "Uploads", way)
    note(bank, "noted meanwhile", way, kind="change")
    by_hand(bank, "activeContext.md", "meanwhile\n", "meanwhile\n- typed by hand\n  - with a part\n")
    done = finish(bank, way, changed=changed)
    rows = ["- [2026-11-21] noted meanwhile", "- typed by hand", "  - with a part"]
    assert section(CHANGES) == rows + [f"- [2026-11-21] {each}" for each in changed]
    assert done.replaced == ["[2026-11-21] of the last workflow"]


def test_without_anything_noted_or_done_the_goal_says_what_changed(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "of the last workflow", way, kind="change")
    flows.start(bank, "BUILD", "Uploads", way)
    finish(bank, way)
    assert section(CHANGES) == ["- [2026-11-21] BUILD: Uploads"]


def test_words_that_are_no_item_stay_under_recent_changes(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "of the last workflow", way, kind="change")
    by_hand(bank, "activeContext.md", "- [2026-11-21] of", "Words of mine.\n\n<!-- keep -->\n\n- [2026-11-21] of")
    flows.start(bank, "BUILD", "Uploads", way)
    finish(bank, way)
    assert section(CHANGES) == ["Words of mine.", "<!-- keep -->", "- [2026-11-21] BUILD: Uploads"]


def test_an_artifact_that_does_not_say_what_stood_there_goes_by_dates_and_the_journal(
    bank: BankFolder, way: Way, later: Callable[..., Way], section: Callable[[str], list[str]]
) -> None:
    note(bank, "of that morning", way, kind="change")
    ident = flows.start(bank, "BUILD", "Uploads", later(hours=2)).flow.id
    note(bank, "after it", later(hours=3), kind="change")
    by_hand(bank, "activeContext.md", "after it\n", "after it\n- [2026-11-20] the day before\n- of no day\n")
    path = bank.folder / "workflows" / f"{ident}.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    del value["changes_before"]
    path.write_text(json.dumps(value), encoding="utf-8")
    finish(bank, later(hours=4))
    assert section(CHANGES) == ["- [2026-11-21] after it", "- of no day"]
    undo(bank, "", way)
    finish(bank, later(hours=4), changed=["Done"])
    assert section(CHANGES) == ["- [2026-11-21] after it", "- [2026-11-21] Done"]


def test_prose_and_nesting_under_tasks_stay_as_they_stand(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    text = (
        "What this sprint is about, in *words*.\n\n"
        "- [ ] Store the offset\n"
        "  - in SQLite\n"
        "  - [x] the table\n"
        "    > as agreed\n\n"
        "  and a paragraph\n"
        "- [x] Read the spec\n"
        "* [ ] Another list\n\n"
        "<!-- nobody sees this -->\n\n"
        "### Later\n\n"
        "1. [ ] Windows\n"
        "2. [x] Linux\n"
    )
    with_tasks(bank, text)
    flows.start(bank, "BUILD", "Uploads", way)
    finish(bank, way)
    assert tasks_of(bank) == text.replace("- [x] Read the spec\n", "").replace("2. [x] Linux\n", "")
    assert section("progress.md#Completed") == ["- [x] Read the spec", "- [x] Linux"]


def test_a_done_task_is_filed_with_what_hangs_below_it(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    with_tasks(bank, "- [x] Store it ^k1\n  - in SQLite\n\n  because of locks\n- [ ] Resume it (after: ^k1)\n")
    flows.start(bank, "BUILD", "Uploads", way)
    finish(bank, way)
    assert section("progress.md#Completed") == ["- [x] Store it ^k1", "  - in SQLite", "  because of locks"]
    assert section(TASKS) == ["- [ ] Resume it (after: ^k1)"]


def test_a_done_task_with_an_open_part_is_not_done(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    with_tasks(bank, "- [x] Store it\n  - [ ] with a backup\n")
    flows.start(bank, "BUILD", "Uploads", way)
    finish(bank, way)
    assert section(TASKS) == ["- [x] Store it", "  - [ ] with a backup"]
    assert section("progress.md#Completed") == ["- [None]"]


def test_a_task_of_the_workflow_is_filed_where_it_stands_with_its_evidence(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    with_tasks(bank, "- [ ] Store it ^k1\n- [ ] Resume it\n  - by ranges\n- [ ] Tell of it\n")
    flows.start(bank, "BUILD", "Uploads", way)
    for text, evidence in (("Store it", "`make a` → exit 0"), ("Resume it", "`make b` → exit 0"), ("Tell of it", "")):
        number = flows.add_task(bank, "", text, way).flow.value["tasks"][-1]["id"]
        if evidence:
            flows.set_task(bank, "", number, "done", way, evidence=evidence)
    finish(bank, way)
    assert section("progress.md#Completed") == [
        "- [x] Store it - `make a` → exit 0 ^k1",
        "- [x] Resume it - `make b` → exit 0",
        "  - by ranges",
    ]
    assert section(TASKS) == ["- [ ] Tell of it"]


def test_an_emptied_section_says_that_it_is(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    with_tasks(bank, "- [x] Read the spec\n")
    before = tasks_of(bank)
    flows.start(bank, "BUILD", "Uploads", way)
    finish(bank, way)
    assert section(TASKS) == ["- [None]"]
    assert "end -->\n\n- [None]\n\n## Completed\n\n" in (bank.folder / "progress.md").read_text(encoding="utf-8")
    undo(bank, "", way)
    assert tasks_of(bank) == before


def test_in_a_bank_of_cline_sections_that_are_missing_are_made(tmp_path: Path, way: Way) -> None:
    folder = tmp_path / "memory-bank"
    folder.mkdir()
    (folder / "projectbrief.md").write_text("# Brief\n", encoding="utf-8")
    (folder / "activeContext.md").write_text("# Active Context\n\n## Current Work Focus\n\nx\n", encoding="utf-8")
    bank = find_bank(tmp_path, environ={})
    flows.start(bank, "BUILD", "Uploads", way)
    for number in (1, 2):
        flows.add_task(bank, "", f"Part {number}", way)
        flows.add_note(bank, "", f"Gotcha {number}", way, kind="gotcha")
    flows.add_task(bank, "", "Part 3", way)
    flows.set_task(bank, "", "t1", "done", way, evidence="`make a` → exit 0")
    flows.set_task(bank, "", "t2", "done", way)
    finish(bank, way, changed=["Uploads resume", "And go on"], next_steps=["Windows"])
    progress = (folder / "progress.md").read_text(encoding="utf-8")
    assert progress == (
        "# Progress\n\n## What's Left to Build\n\n- [ ] Part 3\n\n"
        "## What Works\n\n- [x] Part 1 - `make a` → exit 0\n- [x] Part 2\n\n## Verification\n\n- `make a` → exit 0\n"
    )
    context = (folder / "activeContext.md").read_text(encoding="utf-8")
    assert "## Recent Changes\n\n- Uploads resume\n- And go on\n" in context
    patterns = (folder / "systemPatterns.md").read_text(encoding="utf-8")
    assert patterns.endswith("## Common Gotchas\n\n- Gotcha 1\n- Gotcha 2\n")
    undo(bank, "", way)
    assert not (folder / "progress.md").exists()


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_everything_that_is_not_its_business_keeps_its_bytes(bank: BankFolder, way: Way, eol: str) -> None:
    with_tasks(bank, "Words.\n\n- [ ] open\n\n\n- [x] done\n\n\n- [ ] too\n")
    path = bank.folder / "progress.md"
    path.write_bytes(path.read_text(encoding="utf-8").replace("\n", eol).encode())
    flows.start(bank, "BUILD", "Uploads", way)
    before = path.read_bytes()
    finish(bank, way)
    assert f"Words.{eol}{eol}- [ ] open{eol}{eol}{eol}- [ ] too{eol}".encode() in path.read_bytes()
    undo(bank, "", way)
    assert path.read_bytes() == before
