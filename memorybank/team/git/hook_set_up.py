"""Git's hooks: a block of ours in each, beside whatever the user has there.

The block comes first in the script, so that a hook of the user's which ends early, or runs another program in its
place, is no reason to skip it. It never ends the script, reads nothing, and its status is that of success.
"""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import each_line
from memorybank.store.git.repository import ask
from memorybank.team.git.commit_words import SHELL_PATTERN
from memorybank.team.git.marked_block import BlockName
from memorybank.team.git.repo_config import check_repository, value_of
from memorybank.team.git.set_up_files import (
    BlockFileError,
    FilePlan,
    GitSetUp,
    plan_in,
    plan_out,
    read_own,
    told,
    write_plans,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder

AFTER = ("post-merge", "post-checkout", "post-rewrite")
CAPTURE = "post-commit"
_INSTALL, _UNINSTALL = "bank install git", "bank uninstall git"
_SHELLS = re.compile(rb"#!\s*\S*(?:/|\s)(?:ba|da|k|z|a)?sh(?:\s|\Z)")
_HUSKY = (".husky", "_")


class _Hooks(NamedTuple):
    """The folder of the hooks, whether it is part of the project, and whether other repositories use it too."""

    folder: Path
    is_shared: bool
    is_users: bool


def install_hooks(
    bank: BankFolder, program: Sequence[str], *, capture: bool = False, force: bool = False, dry_run: bool = False
) -> GitSetUp:
    """Put the block into each hook; a hook that is no shell script is left, with what to add to it.

    Without `capture`, a block of an earlier install for commits stays.

    Raises:
        GitError: there is no repository.
        BlockFileError: the hooks are those of all the user's repositories, and it is not forced; or a block is damaged.
        BankError: a hook cannot be read or written.
    """
    check_repository(bank.project)
    hooks = _hooks(bank.project)
    if hooks.is_users and not force:
        why = "core.hooksPath makes these the hooks of all your repositories"
        raise BlockFileError(path=hooks.folder, why=why, hint=f"{_INSTALL} --force")
    words = ("bank",) if hooks.is_shared else tuple(program)
    plans = []
    for event in (*AFTER, *((CAPTURE,) if capture else ())):
        path = hooks.folder / event
        lines = _lines(bank, words, event)
        why = _why_left(path)
        plans.append(
            FilePlan(path, None, None, why=f"{why}; add this to it: {lines[0]}")
            if why
            else plan_in(path, _block(bank), lines, is_script=True)
        )
    if not dry_run:
        write_plans([each for each in plans if not each.why], _INSTALL)
    notes = [
        f"{each.path} is not executable, so git skips it: chmod +x {shlex.quote(str(each.path))}"
        for each in plans
        if not each.why and each.before is not None and not os.access(each.path, os.X_OK)
    ]
    if hooks.is_shared:
        notes.append("these hooks are files of the project: commit them")
    return GitSetUp("install", tuple(map(told, plans)), (), tuple(notes), dry_run)


def uninstall_hooks(bank: BankFolder, *, dry_run: bool = False) -> GitSetUp:
    """Take the block out of each hook; one that has nothing else is deleted.

    Raises:
        GitError: there is no repository.
        BankError: a hook cannot be read or written, or its block is damaged.
    """
    check_repository(bank.project)
    folder = _hooks(bank.project).folder
    plans = [plan_out(folder / event, _block(bank)) for event in (*AFTER, CAPTURE) if not (folder / event).is_symlink()]
    if not dry_run:
        write_plans(plans, _UNINSTALL)
    return GitSetUp("uninstall", tuple(told(each) for each in plans if each.before is not None), (), (), dry_run)


def _hooks(project: Path) -> _Hooks:
    from pathlib import Path as RealPath

    told = (ask(project, "rev-parse", "--git-path", "hooks") or ".git/hooks").removesuffix("\n")
    top = RealPath((ask(project, "rev-parse", "--show-toplevel") or str(project)).removesuffix("\n"))
    folder = RealPath(os.path.normpath(project / told))
    if folder.parts[-2:] == _HUSKY:
        # made anew by husky, whose hooks of the project are beside it
        folder = folder.parent
    git = RealPath(os.path.normpath(project / (ask(project, "rev-parse", "--git-common-dir") or ".git").strip()))
    is_inside = folder.is_relative_to(git)
    is_shared = not is_inside and folder.is_relative_to(top)
    is_own = bool((ask(project, "config", "--local", "--get", "core.hooksPath") or "").strip())
    is_users = not is_inside and not is_shared and not is_own and bool(value_of(project, "core.hooksPath"))
    return _Hooks(folder, is_shared, is_users)


def _block(bank: BankFolder) -> BlockName:
    return BlockName(f"hook {_below_top(bank)}", _INSTALL, _UNINSTALL)


def _below_top(bank: BankFolder) -> str:
    """Return the project's folder below the top of its repository, where git runs hooks."""
    return (ask(bank.project, "rev-parse", "--show-prefix") or "").strip().rstrip("/") or "."


def _lines(bank: BankFolder, program: Sequence[str], event: str) -> tuple[str, ...]:
    words = " ".join(map(shlex.quote, program))
    first = shlex.quote(program[0])
    is_there = f"test -x {first}" if os.path.isabs(program[0]) else f"command -v {first} >/dev/null 2>&1"  # noqa: PTH117
    project = shlex.quote(_below_top(bank))
    run = f"{words} hook git {event} --project {project}"
    if event == CAPTURE:
        # most commits say neither, and this takes a hundredth of the time
        asked = f"git log -1 --no-show-signature --format=%B HEAD | grep -qiE {shlex.quote(SHELL_PATTERN)}"
        return (f"if {is_there} && {asked}; then {run} </dev/null || :; fi",)
    if event == "post-checkout":
        # $3 is 0 where files were checked out and not a branch
        return (f'if test "${{3:-1}}" != 0 && {is_there}; then {run} -- "$@" </dev/null || :; fi',)
    return (f'if {is_there}; then {run} -- "$@" </dev/null || :; fi',)


def _why_left(path: Path) -> str:
    """Return why a hook cannot take the block; "" if it can."""
    if path.is_symlink():
        return f"it is a link to {path.readlink()}"
    data = read_own(path)
    first = next(iter(each_line(data[:4096].decode("latin-1"))), "") if data else ""
    if first.startswith("#!") and not _SHELLS.match(first.encode("latin-1")):
        return f"it is no shell script ({first.strip()})"
    return "it is no text" if data and b"\0" in data[:4096] else ""
