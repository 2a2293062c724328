"""Notes: one line into the section where its kind belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import CLINE_NOTES, CONTRACT_FILES
from memorybank.document.anchors import find_sections, near, parse_address
from memorybank.document.edits import Append, Replace
from memorybank.document.items import split_marker
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.document.text import check_text, one_line
from memorybank.document.write import read, resolve
from memorybank.errors import ContractError, NoAnchorError, UnsupportedTextError
from memorybank.shell import quoted
from memorybank.store.commit import FileChange, Way, commit

if TYPE_CHECKING:
    from memorybank.contracts.schema import SectionSpec
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank

DEFAULT_KIND = "learning"
LINE_LENGTH = 2000
_TITLE_WORDS, _TITLE_LENGTH = 8, 80  # of a long text, what can name a document


class Place(NamedTuple):
    """Where a kind of note goes in this bank; `spec` is None where no contract says so."""

    file: str
    section: str
    spec: SectionSpec | None


def kinds_of(bank: Bank) -> dict[str, str]:
    """Give every kind of note that this bank takes, with the address it goes to."""
    if not bank.layout.contracted:
        return {kind: f"{file}#{names[0]}" for kind, (file, names) in CLINE_NOTES.items()}
    kinds = {}
    for file in CONTRACT_FILES:
        contract = bank.contract_of(file)
        for spec in contract.sections if contract else ():
            kinds.update(dict.fromkeys(spec.notes, f"{file}#{spec.name}"))
    return kinds


def place_of(bank: Bank, kind: str, *, text: str = "") -> Place:
    """Say where a kind of note goes; `text` is what is to be noted, for the advice when none takes it.

    Raises:
        ContractError: no contract takes that kind; the kinds it could be are told.
    """
    if not bank.layout.contracted and kind in CLINE_NOTES:
        return _foreign_place(bank, kind)
    for file in CONTRACT_FILES:
        contract = bank.contract_of(file)
        for spec in contract.sections if contract else ():
            if kind in spec.notes:
                return Place(file, spec.name, spec)
    kinds = sorted(kinds_of(bank))
    close = near(kind, kinds)
    hint = f"kinds are {', '.join(kinds)}"
    if close:
        # a long text is not said again
        again = f"bank note {quoted(text)}" if 0 < len(text) <= _TITLE_LENGTH else "say"
        hint = f"{again} --as {close[0]}"
    raise ContractError(address=kind, why=f"there is no kind of note {kind!r}", hint=hint)


def _foreign_place(bank: Bank, kind: str) -> Place:
    file, names = CLINE_NOTES[kind]
    path, name = bank.existing(file)
    document = outline(Source(read(resolve(path, bank.roots))), name)
    for each in names:
        if len(find_sections(document, each)) == 1:
            return Place(file, each, None)
    raise NoAnchorError(
        file=name,
        section=names[0],
        near=near(names[0], [each.name for each in document.sections[1:]]),
        command=f"bank note --to '{name}#SECTION' …",
    )


def line_of(text: str, *, why: str = "", file: str = "") -> str:
    """Make one line of a note: folded, with its reason and its place in the code behind it.

    Raises:
        UnsupportedTextError: there is no text, too much of it, or characters that nobody sees.
    """
    line = one_line(check_text(text))
    if line[:2] in ("- ", "* ", "+ "):
        line = line[2:].lstrip()
    if not line:
        raise UnsupportedTextError(why="there is none", hint="bank note -h")
    for part in (why, file):
        if part:
            line = f"{line} - {one_line(check_text(part))}"
    if len(line) > LINE_LENGTH:
        raise UnsupportedTextError(
            why=f"it has {len(line)} characters; a note is one line of at most {LINE_LENGTH}, a document holds more",
            hint=f"bank research new {quoted(' '.join(line.split()[:_TITLE_WORDS])[:_TITLE_LENGTH])}",
        )
    return line


def note(
    bank: Bank, text: str, way: Way, *, kind: str = DEFAULT_KIND, to: str = "", file: str = "", why: str = ""
) -> Receipt:
    """Put one line where its kind belongs, or at an address; a section that is missing there is put back first.

    Raises:
        ContractError: no section takes the kind.
        UnsupportedTextError: the text cannot be one line.
        BankError: whatever the edit refuses.
    """
    line = line_of(text, why=why, file=file)
    task: str | None = None
    if to:
        address = parse_address(to)
        path, name = bank.existing(address.file)
        section = address.section
        contract = bank.contract_of(name)
        spec = contract.spec_of(section) if contract and section else None
    else:
        place = place_of(bank, kind, text=text)
        path, name = bank.existing(place.file)
        section, spec = place.section, place.spec
    if spec is not None:
        if spec.dated and not line.startswith("["):
            line = f"[{way.now():%Y-%m-%d}] {line}"
        if spec.tasks and split_marker(f"- {line}")[1] is None:
            task = "x" if kind == "done" or spec.notes == ("done",) else " "
    edit = Append(section, line, item=True, task=task)
    return commit(bank, [FileChange(path, name, (edit,))], "note", way)


def focus(bank: Bank, text: str, way: Way) -> Receipt:
    """Say what matters now: the current focus is replaced.

    Raises:
        UnsupportedTextError: there is no text, or characters that nobody sees.
    """
    line = line_of(text)
    path, name = bank.existing(CONTRACT_FILES[0])
    return commit(bank, [FileChange(path, name, (Replace("Current Focus", line),))], "focus", way)
