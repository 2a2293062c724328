"""Which files of a bank travel to other machines, their names there, and which names from elsewhere are safe.

A file travels under its name relative to the bank, a document of the project under its name from the project. Local
state, settings, templates, links and files that are not text stay where they are. Only regular files are read.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import BANK_FOLDERS, SUMMARY
from memorybank.errors import BankError, LimitError, NoFileError, OutsideError
from memorybank.files.read import read, resolve, why_outside
from memorybank.records.templates import load_types
from memorybank.shell import quoted
from memorybank.store.doc_folders import DEPTH, MOST_FOLDERS, ROOTS, is_meant
from memorybank.store.folder import MARKDOWN
from memorybank.store.manage.lost_text import find_lost
from memorybank.store.manage.sync_copies import marked_copies
from memorybank.store.memory_files.places import fault_of_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from memorybank.store.folder import BankFolder

SIZE_LIMIT = 8 * 1024 * 1024
# bytes of a whole name: leaves room for the folder of the bank on systems with short paths
NAME_LIMIT = 400
_STAYS = frozenset(("templates",))
# folders whose files are anything their owner put there; all others have our own files only
_FREE = frozenset(("artifacts", "memory-tool"))
_ENDINGS = (*MARKDOWN, ".json", ".jsonl")
# a contract that is shorter may have been cut off by a program that writes in place; the journal knows
_SHORT = 4096


class SyncFile(NamedTuple):
    """A file of the bank that travels, with its bytes; with `why` it stays here, for this reason, and has no bytes.

    A file that stays is there all the same: it must not be taken for a deleted one.
    """

    name: str
    data: bytes = b""
    why: str = ""


class NotSyncableError(OutsideError):
    """A bank has no file of this name that travels to other machines."""

    def __init__(self, *, name: str, why: str) -> None:
        super().__init__(path=shown(name), why=why)
        self.hint = "rename or remove that file on the machine that it comes from"


def sync_names(bank: BankFolder) -> list[str]:
    """List the names of all files in the places that travel, sorted; some of them may have to stay."""
    return sorted(_names(bank))


def sync_files(
    bank: BankFolder, names: Sequence[str] | None = None, *, unread: AbstractSet[str] = frozenset()
) -> Iterator[SyncFile]:
    """Read the files that travel, one after the other; those that stay have a reason instead of bytes.

    A file that is gone by the time it is read is left out; so is a name that is no file of the bank, and a name of
    `unread`, unless there is another one of the same letters.
    """
    twins: dict[str, str] = {}
    wanted = sync_names(bank) if names is None else names
    copies = _copies_among(wanted)
    for name in wanted:
        if name in copies:
            yield SyncFile(name, why=f"a sync program left it as a copy of another file: bank merge {quoted(name)}")
            continue
        if name in unread and twins.setdefault(folded(name), name) == name:
            continue
        found = read_sync_file(bank, name)
        if found is None:
            continue
        first = twins.setdefault(folded(name), name)
        if first != name:
            found = SyncFile(name, why=f"{first} has the same name in other letters")
        yield found


def _copies_among(names: Sequence[str]) -> set[str]:
    folders: dict[str, list[str]] = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        folders.setdefault(folder, []).append(file)
    return {f"{each}/{name}" if each else name for each, files in folders.items() for name in marked_copies(files)}


def read_sync_file(bank: BankFolder, name: str) -> SyncFile | None:
    """Read one file of the bank by its name; None without one. A contract that lost its text stays, too."""
    try:
        path = sync_path(bank, name)
    except BankError as error:
        return SyncFile(name, why=error.message)
    return read_sync_path(bank, name, path)


def read_sync_path(bank: BankFolder, name: str, path: Path) -> SyncFile | None:
    """Read a file like `read_sync_file`, from the path that `sync_path` has just returned for its name."""
    try:
        data: bytes | None = read(path)
    except NoFileError:
        data = None
    except BankError as error:
        return SyncFile(name, why=error.message)
    if name in bank.main_files and (data is None or len(data) < _SHORT):
        lost = find_lost(bank, name, data)
        if lost is not None:
            return SyncFile(name, why=f"{lost.why}: {lost.way_back}")
    if data is None:
        return None
    why = fault_of_text(data)
    return SyncFile(name, why=why) if why else SyncFile(name, data)


def place_of(bank: BankFolder, name: str) -> Path:
    """Return where a file that travels would be, from its name; nothing is checked."""
    return (bank.project if _is_document(name) else bank.folder) / name


def sync_path(bank: BankFolder, name: str) -> Path:
    """Return the path of a file that travels, from its name here or elsewhere; the file need not exist.

    Raises:
        NotSyncableError: the name is not in a place that travels, or not every system can have a file of this name.
        OutsideError: a link on the way, or the file itself is one.
        BankError: the path cannot be looked up.
    """
    why = _fault_of_name(bank, name)
    if why:
        raise NotSyncableError(name=name, why=why)
    root = bank.project if _is_document(name) else bank.folder
    path = root / name
    real = resolve(path, bank.roots)
    if real != path and real != Path(os.path.realpath(root)) / name:
        raise OutsideError(path=name, why="there is a link on the way to it")
    return real


def folded(name: str) -> str:
    """Return what two names have in common that are one file on a disk that ignores case or forms of letters."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def fault_of_text(data: bytes) -> str:
    """Return why bytes do not travel as a text; "" if they do."""
    if len(data) > SIZE_LIMIT:
        return f"it is larger than {SIZE_LIMIT // 1024 // 1024} MB"
    if b"\0" in data:
        return "it is not text: it has NUL bytes"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not text: its bytes are not UTF-8"
    return ""


def check_incoming_text(name: str, data: bytes) -> None:
    """Refuse bytes from elsewhere that are not a text of a file here.

    Raises:
        LimitError: they are too many, or not text.
    """
    why = fault_of_text(data)
    if why:
        raise LimitError(path=name, why=why, hint="change the file on the machine that it comes from")


def shown(name: str) -> str:
    """Return a name from elsewhere in a form that can be shown: one line, of a length that can be read."""
    text = ascii(name)[1:-1] if not name.isprintable() else name
    return text if len(text) <= NAME_LIMIT else f"{text[:NAME_LIMIT]}…"


def _fault_of_name(bank: BankFolder, name: str) -> str:
    parts = name.split("/")
    if not name or len(name.encode("utf-8", "surrogateescape")) > NAME_LIMIT or len(parts) > DEPTH:
        return "its name is empty or too long"
    for part in parts:
        if not part or part.startswith("."):
            return "hidden files and names that climb do not travel"
        why = fault_of_name(part)
        if why:
            return why
    # what is not listed here must not come in either: it would look deleted
    if not all(map(is_meant, parts[:-1])) or not _has_place(bank, name):
        return "no file of this name travels between banks"
    return ""


def _has_place(bank: BankFolder, name: str) -> bool:
    first, slash, _ = name.partition("/")
    if not slash:
        return name == SUMMARY or name.endswith(MARKDOWN)
    if _is_document(name):
        return name.endswith(MARKDOWN)
    if first in BANK_FOLDERS:
        return first in _FREE or (first not in _STAYS and name.endswith(_ENDINGS))
    return name.endswith(_ENDINGS) and any(name.startswith(f"{each}/") for each in _own_folders(bank))


def _own_folders(bank: BankFolder) -> set[str]:
    """Name the folders of the bank's own types of records."""
    found = {kind.folder.strip("/") for kind in load_types(bank).values()}
    return {each for each in found if each.partition("/")[0] not in {*BANK_FOLDERS, "docs"}}


def _is_document(name: str) -> bool:
    return any(name.startswith(f"{root}/") for root in ROOTS)


def _names(bank: BankFolder) -> Iterator[str]:
    # a contract that is missing may have been lost, so all of them are looked at
    yield from bank.main_files
    folders = sorted((BANK_FOLDERS - _STAYS) | _own_folders(bank))
    places = [(bank.folder, ""), *((bank.folder, each) for each in folders), *((bank.project, each) for each in ROOTS)]
    for root, folder in places:
        for name in _below(root, folder, bank):
            if name not in bank.main_files and _has_place(bank, name):
                yield name


def _below(root: Path, folder: str, bank: BankFolder) -> Iterator[str]:
    """Yield the names of the files and links in a folder and below it; of the bank itself only those in it."""
    if folder and ((root / folder).is_symlink() or why_outside(root / folder, bank.roots)):
        return
    waiting = [folder]
    for _ in range(MOST_FOLDERS):
        if not waiting:
            return
        here = waiting.pop()
        try:
            with os.scandir(root / here) as found:
                entries = [(each.name, each.is_dir(follow_symlinks=False)) for each in found]
        except OSError:
            continue
        for name, is_folder in sorted(entries):
            full = f"{here}/{name}" if here else name
            if name.startswith("."):
                continue
            if not is_folder:
                yield full
            elif folder and is_meant(name):
                waiting.append(full)
