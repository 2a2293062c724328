"""The cache layer: messages, records and operations of the last hours, of some sessions or of all."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.recall.loading.budget import Candidate
from memorybank.recall.loading.candidates import (
    CACHE,
    PLACES,
    load_command,
    offer_message,
    offer_record,
    read_record,
    told,
)
from memorybank.recall.rank import SUNK_STATUSES
from memorybank.records.sessions.messages import FOLDER, read_messages
from memorybank.shell import quoted
from memorybank.store.journal.log import read_operations
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.recall.loading.candidates import Candidates, LoadRequest
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation

# at most this many of the newest are offered: a layer is not a full list
RECORDS, OPERATIONS, MESSAGES = 50, 50, 100
_NAMED_PLACES = 5
_HOUR = 3600


def recent(bank: BankFolder, ask: LoadRequest, out: Candidates) -> tuple[int, str]:
    """Add the recent candidates; return how many more there are, and the command that lists them."""
    since = stamp_of(ask.now - timedelta(hours=ask.cell.cache_hours))
    beyond = 0
    with told(out.faults, CACHE, FOLDER):
        beyond += _messages(bank, ask, since, out)
    named: set[str] = set()
    beyond += _records(bank, ask, since, out, named)
    with told(out.faults, CACHE, "journal.jsonl"):
        beyond += _operations(bank, ask, since, out, named)
    return beyond, f"bank list --since {since}" if beyond else ""


def _freshness(ask: LoadRequest, at: str) -> float:
    """Return 1 for now, down to 0 for the start of the time window."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    hours = (ask.now - moment).total_seconds() / _HOUR
    return min(max(1 - hours / ask.cell.cache_hours, 0.0), 1.0)


def _messages(bank: BankFolder, ask: LoadRequest, since: str, out: Candidates) -> int:
    found: list[tuple[str, int, Candidate]] = []
    for number, session in enumerate(ask.sessions if ask.only_these else _talked_in(bank, since)):
        last = read_messages(bank, session, limit=MESSAGES)
        first = last.message_count - len(last.rows)
        for place, each in enumerate(last.rows):
            if each.at < since:
                continue
            terms = {"cache": 0.3, "recent": 0.5 * _freshness(ask, each.at), "query": ask.match(each.text)}
            candidate = offer_message(CACHE, session, each, first + place, (0, number, place), terms)
            found.append((each.at, place, candidate._replace(fetch=load_command(session, len(last.rows) - place))))
    found.sort(key=lambda row: row[:2])
    out.candidates.extend(each for _, _, each in found[-MESSAGES:])
    return len(found[:-MESSAGES])


def _talked_in(bank: BankFolder, since: str) -> list[str]:
    """Return the sessions that may have messages since a time, by the time of their files."""
    edge = datetime.fromisoformat(since).timestamp()
    try:
        with os.scandir(bank.folder / FOLDER) as entries:
            return sorted(
                entry.name.removesuffix(".jsonl")
                for entry in entries
                if entry.name.endswith(".jsonl")
                and entry.name[0] != "."
                and entry.is_file(follow_symlinks=False)
                # one hour more, in case a clock was changed or a file was copied: it costs little
                and entry.stat().st_mtime >= edge - _HOUR
            )
    except OSError:
        return []


def _records(bank: BankFolder, ask: LoadRequest, since: str, out: Candidates, named: set[str]) -> int:
    found = [
        record
        for record in _written(bank, ask, out)
        if max(record.created, record.updated) >= since
        and (not ask.only_these or record.session in ask.sessions)
        and not ask.is_elsewhere(record.type)
    ]
    found.sort(key=lambda each: (max(each.created, each.updated), each.id), reverse=True)
    for place, each in enumerate(found[:RECORDS]):
        with told(out.faults, CACHE, each.file):
            candidate = offer_record(read_record(bank, each.file, each.type), CACHE, place)
            terms = {
                "cache": 0.5,
                "recent": 0.5 * _freshness(ask, max(each.created, each.updated)),
                "stage": 0.3 if each.type in ask.first else 0.0,
                "query": ask.match(candidate.text),
                "status": -1.0 if each.status in SUNK_STATUSES else 0.0,
            }
            out.candidates.append(candidate._replace(terms=terms))
            named.add(each.file)
    return len(found[RECORDS:])


def _written(bank: BankFolder, ask: LoadRequest, out: Candidates) -> Iterable[Record]:
    """Return the records whose files were written lately; all of them if those are too many to open each."""
    recent = out.records(bank, ask).recent
    if recent is None:
        from memorybank.records.find import scan

        return scan(bank).records
    found = []
    for file, kind in recent:
        # what cannot be read is not listed either
        with suppress(BankError):
            found.append(read_record(bank, file, kind))
    return found


def _operations(bank: BankFolder, ask: LoadRequest, since: str, out: Candidates, named: set[str]) -> int:
    undone: set[str] = set()
    found: list[Operation] = []
    for each in reversed(read_operations(bank)):
        if each.state != "done" or each.id in undone:
            continue
        if each.undoes:
            undone.add(each.undoes)
        elif (
            each.receipt.at >= since
            and (not ask.only_these or each.receipt.session in ask.sessions)
            # if the record itself is loaded, its write operation adds nothing
            and not {one.file for one in each.receipt.files} <= named
        ):
            found.append(each)
    for place, each in enumerate(reversed(found[:OPERATIONS])):
        out.candidates.append(_offer_operation(each, ask, place))
    return len(found[OPERATIONS:])


def _offer_operation(operation: Operation, ask: LoadRequest, place: int) -> Candidate:
    receipt = operation.receipt
    places = [address for file in receipt.files for address in ([a for a, _ in file.sections] or [file.file])]
    places = list(dict.fromkeys(places))
    rest = f" and {len(places) - _NAMED_PLACES} more" if len(places) > _NAMED_PLACES else ""
    text = f"{receipt.at} {receipt.verb}: {', '.join(places[:_NAMED_PLACES])}{rest} ({receipt.tool}) {operation.id}"
    return Candidate(
        key=operation.id,
        layer=CACHE,
        order=(PLACES[CACHE], 1, 0, place),
        head="=== operations",
        text=f"{' '.join(text.split())}\n",
        address=operation.id,
        fetch=f"bank history {quoted(receipt.files[0].file)} --diff" if receipt.files else "bank history",
        terms={"cache": 0.1, "recent": 0.2 * _freshness(ask, receipt.at)},
    )
