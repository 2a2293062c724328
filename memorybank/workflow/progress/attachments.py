"""Files kept with the bank: copied unchanged into artifacts/, with a line under References that points to them."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import ArtifactError, BankError, LimitError, NoFileError
from memorybank.files.write import read, resolve
from memorybank.ids import slug_of
from memorybank.listing import Listing
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, commit
from memorybank.times import day_of
from memorybank.workflow.lines.placement import place_of
from memorybank.workflow.lines.reference_line import put_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

FOLDER = "artifacts"
EVIDENCE = "artifacts/evidence"
SIZE_LIMIT = 8 * 1024 * 1024
_SHOWN_DIGITS = 16
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}\Z")
_LINE = re.compile(r"`(artifacts/[^`]+)`.*\(sha256 ([0-9a-f]{16})\)")


class AttachResult(NamedTuple):
    """The copy's name in the bank, its hash and size, and the receipt of the operation."""

    file: str
    sha256: str
    size: int
    receipt: Receipt


class Attachment(NamedTuple):
    """A file in artifacts/: `state` is `as added`, `changed`, `missing`, `no reference` or `unreadable`."""

    file: str
    state: str
    size: int = 0
    sha256: str = ""


class AttachmentList(Listing[Attachment]):
    """The files in artifacts/, by name."""

    __slots__ = ()
    plural = "artifacts"


def attach(bank: BankFolder, file: Path, way: Way, *, folder: str = "", note: str = "") -> AttachResult:
    """Copy a file into artifacts/ or a folder below, and add a line under References, as one operation.

    The copy's name is made from the file's name: lower-case words and the extension. Adding the same file again changes
    nothing.

    Raises:
        NoFileError: the file does not exist.
        ArtifactError: another file with that name exists.
        LimitError: the file is larger than 8 MB.
        SecretError: the file looks like it has a secret.
    """
    try:
        data = read(Path(os.path.realpath(file)))
    except NoFileError:
        raise NoFileError(path=file, hint="bank artifact list") from None
    if len(data) > SIZE_LIMIT:
        raise LimitError(path=file, why=f"it is larger than {SIZE_LIMIT // 1024 // 1024} MB")
    name = "/".join((FOLDER, *_folders(folder), _name_of(file)))
    path = bank.folder / name
    resolve(path, bank.roots)
    sha256 = hashlib.sha256(data).hexdigest()
    told = file.name if file.name.isprintable() else name.rpartition("/")[2]
    line = f"Artifact: `{name}` → {note or told} (sha256 {sha256[:_SHOWN_DIGITS]})"

    def make() -> list[FileChange]:
        there = bank.read(path) if os.path.lexists(path) else None
        if there is not None and there != data:
            other = f"{folder}/{day_of(way.author.now())}".strip("/")
            raise ArtifactError(
                path=name,
                why="another file with that name exists",
                hint=f"bank artifact add {quoted(file)} --as {quoted(other)}",
            )
        changes = []
        if there is None:
            # decoded so that every byte of any file is written back unchanged
            changes.append(FileChange(path, text=data.decode("utf-8", "surrogateescape")))
        if name not in dict(_references(bank)):
            changes += put_entry(bank, "reference", line, way)
        return changes

    return AttachResult(name, sha256, len(data), commit(bank, make, "artifact add", way))


def list_artifacts(bank: BankFolder) -> AttachmentList:
    """List the files in artifacts/ and the missing files that a reference names, sorted by name.

    Files bound to evidence lines are not listed here: `verify` reports them.
    """
    told = dict(_references(bank))
    found: dict[str, Attachment] = {}
    for path in sorted((bank.folder / FOLDER).rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(bank.folder).as_posix()
        if name.startswith(f"{EVIDENCE}/"):
            continue
        try:
            data = bank.read(path)
        except BankError:
            found[name] = Attachment(name, "unreadable")
            continue
        sha256 = hashlib.sha256(data).hexdigest()
        state = "no reference" if name not in told else "as added" if sha256.startswith(told[name]) else "changed"
        found[name] = Attachment(name, state, len(data), sha256)
    gone = {name: Attachment(name, "missing") for name in told if name not in found}
    return AttachmentList(each for _, each in sorted({**found, **gone}.items()))


def _references(bank: BankFolder) -> Iterator[tuple[str, str]]:
    """Yield each artifact named in a line of the bank, with the start of its hash."""
    try:
        path, _ = bank.existing(place_of(bank, "reference").file)
        text = bank.read(path).decode("utf-8", "replace")
    except BankError:
        return
    for found in _LINE.finditer(text):
        yield found.group(1), found.group(2)


def _folders(folder: str) -> list[str]:
    return [slug_of(part) for part in folder.replace("\\", "/").split("/") if part.strip(". ")]


def _name_of(file: Path) -> str:
    suffix = file.suffix.lower()
    if not _SUFFIX.match(suffix):
        return slug_of(file.name)
    return f"{slug_of(file.name[: -len(suffix)])}{suffix}"
