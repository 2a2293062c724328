"""What was imported into a bank before: the ids in it, and the versions of each entry of a source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.exchange.fitting import washed_line
from memorybank.exchange.incoming import CAME_AS, ORIGIN
from memorybank.records.find import rows_of, uncollected
from memorybank.records.header_cache import record_from, values_of

if TYPE_CHECKING:
    from memorybank.exchange.incoming import Incoming
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

ID = re.compile(r"[a-z]{2,8}-\d{8}-[0-9a-z]{5}(?=-|\Z)", re.ASCII)
_AT_ONCE = 500


class Known(NamedTuple):
    """The ids in the bank, the foreign ids of its records, what was imported before, and the files of records.

    `origins` maps an origin without its digest to its versions: the digest of each, and its id. `seen` has the ids of
    records that an entry of the same import was found to be.
    """

    ids: set[str]
    foreign: set[str]
    origins: dict[str, list[tuple[str, str]]]
    seen: set[str]
    files: dict[str, str]

    def renewed(self, origin: str, digest: str, ident: str) -> None:
        """Note that a record now has the state of its source with this digest."""
        versions = [each for each in self.origins.get(origin, []) if each[1] != ident]
        self.origins[origin] = [*versions, (digest, ident)]
        self.seen.add(ident)


def origin_name(source: str, record: Incoming) -> str:
    """Return what identifies a record in a later import, without its digest."""
    return f"{source}:{washed_line(record.key or record.entry)}"


def known_in(bank: BankFolder) -> Known:
    """Read what was imported into a bank."""
    known = Known(set(), set(), {}, set(), {})
    with uncollected():
        for kinds in ((), ("session",)):
            for archived in (False, True):
                rows, broken = rows_of(bank, kinds=kinds, archived=archived)
                # record after record: together they would be larger than the rest of an import
                for at in range(0, len(rows), _AT_ONCE):
                    for value in values_of(rows[at : at + _AT_ONCE]):
                        _remember(known, record_from(value))
                stems = [ID.match(each.file.rpartition("/")[2]) for each in broken]
                known.ids.update(stem.group() for stem in stems if stem)
    return known


def _remember(known: Known, record: Record) -> None:
    known.ids.add(record.id)
    known.files[record.id] = record.file
    came_as = record.metadata.get(CAME_AS)
    if isinstance(came_as, str):
        known.foreign.add(came_as)
    origin = record.metadata.get(ORIGIN)
    if isinstance(origin, str) and "@" in origin:
        entry, _, digest = origin.rpartition("@")
        known.origins.setdefault(entry, []).append((digest, record.id))
