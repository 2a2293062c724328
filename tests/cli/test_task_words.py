"""Tasks named by their words; removing, rewording and reopening them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

PROOF = "`make test` → exit 0 (31/31)"


def progress(project: Path) -> str:
    return (project / ".memorybank" / "progress.md").read_text(encoding="utf-8")


@pytest.fixture
def tasks(bank: Run) -> Run:
    for text in ("Ship it", "Ship the docs", "Write tests for shipping"):
        assert bank("task", "add", text).status == 0
    return bank


@pytest.mark.parametrize("words", [("docs",), ("DOCS", "ship"), ("the docs",), ("Ship the docs",), ("2",)])
def test_words_that_only_one_task_has_name_it(tasks: Run, project: Path, words: tuple[str, ...]) -> None:
    assert tasks("task", "done", *words, "--evidence", PROOF).status == 0
    assert f"- [x] Ship the docs - {PROOF}" in progress(project)


def test_words_of_several_tasks_list_them_and_write_nothing(tasks: Run, project: Path) -> None:
    before = progress(project)
    ended = tasks("task", "done", "ship")
    assert ended.status == 4
    assert ended.err.split("\n")[:4] == [
        "error: 'ship' is in 2 tasks: [dup-anchor]",
        "    1 Ship it",
        "    2 Ship the docs",
        "  next: bank task done 1",
    ]
    assert progress(project) == before
    error = tasks("task", "done", "ship", "--json").data["error"]
    assert error["tasks"] == [{"number": 1, "text": "Ship it"}, {"number": 2, "text": "Ship the docs"}]


@pytest.mark.parametrize("words", [("shi",), ("doc",), ("Ship teh docs",), ("",), ("...",)])
def test_a_part_of_a_word_or_a_slip_never_finishes_a_task(tasks: Run, project: Path, words: tuple[str, ...]) -> None:
    before = progress(project)
    ended = tasks("task", "done", *words)
    assert ended.status == 3
    assert progress(project) == before


def test_a_slip_is_answered_with_what_may_be_meant(tasks: Run) -> None:
    assert "did you mean 'Ship the docs'" in tasks("task", "done", "Ship teh docs").err


def test_of_the_tasks_with_the_words_the_open_one_is_finished(tasks: Run, project: Path) -> None:
    assert tasks("task", "done", "Ship it").status == 0
    assert tasks("task", "done", "ship", "--evidence", PROOF).status == 0
    assert f"- [x] Ship the docs - {PROOF}" in progress(project)


def test_a_task_is_removed_and_the_placeholder_comes_back(tasks: Run, project: Path) -> None:
    for words in ("docs", "1", "tests"):
        assert tasks("task", "rm", words).status == 0
    assert "\n- [None]\n" in progress(project).split("## Tasks")[1].split("## ")[0]
    assert tasks("task", "list").err == 'no tasks yet: bank task add "What to do"\n'
    assert tasks("undo").status == 0
    assert "- [ ] Write tests for shipping" in progress(project)


def test_a_task_is_reworded_and_keeps_its_box(tasks: Run, project: Path) -> None:
    tasks("task", "done", "docs")
    assert tasks("task", "edit", "docs", "Ship", "the", "handbook").status == 0
    assert "- [x] Ship the handbook\n" in progress(project)


def test_a_ticked_task_is_opened_again(tasks: Run, project: Path) -> None:
    before = progress(project).split("## Last")[0]
    assert tasks("task", "done", "docs").status == 0
    assert "(no evidence)" in progress(project)
    assert tasks("task", "undo", "docs").status == 0
    assert progress(project).split("## Last")[0] == before


def test_a_completed_task_moves_back_without_its_evidence(tasks: Run, project: Path) -> None:
    assert tasks("task", "done", "docs", "--evidence", PROOF).status == 0
    assert tasks("task", "reopen", "docs").status == 0
    text = progress(project)
    assert "- [ ] Ship the docs\n" in text
    assert PROOF not in text
    assert "- [None]" in text.split("## Completed")[1].split("## ")[0]


def test_a_completed_task_with_items_below_moves_back_with_them(bank: Run, project: Path) -> None:
    path = project / ".memorybank" / "progress.md"
    path.write_text(
        progress(project).replace("## Completed\n", "## Completed\n\n- [x] Ship ^t12345\n  - [x] the docs\n\n"),
        encoding="utf-8",
    )
    assert bank("task", "reopen", "^t12345").status == 0
    assert "- [ ] Ship ^t12345\n  - [x] the docs\n" in progress(project).split("## Completed")[0]


def test_an_open_task_is_not_reopened_by_words_that_a_done_one_has_too(tasks: Run, project: Path) -> None:
    tasks("task", "done", "Ship it")
    assert tasks("task", "reopen", "ship").status == 0
    assert "- [ ] Ship it\n" in progress(project)
    ended = tasks("task", "reopen", "nothing like it")
    assert ended.status == 3


@pytest.mark.parametrize("words", [("remove", "docs"), ("edit", "docs", "x"), ("reopen", "tests")])
def test_a_digest_that_is_old_is_refused(tasks: Run, words: tuple[str, ...]) -> None:
    tasks("task", "done", "tests")
    assert tasks("task", *words, "--expect", "0" * 16).status == 4


def test_a_task_that_is_open_already_is_not_added_twice(tasks: Run, project: Path) -> None:
    ended = tasks("task", "add", "Ship it")
    assert (ended.status, ended.out.split("\n")[0]) == (0, "already there: progress.md#Tasks 1")
    assert progress(project).count("Ship it") == 1
    tasks("task", "add", "Ship it", "--again")
    assert progress(project).count("- [ ] Ship it\n") == 2


@pytest.mark.parametrize("words", [("Ship", "it"), ("it",)])
def test_the_open_one_of_two_equal_tasks_is_finished(tasks: Run, project: Path, words: tuple[str, ...]) -> None:
    tasks("task", "done", "Ship it")
    tasks("task", "add", "Ship it")
    ended = tasks("task", "done", *words)
    assert ended.status == 0, ended.err
    assert progress(project).count("- [x] Ship it - (no evidence)") == 2


@pytest.mark.parametrize("words", [("Ship", "it"), ("it",)])
@pytest.mark.parametrize("evidence", [(), ("--evidence", PROOF)])
def test_the_done_one_of_two_equal_tasks_is_opened(
    tasks: Run, project: Path, words: tuple[str, ...], evidence: tuple[str, ...]
) -> None:
    tasks("task", "done", "Ship it", *evidence)
    tasks("task", "add", "Ship it")
    assert tasks("task", "reopen", *words).status == 0
    assert progress(project).count("- [ ] Ship it\n") == 2
    assert "- [x] Ship it" not in progress(project)


def test_the_advice_after_done_names_the_task_that_was_done(tasks: Run) -> None:
    assert "bank task done docs --evidence" in tasks("task", "done", "docs").err
    tasks("task", "done", "Ship it")
    tasks("task", "add", "Ship it")
    assert "bank task done 4 --evidence" in tasks("task", "done", "Ship it").err
