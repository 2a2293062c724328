"""A stage begins when what it needs was read; what goes with a context is marked before, and handed over in short."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import ConfigError, FieldError
from memorybank.records.sessions.sessions import add_message, start
from memorybank.store.view import look
from memorybank.workflow import steps as flows
from memorybank.workflow.gate import gate, mark_reads, stages_of
from memorybank.workflow.handoff import LIMIT, handoff, standing
from memorybank.workflow.lines.note import focus, note
from memorybank.workflow.notes.submit import hand_in
from memorybank.workflow.progress.checkpoint_due import due
from memorybank.workflow.progress.checkpoints import save_checkpoint
from tests.running import bank as run_bank
from tests.running import make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def read(bank: BankFolder, way: Way, *addresses: str) -> None:
    mark_reads(bank, [(each, look(bank, each).digest) for each in addresses], way)


def test_a_gate_opens_when_all_was_read_in_this_session(bank: BankFolder, way: Way) -> None:
    found = gate(bank, "implement", "s1")
    assert (found.is_open, found.missing) == (False, ("activeContext.md#Decisions", "patterns.md"))
    assert found.hint == "bank load 'activeContext.md#Decisions' patterns.md --mark"
    read(bank, way, "activeContext.md")
    assert gate(bank, "implement", "s1").missing == ("patterns.md",)
    read(bank, way, "patterns.md")
    assert gate(bank, "implement", "s1").is_open
    assert not gate(bank, "implement", "another").is_open
    note(bank, "new", way, kind="gotcha")
    assert gate(bank, "implement", "s1").changed == ("patterns.md",)


def test_the_table_is_data_and_a_banks_own_comes_first(bank: BankFolder) -> None:
    own = bank.folder / "templates" / "gates.toml"
    own.parent.mkdir()
    own.write_text('implement = ["docs/plans/a.md"]\n')
    assert stages_of(bank)["implement"] == ("docs/plans/a.md",)
    assert stages_of(bank)["verify"] == ("progress.md",)
    with pytest.raises(FieldError, match="unknown stage"):
        gate(bank, "party", "")
    for text in ("implement = 3", "=", 'implement = [""]'):
        own.write_text(text)
        with pytest.raises(ConfigError):
            stages_of(bank)


def test_torn_lines_of_reads_are_passed_over(bank: BankFolder, way: Way) -> None:
    read(bank, way, "progress.md")
    path = bank.state / "reads.jsonl"
    path.write_bytes(
        b'[1]\n{"reads": 3}\n{"session": "s1", "reads": [[1], ["a", "b", "c"]]}\n' + path.read_bytes() + b'{"at'
    )
    assert gate(bank, "verify", "s1").is_open


def test_a_checkpoint_before_compaction_holds_what_would_be_lost(
    bank: BankFolder, way: Way, later: Callable[..., Way]
) -> None:
    hand_in(bank, "Cache: Redis", way, kind="decision")
    read(bank, later(minutes=1), "activeContext.md")
    hand_in(bank, "Queue: NATS", later(minutes=2), kind="decision")
    focus(bank, "Uploads survive a cut", way)
    note(bank, "Store the offset", way, kind="task")
    note(bank, "Ask about Windows", way, kind="next")
    note(bank, "The proxy", way, kind="blocker")
    value = save_checkpoint(bank, later(minutes=3), more={"reason": "precompact", **standing(bank)}).checkpoint.value
    assert {name: value[name] for name in ("focus", "open_tasks", "decisions", "next_steps", "blockers", "reason")} == {
        "focus": "Uploads survive a cut",
        "open_tasks": ["Store the offset"],
        "decisions": ["Queue: NATS"],
        "next_steps": ["Ask about Windows"],
        "blockers": ["The proxy"],
        "reason": "precompact",
    }
    assert "decisions" not in standing(bank)


def test_the_capsule_is_short_and_says_what_it_leaves_out(bank: BankFolder, way: Way) -> None:
    assert handoff(bank).startswith("## Read\n- activeContext.md")
    flows.start(bank, "BUILD", "Uploads survive a cut", way, ident="wf-up")
    for number in range(40):
        note(bank, f"task number {number} {'x' * 300}", way, kind="task")
        note(bank, f"decided {number} " + "y" * 80, way, kind="decision")
    note(bank, "Done before", way, kind="done")
    text = handoff(bank)
    assert len(text) <= LIMIT
    for each in (
        "## Goal\n- Uploads survive a cut",
        "phase plan",
        "- task number 0",
        "more",
        "workflows/wf-up.json",
        "Done before",
    ):
        assert each in text


def test_the_capsule_tells_what_the_workflow_says(bank: BankFolder, way: Way) -> None:
    flows.start(bank, "BUILD", "Uploads survive a cut", way, ident="wf-up")
    flows.add_task(bank, "", "Store the offset", way)
    flows.add_task(bank, "", "Resume from it", way)
    flows.set_task(bank, "", "t1", "done", way)
    flows.set_gate(bank, "", "scope", way, question="Windows too?")
    text = handoff(bank)
    for each in ("## Next\n- Resume from it", "## Blockers\n- gate scope: Windows too?", "## Done\n- Store the offset"):
        assert each in text
    assert standing(bank)["open_tasks"] == ["Resume from it"]


def test_the_capsule_holds_no_secret(bank: BankFolder, way: Way) -> None:
    token = "ghp_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk"
    path = bank.folder / "activeContext.md"
    path.write_text(path.read_text(encoding="utf-8").replace("1. [Step]", f"1. use {token}"), encoding="utf-8")
    assert token not in handoff(bank)
    assert "<redacted:" in handoff(bank)


def test_a_checkpoint_is_due_after_many_calls_or_attempts(
    bank: BankFolder, way: Way, later: Callable[..., Way]
) -> None:
    assert due(bank, "").reasons == ()
    session = start(bank, way, goal="uploads").record.id
    for _ in range(30):
        add_message(bank, session, "tool", "ran", later(minutes=1))
    flows.start(bank, "DEBUG", "Uploads are cut", way)
    for number in range(5):
        flows.add_attempt(bank, "", f"try {number}", "red", later(minutes=1))
    assert due(bank, session).reasons == ("30 tool calls", "5 debug attempts")
    save_checkpoint(bank, later(minutes=2))
    assert due(bank, session).reasons == ()


def test_a_hook_can_hold_an_agent_to_it(tmp_path: Path) -> None:
    env = {"MEMORYBANK_HOME": str(tmp_path / "home")}
    for words in (("init",), ("session", "start")):
        assert run_bank(tmp_path, *words, env=env).returncode == 0
    refused = run_bank(tmp_path, "gate", "implement", env=env)
    assert (refused.returncode, "implement may not begin: not read" in refused.stdout) == (1, True)
    hint = refused.stderr.split("next: ")[1].strip()
    found = json.loads(run_bank(tmp_path, "gate", "implement", "--json", env=env).stdout)
    assert (found["is_open"], found["hint"]) == (False, hint)
    assert run_bank(tmp_path, *shlex.split(hint)[1:], env=env).returncode == 0
    passed = run_bank(tmp_path, "gate", "implement", env=env)
    assert (passed.returncode, "implement may begin" in passed.stdout) == (0, True)


def test_a_bank_of_another_tool_is_held_to_what_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "memory-bank"
    folder.mkdir()
    for name in ("projectbrief.md", "activeContext.md", "progress.md"):
        (folder / name).write_text(f"# {name}\n\nText.\n", encoding="utf-8")
    env = {"MEMORYBANK_HOME": str(tmp_path / "home")}
    refused = run_bank(tmp_path, "gate", "implement", env=env)
    assert (refused.returncode, "activeContext.md" in refused.stdout, "patterns.md" in refused.stdout) == (
        1,
        True,
        False,
    )
    hint = refused.stderr.split("next: ")[1].strip()
    assert run_bank(tmp_path, *shlex.split(hint)[1:], env=env).returncode == 0
    assert run_bank(tmp_path, "gate", "implement", env=env).returncode == 0
    assert run_bank(tmp_path, "gate", "reflect", env=env).returncode == 0


def test_a_load_for_a_stage_marks_what_it_printed_whole(tmp_path: Path) -> None:
    """It dropped the mark before, without a word: who loaded with --git passed no gate."""
    make_bank(tmp_path)
    env = {"CLAUDE_CODE_SESSION_ID": "agent"}
    for number in range(30):
        assert run_bank(tmp_path, "note", f"Learning {number} of many", env=env).returncode == 0
    assert run_bank(tmp_path, "load", "--stage", "plan", "--mark", "--budget-chars", "600", env=env).returncode == 0
    found = json.loads(run_bank(tmp_path, "gate", "resume", "--json", env=env).stdout)
    assert found["unread"] == ["activeContext.md"]
    assert run_bank(tmp_path, "load", "--for", "decision", "--mark", "--git", env=env).returncode == 0
    assert run_bank(tmp_path, "gate", "decision", env=env).returncode == 0
    assert run_bank(tmp_path, "load", "--git", "--mark", env=env).returncode == 0
    assert run_bank(tmp_path, "gate", "resume", env=env).returncode == 0
