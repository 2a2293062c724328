"""A git repository with a bank: its commits as texts, merges and rebases, each judged where it happened."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.running import ROOT
from tests.team.histories.reading import TOKEN
from tests.team.histories.versions import sides_of

BANK = ".memorybank/"
UNION = "*.md merge=union\n*.jsonl merge=union\n"


class Step(NamedTuple):
    """One merge of one file: base, our side, their side, what came out. None: there is no such file."""

    name: str
    base: str | None
    ours: str | None
    theirs: str | None
    result: str | None


class Repository:
    """A repository in a folder, with a home of its own. `way` is what merges: bank, text or union."""

    def __init__(self, folder: Path, way: str) -> None:
        """Make the repository; it has no commit yet."""
        self.folder, self.way = folder, way
        (folder / "home").mkdir(parents=True)
        self.tree = folder / "project"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MEMORYBANK_", "GIT_"))}
        program = str(Path(sys.executable).parent)
        self.environment = {
            **kept,
            "HOME": str(folder / "home"),
            "PYTHONPATH": str(ROOT),
            "PATH": f"{program}{os.pathsep}{kept.get('PATH', '')}",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TEMPLATE_DIR": "",
            "GIT_AUTHOR_DATE": "2026-11-02T08:00:00Z",
            "GIT_COMMITTER_DATE": "2026-11-02T08:00:00Z",
        }
        self.tree.mkdir()
        self.git("init", "-q", "-b", "main")
        for name, value in (("user.name", "w"), ("user.email", "w@example.org"), ("gc.auto", "0")):
            self.git("config", name, value)
        self.git("config", "core.autocrlf", "false")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program in the working tree."""
        ran = subprocess.run(command, cwd=self.tree, env=self.environment, capture_output=True, text=True, check=False)
        if check and ran.returncode:
            raise AssertionError(f"{command}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}")
        return ran

    def git(self, *arguments: str, check: bool = True) -> str:
        """Run git and return what it printed."""
        return self.run("git", *arguments, check=check).stdout.strip()

    def bank(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        return self.run(sys.executable, "-m", "memorybank", *arguments, check=check)

    def begin(self, files: dict[str, str]) -> None:
        """Commit the common bank, and set up what merges."""
        self.bank("init")
        for name, text in files.items():
            self.write(name, text)
        if self.way == "bank":
            self.bank("merge", "install")
        elif self.way == "union":
            (self.tree / ".gitattributes").write_text(UNION)
        self.commit("begin")

    def path(self, name: str) -> Path:
        """Return the path of a file of the bank."""
        return self.tree / BANK / name

    def write(self, name: str, text: str) -> None:
        """Write a file of the bank as an editor does."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def read(self, name: str) -> str:
        """Read a file of the bank."""
        return self.path(name).read_bytes().decode()

    def commit(self, subject: str) -> str:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    @cached_property
    def _objects(self) -> subprocess.Popen[bytes]:
        command = ["git", "cat-file", "--batch"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.tree, env=self.environment, stdin=pipe, stdout=pipe)

    def close(self) -> None:
        """End the process that reads objects."""
        if "_objects" in self.__dict__:
            self._objects.communicate()

    def text(self, commit: str, name: str) -> str | None:
        """Return the text of a file in a commit."""
        reader = self._objects
        assert reader.stdin
        assert reader.stdout
        reader.stdin.write(f"{commit}:{BANK}{name}\n".encode())
        reader.stdin.flush()
        head = reader.stdout.readline().split()
        if head[-1] == b"missing":
            return None
        data = reader.stdout.read(int(head[2]))
        reader.stdout.read(1)
        return data.decode()

    def changed(self, old: str, new: str) -> set[str]:
        """Return the names of the bank's files that differ between two commits."""
        printed = self.git("-c", "core.quotePath=false", "diff", "--no-renames", "--name-only", old, new, "--", BANK)
        return {line.removeprefix(BANK) for line in printed.split("\n") if line}

    def step(self, name: str, base: str, ours: str, theirs: str, result: str | None) -> Step:
        """Return one file of a merge of commits; `result` is its text."""
        return Step(name, self.text(base, name), self.text(ours, name), self.text(theirs, name), result)

    def merge(self, onto: str, branch: str, *, label: str, base: str = "") -> list[Step]:
        """Merge a branch into a new branch that starts at `onto`; settle conflicts; return all files as steps."""
        self.git("switch", "-q", "-C", label, onto)
        ours, theirs = self.git("rev-parse", onto), self.git("rev-parse", branch)
        base = base or self.git("merge-base", ours, theirs)
        self.git("merge", "-q", "--no-edit", branch, check=False)
        torn = self.stopped()
        steps = [self.step(name, base, ours, theirs, text) for name, text in torn.items()]
        if torn or self.git("status", "--porcelain"):
            self.settle(torn)
            self.commit("merged")
        done = self.git("rev-parse", "HEAD")
        both = self.changed(base, ours) | self.changed(base, theirs)
        steps += [self.step(name, base, ours, theirs, self.text(done, name)) for name in sorted(both - {*torn})]
        return steps

    def rebase(self, branch: str, onto: str, *, label: str) -> list[Step]:
        """Rebase a copy of a branch; settle conflicts; return each file of each commit as a step."""
        base = self.git("merge-base", branch, onto)
        mine = self.git("rev-list", "--reverse", f"{base}..{branch}").split()
        start = self.git("rev-parse", onto)
        self.git("switch", "-q", "-C", label, branch)
        options = ("-q", "--empty=keep", "--keep-empty", "--reapply-cherry-picks")
        self.git("-c", "core.editor=true", "rebase", *options, onto, check=False)
        torn: dict[str, dict[str, str | None]] = {}
        for _ in range(40):
            if not any((self.tree / ".git" / name).exists() for name in ("rebase-merge", "rebase-apply")):
                break
            head = self.git("rev-parse", "REBASE_HEAD")
            torn[head] = self.stopped()
            self.settle(torn[head])
            self.git("add", "-A")
            if self.git("status", "--porcelain"):
                self.git("-c", "core.editor=true", "rebase", "--continue", check=False)
            else:  # what was settled changes nothing
                self.git("commit", "-q", "--allow-empty", "-m", "settled")
                self.git("-c", "core.editor=true", "rebase", "--continue", check=False)
        else:
            raise AssertionError("the rebase does not end")
        new = self.git("rev-list", "--reverse", f"{start}..{label}").split()
        assert len(new) == len(mine), (mine, new, torn)
        steps = []
        for commit, after in zip(mine, new, strict=True):
            broken = torn.get(commit, {})
            for name in sorted(self.changed(f"{commit}^", commit)):
                result = broken[name] if name in broken else self.text(after, name)
                steps.append(self.step(name, f"{commit}^", f"{after}^", commit, result))
        return steps

    def stopped(self) -> dict[str, str | None]:
        """Return the files in conflict, with their text in the working tree."""
        printed = self.git("-c", "core.quotePath=false", "ls-files", "-u")
        names = {line.split("\t", 1)[1].removeprefix(BANK) for line in printed.split("\n") if line}
        return {name: self.read(name) if self.path(name).exists() else None for name in names}

    def settle(self, torn: dict[str, str | None]) -> None:
        """Settle each conflict as a person would who wants all of it: our text, then their lines that ours has not."""
        for name, text in torn.items():
            if text is not None:
                self.write(name, settled(text))


def settled(text: str) -> str:
    """Return a text without markers: both sides of each conflict, a line with the same token once."""
    lines = text.split("\n")
    out: list[str] = []
    side = ""
    mine: set[str] = set()
    for line in lines:
        bare = line.rstrip("\r")
        if bare.startswith("<<<<<<< ") and not side:
            side, mine = "ours", set()
        elif bare == "=======" and side:
            side = "theirs"
        elif bare.startswith("||||||| ") and side == "ours":
            side = "base"
        elif bare.startswith(">>>>>>> ") and side == "theirs":
            side = ""
        elif side == "theirs":
            tokens = set(TOKEN.findall(line))
            if not tokens & mine and tokens:
                out.append(line)
        elif side != "base":
            mine.update(TOKEN.findall(line) if side else ())
            out.append(line)
    return "\n".join(out)


def has_markers(text: str) -> bool:
    """Tell whether a text has a conflict."""
    return bool(sides_of(text.replace("\r\n", "\n").split("\n"))[2])
