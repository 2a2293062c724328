"""Which files are searched: the folders of a bank, or any folder of Markdown, and the state of the files."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.files.read import beginning_of, why_outside
from memorybank.store.doc_folders import DEPTH, MOST_FOLDERS, PASSED_OVER, ROOTS, is_meant
from memorybank.store.manage.sync_copies import marked_copies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.store.folder import BankFolder

REPO = "repo"
CHOICE = "repo.json"
# newest commits of the log; older ones are not searched
MOST_COMMITS = 5000
MEMORY_TOOL = "memory-tool"
SCOPES = ("contracts", "records", "docs", "sessions", MEMORY_TOOL, REPO)
MARKDOWN = (".md", ".markdown")
# the endings of the files of a scope; the memory tool keeps any text
_ENDS = {"sessions": (*MARKDOWN, ".jsonl"), MEMORY_TOOL: ("",)}
_MOST_FOLDERS = 20_000
_KIND = 0o170000
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_CHOICE_LENGTH = 10_000


class Folder(NamedTuple):
    """One folder whose files are searched; `prefix` comes before a file's name in its address.

    `memory_files` are the names of those that are split into items; `contracted` is whether they are contracts.
    """

    path: str
    prefix: str
    scope: str
    archived: bool = False
    memory_files: tuple[str, ...] = ()
    contracted: bool = False


class FileState(NamedTuple):
    """What shows that a file is unchanged: its name, size, and two times in ns.

    `changed` is the mtime, which a program can set back; `touched` is the ctime, which no program can set.
    """

    name: str
    changed: int
    size: int
    touched: int


class RepoChoice(NamedTuple):
    """The folder that is searched as the repository, and the number of its newest commits."""

    path: str
    max_commits: int = MOST_COMMITS


def chosen(bank: BankFolder) -> RepoChoice | None:
    """Return the repository that is searched with a bank; None if none was chosen."""
    try:
        data = beginning_of(f"{bank.state}/{CHOICE}", _CHOICE_LENGTH)
        import json

        value = json.loads(data)
        path = os.path.normpath(f"{bank.project}/{value['path']}" if value["inside"] else value["path"])
        return RepoChoice(path, max(int(value["max_commits"]), 0))
    except (OSError, BankError, ValueError, KeyError, TypeError, RecursionError):
        return None


def folders_of_bank(bank: BankFolder) -> Iterator[Folder]:
    """Return the searched folders of a bank."""
    return (folder for folder, _ in states_of_bank(bank))


def states_of_bank(bank: BankFolder) -> list[tuple[Folder, list[FileState]]]:
    """Return the searched folders of a bank with the state of their files.

    A folder linked to outside the bank and its project is skipped. Each folder is listed once: in a large bank, most of
    a search is this.
    """
    return [found for folder, is_tree in _roots_of(bank) for found in _below(folder, bank, is_tree=is_tree)]


def _roots_of(bank: BankFolder) -> Iterator[tuple[Folder, bool]]:
    """Yield the searched folders of a bank, and whether their subfolders are searched too."""
    base = os.fspath(bank.folder)
    contracted = bank.layout.contracted
    yield Folder(base, "", "contracts", memory_files=bank.main_files, contracted=contracted), False
    for archived in (False, True):
        above = "archive/" if archived else ""
        for name in _names_of_folders(f"{base}/{above}memories"):
            yield Folder(f"{base}/{above}memories/{name}", f"{above}memories/{name}/", "records", archived), True
        yield Folder(f"{base}/{above}groups", f"{above}groups/", "records", archived), False
        yield Folder(f"{base}/{above}sessions", f"{above}sessions/", "sessions", archived), False
    yield Folder(f"{base}/{MEMORY_TOOL}", f"{MEMORY_TOOL}/", MEMORY_TOOL), True
    # items of contracts that were moved to the archive
    yield Folder(f"{base}/archive", "archive/", "contracts", archived=True), False
    for name in ROOTS:
        yield Folder(f"{os.fspath(bank.project)}/{name}", f"{name}/", "docs"), True


def _below(folder: Folder, bank: BankFolder, *, is_tree: bool) -> Iterator[tuple[Folder, list[FileState]]]:
    """Yield a folder, and with `is_tree` its subfolders, in the order of `doc_folders`."""
    if why_outside(folder.path, bank.roots):
        return
    waiting = [""]
    for _ in range(MOST_FOLDERS):
        if not waiting:
            return
        inner = waiting.pop()
        here = folder._replace(path=f"{folder.path}/{inner}".rstrip("/"), prefix=folder.prefix + inner)
        subfolders: list[str] = []
        yield here, states_of(here, subfolders)
        if is_tree and inner.count("/") < DEPTH:
            waiting += [f"{inner}{each}/" for each in sorted(filter(is_meant, subfolders), reverse=True)]


def folders_below(root: str, *, scope: str = "docs", without: str = "") -> Iterator[Folder]:
    """Yield a folder and the folders below it; hidden folders and third-party code are skipped."""
    for count, (path, inner, _) in enumerate(os.walk(root), 1):
        inner[:] = sorted(
            each
            for each in inner
            if each[0] != "." and each not in PASSED_OVER and _is_text(each) and os.path.join(path, each) != without  # noqa: PTH118
        )
        relative = os.path.relpath(path, root).replace(os.sep, "/")
        yield Folder(path, "" if relative == "." else f"{relative}/", scope)
        if count >= _MOST_FOLDERS:
            return


def states_of(folder: Folder, subfolders: list[str] | None = None) -> list[FileState]:
    """Return the state of each searched file of a folder, in system order; empty if there is no folder.

    Links, pipes and folders are skipped; the names of folders are added to `subfolders`. This is most of the cost of a
    search: so plain tuples, no sorting, and no path that the system has to walk for each file.
    """
    ends = _ENDS.get(folder.scope, MARKDOWN)
    rows = []
    place: str | int = folder.path
    try:
        if os.scandir in os.supports_fd:
            place = os.open(folder.path, _FOLDER)
        with os.scandir(place) as entries:
            for entry in entries:
                name = entry.name
                if not name.endswith(ends) or name[0] == "." or not (name.isascii() or _is_text(name)):
                    if subfolders is not None and entry.is_dir(follow_symlinks=False):
                        subfolders.append(name)
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                kind = status.st_mode & _KIND
                if kind == stat.S_IFREG:
                    rows.append((name, status.st_mtime_ns, status.st_size, status.st_ctime_ns))
                elif kind == stat.S_IFDIR and subfolders is not None:
                    subfolders.append(name)
    except OSError:
        return []
    finally:
        if isinstance(place, int):
            os.close(place)
    # a copy that a sync program left would double every hit: `bank check` reports it
    copies = marked_copies([row[0] for row in rows])
    return [row for row in rows if row[0] not in copies] if copies else rows  # type: ignore[return-value,misc]


def _is_text(name: str) -> bool:
    """Check whether a name is UTF-8: other names cannot be stored in the index or typed."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _names_of_folders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and entry.name[0] != "."]
            return sorted(filter(_is_text, names))
    except OSError:
        return []
