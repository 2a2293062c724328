"""What git knows about a project: its repository, its commit, its changes. Empty without git."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECONDS = 20
# takes no lock, runs no program named by the repository, prints names unquoted
GIT = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")

# git sets these for its hooks; they may point to another repository than the one asked about
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")

# and git never fetches, not even objects that a partial clone left on the remote
_NO_NETWORK = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}

# a commit read from a file must not be parsed as an option
_COMMIT = later(r"[0-9a-f]{40,64}\Z")
_REMOTE_COLUMNS = 2


class Repository(NamedTuple):
    """What identifies a repository in every clone: its first commit, and its remote without user and password."""

    root: str
    remote: str


class GitChanges(NamedTuple):
    """The changes since a commit: file names relative to the project, and lines of text added and removed."""

    files: tuple[str, ...]
    lines_added: int
    lines_removed: int


class GitCounts(NamedTuple):
    """What git tracks below a folder: the number of files, and of lines in text files."""

    files: int
    lines: int


def environ() -> dict[str, str]:
    """Return the environment for running git."""
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return {**kept, **_NO_NETWORK}


def ask(folder: Path, *words: str) -> str | None:
    """Run one read-only git command in a folder and return its output; None if it fails."""
    import subprocess

    command = [*GIT, "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603  git with words of ours
            command, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL, env=environ()
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    # grep exits with 1 when nothing matches
    found_nothing = words[0] == "grep" and done.returncode == 1
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 or found_nothing else None


def head_of(folder: Path) -> str:
    """Return the commit that is checked out; "" if there is none."""
    return _head_in_files(folder) or (ask(folder, "rev-parse", "--verify", "-q", "HEAD^{commit}") or "").strip()


def _head_in_files(folder: Path) -> str:
    """Return the commit as git's own files say it, which needs no process; "" where only git can tell."""
    git = _git_folder(folder.resolve())
    if git is None:
        return ""
    try:
        head = (git / "HEAD").read_bytes().rstrip()
        if head.startswith(b"ref: refs/heads/"):
            name = head.removeprefix(b"ref: ")
            try:
                head = (git / os.fsdecode(name)).read_bytes().rstrip()
            except FileNotFoundError:
                rows = (git / "packed-refs").read_bytes().split(b"\n")
                head = next((row.partition(b" ")[0] for row in rows if row.endswith(b" " + name)), b"")
    except (OSError, ValueError):
        return ""
    commit = head.decode("ascii", "replace")
    return commit if _COMMIT.match(commit) else ""


def _git_folder(folder: Path) -> Path | None:
    """Return the git folder of a main worktree of this user; None for any other, which git itself judges."""
    if "GIT_CEILING_DIRECTORIES" in os.environ or sys.platform == "win32":
        return None
    try:
        device = folder.stat().st_dev
        for place in (folder, *folder.parents):
            git = place / ".git"
            if os.path.lexists(git):
                status = git.stat()
                return git if (status.st_uid, status.st_dev) == (os.geteuid(), device) and git.is_dir() else None
    except OSError:
        pass
    return None


def repository_of(folder: Path) -> Repository:
    """Return the repository that contains a folder; both fields "" if there is none."""
    roots = (ask(folder, "rev-list", "--max-parents=0", "HEAD") or "").split()
    remote = ask(folder, "remote", "get-url", "origin") or ""
    return Repository(roots[-1] if roots else "", _without_user(remote.strip()))


def remotes_of(folder: Path) -> tuple[str, ...]:
    """Return the addresses of all remotes of the repository that contains a folder, without users and passwords."""
    rows = [line.split("\t") for line in (ask(folder, "remote", "-v") or "").split("\n")]
    # `origin\taddress (fetch)`
    urls = [_without_user(row[1].rpartition(" (")[0]) for row in rows if len(row) == _REMOTE_COLUMNS]
    return tuple(dict.fromkeys(urls))


def _without_user(url: str) -> str:
    """Remove user and password from a URL, because they may contain a token."""
    scheme, there, rest = url.partition("://")
    if not there:
        return url
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def changed_since(folder: Path, commit: str, *, without: Sequence[str] = ()) -> GitChanges | None:
    """Return the changes in a folder since a commit, including new files not ignored by git; None if git fails.

    `without` lists folders below that are left out.
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
        # for a binary file git prints "-" instead of line counts
        added += int(more) if more.isdigit() else 0
        removed += int(less) if less.isdigit() else 0
    return GitChanges(tuple(sorted(files)), added, removed)


def count_open(folder: Path, *, without: Sequence[str] = ()) -> int:
    """Count the files with changes that are not committed, new ones too; 0 if git fails."""
    places = ("--", ".", *(f":(exclude,literal){each}" for each in without))
    rows = ask(folder, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", *places)
    return len(_names(rows or ""))


def is_known(folder: Path, commit: str) -> bool:
    """Check whether a commit is an ancestor of the checked-out one."""
    return bool(_COMMIT.match(commit)) and ask(folder, "merge-base", "--is-ancestor", commit, "HEAD") is not None


def count_tracked(folder: Path) -> GitCounts | None:
    """Count the files that git tracks below a folder and their lines of text; None if git fails."""
    names = ask(folder, "ls-files", "-z", "--", ".")
    lines = ask(folder, "grep", "-I", "-c", "-h", "-e", "", "--", ".")
    if names is None or lines is None:
        return None
    return GitCounts(len(_names(names)), sum(int(word) for word in lines.split()))


def _names(text: str) -> list[str]:
    return [part for part in text.split("\0") if part]
