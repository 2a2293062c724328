"""A bank of Cline is used in place: every kind of note finds its section there, or makes it; nothing else changes."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from memorybank.contracts.layouts import CLINE_FILES
from memorybank.contracts.load import FILES, load_contract
from memorybank.contracts.read_triggers import TRIGGERS
from memorybank.document.edits import ItemRef
from memorybank.errors import NoAnchorError, NoBankError
from memorybank.store.discover import find_bank
from memorybank.store.journal.undo import undo
from memorybank.store.manage.items import list_items
from memorybank.store.view import look
from memorybank.workflow.lines.note import focus, note
from memorybank.workflow.lines.placement import kinds_of
from memorybank.workflow.progress.documents import new_document
from memorybank.workflow.progress.tasks import finish_task, list_tasks
from tests.running import MODULE, environment
from tests.running import bank as run

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

BRIEF = b"# Active Context\n\n## Current Work Focus\n\nthe parser\n\n## Next Steps\n\n1. b\n"


@pytest.fixture
def cline(tmp_path: Path) -> BankFolder:
    """Give a bank of Cline as small as they begin: few files, few sections."""
    folder = tmp_path / "theirs" / "memory-bank"
    folder.mkdir(parents=True)
    (folder / "projectbrief.md").write_bytes(b"# Project Brief\n\nwhat it is\n")
    (folder / "activeContext.md").write_bytes(BRIEF)
    (folder / "progress.md").write_bytes(b"# Progress\r\n\r\n## What Works\r\n\r\n- scan")
    return find_bank(folder.parent, environ={})


def text_of(bank: BankFolder, file: str) -> str:
    return (bank.folder / file).read_bytes().decode()


def test_every_kind_of_note_has_its_place_in_files_of_cline(cline: BankFolder) -> None:
    ours = {kind for file in FILES for spec in load_contract(file).sections for kind in spec.notes}  # type: ignore[union-attr]  # shipped
    places = kinds_of(cline)
    assert set(places) == ours
    assert {place.partition("#")[0] for place in places.values()} <= set(CLINE_FILES)


def test_a_section_that_is_missing_is_made_at_the_end(cline: BankFolder, way: Way) -> None:
    note(cline, "WAL needs a local disk", way)
    made = "\n## Learnings and Project Insights\n\n- WAL needs a local disk\n"
    assert text_of(cline, "activeContext.md") == BRIEF.decode() + made
    note(cline, "and another", way)
    assert text_of(cline, "activeContext.md") == BRIEF.decode() + made + "- and another\n"


def test_a_file_that_is_missing_is_made_with_its_title(cline: BankFolder, way: Way) -> None:
    done = note(cline, "Dates are local time", way, kind="gotcha")
    assert text_of(cline, "systemPatterns.md") == "# System Patterns\n\n## Common Gotchas\n\n- Dates are local time\n"
    assert done.files[0].before == ""
    undo(cline, "", way)
    assert not (cline.folder / "systemPatterns.md").exists()


def test_what_is_made_has_the_files_own_line_endings(cline: BankFolder, way: Way) -> None:
    note(cline, "slow", way, kind="blocker")
    assert text_of(cline, "progress.md") == (
        "# Progress\r\n\r\n## What Works\r\n\r\n- scan\r\n\r\n## Known Issues\r\n\r\n- slow\r\n"
    )


def test_a_file_whose_last_headings_have_one_name_gets_its_section_too(cline: BankFolder, way: Way) -> None:
    (cline.folder / "activeContext.md").write_bytes(b"# A\n\n## X\n\n## X\n")
    note(cline, "one", way, kind="change")
    assert text_of(cline, "activeContext.md").endswith("\n## Recent Changes\n\n- one\n")
    (cline.folder / "activeContext.md").write_bytes(b"no heading\n")
    note(cline, "one", way, kind="change")
    assert text_of(cline, "activeContext.md") == "no heading\n\n## Recent Changes\n\n- one\n"


def test_tasks_have_boxes_there_too(cline: BankFolder, way: Way) -> None:
    assert list_tasks(cline) == []
    note(cline, "ship it", way, kind="task")
    assert [(each.text, each.done) for each in list_tasks(cline)] == [("ship it", False)]
    assert list_items(cline, "progress.md#What's Left to Build")[0].done is False


@pytest.mark.parametrize("name", ["Current Work Focus", "Current Focus", ""])
def test_the_focus_is_set_where_cline_has_it(cline: BankFolder, way: Way, name: str) -> None:
    heading = f"## {name}\n\nold\n\n" if name else ""
    (cline.folder / "activeContext.md").write_text(f"# Active Context\n\n{heading}## Next Steps\n", encoding="utf-8")
    focus(cline, "the writer", way)
    wanted = f"## {name or 'Current Work Focus'}\n\nthe writer\n"
    text = text_of(cline, "activeContext.md")
    assert wanted in text
    assert text.count("##") == 2
    assert "old" not in text


@pytest.mark.parametrize("kind", ["plan", "research"])
def test_a_document_is_made_with_its_line(cline: BankFolder, way: Way, kind: str) -> None:
    made = new_document(cline, kind, "Move to WAL", way)
    assert (cline.project / made.file).is_file()
    assert f"\n## References\n\n- {kind.capitalize()}: `{made.file}` → Move to WAL\n" in text_of(
        cline, "activeContext.md"
    )
    undo(cline, "", way)
    assert text_of(cline, "activeContext.md") == BRIEF.decode()


def test_several_writers_make_a_section_once_and_lose_no_line(cline: BankFolder) -> None:
    command = [*MODULE, "note", "--as", "gotcha"]
    running = [subprocess.Popen([*command, f"n{i}"], cwd=cline.project, env=environment()) for i in range(6)]
    assert [each.wait(60) for each in running] == [0] * 6
    text = text_of(cline, "systemPatterns.md")
    assert text.count("## Common Gotchas") == 1
    assert sorted(line for line in text.split("\n") if line.startswith("- ")) == [f"- n{i}" for i in range(6)]


def make(tmp_path: Path, **files: str) -> BankFolder:
    """Make a bank of such files, `_` for what an identifier cannot hold."""
    folder = tmp_path / "theirs" / "memory-bank"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return find_bank(folder.parent, environ={})


def headings(bank: BankFolder, file: str) -> list[str]:
    return [line for line in text_of(bank, file).split("\n") if line.startswith("#")]


@pytest.mark.parametrize(
    "heading",
    [
        "🛠️ What's Left to Build",
        "2. What\u2019s left to build:",
        "**What's Left to Build** (3)",
        "What's left, and what is next",
        "TODO",
        "Current Tasks",
        "📋 In Progress",
        "Bugs & Tasks",
    ],
)
def test_tasks_stand_below_any_of_their_headings(tmp_path: Path, way: Way, heading: str) -> None:
    bank = make(tmp_path, progress=f"# P\n\n## {heading}\n\n- [ ] sand\n\n## Other\n")
    note(bank, "paint", way, kind="task")
    assert headings(bank, "progress.md") == ["# P", f"## {heading}", "## Other"]
    assert [(each.text, each.done) for each in list_tasks(bank)] == [("sand", False), ("paint", False)]
    finish_task(bank, ItemRef(text="sand"), way, evidence="`make` → exit 0")
    assert [each.text for each in list_tasks(bank) if not each.done] == ["paint"]


def test_tasks_below_several_headings_are_all_listed(tmp_path: Path) -> None:
    bank = make(tmp_path, progress="# P\n\n## 🏗 In Progress\n\n- a\n\n## What Works\n\n- z\n\n## To-do\n\n- [ ] b\n")
    assert [each.text for each in list_tasks(bank)] == ["a", "b"]


def test_a_heading_that_holds_the_words_is_the_section(tmp_path: Path, way: Way) -> None:
    bank = make(
        tmp_path, activeContext="# A\n\n## 🔁 Recent Changes & Finds\n\n- a\n\n## The Next Steps: June\n\n- b\n"
    )
    note(bank, "c", way, kind="change")
    note(bank, "d", way, kind="next")
    assert headings(bank, "activeContext.md") == ["# A", "## 🔁 Recent Changes & Finds", "## The Next Steps: June"]


def test_no_section_is_made_beside_one_that_may_be_it(tmp_path: Path, way: Way) -> None:
    bank = make(tmp_path, progress="# P\n\n## Tasks for the painters\n\n- a\n")
    with pytest.raises(NoAnchorError) as caught:
        note(bank, "paint it", way, kind="task")
    assert caught.value.details["near"] == ["Tasks for the painters"]
    assert run(bank.project, *shlex.split(caught.value.hint)[1:]).returncode == 0
    assert text_of(bank, "progress.md") == "# P\n\n## Tasks for the painters\n\n- a\n- [ ] paint it\n"
    assert run(bank.project, *shlex.split(str(caught.value.details["accept"]))[1:]).returncode == 0
    note(bank, "build it", way, kind="task")
    assert headings(bank, "progress.md") == ["# P", "## Tasks for the painters", "## What's Left to Build"]
    assert [each.text for each in list_tasks(bank)] == ["build it"]


OURS = [
    ("activeContext.md#Learnings", "activeContext.md#Learnings and Project Insights"),
    ("activeContext.md#Decisions", "activeContext.md#🧭 Active Decisions & Considerations"),
    ("activeContext.md#Current Focus", "activeContext.md#Current Work Focus"),
    ("patterns.md#Architecture Patterns", "systemPatterns.md#Core Design Patterns"),
    ("progress.md#Tasks", "progress.md#What's Left to Build"),
]


@pytest.fixture
def full(tmp_path: Path) -> BankFolder:
    """Give a bank of Cline with a section for each of the addresses that the skill shows."""
    return make(
        tmp_path,
        activeContext=(
            "# A\n\n## Current Work Focus\n\nx\n\n## 🧭 Active Decisions & Considerations\n\n- d\n\n"
            "## Learnings and Project Insights\n\n- l\n"
        ),
        systemPatterns="# S\n\n## Core Design Patterns\n\n- p\n",
        progress="# P\n\n## What's Left to Build\n\n- [ ] t\n",
    )


@pytest.mark.parametrize(("ours", "theirs"), OURS)
def test_addresses_of_the_skill_lead_to_what_stands_for_them(full: BankFolder, ours: str, theirs: str) -> None:
    assert look(full, ours).address == theirs


def test_every_moment_of_the_skill_can_be_loaded(full: BankFolder) -> None:
    for each in TRIGGERS:
        done = run(full.project, "load", "--for", each.name)
        assert done.returncode == 0, done.stderr
    assert "Core Design Patterns" in run(full.project, "load", "--for", "architecture").stdout
    assert "Active Decisions" in run(full.project, "load", "--for", "decision").stdout


def test_what_a_small_bank_has_not_is_told_and_no_failure(cline: BankFolder) -> None:
    done = run(cline.project, "load", "--for", "familiar-error")
    assert (done.returncode, done.stdout) == (0, "")
    assert "systemPatterns.md" in done.stderr


def test_an_item_is_moved_into_what_stands_for_our_section(full: BankFolder, way: Way) -> None:
    done = run(full.project, "item", "move", "activeContext.md#Learnings", "l", "--to", "patterns.md#Common Gotchas")
    assert done.returncode == 0, done.stderr
    assert text_of(full, "systemPatterns.md").endswith("\n## Common Gotchas\n\n- l\n")
    assert "- l\n" not in text_of(full, "activeContext.md")
    undo(full, "", way)
    assert text_of(full, "systemPatterns.md") == "# S\n\n## Core Design Patterns\n\n- p\n"


def test_an_item_is_moved_into_a_file_that_is_not_there_yet(cline: BankFolder, way: Way) -> None:
    note(cline, "l", way)
    before = text_of(cline, "activeContext.md")
    done = run(cline.project, "item", "move", "activeContext.md#Learnings", "l", "--to", "patterns.md#Common Gotchas")
    assert done.returncode == 0, done.stderr
    assert text_of(cline, "systemPatterns.md") == "# System Patterns\n\n## Common Gotchas\n\n- l\n"
    undo(cline, "", way)
    assert text_of(cline, "activeContext.md") == before
    assert not (cline.folder / "systemPatterns.md").exists()


def test_other_addresses_are_not_guessed(full: BankFolder) -> None:
    for address in ("progress.md#Seats", "patterns.md#Seats", "seats.md#Tasks"):
        assert run(full.project, "show", address).returncode == 3
    assert run(full.project, "note", "x", "--to", "progress.md#Seats").returncode == 3


def test_decisions_of_roo_go_to_its_log(tmp_path: Path, way: Way) -> None:
    bank = make(tmp_path, activeContext="# A\n\n## Current Focus\n", decisionLog="# D\n\n## Decision\n\n- old\n")
    note(bank, "SQLite", way, kind="decision")
    assert text_of(bank, "decisionLog.md") == "# D\n\n## Decision\n\n- old\n- SQLite\n"
    assert "SQLite" in run(bank.project, "load").stdout


def test_a_folder_of_other_files_is_no_bank(tmp_path: Path) -> None:
    folder = tmp_path / "theirs" / "memory-bank"
    folder.mkdir(parents=True)
    (folder / "notes.md").write_text("# Notes\n", encoding="utf-8")
    outer = tmp_path / "memory-bank"
    outer.mkdir()
    (outer / "progress.md").write_text("# P\n", encoding="utf-8")
    assert find_bank(folder.parent, environ={}).folder == outer
    (outer / "progress.md").unlink()
    with pytest.raises(NoBankError):
        find_bank(folder.parent, environ={})
    assert run(folder.parent, "init").returncode == 0


def test_a_folder_of_any_name_is_known_by_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "theirs" / "memory"
    folder.mkdir(parents=True)
    for name in ("activeContext", "techContext"):
        (folder / f"{name}.md").write_text("# X\n", encoding="utf-8")
    assert find_bank(tmp_path, named=str(folder), environ={}).layout.name == "cline"
    (folder / "patterns.md").write_text("# X\n", encoding="utf-8")
    assert find_bank(tmp_path, named=str(folder), environ={}).layout.name == "memorybank"


@pytest.mark.parametrize("layout", ["memorybank", "cc10x", "cc10x-v10", "cc10x-v9", "cline"])
def test_a_bank_of_any_layout_can_be_started(tmp_path: Path, way: Way, layout: str) -> None:
    done = run(tmp_path, "init", "--layout", layout)
    assert done.returncode == 0, done.stderr
    bank = find_bank(tmp_path, environ={})
    assert bank.layout.name == layout
    for kind in kinds_of(bank):
        note(bank, f"a {kind}", way, kind=kind)
    focus(bank, "the writer", way)
    before = {file: headings(bank, file) for file in bank.main_files}
    checked = run(tmp_path, "check")
    assert checked.returncode == 0, checked.stdout
    assert run(tmp_path, "init", "--layout", layout).returncode == 0
    assert {file: headings(bank, file) for file in bank.main_files} == before
    other = "cline" if layout != "cline" else "cc10x"
    refused = run(tmp_path, "init", "--layout", other)
    assert refused.returncode == 5
    assert "bank init" in refused.stderr


def test_a_missing_file_is_made_by_the_command_that_is_named(cline: BankFolder) -> None:
    told = run(cline.project, "load").stderr
    assert f"bank init --layout cline {cline.project}" in told
    before = text_of(cline, "activeContext.md")
    assert run(cline.project, "init", "--layout", "cline", str(cline.project)).returncode == 0
    assert text_of(cline, "activeContext.md") == before
    assert all((cline.folder / file).is_file() for file in CLINE_FILES)


def test_a_workflow_runs_where_sections_are_missing(cline: BankFolder) -> None:
    for words in (
        ("workflow", "start", "BUILD", "Paint the shed"),
        ("workflow", "task", "Sand it"),
        ("workflow", "task", "t1", "--status", "done", "--evidence", "`make` → exit 0"),
        ("workflow", "note", "Sand first", "--as", "gotcha"),
        ("workflow", "finish"),
    ):
        done = run(cline.project, *words)
        assert done.returncode == 0, done.stderr
    assert "- Sand first" in text_of(cline, "systemPatterns.md")
    assert "Sand it" in text_of(cline, "activeContext.md")


@pytest.mark.parametrize("heading", ["Left to Build", "Was uns noch fehlt", "Open Items", "残しておいた仕事"])
def test_open_boxes_under_another_heading_are_named_and_not_left_behind(
    cline: BankFolder, way: Way, heading: str
) -> None:
    path = cline.folder / "progress.md"
    text = f"# Progress\n\n## What Works\n\n- Login\n\n## {heading}\n\n- [ ] Pay\n\n## Known Issues\n\n- None\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NoAnchorError) as refused:
        note(cline, "New", way, kind="task")
    assert refused.value.details["near"] == [heading]
    assert path.read_text(encoding="utf-8") == text
    listed = run(cline.folder.parent, "task", "list")
    assert (listed.returncode, listed.stdout) == (0, "")
    assert f"it may be {heading!r} on line 7" in listed.stderr


def test_a_list_of_changes_that_is_no_snapshot_stays(cline: BankFolder, way: Way) -> None:
    path = cline.folder / "activeContext.md"
    path.write_text("# Active Context\n\n## Recent Changes\n\n- Alice: moved to Vite\n", encoding="utf-8")
    run(cline.folder.parent, "workflow", "start", "BUILD", "Search")
    done = run(cline.folder.parent, "workflow", "finish", "--changed", "Search is there")
    assert done.returncode == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    assert "- Alice: moved to Vite\n" in text
    assert "Search is there\n" in text
