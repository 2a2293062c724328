"""Read a ContextFS database: each row becomes a record, a part of one, or is counted in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.exchange.account import Account
from memorybank.exchange.contextfs.column_values import FORMAT, text_of
from memorybank.exchange.contextfs.database import read_database
from memorybank.exchange.contextfs.edges import TABLE as EDGES
from memorybank.exchange.contextfs.edges import edges_of, lost_edges
from memorybank.exchange.contextfs.memory_rows import MemoryReader, namespace_of
from memorybank.exchange.contextfs.rows import plain_row
from memorybank.exchange.contextfs.session_rows import session_of
from memorybank.exchange.fitting import washed_line
from memorybank.exchange.incoming import Incoming, ReadResult

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.contextfs.database import Row
    from memorybank.store.folder import BankFolder

MEMORIES, SESSIONS, MESSAGES, NAMESPACES = "memories", "sessions", "messages", "namespaces"
_KNOWN = (MEMORIES, SESSIONS, MESSAGES, NAMESPACES, EDGES)
# a row of another table belongs to the row that one of these columns names
_OWNERS = {"memory_id": MEMORIES, "session_id": SESSIONS}
_NO_SESSION = "messages without a session"


def read_contextfs(bank: BankFolder, path: Path) -> ReadResult:
    """Read a database; deleted rows are counted.

    Raises:
        ForeignError: it is not an SQLite file, or has no table of memories.
        LimitError: it has too many rows.
    """
    found = read_database(path, MEMORIES)
    account = Account()
    names = _Entries()
    tables = {name: _alive(name, rows, account) for name, rows in found.tables.items()}
    memories = names.of(tables[MEMORIES])
    sessions = names.of(tables.get(SESSIONS, []), prefix=SESSIONS)
    known = {MEMORIES: _first(memories), SESSIONS: _first(sessions)}
    said = _by_session(tables.get(MESSAGES, []), found.tables.get(SESSIONS, []), known[SESSIONS], account)
    for ident in [each for each in said if each not in known[SESSIONS]]:
        (orphan,) = names.of([{"id": ident or _NO_SESSION}], prefix=SESSIONS)
        known[SESSIONS][ident] = orphan[0]
        sessions.append((orphan[0], {"id": ident}))
        count = len(said[ident])
        why = f"session {ident!r} is in no table of sessions" if ident else "they have no session"
        account.reported(MESSAGES, f"{why}: its {count} messages are imported as a session of their own")
    deleted = frozenset(_deleted_ids(found.tables[MEMORIES]))
    edges = edges_of(tables.get(EDGES, []), known[MEMORIES], deleted, account)
    beside = _beside(tables, known, account)
    for ident, values in edges.values.items():
        beside[MEMORIES].setdefault(ident, {})["edges"] = values
    records: list[Incoming] = []
    for entry, row in sessions:
        ident = text_of(row.get("id"))
        # the rows of an id that is there twice belong to the first one
        first = known[SESSIONS].get(ident) == entry
        more = beside[SESSIONS].get(ident, {}) if first else {}
        records.append(session_of(account, entry, row, said.get(ident, []) if first else [], more))
    reader = MemoryReader(bank, account, known[SESSIONS])
    for entry, row in memories:
        ident = text_of(row.get("id"))
        first = known[MEMORIES].get(ident) == entry
        links = tuple(dict.fromkeys(edges.links.get(ident, []))) if first else ()
        memory = reader.read(entry, row, links, beside[MEMORIES].get(ident, {}) if first else {})
        records += [memory] if memory else []
    for entry, row in names.of(tables.get(NAMESPACES, []), prefix=NAMESPACES, always=True):
        namespace = namespace_of(account, entry, row)
        records += [namespace] if namespace else []
    records += [lost_edges(edges.lost)] if edges.lost else []
    for index in found.indexes:
        account.reported(index, "skipped: it is a search index")
    return ReadResult(FORMAT, tuple(_wished_once(records)), (), (), account)


class _Entries:
    """Names for rows that no other row has."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def of(self, rows: list[Row], prefix: str = "", *, always: bool = False) -> list[tuple[str, Row]]:
        """Return rows with their names: the id, with a prefix or number where it is taken."""
        found = []
        for number, row in enumerate(rows, 1):
            ident = text_of(row.get("id")) or f"row {number}"
            entry = f"{prefix}/{ident}" if always or (prefix and washed_line(ident) in self.taken) else ident
            count = 1
            # as it is stored with the record
            while (stored := washed_line(entry if count == 1 else f"({count}) {entry}")) in self.taken:
                count += 1
            self.taken.add(stored)
            found.append((entry if count == 1 else f"({count}) {entry}", row))
        return found


def _first(rows: list[tuple[str, Row]]) -> dict[str, str]:
    first: dict[str, str] = {}
    for entry, row in rows:
        first.setdefault(text_of(row.get("id")), entry)
    return first


def _alive(name: str, rows: list[Row], account: Account) -> list[Row]:
    alive = [row for row in rows if not row.get("deleted_at")]
    if len(alive) < len(rows):
        account.reported(name, f"deleted rows, skipped: {len(rows) - len(alive)}")
    return alive


def _deleted_ids(rows: list[Row]) -> list[str]:
    return [text_of(row.get("id")) for row in rows if row.get("deleted_at")]


def _by_session(
    messages: list[Row], sessions: list[Row], known: dict[str, str], account: Account
) -> dict[str, list[Row]]:
    """Return the messages of each session; those of deleted sessions are counted."""
    deleted = {*_deleted_ids(sessions)} - known.keys()
    said: dict[str, list[Row]] = {}
    for row in messages:
        ident = text_of(row.get("session_id"))
        if ident in deleted:
            account.left(MESSAGES, "messages of deleted sessions")
        else:
            said.setdefault(ident, []).append(row)
    return said


def _beside(
    tables: dict[str, list[Row]], known: dict[str, dict[str, str]], account: Account
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the rows of other tables that belong to a memory or session; others are counted."""
    found: dict[str, dict[str, dict[str, Any]]] = {MEMORIES: {}, SESSIONS: {}}
    for table, rows in tables.items():
        if table in _KNOWN:
            continue
        for row in rows:
            column = next((each for each in _OWNERS if each in row and text_of(row[each]) in known[_OWNERS[each]]), "")
            if not column:
                account.left(table, "rows")
                continue
            owner = text_of(row[column])
            entry = known[_OWNERS[column]][owner]
            values = plain_row(account, table, entry, row, (column,))
            if values:
                found[_OWNERS[column]].setdefault(owner, {}).setdefault(table, []).append(values)
    return found


def _wished_once(records: list[Incoming]) -> list[Incoming]:
    """Return records of which no two wish for one id; a later one keeps it in its metadata."""
    seen: set[str] = set()
    kept = []
    for each in records:
        if each.wish and each.wish in seen:
            metadata = {**each.metadata, "contextfs_id": each.wish}
            kept.append(each._replace(wish="", metadata=metadata))
        else:
            kept.append(each)
        seen.add(each.wish)
    return kept
