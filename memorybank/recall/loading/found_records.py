"""The records that loading asks the index for, in one look: the best for the query, and those changed lately."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.recall.changes import look_of
from memorybank.recall.filters import HitFilter
from memorybank.recall.index import IndexSource, ask_index, unpacked
from memorybank.recall.search import Query, read_lazily, search_in
from memorybank.recall.stored_rows import restored, stored
from memorybank.records.filter import Filter
from memorybank.records.types import MEMORIES

if TYPE_CHECKING:
    from memorybank.recall.index import Connection
    from memorybank.recall.loading.candidates import LoadRequest
    from memorybank.store.folder import BankFolder

# a record can have several hits: so many are asked for each record that is wanted
_HITS_A_RECORD = 8
_MOST_HITS = 1000
# if more files were written lately, as after a clone, their front matter is read from its cache instead
_MOST_CHANGED = 300
# a clock may have been changed, or a file copied
_SLACK = timedelta(hours=1)


class FoundRecord(NamedTuple):
    """A record that matches, with the parts of its value by name."""

    file: str
    kind: str
    status: str
    scores: dict[str, float]


class FoundRecords(NamedTuple):
    """The records that match, and the file and type of those changed lately; None if there are too many of those."""

    matching: list[FoundRecord]
    recent: list[tuple[str, str]] | None


def find_records(bank: BankFolder, ask: LoadRequest) -> FoundRecords:
    """Search the index of a bank for what a request needs."""
    if not bank.state.is_dir():
        from memorybank.store.cache import hide_state

        # if nothing can be written, the index is kept in memory
        with suppress(BankError):
            hide_state(bank)
    work = IndexSource(look_of(bank), read_lazily)

    tags = _tags_of_groups(bank, ask) if ask.cell.deep else ()

    def answer(db: Connection) -> FoundRecords:
        matching = _matching(db, ask, tags) if ask.cell.deep else []
        return FoundRecords(matching, _recent(db, ask) if ask.cell.cache_hours else [])

    return ask_index(bank.state, work, int(ask.now.timestamp()) * 1_000_000_000, answer)[0]


def _tags_of_groups(bank: BankFolder, ask: LoadRequest) -> tuple[str, ...]:
    """Return the tags of the named groups, else of those that the session belongs to."""
    if not ask.groups and not ask.sessions:
        return ()
    from memorybank.records.find import find_record

    found: list[str] = []
    with suppress(BankError):
        groups = list(ask.groups)
        for session in ask.sessions if not groups else ():
            named = find_record(bank, session, kinds=("session",)).fields.get("groups")
            groups += [str(each) for each in named] if isinstance(named, list) else []
        for each in groups:
            found += find_record(bank, each, kinds=("group",)).tags
    return tuple(dict.fromkeys(found))


def _matching(db: Connection, ask: LoadRequest, tags: tuple[str, ...]) -> list[FoundRecord]:
    """Return the records for the query, the focus and the groups' tags; without query and focus, the newest too."""
    wanted = Filter(kinds=ask.cell.types)
    asked = [("query", ask.query, 3.0, wanted), ("focus", ask.focus, 2.0, wanted)]
    asked = [each for each in asked if each[1].strip()] or [("newest", "", 0.5, wanted)]
    if tags:
        asked.append(("tags", "", 1.0, wanted._replace(any_tags=tags)))
    limit = min(_HITS_A_RECORD * ask.cell.deep + 20, _MOST_HITS)
    found: dict[str, FoundRecord] = {}
    for name, words, weight, records in asked:
        query = Query(words, HitFilter(records, scopes=("records",)), limit, with_text=False)
        hits = search_in(db, query).hits
        for place, hit in enumerate(hits):
            # groups are records too, but belong to another layer
            if hit.path.startswith(MEMORIES) and not ask.is_elsewhere(hit.type):
                each = found.setdefault(hit.path, FoundRecord(hit.path, hit.type, hit.status, {}))
                score = hit.score if words else 1 - place / len(hits)
                each.scores[name] = max(each.scores.get(name, 0.0), weight * score)
    return list(found.values())


def _recent(db: Connection, ask: LoadRequest) -> list[tuple[str, str]] | None:
    """Return the memories whose files were written in the time window, by the times that the index has seen."""
    edge = int((ask.now - timedelta(hours=ask.cell.cache_hours) - _SLACK).timestamp()) * 1_000_000_000
    found: list[tuple[str, str]] = []
    sql = "SELECT path, state FROM folder WHERE path GLOB ? AND newest >= ?"
    for folder, state in db.execute(sql, ("records\t*", edge)).fetchall():
        # a file that was just written is in the state without its time
        names = [name for name, changed, *_ in unpacked(state) if changed >= edge or not changed]
        if len(found) + len(names) > _MOST_CHANGED:
            return None
        for name in names:
            sql = "SELECT path, kind FROM file WHERE folder = ? AND name = ? AND NOT archived"
            rows = db.execute(sql, (folder, stored(name))).fetchall()
            found += [(restored(path), kind) for path, kind in rows if path.startswith(MEMORIES)]
    return found
