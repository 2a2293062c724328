"""Merge the development log of a tree into the log of a bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.names import is_same_name
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import NoFileError
from memorybank.exchange.incoming import PlainFile
from memorybank.exchange.markdown_entries import parts_of
from memorybank.exchange.module71.tree import LOG
from memorybank.exchange.safe_read import Misfit
from memorybank.files.write import read

if TYPE_CHECKING:
    from memorybank.document.sections import Section
    from memorybank.exchange.markdown_entries import MarkdownPart
    from memorybank.store.folder import BankFolder

_DAY = 2
_ENTRY = 3


def merged_log(bank: BankFolder, data: bytes, misfits: list[Misfit]) -> list[PlainFile]:
    """Return the bank's log with the days and entries added that it does not have yet; its own text stays unchanged."""
    try:
        there = Source(read(bank.folder / LOG))
    except NoFileError:
        return [PlainFile(LOG, LOG, data)]
    if outline(there).unterminated is not None:
        misfits.append(Misfit(LOG, "skipped: the bank's own log has an unclosed fence or comment"))
        return []
    text = there.text
    for day in parts_of(Source(data).text, _DAY):
        if day.level == _DAY:
            text = _with_day(text, day)
        elif day.text.strip() and day.text.strip() not in text:
            misfits.append(Misfit(LOG, f"skipped text outside of the days: {day.text.strip()[:60]!r}"))
    return [PlainFile(LOG, LOG, there.to_bytes(text), base=there.digest)]


def _with_day(text: str, day: MarkdownPart) -> str:
    days = [
        section
        for section in outline(Source(text.encode("utf-8", "surrogateescape"))).sections
        if section.level == _DAY
    ]
    own = next((each for each in days if is_same_name(each.name, day.title)), None)
    if own is None:
        later = next((each.start for each in days if each.name > day.title), len(text))
        return _inserted(text, later, f"## {day.title}\n\n{day.text}")
    missing = _missing(text, own, day)
    return _inserted(text, own.end, "\n\n".join(missing)) if missing else text


def _missing(text: str, own: Section, day: MarkdownPart) -> list[str]:
    known = {(part.title, part.text.strip()) for part in parts_of(text[own.body : own.end], _ENTRY)}
    return [
        f"### {each.title}\n{each.text}" if each.level else each.text
        for each in parts_of(day.text, _ENTRY)
        if (each.title, each.text.strip()) not in known and (each.level or each.text.strip())
    ]


def _inserted(text: str, at: int, block: str) -> str:
    head, tail = text[:at].rstrip("\r\n"), text[at:]
    return f"{head}\n\n{block.strip()}\n" + (f"\n{tail}" if tail.strip() else "")
