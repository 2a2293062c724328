"""Sessions and groups on the command line, as an agent and a person use them in one project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import bank, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AGENT = {"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "6f1c-agent"}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Give a function that runs a command that must go well, and gives its answer."""
    make_bank(tmp_path)

    def answered(*words: str, text: str | None = None, **env: str) -> Any:
        done = bank(tmp_path, *words, "--json", text=text, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return answered


def test_a_day_with_a_session(run: Callable[..., Any], tmp_path: Path) -> None:
    ident = run("session", "start", "--label", "auth-refactor", "--goal", "Refresh tokens rotate")["record"]["id"]
    run("session", "message", "user", "Should we use JWTs or sessions?")
    run("session", "message", "assistant", "-", text="JWTs.\n\n- short lived\n")
    assert run("note", "CI is down", "--as", "blocker")["receipt"]["session"] == ident
    assert run("save", "clock skew of 60 s")["record"]["session"] == ident
    shown = run("session", "show")
    assert (shown["span"]["operation_count"], shown["span"]["message_count"], len(shown["saved"])) == (2, 2, 1)
    ended = run("session", "end", "--generate-summary")
    assert ended["record"]["summary"].startswith("Problems: CI is down. Saved: clock skew of 60 s.")
    listed = run("sessions")
    assert (listed["current"], listed["sessions"][0]["status"]) == ("", "ended")
    loaded = run("session", "load", "--max-messages", "1")
    assert loaded["record"]["id"] == ident
    assert [each["text"] for each in loaded["messages"]] == ["JWTs.\n\n- short lived"]
    assert (loaded["count"], loaded["total"]) == (1, 2)
    assert [each["id"] for each in run("list", "--session", ident)["records"]] == shown["saved"]
    assert bank(tmp_path, "check").returncode == 0


def test_an_agent_and_a_person_have_two_sessions(run: Callable[..., Any]) -> None:
    person = run("session", "start", "--label", "mine")["record"]["id"]
    agent = run("session", "start", "--label", "theirs", **AGENT)["record"]["id"]
    assert run("note", "of the person")["receipt"]["session"] == person
    assert run("note", "of the agent", **AGENT)["receipt"]["session"] == agent
    assert run("note", "of who names it", MEMORYBANK_SESSION="mine", **AGENT)["receipt"]["session"] == person
    assert run("session", "list", "--tool", "claude-code")["sessions"][0]["id"] == agent


def test_a_session_can_be_named_before_it_is_there(run: Callable[..., Any]) -> None:
    """A script that sets MEMORYBANK_SESSION and starts a session gets one of that name."""
    ident = run("session", "start", MEMORYBANK_SESSION="nightly")["record"]["id"]
    assert run("note", "ran", MEMORYBANK_SESSION="nightly")["receipt"]["session"] == ident
    assert run("session", "show", "nightly")["record"]["fields"]["label"] == "nightly"


def test_labels_and_updates(run: Callable[..., Any]) -> None:
    run("session", "start")
    run("session", "label", "current", "bug-fix-cors-issue")
    run("session", "update", "bug-fix-cors-issue", "--tags", "+cors", "--metadata", "sprint=42")
    run("session", "save", "--label", "cors-day-2", "--summary", "Max-Age header")
    record = run("session", "show", "cors-day-2")["record"]
    assert (record["tags"], record["metadata"], record["summary"]) == (["cors"], {"sprint": 42}, "Max-Age header")
    run("session", "end")
    run("session", "resume", "cors-day-2")
    assert run("sessions", "--label", "cors-day-2")["current"] == record["id"]
    run("session", "delete", "current")
    assert run("sessions")["sessions"] == []
    run("undo")
    assert len(run("sessions")["sessions"]) == 1


def test_a_dry_run_starts_nothing(run: Callable[..., Any], tmp_path: Path) -> None:
    run("session", "start", "--dry-run")
    assert run("sessions") == {"schema_version": 2, "sessions": [], "count": 0, "current": "", "broken": []}
    assert not (tmp_path / ".memorybank" / "sessions").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("session", "end"),
        ("session", "show"),
        ("session", "message", "user", "hello"),
        ("session", "load"),
        ("session", "resume", "nope"),
    ],
)
def test_without_a_session_the_next_step_is_told(
    run: Callable[..., Any], tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = bank(tmp_path, *words, "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["hint"] in {"bank session start", "bank session list"}


@pytest.mark.parametrize(
    "words", [("session", "end"), ("session", "save", "--label", "x"), ("session", "message", "user", "hi")]
)
def test_what_is_meant_for_a_session_goes_to_the_one_that_is_open(
    run: Callable[..., Any], tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = bank(tmp_path, *words)
    assert "error: there is no current session [no-record]\n  next: bank session start\n" in done.stderr
    ident = run("session", "start", **AGENT)["record"]["id"]
    told = json.loads(bank(tmp_path, *words, "--json").stdout)["error"]
    assert told["message"] == f"there is no current session; these are open: {ident}"
    assert told["hint"] == f"bank {' '.join(words)} --session {ident}"
    run(*told["hint"].split()[1:])


def test_a_status_that_no_session_has_is_refused(tmp_path: Path) -> None:
    make_bank(tmp_path)
    done = bank(tmp_path, "sessions", "--status", "nope")
    assert (done.returncode, "'active', 'ended'" in done.stderr) == (2, True)


def test_a_group_from_the_first_session_to_the_last(run: Callable[..., Any], tmp_path: Path) -> None:
    group = run("group", "create", "Authentication Feature", "--description", "JWT", "--tags", "auth,jwt")["record"][
        "id"
    ]
    one = run("session", "start", "--label", "research", "--group", "authentication feature")["record"]["id"]
    run("session", "message", "user", "Research JWT libraries")
    run("note", "PyJWT it is", "--as", "decision")
    run("session", "end")
    two = run("session", "start", "--label", "implement")["record"]["id"]
    run("group", "add", group, "current")
    for number in range(3):
        run("session", "message", "assistant", f"step {number}")
    run("note", "rotate the keys", "--as", "next")
    summary = run("group", "summary", "Authentication Feature")
    assert [each["record"]["id"] for each in summary["sessions"]] == [one, two]
    assert summary["decisions"][0].endswith("PyJWT it is")
    assert summary["open_ends"] == [f"implement ({two}) is active", "rotate the keys"]
    context = run("group", "context", group, "--max-messages-per-session", "2")
    assert [len(each["messages"]) for each in context["sessions"]] == [1, 2]
    assert {each["id"] for each in run("sessions", "--group", group)["sessions"]} == {one, two}
    run("group", "close", group, "--summary", "PyJWT, keys rotate")
    assert run("group", "list", "--tag", "auth", "--status", "closed")["groups"][0]["summary"] == "PyJWT, keys rotate"
    assert bank(tmp_path, "group", "summary", group).returncode == 0


def test_a_session_in_several_groups(run: Callable[..., Any]) -> None:
    session = run("session", "start", "--label", "x")["record"]["id"]
    for name in ("Sprint 12", "Feature: User Profiles"):
        run("group", "create", name, "--session", "x")
    assert len(run("session", "show")["record"]["fields"]["groups"]) == 2
    run("group", "remove", "sprint-12", session)
    assert run("group", "summary", "Sprint 12")["sessions"] == []
    run("group", "archive", "Sprint 12")
    run("group", "reopen", "Sprint 12")
    run("group", "delete", "Feature: User Profiles")
    assert run("session", "show")["record"]["fields"].get("groups", []) == []
    run("undo")
    assert [each["record"]["id"] for each in run("group", "summary", "Feature: User Profiles")["sessions"]] == [session]


def test_a_deleted_session_is_told_as_gone(run: Callable[..., Any]) -> None:
    session = run("session", "start")["record"]["id"]
    run("group", "create", "Sprint 12", "--session", session)
    run("session", "delete", session)
    assert run("group", "summary", "Sprint 12")["missing_sessions"] == [session]
    run("group", "remove", "Sprint 12", session)
    assert run("group", "summary", "Sprint 12")["missing_sessions"] == []


def test_an_archived_group_is_reopened_before_it_is_closed(run: Callable[..., Any], tmp_path: Path) -> None:
    group = run("group", "create", "Sprint 12")["record"]["id"]
    run("group", "archive", group)
    refused = bank(tmp_path, "group", "close", group, "--json")
    assert refused.returncode == 5
    assert json.loads(refused.stdout)["error"]["hint"] == f"bank group reopen {group}"


def test_after_the_end_the_ended_session_is_shown(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert bank(tmp_path, "session", "show").returncode == 3
    bank(tmp_path, "session", "start", "--label", "first")
    bank(tmp_path, "session", "end", "--achievement", "It ended")
    shown = bank(tmp_path, "session", "show")
    assert (shown.returncode, "- It ended" in shown.stdout) == (0, True)
    assert "no session is current" in shown.stderr
    bank(tmp_path, "session", "start", "--label", "second")
    assert "second" in bank(tmp_path, "session", "show").stdout
    bank(tmp_path, "session", "end")
    assert json.loads(bank(tmp_path, "session", "show", "--json").stdout)["record"]["title"] == "second"
    # what writes still needs a session that is open
    assert bank(tmp_path, "session", "update", "--goal", "x").returncode == 3
    assert bank(tmp_path, "session", "show", "current").returncode == 3


def test_a_session_is_named_as_other_commands_take_it(tmp_path: Path) -> None:
    make_bank(tmp_path)
    bank(tmp_path, "session", "start", "--label", "first")
    bank(tmp_path, "session", "start", "--label", "second")
    assert bank(tmp_path, "session", "save", "first", "--summary", "Half").returncode == 0
    assert "[session] first" in bank(tmp_path, "session", "end", "first").stdout
    refused = bank(tmp_path, "session", "end", "first", "--session", "second")
    assert (refused.returncode, "first and second" in refused.stderr) == (2, True)
    assert "[session] second" in bank(tmp_path, "session", "end").stdout


def test_a_decision_says_which_record_it_supersedes(tmp_path: Path) -> None:
    make_bank(tmp_path)
    former = json.loads(bank(tmp_path, "decide", "Use Terraform", "--json").stdout)["record"]["id"]
    assert f"supersedes {former}" in bank(tmp_path, "decide", "Pulumi instead of Terraform").stdout
