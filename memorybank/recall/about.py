"""What an index holds, and the jump to a heading by a part of its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.recall.index import NAME, Refreshed, Work, open_index
from memorybank.recall.search import read_lazily
from memorybank.recall.sources import folders_of_bank

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from memorybank.store.bank import Bank

_QUERY_LENGTH = 10_000


class Heading(NamedTuple):
    """A heading that answers to what was typed; `score` is 0 to 1."""

    path: str
    line: int
    score: float
    heading: str
    address: str
    digest: str


class Size(NamedTuple):
    """What an index holds: its file and bytes, entries, files, distinct words, files by scope, files not read."""

    path: str
    bytes: int
    entries: int
    files: int
    words: int
    scopes: Mapping[str, int]
    broken: tuple[tuple[str, str], ...]
    refreshed: Refreshed


def jump(bank: Bank, query: str, *, now_ns: int, limit: int = 10) -> tuple[Heading, ...]:
    """Find headings by what they are called, slips allowed; the nearest first."""
    from memorybank.recall.repair import best_headings

    db, _ = open_index(bank.state, Work(tuple(folders_of_bank(bank)), read_lazily), now_ns)
    try:
        rows = db.execute(
            "SELECT e.heading, e.address, f.path, min(e.line), e.digest FROM entry e JOIN file f ON f.id = e.file "
            "WHERE e.heading != '' AND NOT f.archived GROUP BY f.path, e.heading ORDER BY f.path, 4"
        ).fetchall()
    finally:
        db.close()
    found = best_headings(query[:_QUERY_LENGTH], [row[0] for row in rows], limit)
    return tuple(Heading(row[2], row[3], score / 100, row[0], row[1], row[4]) for row, score in _with(rows, found))


def _with(rows: list[Any], found: list[tuple[int, float]]) -> list[tuple[Any, float]]:
    return [(rows[place], score) for place, score in found]


def size_of(
    bank: Bank, *, now_ns: int, force: bool = False, on_progress: Callable[[int, int], None] | None = None
) -> Size:
    """Bring the index up to date, or with `force` build it anew, and tell what it holds."""
    if not bank.state.is_dir():
        from memorybank.store.cache import hide_state

        hide_state(bank)
    work = Work(tuple(folders_of_bank(bank)), read_lazily, on_progress)
    db, done = open_index(bank.state, work, now_ns, force=force)
    try:
        entries, files, _ = db.execute("SELECT entries, files, length FROM total").fetchone()
        (words,) = db.execute("SELECT count(*) FROM word").fetchone()
        scopes = dict(db.execute("SELECT scope, count(*) FROM file GROUP BY scope"))
        broken = tuple(db.execute("SELECT path, broken FROM file WHERE broken != '' ORDER BY path"))
    finally:
        db.close()
    path = bank.state / NAME
    return Size(os.fspath(path), path.stat().st_size, entries, files, words, scopes, broken, done)
