"""What git knows of a project: its repository, its commit, what changed. Nothing where there is no git."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECONDS = 20
# never a lock, never a program that a repository names, names as they are
GIT = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")

# by these git tells its hooks where the repository is that it works on: not always the one that is asked about
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")

# and nothing is fetched that a repository left behind with another one
_NO_NETWORK = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}

# a commit read from a file must be no option
_COMMIT = re.compile(r"[0-9a-f]{40,64}\Z")


class Repository(NamedTuple):
    """Which repository it is, wherever it is cloned: its first commit, and where it comes from, without a password."""

    root: str
    remote: str


class GitChanges(NamedTuple):
    """What differs from a commit: files by their names in the project, and lines of text that came and went."""

    files: tuple[str, ...]
    lines_added: int
    lines_removed: int


class GitCounts(NamedTuple):
    """What git tracks below a folder: files, and the lines of those that are text."""

    files: int
    lines: int


def environ() -> dict[str, str]:
    """Give the environment in which git is run."""
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return {**kept, **_NO_NETWORK}


def ask(folder: Path, *words: str) -> str | None:
    """Run one command of git that only reads, in a folder; None where there is no answer."""
    import subprocess

    command = [*GIT, "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603  git with words of ours
            command, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL, env=environ()
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    # grep ends with 1 when it finds nothing
    found_nothing = words[0] == "grep" and done.returncode == 1
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 or found_nothing else None


def head_of(folder: Path) -> str:
    """Give the commit that is checked out; "" where there is none."""
    return (ask(folder, "rev-parse", "--verify", "-q", "HEAD^{commit}") or "").strip()


def repository_of(folder: Path) -> Repository:
    """Tell which repository a folder is of; both "" where it is of none."""
    roots = (ask(folder, "rev-list", "--max-parents=0", "HEAD") or "").split()
    remote = ask(folder, "remote", "get-url", "origin") or ""
    return Repository(roots[-1] if roots else "", _without_user(remote.strip()))


def _without_user(url: str) -> str:
    """Take user and password out of an address: a token there is nobody's business."""
    scheme, there, rest = url.partition("://")
    if not there:
        return url
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def changed_since(folder: Path, commit: str, *, without: Sequence[str] = ()) -> GitChanges | None:
    """Tell what differs from a commit in a folder, new files that git does not ignore too; None without an answer.

    `without` names folders below that do not count.
    """
    if not _COMMIT.match(commit):
        return None
    places = ("--", ".", *(f":(exclude,literal){each}" for each in without))
    counts = ask(
        folder,
        "diff",
        "--relative",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--numstat",
        "-z",
        commit,
        *places,
    )
    fresh = ask(folder, "ls-files", "--others", "--exclude-standard", "-z", *places)
    if counts is None or fresh is None:
        return None
    files, added, removed = set(_names(fresh)), 0, 0
    for row in _names(counts):
        more, less, name = row.split("\t", 2)
        files.add(name)
        # a binary file has no lines, and says "-"
        added += int(more) if more.isdigit() else 0
        removed += int(less) if less.isdigit() else 0
    return GitChanges(tuple(sorted(files)), added, removed)


def is_known(folder: Path, commit: str) -> bool:
    """Tell whether a commit is one of those that led to what is checked out."""
    return bool(_COMMIT.match(commit)) and ask(folder, "merge-base", "--is-ancestor", commit, "HEAD") is not None


def count_tracked(folder: Path) -> GitCounts | None:
    """Count the files that git tracks below a folder, and the lines of text in them; None without an answer."""
    names = ask(folder, "ls-files", "-z", "--", ".")
    lines = ask(folder, "grep", "-I", "-c", "-h", "-e", "", "--", ".")
    if names is None or lines is None:
        return None
    return GitCounts(len(_names(names)), sum(int(each) for each in lines.split()))


def _names(text: str) -> list[str]:
    return [each for each in text.split("\0") if each]
