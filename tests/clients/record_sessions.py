"""Make session logs of today's clients: `python -m tests.clients.record_sessions FOLDER`.

Claude Code, Codex and Gemini CLI run two scripted turns each, in which the user corrects the agent, with a model on
this machine; then sessions in a terminal, in which the user corrects in every way the client has (`corrected/`): a
denial with and without a comment, an interrupt, text in the middle of a turn, a rewind, a compaction, a fork, and a
sub-agent whose words are no correction. `--raw` leaves whole texts.

Their logs go to `FOLDER/CLIENT/`, in folders as the client has them. They are in the clients' own form, line by line,
with two changes: folders of this machine are called `/srv/dev` and `/srv/dev/shop`, and long texts (the clients' own
prompts and tools) are cut. Use them as inputs of code that reads session logs, for example to find what users
corrected; make new ones when a version in `programs.py` is raised. It takes two minutes, and needs Node 20, npm and
tmux.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.clients.corrected.claude_code import by_hand as in_claude_code
from tests.clients.corrected.codex import by_hand as in_codex
from tests.clients.corrected.gemini import by_hand as in_gemini
from tests.clients.fake_model.script import Call, Say, Script
from tests.clients.fake_model.server import fake_model
from tests.clients.place import Place
from tests.clients.sessions import KEY, claude, codex, gemini

if TYPE_CHECKING:
    from tests.clients.place import Ran

ASK = "add a port to the settings"
CORRECT = "no, use port 9090"
LOGS = {"claude-code": ".claude/projects", "codex": ".codex/sessions", "gemini": ".gemini/tmp"}
HOME = "/srv/dev"
# longer texts are the clients' own
LONGEST = 1_000


def record(folder: Path, *, raw: bool = False) -> list[Path]:
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
        in_claude_code(place)
        (place.home / ".codex").mkdir()
        _codex(place)
        in_codex(place)
        (place.home / ".gemini").mkdir()
        chosen = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
        (place.home / ".gemini" / "settings.json").write_text(json.dumps(chosen))
        _gemini(place)
        in_gemini(place)
        return [
            _copy(log, place.home / where, folder / client, place.home, raw=raw)
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


def _gemini(place: Place) -> None:
    file = str(place.project / "tax.json")
    script: Script = {
        ASK: [Call("write_file", {"file_path": file, "content": '{"port": 8080}'}), Say("Port 8080 is set.")],
        CORRECT: [Call("write_file", {"file_path": file, "content": '{"port": 9090}'}), Say("Port 9090 is set.")],
    }
    with fake_model(script) as model:
        _ended(gemini(place, model, ASK))
        _ended(gemini(place, model, CORRECT, "--resume", "latest"))


def _ended(ran: Ran) -> None:
    if ran.status:
        sys.exit(ran.text)


def _named(text: str, home: Path) -> str:
    """Return a text in which the home has another name; Claude Code puts the one of the project in a folder's name."""
    mangled = re.sub(r"[^A-Za-z0-9]", "-", str(home))
    return text.replace(str(home), HOME).replace(mangled, HOME.replace("/", "-"))


def _copy(log: Path, root: Path, folder: Path, home: Path, *, raw: bool) -> Path:
    """Write a log without folders of this machine and, if it is not `raw`, without long texts."""
    copy = folder / _named(str(log.relative_to(root)), home)
    named = _named(log.read_text(encoding="utf-8"), home)
    lines = [
        json.dumps(_cut(json.loads(line), raw=raw), ensure_ascii=False, separators=(",", ":"))
        for line in named.split("\n")
        if line
    ]
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return copy


def _cut(value: Any, *, raw: bool) -> Any:
    if isinstance(value, str) and len(value) > LONGEST and not raw:
        return f"{value[:LONGEST]}… ({len(value) - LONGEST} characters cut)"
    if isinstance(value, dict):
        return {name: _cut(inner, raw=raw) for name, inner in value.items()}
    return [_cut(inner, raw=raw) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--raw"]
    if len(words) != 1:
        sys.exit(f"usage: python -m tests.clients.record_sessions [--raw] FOLDER\n\n{__doc__}")
    for made in record(Path(words[0]), raw="--raw" in sys.argv):
        print(made)
