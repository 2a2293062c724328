"""The ledger of corrections: what was found in session logs, and what a person decided about it.

`.state/corrections.jsonl` is local and only grows. A line is a correction that was found, or what changed about one.
Several processes may add to it; a line that a crash cut short is skipped. An accepted correction is a record with the
same id: whether one is accepted is never written here, so an undo of the acceptance puts it back into the queue.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.text import without_hidden
from memorybank.errors import NoFileError
from memorybank.files.durable import append_lines
from memorybank.files.lock import lock
from memorybank.files.read import read
from memorybank.patterns import later
from memorybank.records.corrections.correction import (
    ACCEPTED,
    DROPPED,
    LEDGER,
    PREFIX,
    STATUSES,
    TIERS,
    TYPE,
    WAITING,
    Correction,
    Origin,
    Premise,
)
from memorybank.records.find import rows_of
from memorybank.store.cache import hide_state
from memorybank.wire import objects_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.store.folder import BankFolder

LOCK = "corrections.lock"
TEXT_LENGTH = 4000
PREMISE_LENGTH = 2000
_STATUS = ("status", "with")
_MOST_VALUES = 50
_VALUE_LENGTH = 300
_LARGEST = 1e15
_TIMEOUT = 10.0
_IDENT = rf"{PREFIX}-\d{{8}}-[0-9a-z]{{5}}"
# the id comes first, then when it was found or how it was decided: the waiting ones are counted without parsing a line
_BEGINS = later(
    rf'^\0*\{{"id":"({_IDENT})","(found_at|status)":"([^"\\]*)"(?:,"with":"([^"\\]*)")?.*\}}$', re.MULTILINE
)
# a record is named after it, so nothing else is an id
_IS_IDENT = later(_IDENT)
# sequences that a terminal obeys; what is left of them without their first character would be in the text
_TERMINAL = later("\x1b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_].*?(?:\x07|\x1b\\\\)|[@-_])|\x9b[0-?]*[ -/]*[@-~]")
_BLANK = Correction(id="", rule="", text="", premise=Premise(), origin=Origin())


class Entry(NamedTuple):
    """A correction in the ledger, when it was found, and when and why the last decision about it was made.

    `settled_with` is the accepted one that says the same: it is out of the queue as long as that has a record.
    """

    correction: Correction
    found_at: str = ""
    decided_at: str = ""
    why: str = ""
    settled_with: str = ""


def read_entries(bank: BankFolder) -> list[Entry]:
    """Return the corrections that were found, oldest first, with the decisions about them.

    One is accepted if there is a record with its id, in the archive too. A line that is no entry is skipped.
    """
    found: dict[str, Entry] = {}
    for row in objects_in(_bytes(bank).replace(b"\0", b"")):
        ident = row.get("id")
        if not isinstance(ident, str) or not _IS_IDENT.fullmatch(ident):
            continue
        if "text" in row:
            correction = correction_from(row)
            if correction is not None and ident not in found:
                found[ident] = Entry(correction, found_at=_text(row.get("found_at")))
        elif ident in found:
            found[ident] = _changed(found[ident], row)
    if not found:
        return []
    accepted = accepted_ids(bank)
    return [_with_status(entry, accepted) for entry in found.values()]


def undecided(bank: BankFolder) -> dict[str, str]:
    """Return the status of the corrections that nobody accepted or dropped, by id; no line is parsed."""
    status: dict[str, tuple[str, str]] = {}
    for ident, name, told, settled_with in _begins(bank):
        if name == "found_at":
            status.setdefault(ident, (WAITING, ""))
        elif ident in status:
            status[ident] = (told, settled_with)
    waiting = {ident: row for ident, row in status.items() if row[0] != DROPPED or row[1]}
    accepted = accepted_ids(bank) if waiting else frozenset()
    return {
        ident: WAITING if told == DROPPED else told
        for ident, (told, settled_with) in waiting.items()
        if ident not in accepted and not (told == DROPPED and settled_with in accepted)
    }


def accepted_ids(bank: BankFolder) -> frozenset[str]:
    """Return the ids of all records of corrections, those in the archive too."""
    keys = (row.key for archived in (False, True) for row in rows_of(bank, kinds=(TYPE,), archived=archived)[0])
    # the key of a row is the time and the id
    return frozenset(key.rpartition(" ")[2] for key in keys)


def has_ledger(bank: BankFolder) -> bool:
    """Return whether anything was mined yet; a ledger may be without a correction."""
    return os.path.lexists(bank.state / LEDGER)


def begin_ledger(bank: BankFolder, *, at: str) -> None:
    """Make a ledger without a correction, if there is none.

    Raises:
        BankError: it cannot be written.
    """
    if not has_ledger(bank):
        hide_state(bank)
        with lock(bank.state / LOCK, timeout=_TIMEOUT, holder="corrections"):
            if not has_ledger(bank):
                append_lines(bank.state / LEDGER, [_line({"begun_at": at})])


def found_ids(bank: BankFolder) -> set[str]:
    """Return the ids of all corrections that were ever found here, or are records."""
    known = {ident for ident, name, *_ in _begins(bank) if name == "found_at"}
    return known | accepted_ids(bank)


def append_found(bank: BankFolder, corrections: Iterable[Correction], *, at: str = "") -> list[Correction]:
    """Add corrections that the ledger does not have, and return them; durable on return.

    Secrets and hidden characters are taken out, and long texts are cut. Two processes at once add each one once.

    Raises:
        BankError: the ledger cannot be written.
    """
    wanted = {each.id: each for each in corrections}
    if not wanted:
        return []
    hide_state(bank)
    with lock(bank.state / LOCK, timeout=_TIMEOUT, holder="corrections"):
        known = {ident for ident, name, *_ in _begins(bank) if name == "found_at"}
        new = [cleaned(each) for ident, each in wanted.items() if ident not in known]
        if new:
            append_lines(bank.state / LEDGER, [_line({"id": each.id, "found_at": at, **_row_of(each)}) for each in new])
    return new


def append_settled(bank: BankFolder, ident: str, twins: Iterable[str], *, at: str = "") -> None:
    """Take corrections out of the queue that say the same as an accepted one; they wait again when it has no record.

    Raises:
        BankError: the ledger cannot be written.
    """
    told = {"status": DROPPED, "with": ident}
    append_decisions(bank, [(twin, told) for twin in twins], at=at, why=f"it says the same as {ident}")


def append_decisions(
    bank: BankFolder, decisions: Iterable[tuple[str, dict[str, Any]]], *, at: str = "", why: str = ""
) -> None:
    """Add what changed about corrections, fields of `Correction` by name, in one write; durable on return.

    Raises:
        BankError: the ledger cannot be written.
    """
    more = {name: text for name, text in (("at", at), ("why", clean(why, TEXT_LENGTH))) if text}
    lines = []
    for ident, changes in decisions:
        status = {name: changes[name] for name in _STATUS if name in changes}
        rest = {name: value for name, value in changes.items() if name not in _STATUS}
        lines.append(_line({"id": ident, **status, **more, **({"set": rest} if rest else {})}))
    if lines:
        hide_state(bank)
        with lock(bank.state / LOCK, timeout=_TIMEOUT, holder="corrections"):
            append_lines(bank.state / LEDGER, lines)


def correction_from(row: dict[str, Any]) -> Correction | None:
    """Return a correction from its JSON form; None if a field that it needs is missing or has the wrong type."""
    try:
        found: Correction = _value_of(_BLANK, row)
    except TypeError:
        return None
    is_valid = found.tier in TIERS and found.label in {*TIERS, ""} and found.status in STATUSES
    return found if is_valid and found.id and found.text.strip() else None


def cleaned(correction: Correction) -> Correction:
    """Return a correction as it may be stored: without secrets and hidden characters, in lengths that have a limit."""
    origin = correction.origin
    return correction._replace(
        text=clean(correction.text, TEXT_LENGTH),
        premise=Premise(clean(correction.premise.text, PREMISE_LENGTH), clean(correction.premise.tool, PREMISE_LENGTH)),
        origin=origin._replace(
            client=clean(origin.client, _VALUE_LENGTH),
            session=clean(origin.session, _VALUE_LENGTH),
            file=clean(origin.file, TEXT_LENGTH),
            at=clean(origin.at, _VALUE_LENGTH),
        ),
        values=_cleaned(correction.values),
        files=_cleaned(correction.files),
        commands=_cleaned(correction.commands),
    )


def _cleaned(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(clean(each, _VALUE_LENGTH) for each in values[:_MOST_VALUES])


def clean(text: str, limit: int) -> str:
    """Return a text without secrets, hidden characters and terminal escapes, cut with `…` if it is longer."""
    from memorybank.secrets.scan import redact

    # secrets are found before the cut, which could leave half of one; what is far beyond it need not be read
    plain = redact(without_hidden(_TERMINAL.sub("", text[: limit * 4]))[0])
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


def _begins(bank: BankFolder) -> list[tuple[str, str, str, str]]:
    return _BEGINS.findall(_bytes(bank).decode("utf-8", "replace"))


def _bytes(bank: BankFolder) -> bytes:
    try:
        return read(bank.state / LEDGER)
    except NoFileError:
        return b""


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _row_of(correction: Correction) -> dict[str, Any]:
    row = {name: value for name, value in correction._asdict().items() if value not in ("", (), None)}
    # a found correction waits; a line with a status is a decision
    row.pop("status", None)
    row["premise"] = correction.premise._asdict()
    row["origin"] = correction.origin._asdict()
    return row


def _changed(entry: Entry, row: dict[str, Any]) -> Entry:
    """Return an entry after a decision; values that are not valid are left out."""
    told = row.get("set")
    given = {**(told if isinstance(told, dict) else {}), **({"status": row["status"]} if "status" in row else {})}
    before = entry.correction
    merged = correction_from({**_row_of(before), "status": before.status, **given, "id": before.id})
    if merged is None:
        return entry
    decided = entry._replace(correction=merged._replace(text=before.text))
    if "status" in given:
        at, why, settled_with = map(_text, map(row.get, ("at", "why", "with")))
        decided = decided._replace(decided_at=at, why=why, settled_with=settled_with)
    return decided


def _with_status(entry: Entry, accepted: frozenset[str]) -> Entry:
    correction = entry.correction
    is_settled = correction.status == DROPPED and entry.settled_with
    if is_settled and entry.settled_with not in accepted and correction.id not in accepted:
        return Entry(correction._replace(status=WAITING), entry.found_at)
    if correction.status != ACCEPTED and correction.id not in accepted:
        return entry
    if correction.id in accepted:
        return entry._replace(correction=correction._replace(status=ACCEPTED))
    # only a record makes one accepted
    return entry._replace(correction=correction._replace(status=WAITING))


def _value_of(blank: Any, row: dict[str, Any]) -> Any:
    """Return a named tuple like `blank` with the fields of its JSON form; unknown fields are left out.

    Raises:
        TypeError: a field has the wrong type.
    """
    # a ledger of thousands is read by each command: a text needs no further look
    fields = [
        old
        if name not in row
        else value
        if type(value := row[name]) is type(old) is str
        else _checked(name, old, value)
        for name, old in zip(blank._fields, blank, strict=True)
    ]
    return blank._make(fields)


def _checked(name: str, old: Any, value: Any) -> Any:
    """Return a value that has the type of the old one.

    Raises:
        TypeError: it has another type.
    """
    if isinstance(old, (Premise, Origin)) and isinstance(value, dict):
        return _value_of(old, value)
    if isinstance(old, tuple) and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if type(value) in (int, float):
        is_wanted = old is None or type(old) is float or type(old) is type(value)
        # no figure of a correction is larger; one that is not finite is not smaller
        if is_wanted and abs(value) <= _LARGEST:
            return value if type(old) is int else float(value)
    elif type(value) is type(old):
        return value
    raise TypeError(name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
