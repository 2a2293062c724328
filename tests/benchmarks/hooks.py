"""What hooks cost: a hook that does nothing beside bare Python, and each acting one beside `import click`.

    python -m tests.benchmarks.hooks

CPU time (user and system) of whole processes, the best of several runs taken in turn, so that both sides of a ratio
see the same machine.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from memorybank.agents.hook_events import hook_script

ROUNDS = 15
IDLE_LIMIT, ACTING_LIMIT = 1.3, 2.0


def cpu_of(command: list[str], data: bytes, folder: Path, environ: dict[str, str]) -> float:
    """Return the milliseconds of CPU that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=data, cwd=folder, env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def events_of(folder: Path, number: int) -> dict[str, tuple[str, dict[str, object]]]:
    """Return the events that are measured; the first ones ask for nothing."""
    bank = folder / ".memorybank"
    read: dict[str, object] = {"tool_name": "Read", "tool_input": {"file_path": f"{folder}/a.py"}}
    edit: dict[str, object] = {
        "tool_name": "Edit",
        "tool_input": {"file_path": f"{folder}/a.py", "old_string": "a", "new_string": "b"},
    }
    raw: dict[str, object] = {
        **edit,
        "tool_input": {"file_path": f"{bank}/progress.md", "old_string": "- [ ] A", "new_string": "- [x] A"},
    }
    shell: dict[str, object] = {"tool_name": "Bash", "tool_input": {"command": "pytest -q > log.txt"}}
    notes = "### Memory Notes (For Workflow-Final Persistence)\n- **Learnings:** number " + str(number)
    return {
        "idle: a file that is read": ("PreToolUse", read),
        "idle: another file is edited": ("PreToolUse", edit),
        "idle: a shell command": ("PreToolUse", shell),
        "idle: a prompt": ("UserPromptSubmit", {"prompt": "what did we decide about retries"}),
        "idle: the answer to a reminder": ("Stop", {"stop_hook_active": True}),
        "SessionStart": ("SessionStart", {"source": "startup"}),
        "PreToolUse, refused": ("PreToolUse", raw),
        "PostToolUse, counted": ("PostToolUse", edit),
        "PreCompact, checkpoint": ("PreCompact", {"trigger": "auto"}),
        "SubagentStop, a note": ("SubagentStop", {"last_assistant_message": notes}),
        "Stop": ("Stop", {"stop_hook_active": False}),
        "Stop, reminding": ("Stop", {"stop_hook_active": False, "remind": True}),
        "SessionEnd": ("SessionEnd", {"reason": "other"}),
    }


def main() -> int:
    """Print the table; the status is 1 where a ratio is too high."""
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        home, folder = Path(scratch, "home"), Path(scratch, "project")
        home.mkdir()
        folder.mkdir()
        environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPYCACHEPREFIX": f"{scratch}/pyc"}
        environ |= {"PYTHONPATH": str(Path(__file__).parents[2])}
        for words in (["init"], ["task", "add", "A"]):
            subprocess.run([sys.executable, "-m", "memorybank", *words], cwd=folder, env=environ, check=True, stdout=-3)
        for words in (
            ["init", "-q"],
            ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a", "--allow-empty"],
        ):
            subprocess.run(["git", *words], cwd=folder, env=environ, check=True)
        (folder / "a.py").write_text("a")
        best: dict[str, float] = {}
        for number in range(ROUNDS):
            rows = {
                "bare": ([sys.executable, "-I", "-c", "pass"], b""),
                "click": ([sys.executable, "-c", "import click"], b""),
            }
            for name, (event, fields) in events_of(folder, number).items():
                common = {"session_id": f"s{number}", "cwd": str(folder), "hook_event_name": event}
                said = {**common, "tool_use_id": f"{name}{number}", "prompt_id": f"{name}{number}", **fields}
                if fields.get("remind"):
                    said["session_id"] = f"remind{number}"
                    edit = {**said, "tool_name": "Write", "tool_input": {"file_path": "a.py", "content": "b"}}
                    cpu_of(
                        [sys.executable, "-I", str(hook_script()), "PostToolUse"],
                        json.dumps(edit).encode(),
                        folder,
                        environ,
                    )
                rows[name] = ([sys.executable, "-I", str(hook_script()), event], json.dumps(said).encode())
            (folder / "a.py").write_text(str(number))
            for name, (command, data) in rows.items():
                best[name] = min(best.get(name, 1e9), cpu_of(command, data, folder, environ))
    for name, value in best.items():
        idle = name.startswith("idle")
        floor, limit = (best["bare"], IDLE_LIMIT) if idle else (best["click"], ACTING_LIMIT)
        ratio = value / floor
        over = name not in {"bare", "click"} and ratio > limit
        failed = failed or over
        print(f"{name:32} {value:7.1f} ms  {ratio:5.2f}x {'of bare' if idle else 'of click'}{'  OVER' if over else ''}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
