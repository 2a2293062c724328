"""Checks a merge where no driver runs, in CI or for a merge on a web page: one that would be made, or one that was.

Git makes the merge in a repository of its own that only borrows the objects: once with the structural driver, once as
text. Nothing of the real one is written, neither objects nor files.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from memorybank.document.source import Source, each_line, without_eol
from memorybank.errors import FieldError
from memorybank.files.write import replace
from memorybank.patterns import later
from memorybank.store.git.repository import GIT, ask, environ, head_of, is_known
from memorybank.team.git.driver_set_up import NAME, attribute_lines, driver_command
from memorybank.team.git.marked_text import parts_of
from memorybank.team.git.merge_check import (
    CONFLICT,
    MADE,
    MERGE,
    NOTHING,
    SAME,
    WRONG,
    CheckedFile,
    LineFault,
    MergeCheck,
)
from memorybank.team.git.repo_config import GitError, check_repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.store.folder import BankFolder

_MINUTES = 10 * 60
_MOST_FAULTS = 20
_BINARY_MODES = ("120000", "160000")
# the time of `Last Updated`, which is no line that anyone wrote
_STAMP = later(r"[*_`]*\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?\S*)?[*_`]*\Z")
_TEXT = "git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B"


class _Tree(NamedTuple):
    """The result of a merge: the object of each file, and the files that have conflicts."""

    files: dict[str, str]
    conflicts: frozenset[str]


def check_merge(bank: BankFolder, revision: str, program: Sequence[str]) -> MergeCheck:
    """Check the merge of a revision into what is checked out; or, if it is a merge in there, that merge as it was made.

    Raises:
        FieldError: there is no such revision, or it merged several branches at once.
        GitError: there is no repository, or its git is older than 2.38.
    """
    check_repository(bank.project)
    told = (
        None if revision.startswith("-") else ask(bank.project, "rev-parse", "--verify", "-q", f"{revision}^{{commit}}")
    )
    if not told or not told.strip():
        raise FieldError(field="check", why=f"{revision!r} is no branch or commit here", hint="git branch --all")
    commit, head = told.strip(), head_of(bank.project)
    if not is_known(bank.project, commit):
        return _would_be(bank, head, commit, program)
    _, *parents = (ask(bank.project, "rev-list", "--no-walk", "--parents", commit) or commit).split()
    if len(parents) > 2:  # noqa: PLR2004
        why = f"{revision} merged {len(parents)} branches at once, and only a merge of two can be checked"
        raise FieldError(field="check", why=why, hint=f"git show --stat {commit[:9]}")
    if len(parents) < 2:  # noqa: PLR2004
        return MergeCheck(NOTHING, head, commit, ())
    return _made(bank, commit, parents[0], parents[1], program)


def _would_be(bank: BankFolder, ours: str, theirs: str, program: Sequence[str]) -> MergeCheck:
    with _Scratch(bank, program) as scratch:
        mine, as_git = (scratch.merge(ours, theirs, structural=each) for each in (True, False))
        rows = []
        for path in sorted({*mine.files, *as_git.files, *mine.conflicts, *as_git.conflicts}):
            in_conflict, git_stops = path in mine.conflicts, path in as_git.conflicts
            if mine.files.get(path) == as_git.files.get(path) and not in_conflict and not git_stops:
                continue
            faults = () if in_conflict or git_stops else _differences(scratch, mine, as_git, path)
            text = CONFLICT if git_stops else WRONG if faults else SAME
            if in_conflict or text != SAME:
                lines = scratch.conflict_lines(mine, path) if in_conflict else ()
                rows.append(CheckedFile(scratch.name_of(path), in_conflict, text, lines, faults))
    return MergeCheck(MERGE, ours, theirs, tuple(rows))


def _differences(scratch: _Scratch, mine: _Tree, as_git: _Tree, path: str) -> tuple[LineFault, ...]:
    right, wrong = (Counter(scratch.lines(tree.files.get(path))) for tree in (mine, as_git))
    lost = [LineFault("lost", line) for line in (right - wrong).elements()]
    more = [LineFault("doubled" if line in right else "revived", line) for line in (wrong - right).elements()]
    return tuple([*lost, *more][:_MOST_FAULTS])


def _made(bank: BankFolder, commit: str, ours: str, theirs: str, program: Sequence[str]) -> MergeCheck:
    with _Scratch(bank, program) as scratch:
        mine = scratch.merge(ours, theirs, structural=True)
        made = scratch.tree_of(commit)
        sides = [scratch.tree_of(each) for each in (ours, theirs)]
        rows = []
        for path in sorted({*mine.files, *made.files}):
            if mine.files.get(path) == made.files.get(path):
                continue
            known = [scratch.lines(side.files.get(path)) for side in sides]
            faults = _faults(scratch, mine.files.get(path), made.files.get(path), known)
            if faults:
                rows.append(CheckedFile(scratch.name_of(path), False, WRONG, (), faults))  # noqa: FBT003
    return MergeCheck(MADE, ours, theirs, tuple(rows))


def _faults(scratch: _Scratch, right: str | None, made: str | None, sides: list[list[str]]) -> tuple[LineFault, ...]:
    """Return the lines of a merge that are missing, twice or back again; text of its author is not one.

    Where the structural merge has a conflict, both sides and everything between them are right.
    """
    text = scratch.text(right)
    parts = parts_of(text)
    certain: Counter[str] = Counter()
    allowed: Counter[str] = Counter()
    for part in parts if parts is not None else [text]:
        if isinstance(part, str):
            certain.update(_worth(part))
            allowed.update(_worth(part))
        else:
            allowed.update(Counter(_worth(part.ours)) | Counter(_worth(part.theirs)))
    there = Counter(scratch.lines(made))
    known = set(sides[0]) | set(sides[1])
    faults = [LineFault("lost", line) for line in (certain - there).elements()]
    faults += [
        LineFault("doubled" if line in allowed else "revived", line)
        for line in (there - allowed).elements()
        if line in allowed or line in known
    ]
    return tuple(faults[:_MOST_FAULTS])


def _worth(text: str) -> list[str]:
    """Return the lines of a text that somebody wrote: not the empty ones, and no time of a `Last Updated`."""
    lines = (without_eol(line).rstrip() for line in each_line(text))
    return [line for line in lines if line and not _STAMP.match(line)]


class _Scratch:
    """A place where git can merge without writing into the repository."""

    def __init__(self, bank: BankFolder, program: Sequence[str]) -> None:
        self._bank = bank
        told = ask(bank.project, "rev-parse", "--absolute-git-dir", "--git-path", "objects", "--show-prefix") or ""
        rows = told.split("\n")
        self._git_dir, objects, self._prefix = Path(rows[0]), rows[1], rows[2]
        self._objects = os.path.normpath(bank.project / objects)
        top = ask(bank.project, "rev-parse", "--show-toplevel") or str(bank.project)
        self._structural = driver_command(program, "--top", top.removesuffix("\n"))
        self._made = tempfile.TemporaryDirectory(prefix="bank-merge-")
        self._folder = Path(self._made.name)
        lines = attribute_lines(bank, self._prefix.rstrip("/"))
        replace(self._folder / "attributes", "".join(f"{line}\n" for line in lines).encode())
        (self._folder / "objects").mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.cleanup()

    def merge(self, ours: str, theirs: str, *, structural: bool) -> _Tree:
        """Return the merge of two commits.

        Raises:
            GitError: git cannot do it.
        """
        driver = self._structural if structural else _TEXT
        told = self._git(
            "merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", ours, theirs, driver=driver
        )
        tree, *names = [each for each in told.split("\0") if each]
        return _Tree(self._listed(tree), frozenset(filter(self._is_banks, names)))

    def tree_of(self, commit: str) -> _Tree:
        """Return the files of a commit."""
        return _Tree(self._listed(commit), frozenset())

    def text(self, name: str | None) -> str:
        """Return the text of an object; "" for none."""
        data = self._blob(name) if name else b""
        return Source(data or b"").text

    def lines(self, name: str | None) -> list[str]:
        """Return the lines of an object that somebody wrote."""
        return _worth(self.text(name))

    def conflict_lines(self, tree: _Tree, path: str) -> tuple[tuple[int, int], ...]:
        """Return the first and last line of each conflict in a merged file."""
        from memorybank.document.conflicts import find_conflicts
        from memorybank.document.sections import outline

        found = find_conflicts(outline(Source(self._blob(tree.files.get(path, "")) or b""), path))
        return tuple((each.first, each.last) for each in found)

    def name_of(self, path: str) -> str:
        """Return the name of a path of the repository in the bank."""
        return self._bank.name_of(self._bank.project / path.removeprefix(self._prefix))

    def _is_banks(self, path: str) -> bool:
        from memorybank.team.git.bank_place import bank_place

        inside = path.startswith(self._prefix) and path.endswith((".md", ".json", ".jsonl"))
        if not inside:
            return False
        below = path.removeprefix(self._prefix)
        own = self._bank.folder.relative_to(self._bank.project).as_posix()
        return own == "." or below.startswith(f"{own}/") or bank_place(self._bank.project, below).is_known

    def _listed(self, tree: str) -> dict[str, str]:
        found = {}
        for row in self._git("ls-tree", "-r", "-z", "--full-tree", tree).split("\0"):
            words, _, path = row.partition("\t")
            if path and self._is_banks(path) and not words.startswith(_BINARY_MODES):
                found[path] = words.split()[2]
        return found

    def _blob(self, name: str) -> bytes | None:
        return self._run("cat-file", "blob", name).stdout if name else None

    def _git(self, *words: str, driver: str = _TEXT) -> str:
        done = self._run(*words, driver=driver)
        # 1 is a merge with conflicts
        if done.returncode not in (0, 1):
            why = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            old = words[0] == "merge-tree" and "usage" in why
            raise GitError(
                path=self._git_dir,
                why="git 2.38 or newer is needed" if old else f"git {words[0]} failed: {why}",
                hint="git version",
            )
        return done.stdout.decode("utf-8", "surrogateescape")

    def _run(self, *words: str, driver: str = _TEXT) -> subprocess.CompletedProcess[bytes]:
        config = {
            "core.bare": "true",
            "core.attributesFile": str(self._folder / "attributes"),
            f"merge.{NAME}.driver": driver,
            f"merge.{NAME}.recursive": NAME,
        }
        options = [word for key, value in config.items() for word in ("-c", f"{key}={value}")]
        env = {
            **environ(),
            "GIT_OBJECT_DIRECTORY": str(self._folder / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": self._objects,
        }
        command = [*GIT, *options, f"--git-dir={self._git_dir}", *words]
        try:
            return subprocess.run(  # noqa: S603  git with words of ours
                command,
                capture_output=True,
                check=False,
                timeout=_MINUTES,
                stdin=subprocess.DEVNULL,
                env=env,
                cwd=self._folder,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise GitError(path=self._git_dir, why=f"git {words[0]} failed: {error}", hint="git version") from None
