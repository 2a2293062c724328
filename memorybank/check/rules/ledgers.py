"""The rules for files kept line by line: facts have unique ids, and every line of a session is a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.errors import BankError
from memorybank.records.ledgers.fact_list import list_pafs
from memorybank.records.sessions.messages import FOLDER, broken_lines
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.store.folder import BankFolder

SUFFIX = ".jsonl"


# the manual's pages
PAGES = {
    "paf-twin": "No two facts have the same id: a command could not know which one is meant.",
    "paf-link": "A replaced fact names an existing fact.",
    "message-line": "Each line of a session's messages is valid: a crash or another program can leave a broken line.",
}


def lint_ledgers(bank: BankFolder) -> list[Finding]:
    """Check the facts and the messages of sessions; write nothing."""
    return [*_paf_findings(bank), *_message_findings(bank)]


def _paf_findings(bank: BankFolder) -> Iterator[Finding]:
    try:
        pafs = list_pafs(bank)
    except BankError:
        return  # the rules for files report what is wrong with the file
    first: dict[str, int] = {}
    for paf in pafs:
        hint = f"bank paf list --category {quoted(paf.category)}"
        if first.setdefault(paf.id, paf.line) != paf.line:
            message = f"line {first[paf.id]} already has the id {paf.id}: commands cannot know which one is meant"
            yield Finding("paf-twin", "error", paf.file, paf.line, message, hint)
    for paf in pafs:
        if paf.replaced_by and paf.replaced_by not in first:
            message = f"{paf.id} is replaced by {paf.replaced_by}, which does not exist"
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
            message = "this line is not a message (cut by a crash, or written by another program): it is skipped"
            yield Finding("message-line", "warning", FOLDER + path.name, number, message, hint)
