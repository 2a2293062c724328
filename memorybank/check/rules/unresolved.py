"""Unresolved merges in files without a contract: records, their front matter, and files of JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.contracts.layouts import BANK_FOLDERS
from memorybank.document.conflicts import find_conflicts, lines_told
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import BankError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memorybank.store.folder import BankFolder

RULE = "conflict-marker"
_MARK = "<<<<<<<"
_JSON = (".json", ".jsonl")
# what users and agents put there has no form of ours
_NOT_OURS = frozenset(("artifacts", "memory-tool", "templates"))
# what other rules report about a file because markers are in it
_CONSEQUENCES = frozenset(
    ("front-matter", "message-line", "record-type", "record-field", "record-id", "record-twin", "paf-twin")
)


def merges_in(file: str, source: Source) -> list[Finding]:
    """Return the unresolved merges of a file."""
    if _MARK not in source.text:
        return []
    try:
        found = find_conflicts(outline(source, file))
    except BankError:
        return []
    return [
        Finding(
            RULE,
            "error",
            file,
            each.first,
            f"an unresolved merge on {lines_told([(each.first, each.last)])}",
            f"bank merge {quoted(file)}",
        )
        for each in found
    ]


def merges_beside(bank: BankFolder, broken: Sequence[str]) -> list[Finding]:
    """Return the unresolved merges in files of JSON, and in records that cannot be read."""
    found = []
    for file in dict.fromkeys([*broken, *_json_files(bank)]):
        try:
            path, _ = bank.place_of(file)
            found += merges_in(file, Source(bank.read(path)))
        except BankError:
            continue
    return found


def without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what is wrong with a file only because an unresolved merge is in it."""
    torn = {each.file for each in findings if each.rule == RULE}
    return [each for each in findings if each.file not in torn or each.rule not in _CONSEQUENCES]


def _json_files(bank: BankFolder) -> Iterator[str]:
    yield from sorted(each.name for each in bank.folder.glob("*.json"))
    for folder in sorted(BANK_FOLDERS - _NOT_OURS):
        for root, folders, names in os.walk(bank.folder / folder):
            folders.sort()
            for name in sorted(names):
                if name.endswith(_JSON):
                    yield os.path.relpath(os.path.join(root, name), bank.folder).replace(os.sep, "/")  # noqa: PTH118
