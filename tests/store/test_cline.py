"""A bank of Cline is used in place: every kind of note finds its section there, or makes it; nothing else changes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from memorybank.contracts.layouts import CLINE_FILES
from memorybank.contracts.load import FILES, load_contract
from memorybank.store.items import list_items
from memorybank.store.layout import find_bank
from memorybank.store.undo import undo
from memorybank.workflow.artifacts import new_document
from memorybank.workflow.notes import focus, note
from memorybank.workflow.places import kinds_of
from memorybank.workflow.tasks import list_tasks
from tests.running import MODULE, environment

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.bank import Bank
    from memorybank.store.commit import Way

BRIEF = b"# Active Context\n\n## Current Work Focus\n\nthe parser\n\n## Next Steps\n\n1. b\n"


@pytest.fixture
def cline(tmp_path: Path) -> Bank:
    """Give a bank of Cline as small as they begin: few files, few sections."""
    folder = tmp_path / "theirs" / "memory-bank"
    folder.mkdir(parents=True)
    (folder / "projectbrief.md").write_bytes(b"# Project Brief\n\nwhat it is\n")
    (folder / "activeContext.md").write_bytes(BRIEF)
    (folder / "progress.md").write_bytes(b"# Progress\r\n\r\n## What Works\r\n\r\n- scan")
    return find_bank(folder.parent, environ={})


def text_of(bank: Bank, file: str) -> str:
    return (bank.folder / file).read_bytes().decode()


def test_every_kind_of_note_has_its_place_in_files_of_cline(cline: Bank) -> None:
    ours = {kind for file in FILES for spec in load_contract(file).sections for kind in spec.notes}  # type: ignore[union-attr]  # shipped
    places = kinds_of(cline)
    assert set(places) == ours
    assert {place.partition("#")[0] for place in places.values()} <= set(CLINE_FILES)


def test_a_section_that_is_missing_is_made_at_the_end(cline: Bank, way: Way) -> None:
    note(cline, "WAL needs a local disk", way)
    made = "\n## Learnings and Project Insights\n\n- WAL needs a local disk\n"
    assert text_of(cline, "activeContext.md") == BRIEF.decode() + made
    note(cline, "and another", way)
    assert text_of(cline, "activeContext.md") == BRIEF.decode() + made + "- and another\n"


def test_a_file_that_is_missing_is_made_with_its_title(cline: Bank, way: Way) -> None:
    done = note(cline, "Dates are local time", way, kind="gotcha")
    assert text_of(cline, "systemPatterns.md") == "# System Patterns\n\n## Common Gotchas\n\n- Dates are local time\n"
    assert done.files[0].before == ""
    undo(cline, "", way)
    assert not (cline.folder / "systemPatterns.md").exists()


def test_what_is_made_has_the_files_own_line_endings(cline: Bank, way: Way) -> None:
    note(cline, "slow", way, kind="blocker")
    assert text_of(cline, "progress.md") == (
        "# Progress\r\n\r\n## What Works\r\n\r\n- scan\r\n\r\n## Known Issues\r\n\r\n- slow\r\n"
    )


def test_a_file_whose_last_headings_have_one_name_gets_its_section_too(cline: Bank, way: Way) -> None:
    (cline.folder / "activeContext.md").write_bytes(b"# A\n\n## X\n\n## X\n")
    note(cline, "one", way, kind="change")
    assert text_of(cline, "activeContext.md").endswith("\n## Recent Changes\n\n- one\n")
    (cline.folder / "activeContext.md").write_bytes(b"no heading\n")
    note(cline, "one", way, kind="change")
    assert text_of(cline, "activeContext.md") == "no heading\n\n## Recent Changes\n\n- one\n"


def test_tasks_have_boxes_there_too(cline: Bank, way: Way) -> None:
    assert list_tasks(cline) == []
    note(cline, "ship it", way, kind="task")
    assert [(each.text, each.done) for each in list_tasks(cline)] == [("ship it", False)]
    assert list_items(cline, "progress.md#What's Left to Build")[0].done is False


@pytest.mark.parametrize("name", ["Current Work Focus", "Current Focus", ""])
def test_the_focus_is_set_where_cline_has_it(cline: Bank, way: Way, name: str) -> None:
    heading = f"## {name}\n\nold\n\n" if name else ""
    (cline.folder / "activeContext.md").write_text(f"# Active Context\n\n{heading}## Next Steps\n", encoding="utf-8")
    focus(cline, "the writer", way)
    wanted = f"## {name or 'Current Work Focus'}\n\nthe writer\n"
    text = text_of(cline, "activeContext.md")
    assert wanted in text
    assert text.count("##") == 2
    assert "old" not in text


@pytest.mark.parametrize("kind", ["plan", "research"])
def test_a_document_is_made_with_its_line(cline: Bank, way: Way, kind: str) -> None:
    made = new_document(cline, kind, "Move to WAL", way)
    assert (cline.project / made.file).is_file()
    assert f"\n## References\n\n- {kind.capitalize()}: `{made.file}` → Move to WAL\n" in text_of(
        cline, "activeContext.md"
    )
    undo(cline, "", way)
    assert text_of(cline, "activeContext.md") == BRIEF.decode()


def test_several_writers_make_a_section_once_and_lose_no_line(cline: Bank) -> None:
    command = [*MODULE, "note", "--as", "gotcha"]
    running = [subprocess.Popen([*command, f"n{i}"], cwd=cline.project, env=environment()) for i in range(6)]
    assert [each.wait(60) for each in running] == [0] * 6
    text = text_of(cline, "systemPatterns.md")
    assert text.count("## Common Gotchas") == 1
    assert sorted(line for line in text.split("\n") if line.startswith("- ")) == [f"- n{i}" for i in range(6)]
