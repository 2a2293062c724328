"""Merge the development log of a tree into the log of a bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.names import is_same_name
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import NoFileError
from memorybank.exchange.incoming import Incoming, PlainFile
from memorybank.exchange.markdown_entries import parts_of
from memorybank.exchange.module71.tree import LOG
from memorybank.files.write import read

if TYPE_CHECKING:
    from memorybank.document.sections import Section
    from memorybank.exchange.markdown_entries import MarkdownPart
    from memorybank.exchange.module71.findings import Findings
    from memorybank.store.folder import BankFolder

TITLE = "Development Log"
_DAY = 2
_ENTRY = 3


def merged_log(bank: BankFolder, data: bytes, found: Findings) -> tuple[list[Incoming], list[PlainFile]]:
    """Return the bank's log with the days and entries added that it does not have yet; its own text stays unchanged.

    Text outside of the days that the bank's log does not have becomes a fact.
    """
    try:
        there = Source(read(bank.folder / LOG))
    except NoFileError:
        return [], [PlainFile(LOG, LOG, data)]
    if outline(there).unterminated is not None:
        found.account.skipped(LOG, "the bank's own log has an unclosed fence or comment")
        return [], []
    source = Source(data).text
    found.account.came(LOG, source)
    text = there.text
    parts = parts_of(source, _DAY)
    for day in parts:
        if day.level == _DAY:
            text = _with_day(text, day, found)
    loose = [each for each in parts if each.level != _DAY and not (_has(text, each.title) and _has(text, each.text))]
    return found.outside(LOG, loose, TITLE), [PlainFile(LOG, LOG, there.to_bytes(text), base=there.digest)]


def _has(text: str, part: str) -> bool:
    return part.strip() in text


def _with_day(text: str, day: MarkdownPart, found: Findings) -> str:
    days = [
        section
        for section in outline(Source(text.encode("utf-8", "surrogateescape"))).sections
        if section.level == _DAY
    ]
    own = next((each for each in days if is_same_name(each.name, day.title)), None)
    if own is None:
        later = next((each.start for each in days if each.name > day.title), len(text))
        return _inserted(text, later, f"## {day.title}\n\n{day.text}")
    # the log has its heading, and the entries that are not added
    found.account.turned(LOG, day.title)
    missing = _missing(text, own, day, found)
    return _inserted(text, own.end, "\n\n".join(missing)) if missing else text


def _missing(text: str, own: Section, day: MarkdownPart, found: Findings) -> list[str]:
    known = {(part.title, part.text.strip()) for part in parts_of(text[own.body : own.end], _ENTRY)}
    missing = []
    for each in parts_of(day.text, _ENTRY):
        if (each.title, each.text.strip()) in known:
            found.account.turned(LOG, f"{each.title}\n{each.text}")
        elif each.level or each.text.strip():
            missing.append(f"### {each.title}\n{each.text}" if each.level else each.text)
    return missing


def _inserted(text: str, at: int, block: str) -> str:
    head, tail = text[:at].rstrip("\r\n"), text[at:]
    return f"{head}\n\n{block.strip()}\n" + (f"\n{tail}" if tail.strip() else "")
