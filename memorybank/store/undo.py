"""Undo: a plan like any other, made from the journal, refused when the lines changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.anchors import fragment_of
from memorybank.document.items import plain_key, split_marker
from memorybank.document.receipt import is_stamp
from memorybank.document.sections import Change, Document, outline
from memorybank.document.source import Source, diff_of, lines_of, without_eol
from memorybank.document.write import read, remove_empty_dirs, resolve
from memorybank.errors import NoFileError, NoRecordError, StaleEditError
from memorybank.shell import quoted
from memorybank.store.commit import FileChange, Way, commit
from memorybank.store.journal import Operation, changes_of, find_operation, read_operations
from memorybank.store.recover import reverse, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import FileReceipt, Receipt
    from memorybank.store.bank import Bank


class Undone(NamedTuple):
    """The operation that was taken back, and the receipt of taking it back."""

    undone: str
    receipt: Receipt


def undo(bank: Bank, ident: str, way: Way) -> Undone:
    """Take an operation back: the last one, or the one named; an undo is an operation too and can be undone.

    A file that is as the operation left it gets its old bytes. In a file edited since, the operation's own lines
    are looked for and changed back, the rest stays.

    Raises:
        NoRecordError: there is no such operation, or what was kept of it is gone.
        StaleEditError: its lines are not there any more as it left them.
    """
    operations = [each for each in read_operations(bank) if state_of(bank, each) == "done"]
    if not operations:
        raise NoRecordError(ident=ident or "the last one")
    operation = find_operation(operations, ident) if ident else operations[-1]
    changes = [_change(bank, operation, number, receipt) for number, receipt in enumerate(operation.receipt.files)]
    receipt = commit(bank, changes[::-1], f"undo {operation.id}", way, undoes=operation.id)
    for change in changes if not way.dry_run else ():
        if change.gone:
            remove_empty_dirs(change.path.parent, bank.roots)
    return Undone(operation.id, receipt)


def _change(bank: Bank, operation: Operation, number: int, receipt: FileReceipt) -> FileChange:
    path, name = bank.place_of(receipt.file)
    changes = changes_of(bank, operation, number)
    try:
        source = Source(read(resolve(path, bank.roots)))
    except NoFileError:
        if receipt.after:
            raise _stale(operation, name, "", "the file is gone") from None
        return FileChange(path, name, text="".join(each.old for each in changes))
    if not receipt.after:
        raise _stale(operation, name, source.digest, "the file is there again")
    if not receipt.before:
        if source.digest != receipt.after:
            diff = diff_of("".join(each.new for each in changes), source.text, name)
            raise _stale(operation, name, source.digest, diff)
        return FileChange(path, name, base=source.digest, gone=True)
    text = reverse(source.text, changes) if source.digest == receipt.after else None
    if text is None:
        text = _where_they_moved(bank, operation, source, name, receipt, changes)
    return FileChange(path, name, text=text, base=source.digest)


def _stale(operation: Operation, name: str, digest: str, diff: str) -> StaleEditError:
    return StaleEditError(
        address=name,
        expected=f"what {operation.id} left",
        digest=digest or "no file",
        diff=diff,
        hint=f"bank history {quoted(name)}",
    )


def _where_they_moved(
    bank: Bank,
    operation: Operation,
    source: Source,
    name: str,
    receipt: FileReceipt,
    changes: Sequence[Change],
) -> str:
    contract = bank.contract_of(name)
    contracted = contract is not None
    stand_ins = {plain_key(each) for spec in (contract.sections if contract else ()) for each in spec.placeholders}
    document = outline(source, name, contract=contracted)
    sections = [fragment_of(address) for address, _ in receipt.sections]
    text = source.text
    for change in reversed(changes):
        if is_stamp(change) and len(changes) > 1:
            continue
        moved = _put_back(document, text, change, sections, stand_ins)
        if moved is None:
            raise _stale(operation, name, source.digest, _lost(change, name))
        text = moved
    after = outline(Source(source.to_bytes(text)), name, contract=contracted)
    gained = sum(_heading_count(each.old) - _heading_count(each.new) for each in changes)
    if len(after.headings) - len(document.headings) != gained or (after.unterminated and not document.unterminated):
        raise _stale(operation, name, source.digest, "the lines around it changed its structure")
    return text


def _lost(change: Change, name: str) -> str:
    # what the operation had written, and that it is not found: the reader sees which lines to look for
    return diff_of(change.new, "", name) if change.new else diff_of("", change.old, name)


def _heading_count(text: str) -> int:
    return len(outline(Source(text.encode("utf-8", "surrogateescape"))).headings)


def _put_back(
    document: Document, text: str, change: Change, sections: Sequence[str], stand_ins: set[str]
) -> str | None:
    """Change the operation's own lines back where they stand now; None when they are not found, or more than once."""
    needle = change.new or change.above
    places = _places(text, needle)
    if len(places) > 1:
        spans = [
            each.span for each in document.sections[1:] if each.name in sections or document.path_of(each) in sections
        ]
        # offsets of the document are good as long as no change went before; a miss only refuses
        places = [at for at in places if any(span.start <= at < span.end for span in spans)]
    if len(places) != 1:
        return None
    at = places[0]
    if change.new:
        before, after = text[:at], text[at + len(needle) :]
        # a placeholder came with an empty section; beside entries made since it would only lie
        is_idle = _beside(before, after) and all(
            plain_key(split_marker(without_eol(line))[2]) in stand_ins for line in lines_of(change.old)
        )
        return before + ("" if is_idle else change.old) + after
    return text[: at + len(needle)] + change.old + text[at + len(needle) :]


def _beside(before: str, after: str) -> bool:
    """Tell whether a line with words stands right above or below."""
    above, below = lines_of(before[-4096:])[-1:], lines_of(after[:4096])[:1]
    return any(line.strip() and not line.lstrip().startswith("#") for line in (*above, *below))


def _places(text: str, needle: str) -> list[int]:
    """Find where whole lines stand in a text."""
    if not needle:
        return []
    places, at = [], text.find(needle)
    while at >= 0:
        end = at + len(needle)
        if (at == 0 or text[at - 1] in "\r\n") and (end == len(text) or needle[-1] in "\r\n" or text[end] in "\r\n"):
            places.append(at)
        at = text.find(needle, at + 1)
    return places
