"""Machines of a team: each with its own clone of a project and its own home, against one hub."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.running import bank, make_bank

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.team.hub.conftest import MadeHub


class Machine:
    """One machine of a team; `login` is its login at the hub."""

    def __init__(self, folder: Path, hub: MadeHub, login: str, **environ: str) -> None:
        self.project = folder / "demo"
        self.folder = self.project / ".memorybank"
        if not self.project.exists():
            make_bank(self.project)
        self.hub = hub
        self.env = {
            "HOME": str(folder),
            "MEMORYBANK_HOME": str(folder / "home"),
            "MEMORYBANK_POSTGRES_URL": hub.url(login),
            **environ,
        }

    def copied(self, folder: Path, hub: MadeHub, login: str) -> Machine:
        """Return a machine with the same project, as it is now, against a copy of its hub."""
        shutil.copytree(self.project, folder / "demo", symlinks=True)
        return Machine(folder, hub, login)

    def run(self, *words: str, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command here; with `status` it must end so."""
        done = bank(self.project, *words, env=self.env)
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return done

    def sync(self, *words: str, status: int = 0) -> dict[str, Any]:
        """Sync, and return the answer."""
        answer: dict[str, Any] = json.loads(self.run("sync", "--json", *words, status=status).stdout)
        return answer

    def write(self, name: str, text: str | bytes) -> None:
        """Write a file of the bank as an editor does, or another program."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def read(self, name: str) -> str:
        """Return the text of a file of the bank."""
        return (self.folder / name).read_bytes().decode()

    def files(self) -> dict[str, bytes]:
        """Return all files of the bank that travel."""
        found = {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and ".state" not in path.parts and path.name != "bank.toml"
        }
        docs = self.project / "docs"
        found |= {path.relative_to(self.project).as_posix(): path.read_bytes() for path in docs.rglob("*.md")}
        return found


def settle_all(*machines: Machine) -> None:
    """Sync all machines until nothing moves, and check that they have the same text."""
    for _ in range(2 * len(machines) + 2):
        answers = [machine.sync() for machine in machines]
        if not any(each["pulled"] or each["pushed"] for each in answers):
            break
    first, *others = machines
    for other in others:
        assert other.files() == first.files()
