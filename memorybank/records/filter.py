"""Select records by their front matter, newest first."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import FieldError
from memorybank.ids import chosen
from memorybank.patterns import later
from memorybank.times import day_of, stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.records.find import BrokenRecord
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

_AGO = later(r"(\d{1,5})\s*([hdwmy])\Z", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}


class Filter(NamedTuple):
    """Conditions on records; an empty field matches any record.

    A record must have all `tags` and at least one of `any_tags`. `since` and `until` are ISO 8601 days or times,
    compared with `created`; a day as `until` includes that whole day, and a record without a date matches neither.
    `metadata` compares values as they are. A status matches in any case.
    """

    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    any_tags: tuple[str, ...] = ()
    project: str = ""
    source_tool: str = ""
    source_repo: str = ""
    session: str = ""
    status: str = ""
    since: str = ""
    until: str = ""
    metadata: Mapping[str, Any] = {}

    def takes(self, record: Record) -> bool:
        """Return whether a record meets all conditions."""
        return (
            (not self.tags or set(self.tags) <= set(record.tags))
            and (not self.any_tags or not set(self.any_tags).isdisjoint(record.tags))
            and (not self.project or record.project == self.project)
            and (not self.source_tool or record.source_tool == self.source_tool)
            and (not self.source_repo or record.source_repo == self.source_repo)
            and (not self.session or record.session == self.session)
            and (not self.status or record.status.casefold() == self.status.casefold())
            and (not self.since or record.created >= self.since)
            and (not self.until or "" < record.created[: len(self.until)] <= self.until)
            and has_metadata(record.metadata, self.metadata)
        )


def has_metadata(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Return whether each wanted value is there, as the same value or with the same text; null must be there too."""
    return all(name in found and _same(found[name], value) for name, value in wanted.items())


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one is not None and str(one) == str(other))


class RecordPage(NamedTuple):
    """The records that match a filter, their total number, and the files that could not be read."""

    records: list[Record]
    total: int
    broken: list[BrokenRecord]


def select(bank: BankFolder, wanted: Filter, *, archived: bool = False, limit: int = 0) -> RecordPage:
    """Return the records that match a filter, newest first; only the first `limit` of them unless it is 0.

    Raises:
        NoTypeError: a type is unknown.
    """
    # filters alone, as a search has them, do not need the parts that read records
    import json

    from memorybank.records.find import rows_of, uncollected
    from memorybank.records.header_cache import record_from, values_of

    with uncollected():
        rows, broken = rows_of(bank, kinds=wanted.kinds, archived=archived)
        # the values must occur in the record's JSON text: this search is much faster than parsing ten thousand records
        named = (*wanted.tags, wanted.project, wanted.source_tool, wanted.source_repo, wanted.session)
        for needle in (json.dumps(text) for text in named if text):
            rows = [row for row in rows if needle in row.raw]
        if wanted.any_tags:
            needles = [json.dumps(text) for text in wanted.any_tags]
            rows = [row for row in rows if any(needle in row.raw for needle in needles)]
        if wanted.status.isascii() and wanted.status:
            # in any case: `Accepted`, as a person may have written it in a file
            needle = json.dumps(wanted.status).casefold()
            rows = [row for row in rows if needle in row.raw.casefold()]
        rows.sort(key=attrgetter("key"), reverse=True)
        if wanted == Filter(kinds=wanted.kinds):
            shown = rows[:limit] if limit else rows
            return RecordPage([record_from(value) for value in values_of(shown)], len(rows), broken)
        records = [record for record in map(record_from, values_of(rows)) if wanted.takes(record)]
        return RecordPage(records[:limit] if limit else records, len(records), broken)


def parse_moment(text: str, now: datetime, *, field: str = "since") -> str:
    """Return a day or time in comparable form: ISO 8601 as typed, or `7d`, `12h`, `2w`, `6m`, `1y` before now.

    Raises:
        FieldError: it is neither.
    """
    text = text.strip()
    ago = _AGO.match(text)
    try:
        if ago:
            moment = now - timedelta(hours=int(ago.group(1)) * _HOURS[ago.group(2)])
            return stamp_of(moment)
        if text in {"today", "yesterday"}:
            return day_of(now - timedelta(days=text == "yesterday"))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise FieldError(field=field, why=f"invalid day or time {text!r}", hint=f"--{field} 2026-11-21") from error
    if len(text) == len("2026-11-21"):
        return day_of(moment)
    return stamp_of(moment)


def check_known(bank: BankFolder, wanted: Filter) -> None:
    """Refuse conditions that no record can meet: a type, or a status, that the bank does not have.

    Raises:
        NoTypeError: a type is unknown.
        FieldError: no type has the status.
    """
    from memorybank.records.templates import load_type, load_types

    kinds = [load_type(bank, each) for each in wanted.kinds] or list(load_types(bank).values())
    known = dict.fromkeys(name for kind in kinds for name, _ in kind.statuses)
    if wanted.status and chosen(wanted.status, known) not in known:
        from memorybank.document.addresses import near

        close = near(wanted.status, list(known))
        why = f"invalid value {wanted.status!r}"
        raise FieldError(field="status", why=why, hint=f"choose from {', '.join(close or sorted(known))}")
