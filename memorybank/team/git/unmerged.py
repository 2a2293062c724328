"""The stages of a file that git could not merge: the text before, ours and theirs, as git's index has them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.git.repository import GIT, SECONDS, ask, environ

if TYPE_CHECKING:
    from pathlib import Path

_BASE, _OURS, _THEIRS = "1", "2", "3"


class Stages(NamedTuple):
    """The three texts of one file; None where a side does not have it."""

    base: bytes | None
    ours: bytes | None
    theirs: bytes | None


def stages_of(folder: Path, path: Path) -> Stages | None:
    """Return the stages of a file; None if git has merged it, or knows nothing of it."""
    rows = (ask(folder, "ls-files", "--unmerged", "-z", "--", f":(literal){path}") or "").split("\0")
    hashes = {}
    for row in filter(None, rows):
        words = row.partition("\t")[0].split()
        # mode, hash and stage; only files, no links and no submodules
        if len(words) == 3 and words[0].startswith("100"):  # noqa: PLR2004
            hashes[words[2]] = words[1]
    if not hashes:
        return None
    return Stages(*(blob(folder, hashes[each]) if each in hashes else None for each in (_BASE, _OURS, _THEIRS)))


def unmerged_files(folder: Path) -> list[Path]:
    """List the files below a folder that git could not merge."""
    rows = (ask(folder, "diff", "--name-only", "--diff-filter=U", "--relative", "-z", "--", ".") or "").split("\0")
    return [folder / each for each in rows if each]


def blob(folder: Path, name: str) -> bytes | None:
    """Return the bytes of an object, or of a file in a commit (`COMMIT:PATH`); None if git does not return it."""
    words = [*GIT, "-C", str(folder), "cat-file", "blob", name]
    try:
        done = subprocess.run(  # noqa: S603  git with words of ours
            words, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL, env=environ()
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
