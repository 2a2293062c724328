"""Small faults of the command line: what is typed is carried into the next command, and like mistakes end alike."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Any]


def hint_of(ended: Any) -> str:
    return str(ended.data["error"]["hint"])


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("checkpoint n --metric foo", "checkpoint n --metric foo=42"),
        ("checkpoint n --metric =3", "checkpoint n --metric sprint=3"),
        ("summary set --metric =4", "summary set --metric sprint=4"),
        ("save x --metadata a=1 --metadata b", "save x --metadata a=1 --metadata b=42"),
        ("task edit pay 'pay c'", "task edit 1 'pay c'"),
        ("task done pay --evidence 'x → exit 0'", "task done 1 --evidence 'x → exit 0'"),
        ("task done --evidence 'x → exit 0' pay", "task done --evidence 'x → exit 0' 1"),
        ("session end L --summary 'a b'", ""),
        ("bug new two --number 1 --severity low", "bug new two --severity low --number 2"),
        ("focus ''", "focus -h"),
        ("task edit 1 ''", "task edit -h"),
    ],
)
def test_a_next_command_carries_all_that_was_typed_and_runs(bank: Run, line: str, hint: str) -> None:
    for words in ("task add 'pay a'", "task add 'pay b'", "bug new one"):
        assert bank(*shlex.split(words)).status == 0
    for _ in range(2):
        assert bank("session", "start", "--label", "L").status == 0
    told = hint_of(bank(*shlex.split(line), "--json"))
    if hint:
        assert sorted(shlex.split(told)) == sorted(["bank", *shlex.split(hint)])
    else:
        assert told.startswith("bank session end ses-")
        assert told.endswith(" --summary 'a b'")
    assert bank(*shlex.split(told)[1:]).status == 0


@pytest.mark.parametrize("line", ["group create G", "plan new Alpha", "bug new x --number 1", "artifact add a.txt"])
def test_a_name_that_is_taken_is_refused_with_one_status(bank: Run, project: Any, line: str) -> None:
    (project / "a.txt").write_text("one", encoding="utf-8")
    assert bank(*shlex.split(line)).status == 0
    (project / "a.txt").write_text("two", encoding="utf-8")
    assert bank(*shlex.split(line)).status == 5


@pytest.mark.parametrize("line", ["session end L", "plan show alpha", "task done pay", "session show ses-"])
def test_an_ambiguous_name_is_a_conflict_and_names_the_candidates(bank: Run, line: str) -> None:
    for _ in range(2):
        bank("session", "start", "--label", "L")
    for word in ("one", "two"):
        bank("plan", "new", "alpha", word)
        bank("task", "add", "pay", word)
    ended = bank(*shlex.split(line), "--json")
    assert ended.status == 4
    assert ended.data["error"]["code"] == "dup-anchor"
    assert bank(*shlex.split(hint_of(ended))[1:]).status == 0


def test_plans_and_design_documents_are_completed_apart(bank: Run) -> None:
    for words in ("design new Alpha design", "plan new Alpha plan"):
        assert bank(*words.split()).status == 0
    for kind in ("plan", "design"):
        typed = {"_BANK_COMPLETE": "bash_complete", "COMP_WORDS": f"bank {kind} show ", "COMP_CWORD": "3"}
        offered = [row.partition(",")[2] for row in bank(**typed).out.split()]
        assert len(offered) == 1
        assert bank(kind, "show", offered[0]).status == 0


@pytest.mark.parametrize("command", ["end", "save"])
def test_a_summary_is_written_or_generated(bank: Run, command: str) -> None:
    bank("session", "start")
    ended = bank("session", command, "--generate-summary", "--summary", "mine")
    assert ended.status == 2
    assert "exclude each other" in ended.err


def test_a_decision_to_check_needs_no_quotes(bank: Run) -> None:
    ended = bank("check", "decision", "Cache", "is", "Redis")
    assert (ended.status, ended.out) == (0, "nothing in the bank contradicts it\n")


def test_the_sessions_are_not_the_session_settings(bank: Run) -> None:
    bank("session", "start", "--label", "uploads")
    assert "uploads" in bank("show", "sessions").out
    assert "AUTO_PROCEED" in bank("show", "session", "settings").out


def test_a_word_that_is_a_command_of_other_groups_is_not_taken_for_a_slip(bank: Run) -> None:
    assert "Did you mean" not in bank("plan", "done", "my").err


@pytest.mark.parametrize("from_input", [True, False])
def test_one_line_is_a_conversation(bank: Run, project: Any, *, from_input: bool) -> None:
    data = b'{"role":"user","content":"one"}\n'
    (project / "talk.jsonl").write_bytes(data)
    ended = bank("import", "conversation", "-" if from_input else "talk.jsonl", stdin=data if from_input else b"")
    assert ended.status == 0, ended.err
    assert "sessions/ses-" in ended.out
