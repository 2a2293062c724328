"""Linked worktrees of a git repository, found from git's own files; git itself is not run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from memorybank.errors import BankError
from memorybank.files.read import read
from memorybank.shell import quoted

_LINK = b"gitdir: "


class LinkedWorktree(NamedTuple):
    """The folder of a linked worktree, and the folder of its main worktree."""

    root: Path
    main: Path


def linked_worktree(start: Path) -> LinkedWorktree | None:
    """Return the linked worktree that contains a folder; None in a main worktree, in a submodule or outside git.

    A bare repository, or one with its git folder elsewhere, has no main worktree that can be found.
    """
    for folder in (start, *start.parents):
        link = folder / ".git"
        if os.path.lexists(link):
            main = _main_of(link) if link.is_file() else None
            return LinkedWorktree(folder, main) if main is not None else None
    return None


class LostWorktree(NamedTuple):
    """A linked worktree, its main one (None: not found), why there may be no bank, and a command that helps."""

    root: Path
    main: Path | None
    why: str
    hint: str


def lost_main(start: Path) -> LostWorktree | None:
    """Return the linked worktree that contains a folder, and why the main one's bank may not be found.

    None in a main worktree, in a submodule, next to a bare repository or outside git.
    """
    for folder in (start, *start.parents):
        link = folder / ".git"
        if not os.path.lexists(link):
            continue
        own = _path_in(link, _LINK) if link.is_file() else None
        if own is None:
            return None
        if not os.path.lexists(own) and own.parent.name == "worktrees":
            hint = f"git -C /path/to/the/main/worktree worktree repair {quoted(folder)}"
            return LostWorktree(
                folder, None, f"git's folder {own} is missing because the main worktree was moved or deleted", hint
            )
        main = _main_of(link)
        hint = f"bank init {quoted(main)}"
        return LostWorktree(folder, main, f"the main worktree {main} has no bank", hint) if main else None
    return None


def _main_of(link: Path) -> Path | None:
    own = _path_in(link, _LINK)
    # only the git folder of a linked worktree names a common one; that of a submodule does not
    common = _path_in(own / "commondir", b"") if own is not None else None
    if common is None or common.name != ".git" or not common.is_dir():
        return None
    return common.parent


def _path_in(file: Path, prefix: bytes) -> Path | None:
    """Return the path in one of git's files, resolved relative to the file's folder."""
    try:
        data = read(file)
    except BankError:
        return None
    name = data.removeprefix(prefix).rstrip(b"\r\n")
    if not data.startswith(prefix) or not name or b"\0" in name:
        return None
    return Path(os.path.normpath(file.parent / os.fsdecode(name)))
