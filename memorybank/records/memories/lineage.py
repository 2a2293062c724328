"""The lineage of a record: the links of all records, followed from one record in both directions."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from memorybank.listing import Listing
from memorybank.records.change import target_of
from memorybank.records.find import scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

# the name of a link seen from its other end
INVERSE = {
    "supersedes": "superseded-by",
    "superseded-by": "supersedes",
    "caused-by": "cause-of",
    "evidence-for": "evidence",
    "relates": "relates",
    "see": "seen-from",
}
_BACK = {**INVERSE, **{there: here for here, there in INVERSE.items()}}


class LineageNode(NamedTuple):
    """One row of the tree: the relation to the record above it, and the record.

    `again` is set if the record is already in the tree at another place and is not followed here; `missing` if no
    record has that name.
    """

    depth: int
    rel: str
    id: str
    type: str = ""
    title: str = ""
    status: str = ""
    again: bool = False
    missing: bool = False
    archived: bool = False


class Lineage(Listing[LineageNode]):
    """The rows of a lineage, from the top down."""

    __slots__ = ()
    plural = "nodes"


def lineage(bank: BankFolder, ident: str, *, depth: int = 0) -> Lineage:
    """Return the tree of records linked to a record, from either end of each link, as rows from the top down.

    A record is placed where the path to it is shortest; circles end in a row with `again`. `depth` 0 means no limit.

    Raises:
        NoRecordError: no record or several match the id.
    """
    root = target_of(bank, ident, every=True).record
    here = scan(bank, every=True).records
    known = by_name([*here, root])
    gone: set[str] = set()
    if any(to not in known for each in here for to in (link.to for link in each.links)):
        archived = scan(bank, archived=True, every=True).records
        gone = {each.id for each in archived} - {each.id for each in here}
        known = {**by_name(archived), **known}
        here = [*here, *(each for each in archived if each.id in gone)]
    edges = _edges(here, known)
    return Lineage(_rows(root.id, edges, known, gone, depth))


def by_name(records: Iterable[Record]) -> dict[str, Record]:
    """Return records by the names that links use: id, file, file name without suffix; the last one of a name wins."""
    found: dict[str, Record] = {}
    for record in records:
        found[record.file] = found[record.file.rpartition("/")[2].removesuffix(".md")] = found[record.id] = record
    return found


def _edges(records: Iterable[Record], known: dict[str, Record]) -> dict[str, dict[tuple[str, str], None]]:
    """Return the relations of each id to others, each pair once, in file order."""
    edges: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for record in records:
        for rel, to in record.links:
            other = known[to].id if to in known else to
            if other != record.id:
                edges[record.id].setdefault((rel, other))
                edges[other].setdefault((INVERSE[rel], record.id))
    return edges


def _rows(
    root: str, edges: dict[str, dict[tuple[str, str], None]], known: dict[str, Record], gone: set[str], limit: int
) -> list[LineageNode]:
    parents: dict[str, tuple[str, str]] = {root: ("", "")}
    depths = {root: 0}
    queue = deque([root])
    while queue:
        ident = queue.popleft()
        for rel, other in edges.get(ident, ()):
            if other not in parents and (not limit or depths[ident] < limit):
                parents[other] = (ident, rel)
                depths[other] = depths[ident] + 1
                queue.append(other)
    rows: list[LineageNode] = []
    shown: set[tuple[str, str, str]] = set()
    pending = [(root, "", 0, False)]
    while pending:
        ident, rel, depth, again = pending.pop()
        record = known.get(ident)
        kind, title, status = (record.type, record.title, record.status) if record else ("", "", "")
        is_gone = record is not None and record.id in gone
        rows.append(
            LineageNode(depth, rel, ident, kind, title, status, again, missing=record is None, archived=is_gone)
        )
        below = []
        for name, other in edges.get(ident, ()) if not again else ():
            # each link gets one row, at the end where it is reached first
            if (ident, name, other) not in shown and other in depths:
                shown |= {(ident, name, other), (other, _BACK[name], ident)}
                below.append((other, name, depth + 1, parents[other] != (ident, name)))
        pending += reversed(below)
    return rows
