"""Recognises copies that sync programs leave beside a file when two machines changed it.

A name with a clear mark is a copy if the file it names is there: those of Dropbox, Nextcloud and Obsidian Sync with
"conflicted copy" in many languages, of Syncthing, Resilio Sync and Google Drive. iCloud, OneDrive and Google Drive also
only add a number or the name of a computer, which people do, too: then the two must be the same record or contract.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import BANK_FOLDERS, FACTS, LOG, SUMMARY
from memorybank.document.frontmatter import find_block
from memorybank.document.source import Source
from memorybank.errors import BankError
from memorybank.files.read import read, why_outside
from memorybank.patterns import later
from memorybank.store.doc_folders import ROOTS, is_meant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from memorybank.store.folder import BankFolder

# the groups are what comes before the mark, and the ending
_DATED = later(r"(.+?)(?:\.sync-conflict|_conflict|\.conflict)-\d{8}-\d{6}(?:-[A-Z2-7]{7})?(\.\w+)")
_NAMED = later(r"(.+?)(?: \[Conflict(?: \d+)?\]|\.[Cc]onflict)(\.\w+)")
_WORDED = later(r"(.+?) ?\(([^()]*(?:\([^()]*\))?[^()]*)\)(\.\w+)")
# in the languages that the programs are translated into
_WORDS = later(
    r"conflict(?:ed)? copy|copy in conflict|case conflict|konfliktkopi\w*|in konflikt stehende|konfliktieren\w*"
    r"|copie en conflit|copia en conflicto|c[oó]pia (?:em|de) conflito|copia (?:in )?conflitt\w*|conflicterende kopie"
    r"|kopia z konfliktem|skonfliktowana kopia|\u043a\u043e\u043d\u0444\u043b\u0438\u043a\u0442|kopya"
    r"|\u7af6\u5408|\u51b2\u7a81|\u885d\u7a81|\ucda9\ub3cc",
    re.IGNORECASE,
)
_NUMBERED = later(r"(.+?)(?: \((\d{1,2})\)| (\d{1,2}))(\.\w+)")
_ENDING = later(r"(.+)(\.\w+)")
_COMPUTER = later(r"[A-Za-z0-9][A-Za-z0-9_-]{1,62}")
_ID = later(r"^id:[ \t]*['\"]?([\w-]+)", re.MULTILINE)
_HEADING = later(r"^##[ \t]+([^\n#<]+)", re.MULTILINE)
_LEDGERS = (LOG, FACTS, SUMMARY)
# the part of a contract's headings that a copy of it has
_ALIKE = 0.6


class SyncCopy(NamedTuple):
    """A copy that a sync program left, and the file it is a copy of; by their paths in the bank."""

    file: str
    original: str


def marked_copies(names: Collection[str]) -> dict[str, str]:
    """Return the names in one folder that have a clear mark, with the file each is a copy of, which must be there."""
    # most folders have none, and are done with one look at all names
    joined = "\n".join(names)
    if "onflict" not in joined and "(" not in joined:
        return {}
    suspects = [each for each in names if "onflict" in each or "(" in each]
    there = set(names)
    pairs = ((each, _marked(each)) for each in suspects)
    return {name: original for name, original in pairs if original in there and original != name}


def sync_copies(bank: BankFolder) -> Iterator[SyncCopy]:
    """Yield all copies in the bank and among the documents of its project. Links are not followed."""
    folders = sorted(BANK_FOLDERS - {"templates"})
    for root, place in (
        (bank.folder, ""),
        *((bank.folder, each) for each in folders),
        *((bank.project, each) for each in ROOTS),
    ):
        if place and why_outside(root / place, bank.roots):
            continue
        for here, inner, names in os.walk(root / place):
            inner[:] = sorted(filter(is_meant, inner)) if place else []
            relative = os.path.relpath(here, root).replace(os.sep, "/")
            prefix = "" if relative == "." else f"{relative}/"
            yield from copies_in(bank, Path(here), [each for each in names if _is_text(each)], prefix)


def copies_in(bank: BankFolder, folder: Path, names: Collection[str], prefix: str) -> Iterator[SyncCopy]:
    """Yield the copies in a folder of the bank; `prefix` is the folder in the names of its files."""
    marked = marked_copies(names)
    there = set(names)
    for name in sorted(names):
        if name in marked:
            yield SyncCopy(f"{prefix}{name}", f"{prefix}{marked[name]}")
            continue
        original = next((each for each in _plain(name) if each in there and each not in marked), "")
        if original and _is_same(bank, folder, original, name, is_top=not prefix):
            yield SyncCopy(f"{prefix}{name}", f"{prefix}{original}")


def original_of(bank: BankFolder, path: Path, name: str) -> str:
    """Return the file that a file of the bank is a copy of; "" if it is not a copy."""
    prefix = name[: len(name) - len(path.name)]
    try:
        names = [each for each in os.listdir(path.parent) if _is_text(each)]  # noqa: PTH208  names are all that is needed
    except OSError:
        return ""
    found = (each for each in copies_in(bank, path.parent, names, prefix) if each.file == name)
    return next(found, SyncCopy("", "")).original


def _marked(name: str) -> str:
    found = _DATED.fullmatch(name) or _NAMED.fullmatch(name)
    if found:
        return f"{found[1]}{found[2]}"
    worded = _WORDED.fullmatch(name)
    return f"{worded[1]}{worded[3]}" if worded and _WORDS.search(worded[2]) else ""


def _plain(name: str) -> Iterator[str]:
    """Yield the files that a name without a clear mark may be a copy of."""
    numbered = _NUMBERED.fullmatch(name)
    if numbered:
        yield f"{numbered[1]}{numbered[4]}"
    whole = _ENDING.fullmatch(name)
    stem, ending = (whole[1], whole[2]) if whole else (name, "")
    for at, char in enumerate(stem):
        if char == "-" and at and _COMPUTER.fullmatch(stem[at + 1 :]):
            yield f"{stem[:at]}{ending}"


def _is_same(bank: BankFolder, folder: Path, original: str, copy: str, *, is_top: bool) -> bool:
    """Check whether two files are the same record, contract or ledger."""
    if is_top and original in _LEDGERS:
        return _NUMBERED.fullmatch(copy) is not None
    try:
        one, other = (Source(read(folder / name)) for name in (original, copy))
    except BankError:
        return False
    contract = bank.contract_of(original) if is_top else None
    if contract is not None:
        names = {_plain_heading(spec.name) for spec in contract.sections}
        there = {_plain_heading(each) for each in _HEADING.findall(other.shadow)}
        return len(names & there) >= _ALIKE * len(names)
    ident = _ident(one)
    return bool(ident) and ident == _ident(other)


def _plain_heading(text: str) -> str:
    return text.strip().casefold()


def _ident(source: Source) -> str:
    block = find_block(source.shadow)
    found = _ID.search(source.shadow, 0, block.end) if block else None
    return found[1] if found else ""


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
