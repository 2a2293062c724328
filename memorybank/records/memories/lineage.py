"""Where a record comes from and what came of it: the links of all records, followed both ways from one."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from memorybank.records.change import target_of
from memorybank.records.find import scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder

# how a link reads from its other end
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
    """One place in the tree: how it stands to the record above it, and what it is.

    `again` says that the record has a place further up already and is not followed here; `missing` that nothing of
    that name is there.
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


def lineage(bank: BankFolder, ident: str, *, depth: int = 0) -> list[LineageNode]:
    """Give the tree of what a record is linked to, from both ends of each link, as rows from the top down.

    A record stands where the way to it is shortest; circles end in a row with `again`. `depth` 0 is no limit.

    Raises:
        NoRecordError: no single record answers to the id.
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
    return _rows(root.id, edges, known, gone, depth)


def by_name(records: Iterable[Record]) -> dict[str, Record]:
    """Give records by what a link may call them: id, file, the file's stem; the last of a name counts."""
    found: dict[str, Record] = {}
    for each in records:
        found[each.file] = found[each.file.rpartition("/")[2].removesuffix(".md")] = found[each.id] = each
    return found


def _edges(records: Iterable[Record], known: dict[str, Record]) -> dict[str, dict[tuple[str, str], None]]:
    """Give for each id how it stands to others, each pair once, in the order of the files."""
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
            # each link is one row, at the end where it is met first
            if (ident, name, other) not in shown and other in depths:
                shown |= {(ident, name, other), (other, _BACK[name], ident)}
                below.append((other, name, depth + 1, parents[other] != (ident, name)))
        pending += reversed(below)
    return rows
