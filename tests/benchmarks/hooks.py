"""What hooks cost: a hook that does nothing beside bare Python, and each acting one beside `import click`.

    python -m tests.benchmarks.hooks

CPU time (user and system), the best of several runs taken in turn, so that both sides of a ratio see the same machine.
The goal counts the hook's own process; what the git processes it starts cost is in a column of its own. Every row has
its own session, and its answer or its effect is checked: a hook that did nothing would be fast. Linux only, because the
time of one process without its children is read from `/proc`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank import Bank
from memorybank.agents.hook_events import hook_script
from memorybank.facade.caller import Caller
from memorybank.store.discover import find_bank

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15
IDLE_LIMIT, ACTING_LIMIT, MINING_LIMIT = 1.3, 2.0, 4.0
MINING = "Stop, mining"
_MANY_ROWS = 200


class Cost(NamedTuple):
    """The milliseconds of CPU of a process, and of the processes it started."""

    own: float
    started: float


class Row(NamedTuple):
    """One event: what is sent, what proves that it was answered, and what comes before it, which is not measured."""

    event: str
    fields: dict[str, Any]
    is_right: Callable[[bytes], bool]
    before: tuple[tuple[str, dict[str, Any]], ...] = ()
    prepare: Callable[[], None] = lambda: None


def run(command: list[str], data: bytes, folder: Path, environ: dict[str, str]) -> tuple[Cost, bytes]:
    """Run a command, and return its cost and its output."""
    process = subprocess.Popen(command, stdin=-1, stdout=-1, cwd=folder, env=environ)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(data)
    process.stdin.close()
    out = process.stdout.read()
    process.stdout.close()
    # it has ended and is not reaped yet, so both clocks can be read
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    own = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e6
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Cost(own, max(0.0, (usage.ru_utime + usage.ru_stime) * 1000 - own)), out


def rows_of(folder: Path, number: int) -> dict[str, Row]:
    """Return the events that are measured; the first ones ask for nothing."""
    bank, other, mined = folder / ".memorybank", folder.parent / "other", folder.parent / "mined"
    log = folder.parent / "transcript.jsonl"
    edit: dict[str, Any] = {"file_path": f"{folder}/a.py", "old_string": "a", "new_string": "b"}
    raw = {"file_path": f"{bank}/progress.md", "old_string": "- [ ] A", "new_string": "- [x] A"}
    notes = f"### Memory Notes (For Workflow-Final Persistence)\n- **Learnings:** number {number}"
    started = ("SessionStart", {"source": "startup"})
    wrote = ("PostToolUse", {"tool_name": "Write", "tool_input": {"file_path": "a.py", "content": "b"}})

    def is_silent(out: bytes) -> bool:
        return out == b""

    def has(*parts: bytes) -> Callable[[bytes], bool]:
        return lambda out: all(part in out for part in parts)

    def state(session: str, **wanted: object) -> Callable[[bytes], bool]:
        def look(out: bytes) -> bool:
            kept = json.loads((bank / ".state/hooks.json").read_text())[f"{session}{number}"]
            return out == b"" and all(kept.get(name) == value for name, value in wanted.items())

        return look

    def make_news() -> None:
        """Note something in a session that started long ago."""
        then = Caller(environ=os.environ, folder=other, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        Bank(find_bank(other, environ=os.environ), then).sessions.start(label=f"n{number}")
        Bank.open(other).note(f"news {number}", kind="learning")

    def saved(out: bytes) -> bool:
        record = next(
            each for each in (other / ".memorybank/sessions").glob("*.md") if f"label: n{number}\n" in each.read_text()
        )
        is_saved = f"news {number}" in record.read_text()
        Bank.open(other).sessions.end()
        return out == b"" and is_saved

    def corrected() -> str:
        """Write a log in which the user says what was wrong, and return its path."""
        path = folder.parent / f"corrected-{number}.jsonl"
        turn = {"type": "user", "message": {"role": "user", "content": f"no, use port {9000 + number}"}}
        path.write_bytes(log.read_bytes() + json.dumps(turn, separators=(",", ":")).encode() + b"\n")
        return str(path)

    def found(out: bytes) -> bool:
        return out == b"" and any(
            str(9000 + number) in each.text for each in Bank.open(mined).corrections.list(limit=0)
        )

    def queued(out: bytes) -> bool:
        return out == b"" and any(
            f'number {number}"' in path.read_text() for path in (bank / "workflows/notes").glob("*.json")
        )

    return {
        "idle: a file that is read": Row("PreToolUse", {"tool_name": "Read", "tool_input": edit}, is_silent),
        "idle: another file is edited": Row("PreToolUse", {"tool_name": "Edit", "tool_input": edit}, is_silent),
        "idle: a shell command": Row(
            "PreToolUse", {"tool_name": "Bash", "tool_input": {"command": "pytest -q > log.txt"}}, is_silent
        ),
        "idle: a prompt": Row("UserPromptSubmit", {"prompt": "what did we decide about retries"}, is_silent),
        "idle: the answer to a reminder": Row("Stop", {"stop_hook_active": True}, is_silent),
        "SessionStart": Row("SessionStart", {"source": "startup"}, has(b'Memory bank \\"project\\": 1 open task')),
        "PreToolUse, refused": Row(
            "PreToolUse", {"tool_name": "Edit", "tool_input": raw}, has(b'"deny"', b"bank task done A")
        ),
        "PostToolUse, counted": Row(
            "PostToolUse", {"tool_name": "Edit", "tool_input": edit}, state("PostToolUse, counted", changed=1)
        ),
        "PreCompact, checkpoint": Row(
            "PreCompact",
            {"trigger": "auto", "transcript_path": str(log)},
            has(b"saved in checkpoints/checkpoint_"),
        ),
        "SubagentStop, a note": Row("SubagentStop", {"last_assistant_message": notes}, queued),
        "Stop, a log without a new turn": Row(
            "Stop", {"stop_hook_active": False, "transcript_path": str(log)}, is_silent
        ),
        MINING: Row("Stop", {"cwd": str(mined), "transcript_path": corrected()}, found),
        "Stop, nothing was changed": Row("Stop", {"stop_hook_active": False}, is_silent),
        "Stop, reminding": Row(
            "Stop", {"stop_hook_active": False}, has(b'"block"', b"WHAT CHANGED", b"--file a.py"), (started, wrote)
        ),
        "Stop, reminded before": Row(
            "Stop", {"stop_hook_active": False}, is_silent, (started, wrote, ("Stop", {"stop_hook_active": False}))
        ),
        "SessionEnd": Row("SessionEnd", {"reason": "other"}, state("SessionEnd", ended="other")),
        # in a bank of its own, since it grows with each round
        "Stop, saving the session": Row("Stop", {"cwd": str(other)}, saved, prepare=make_news),
    }


def make_project(scratch: Path) -> tuple[Path, dict[str, str]]:
    """Make a project with a bank, a repository and a transcript, and the environment that hooks run in."""
    home, folder = scratch / "home", scratch / "project"
    home.mkdir()
    folder.mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    for words in (["init"], ["task", "add", "A"]):
        subprocess.run([sys.executable, "-m", "memorybank", *words], cwd=folder, env=environ, check=True, stdout=-3)
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], [*who, "commit", "-qm", "a", "--allow-empty"]):
        subprocess.run(["git", *words], cwd=folder, env=environ, check=True)
    Bank.init(scratch / "other")
    Bank.init(scratch / "mined")
    asked = {"type": "user", "message": {"role": "user", "content": "Move the login to Redis, please"}}
    result = [{"type": "tool_result", "tool_use_id": "t1", "content": "x = 1\n" * 200}]
    used = {"type": "assistant", "message": {"role": "assistant", "content": [{"type": "tool_use", "name": "Read"}]}}
    read = {"type": "user", "message": {"role": "user", "content": result}}
    said = {
        "type": "assistant",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "Half done: the tests are next."}]},
    }
    lines = [asked, *[used, read] * _MANY_ROWS, said]
    (scratch / "transcript.jsonl").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    return folder, environ


def main() -> int:
    """Print the table; the status is 1 where a ratio is too high, and a row that did not do its work is an error."""
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder, environ = make_project(Path(scratch))
        for number in range(ROUNDS):
            for name, command in (("bare", ["-I", "-c", "pass"]), ("click", ["-c", "import click"])):
                cost, _ = run([sys.executable, *command], b"", folder, environ)
                costs.setdefault(name, []).append(cost)
            for name, row in rows_of(folder, number).items():
                row.prepare()
                for event, fields in (*row.before, (row.event, row.fields)):
                    if event == "PostToolUse":
                        (folder / "a.py").write_text(name)
                    ids = {"tool_use_id": f"{name}{number}", "prompt_id": f"{name}{number}"}
                    given = {"session_id": f"{name}{number}", "cwd": str(folder), "hook_event_name": event, **ids}
                    command = [sys.executable, "-I", str(hook_script()), event]
                    cost, out = run(command, json.dumps({**given, **fields}).encode(), folder, environ)
                assert row.is_right(out), f"{name} did not do its work: {out!r}"
                costs.setdefault(name, []).append(cost)
    best = {name: Cost(*(min(column) for column in zip(*rows, strict=True))) for name, rows in costs.items()}
    failed = False
    for name, cost in best.items():
        idle = name.startswith("idle")
        floor, limit = (best["bare"], IDLE_LIMIT) if idle else (best["click"], ACTING_LIMIT)
        limit = MINING_LIMIT if name == MINING else limit
        ratio = cost.own / floor.own
        over = name not in {"bare", "click"} and ratio > limit
        failed = failed or over
        of = f"{ratio:5.2f}x of {'bare' if idle else 'click'}"
        git = f"  git {cost.started:.1f} ms" if cost.started > 1 else ""
        print(f"{name:32} {cost.own:7.1f} ms  {of}{git}{'  OVER' if over else ''}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
