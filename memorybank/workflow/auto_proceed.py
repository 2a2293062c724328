"""AUTO_PROCEED: the setting under Session Settings that passes a workflow's gates without asking.

Gates that would revert something (REVERT in their name or question) are always asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.contracts.preview import stamped
from memorybank.document.edits import Append
from memorybank.document.sections import splice
from memorybank.errors import BankError, NoAnchorError, NoFileError
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.view import address_in, find, open_document
from memorybank.times import minute_of
from memorybank.workflow.lines.placement import Placement, put_edits

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

NAME = "AUTO_PROCEED"
SECTION = "Session Settings"
FILE = CONTRACT_FILES[0]
# an item, or the line with `#` that cc10x writes; a comment or a sentence is not a setting
_LINE = re.compile(
    rf"^ {{0,3}}(?:[-*+]|#)[ \t]+[*`_]*{NAME}[*`_]*[ \t]*[:=][*`_]*[ \t]*[*`_]*(?P<value>true|false|on|off|yes|no)\b",
    re.IGNORECASE | re.MULTILINE,
)
_ON = frozenset(("true", "on", "yes"))


def is_auto(bank: BankFolder) -> bool:
    """Check whether gates pass without asking; every line with the setting must say so."""
    try:
        document = open_document(bank, FILE)
        values = [document.source.text[start:end].casefold() for start, end in _spans(bank, document)]
    except BankError:
        return False
    return bool(values) and _ON.issuperset(values)


def set_by_line(bank: BankFolder, address: str, text: str, way: Way) -> Receipt | None:
    """Set AUTO_PROCEED if a line for the settings says its value; otherwise write nothing and return None.

    A second line with another value would contradict the first one.
    """
    found = _LINE.match(f"- {text.strip().removeprefix('- ')}")
    place = address_in(bank, address) if found else None
    if found is None or place is None or place.section != SECTION:
        return None
    return set_auto(bank, way, on=found["value"].casefold() in _ON)


def set_auto(bank: BankFolder, way: Way, *, on: bool) -> Receipt:
    """Set whether gates pass without asking: change the value in its line, or add the line.

    Raises:
        RoleError: the caller is not the router.
        BankError: the file cannot be read or changed.
    """
    value = "true" if on else "false"

    def make() -> list[FileChange]:
        try:
            document = open_document(bank, FILE)
            spans = _spans(bank, document)
        except (NoFileError, NoAnchorError):
            spans = []
        if not spans:
            return [put_edits(bank, Placement(FILE, SECTION, None), (Append(SECTION, f"{NAME}: {value}", item=True),))]
        base = document.source.digest
        for start, end in reversed(spans):
            if (document.source.text[start:end].casefold() in _ON) != on:
                document = splice(document, start, end, value)
        if document.source.digest == base:
            return []
        contract = bank.contract_of(FILE)
        if contract is not None:
            document = stamped(document, contract, minute_of(way.author.now()), [])
        path, _ = bank.existing(FILE)
        return [FileChange(path, text=document.source.text, base=base)]

    return commit(bank, make, "auto proceed", way)


def _spans(bank: BankFolder, document: Document) -> list[tuple[int, int]]:
    section = find(bank, document, SECTION)
    found = _LINE.finditer(document.source.shadow, section.body, section.end)
    return [each.span("value") for each in found]


def is_asked(gate: dict[str, Any]) -> bool:
    """Check whether a gate is always asked, because it would revert something."""
    return "REVERT" in f"{gate.get('name', '')} {gate.get('question', '')}".upper()


def pass_by_setting(gate: dict[str, Any], at: str) -> None:
    """Mark a gate as passed by the setting."""
    gate |= {"status": "passed", "at": at, "why": f"{NAME} is on"}
