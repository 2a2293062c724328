"""Finding the bank that a command means: named, in the environment, or upwards from here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.contracts.layouts import HOME, LAYOUTS, Layout
from memorybank.errors import NoBankError
from memorybank.shell import quoted
from memorybank.store.bank import Bank
from memorybank.store.home import home_of, is_list_alone, is_users_own, namespace_folder
from memorybank.store.worktree import Linked, linked_worktree

if TYPE_CHECKING:
    from collections.abc import Mapping


def find_bank(start: Path, *, named: str | None = None, environ: Mapping[str, str]) -> Bank:
    """Find the bank: `named` (--bank), else MEMORYBANK_DIR or MEMORYBANK_NAMESPACE, else the first one upwards.

    A named folder may be the bank itself or a project that holds one. In a linked worktree of a git repository whose
    main worktree has a bank with `scope = "repository"` at the same place, that one is meant. The user's own banks
    are meant when they are named, or when `start` lies in them: what lies below the home folder has no part in them.

    Raises:
        NoBankError: there is none.
        FieldError: the namespace is no name.
        ConfigError, NewerVersionError: the settings of the main worktree's bank cannot be understood.
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
        if found.is_users_own:
            found.here = here
        return found
    linked = linked_worktree(here)
    for folder in (here, *here.parents):
        found = _shared(folder, linked) or _below(folder)
        if found and is_users_own(found.folder, home):
            # of the folders below home only the bank's own are meant, and home itself, which can mean nothing else
            found = _users_own(found.folder) if here == folder or here.is_relative_to(found.folder) else None
        elif found is None and is_users_own(folder, home):
            found = _users_own(folder)
        if found:
            found.here = here if found.is_users_own or here.is_relative_to(found.project) else found.project
            return found
    raise NoBankError(start=start)


def bank_at(folder: Path, home: Path) -> Bank | None:
    """Give the bank that a folder is, or that stands right below it."""
    if is_users_own(folder, home):
        return _users_own(folder)
    found = _at(folder) or _below(folder)
    return _users_own(found.folder) if found and is_users_own(found.folder, home) else found


def _users_own(folder: Path) -> Bank | None:
    """Give a bank that is its own project; the list of known banks alone makes none of the user's place."""
    held = (folder / "bank.toml").is_file() or (folder / "activeContext.md").is_file()
    return Bank(folder, folder, HOME) if folder.is_dir() and (held or not (folder / ".state").is_dir()) else None


def _making(folder: Path, home: Path) -> str:
    """Give the command that makes a bank of the user's own, or tries the folder that a file stands in; else ""."""
    if not is_users_own(folder, home):
        return f"bank status --bank {quoted(folder.parent)}" if folder.is_file() else ""
    return f"bank init --namespace {folder.name}" if folder != home else "bank init --global"


def shared_bank(project: Path) -> Bank | None:
    """Give the bank that a project in a linked worktree shares with the main one, if it does.

    Raises:
        ConfigError, NewerVersionError: that bank's settings cannot be understood.
    """
    return _shared(project.absolute(), linked_worktree(project.absolute()))


def _shared(folder: Path, linked: Linked | None) -> Bank | None:
    if linked is None or not folder.is_relative_to(linked.root):
        return None
    found = _below(linked.main / folder.relative_to(linked.root))
    # the main worktree's settings decide for all of them, whatever the branches hold
    return found if found and found.config.scope == "repository" else None


def _below(folder: Path) -> Bank | None:
    for layout in LAYOUTS:
        place = folder / layout.folder
        if place.is_dir() and _is_bank(place, layout):
            return Bank(place, folder, layout)
    return None


def _is_bank(place: Path, layout: Layout) -> bool:
    if layout.marker:
        return (place / layout.marker).is_file()
    # another home than this user's may stand above: that of the system's, or of who calls sudo
    return not is_list_alone(place)


def _at(folder: Path) -> Bank | None:
    """Take a folder as the bank itself, by its name or by what it holds."""
    if not folder.is_dir():
        return None
    for layout in LAYOUTS:
        parts = tuple(layout.folder.split("/"))
        if folder.parts[-len(parts) :] == parts and _is_bank(folder, layout):
            project = folder.parents[len(parts) - 1]
            return Bank(folder, project, layout)
    if (folder / "bank.toml").is_file() or (folder / "activeContext.md").is_file():
        cline = (folder / "projectbrief.md").is_file() and not (folder / "bank.toml").is_file()
        return Bank(folder, folder.parent, LAYOUTS[-1] if cline else HOME)
    return None
