"""Which files are searched: the folders of a bank, or any folder of Markdown, and the state of the files."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.files.read import beginning_of, why_outside
from memorybank.store.doc_folders import PASSED_OVER, ROOTS, doc_folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.store.folder import BankFolder

REPO = "repo"
CHOICE = "repo.json"
# newest commits of the log; older ones are not searched
MOST_COMMITS = 5000
SCOPES = ("contracts", "records", "docs", "sessions", REPO)
MARKDOWN = (".md", ".markdown")
_MOST_FOLDERS = 20_000
_KIND = 0o170000
_CHOICE_LENGTH = 10_000


class Folder(NamedTuple):
    """One folder whose files are searched; `prefix` comes before a file's name in its address."""

    path: str
    prefix: str
    scope: str
    archived: bool = False
    contracts: tuple[str, ...] = ()


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
    """Return the searched folders of a bank; a folder linked to outside the bank and its project is skipped."""
    return (folder for folder in _folders_of(bank) if not why_outside(folder.path, bank.roots))


def _folders_of(bank: BankFolder) -> Iterator[Folder]:
    base = os.fspath(bank.folder)
    contracts = bank.main_files
    yield Folder(base, "", "contracts", contracts=contracts)
    for archived in (False, True):
        above = "archive/" if archived else ""
        for name in _names_of_folders(f"{base}/{above}memories"):
            for inner in doc_folders(f"{base}/{above}memories/{name}"):
                path, prefix = f"memories/{name}/{inner}".rstrip("/"), f"{above}memories/{name}/{inner}"
                yield Folder(f"{base}/{above}{path}", prefix, "records", archived)
        yield Folder(f"{base}/{above}groups", f"{above}groups/", "records", archived)
        yield Folder(f"{base}/{above}sessions", f"{above}sessions/", "sessions", archived)
    # items of contracts that were moved to the archive
    yield Folder(f"{base}/archive", "archive/", "contracts", archived=True)
    project = os.fspath(bank.project)
    for name in ROOTS:
        for inner in doc_folders(f"{project}/{name}"):
            yield Folder(f"{project}/{name}/{inner}".rstrip("/"), f"{name}/{inner}", "docs")


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


def states_of(folder: Folder) -> list[FileState]:
    """Return the state of each searched file of a folder, in system order; empty if there is no folder.

    Links, pipes and folders are skipped. This is most of the cost of a search: so plain tuples, and no sorting.
    """
    ends = (*MARKDOWN, ".jsonl") if folder.scope == "sessions" else MARKDOWN
    rows = []
    try:
        with os.scandir(folder.path) as entries:
            for entry in entries:
                name = entry.name
                if not name.endswith(ends) or name[0] == "." or not (name.isascii() or _is_text(name)):
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if status.st_mode & _KIND == stat.S_IFREG:
                    rows.append((name, status.st_mtime_ns, status.st_size, status.st_ctime_ns))
    except OSError:
        return []
    return rows  # type: ignore[return-value]


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
