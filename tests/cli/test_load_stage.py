"""`bank load` with a stage or a budget; plain `bank load` is as it was."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

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


def test_what_did_not_fit_is_told_beside_the_text_with_its_command(here: Callable[..., Ended]) -> None:
    for number in range(30):
        here("note", f"Lesson {number} about the parser of the project", "--as", "gotcha")
    done = here("load", "--stage", "plan", "--mode", "rapid", "--budget-tokens", "150")
    assert "=== left out: " in done.out
    assert done.err.count("bank show 'patterns.md#Common Gotchas'") == 12
    assert "more; --explain or --json lists all" in done.err


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
