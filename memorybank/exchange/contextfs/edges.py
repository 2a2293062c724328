"""Relations between memories of ContextFS: links of a record, and the values of each relation in its metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import digest_of
from memorybank.exchange.contextfs.column_values import FORMAT, PREFIX, text_of
from memorybank.exchange.contextfs.rows import plain_row
from memorybank.exchange.incoming import Incoming
from memorybank.records.record import Link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memorybank.exchange.account import Account
    from memorybank.exchange.contextfs.database import Row

TABLE = "memory_edges"
RELATIONS = {
    "supersedes": "supersedes",
    "superseded_by": "superseded-by",
    "evolved_from": "supersedes",
    "evolved_into": "superseded-by",
    "caused_by": "caused-by",
    "related_to": "relates",
    "references": "relates",
}


class Edges(NamedTuple):
    """The links of each memory, and its relations as they came, by its id; `lost` are those between other ones."""

    links: dict[str, list[Link]]
    values: dict[str, list[Any]]
    lost: list[Any]


def edges_of(rows: Sequence[Row], entries: Mapping[str, str], deleted: frozenset[str], account: Account) -> Edges:
    """Return the relations of the memories in `entries`; those of deleted ones are counted."""
    found = Edges({}, {}, [])
    others: dict[str, int] = {}
    for row in rows:
        start, end = text_of(row.get("from_id")), text_of(row.get("to_id"))
        relation = text_of(row.get("relation"))
        word = relation.strip().lower()
        if start in entries:
            if word not in RELATIONS:
                others[relation] = others.get(relation, 0) + 1
            found.links.setdefault(start, []).append(Link(RELATIONS.get(word, "relates"), end))
            kept = plain_row(account, TABLE, entries[start], row, ("from_id",))
            found.values.setdefault(start, []).append(kept)
        elif start in deleted:
            account.left(TABLE, "relations of deleted memories")
        elif end in entries:
            kept = plain_row(account, TABLE, entries[end], row, ("to_id",))
            found.values.setdefault(end, []).append(kept)
        else:
            found.lost.append(plain_row(account, TABLE, TABLE, row, ()))
    for relation, count in others.items():
        account.reported(TABLE, f"{count} of {relation!r} are imported as relates")
    if found.lost:
        account.reported(TABLE, f"{len(found.lost)} between memories that do not exist are kept in a record")
    return found


def lost_edges(values: list[Any]) -> Incoming:
    """Return the record that keeps relations between memories that do not exist."""
    digest = digest_of(json.dumps(values, sort_keys=True, default=str).encode())
    return Incoming(
        TABLE,
        digest,
        "fact",
        "Relations of ContextFS between memories that do not exist",
        "",
        source_tool=FORMAT,
        metadata={f"{PREFIX}edges": values},
    )
