"""Export a bank as a Module 71 tree: first plan all files, then write them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ArtifactError, BankError, NoFileError, OutsideError
from memorybank.exchange.module71 import tree
from memorybank.exchange.module71.entry_text import bug_texts, decisions_text, learnings_text
from memorybank.exchange.module71.session_json import file_names, session_json
from memorybank.exchange.safe_read import Misfit, refusal_of, tree_of
from memorybank.files.write import FileMoved, make_dirs, publish, read
from memorybank.records.find import find_record, scan
from memorybank.records.sessions.messages import read_messages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Annotated, TypedDict

    from memorybank.records.record import Record
    from memorybank.records.sessions.messages import Message
    from memorybank.store.folder import BankFolder

    class ExportWire(TypedDict):
        """The JSON form of an export."""

        format: str
        folder: str
        files: list[str]
        count: int
        already_count: int
        misfits: list[Annotated[Any, Misfit]]
        dry_run: bool


_IN_PLACE = ("decision", "learning", "bug")
_FOLDERS = (tree.BUGS, tree.CHECKPOINTS, tree.SESSIONS, tree.ARTIFACTS)
_FILES = ("pafs.md",)


class ExportResult(NamedTuple):
    """What an export did: the written files, how many already existed, and what has no place in the tree."""

    format: str
    to: str
    files: tuple[str, ...]
    already: int
    misfits: tuple[Misfit, ...]
    dry_run: bool

    def to_wire(self) -> ExportWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {
            "format": self.format,
            "folder": self.to,
            "files": list(self.files),
            "count": len(self.files),
            "already_count": self.already,
            "misfits": to_wire(self.misfits),
            "dry_run": self.dry_run,
        }


class ExportPlan(NamedTuple):
    """The files of a tree by their names, and what has no place in it."""

    files: dict[str, bytes]
    misfits: tuple[Misfit, ...]


def plan_tree(bank: BankFolder) -> ExportPlan:
    """Return the whole tree for a bank; write nothing. What cannot be read, such as a pipe, is a misfit."""
    misfits: list[Misfit] = []
    records = {kind: list(_records(bank, kind, misfits)) for kind in (*_IN_PLACE, "session")}
    every = [row for rows in records.values() for row in rows]
    ids = {each.id: tree.exported_id(each) for each in every}
    files: dict[str, bytes] = {}
    summary = _summary(bank, misfits)
    files[tree.README] = _readme(summary)
    files[tree.SUMMARY] = summary
    files[tree.LOG] = _bytes_of(bank, tree.LOG, misfits) or b"# Development Log\n"
    files[tree.DECISIONS] = _encoded(decisions_text(records["decision"], ids))
    files[tree.LEARNINGS] = _encoded(learnings_text(records["learning"], ids))
    files.update({name: _encoded(text) for name, text in bug_texts(records["bug"], ids).items()})
    names = file_names(records["session"])
    for record in records["session"]:
        told = json.dumps(session_json(record, ids, _messages(bank, record, misfits)), ensure_ascii=False, indent=2)
        files[f"{tree.SESSIONS}{names[record.id]}"] = _encoded(f"{told}\n")
    files.update(_as_it_is(bank, misfits))
    files.update(_carried(bank, misfits))
    return ExportPlan(files, tuple(misfits))


def _records(bank: BankFolder, kind: str, misfits: list[Misfit]) -> Iterator[Record]:
    found = scan(bank, kinds=(kind,))
    misfits += [Misfit(each.file, f"it cannot be read, line {each.line}: {each.why}") for each in found.broken]
    for record in found.records:
        try:
            yield find_record(bank, record.file.rpartition("/")[2], kinds=(kind,))
        except BankError as error:
            misfits.append(Misfit(record.file, refusal_of(error)))


def _messages(bank: BankFolder, record: Record, misfits: list[Misfit]) -> Sequence[Message]:
    try:
        found = read_messages(bank, record.id)
    except BankError as error:
        misfits.append(Misfit(record.file, f"its messages: {refusal_of(error)}"))
        return ()
    if found.broken_count:
        misfits.append(Misfit(record.file, f"{found.broken_count} lines of its messages cannot be read"))
    return found.rows


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _bytes_of(bank: BankFolder, name: str, misfits: list[Misfit]) -> bytes:
    """Return the bytes of a file, none if it is missing; one that cannot be read is a misfit."""
    try:
        return read(bank.folder / name)
    except NoFileError:
        return b""
    except BankError as error:
        misfits.append(Misfit(name, refusal_of(error)))
        return b""


def _summary(bank: BankFolder, misfits: list[Misfit]) -> bytes:
    there = _bytes_of(bank, tree.BANK_SUMMARY, misfits)
    name = bank.config.name or bank.config.project or bank.project.name
    return there or _encoded(json.dumps({"project_name": name}, ensure_ascii=False, indent=2) + "\n")


def _readme(summary: bytes) -> bytes:
    try:
        value = json.loads(summary)
    except (ValueError, RecursionError):
        value = {}
    return _encoded(tree.readme_of(value if isinstance(value, dict) else {}))


def _as_it_is(bank: BankFolder, misfits: list[Misfit]) -> dict[str, bytes]:
    """Return the files that have the same format in the bank and in the tree."""
    files: dict[str, bytes] = {}
    for folder in (tree.CHECKPOINTS, tree.ARTIFACTS):
        if (bank.folder / folder).is_dir():
            below = tree_of(bank.folder / folder)
            misfits += [misfit._replace(where=folder + misfit.where) for misfit in below.misfits]
            for name in below.names:
                if (folder + name).startswith(tree.CARRIED):
                    misfits.append(
                        Misfit(folder + name, "skipped: this folder is reserved for other files of the bank")
                    )
                    continue
                try:
                    files[folder + name] = below.bytes_of(name)
                except BankError as error:
                    misfits.append(Misfit(folder + name, refusal_of(error)))
    return files


def _carried(bank: BankFolder, misfits: list[Misfit]) -> dict[str, bytes]:
    """Return the records and files that the tree has no name for; they go below its artifacts."""
    files = {tree.CARRIED + name: _bytes_of(bank, name, misfits) for name in _FILES}
    for folder in ("memories/", "groups/"):
        if (bank.folder / folder).is_dir():
            for name in tree_of(bank.folder / folder).names:
                if folder + name.partition("/")[0] not in {f"memories/{kind}" for kind in _IN_PLACE}:
                    files[f"{tree.CARRIED}{folder}{name}"] = _bytes_of(bank, folder + name, misfits)
    left = [file for file in (*bank.main_files, "workflows/") if os.path.lexists(bank.folder / file)]
    misfits += [Misfit(each, "the tree has no place for it") for each in left]
    return {name: data for name, data in files.items() if data}


def export_tree(bank: BankFolder, to: Path, *, dry_run: bool = False, overwrite: bool = False) -> ExportResult:
    """Write a bank as a tree into a folder; if any file exists with another text, nothing is written.

    Raises:
        ArtifactError: a file already exists with another text, and `overwrite` is not set.
        OutsideError: the folder is inside the bank.
        BankError: something cannot be read or written.
    """
    planned = plan_tree(bank)
    target = to.resolve()
    if target.is_relative_to(bank.folder.resolve()):
        refusal = OutsideError(path=to, why="a tree cannot be written into its own bank")
        refusal.hint = "bank export --to memory-export"
        raise refusal
    steps: list[tuple[str, bytes | None]] = []
    already = 0
    for name, data in planned.files.items():
        there = _there(target / name)
        if there == data:
            already += 1
        elif there is not None and not overwrite:
            raise ArtifactError(
                path=to / name,
                why="it already exists with another text",
                hint="name a new folder, or use --overwrite",
            )
        else:
            steps.append((name, there))
    if not dry_run:
        for folder in _FOLDERS:
            make_dirs(target / folder)
        for name, there in steps:
            _write(target / name, there, planned.files[name])
    return ExportResult(tree.FORMAT, str(to), tuple(name for name, _ in steps), already, planned.misfits, dry_run)


def _there(path: Path) -> bytes | None:
    try:
        return read(path)
    except NoFileError:
        return None


def _write(path: Path, base: bytes | None, data: bytes) -> None:
    make_dirs(path.parent)
    try:
        publish(path, base=base, new=data)
    except FileMoved:
        raise ArtifactError(path=path, why="another program wrote it in the meantime", hint="export again") from None
