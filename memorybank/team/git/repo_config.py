"""Git's configuration of one clone: the values that a set-up needs, read and written by git itself."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from memorybank.errors import SetUpError
from memorybank.store.git.repository import GIT, SECONDS, ask, environ
from memorybank.team.git.set_up_files import ConfigChange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class GitError(SetUpError):
    """Git refused, is missing or too old, or there is no repository."""

    code = "git"


def check_repository(folder: Path) -> None:
    """Check that a folder is in a repository with files.

    Raises:
        GitError: it is not, or git does not run.
    """
    if (ask(folder, "rev-parse", "--is-inside-work-tree") or "").strip() != "true":
        told = ask(folder, "version")
        why = "not in a git repository" if told else "git cannot be run"
        raise GitError(path=folder, why=why, hint="git init" if told else "install git")


def value_of(folder: Path, name: str) -> str:
    """Return a value as git has it here, from whichever file; "" if there is none."""
    return (ask(folder, "config", "--get", name) or "").removesuffix("\n")


def own_value(folder: Path, name: str) -> str:
    """Return a value of this clone's own configuration; "" if there is none."""
    return (ask(folder, "config", "--local", "--get", name) or "").removesuffix("\n")


def changes_to(folder: Path, wanted: Mapping[str, str]) -> tuple[ConfigChange, ...]:
    """Return the values of this clone's own configuration that have to change; "" removes one."""
    rows = [ConfigChange(name, own_value(folder, name), value) for name, value in wanted.items()]
    return tuple(each for each in rows if each.before != each.after)


def write_config(folder: Path, changes: Sequence[ConfigChange]) -> None:
    """Set and remove values in this clone's own configuration.

    Raises:
        GitError: git refused one; those before it are written.
    """
    for each in changes:
        words = ["--replace-all", each.name, each.after] if each.after else ["--unset-all", each.name]
        _run(folder, "config", "--local", *words)


def _run(folder: Path, *words: str) -> None:
    command = [*GIT, "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603  git with words of ours
            command, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL, env=environ()
        )
        why = "" if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip() or "it failed"
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why:
        raise GitError(path=folder, why=f"git {words[0]} failed: {why}", hint="git config --local --list")
