"""Where the Gemini CLI keeps its memories: one file for the user, a folder for each project."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.exchange.agent_memory.belonging import TAKE_ALL
from memorybank.exchange.safe_read import json_of, text_of
from memorybank.files.read import read

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.agent_memory.belonging import Here

INBOX = ".inbox"
_GLOBAL, _INDEX = "GEMINI.md", "MEMORY.md"
_PROJECTS, _MEMORY = "tmp", "memory"
_OWNER = ".project_root"
_NAMES = "projects.json"


class GeminiFolder(NamedTuple):
    """A folder of memories and its name below the source; without a path it is only reported, with `why`."""

    path: Path | None
    name: str
    why: str = ""
    is_global: bool = False


def memory_folders(path: Path, here: Here) -> list[GeminiFolder]:
    """Return the folders of memories in `~/.gemini`, in its folder `tmp`, in that of a project, or the one named."""
    has_index = (path / _INDEX).exists() or (path / INBOX).is_dir()
    if not has_index and ((path / _PROJECTS).is_dir() or (path / _GLOBAL).exists()):
        found = [GeminiFolder(path, "", is_global=True)] if (path / _GLOBAL).exists() else []
        if (path / _GLOBAL).is_symlink():
            found = [GeminiFolder(None, _GLOBAL, "a link is not followed")]
        return [*found, *_of_projects(path / _PROJECTS, f"{_PROJECTS}/", here)]
    if path.name == _PROJECTS and not has_index:
        return _of_projects(path, "", here)
    if not has_index and (path / _MEMORY).is_dir():
        return [_named(path, _MEMORY, path / _MEMORY, here)]
    return [_named(path.resolve().parent, "", path, here)]


def _named(storage: Path, name: str, path: Path, here: Here) -> GeminiFolder:
    """Return a folder that the user named, of whichever project it is."""
    if name and path.is_symlink():
        return GeminiFolder(None, name, "a link is not followed")
    owner = _owner_of(storage, here)
    is_other = owner and not here.has_folder(owner)
    return GeminiFolder(path, name, f"its memories are of another project, {owner}" if is_other else "")


def _of_projects(folder: Path, prefix: str, here: Here) -> list[GeminiFolder]:
    found = []
    try:
        storages = sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
    except OSError:
        return [GeminiFolder(None, prefix.rstrip("/"), "skipped: it cannot be read")]
    for storage in storages:
        name, memory = f"{prefix}{storage.name}", storage / _MEMORY
        if not memory.is_dir():
            continue
        if folder.is_symlink() or storage.is_symlink() or memory.is_symlink():
            found.append(GeminiFolder(None, name, "a link is not followed"))
            continue
        owner = _owner_of(storage, here)
        if here.takes_all or (owner and here.has_folder(owner)):
            found.append(GeminiFolder(memory, f"{name}/{_MEMORY}"))
        else:
            whose = f"of another project, {owner}" if owner else "of a project that is not named"
            why = f"left out: its memories are {whose}; {TAKE_ALL}"
            found.append(GeminiFolder(None, f"{name}/{_MEMORY}", why))
    return found


def _owner_of(storage: Path, here: Here) -> str:
    """Return the folder of the project that a storage is for; "" if nothing names it."""
    if not (storage / _OWNER).is_symlink():
        try:
            return text_of(read(storage / _OWNER)).strip()
        except BankError:
            pass
    # earlier versions call it by the digest of the path
    for path in (str(here.project), os.path.realpath(here.project)):
        if hashlib.sha256(os.fsencode(path)).hexdigest() == storage.name:
            return path
    try:
        value = json_of(read(storage.parent.parent / _NAMES), _NAMES)
    except BankError:
        return ""
    names = value.get("projects") if isinstance(value, dict) else None
    found = names.items() if isinstance(names, dict) else ()
    return next((str(path) for path, slug in found if slug == storage.name), "")
