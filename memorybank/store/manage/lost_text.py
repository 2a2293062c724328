"""Lost text: a memory file that another program emptied, cut short or deleted, and the last text it held."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import find_named
from memorybank.document.items import plain_key, split_marker
from memorybank.document.sections import key_of, outline
from memorybank.document.source import Source, digest_of, lines_of
from memorybank.files.read import TINY_PART, implausible
from memorybank.shell import quoted
from memorybank.store.journal.log import read_operations
from memorybank.store.journal.timeline import Timeline

if TYPE_CHECKING:
    from memorybank.contracts.contract import Contract
    from memorybank.document.sections import Document
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation


class LostText(NamedTuple):
    """A file that lost its text, and the reason to think so; the last kept text ("" for none) and its operation."""

    file: str
    why: str
    text: str
    operation: str

    @property
    def way_back(self) -> str:
        """The command that restores the last text, or that searches git for it if bank has none."""
        return f"bank restore {quoted(self.file)}" if self.operation else f"git log -p -- {quoted(self.file)}"


def find_lost(bank: BankFolder, name: str, data: bytes | None) -> LostText | None:
    """Return what a file lost since the last operation that wrote it. `data` are its bytes now, None for no file.

    None if nothing is lost: the journal only knows the file's template, or the file is about as long as before.
    """
    operations = _of(bank, name)
    last = next((file for op in reversed(operations) for file in op.receipt.files if file.file == name), None)
    if last is None and data is not None and implausible(data, None):
        return LostText(name, implausible(data, None), "", "")
    if last is None or not last.size or (data is not None and digest_of(data) == last.after):
        return None
    if not last.before and operations[-1].receipt.verb == "init":
        return None
    why = "it was deleted" if data is None else implausible(data, last.size)
    if not why and data is not None and not data.strip(b"\0 \t\r\n"):
        why = "it is empty but had text before"
    if not why and data is not None and len(data) * TINY_PART < last.size:
        why = f"it has {len(data)} bytes but had {last.size} before"
    return LostText(name, why, *_last_kept(bank, name)) if why else None


def _last_kept(bank: BankFolder, name: str) -> tuple[str, str]:
    found = Timeline(bank, name, _of(bank, name), None).last_kept()
    return ("", "") if found is None else (Source(found[1]).text, found[0].id)


def lost_sections(bank: BankFolder, document: Document, contract: Contract) -> dict[str, int]:
    """Return the sections that are missing with all their text, by name, with the number of lines they had."""
    missing = [
        section for section in contract.sections if section.kind != "stamp" and not find_named(document, section.name)
    ]
    line = Timeline(bank, document.path, _of(bank, document.path), document.source.data) if missing else None
    now = {key_of(line) for line in lines_of(document.source.text)} if missing else set()
    gone: dict[str, int] = {}
    for text in line.edited_texts() if line is not None else ():
        before = outline(Source(text.encode("utf-8", "surrogateescape")), document.path, contract=True)
        there = [spec for spec in missing if find_named(before, spec.name)]
        missing = [spec for spec in missing if spec not in there]
        for spec in there:
            known = {plain_key(placeholder) for placeholder in spec.placeholders}
            lines = [each for found in find_named(before, spec.name) for each in lines_of(before.text_of(found))]
            said = [each for each in lines if each.strip() and plain_key(split_marker(each.strip())[2]) not in known]
            if said and not any(key_of(each) in now for each in said):
                gone[spec.name] = len(said)
        if not missing:
            break
    return gone


def _of(bank: BankFolder, name: str) -> list[Operation]:
    return [
        operation
        for operation in read_operations(bank)
        if operation.state == "done" and any(file.file == name for file in operation.receipt.files)
    ]
