"""Where the Gemini CLI keeps its memories: one file for the user, a folder for each project."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.exchange.agent_memory.belonging import MemoryFolder, doubt_of, has_folder, left_out, linked, unreadable
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


def memory_folders(path: Path, here: Here) -> list[MemoryFolder]:
    """Return the folders of memories in `~/.gemini`, in its folder `tmp`, in that of a project, or the one named."""
    has_index = (path / _INDEX).exists() or (path / INBOX).is_dir()
    if not has_index and ((path / _PROJECTS).is_dir() or (path / _GLOBAL).exists()):
        found = [MemoryFolder(path, "", is_of_user=True)] if (path / _GLOBAL).exists() else []
        if (path / _GLOBAL).is_symlink():
            found = [linked(_GLOBAL)]
        return [*found, *_of_projects(path / _PROJECTS, f"{_PROJECTS}/", here)]
    if path.name == _PROJECTS and not has_index:
        return _of_projects(path, "", here)
    if not has_index and (path / _MEMORY).is_dir():
        return [_named(path, _MEMORY, path / _MEMORY, here)]
    return [_named(path.resolve().parent, "", path, here)]


def _named(storage: Path, name: str, path: Path, here: Here) -> MemoryFolder:
    """Return a folder that the user named, of whichever project it is."""
    if name and path.is_symlink():
        return linked(name)
    return MemoryFolder(path, name, doubt_of(_owner_of(storage, here), here))


def _of_projects(folder: Path, prefix: str, here: Here) -> list[MemoryFolder]:
    found = []
    try:
        storages = sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
    except OSError:
        return [unreadable(prefix.rstrip("/"))]
    for storage in storages:
        name, memory = f"{prefix}{storage.name}", storage / _MEMORY
        try:
            if not has_folder(memory):
                continue
        except OSError:
            found.append(unreadable(name))
            continue
        if folder.is_symlink() or storage.is_symlink() or memory.is_symlink():
            found.append(linked(name))
            continue
        owner = _owner_of(storage, here)
        if here.takes_all or (owner and here.has_folder(owner)):
            found.append(MemoryFolder(memory, f"{name}/{_MEMORY}"))
        else:
            found.append(left_out(f"{name}/{_MEMORY}", owner))
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
