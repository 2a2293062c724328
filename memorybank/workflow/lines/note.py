"""Notes: add one line to the section of its kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.contracts.contract import NONE
from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.document.edits import Append
from memorybank.document.items import plain_key, split_marker
from memorybank.document.text import check_text, one_line
from memorybank.errors import NoAnchorError, UnsupportedTextError
from memorybank.shell import command
from memorybank.store.journal.commit import FileChange, commit
from memorybank.times import day_of
from memorybank.workflow.lines.placement import FOCUS_SECTION, Placement, is_made, place_of, put_focus, put_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.contracts.contract import SectionSpec
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

DEFAULT_KIND = "learning"
SKILL = "skill"
LINE_LENGTH = 2000
# Markdown marks that have no content on their own
_MARKS = re.compile(r"(?:\[[ xX]?\]|[-*+_=~#>\s])*")
_TITLE_WORDS = 8  # words of a long text used as the title of a document
_TITLE_LENGTH = 80


def line_of(text: str, *, why: str = "", file: str = "") -> str:
    """Return a note as one line: folded, followed by its reason and its place in the code.

    Raises:
        UnsupportedTextError: the text is empty, too long, or has hidden characters.
    """
    line = one_line(check_text(text))
    while line[:2] in ("- ", "* ", "+ "):
        line = line[2:].lstrip()
    if _MARKS.fullmatch(line):
        raise UnsupportedTextError(
            why="the text is empty" if not line else "it has only Markdown marks", hint="bank note -h"
        )
    for part in (why, file):
        if part.strip():
            line = f"{line} - {one_line(check_text(part))}"
    if len(line) > LINE_LENGTH:
        raise UnsupportedTextError(
            why=f"it has {len(line)} characters; a note has at most {LINE_LENGTH}, use a document for longer texts",
            hint=command("bank research new", " ".join(line.split()[:_TITLE_WORDS])[:_TITLE_LENGTH]),
        )
    return line


def note(
    bank: BankFolder,
    text: str,
    way: Way,
    *,
    kind: str = DEFAULT_KIND,
    to: str = "",
    file: str = "",
    why: str = "",
    noted_at: Callable[[str], str] | None = None,
) -> Receipt:
    """Add one line to the section of its kind, or at an address; a missing section is added first.

    A line that has a place by `noted_at`, asked under the lock, is not written; the receipt says where it is.

    Raises:
        ContractError: no section accepts the kind.
        UnsupportedTextError: the text cannot be one line.
        BankError: the edit is refused.
    """
    line = line_of(text, why=why, file=file)
    if noted_at is None and not to and kind != SKILL and bank.layout.contracted:
        return commit(bank, _changes(bank, line, way, kind, to), "note", way)
    there: list[str] = []

    def make() -> list[FileChange]:
        # under the lock: another writer may have made the file, or just written the line
        if noted_at is not None:
            there[:] = [noted_at(line)]
        return [] if any(there) else _changes(bank, line, way, kind, to)

    receipt = commit(bank, make, "note", way)
    return receipt._replace(already=there[0]) if any(there) else receipt


def _changes(bank: BankFolder, line: str, way: Way, kind: str, to: str) -> list[FileChange]:
    if not to:
        place = place_of(bank, kind)
        change = planned(bank, place, line, kind, way)
        return _once(bank, place, line, change) if kind == SKILL else [change]
    from memorybank.store.view import address_in

    address = address_in(bank, to)
    section = address.section
    if is_made(bank, address):
        line, task = item_for(None, line, kind, way)
        return [put_line(bank, Placement(address.file, section, None), line, task=task)]
    path, name = bank.existing(address.file)
    contract = bank.contract_of(name)
    spec = contract.spec_of(section) if contract and section else None
    line, task = item_for(spec, line, kind, way)
    change = FileChange(path, (Append(section, line, item=True, task=task, in_order=True),))
    return _once(bank, Placement(name, section, spec), line, change) if spec and SKILL in spec.notes else [change]


def _once(bank: BankFolder, place: Placement, line: str, change: FileChange) -> list[FileChange]:
    """Plan a change unless an equal line already exists: a skill is listed once."""
    from memorybank.workflow.lines.find import lines_in
    from memorybank.workflow.lines.similarity import is_same
    from memorybank.workflow.skills import is_listed

    try:
        there = lines_in(bank, place.file, place.section)
    except NoAnchorError:
        there = []
    rows = [each.text for each in there]
    return [] if is_listed(rows, line) or any(is_same(row, line) for row in rows) else [change]


def planned(bank: BankFolder, place: Placement, line: str, kind: str, way: Way) -> FileChange:
    """Plan to add a line as the newest item of a place, with the date or checkbox that the section requires.

    Raises:
        BankError: the file cannot be read, or the line is a placeholder there.
    """
    line, task = item_for(place.spec, line, kind, way)
    return put_line(bank, place, line, task=task)


def item_for(spec: SectionSpec | None, line: str, kind: str, way: Way) -> tuple[str, str | None]:
    """Return the line with the date and the checkbox that its section requires."""
    _refuse_stand_in(spec, line)
    if spec is None:
        return line, " " if kind == "task" and split_marker(f"- {line}")[1] is None else None
    if spec.dated and not line.startswith("["):
        line = f"[{day_of(way.author.now())}] {line}"
    if spec.tasks and split_marker(f"- {line}")[1] is None:
        return line, "x" if kind == "done" or spec.notes == ("done",) else " "
    return line, None


def _refuse_stand_in(spec: SectionSpec | None, line: str) -> None:
    stand_ins = {plain_key(placeholder) for placeholder in (spec.placeholders if spec else (NONE,))}
    if plain_key(split_marker(f"- {line}")[2]) in stand_ins:
        # templates have words as well, "Task 1": a bank made by another tool may have them, this one need not
        told = "the placeholder of an empty section" if "[" in line else "an example in templates and counts as empty"
        why = f"{line!r} is {told}; write what it is about"
        raise UnsupportedTextError(why=why, hint="bank note -h")


def focus(bank: BankFolder, text: str, way: Way) -> Receipt:
    """Replace the current focus.

    Raises:
        UnsupportedTextError: the text is empty or has hidden characters.
    """
    line = line_of(text)
    contract = bank.contract_of(CONTRACT_FILES[0])
    _refuse_stand_in(contract.spec_of(FOCUS_SECTION) if contract else None, line)
    return commit(bank, [put_focus(bank, line)], "focus", way)
