"""Read the commits of the current branch, one by one as git stores them, without running programs of the repository."""

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

# only the beginning of a longer message is read
MESSAGE_LENGTH = 64 * 1024
_REF_LENGTH = 4096
_CHUNK = 1024 * 1024
# known text encodings; some other Python decoders take time quadratic in the length of the text
_ENCODING = re.compile(r"(?:utf|iso|latin|cp|windows|koi|euc|shift|sjis|gb|big5)[\w-]*\Z", re.IGNORECASE)
_PERSON = re.compile(rb"(.*?) ?<(.*?)> (-?\d+)(?: [+-]\d{4})?\Z", re.DOTALL)


class Commit(NamedTuple):
    """One commit: its author, its time (ISO 8601 in UTC, "" if not valid) and its message."""

    hash: str
    author: str
    email: str
    at: str
    message: str


class GitFolders(NamedTuple):
    """The git folders of a repository: the one of this worktree, and the one that all worktrees share.

    `is_below` is set if the folder asked about is not the top of the repository.
    """

    own: Path
    common: Path
    is_below: bool


def place_of(folder: Path) -> GitFolders | None:
    """Return the git folders of the repository that contains a folder; None without a repository or git."""
    told = ask(folder, "rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-prefix")
    rows = (told or "").split("\n")
    if len(rows) < 3 or not rows[0]:  # noqa: PLR2004  one row for each question
        return None
    return GitFolders(Path(rows[0]), Path(os.path.normpath(folder / rows[1])), bool(rows[2]))


def mark_of_head(own: Path, common: Path) -> bytes:
    """Return bytes that change whenever another commit may be checked out; git is not run."""
    head = _beginning(own / "HEAD")
    name = head.removeprefix(b"ref: ").rstrip(b"\n")
    ref = b""
    if name != head.rstrip(b"\n") and b".." not in name and not name.startswith(b"/"):
        ref = _beginning(common / os.fsdecode(name))
    # packed refs, refs stored as tables, and a shallow history that was deepened
    others = [_changed_at(common / each) for each in ("packed-refs", "shallow")]
    return b"\n".join((head, ref, *others, _beginning(common / "reftable" / "tables.list")))


def commits_of(folder: Path, most: int, *, below: bool) -> list[str]:
    """Return the hashes of a folder's newest commits; with `below`, only of those that changed something in it."""
    rest = ("--", ".") if below else ("--",)
    told = ask(folder, "rev-list", f"--max-count={most}", "HEAD", *rest)
    return (told or "").split()


def ignored_below(folder: Path) -> list[str]:
    """List the files and folders below a folder that git ignores; folders end with a slash."""
    told = ask(folder, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", "--", ".")
    return [part for part in (told or "").split("\0") if part]


class Commits:
    """Read commits of one repository by their hashes, inside a `with` block.

    Git is started for the first commit, and stopped when it does not answer in time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._git: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        """Return the object itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop git."""
        self._ended.set()
        if self._git is not None:
            self._git.kill()
            self._git.communicate()

    def read(self, commit: str) -> Commit | None:
        """Return a commit; None if git does not return it."""
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
