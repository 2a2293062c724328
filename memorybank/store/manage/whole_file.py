"""A whole file edited at once: what changed becomes edits of its sections, so that other changes meanwhile stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.addresses import section_names
from memorybank.document.editing.endings import in_form_of
from memorybank.document.edits import Replace
from memorybank.document.items import body_end
from memorybank.document.sections import outline
from memorybank.document.source import Source, diff_of, lines_of
from memorybank.document.text import check_text
from memorybank.errors import ContractError, StaleEditError, UnsupportedTextError
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.view import markdown_of, open_document

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_CONTRACT_LEVEL = 2


def replace_file(bank: BankFolder, before: Document, text: str, way: Way) -> Receipt:
    """Write the new text of a file over the one that was read.

    A file with a contract keeps its headings. If the headings are the same, each changed section is one edit that
    expects the section as it was read; otherwise the whole file must still be as it was read. Line endings, the byte
    order mark and the final newline stay as the file has them.

    Raises:
        ContractError: a heading of a file with a contract changed, or a section that only grows was emptied.
        StaleEditError: what the text changes was changed meanwhile; the error has the diff.
        BankError: the text or the write is refused.
    """
    text = in_form_of(before.source.text, text)
    _check_lines(before, text)
    path, name = markdown_of(bank, before.path), before.path
    after = outline(Source(before.source.to_bytes(text)), name, contract=before.contract)
    fault = _headings_differ(before, after)
    if fault and before.contract:
        hint = f"keep the headings of {name}: bank outline {quoted(name)}"
        raise ContractError(address=name, why=f"its headings are fixed, and {fault}", hint=hint)
    if fault:
        try:
            return commit(bank, [FileChange(path, text=text, base=before.source.digest)], "edit file", way)
        except StaleEditError as error:
            raise _with_diff(bank, before, error) from error
    edits = _edits(bank, before, after)
    # a section that only grows may be rewritten as it was read, but not emptied
    force = all(edit.text.strip() for edit in edits)
    return commit(bank, [FileChange(path, edits)], "edit file", way._replace(options=way.options._replace(force=force)))


def _edits(bank: BankFolder, before: Document, after: Document) -> tuple[Replace, ...]:
    contract = bank.contract_of(before.path)
    stamps = {spec.name for spec in contract.sections if spec.kind == "stamp"} if contract else set()
    changed = []
    for old, new, name in zip(_sections(before), _sections(after), _names(before), strict=True):
        text = _own(after, new)
        if text != _own(before, old):
            changed.append((old.name in stamps, Replace(name, text, before.digest_of(old), nested=True)))
    # the date of the last update is set with every edit: what was typed there counts only if nothing else changed
    edits = [edit for is_stamp, edit in changed if not is_stamp] or [edit for _, edit in changed]
    return tuple(edits)


def _headings_differ(before: Document, after: Document) -> str:
    """Return what is different in the headings, or in the text above them; "" if nothing is."""
    old, new = ([_heading(document, each) for each in _sections(document)] for document in (before, after))
    if old != new:
        gone = next((each for each in old if each not in new), "")
        more = next((each for each in new if each not in old), "")
        both = f"{gone.strip()!r} became {more.strip()!r}" if gone and more else ""
        one = f"{gone.strip()!r} is gone" if gone else f"{more.strip()!r} was added"
        return both or (one if gone or more else "their order changed")
    return "" if _top(before) == _top(after) else "the text above the first heading changed"


def _sections(document: Document) -> list[Section]:
    return [each for each in document.sections[1:] if not document.contract or each.level <= _CONTRACT_LEVEL]


def _names(document: Document) -> list[str]:
    pairs = zip(document.sections[1:], section_names(document), strict=True)
    return [name for each, name in pairs if not document.contract or each.level <= _CONTRACT_LEVEL]


def _heading(document: Document, section: Section) -> str:
    return document.source.text[section.start : section.body]


def _own(document: Document, section: Section) -> str:
    return document.source.text[section.body : body_end(document, section)]


def _top(document: Document) -> str:
    return document.source.text[: document.sections[1].start] if len(document.sections) > 1 else document.source.text


def _with_diff(bank: BankFolder, before: Document, error: StaleEditError) -> StaleEditError:
    now = open_document(bank, before.path).source
    return StaleEditError(
        address=before.path,
        expected=before.source.digest,
        digest=str(error.details["digest"]),
        diff=diff_of(before.source.text, now.text, before.path),
        hint=f"bank show {quoted(before.path)}",
    )


def _check_lines(before: Document, text: str) -> None:
    """Raise an error for a new line with a hidden character or bytes that are not UTF-8."""
    known = set(lines_of(before.source.text))
    for number, line in enumerate(lines_of(text), 1):
        if line in known:
            continue
        try:
            check_text(line)
        except UnsupportedTextError as error:
            error.message = error.message.replace("invalid text: ", f"invalid text: line {number}: ")
            raise
