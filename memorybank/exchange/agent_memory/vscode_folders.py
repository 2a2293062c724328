"""Where the memory tool of Copilot keeps its files in VS Code: for the user, for each workspace and conversation."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.exchange.agent_memory.belonging import (
    MemoryFolder,
    doubt_of,
    folder_of_uri,
    has_folder,
    left_out,
    linked,
    unreadable,
)
from memorybank.exchange.safe_read import json_of
from memorybank.files.read import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.exchange.agent_memory.belonging import Here

_EXTENSION = "github.copilot-chat"
_MEMORIES = ("memory-tool", "memories")
_OF_USER, _OF_WORKSPACES = "globalStorage", "workspaceStorage"
_SESSION = "session"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
# a folder of a conversation is named by its id, in base64
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{48}\Z")


def memory_folders(path: Path, here: Here) -> list[MemoryFolder]:
    """Return the folders of memories in a folder: VS Code's `User`, a storage of it, or one that only has memories."""
    folders = [each for each in (path / _OF_USER, path / _OF_WORKSPACES) if each.is_dir()]
    if not folders:
        folders = [path] if path.name in (_OF_USER, _OF_WORKSPACES) else []
    if not folders:
        return [_one(path, here)]
    found: list[MemoryFolder] = []
    for folder in folders:
        prefix = "" if folder == path else f"{folder.name}/"
        if folder.is_symlink() and folder != path:
            found.append(linked(folder.name))
        elif folder.name == _OF_USER:
            found += _memories_in(folder, prefix)
        else:
            found += _of_workspaces(folder, prefix, here)
    return found


def _of_workspaces(folder: Path, prefix: str, here: Here) -> Iterator[MemoryFolder]:
    try:
        storages = _folders_in(folder)
    except OSError:
        yield unreadable(folder.name)
        return
    for storage in storages:
        name = f"{prefix}{storage.name}"
        there = [linked(name)] if storage.is_symlink() else []
        for each in there or _memories_in(storage, f"{name}/"):
            project = _workspace_of(storage)
            if each.path is None or here.takes_all or (project and here.has_folder(project)):
                yield each._replace(is_of_user=False)
            else:
                yield left_out(each.name, project)


def _memories_in(storage: Path, prefix: str) -> Iterator[MemoryFolder]:
    """Yield the folder of memories in the storage of an extension, if there is one."""
    name = prefix.rstrip("/")
    try:
        for extension in (each for each in _folders_in(storage) if each.name.casefold() == _EXTENSION):
            path, name = extension, f"{prefix}{extension.name}"
            for step in _MEMORIES:
                if path.is_symlink() or not has_folder(path):
                    break
                path, name = path / step, f"{name}/{step}"
            if path.is_symlink():
                yield linked(name)
            elif has_folder(path):
                yield MemoryFolder(path, name, is_of_user=True)
    except OSError:
        yield unreadable(name)


def _folders_in(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if has_folder(each))


def _one(path: Path, here: Here) -> MemoryFolder:
    """Return the folder that the user named, or the one inside of it; of whichever project it is."""
    inside = next(_memories_in(path, ""), None)
    found = inside if inside and inside.path else MemoryFolder(path, "", is_of_user=True)
    storage = next((each for each in (path, *path.resolve().parents) if each.parent.name == _OF_WORKSPACES), None)
    if storage is None:
        return found
    return found._replace(is_of_user=False, why=doubt_of(_workspace_of(storage), here))


def _workspace_of(storage: Path) -> str:
    """Return the folder of the project that a storage is for; "" if it is not named."""
    try:
        value = json_of(read(storage / "workspace.json"), "workspace.json")
    except BankError:
        return ""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("folder"), str):
        return folder_of_uri(value["folder"])
    # a file that names several folders: most often it is in the project's folder
    several = value.get("workspace") if isinstance(value.get("workspace"), str) else ""
    return folder_of_uri(str(several)).rpartition("/")[0]


def session_of(name: str) -> str:
    """Return the id of the conversation that a file's folder is named after; "" if it is about none."""
    folder, slash, _ = name.partition("/")
    if not slash:
        return ""
    if folder == _SESSION or _UUID.match(folder):
        return folder
    if not _ENCODED.match(folder):
        return ""
    found = base64.b64decode(folder, altchars=b"-_").decode("latin-1")
    return found if _UUID.match(found) else ""
