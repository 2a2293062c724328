"""What a proof covers: files by patterns, and one digest of their names and bytes.

Without a pattern it covers all files of the project that git tracks or does not ignore, except the bank.
"""

from __future__ import annotations

import hashlib
import os
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import DIGEST_LENGTH
from memorybank.errors import NoFileError, OutsideError
from memorybank.store.git.repository import ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.store.folder import BankFolder

_CHUNK = 1 << 20
_WILD = "*?["
# folders of generated files, skipped if git cannot tell what is ignored
_BESIDE = frozenset(("__pycache__", "node_modules", "target", ".git", ".state"))
# what runs of tests write beside the sources; files of these names count only where git tracks them
_CACHES = ("__pycache__/", ".pytest_cache/", ".mypy_cache/", ".hypothesis/", ".nyc_output/", ".coverage", ".coverage.*")


class Cover(NamedTuple):
    """A pattern ("" for the whole project), the digest of its files, and their number."""

    glob: str
    digest: str
    files: int


def covered(bank: BankFolder, globs: Sequence[str], report: str = "") -> tuple[Cover, ...]:
    """Return the current digest of each pattern's files; empty without a pattern and without git.

    The files of `report`, a path, folder or pattern, are written by the command itself and not covered.

    Raises:
        OutsideError: a pattern leads out of the project.
    """
    listed = _listed_by_git(bank)
    if not globs:
        if listed is None:
            return ()
        return (_cover(bank.project, "", _without(report, listed)),)
    return tuple(_cover(bank.project, glob, _without(report, _files_of(bank, glob, listed))) for glob in globs)


def _without(report: str, names: list[str]) -> list[str]:
    if not report:
        return names
    path = PurePosixPath(report.replace("\\", "/")).as_posix()
    return [name for name in names if name != path and not name.startswith(f"{path}/") and not fnmatch(name, path)]


def refuse_empty(covers: Iterable[Cover]) -> None:
    """Check that every pattern matches files: a proof that covers nothing never becomes stale.

    Raises:
        NoFileError: a pattern matches no file.
    """
    for cover in covers:
        if cover.glob and not cover.files:
            raise NoFileError(path=cover.glob, hint="bank prove -h")


def changed_covers(then: Sequence[Cover], now: Sequence[Cover]) -> list[str]:
    """Return the patterns whose files changed."""
    digests = {each.glob: each.digest for each in now}
    return [each.glob or "the project" for each in then if digests.get(each.glob) != each.digest]


def _listed_by_git(bank: BankFolder) -> list[str] | None:
    without = [f":(exclude,literal){name}" for name in bank.names_below(bank.project) if name != "."]
    caches = [f"--exclude={name}" for name in _CACHES]
    said = ask(
        bank.project, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *caches, "--", ".", *without
    )
    return None if said is None else sorted({part for part in said.split("\0") if part})


def _files_of(bank: BankFolder, glob: str, listed: list[str] | None) -> list[str]:
    if not glob or glob.startswith(("/", "\\", "~")) or ".." in Path(glob).parts or "\0" in glob:
        raise OutsideError(path=glob, why="a proof can only cover files of the project")
    root = bank.project
    plain = not any(each in glob for each in _WILD)
    pattern = glob.rstrip("/")
    if plain and (root / pattern).is_file():
        # a file named directly counts even if git ignores it
        return [Path(pattern).as_posix()]
    patterns = [f"{pattern}/**/*"] if plain else [f"{pattern}/*" if pattern.endswith("**") else pattern]
    found = {
        path.relative_to(root).as_posix() for path in root.glob(patterns[0]) if path.is_file() or path.is_symlink()
    }
    if listed is not None:
        return sorted(found & set(listed))
    return sorted(each for each in found if not _BESIDE & set(each.split("/")))


def _cover(root: Path, glob: str, names: Iterable[str]) -> Cover:
    whole = hashlib.sha256()
    count = 0
    for name in names:
        digest = _digest_of(root / name)
        if digest:
            count += 1
            whole.update(f"{len(name.encode('utf-8', 'surrogateescape'))} ".encode())
            whole.update(name.encode("utf-8", "surrogateescape") + b"\0" + digest)
    return Cover(glob, whole.hexdigest()[:DIGEST_LENGTH], count)


def _digest_of(path: Path) -> bytes:
    """Return the digest of a file's bytes, or of a link's target; empty if the path is missing or not a file."""
    try:
        if path.is_symlink():
            return hashlib.sha256(b"link\0" + os.fsencode(path.readlink())).digest()
        if not path.is_file():
            return b""
        found = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
    except OSError:
        return b"unreadable"
    return found.digest()
