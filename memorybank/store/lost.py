"""Lost text: a memory file that something else than bank emptied, cut short or deleted, and what it last held."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.anchors import find_named
from memorybank.document.items import plain_key, split_marker
from memorybank.document.reading import TINY_PART, implausible
from memorybank.document.sections import key_of, outline
from memorybank.document.source import BOM, Source, digest_of, lines_of
from memorybank.errors import NoRecordError
from memorybank.store.journal import changes_of, read_operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.contracts.schema import Contract
    from memorybank.document.sections import Change, Document
    from memorybank.store.bank import Bank
    from memorybank.store.journal import Operation


class Lost(NamedTuple):
    """A file that lost its text, and why that is thought; the last text that is kept ("" for none), its operation."""

    file: str
    why: str
    text: str
    operation: str

    def to_wire(self) -> dict[str, object]:
        """Return what `--json` shows."""
        return self._asdict()


def find_lost(bank: Bank, name: str, data: bytes | None) -> Lost | None:
    """Return what a file lost since the last operation that wrote it; `data` are its bytes now, None for no file.

    None where nothing is missed: the journal knows nothing of it but the template, or it is about as long as it was.
    """
    operations = _of(bank, name)
    last = next((each for op in reversed(operations) for each in op.receipt.files if each.file == name), None)
    if last is None or not last.size or (data is not None and digest_of(data) == last.after):
        return None
    if not last.before and operations[-1].receipt.verb == "init":
        return None
    why = "it was deleted" if data is None else implausible(data, last.size)
    if not why and data is not None and not data.strip(b"\0 \t\r\n"):
        why = "it is empty where text was"
    if not why and data is not None and len(data) * TINY_PART < last.size:
        why = f"it holds {len(data)} bytes where {last.size} were"
    return Lost(name, why, *_last_text(bank, name, operations)) if why else None


def last_text(bank: Bank, name: str) -> str:
    """Return the last text of a file that the journal can tell, "" for none."""
    return _last_text(bank, name, _of(bank, name))[0]


def lost_sections(bank: Bank, document: Document, contract: Contract) -> dict[str, int]:
    """Return the sections that are missing with all they held, by their names, and how many lines that were."""
    names = [each for each in contract.sections if each.kind != "stamp" and not find_named(document, each.name)]
    text = last_text(bank, document.path) if names else ""
    if not text:
        return {}
    before = outline(Source(text.encode("utf-8", "surrogateescape")), document.path, contract=True)
    now = {key_of(line) for line in lines_of(document.source.text)}
    gone = {}
    for spec in names:
        known = {plain_key(each) for each in spec.placeholders}
        lines = [line for each in find_named(before, spec.name) for line in lines_of(before.text_of(each))]
        said = [line for line in lines if line.strip() and plain_key(split_marker(line.strip())[2]) not in known]
        if said and not any(key_of(line) in now for line in said):
            gone[spec.name] = len(said)
    return gone


def _of(bank: Bank, name: str) -> list[Operation]:
    return [
        each
        for each in read_operations(bank)
        if each.state == "done" and any(file.file == name for file in each.receipt.files)
    ]


def _last_text(bank: Bank, name: str, operations: Sequence[Operation]) -> tuple[str, str]:
    """Make the text again, from the operation that made the file; where a hand edited it between, up to there."""
    text: str | None = None
    found = ("", "")
    for operation in operations:
        for number, receipt in enumerate(operation.receipt.files):
            if receipt.file != name:
                continue
            try:
                changes = changes_of(bank, operation, number)
            except NoRecordError:
                text = None
                continue
            if not receipt.before:
                text = "".join(each.new for each in changes).removeprefix("\ufeff")
            elif text is not None:
                text = _forward(text, changes) if _is(text, receipt.before) else None
            if text and receipt.after:
                found = (text, operation.id)
    return found


def _forward(text: str, changes: Sequence[Change]) -> str | None:
    for each in changes:
        end = each.start + len(each.old)
        if text[each.start : end] != each.old:
            return None
        text = text[: each.start] + each.new + text[end:]
    return text


def _is(text: str, digest: str) -> bool:
    data = text.encode("utf-8", "surrogateescape")
    return digest in (digest_of(data), digest_of(BOM + data))
