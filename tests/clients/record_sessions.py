"""Make session logs of today's clients: `python -m tests.clients.record_sessions FOLDER`.

The clients run a few scripted turns, and what they log is copied to the folder, a sub-folder for each client. The logs
are theirs: use them to see their form, and do not commit them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.clients.fake_model.script import Call, Say, Script
from tests.clients.fake_model.server import fake_model
from tests.clients.place import Place
from tests.clients.sessions import KEY, claude, codex

ASK = "add a port to the settings"
CORRECT = "no, use port 9090"
LOGS = {"claude-code": ".claude/projects", "codex": ".codex/sessions"}


def record(folder: Path) -> None:
    """Run a session of each client, in which the user corrects the agent, and copy the logs."""
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name) / "home", Path(name) / "shop", Path(sys.executable).parent)
        (place.home / "tmp").mkdir(parents=True)
        place.project.mkdir()
        subprocess.run(["git", "init", "-q", str(place.project)], check=True)
        place.trust_claude(KEY)
        file = str(place.project / "settings.json")
        write = Call("Write", {"file_path": file, "content": json.dumps({"port": 8080}) + "\n"})
        edit = Call("Edit", {"file_path": file, "old_string": "8080", "new_string": "9090"})
        script: Script = {ASK: [write, Say("Port 8080 is set.")], CORRECT: [edit, Say("Port 9090 is set.")]}
        with fake_model(script) as model:
            claude(place, model, ASK, "--permission-mode", "acceptEdits")
            claude(place, model, CORRECT, "--continue", "--permission-mode", "acceptEdits")
        patch = '*** Begin Patch\n*** Add File: port.json\n+{"port": 8080}\n*** End Patch'
        with fake_model({ASK: [Call("apply_patch", {"*": patch}), Say("Port 8080 is set.")]}) as model:
            codex(place, model, ASK)
        for client, where in LOGS.items():
            for log in (place.home / where).rglob("*.jsonl"):
                (folder / client).mkdir(parents=True, exist_ok=True)
                shutil.copy(log, folder / client)
                print(folder / client / log.name)


if __name__ == "__main__":
    record(Path(sys.argv[1]))
