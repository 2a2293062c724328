"""Find one correction by its id, by the beginning of it, or the last one that was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import NoRecordError
from memorybank.records.corrections.accepted import known_entries
from memorybank.records.corrections.correction import ACCEPTED, TYPE
from memorybank.records.find import find_file
from memorybank.store.several import none_or_several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.corrections.correction import Correction
    from memorybank.records.corrections.ledger import Entry
    from memorybank.store.folder import BankFolder

LAST = "last"


def find_entry(bank: BankFolder, ident: str) -> Entry:
    """Return the correction with this id, or the only one whose id or letters begin with it; `last` is the newest.

    Raises:
        NoRecordError: none or several match; it lists some that are close.
    """
    return find_in(known_entries(bank), ident)


def find_in(entries: Sequence[Entry], ident: str) -> Entry:
    """Return what `find_entry` does, of corrections that were read already.

    Raises:
        NoRecordError: none or several match; it lists some that are close.
    """
    wanted = ident.strip()
    if wanted == LAST and entries:
        return entries[-1]
    found = [each for each in entries if each.correction.id == wanted]
    if not found and wanted:
        found = [each for each in entries if _is_meant(each.correction.id, wanted)]
    if len(found) == 1:
        return found[0]
    idents = [each.correction.id for each in entries]
    several = [each.correction.id for each in found]
    close = [] if several else _near(wanted, idents)
    raise none_or_several(ident=ident, kind="correction", found=several, near=close, hint="bank corrections list")


def _is_meant(ident: str, wanted: str) -> bool:
    return ident.startswith(wanted) or ident.rpartition("-")[2].startswith(wanted)


def _near(wanted: str, idents: list[str]) -> list[str]:
    from memorybank.document.addresses import near

    return near(wanted, idents) if wanted else []


def record_file(bank: BankFolder, correction: Correction) -> str:
    """Return the name of the file of a correction's record; "" if it is not accepted."""
    if correction.status != ACCEPTED:
        return ""
    for archived in (False, True):
        try:
            return find_file(bank, correction.id, kinds=(TYPE,), archived=archived)[1]
        except NoRecordError:
            continue
    return ""
