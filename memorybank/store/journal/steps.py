"""Steps: the new text of each file of an operation, computed from the current one. Writes nothing."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.receipt import FileReceipt
from memorybank.document.sections import Document, outline
from memorybank.document.source import Source, diff_of, digest_of
from memorybank.document.trail import changes_between
from memorybank.errors import (
    ArtifactError,
    EncodingRefusedError,
    NoFileError,
    OutsideError,
    SecretError,
    StaleEditError,
)
from memorybank.files.write import read, resolve, settle
from memorybank.shell import quoted
from memorybank.store.folder import MARKDOWN
from memorybank.store.journal.log import lines_written, read_operations
from memorybank.store.journal.recover import texts_before
from memorybank.times import minute_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from memorybank.document.order import ListOrder
    from memorybank.document.sections import Splice
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.journal.log import Operation
    from memorybank.store.way import Way


_ARCHIVE = "archive/"
# operations of a file whose texts a stale edit is compared with: what was read longer ago is read again
_RECENT = 50


class Step(NamedTuple):
    """One file of an operation: its real path, its bytes now (None: no file), its bytes afterwards, and the receipt.

    `change` is the requested change; it is applied again if another program saved the file meanwhile.
    """

    change: FileChange
    path: Path
    base: bytes | None
    new: bytes | None
    receipt: FileReceipt


def step_of(bank: BankFolder, change: FileChange, way: Way, now: datetime, recent: list[Operation] | None) -> Step:
    """Return the result of a change for its file.

    `recent` are the last operations, None if they were not read; they know the last size of the file.

    Raises:
        BankError: the edits, the contract or the disk refuse the change.
    """
    path = resolve(change.path, bank.roots)
    if change.text is not None or change.gone:
        return _whole(bank, path, change, way)
    # a file that is written whole, such as a record, needs none of this
    from memorybank.contracts.preview import preview
    from memorybank.document.editing.verify import refuse_second_ids

    name = bank.name_of(change.path)
    if path.suffix.casefold() not in MARKDOWN:
        raise OutsideError(path=name, why="it is not a Markdown file")
    try:
        data = read(path)
    except NoFileError:
        raise NoFileError(path=name) from None
    contract = bank.contract_of(name)
    data = _settled(
        path, data, 0 if way.options.accept_shrunk else _last_size(recent, name), known=contract is not None
    )
    before = outline(Source(data), name, contract=contract is not None)
    habit = _habit(bank, name, change, recent)
    try:
        stamp = minute_of(now)
        result = preview(before, change.edits, contract=contract, stamp=stamp, force=way.options.force, habit=habit)
    except StaleEditError as error:
        raise _with_diff(bank, before, error) from error
    if result.healed and not way.options.accept_shrunk:
        _refuse_lost(bank, name, data)
    after = result.after
    # the archive takes what it is given: a line may come back to its file, and leave it again
    if not name.startswith(_ARCHIVE):
        refuse_second_ids(before, after)
    new = after.source.data
    diff = diff_of(before.source.text, after.source.text, name) if way.options.dry_run else ""
    sections = tuple((str(address), _digest_at(after, address.section)) for address in result.addresses)
    receipt = FileReceipt(
        name,
        before.source.digest,
        after.source.digest,
        len(new),
        sections,
        result.healed,
        after.trail,
        diff,
        merges_in(after),
    )
    return Step(change, path, data, new, receipt)


def _refuse_lost(bank: BankFolder, name: str, data: bytes) -> None:
    """Raise an error instead of restoring the sections of a file that lost its text: that would hide the loss."""
    from memorybank.store.manage.lost_text import find_lost

    lost = find_lost(bank, name, data)
    if lost is not None:
        hint = f"restore the last text: {lost.way_back}; if the loss is intended, add --accept-shrunk"
        raise EncodingRefusedError(path=name, why=lost.why, hint=hint)


def _habit(bank: BankFolder, name: str, change: FileChange, recent: list[Operation] | None) -> ListOrder | None:
    """Return the known order of lists, for an edit that keeps the order."""
    from memorybank.document.edits import Append
    from memorybank.document.order import ListOrder

    if not any(isinstance(edit, Append) and edit.in_order for edit in change.edits):
        return None
    if recent is None:
        recent = read_operations(bank, tail=True)
    return ListOrder(lines_written(recent, name), lambda: _order_of_others(bank))


def _order_of_others(bank: BankFolder) -> bool | None:
    from memorybank.store.list_order import order_of_others

    return order_of_others(bank)


def _digest_at(document: Document, name: str) -> str:
    from memorybank.document.addresses import find_sections

    found = find_sections(document, name) if name else []
    return document.digest_of(found[0]) if len(found) == 1 else document.source.digest


def _whole(bank: BankFolder, path: Path, change: FileChange, way: Way) -> Step:
    name = bank.name_of(change.path)
    try:
        data = read(path)
    except NoFileError:
        data = None
    digest = digest_of(data) if data is not None else ""
    if digest != change.base:
        if data is not None and not change.base:
            raise ArtifactError(path=name, why="it already exists", hint=f"bank show {quoted(name)}")
        raise StaleEditError(
            address=name,
            expected=change.base or "no file",
            digest=digest or "no file",
            hint=f"bank history {quoted(name)}",
        )
    old = Source(data or b"")
    text = "" if change.gone else change.text or ""
    whole = text.encode("utf-8", "surrogateescape") if change.whole or not data else old.to_bytes(text)
    new = None if change.gone else whole
    diff = diff_of(old.text, text, name) if way.options.dry_run else ""
    if change.gone:
        # a deleted file comes back as a new file, with its byte order mark
        trail = changes_between(old.whole, "")
    elif data is None or Source(whole).bom == old.bom:
        trail = _trail(bank, name, old, text if data is None else Source(whole).text)
    else:
        trail = changes_between(old.whole, text)
    after = digest_of(new) if new is not None else ""
    merges: tuple[tuple[int, int], ...] = ()
    if data and new and path.suffix.casefold() in MARKDOWN and (b"<<<<<<<" in data or b">>>>>>>" in data):
        from memorybank.document.conflicts import check_whole

        before, later = (outline(each, name) for each in (old, Source(new)))
        if not change.merged:
            check_whole(before, later)
        merges = merges_in(later)
    receipt = FileReceipt(name, digest, after, len(new or b""), ((name, after),), (), trail, diff, merges)
    return Step(change, path, data, new, receipt)


def merges_in(document: Document) -> tuple[tuple[int, int], ...]:
    """Return the first and last lines of each unresolved merge."""
    from memorybank.document.conflicts import find_conflicts

    return tuple((conflict.first, conflict.last) for conflict in find_conflicts(document))


def _trail(bank: BankFolder, name: str, old: Source, text: str) -> tuple[Splice, ...]:
    if not old.text or not text or not name.endswith(MARKDOWN):
        return changes_between(old.text, text)
    from memorybank.contracts.change_marks import trail_between

    return trail_between(old, text, name, bank.contract_of(name))


def _settled(path: Path, data: bytes, size: int | None, *, known: bool) -> bytes:
    """Wait until a save in progress has finished; an empty file we never wrote and without contract is accepted."""
    try:
        return settle(path, data, size)
    except EncodingRefusedError:
        if size is None and not known and not read(path):
            return b""
        raise


def _last_size(recent: list[Operation] | None, name: str) -> int | None:
    """Return the file's size after our last write, so that an emptied file is not mistaken for a small one."""
    for operation in reversed(recent or []):
        for file in operation.receipt.files:
            if file.file == name and operation.state != "aborted":
                return file.size
    return None


def _with_diff(bank: BankFolder, document: Document, error: StaleEditError) -> StaleEditError:
    """Return the error with a diff since the caller read the text, if the journal still knows that text."""
    from memorybank.document.addresses import find_sections, fragment_of

    name = fragment_of(error.where)
    now = find_sections(document, name) if name else []
    expected = str(error.details["expected"])
    text_now = document.source.text[slice(*now[0].span)] if now else document.source.text
    for text in chain(texts_before(bank, document), _recent_texts(bank, document)):
        old = outline(Source(document.source.to_bytes(text)), document.path, contract=document.contract)
        found = find_sections(old, name) if name else []
        if old.source.digest == expected or any(old.digest_of(each) == expected for each in found):
            text_then = old.source.text[slice(*found[0].span)] if found else old.source.text
            diff = diff_of(text_then, text_now, document.path)
            return StaleEditError(
                address=error.where, expected=expected, digest=str(error.details["digest"]), diff=diff
            )
    return error


def _recent_texts(bank: BankFolder, document: Document) -> Iterator[str]:
    """Yield the kept texts of a file around its last operations, also if someone else wrote in between."""
    from memorybank.store.journal.timeline import Timeline

    timeline = Timeline(bank, document.path, read_operations(bank), document.source.data)
    # oldest first: each text is then made from the one before it
    for link in timeline.links[-_RECENT:]:
        for digest in (link.receipt.before, link.receipt.after):
            text = timeline.text_of(digest)
            if text:
                yield text


def without_secrets(steps: Sequence[Step], verb: str, way: Way) -> str:
    """Raise an error if the change adds a secret; return the verb, to which the allowed secret rules are added."""
    from memorybank.secrets.scan import find_secrets

    allowed: list[str] = []
    # text that is only moved, for example into the archive, is in the bank already
    moved = "\n".join((each.base or b"").decode("utf-8", "replace") for each in steps if each.new is None)
    for step in steps:
        for change in step.receipt.changes:
            for each in find_secrets(change.new):
                secret = change.new[each.start : each.end]
                if secret in change.old or secret in moved:
                    continue
                if each.rule not in way.options.allow_secrets:
                    text = f"the new text in {step.receipt.file}"
                    raise SecretError(rule=each.rule, line=each.line, text=text)
                allowed.append(each.rule)
    return f"{verb} (allowed: {', '.join(sorted(set(allowed)))})" if allowed else verb


def links_cut(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the links in the files that lost their target; most operations move none and return early."""
    told = [step for step in steps if step.receipt.file.endswith(MARKDOWN) and step.receipt.changes]
    if not any(sign in change.old + change.new for each in told for change in each.receipt.changes for sign in "[<"):
        return ()
    if len(told) == 1 and not any("]:" in change.old for change in told[0].receipt.changes):
        return ()
    from memorybank.document.links import MovedFile, lost_links

    return lost_links(
        [
            MovedFile(
                each.receipt.file,
                each.path.parent.as_posix(),
                Source(each.base or b"").text,
                Source(each.new or b"").text,
                "\n".join(change.old for change in each.receipt.changes),
                "\n".join(change.new for change in each.receipt.changes),
            )
            for each in told
        ]
    )
