"""The end of a session: what is still to be written, answered from what the bank and git know."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank, BankError
from memorybank.facade.caller import Caller
from memorybank.store.discover import find_bank
from memorybank.workflow.outcome.wrap_up import wrap_up
from tests.running import bank, git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

SESSION = {"CLAUDE_CODE_SESSION_ID": "agent-1"}
OK = f"{shlex.quote(sys.executable)} -c 'raise SystemExit(0)'"
# for each point: what opens it, and the command that is shown for it, with the words of a user
CASES = {
    "focus": ((), "bank focus 'Uploads: parts are done; next: resume'"),
    "changes": ((), "bank note 'Parts are numbered' --as change --file b.py"),
    "decisions": ((), "bank note 'Queue: in process' --as decision --why 'no broker to run'"),
    "learnings": ((), "bank note 'Offsets are bytes'"),
    "progress": ((), f"bank prove 'The parts arrive' -- {OK}"),
    "next": ((), "bank note 'Resume after a cut' --as next"),
    "bugs": (("commit fix: the offset",), "bank learn 'Offset off by one' --cause 'starts at 1' --lesson 'start at 0'"),
    "dependencies": (("write pyproject.toml",), "bank note 'httpx: async and sync' --as dependency"),
    "set-up": (
        ("write Dockerfile",),
        "bank save --type procedural --title 'Image' --section 'Steps=1. docker build .'",
    ),
    "log": (("log", "an earlier day"), "bank log 'Parts are numbered'"),
    "documents": (
        ("write docs/plans/parts.md",),
        "bank note 'Plan: `docs/plans/parts.md`' --as reference",
    ),
    "notes": (("note", "Agents saw it", "--role", "read-only"), "bank notes apply"),
    "workflow": (("workflow", "start", "BUILD", "Parts", "--id", "wf-1"), "bank workflow finish wf-1"),
    "summary": (("summary", "refresh"), "bank summary refresh"),
    "session": (("session", "start", "--label", "parts"), "bank session end --generate-summary"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project with a commit and a bank, and let the clock of its files stand in the past."""
    project = tmp_path / "app"
    make_bank(project)
    git(project, "init", "-q")
    git(project, "config", "user.email", "t@example.org")
    (project / "a.py").write_text("a = 1\n")
    git(project, "add", "-A")
    old = "2026-01-01T00:00:00Z"
    os.environ.update(GIT_COMMITTER_DATE=old, GIT_AUTHOR_DATE=old)
    try:
        git(project, "commit", "-q", "-m", "first")
    finally:
        del os.environ["GIT_COMMITTER_DATE"], os.environ["GIT_AUTHOR_DATE"]
    return project


def do(project: Path, *words: str) -> str:
    done = bank(project, *words, env=SESSION)
    assert done.returncode == 0, done.stderr
    return done.stdout


def points(project: Path, *words: str) -> dict[str, Any]:
    done = bank(project, "wrap-up", "--json", *words, env=SESSION)
    value = json.loads(done.stdout)
    assert done.returncode == (0 if value["is_done"] else 1)
    assert value["count"] == len(value["points"])
    assert value["open"] == [each["name"] for each in value["points"] if not each["is_done"]]
    return {each["name"]: each for each in value["points"]}


def opened(project: Path, *words: str) -> set[str]:
    return {name for name, point in points(project, *words).items() if point["state"] == "open"}


def happen(project: Path, what: tuple[str, ...]) -> None:
    verb, _, rest = (what[0] if what else "").partition(" ")
    if verb == "commit":
        git(project, "add", "-A")
        git(project, "commit", "-q", "-m", rest)
    elif verb == "write":
        (project / rest).parent.mkdir(parents=True, exist_ok=True)
        (project / rest).write_text("# new\n")
    elif what:
        do(project, *what)


def test_nothing_is_asked_where_nothing_was_done(project: Path) -> None:
    assert opened(project) == {"loaded"}
    do(project, "load", "--for", "session-start", "--mark")
    assert opened(project) == set()
    done = bank(project, "wrap-up", env=SESSION)
    assert (done.returncode, done.stdout[:17]) == (0, "all settled since")


@pytest.mark.parametrize("name", CASES)
def test_a_point_is_open_until_its_command_was_run(project: Path, name: str) -> None:
    """The command that is shown is the one that settles it."""
    what, command = CASES[name]
    if name == "log":
        # the ledger is kept here, from an earlier session
        assert bank(project, *what, env={"MEMORYBANK_SESSION": "earlier"}).returncode == 0
    do(project, "load", "--for", "session-start", "--mark")
    (project / "b.py").write_text("b = 1\n")
    if name != "log":
        happen(project, what)
    if name == "summary":
        git(project, "add", "b.py")
    point = points(project)[name]
    assert point["state"] == "open", point
    assert shlex.split(point["hint"])[:2] == shlex.split(command)[:2]
    words = shlex.split(command)[1:]
    do(project, *words)
    assert points(project)[name]["state"] == "done"


def test_a_session_that_was_wrapped_up_is_done(project: Path) -> None:
    do(project, "load", "--for", "session-start", "--mark")
    do(project, "session", "start", "--label", "parts")
    (project / "b.py").write_text("b = 1\n")
    for name in ("focus", "changes", "decisions", "learnings", "progress", "next", "session"):
        do(project, *shlex.split(CASES[name][1])[1:])
    assert opened(project) == set()


def test_what_was_undone_does_not_count(project: Path) -> None:
    do(project, "load", "--for", "session-start", "--mark")
    (project / "b.py").write_text("b = 1\n")
    do(project, "note", "Offsets are bytes")
    assert "learnings" not in opened(project)
    do(project, "undo")
    assert "learnings" in opened(project)


def test_a_task_without_evidence_stays_open_until_it_is_proved(project: Path) -> None:
    do(project, "load", "--for", "session-start", "--mark")
    do(project, "task", "add", "Number the parts")
    do(project, "task", "done", "Number the parts")
    point = points(project)["progress"]
    assert (point["state"], point["hint"]) == ("open", "bank prove 'Number the parts' -- COMMAND")
    do(project, *shlex.split(f"prove 'Number the parts' -- {OK}"))
    assert points(project)["progress"]["state"] == "done"


def test_what_another_session_did_does_not_count(project: Path) -> None:
    do(project, "load", "--for", "session-start", "--mark")
    (project / "b.py").write_text("b = 1\n")
    assert bank(project, "note", "Offsets are bytes", env={"CLAUDE_CODE_SESSION_ID": "agent-2"}).returncode == 0
    assert "learnings" in opened(project)


def test_that_there_was_nothing_is_an_answer_for_this_session(project: Path) -> None:
    do(project, "load", "--for", "session-start", "--mark")
    (project / "b.py").write_text("b = 1\n")
    assert {"decisions", "learnings"} <= opened(project)
    found = points(project, "--none", "decisions,learnings")
    assert {found[name]["state"] for name in ("decisions", "learnings")} == {"none"}
    assert not {"decisions", "learnings"} & opened(project)
    other = bank(project, "wrap-up", "--json", env={"CLAUDE_CODE_SESSION_ID": "agent-2"})
    assert "decisions" in json.loads(other.stdout)["open"]


@pytest.mark.parametrize(("name", "why"), [("loaded", "cannot be answered"), ("decison", "unknown point")])
def test_only_what_the_writer_knows_can_be_answered(project: Path, name: str, why: str) -> None:
    done = bank(project, "wrap-up", "--none", name, env=SESSION)
    assert (done.returncode, why in done.stderr) == (5, True)


def test_work_of_earlier_days_is_not_asked_for(project: Path) -> None:
    """A file that was changed before the session, and is not committed yet, is not this session's work."""
    (project / "b.py").write_text("b = 1\n")
    os.utime(project / "b.py", (1, 1))
    do(project, "load", "--for", "session-start", "--mark")
    assert opened(project) == set()
    assert "changes" in opened(project, "--since", "1960-01-01")


def test_the_last_stage_of_the_gate_is_the_end_of_the_work(project: Path) -> None:
    done = bank(project, "gate", "finish", env=SESSION)
    assert done.returncode == 1
    assert done.stdout.startswith("loaded: not read in this session: activeContext.md")
    do(project, "load", "--for", "session-start", "--mark")
    assert bank(project, "gate", "finish", env=SESSION).returncode == 0


def test_what_an_agent_read_before_its_session_started_counts(project: Path) -> None:
    """Agents load first; the session that they start afterwards has another id."""
    do(project, "load", "--mark")
    do(project, "session", "start", "--label", "parts")
    do(project, "gate", "implement")
    assert bank(project, "gate", "implement", env={"CLAUDE_CODE_SESSION_ID": "agent-2"}).returncode == 1


def test_from_python(project: Path) -> None:
    opened = Bank.open(project)
    found = opened.wrap_up()
    assert not found.is_done
    assert found.open[0].name == "loaded"
    opened.load_files(mark=True)
    assert opened.wrap_up(none="decisions").is_done
    with pytest.raises(BankError, match="unknown point"):
        opened.wrap_up(none=["decison"])
    with pytest.raises(BankError):
        opened.wrap_up(since="soon")


def test_a_bank_of_another_layout_is_asked_for_what_it_has(tmp_path: Path) -> None:
    project = tmp_path / "app"
    project.mkdir()
    assert bank(project, "init", "--layout", "cline").returncode == 0
    do(project, "load", "--mark")
    assert opened(project) == set()


def test_the_files_of_a_bank_that_is_a_link_into_the_project_are_no_work(project: Path) -> None:
    (project / ".memorybank").rename(project / "notes")
    (project / ".memorybank").symlink_to("notes")
    do(project, "note", "WAL needs a local disk")
    assert not {"changes", "decisions"} & opened(project)
    assert [each for each in points(project).values() if "notes/" in each["found"]] == []


def test_what_was_pulled_is_the_work_of_others(project: Path) -> None:
    do(project, "load", "--for", "session-start", "--mark")
    (project / "b.py").write_text("b = 1\n")
    git(project, "add", "-A")
    git(project, "-c", "user.email=ada@example.org", "commit", "-q", "-m", "fix: the offset")
    git(project, "config", "user.email", "me@example.org")
    assert opened(project) == set()


@pytest.mark.parametrize(
    ("subject", "is_asked"),
    [("fix(upload): the offset", True), ("Fixes #12", True), ("fix a typo", False), ("prefix names", False)],
)
def test_a_commit_that_fixes_a_bug_is_asked_for(project: Path, subject: str, *, is_asked: bool) -> None:
    do(project, "load", "--for", "session-start", "--mark")
    (project / "b.py").write_text("b = 1\n")
    happen(project, (f"commit {subject}",))
    assert ("bugs" in opened(project)) is is_asked


def test_a_session_whose_time_cannot_be_read_began_yesterday(project: Path) -> None:
    do(project, "session", "start", "--label", "parts")
    record = next((project / ".memorybank" / "sessions").glob("*.md"))
    text = (
        record.read_text(encoding="utf-8")
        .replace("started: ", "started: some day ")
        .replace("created: ", "created: x ")
    )
    record.write_text(text, encoding="utf-8")
    (project / "b.py").write_text("b = 1\n")
    assert {"changes", "session"} <= opened(project)


def test_work_before_the_first_commit_counts(tmp_path: Path) -> None:
    make_bank(tmp_path / "new")
    git(tmp_path / "new", "init", "-q")
    before = {point.name: point for point in Bank.open(tmp_path / "new").wrap_up().points}
    assert before["changes"].found == "no file changed"
    (tmp_path / "new" / "added.py").write_text("a = 1\n")
    (tmp_path / "new" / "staged.py").write_text("b = 1\n")
    git(tmp_path / "new", "add", "staged.py")
    found = {point.name: point for point in Bank.open(tmp_path / "new").wrap_up().points}
    assert found["changes"].found == "2 files (added.py, staged.py) changed, and no change is noted"


def test_with_only_no_other_points_are_looked_at(project: Path) -> None:
    (project / "b.py").write_text("b = 1\n")
    folder = find_bank(project, environ={})
    found = wrap_up(folder, Caller(environ={}).way(folder), only=("changes", "learnings"))
    assert [(point.name, point.state) for point in found.points] == [("changes", "open"), ("learnings", "open")]
