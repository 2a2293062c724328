"""A task that is done goes to Completed with what shows it; without anything that shows it, its line says so."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import ItemRef
from memorybank.store.discover import find_bank
from memorybank.store.journal.undo import undo
from memorybank.workflow.finish import finish
from memorybank.workflow.lines.note import note
from memorybank.workflow.progress.tasks import finish_task, list_tasks
from memorybank.workflow.steps import start
from memorybank.workflow.task_sync import hydrate, sync
from tests.running import bank as run_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

TASKS, COMPLETED = "progress.md#Tasks", "progress.md#Completed"
PROOF = "`make test` → exit 0 (4/4)"


def with_tasks(bank: BankFolder, rows: str) -> Path:
    path = bank.folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("end -->\n\n- [None]\n", f"end -->\n\n{rows}"), encoding="utf-8")
    return path


def test_with_evidence_it_is_filed(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    with_tasks(bank, "- [ ] Store it ^k1\n- [ ] Resume it\n")
    finish_task(bank, ItemRef(number=1), way, evidence=PROOF)
    assert section(TASKS) == ["- [ ] Resume it"]
    assert section(COMPLETED) == [f"- [x] Store it - {PROOF} ^k1"]
    finish_task(bank, ItemRef(text="Resume it"), way, evidence=PROOF)
    assert (section(TASKS), len(section(COMPLETED))) == (["- [None]"], 2)
    undo(bank, "", way)
    assert section(TASKS) == ["- [ ] Resume it"]


def test_what_hangs_below_it_goes_along(bank: BankFolder, way: Way) -> None:
    path = with_tasks(
        bank, "Words.\n\n- [ ] Store it\n  in SQLite\n  - [x] the table\n\n    > as agreed\n- [ ] Resume it\n"
    )
    finish_task(bank, ItemRef(text="Store it"), way, evidence=PROOF)
    text = path.read_text(encoding="utf-8")
    assert "Words.\n\n- [ ] Resume it\n" in text
    assert (
        f"- [x] Store it\n  in SQLite - {PROOF}\n  - [x] the table\n\n    > as agreed\n"
        in text.partition("## Completed")[2]
    )


@pytest.mark.parametrize(
    ("rows", "after"),
    [
        ("- [ ] All\n  - [ ] Store it\n", f"- [ ] All\n  - [x] Store it - {PROOF}\n"),
        ("- [ ] Store it\n  - [ ] a part\n", f"- [x] Store it - {PROOF}\n  - [ ] a part\n"),
        ("- [ ] Store it\n  - [/] begun\n", f"- [x] Store it - {PROOF}\n  - [/] begun\n"),
    ],
)
def test_a_part_and_what_has_open_parts_are_ticked_where_they_stand(
    bank: BankFolder, way: Way, rows: str, after: str
) -> None:
    path = with_tasks(bank, rows)
    finish_task(bank, ItemRef(text="Store it"), way, evidence=PROOF)
    assert after in path.read_text(encoding="utf-8")


def test_a_part_that_was_dropped_holds_nothing_up(bank: BankFolder, way: Way) -> None:
    path = with_tasks(bank, "- [ ] Store it\n  - [-] dropped\n")
    finish_task(bank, ItemRef(text="Store it"), way, evidence=PROOF)
    done = path.read_text(encoding="utf-8").partition("## Completed")[2]
    assert f"- [x] Store it - {PROOF}\n  - [-] dropped\n" in done


def test_in_a_bank_of_cline_the_place_is_made(tmp_path: Path, way: Way) -> None:
    folder = tmp_path / "memory-bank"
    folder.mkdir()
    (folder / "projectbrief.md").write_text("# Brief\n", encoding="utf-8")
    (folder / "progress.md").write_text("# Progress\n\n## What's Left to Build\n\n- [ ] Store it\n", encoding="utf-8")
    finish_task(find_bank(tmp_path, environ={}), ItemRef(number=1), way, evidence=PROOF)
    text = (folder / "progress.md").read_text(encoding="utf-8")
    assert text == (f"# Progress\n\n## What's Left to Build\n\n- [None]\n\n## What Works\n\n- [x] Store it - {PROOF}\n")


def test_without_evidence_its_line_says_so_until_it_is_given(tmp_path: Path, way: Way) -> None:
    run_bank(tmp_path, "init")
    for text in ("Store it", "Resume it"):
        run_bank(tmp_path, "task", "add", text)
    done = run_bank(tmp_path, "task", "done", "Store it")
    assert done.returncode == 0
    assert (
        "marked (no evidence); to add evidence: bank task done 'Store it' --evidence '`COMMAND` → exit 0'"
        in done.stderr
    )
    assert "- [x] Store it - (no evidence)" in run_bank(tmp_path, "show", TASKS).stdout
    again = run_bank(tmp_path, "task", "done", "1")
    assert "nothing to change" in again.stdout
    assert run_bank(tmp_path, "task", "done", "Store it", "--evidence", PROOF).returncode == 0
    bank = find_bank(tmp_path, environ={})
    assert f"- [x] Store it - {PROOF}\n" in (bank.folder / "progress.md").read_text(encoding="utf-8")
    assert [each.text for each in list_tasks(bank)] == ["Resume it"]
    answer = run_bank(tmp_path, "task", "done", "1", "--json")
    assert (answer.returncode, answer.stdout[:1]) == (0, "{")
    start(bank, "BUILD", "x", way)
    finish(bank, way)
    assert "- [x] Resume it - (no evidence)" in run_bank(tmp_path, "show", COMPLETED).stdout


def test_what_nothing_shows_is_no_evidence_for_a_task_tool(bank: BankFolder, way: Way) -> None:
    note(bank, "Store it", way, kind="task")
    ident = hydrate(bank)[0].id
    assert sync(bank, f'[{{"id": "{ident}", "status": "done"}}]', way, without_evidence=True).ticked == [ident]
    assert [(each.text, each.done) for each in list_tasks(bank)] == [("Store it - (no evidence)", True)]


@pytest.mark.parametrize(("typed", "line"), [(f"{PROOF}\n", f"Store it - {PROOF}"), ("\n", "Store it - (no evidence)")])
def test_a_person_at_a_terminal_is_asked(tmp_path: Path, typed: str, line: str) -> None:
    run_bank(tmp_path, "init")
    run_bank(tmp_path, "task", "add", "Store it")
    ours, theirs = pty.openpty()
    environ = {key: value for key, value in os.environ.items() if key not in ("CLAUDECODE", "GEMINI_CLI")}
    command = [sys.executable, "-m", "memorybank", "task", "done", "1"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as process:
        os.write(ours, typed.encode())
        assert process.wait(30) == 0
    os.close(theirs)
    text = (tmp_path / ".memorybank" / "progress.md").read_text(encoding="utf-8")
    os.close(ours)
    assert f"- [x] {line}\n" in text


def test_a_task_that_waits_for_nothing_that_is_there_is_told(tmp_path: Path) -> None:
    run_bank(tmp_path, "init")
    for text in ("Store it ^k1", "Resume it (after: ^k1, ^k9)", "Tell of it (needs Read the spec, Write a poem)"):
        run_bank(tmp_path, "task", "add", text)
    run_bank(tmp_path, "note", "Read the spec - `make a` → exit 0", "--as", "done")
    bank = find_bank(tmp_path, environ={})
    assert [each.names_nothing for each in hydrate(bank)] == [[], ["^k9"], ["Write a poem"]]
    assert [each.blocked_by for each in hydrate(bank)][1] == ["^k1"]
    run_bank(tmp_path, "task", "done", "^k1", "--evidence", PROOF)
    assert [each.names_nothing for each in hydrate(bank)] == [["^k9"], ["Write a poem"]]
    done = run_bank(tmp_path, "hydrate")
    assert "waits for ^k9, which is not a task" in done.stderr
    assert '"names_nothing": [\n' in done.stdout
