"""A repository with a bank, and real git in it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from memorybank.facade.agents.clients import program_words
from tests.running import bank, bank_process, environment, make_bank

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ACTIVE = ".memorybank/activeContext.md"
WHO = (
    *("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"),
    *("-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"),
)


class Ran(NamedTuple):
    """How git ended, and what it said."""

    status: int
    out: str
    err: str


class Repo(NamedTuple):
    """A repository: git and `bank` in its folder."""

    folder: Path

    def git(self, *words: str, status: int | None = 0, env: dict[str, str] | None = None) -> Ran:
        """Run git to its end; with a status, it must be that one."""
        done = subprocess.run(
            ["git", *WHO, *words],
            cwd=self.folder,
            env=environment(GIT_EDITOR="true", **(env or {})),
            capture_output=True,
            check=False,
            timeout=120,
        )
        ran = Ran(done.returncode, *(each.decode("utf-8", "surrogateescape") for each in (done.stdout, done.stderr)))
        assert status is None or ran.status == status, ran.out + ran.err
        return ran

    def bank(self, *words: str, status: int = 0) -> str:
        """Run `bank` inside this process; give what it said."""
        done = bank(self.folder, *words)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def process(self, *words: str, status: int = 0) -> str:
        """Run `bank` as a process of its own; give what it said."""
        done = bank_process(self.folder, *words)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def text(self, name: str = ACTIVE) -> str:
        """Read a file."""
        return (self.folder / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str | bytes) -> None:
        """Write a file; its folders are made."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def learn(self, *lines: str) -> None:
        """Add lines at the end of the learnings, as an editor does."""
        text = self.text()
        at = text.index("\n## References")
        self.write(ACTIVE, text[:at] + "".join(f"- {line}\n" for line in lines) + text[at:])

    def commit(self, message: str = "a change") -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)


def new_repo(folder: Path, *, driver: bool = True) -> Repo:
    """Make a repository with a bank that has three learnings; with the merge driver, or as git is."""
    folder.mkdir(parents=True)
    repo = Repo(folder)
    repo.git("init", "-q")
    make_bank(folder)
    text = repo.text()
    repo.write(ACTIVE, text.replace("## Learnings\n\n- [None]\n", "## Learnings\n\n- one\n- two\n- three\n"))
    assert "- three" in repo.text()
    if driver:
        repo.bank("merge", "install")
    repo.commit("start")
    return repo


def two_branches(repo: Repo, ours: Sequence[str], theirs: Sequence[str]) -> None:
    """Add learnings on `main` and others on `other`; `main` is checked out."""
    repo.git("checkout", "-q", "-b", "other")
    repo.learn(*theirs)
    repo.commit("theirs")
    repo.git("checkout", "-q", "main")
    repo.learn(*ours)
    repo.commit("ours")


def learnings(text: str) -> list[str]:
    """Return the lines of the learnings."""
    body = text.partition("## Learnings\n")[2].partition("\n## ")[0]
    return [line.removeprefix("- ") for line in body.split("\n") if line.strip()]


def program() -> str:
    """Return the program that git runs."""
    return " ".join(program_words())
