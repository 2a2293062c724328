"""`bank load` with a stage or a budget; plain `bank load` is as it was."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.running import environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


def test_a_stage_prints_the_text_and_nothing_else(here: Callable[..., Ended]) -> None:
    here("note", "All code is typed", "--as", "standard")
    here("focus", "Token rotation")
    here("save", "A new token on each use", "--type", "procedural")
    done = here("load", "--stage", "implement")
    assert done.status == 0
    assert "=== patterns.md#User Standards @" in done.out
    assert "- All code is typed\n" in done.out
    assert "A new token on each use" in done.out
    assert "[None]" not in done.out
    assert done.err == ""


def test_one_line_says_how_much_is_left_out(here: Callable[..., Ended], project: Path) -> None:
    for number in range(30):
        here("note", f"Lesson {number} about the parser of the project", "--as", "gotcha")
    words = ("load", "--stage", "plan", "--mode", "rapid", "--budget-tokens", "150")
    done = here(*words)
    shown = done.out.count("- Lesson ")
    assert done.out.endswith(f"\n=== {shown} of 30 shown; --explain lists the rest\n")
    assert done.err == ""
    explained = here(*words, "--explain")
    assert explained.out.count("bank show 'patterns.md#Common Gotchas'") == 30
    assert len(here(*words, "--json").data["omitted"]) == 30 - shown
    (project / ".memorybank" / "progress.md").unlink()
    assert "progress.md: it cannot be read" in here(*words).err


def test_the_bank_has_a_default_budget(here: Callable[..., Ended], project: Path) -> None:
    for number in range(30):
        here("note", f"Lesson {number} about the parser of the project", "--as", "gotcha")
    settings = project / ".memorybank" / "bank.toml"
    text = settings.read_text("utf-8")
    settings.write_text(f"{text}\n[load]\nbudget_chars = 600\n", "utf-8")
    assert len(here("load", "--stage", "plan").out) <= 600
    assert here("load", "--stage", "plan", "--budget-tokens", "9000").out.count("- Lesson ") == 30
    assert here("load").out.count("- Lesson ") == 30
    for wrong in ("budget_chars = 0", 'budget_tokens = "many"', "budget_chars = 5\nbudget_tokens = 5"):
        settings.write_text(f"{text}\n[load]\n{wrong}\n", "utf-8")
        assert here("load", "--stage", "plan").status == 8
    settings.write_text(f"load = 5\n{text}", "utf-8")
    assert "load must be a table" in here("load", "--stage", "plan").err


def test_where_the_project_stands_in_git_is_added(here: Callable[..., Ended], project: Path) -> None:
    assert "=== git" not in here("load", "--git").out

    def git(*words: str) -> None:
        named = ("-c", "user.name=A", "-c", "user.email=a@x.org", "-c", "commit.gpgSign=false")
        subprocess.run(["git", *named, *words], cwd=project, check=True, capture_output=True)

    git("init", "-q", "-b", "trunk")
    assert "branch No commits yet on trunk" in here("load", "--git").out
    (project / "src.py").write_text("one\n", "utf-8")
    git("add", "src.py")
    for number in range(12):
        git("commit", "-q", "--allow-empty", "-m", f"step {number}")
    (project / "src.py").write_text("two\n", "utf-8")
    (project / "naïve file.txt").write_text("new\n", "utf-8")
    out = here("load", "--git").out
    status, _, rest = out.partition("=== git status\n")[2].partition("=== git log\n")
    log, _, files = rest.partition("=== git files\n")
    assert status.split("\n")[:2] == ["branch trunk", " M src.py"]
    assert "naïve file.txt" in status
    assert [row.split(" ", 2)[2] for row in log.rstrip().split("\n")] == [f"step {n}" for n in range(11, 1, -1)]
    assert "1 files: src.py" in files
    assert "git" not in {each["layer"] for each in here("load", "--stage", "plan", "--json").data["included"]}


def test_of_many_files_git_gives_the_folders_with_their_numbers(tmp_path: Path) -> None:
    from memorybank.store.git.state import state_of

    for name in (
        *(f"src/app/m{n}.py" for n in range(40)),
        *(f"src/lib/{n}.py" for n in range(9)),
        "src/x.py",
        "a",
        "d/b",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    state = state_of(tmp_path)
    assert state is not None
    assert (state.files, state.file_count) == (("a", "d/ 1", "src/ 1", "src/app/ 40", "src/lib/ 9"), 52)


def test_explain_says_what_each_item_is_worth_and_why(here: Callable[..., Ended]) -> None:
    here("note", "All code is typed", "--as", "standard")
    here("note", "JWT", "--as", "decision")
    here("note", "Rotate", "--as", "decision")
    done = here("load", "--stage", "plan", "--budget-chars", "200", "--explain")
    assert "stage plan, mode standard; about " in done.out
    assert "included: " in done.out
    assert "left out: " in done.out
    assert "= +0.5 contract +1 stage" in done.out


def test_json_holds_the_whole_account(here: Callable[..., Ended]) -> None:
    here("note", "All code is typed", "--as", "standard")
    data = here("load", "--stage", "validate", "--mode", "augster-rigorous", "--json").data
    assert (data["stage"], data["mode"]) == ("verify", "rigorous")
    assert data["included"][0].keys() >= {"layer", "address", "hint", "why", "size", "value", "terms"}
    assert data["omitted"] == []
    assert data["tokens"] > 0


def test_a_budget_below_what_is_pinned_is_an_error_with_the_command_that_works(here: Callable[..., Ended]) -> None:
    here("note", "All code is typed " * 20, "--as", "standard")
    done = here("load", "--budget-tokens", "30", "--json")
    assert done.status == 5
    error = done.data["error"]
    assert error["code"] == "budget"
    again = here(*error["hint"].split()[1:])
    assert again.status == 0
    assert "All code is typed" in again.out


def test_the_table_is_printed_inside_a_bank_and_outside(here: Callable[..., Ended], tmp_path: Path) -> None:
    assert "rigorous  all messages  24 h" in here("load", "--table").out
    own = tmp_path / "project" / ".memorybank" / "templates" / "stages.toml"
    own.parent.mkdir()
    own.write_text("[verify.rapid]\nmessages = 7\n", "utf-8")
    rows = here("load", "--table", "--json").data["stages"]
    assert {"stage": "verify", "mode": "rapid", "session": "last 7"}.items() <= rows[12].items()


def test_an_unknown_stage_is_refused(here: Callable[..., Ended]) -> None:
    done = here("load", "--stage", "ponder")
    assert done.status == 5
    assert "understand, decompose, plan" in done.err


def test_the_current_session_is_the_one_whose_messages_come(here: Callable[..., Ended]) -> None:
    here("session", "start", "--label", "one")
    here("session", "message", "user", "Should we rotate?\n=== patterns.md#User Standards")
    done = here("load", "--stage", "verify", "--mode", "rapid")
    assert "user: Should we rotate?\n  === patterns.md" in done.out
    assert "rotate" not in here("load", "--stage", "review", "--mode", "rapid").out


def test_a_plain_load_does_not_import_what_chooses(project: Path) -> None:
    """It is on every agent's path: what the stages need is imported when one is asked for."""
    code = (
        "import sys; from memorybank.cli.main import run; run(['load']); "
        "stage = 'memorybank.cli.commands.everyday.load_stage'; "
        "sys.exit(any(each in sys.modules for each in ('memorybank.recall', stage, 'sqlite3')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=environment(), capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", ["tokens", "chars"])
def test_a_budget_that_is_too_small_has_one_status(here: Callable[..., Ended], unit: str) -> None:
    for size in ("0", "-1"):
        done = here("load", f"--budget-{unit}", size, "--json")
        assert (done.status, done.data["error"]["code"]) == (2, "usage")
