"""One machine of a team, as a process: random edits, deletes and syncs, with an account of what was acknowledged.

`python -m tests.team.hub.worker PROJECT ACCOUNT SEED COUNT`, with the environment of the machine. Each line of the
account is written before an edit (`try`) and after it (`done`), so that after a kill it is known what may be there.
A token is a word that stands in one place; `over` names the tokens that the edit saw and replaced or deleted.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
from pathlib import Path
from typing import Any

from tests.running import bank

TOKEN = re.compile(r"tok-[a-z0-9-]+")
SHARED = 4


class Worker:
    def __init__(self, project: Path, account: Path, seed: str) -> None:
        self.project = project
        self.folder = project / ".memorybank"
        self.account = account
        self.chance = random.Random(seed)
        self.seed = seed
        self.count = 0
        self.env = {key: value for key, value in os.environ.items() if key.startswith(("MEMORYBANK_", "HOME"))}

    def note_down(self, state: str, token: str, over: list[str], kind: str) -> None:
        with self.account.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"state": state, "token": token, "over": over, "kind": kind}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def step(self) -> None:
        self.count += 1
        token = f"tok-{self.seed}-{self.count}"
        kind = self.chance.choices(
            ["line", "record", "rewrite", "append", "delete", "sync"], weights=[4, 3, 3, 2, 1, 4]
        )[0]
        if kind == "sync":
            self.run("sync", "--json", statuses={0, 7})
        elif kind == "line":
            self.note_down("try", token, [], kind)
            self.run("note", f"Learnt {token}", "--as", self.chance.choice(["gotcha", "learning", "standard"]))
            self.note_down("done", token, [], kind)
        elif kind == "record":
            self.write(f"memories/fact/{token}.md", f"# Fact\n\n{token}\n", token, kind)
        else:
            self.change(token, kind)

    def change(self, token: str, kind: str) -> None:
        """Change a file as an editor does: it reads the text, and writes a new one."""
        records = sorted((self.folder / "memories/fact").glob("*.md"))
        shared = self.folder / f"memories/fact/shared-{self.chance.randrange(SHARED)}.md"
        path = self.chance.choice([shared, *records]) if kind == "delete" or not shared.exists() else shared
        text = path.read_text(encoding="utf-8") if path.exists() else "# Shared\n"
        name = path.relative_to(self.folder).as_posix()
        seen = TOKEN.findall(text)
        if kind == "delete" and path.exists():
            self.note_down("try", "", seen, kind)
            path.unlink()
            self.note_down("done", "", seen, kind)
        elif kind == "append" and "<<<<<<<" not in text:
            self.write(name, f"{text}\n- {token}\n", token, kind)
        else:
            # everything that was there is read and replaced, markers of a merge too
            self.write(name, f"# Shared\n\nvalue {token}\n", token, kind, seen)

    def write(self, name: str, text: str, token: str, kind: str, over: list[str] | None = None) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.note_down("try", token, over or [], kind)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
        self.note_down("done", token, over or [], kind)

    def run(self, *words: str, statuses: set[int] | None = None) -> Any:
        done = bank(self.project, *words, env=self.env)
        assert done.returncode in (statuses or {0}), (words, done.stdout, done.stderr)
        return done


if __name__ == "__main__":
    worker = Worker(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    for _ in range(int(sys.argv[4])):
        worker.step()
