"""Which writes are recognised as writes to a bank's files, however the path is spelled, and which are left alone."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.agents.raw_write import look_at
from memorybank.serve.hooks.glance import BEFORE, is_idle
from memorybank.serve.hooks.run import answer
from memorybank.serve.hooks.shell_targets import written_by

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [each for each in os.environ if each.startswith(("MEMORYBANK", "CLAUDE", "GEMINI", "CURSOR"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "project"
    bank = Bank.init(folder)
    bank.tasks.add("Ship it")
    bank.note("WAL mode needs a local disk", kind="gotcha")
    (folder / "docs/plans").mkdir(parents=True)
    (folder / "link.md").symlink_to(".memorybank/progress.md")
    (folder / "memory").symlink_to(".memorybank")
    return folder


def refusal(project: Path, tool: str, given: dict[str, Any]) -> str:
    """Return why a tool call is refused, "" if it is not; the look at its bytes must agree."""
    data = json.dumps({"cwd": str(project), "session_id": "s", "tool_name": tool, "tool_input": given}).encode()
    out = answer("PreToolUse", data, environ=os.environ)
    reason = json.loads(out)["hookSpecificOutput"].get("permissionDecisionReason", "") if out else ""
    assert not (reason and is_idle(BEFORE, data)), "the script would not have looked"
    return str(reason)


@pytest.mark.parametrize(
    "path",
    [
        "{project}/.memorybank/progress.md",
        ".memorybank/progress.md",
        "docs/../.memorybank/./progress.md",
        "link.md",
        "memory/progress.md",
        "{project}/memory/../.memorybank/progress.md",
    ],
)
def test_a_path_in_any_spelling_is_the_file_it_leads_to(project: Path, path: str) -> None:
    given = {"file_path": path.format(project=project), "content": "- all new"}
    assert refusal(project, "Write", given).startswith("progress.md belongs to the memory bank")


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("memories/decision/dec-20260101-abcde.md", "bank update dec-20260101-abcde --content -"),
        ("memories/decision/a-new-one.md", "bank save - --type decision"),
        ("memories/new.md", "bank save - --type fact"),
        ("memories/no-type/new.md", "bank save - --type fact"),
        ("sessions/ses-20260101-abcde.md", "bank session list"),
        ("workflows/wf-1.json", "bank workflow list"),
        ("workflows/notes/note-1.json", "bank notes list"),
        ("development_log.md", "bank log 'WHAT WAS DONE'"),
        ("summary.json", "bank summary refresh"),
        (".state/journal.jsonl", "bank status"),
    ],
)
def test_records_ledgers_and_state_have_their_own_commands(project: Path, path: str, command: str) -> None:
    there = project / ".memorybank/memories/decision/dec-20260101-abcde.md"
    there.parent.mkdir(parents=True)
    there.write_text("old\n")
    assert refusal(project, "Write", {"file_path": f".memorybank/{path}", "content": "x"}).endswith(f"  {command}")


@pytest.mark.parametrize(
    "path",
    [
        "src/a.py",
        "docs/plans/p.md",
        ".memorybank/templates/contracts/progress.md",
        ".memorybank/artifacts/a.png",
        ".memorybank/bank.toml",
        "progress.md",
        "memory-bank.py",
    ],
)
def test_other_files_are_nobodys_business(project: Path, path: str) -> None:
    assert refusal(project, "Write", {"file_path": path, "content": "x"}) == ""


@pytest.mark.parametrize(
    ("old", "new", "command"),
    [
        ("- [ ] Ship it", "- [x] Ship it", "bank task done 'Ship it'"),
        ("- [ ] Ship it", "- [ ] Ship that", "bank item replace 'progress.md#Tasks' 'Ship it' 'Ship that'"),
        ("- [ ] Ship it", "- [ ] Ship it\n- [ ] Test it", "bank edit 'progress.md#Tasks' --append '- [ ] Test it'"),
        ("- [ ] Ship it\n", "", "bank item remove 'progress.md#Tasks' 'Ship it'"),
        ("not in the file", "x", "bank outline progress.md"),
    ],
)
def test_the_command_does_what_the_edit_wanted(project: Path, old: str, new: str, command: str) -> None:
    given = {"file_path": ".memorybank/progress.md", "old_string": old, "new_string": new}
    lines = refusal(project, "Edit", given).split("\n  ")
    assert lines[1] == command


def test_the_commands_of_a_refusal_run_as_they_are_printed(project: Path) -> None:
    """The edit that was refused, made by the command in its place, gives the same file."""
    import shlex
    import sys

    path = project / ".memorybank/progress.md"
    for old, new in (
        ("- [ ] Ship it", "- [ ] Ship it's part"),
        ("- [ ] Ship it's part", "- [ ] Ship it's part\n- [ ] $HOME"),
    ):
        wanted = path.read_text().replace(old, new)
        given = {"file_path": str(path), "old_string": old, "new_string": new}
        command = shlex.split(refusal(project, "Edit", given).split("\n  ")[1])
        subprocess.run([sys.executable, "-m", "memorybank", *command[1:]], cwd=project, check=True, capture_output=True)
        there = path.read_text()
        assert there.split("## Last Updated")[0] == wanted.split("## Last Updated")[0]


def test_a_whole_file_names_the_sections_that_would_change(project: Path) -> None:
    text = (project / ".memorybank/progress.md").read_text().replace("- [ ] Ship it", "- [ ] Other work\n\nmore")
    reason = refusal(project, "Write", {"file_path": ".memorybank/progress.md", "content": text})
    digest = Bank.open(project).show("progress.md#Tasks").digest
    assert reason.endswith(f"  bank edit 'progress.md#Tasks' --replace - --expect {digest}")


def test_a_write_from_another_project_names_the_bank(project: Path, tmp_path: Path) -> None:
    found = look_at(str(project / ".memorybank/summary.json"), {}, here=str(tmp_path))
    assert found is not None
    assert found.commands == (f"bank summary refresh --bank {project / '.memorybank'}",)


SHELL = [
    ("echo hi >> .memorybank/progress.md", [".memorybank/progress.md"]),
    ("cd .memorybank && echo hi>progress.md", [".memorybank/progress.md"]),
    ("echo 'a > b' | tee -a x.md y.md", ["x.md", "y.md"]),
    ("sed -i s/a/b/ x.md", ["s/a/b/", "x.md"]),
    ("sed s/a/b/ x.md", []),
    ("cp a.md b.md; mv c.md d.md", ["b.md", "c.md", "d.md"]),
    ("cat > a.md <<'EOF'\nx > .memorybank/progress.md\nEOF", ["a.md"]),
    ("echo '> .memorybank/progress.md'", []),
    ('echo x > "$FILE"', []),
    ("make 2>&1 | tail", []),
    ("make 2> log.txt", ["log.txt"]),
    ("sort < a.md > b.md", ["b.md"]),
    ("cd $X && echo > a.md", []),
    ("echo 'open", []),
    ("X=1 sudo rm -f a.md", ["a.md"]),
    ("if true; then echo > a.md; fi", ["a.md"]),
]


@pytest.mark.parametrize(("command", "paths"), SHELL, ids=[command[:30] for command, _ in SHELL])
def test_a_shell_command_writes_what_it_certainly_writes(command: str, paths: list[str]) -> None:
    assert written_by(command, "/p") == [f"/p/{path}" for path in paths]


def test_a_shell_command_that_writes_a_memory_file_is_refused(project: Path) -> None:
    assert refusal(project, "Bash", {"command": "cd .memorybank && echo hi >> progress.md"}).startswith("progress.md")
    assert refusal(project, "shell", {"command": ["bash", "-lc", "echo hi > .memorybank/patterns.md"]}) != ""
    assert refusal(project, "Bash", {"command": "bank show progress.md > /tmp/x.md"}) == ""


def test_a_patch_names_each_file_and_what_it_replaces(project: Path) -> None:
    patch = (
        "*** Begin Patch\n*** Add File: src/new.py\n+x = 1\n*** Update File: .memorybank/patterns.md\n@@\n"
        "-- WAL mode needs a local disk\n+- WAL mode needs a fast disk\n*** End Patch\n"
    )
    reason = refusal(project, "apply_patch", {"command": patch})
    assert reason.startswith("patterns.md belongs")
    assert reason.endswith(
        "bank item replace 'patterns.md#Common Gotchas' 'WAL mode needs a local disk' 'WAL mode needs a fast disk'"
    )
    assert refusal(project, "apply_patch", {"command": patch.replace(".memorybank/patterns", "docs/other")}) == ""


def test_the_banks_own_tools_are_no_raw_writes(project: Path) -> None:
    assert refusal(project, "mcp__bank__bank_edit", {"path": ".memorybank/progress.md", "text": "x"}) == ""


@pytest.mark.parametrize("tool", ["Read", "Grep", "view", "read_file"])
def test_reading_is_no_writing(project: Path, tool: str) -> None:
    given = {"file_path": ".memorybank/progress.md"}
    data = json.dumps({"cwd": str(project), "tool_name": tool, "tool_input": given}).encode()
    assert is_idle(BEFORE, data)
    assert refusal(project, tool, given) == ""
