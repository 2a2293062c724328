"""Make session logs of today's clients: `python -m tests.clients.record_sessions FOLDER`.

Claude Code and Codex run two scripted turns each, in which the user corrects the agent, with a model on this machine.
Their logs go to `FOLDER/claude-code/` and `FOLDER/codex/`. They are in the clients' own form, line by line, with two
changes: folders of this machine are called `/srv/dev` and `/srv/dev/shop`, and long texts (the clients' own prompts
and tools) are cut, so a log has less than 150 KB. Use them as inputs of code that reads session logs, for example to
find what users corrected; make new ones when a version in `programs.py` is raised. It needs Node 20 and npm.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.clients.fake_model.script import Call, Say, Script
from tests.clients.fake_model.server import fake_model
from tests.clients.place import Place
from tests.clients.sessions import KEY, claude, codex

if TYPE_CHECKING:
    from tests.clients.place import Ran

ASK = "add a port to the settings"
CORRECT = "no, use port 9090"
LOGS = {"claude-code": ".claude/projects", "codex": ".codex/sessions"}
HOME = "/srv/dev"
# longer texts are the clients' own
LONGEST = 1_000


def record(folder: Path) -> list[Path]:
    """Run a session of each client and return the copies of their logs."""
    with tempfile.TemporaryDirectory() as name:
        place = Place(
            Path(name).resolve() / "home", Path(name).resolve() / "home" / "shop", Path(sys.executable).parent
        )
        (place.home / "tmp").mkdir(parents=True)
        place.project.mkdir()
        subprocess.run(["git", "init", "-q", str(place.project)], check=True)
        place.trust_claude(KEY)
        _claude_code(place)
        (place.home / ".codex").mkdir()
        _codex(place)
        return [
            _copy(log, folder / client, place.home)
            for client, where in LOGS.items()
            for log in sorted((place.home / where).rglob("*.jsonl"))
        ]


def _claude_code(place: Place) -> None:
    file = str(place.project / "settings.json")
    write = Call("Write", {"file_path": file, "content": json.dumps({"port": 8080}) + "\n"})
    edit = Call("Edit", {"file_path": file, "old_string": "8080", "new_string": "9090"})
    script: Script = {ASK: [write, Say("Port 8080 is set.")], CORRECT: [edit, Say("Port 9090 is set.")]}
    with fake_model(script) as model:
        _ended(claude(place, model, ASK, "--permission-mode", "acceptEdits"))
        _ended(claude(place, model, CORRECT, "--continue", "--permission-mode", "acceptEdits"))


def _codex(place: Place) -> None:
    new = '*** Begin Patch\n*** Add File: port.json\n+{"port": 8080}\n*** End Patch'
    changed = '*** Begin Patch\n*** Update File: port.json\n@@\n-{"port": 8080}\n+{"port": 9090}\n*** End Patch'
    script: Script = {
        ASK: [Call("apply_patch", {"*": new}), Say("Port 8080 is set.")],
        CORRECT: [Call("apply_patch", {"*": changed}), Say("Port 9090 is set.")],
    }
    with fake_model(script) as model:
        _ended(codex(place, model, ASK))
        _ended(codex(place, model, CORRECT, "resume", "--last"))


def _ended(ran: Ran) -> None:
    if ran.status:
        sys.exit(ran.text)


def _copy(log: Path, folder: Path, home: Path) -> Path:
    """Write a log without folders of this machine and without long texts."""
    mangled = re.sub(r"[^A-Za-z0-9]", "-", str(home))  # as Claude Code names a project's folder
    named = log.read_text(encoding="utf-8").replace(str(home), HOME).replace(mangled, HOME.replace("/", "-"))
    lines = [
        json.dumps(_cut(json.loads(line)), ensure_ascii=False, separators=(",", ":")) for line in named.splitlines()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / log.name
    copy.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return copy


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}… ({len(value) - LONGEST} characters cut)"
    if isinstance(value, dict):
        return {name: _cut(inner) for name, inner in value.items()}
    return [_cut(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m tests.clients.record_sessions FOLDER\n\n{__doc__}")
    for made in record(Path(sys.argv[1])):
        print(made)
