"""`bank install git --capture`: what commits decided and fixed waits in the queue, once, whatever becomes of them."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from memorybank.team.git.commit_words import DECISION, FIX, SHELL_PATTERN, said_in
from tests.team.git.repo import Repo, new_repo

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("git") or os.name == "nt", reason="needs git and a shell")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = new_repo(tmp_path / "my repo")
    made.bank("install", "git", "--capture")
    return made


def empty(repo: Repo, message: str, *words: str, env: dict[str, str] | None = None) -> str:
    """Commit nothing with a message; give what git said."""
    ran = repo.git("commit", "-q", "--allow-empty", "-m", message, *words, env=env)
    return ran.out + ran.err


def queued(repo: Repo) -> list[tuple[str, str]]:
    """Return the kind and text of each note, without the commit at its end."""
    notes = json.loads(repo.bank("notes", "list", "--json"))["notes"]
    assert {each["tool"] for each in notes} <= {"git"}
    return [(each["kind"], each["text"].rpartition(" (")[0]) for each in notes]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("fix: uploads survive a cut", [(FIX, "fix: uploads survive a cut")]),
        ("Fixed #12\n\nIt hung.", [(FIX, "Fixed #12")]),
        ("We chose SQLite", [(DECISION, "We chose SQLite")]),
        ("queue: SQLite\n\nWe decided against Redis.", [(DECISION, "queue: SQLite")]),
        (
            "fix: the queue\n\nDecision: SQLite\n- decided: no Redis",
            [(FIX, "fix: the queue"), (DECISION, "SQLite"), (DECISION, "no Redis")],
        ),
        ("prefix all names", []),
        ("debug output", []),
        ("fixup! fix: it", []),
        ("squash! decided", []),
        ("words\n\nCo-authored-by: Decided <a@b.c>", []),
        ("", []),
        ("\n\n  \n", []),
        ("--dry-run fix", [(FIX, "--dry-run fix")]),
        ("fix \x1b[31mred\x07 \u202ebidi", [(FIX, "fix [31mred bidi")]),
        ("fix zero\ufeffwidth\u200b", [(FIX, "fix zerowidth")]),
        ("## fix a heading", [(FIX, "fix a heading")]),
        ("> 1. fix\n\nDecision: x", [(FIX, "fix"), (DECISION, "x")]),
        ("#12: fix, - not - a list", [(FIX, "#12: fix, - not - a list")]),
        ("fix\r\n\r\nDecision: CRLF\r\n", [(FIX, "fix"), (DECISION, "CRLF")]),
    ],
)
def test_what_a_message_says(message: str, found: list[tuple[str, str]]) -> None:
    assert [tuple(each) for each in said_in(message)] == found
    # what starts the program may find more, and never less
    words = [word for word in SHELL_PATTERN.split("|") if word in message.casefold()]
    assert words or not found


def test_a_message_without_an_end() -> None:
    found = said_in("fix " + "x" * 100_000 + "\n" + "Decision: y\n" * 1000)
    assert [len(each.text) for each in found] == [300, 1]
    assert len(said_in("\n".join(f"Decision: {number}" for number in range(100)))) == 5


def test_a_commit_is_queued_and_no_memory_file_changes(repo: Repo) -> None:
    before = {name: repo.text(f".memorybank/{name}") for name in ("activeContext.md", "patterns.md", "progress.md")}
    assert empty(repo, "fix: uploads survive a cut\n\nDecision: parts are numbered") == ""
    assert sorted(queued(repo)) == [("decision", "parts are numbered"), ("gotcha", "fix: uploads survive a cut")]
    assert {name: repo.text(f".memorybank/{name}") for name in before} == before
    commit = repo.git("rev-parse", "HEAD").out[:9]
    assert commit in repo.bank("notes", "list")
    repo.bank("notes", "apply")
    assert f"- fix: uploads survive a cut ({commit})" in repo.text(".memorybank/patterns.md")


def test_other_commits_are_not(repo: Repo) -> None:
    assert empty(repo, "words only") == ""
    assert queued(repo) == []


@pytest.mark.parametrize(
    "message",
    [
        "--dry-run fix",
        "-m fix",
        "fix `touch owned` $(touch owned) ; touch owned",
        "fix '\"' \\",
        "fix\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs",
        "fix <!-- comment",
        "fix # Heading\n## Heading",
        "fix\n\n```",
        "fix ☃ \u202e",
    ],
)
def test_odd_messages(repo: Repo, message: str) -> None:
    """Nothing of them is run, and the lines that they become are lines of a bank."""
    assert empty(repo, message) == ""
    assert len(queued(repo)) == 1
    repo.bank("notes", "apply")
    assert not (repo.folder / "owned").exists()
    repo.bank("check")


def test_a_secret_is_left_out_quietly(repo: Repo) -> None:
    token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    assert empty(repo, f"fix: the token is {token}") == ""
    assert queued(repo) == []
    held = [path.read_bytes() for path in (repo.folder / ".memorybank").rglob("*") if path.is_file()]
    assert not any(token.encode() in data for data in held)


def test_an_amend_changes_the_note(repo: Repo) -> None:
    empty(repo, "fix: uploads\n\nDecision: parts")
    empty(repo, "fix: all uploads", "--amend")
    assert queued(repo) == [("gotcha", "fix: all uploads")]
    assert repo.git("rev-parse", "HEAD").out[:9] in repo.bank("notes", "list")


def test_an_amend_of_what_was_applied(repo: Repo) -> None:
    """It was decided on: nobody is asked again."""
    empty(repo, "fix: uploads")
    repo.bank("notes", "apply")
    empty(repo, "fix: all uploads", "--amend")
    assert queued(repo) == []


def test_commits_of_one_second(repo: Repo) -> None:
    at = {"GIT_AUTHOR_DATE": "2026-11-20T10:00:00Z", "GIT_COMMITTER_DATE": "2026-11-20T10:00:00Z"}
    for number in range(3):
        empty(repo, f"fix: number {number}", env=at)
    empty(repo, "fix: the last", "--amend", env=at)
    assert sorted(queued(repo)) == [("gotcha", f"fix: {each}") for each in ("number 0", "number 1", "the last")]


def test_a_rebase_and_a_cherry_pick(repo: Repo) -> None:
    """They are the same commits, with other names."""
    repo.git("checkout", "-q", "-b", "topic")
    for number in range(2):
        repo.write(f"file{number}", "x")
        repo.git("add", f"file{number}")
        repo.git("commit", "-q", "-m", f"fix: number {number}")
    repo.git("checkout", "-q", "main")
    empty(repo, "words only")
    repo.git("cherry-pick", "topic")
    repo.git("checkout", "-q", "topic")
    repo.git("rebase", "-q", "main~1")
    repo.git("rebase", "-q", "--force-rebase", "main~1")
    assert sorted(queued(repo)) == [("gotcha", "fix: number 0"), ("gotcha", "fix: number 1")]


def test_a_merge_says_nothing(repo: Repo) -> None:
    """Its message names a branch, and what was fixed there was queued there."""
    repo.git("checkout", "-q", "-b", "fix/uploads")
    empty(repo, "words")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "fix/uploads")
    repo.git("commit", "-q", "--no-edit")
    assert "fix/uploads" in repo.git("log", "-1", "--format=%s").out
    assert queued(repo) == []


def test_a_bank_in_use_stops_no_commit(repo: Repo) -> None:
    lock = repo.folder / ".memorybank" / ".state" / "lock"
    repo.bank("note", "so that there is a lock")
    import fcntl

    with lock.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert empty(repo, "fix: while it is locked") == ""
    assert queued(repo) == []
    repo.bank("check")


def test_a_damaged_list_of_commits(repo: Repo) -> None:
    seen = repo.folder / ".memorybank" / ".state" / "git-commits.json"
    for text in ("{", "[]", '{"a": 1}', '{"a": [[1]]}', '{"a": [null]}', "[" * 100_000):
        empty(repo, f"fix: {len(text)}")
        seen.write_text(text, encoding="utf-8")
    empty(repo, "fix: the last")
    assert ("gotcha", "fix: the last") in queued(repo)
