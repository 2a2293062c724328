"""A record's text edited in an editor: checked against its type, then written over what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.editing.endings import in_form_of
from memorybank.document.source import Source, diff_of, is_stray, lines_of, without_eol
from memorybank.document.text import check_text
from memorybank.errors import BankError, FieldError, StaleEditError, UnsupportedTextError
from memorybank.files.write import FileMoved, delete, make_dirs, publish, read
from memorybank.ids import new_id
from memorybank.records.change import Target, target_of, with_fields
from memorybank.records.memories.memories import SavedRecord
from memorybank.records.record import parse
from memorybank.records.templates import load_types
from memorybank.records.validate import faults_of
from memorybank.store.cache import hide_state
from memorybank.store.journal.commit import commit
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_FOLDER = "open"


class EditCopy(NamedTuple):
    """A record and the copy of its text to edit; the copy is local state and stays until it is released."""

    target: Target
    path: Path
    data: bytes


def open_copy(bank: BankFolder, ident: str, way: Way, *, text: bytes | None = None) -> EditCopy:
    """Make a copy of a record's file for editing; it holds `text` instead if that is passed.

    This also works if the front matter cannot be read, so that it can be fixed.

    Raises:
        NoRecordError: no record or several match the id.
    """
    target = target_of(bank, ident, every=True, broken=True)
    data = target.source.data if text is None else text
    hide_state(bank)
    folder = bank.state / _FOLDER
    make_dirs(folder, 0o700)
    path = folder / f"{new_id('open', way.author.now(), way.author.random_bytes)}-{target.record.id[:60]}.md"
    publish(path, base=None, new=data, mode=0o600)
    return EditCopy(target, path, data)


def let_go(opened: EditCopy, *, unchanged: bool = False) -> bool:
    """Delete the copy, with `unchanged` only if nobody has edited it; return whether it is gone."""
    try:
        data = read(opened.path)
        if unchanged and data != opened.data:
            return False
        delete(opened.path, base=data)
    except (BankError, FileMoved):
        return False
    return True


def put_back(bank: BankFolder, opened: EditCopy, way: Way) -> SavedRecord | None:
    """Write the copy over the record, if that is unchanged since it was read; return None if nothing was edited.

    Raises:
        FieldError: the text is not a valid record of its type, or its id was changed.
        FrontMatterError: its front matter cannot be read.
        StaleEditError: the record changed meanwhile; the error has a diff.
        BankError: the write is refused.
    """
    target = opened.target
    source = Source(read(opened.path))
    # an editor saves line endings, byte order mark and final newline in its own form: the record keeps its own
    source = Source(target.source.to_bytes(in_form_of(target.source.text, source.text)))
    if source.data == target.source.data:
        return None
    if not source.text.strip():
        raise UnsupportedTextError(why="it is empty", hint=f"bank delete {target.record.id}")
    _check_bytes(source, target.source)
    record = parse(source.data, target.record.file, target.record.type)
    kinds = load_types(bank)
    known = {each.field for each in faults_of(target.record, kinds.get(target.record.type))}
    for fault in faults_of(record, kinds.get(record.type)):
        if fault.is_error and fault.field not in known:
            raise FieldError(field=fault.field, why=fault.why, hint=f"bank types show {record.type}")
    if record.id != target.record.id and target.record.digest:
        raise FieldError(field="id", why="the id must not change: others point to it", hint=f"bank recall {record.id}")
    # a document of the project decides about its own fields; only what was saved as a record gets a new date
    if record.created and record.updated == target.record.updated:
        source = with_fields(source, {"updated": stamp_of(way.author.now())}, record.file)
    change = target.changed(source.text)
    try:
        receipt = commit(bank, [change], "open", way)
    except StaleEditError as error:
        raise _with_diff(bank, opened, error) from error
    return SavedRecord(parse(source.data, record.file, record.type), receipt)


def _check_bytes(source: Source, before: Source) -> None:
    """Raise an error for new lines with bytes that are not UTF-8, as some editors save them, or hidden characters."""
    known = {without_eol(line) for line in lines_of(before.text)}
    for number, line in enumerate(lines_of(source.text), 1):
        if without_eol(line) in known:
            continue
        if any(map(is_stray, line)):
            raise UnsupportedTextError(why=f"line {number} is not valid UTF-8", hint="save the text as UTF-8")
        try:
            check_text(line)
        except UnsupportedTextError as error:
            error.message = error.message.replace("invalid text: ", f"invalid text: line {number}: ")
            raise


def _with_diff(bank: BankFolder, opened: EditCopy, error: StaleEditError) -> StaleEditError:
    before = opened.target
    try:
        text = Source(read(before.path)).text
    except BankError:
        return error
    return StaleEditError(
        address=before.record.file,
        expected=before.source.digest,
        digest=str(error.details["digest"]),
        diff=diff_of(before.source.text, text, bank.name_of(before.path)),
        hint=f"bank recall {before.record.id}",
    )
