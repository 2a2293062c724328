"""The commits that led to what is checked out, read one by one as git keeps them: no program of theirs is run."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from memorybank.errors import BankError
from memorybank.files.read import beginning_of
from memorybank.store.git.repository import GIT, SECONDS, ask, environ
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence

# of a longer message only the beginning is read
MESSAGE_LENGTH = 64 * 1024
_REF_LENGTH = 4096
_CHUNK = 1024 * 1024
# decoders that text is written in; others of Python's take time that grows with the square of the text
_ENCODING = re.compile(r"(?:utf|iso|latin|cp|windows|koi|euc|shift|sjis|gb|big5)[\w-]*\Z", re.IGNORECASE)
_PERSON = re.compile(rb"(.*?) ?<(.*?)> (-?\d+)(?: [+-]\d{4})?\Z", re.DOTALL)


class Commit(NamedTuple):
    """One commit: who made it and when (ISO 8601 in UTC, "" where that is no time), and what it says."""

    hash: str
    author: str
    email: str
    at: str
    message: str


class GitFolders(NamedTuple):
    """Where a repository keeps its own: the git folder of this worktree, and the one that all worktrees share.

    `is_below` tells that the folder which was asked about is not the top of the repository.
    """

    own: Path
    common: Path
    is_below: bool


def place_of(folder: Path) -> GitFolders | None:
    """Tell where git keeps the repository that a folder is of; None where there is none, or no git."""
    told = ask(folder, "rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-prefix")
    rows = (told or "").split("\n")
    if len(rows) < 3 or not rows[0]:  # noqa: PLR2004  one row for each question
        return None
    return GitFolders(Path(rows[0]), Path(os.path.normpath(folder / rows[1])), bool(rows[2]))


def mark_of_head(own: Path, common: Path) -> bytes:
    """Give what differs whenever another commit may be checked out; git is not run."""
    head = _beginning(own / "HEAD")
    name = head.removeprefix(b"ref: ").rstrip(b"\n")
    ref = b""
    if name != head.rstrip(b"\n") and b".." not in name and not name.startswith(b"/"):
        ref = _beginning(common / os.fsdecode(name))
    # refs that are packed, or kept as tables, and a history that was deepened
    others = [_changed_at(common / each) for each in ("packed-refs", "shallow")]
    return b"\n".join((head, ref, *others, _beginning(common / "reftable" / "tables.list")))


def commits_of(folder: Path, most: int, *, below: bool) -> list[str]:
    """Give the hashes of the newest commits of a folder; with `below` only of those that changed something in it."""
    rest = ("--", ".") if below else ("--",)
    told = ask(folder, "rev-list", f"--max-count={most}", "HEAD", *rest)
    return (told or "").split()


def ignored_below(folder: Path) -> list[str]:
    """Name the files and folders below a folder that git ignores; folders end with a slash."""
    told = ask(folder, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", "--", ".")
    return [each for each in (told or "").split("\0") if each]


class Commits:
    """Reads commits of one repository by their hashes, for the length of a `with` block.

    Git is started with the first one, and ended when it gives none for too long.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._git: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End git."""
        self._ended.set()
        if self._git is not None:
            self._git.kill()
            self._git.communicate()

    def read(self, commit: str) -> Commit | None:
        """Give a commit; None when git does not."""
        try:
            data = self._ask(commit)
        except OSError:
            return None
        return _parsed(commit, data) if data else None

    def _ask(self, commit: str) -> bytes:
        git = self._git or self._start()
        if git.stdin is None or git.stdout is None:
            return b""
        self._count += 1
        git.stdin.write(commit.encode() + b"\n")
        git.stdin.flush()
        words = git.stdout.readline().split()
        if len(words) != 3:  # noqa: PLR2004  hash, type and size, or "missing"
            return b""
        size = int(words[2])
        data = git.stdout.read(min(size, MESSAGE_LENGTH))
        rest = size + 1 - len(data)
        while rest > 0 and (passed := git.stdout.read(min(rest, _CHUNK))):
            rest -= len(passed)
        return data if words[1] == b"commit" else b""

    def _start(self) -> subprocess.Popen[bytes]:
        words: Sequence[str] = [*GIT, "-C", str(self._folder), "cat-file", "--batch"]
        self._git = git = subprocess.Popen(  # noqa: S603  git with words of ours
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ()
        )
        threading.Thread(target=self._watch, args=(git,), daemon=True).start()
        return git

    def _watch(self, git: subprocess.Popen[bytes]) -> None:
        count = -1
        while count != self._count:
            count = self._count
            if self._ended.wait(SECONDS):
                return
        git.kill()


def _parsed(commit: str, data: bytes) -> Commit:
    head, _, message = data.partition(b"\n\n")
    author, email, at, encoding = "", "", "", "utf-8"
    for row in head.split(b"\n"):
        name, _, value = row.partition(b" ")
        if name == b"encoding":
            encoding = value.decode("ascii", "replace")
        elif name == b"author" and (found := _PERSON.match(value)):
            author, email = (_text(found[part], encoding).strip() for part in (1, 2))
            at = _moment(found[3])
    return Commit(commit, author, email, at, _text(message, encoding).strip("\n"))


def _text(data: bytes, encoding: str) -> str:
    if _ENCODING.match(encoding):
        with suppress(LookupError, ValueError):
            return data.decode(encoding)
    return data.decode("utf-8", "replace")


def _moment(seconds: bytes) -> str:
    try:
        return stamp_of(datetime.fromtimestamp(int(seconds), UTC))
    except (ValueError, OverflowError, OSError):
        return ""


def _beginning(path: Path) -> bytes:
    try:
        return beginning_of(os.fspath(path), _REF_LENGTH)
    except (OSError, BankError, ValueError):
        return b""


def _changed_at(path: Path) -> bytes:
    try:
        status = path.stat()
    except OSError:
        return b""
    return f"{status.st_mtime_ns} {status.st_size}".encode()
