"""Git's own merge of one text file, as git would do it without us."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from memorybank.files.write import replace
from memorybank.store.git.repository import SECONDS

# git merge-file returns the number of conflicts, at most this one; more is an error
_MOST_CONFLICTS = 127


class TextMerge(NamedTuple):
    """The merged bytes, and whether git's markers are in them."""

    data: bytes
    has_conflicts: bool


def text_merge(
    ours: Path,
    base: Path,
    theirs: Path,
    *,
    marker_size: int,
    labels: tuple[str, str, str] = ("ours", "base", "theirs"),
    folder: Path | None = None,
) -> TextMerge | None:
    """Merge three files as git does, with the `merge.conflictStyle` of the repository of the folder, or from here.

    None if git cannot, as with binary files.
    """
    named = [word for label in labels for word in ("-L", label)]
    files = [os.path.abspath(each) for each in (ours, base, theirs)]  # noqa: PTH100  links stay
    words = ["git", "merge-file", "-p", "-q", f"--marker-size={marker_size}", *named, *files]
    try:
        done = subprocess.run(  # noqa: S603  git with words of ours
            words, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL, cwd=folder
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if not 0 <= done.returncode <= _MOST_CONFLICTS:
        return None
    return TextMerge(done.stdout, done.returncode > 0)


def merge_bytes(folder: Path, base: bytes, ours: bytes, theirs: bytes) -> TextMerge | None:
    """Merge three texts as git does in a folder, by files in a temporary one; None if git cannot."""
    with tempfile.TemporaryDirectory(prefix="bank-merge-") as made:
        paths = [Path(made) / name for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            replace(path, data)
        return text_merge(paths[0], paths[1], paths[2], marker_size=7, folder=folder)
