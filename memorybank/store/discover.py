"""Find the bank for a command: named by the user, in the environment, or in a folder above this one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.contracts.layouts import CLINE_FILES, CONTRACT_FILES, HOME, LAYOUTS, Layout
from memorybank.errors import BankError, ConfigError, NoBankError, OutsideError
from memorybank.shell import quoted
from memorybank.store.folder import BankFolder
from memorybank.store.git.worktree import LinkedWorktree, linked_worktree, lost_main
from memorybank.store.home import SETTINGS_FILE, Personal, home_of, is_list_alone, is_users_own, namespace_folder

if TYPE_CHECKING:
    from collections.abc import Mapping


def find_bank(start: Path, *, named: str | None = None, environ: Mapping[str, str]) -> BankFolder:
    """Find the bank: `named` (--bank), else MEMORYBANK_DIR or MEMORYBANK_NAMESPACE, else the first one upwards.

    A named folder may be the bank itself or a project with a bank. In a linked git worktree, the main worktree's
    bank is used if it is at the same place and has `scope = "repository"`. The user's own banks are used when they are
    named, or when `start` is inside one; other folders below the home folder do not belong to them.

    Raises:
        NoBankError: no bank was found.
        FieldError: the namespace is not a valid name.
        OutsideError: a link in the bank's path leads out of the project; name such a bank with --bank.
        ConfigError, NewerVersionError: the settings of the main worktree's bank are not valid, or that bank is shared
            and missing.
    """
    home = home_of(environ)
    here = start.absolute()
    chosen = named or environ.get("MEMORYBANK_DIR")
    namespace = "" if chosen else environ.get("MEMORYBANK_NAMESPACE", "")
    if chosen or namespace:
        folder = (
            namespace_folder(home, namespace) if namespace else (start / Path(chosen or "").expanduser()).absolute()
        )
        found = bank_at(folder, home)
        if found is None:
            raise NoBankError(start=folder, named=True, there=folder.is_dir(), hint=_making(folder, home))
        found.personal = Personal(home, environ)
        if found.is_users_own:
            found.here = here
        return found
    linked = linked_worktree(here)
    for folder in (here, *here.parents):
        found = _shared(folder, linked) or _below(folder)
        if found and is_users_own(found.folder, home):
            own = _users_own(found.folder)
            # of all folders below home, only the bank's own belong to it, and home itself, which can mean nothing else
            meant = here == folder or here.is_relative_to(found.folder)
            found = own if meant or (own and not own.is_users_own and _is_part_of(here, folder)) else None
        elif found is None and is_users_own(folder, home):
            found = _users_own(folder)
        elif found:
            check_place(found)
            check_shared(found, here)
        if found:
            found.here = here if found.is_users_own or here.is_relative_to(found.project) else found.project
            found.personal = Personal(home, environ)
            return found
    raise NoBankError(start=here)


def bank_at(folder: Path, home: Path) -> BankFolder | None:
    """Return the bank that a folder is or directly contains, or None."""
    if is_users_own(folder, home):
        return _users_own(folder)
    at = _at(folder)
    found = at or _below(folder)
    if found and is_users_own(found.folder, home):
        return _users_own(found.folder)
    if found and at is None:
        check_place(found)
    return found


def _users_own(folder: Path) -> BankFolder | None:
    """Return a bank that is its own project. The list of known banks alone does not make a folder a bank.

    With `home_is_project` in its settings it is also the bank of the home folder, as in a container.
    """
    held = (folder / "bank.toml").is_file() or (folder / "activeContext.md").is_file()
    if not folder.is_dir() or (not held and any((folder / each).exists() for each in (".state", SETTINGS_FILE))):
        return None
    bank = BankFolder(folder, folder, HOME)
    with suppress(BankError):  # invalid settings are reported where they are needed
        if folder.name == HOME.folder and bank.config.home_is_project:
            return BankFolder(folder, folder.parent, HOME)
    return bank


def _is_part_of(here: Path, home: Path) -> bool:
    """Check whether a folder below home is neither a repository nor inside one."""
    return not any(
        os.path.lexists(parent / ".git")
        for parent in (here, *here.parents)
        if parent != home and home in parent.parents
    )


def check_place(bank: BankFolder) -> None:
    """Check that no link in a bank's place leads out of its project.

    Raises:
        OutsideError: one does.
    """
    real = os.path.realpath(bank.folder)
    if not Path(real).is_relative_to(os.path.realpath(bank.project)):
        error = OutsideError(path=bank.folder, why=f"it is a link to {real}")
        error.hint = f"if you want that bank, name it: bank status --bank {quoted(bank.folder)}"
        raise error


def check_shared(bank: BankFolder, here: Path) -> None:
    """Check that a bank in a linked worktree is not a copy of a bank that all worktrees share.

    Raises:
        ConfigError: it is, and the shared bank is missing.
    """
    lost = lost_main(here)
    if lost is None or bank.config.scope != "repository" or not bank.folder.is_relative_to(lost.root):
        return
    if lost.main is not None and _below(lost.main / bank.project.relative_to(lost.root)):
        # the settings over there decide, and they let each worktree have its own bank
        return
    raise ConfigError(
        path=bank.folder / "bank.toml",
        why=f'scope = "repository", but the bank shared by all worktrees is missing: {lost.why}',
        hint=f"{lost.hint}; or use only this copy: bank status --bank {quoted(bank.folder)}",
    )


def _making(folder: Path, home: Path) -> str:
    """Return a command that creates the user's bank in a folder, or names the folder of a file; "" if neither fits."""
    if not is_users_own(folder, home):
        return f"bank status --bank {quoted(folder.parent)}" if folder.is_file() else ""
    return f"bank init --namespace {folder.name}" if folder != home else "bank init --global"


def shared_bank(project: Path) -> BankFolder | None:
    """Return the bank that a project in a linked worktree shares with the main one, or None.

    Raises:
        ConfigError, NewerVersionError: that bank's settings are not valid.
    """
    return _shared(project.absolute(), linked_worktree(project.absolute()))


def _shared(folder: Path, linked: LinkedWorktree | None) -> BankFolder | None:
    if linked is None or not folder.is_relative_to(linked.root):
        return None
    found = _below(linked.main / folder.relative_to(linked.root))
    # the main worktree's settings decide for all worktrees, whatever is on their branches
    return found if found and found.config.scope == "repository" else None


def _below(folder: Path) -> BankFolder | None:
    for layout in LAYOUTS:
        place = folder / layout.folder
        if place.is_dir() and is_bank(place, layout):
            return BankFolder(place, folder, layout)
    return None


def is_bank(place: Path, layout: Layout) -> bool:
    """Check whether a folder at the place of a layout's bank is a bank."""
    if layout.markers:
        return any((place / marker).is_file() for marker in layout.markers)
    # a home folder of another user may be above: that of the system, or of whoever calls sudo
    return not is_list_alone(place)


def _is_cline(folder: Path) -> bool:
    """Check whether a folder of any name is a Cline bank, by the files that no other layout has."""
    if any((folder / each).is_file() for each in ("bank.toml", "patterns.md")):
        return False
    own = [each for each in CLINE_FILES if each not in CONTRACT_FILES]
    return any((folder / each).is_file() for each in own)


def _at(folder: Path) -> BankFolder | None:
    """Return the bank that a folder itself is, by its name or its files, or None."""
    if not folder.is_dir():
        return None
    for layout in LAYOUTS:
        parts = tuple(layout.folder.split("/"))
        if folder.parts[-len(parts) :] == parts and is_bank(folder, layout):
            project = folder.parents[len(parts) - 1]
            return BankFolder(folder, project, layout)
    if (folder / "bank.toml").is_file() or (folder / "activeContext.md").is_file():
        return BankFolder(folder, folder.parent, LAYOUTS[-1] if _is_cline(folder) else HOME)
    return None
