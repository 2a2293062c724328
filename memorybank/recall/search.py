"""Search: from a query to ranked hits, each with the address and digest for an edit.

Nothing here parses Markdown: a file that did not change since the last search only costs a stat call.
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError
from memorybank.ids import RANDOM_ID
from memorybank.recall.changes import look_below, look_of
from memorybank.recall.filters import HitFilter, conditions
from memorybank.recall.hits import Hit, listed_hits, ranked_hits, texts_of
from memorybank.recall.index import Connection, IndexSource, IndexUpdate, SQLError, open_index
from memorybank.recall.rank import (
    DISTANT,
    SHORT,
    SUNK,
    SUNK_STATUSES,
    Candidate,
    Collection,
    rank,
)
from memorybank.recall.recall_errors import MissingExtraError
from memorybank.recall.sources import REPO, SCOPES, Folder, chosen
from memorybank.recall.words.query import wanted_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from memorybank.recall.rank import Group, Term
    from memorybank.recall.semantic.vectors import SemanticIndex
    from memorybank.records.memories.other_banks import KnownHere
    from memorybank.store.folder import BankFolder
    from memorybank.store.manage.known_banks import UnreadBank

# this many of the best hits by plain BM25 are ranked again: DEEP in indexes of up to SMALL entries, where it is cheap
# and improves results for chat logs; more if more hits are asked for
DEEP, SHALLOW, SMALL = 400, 130, 4000
# entries that are ranked although no word of the query is in them: the nearest in meaning
MOST_BY_MEANING = 60
_QUERY_LENGTH = 10_000


class Query(NamedTuple):
    """A search: the best `limit` hits for a query; without a query, all that match the filters, newest first.

    With `semantic`, similar meaning counts too; this needs the extra `semantic`. Without
    `with_text` the hits have no text, and their files are not read.
    """

    query: str
    wanted: HitFilter = HitFilter()
    limit: int = 10
    explain: bool = False
    semantic: bool = False
    with_text: bool = True


class SearchedBank(NamedTuple):
    """A bank that was searched, its project, and how many of the hits are in it."""

    bank: str
    bank_folder: str
    project: str
    hit_count: int = 0


class SearchedHub(NamedTuple):
    """The hub of a team that was searched: its server and database, and the namespaces that were looked at."""

    place: str
    namespaces: tuple[str, ...]


class SearchResult(NamedTuple):
    """The hits, best first; unknown words with the known words used for them; the update of the index.

    Of a search of several banks `searched` are those that it looked at, `unread` those that it could not. `unknown`
    are all words that no entry has. `hub` is set if that of a team was searched instead.
    """

    hits: tuple[Hit, ...]
    assumed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refreshed: IndexUpdate = IndexUpdate()
    searched: tuple[SearchedBank, ...] = ()
    unread: tuple[UnreadBank, ...] = ()
    unknown: tuple[str, ...] = ()
    hub: SearchedHub | None = None


def search_bank(
    bank: BankFolder,
    asked: Query,
    *,
    now_ns: int,
    on_progress: Callable[[str, int, int], None] | None = None,
    place: Path | None = None,
) -> SearchResult:
    """Search a bank; the index is in its local state, or at another `place`.

    Raises:
        MissingExtraError: the packages for `semantic` are not installed.
    """
    if place is not None:
        from memorybank.files.write import make_dirs

        with suppress(BankError):
            make_dirs(place, 0o700)
    elif not bank.state.is_dir():
        from memorybank.store.cache import hide_state

        # if nothing can be written, the index is kept in memory
        with suppress(BankError):
            hide_state(bank)
    work = IndexSource(look_of(bank), read_lazily, on_progress)
    choice = chosen(bank) if "repo" in (asked.wanted.scopes or ("repo",)) else None
    if choice is None:
        return search_source(place or bank.state, work, asked, now_ns)
    from memorybank.recall.repo_source import work_of

    with work_of(bank, choice, now_ns, on_progress) as repo:
        return search_source(place or bank.state, work, asked, now_ns, repo)


def search_banks(
    banks: KnownHere,
    cache_of: Callable[[Path], Path],
    asked: Query,
    *,
    now_ns: int,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> SearchResult:
    """Search several banks, the first of them being the user's place; each hit names its bank.

    A project is the record's own, or its bank's if it names none. A record of several clones of a repository is found
    once. A bank that cannot be searched is in `unread`, with those that were not found. The index of a read-only bank
    is stored at `cache_of`, so that nothing is written into the bank.

    Raises:
        BankError: the first bank cannot be searched.
    """
    from collections import Counter

    from memorybank.records.memories.other_banks import name_of
    from memorybank.store.manage.known_banks import UnreadBank

    hits: list[Hit] = []
    results: list[SearchResult] = []
    searched: list[SearchedBank] = []
    unread = list(banks.unread)
    seen: dict[str, str] = {}
    for bank in banks.found:
        folder = os.fspath(bank.folder)
        try:
            here = asked._replace(wanted=_wanted_in(bank, asked.wanted))
            place = cache_of(bank.folder) if bank.read_only else None
            found = search_bank(bank, here, now_ns=now_ns, on_progress=on_progress, place=place)
            name = name_of(bank)
        except MissingExtraError:
            raise
        except (BankError, SQLError, OSError) as error:
            if bank is banks.found[0]:
                raise
            unread.append(UnreadBank(folder, error.message if isinstance(error, BankError) else str(error)))
            continue
        results.append(found)
        searched.append(SearchedBank(name, folder, bank.config.project))
        hits += [
            hit._replace(bank=name, bank_folder=folder)
            for hit in found.hits
            # a line of a memory file is each bank's own
            if not hit.id or seen.setdefault(_key_of(hit), folder) == folder
        ]
    hits.sort(key=lambda hit: -hit.score)
    done = IndexUpdate(*map(sum, zip(*(each.refreshed for each in results), strict=True)))
    unknown = _unknown_in_all(results)
    assumed = {word: words for each in results for word, words in each.assumed if word in unknown}
    hits = hits[: asked.limit]
    counts = Counter(hit.bank_folder for hit in hits)
    looked_at = tuple(each._replace(hit_count=counts[each.bank_folder]) for each in searched)
    return SearchResult(tuple(hits), tuple(assumed.items()), done, looked_at, tuple(unread), unknown)


def _key_of(hit: Hit) -> str:
    """Return what is the same in all clones: a random id, else the place and the text."""
    return hit.id if re.fullmatch(RANDOM_ID, hit.id) else f"{hit.path}\n{hit.digest}"


def _wanted_in(bank: BankFolder, wanted: HitFilter) -> HitFilter:
    project = wanted.records.project
    return wanted._replace(is_project=bool(project) and bank.config.project == project)


def _unknown_in_all(results: Sequence[SearchResult]) -> tuple[str, ...]:
    """Return the words that no bank has."""
    words = results[0].unknown if results else ()
    return tuple(word for word in words if all(word in each.unknown for each in results))


def search_folder(
    root: Path,
    cache: Path,
    asked: Query,
    *,
    now_ns: int,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> SearchResult:
    """Search any folder of Markdown; its index is kept in `cache`, and nothing is written into the folder.

    Raises:
        MissingExtraError: the packages for `semantic` are not installed.
    """
    from memorybank.files.write import make_dirs

    # if nothing can be written, the index is kept in memory
    with suppress(BankError):
        make_dirs(cache, 0o700)
    work = IndexSource(partial(look_below, os.fspath(root)), read_lazily, on_progress)
    return search_source(cache, work, asked, now_ns)


def search_source(
    place: Path, work: IndexSource, asked: Query, now_ns: int, repo: IndexSource | None = None
) -> SearchResult:
    """Search a source whose index is kept in a folder; with a second source, both together."""
    force = False
    for is_last in (False, True):
        with ExitStack() as stack:
            db, done = open_index(place, work, now_ns, force=force)
            stack.callback(db.close)
            beside = None
            if repo is not None:
                beside, more = open_index(place / REPO, repo, now_ns, force=force)
                stack.callback(beside.close)
                done = IndexUpdate(*map(sum, zip(done, more, strict=True)))
            try:
                meaning = None
                # one view of the index: another process may read files again, which gives their entries new numbers
                db.execute("BEGIN")
                if asked.semantic and asked.query.strip():
                    from memorybank.recall.semantic.vectors import SemanticIndex

                    meaning = SemanticIndex(db, place)
                    if not meaning.is_complete():
                        # computing vectors takes long: nobody waits for it
                        db.execute("COMMIT")
                        if meaning.complete(partial(texts_of, db), work.on_progress) and not is_last:
                            continue
                        db.execute("BEGIN")
                        meaning = SemanticIndex(db, place)
                found = search_in(db, asked, meaning, beside)
                if beside is not None:
                    found = _joined(found, search_in(beside, asked, None, db), asked.limit)
                # a file saved between the stat call and the reading is read once more
                if is_last or not any(hit.changed for hit in found.hits):
                    return found._replace(refreshed=done)
            except SQLError:
                # damaged although its stamp is valid
                if is_last:
                    raise
                force = True
    raise AssertionError


def _joined(found: SearchResult, other: SearchResult, limit: int) -> SearchResult:
    """Merge the hits of two sources; for equal scores those of the first source come first."""
    hits = sorted((*found.hits, *other.hits), key=lambda hit: -hit.score)
    return SearchResult(tuple(hits[:limit]), found.assumed, unknown=found.unknown)


def read_lazily(folder: Folder, name: str) -> Any:
    """Read one file for the index; the parsing modules are imported when the first file changed."""
    from memorybank.recall.index_rows import read_file

    return read_file(folder, name)


def search_in(
    db: Connection, asked: Query, meaning: SemanticIndex | None = None, beside: Connection | None = None
) -> SearchResult:
    """Search an open index; with a second index `beside` it, scores and known words are those of both together."""
    query = asked.query[:_QUERY_LENGTH]
    filters, values = conditions(db, asked.wanted)
    if not query.strip():
        return SearchResult(tuple(listed_hits(db, filters, values, asked.limit, with_text=asked.with_text)))
    both = [each for each in (db, beside) if each]
    sizes = [each.execute("SELECT entries, files, length, texts FROM total").fetchone() for each in both]
    entries, files, length, texts = map(sum, zip(*sizes, strict=True))
    wanted = wanted_of(query, both, entries)
    depth = max(DEEP if sizes[0][0] <= SMALL else SHALLOW, asked.limit)
    candidates = _candidates(db, wanted.groups, filters, values, depth)
    near = meaning.nearest(query, filters, values) if meaning else {}
    found = {candidate.id for candidate in candidates}
    candidates += _others(db, [ident for ident in near if ident not in found][:MOST_BY_MEANING])
    whole = Collection(entries, max(length / max(texts, 1), SHORT), max(length / max(files, 1), SHORT))
    ranked = rank(candidates, wanted.groups, wanted.order, whole, near)
    hits = ranked_hits(db, ranked, asked.limit, explain=asked.explain, with_text=asked.with_text)
    return SearchResult(tuple(hits), tuple(wanted.assumed.items()), unknown=wanted.unknown)


def _candidates(db: Connection, groups: list[Group], filters: str, values: list[Any], depth: int) -> list[Candidate]:
    """Return the best entries by plain BM25 with any of the terms, and the best with any of the names as a whole."""
    every = [term for group in groups for term in (*group.terms, *group.parts)]
    rows = {}
    for terms in (every, [term for term in every if term.exact]):
        if terms:
            rows.update({row[0]: row for row in _matching(db, terms, filters, values, depth)})
    return [_candidate(row) for row in rows.values()]


def _matching(db: Connection, terms: list[Term], filters: str, values: list[Any], depth: int) -> list[tuple[Any, ...]]:
    match = " OR ".join('"' + term.text.replace('"', '""') + '"' for term in terms)
    if filters:
        return db.execute(
            f"SELECT {_CANDIDATE} FROM found JOIN entry e ON e.id = found.rowid JOIN file f ON f.id = e.file "  # noqa: S608
            f"WHERE found MATCH ? AND {filters} ORDER BY found.rank LIMIT ?",
            (match, *values, depth),
        ).fetchall()
    return db.execute(
        f"SELECT {_CANDIDATE} FROM (SELECT rowid AS id FROM found WHERE found MATCH ? ORDER BY rank LIMIT ?) m "  # noqa: S608
        "JOIN entry e ON e.id = m.id JOIN file f ON f.id = e.file",
        (match, depth),
    ).fetchall()


def _others(db: Connection, idents: list[int]) -> list[Candidate]:
    """Return entries that were found by meaning only."""
    sql = (
        f"SELECT {_CANDIDATE} FROM entry e JOIN file f ON f.id = e.file "  # noqa: S608  marks
        f"WHERE e.id IN ({', '.join('?' * len(idents))}) ORDER BY e.id"
    )
    return [_candidate(row) for row in db.execute(sql, idents)]


_CANDIDATE = "e.id, e.file, e.seq, e.length, e.title, e.body, e.extra, e.above, f.length, f.status, f.scope"


def _candidate(row: tuple[Any, ...]) -> Candidate:
    factor = (SUNK if row[9] in SUNK_STATUSES else 1.0) * (DISTANT if row[10] == "repo" else 1.0)
    return Candidate._make((*row[:9], factor))


__all__ = ["SCOPES", "Hit", "HitFilter", "Query", "SearchResult", "search_bank", "search_banks", "search_folder"]
