"""The commands in the place of a refused write run as they are printed, for every tool, file and place."""

from __future__ import annotations

import itertools
import json
import os
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.serve.hooks.run import answer
from tests.running import bank as run_bank
from tests.running import sampled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [each for each in os.environ if each.startswith(("MEMORYBANK", "CLAUDE", "GEMINI", "CURSOR"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "my project's"
    bank = Bank.init(folder)
    for task in ("Ship it", "-x dash first", "Ship it now", "$HOME `x`"):
        bank.tasks.add(task)
    (folder / "src/deep").mkdir(parents=True)
    return folder


def refused(here: Path, tool: str, given: Any) -> str:
    data = json.dumps({"cwd": str(here), "session_id": "s", "tool_name": tool, "tool_input": given}).encode()
    out = answer("PreToolUse", data, environ=os.environ)
    reason = json.loads(out)["hookSpecificOutput"]["permissionDecisionReason"]
    assert len(reason) < 10_000
    return str(reason)


def run_all(here: Path, reason: str) -> list[str]:
    """Run each command of a refusal in a folder, and return them."""
    lines = [line for line in reason.split("\n  ")[1:] if not line.startswith("(")]
    assert lines
    for line in lines:
        ran = run_bank(here, *shlex.split(line)[1:], text="- [ ] new text\n")
        assert ran.returncode == 0, (line, ran.stderr)
    return lines


def tools(old: str, new: str, path: str) -> dict[str, Any]:
    removed = "".join(f"-{line}\n" for line in old.splitlines())
    added = "".join(f"+{line}\n" for line in new.splitlines())
    patch = f"*** Begin Patch\n*** Update File: {path}\n@@\n{removed}{added}*** End Patch\n"
    return {
        "Edit": {"file_path": path, "old_string": old, "new_string": new},
        "MultiEdit": {"file_path": path, "edits": [{"old_string": old, "new_string": new}]},
        "Write": {"file_path": path, "content": new},
        "NotebookEdit": {"notebook_path": path, "new_source": new},
        "apply_patch": {"command": patch},
        "Bash": {"command": f"echo x >> {shlex.quote(path)}"},
    }


TOOLS = ("Edit", "MultiEdit", "Write", "NotebookEdit", "apply_patch", "Bash")
PLACES = ("project", "subfolder", "elsewhere")
NAMES = (
    "activeContext.md",
    "sessions/s.md",
    "workflows/w.json",
    "patterns.md",
    "archive/a.md",
    "development_log.md",
    "summary.json",
    "workflows/notes/n.json",
    "checkpoints/c.json",
    "pafs/p.json",
    "groups/g.md",
    "memories/decision/a-new-one.md",
    "memories/new.md",
    ".state/journal.jsonl",
)


@pytest.mark.parametrize(("tool", "place"), sampled(itertools.product(TOOLS, PLACES), 4))
def test_each_tool_is_told_commands_that_run_where_it_works(project: Path, tool: str, place: str) -> None:
    here = {"project": project, "subfolder": project / "src/deep", "elsewhere": project.parent}[place]
    path = project / ".memorybank/progress.md"
    given = tools("- [ ] $HOME `x`", "- [x] $HOME `x`", str(path))[tool]
    run_all(here, refused(here, tool, given))
    is_known = tool in {"Edit", "MultiEdit", "apply_patch"}
    assert ("- [x] $HOME `x`" in path.read_text()) is is_known


@pytest.mark.parametrize(
    ("old", "new", "there", "gone"),
    [
        ("- [ ] -x dash first", "- [x] -x dash first", "- [x] -x dash first", "- [ ] -x"),
        ("- [ ] -x dash first", "- [ ] -y", "- [ ] -y", "-x dash"),
        ("- [ ] -x dash first\n", "", "- [ ] Ship it\n", "-x dash"),
        ("Ship it now", "Ship it late", "- [ ] Ship it late", "Ship it now"),
        ("- [ ] -x dash", "- [ ] -z dash", "- [ ] -z dash first", "-x dash"),
    ],
)
@pytest.mark.parametrize("is_outside", sampled([False, True], 2))
def test_the_command_gives_what_the_edit_wanted(
    project: Path, *, old: str, new: str, there: str, gone: str, is_outside: bool
) -> None:
    """Also for a text that begins with a dash, and where only a part of the line was to be replaced."""
    here = project.parent if is_outside else project
    path = project / ".memorybank/progress.md"
    run_all(here, refused(here, "Edit", {"file_path": str(path), "old_string": old, "new_string": new}))
    text = path.read_text()
    assert there in text
    assert gone not in text


@pytest.mark.parametrize("name", sampled(NAMES, 2))
def test_each_kind_of_file_has_commands_that_run(project: Path, name: str) -> None:
    given = {"file_path": f".memorybank/{name}", "content": "x"}
    run_all(project, refused(project, "Write", given))


def test_from_a_project_inside_another_one_the_command_names_the_outer_bank(project: Path) -> None:
    inner = project / "packages/inner one"
    Bank.init(inner)
    given = {"file_path": str(project / ".memorybank/development_log.md"), "content": "x"}
    run_all(inner, refused(inner, "Write", given))
    assert "WHAT WAS DONE" in (project / ".memorybank/development_log.md").read_text()
    assert not (inner / ".memorybank/development_log.md").exists()


def test_a_refusal_of_many_files_is_short_and_cuts_no_command(project: Path) -> None:
    files = [f"memories/decision/dec-20260101-{number:05}{'a' * 180}.md" for number in range(120)]
    (project / ".memorybank/memories/decision").mkdir(parents=True)
    for file in files:
        (project / ".memorybank" / file).touch()
    parts = "".join(f"*** Update File: {project}/.memorybank/{file}\n@@\n-a\n+b\n" for file in files)
    given = {"command": f"*** Begin Patch\n{parts}*** End Patch\n"}
    lines = refused(project.parent, "apply_patch", given).split("\n  ")[1:]
    last, _, left = lines[-1].partition("\n")
    assert left.endswith(" more)")
    assert len(lines) > 10
    for line in [*lines[:-1], last]:
        words = shlex.split(line)
        assert words[-2:] == ["--bank", str(project / ".memorybank")]
        assert len(words[2]) == len("dec-20260101-00000") + 180


def test_a_bank_file_after_many_others_is_seen(project: Path) -> None:
    parts = "".join(f"*** Add File: src/f{number}.py\n+x\n" for number in range(80))
    patch = f"*** Begin Patch\n{parts}*** Add File: .memorybank/progress.md\n+x\n*** End Patch\n"
    assert refused(project, "apply_patch", {"command": patch}).startswith("progress.md belongs")
