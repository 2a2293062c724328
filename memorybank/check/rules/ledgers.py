"""The rules for what is kept line by line: no fact has the id of another, and every line of a session is a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.errors import BankError
from memorybank.records.ledgers.facts import list_pafs
from memorybank.records.sessions.messages import FOLDER, broken_lines
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.store.folder import BankFolder

SUFFIX = ".jsonl"


# the manual's pages
PAGES = {
    "paf-twin": "No two facts have one id: no command can tell which one is meant.",
    "paf-link": "A fact that was replaced names one that is there.",
    "message-line": "Each line of a session's messages is one: a crash tears the last, other programs write their own.",
}


def lint_ledgers(bank: BankFolder) -> list[Finding]:
    """Hold the facts and the messages of sessions against their rules; writes nothing."""
    return [*_paf_findings(bank), *_message_findings(bank)]


def _paf_findings(bank: BankFolder) -> Iterator[Finding]:
    try:
        pafs = list_pafs(bank)
    except BankError:
        return  # the rules for files tell what is wrong with the file
    first: dict[str, int] = {}
    for paf in pafs:
        hint = f"bank paf list --category {quoted(paf.category)}"
        if first.setdefault(paf.id, paf.line) != paf.line:
            message = f"the id {paf.id} is that of line {first[paf.id]} already: no command can tell which one is meant"
            yield Finding("paf-twin", "error", paf.file, paf.line, message, hint)
    for paf in pafs:
        if paf.replaced_by and paf.replaced_by not in first:
            message = f"{paf.id} is replaced by {paf.replaced_by}, which is not there"
            hint = f"bank paf list --category {quoted(paf.category)}"
            yield Finding("paf-link", "warning", paf.file, paf.line, message, hint)


def _message_findings(bank: BankFolder) -> Iterator[Finding]:
    folder = bank.folder / FOLDER
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []:
        session = path.name.removesuffix(SUFFIX)
        hint = f"bank session show {quoted(session)}"
        try:
            lines = broken_lines(bank, session)
        except BankError as error:
            yield Finding(error.code, "error", FOLDER + path.name, 1, error.message, error.hint)
            continue
        for number in lines:
            message = "this line is no message (a crash tore it, or a program wrote it): it is passed over"
            yield Finding("message-line", "warning", FOLDER + path.name, number, message, hint)
