"""Search corrections: those that were accepted and those that wait, by words, names and exact values.

They have an index of their own in the bank's local state, with the words, names, typos and ranking of `bank search`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.listing import Listing
from memorybank.recall.corrections.within_budget import premise_of
from memorybank.recall.index import FileRow, IndexSource, compared
from memorybank.recall.search import Query, search_source
from memorybank.recall.sources import Folder
from memorybank.records.corrections.accepted import known_corrections
from memorybank.records.corrections.correction import DROPPED, TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Annotated, TypedDict

    from memorybank.recall.index import DiskState
    from memorybank.records.corrections.correction import Correction, Premise
    from memorybank.store.folder import BankFolder

    class CorrectionHitWire(TypedDict):
        """A correction that matches a query."""

        id: str
        tier: str
        status: str
        text: str
        premise: Annotated[Any, Premise]
        at: str
        is_pinned: bool
        score: float


# the folder of the index in local state
_PLACE = "corrections"
_NOWHERE = Folder("corrections", "", "records")


class CorrectionHit(NamedTuple):
    """A correction that matches a query, and how well, from 0 to 1."""

    correction: Correction
    score: float

    def to_wire(self) -> CorrectionHitWire:
        """Return the JSON form: what its line in a list says."""
        from memorybank.wire import to_wire

        found = self.correction
        return {
            "id": found.id,
            "tier": found.effective_tier,
            "status": found.status,
            "text": found.text,
            "premise": to_wire(found.premise),
            "at": found.origin.at,
            "is_pinned": found.is_pinned,
            "score": self.score,
        }


class CorrectionHits(Listing[CorrectionHit]):
    """The corrections that match a query, best first; and words that none of them has, with what was taken for them."""

    __slots__ = ("assumed", "unknown")
    plural = "corrections"
    beside = ("assumed", "unknown")
    assumed: dict[str, list[str]]
    unknown: list[str]


class _Source:
    """Corrections as files of an index: each is one, and is read again when a word of it changed."""

    def __init__(self, corrections: Sequence[Correction]) -> None:
        self._by_id = {each.id: each for each in corrections}

    def look(self, known: Mapping[str, bytes]) -> DiskState | None:
        # plain tuples, as the index stores them
        states: list[Any] = [(name, 1, 1, _digest(self._by_id[name])) for name in sorted(self._by_id)]
        return compared([(_NOWHERE, states)], known)

    def read(self, folder: Folder, name: str) -> FileRow:
        from memorybank.recall.index_rows import rows_of
        from memorybank.recall.pieces import Piece

        del folder
        found = self._by_id[name]
        written: set[tuple[str, str]] = set()
        piece = Piece(1, 0, 0, "", name, "", found.text)
        beside = " ".join((name, *_beside(found)))
        rows = rows_of([piece], premise_of(found)[:200], beside, written=written)
        fields = (name, TYPE, found.text, *[""] * 6, found.origin.at, "{}")
        return FileRow(fields, rows, written=written)


def _beside(correction: Correction) -> tuple[str, ...]:
    return (*correction.values, *correction.files, *correction.commands)


def _digest(correction: Correction) -> int:
    parts = (correction.text, *correction.premise, correction.origin.at, *_beside(correction))
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()[:7])


def find_matches(bank: BankFolder, query: str, *, now_ns: int, limit: int = 10) -> CorrectionHits:
    """Return the corrections that match a query, best first; one that was dropped is never among them.

    Raises:
        BankError: the corrections cannot be read.
    """
    known = {each.id: each for each in known_corrections(bank) if each.status != DROPPED}
    source = _Source(list(known.values()))
    asked = Query(query, limit=limit, with_text=False)
    found = search_source(_index_folder(bank), IndexSource(source.look, source.read), asked, now_ns)
    hits = CorrectionHits(CorrectionHit(known[hit.id], hit.score) for hit in found.hits if hit.id in known)
    hits.assumed = {word: list(words) for word, words in found.assumed}
    hits.unknown = list(found.unknown)
    return hits


def scores_of(bank: BankFolder, query: str, *, now_ns: int) -> dict[str, float]:
    """Return how well each correction matches a query, by its id; those that do not match are not in it."""
    return {hit.correction.id: hit.score for hit in find_matches(bank, query, now_ns=now_ns, limit=1000)}


def _index_folder(bank: BankFolder) -> Any:
    from contextlib import suppress

    from memorybank.errors import BankError
    from memorybank.files.write import make_dirs
    from memorybank.store.cache import hide_state

    folder = bank.state / _PLACE
    # what cannot be written is indexed in memory
    if not bank.read_only:
        with suppress(BankError):
            hide_state(bank)
            make_dirs(folder, 0o700)
    return folder
