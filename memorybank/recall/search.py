"""Search: a query's words to ranked hits, each with the address and digest that an edit takes.

Nothing here parses Markdown: what did not change since the last search costs a look at its file state.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError
from memorybank.recall.filters import Wanted, conditions
from memorybank.recall.index import Connection, Refreshed, Work, open_index
from memorybank.recall.rank import (
    DISTANT,
    SUNK,
    SUNK_STATUSES,
    Candidate,
    Collection,
    Ranked,
    Term,
    idf_of,
    rank,
)
from memorybank.recall.sources import SCOPES, Folder, folders_below, folders_of_bank
from memorybank.recall.words import query_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from memorybank.store.bank import Bank

# so many of the best by plain BM25 are looked at again: more where that costs little, and chat gains by it
DEEP, SHALLOW, SMALL = 400, 130, 4000
_MOST_TERMS = 48
_QUERY_LENGTH = 10_000
_TEXT_LENGTH = 100_000


class Hit(NamedTuple):
    """One place that answers a query.

    `score` is 0 to 1. `address` and `digest` are what `edit --expect` takes. `changed` tells that the file could not
    be read again now, so that `text` is missing.
    """

    path: str
    line: int
    score: float
    address: str
    digest: str
    text: str
    heading: str = ""
    scope: str = ""
    id: str = ""
    type: str = ""
    title: str = ""
    status: str = ""
    tags: tuple[str, ...] = ()
    repo: str = ""
    created: str = ""
    archived: bool = False
    changed: bool = False
    bank: str = ""
    why: Mapping[str, Any] = {}


class Found(NamedTuple):
    """The hits, best first; words that were taken for others; what bringing the index up to date took."""

    hits: tuple[Hit, ...]
    assumed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refreshed: Refreshed = Refreshed()


def search_bank(
    bank: Bank,
    query: str,
    wanted: Wanted,
    *,
    now_ns: int,
    limit: int = 10,
    explain: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    place: Path | None = None,
) -> Found:
    """Search a bank; an empty query lists what the filters take, newest first.

    The index stands in the bank's local state, or at another `place`.

    Raises:
        LockedError: another process has been building the index for longer than one would wait.
    """
    if place is not None:
        from memorybank.document.write import make_dirs

        make_dirs(place, 0o700)
    elif not bank.state.is_dir():
        from memorybank.store.cache import hide_state

        hide_state(bank)
    work = Work(tuple(folders_of_bank(bank)), read_lazily, on_progress)
    db, done = open_index(place or bank.state, work, now_ns)
    try:
        return search_in(db, query, wanted, limit=limit, explain=explain)._replace(refreshed=done)
    finally:
        db.close()


def search_banks(
    banks: Sequence[Bank],
    cache_of: Callable[[Path], Path],
    query: str,
    wanted: Wanted,
    *,
    now_ns: int,
    limit: int = 10,
    explain: bool = False,
) -> Found:
    """Search several banks; each hit tells its bank. One that cannot be searched is passed over.

    The index of a bank that is only read stands where `cache_of` says, so that nothing is written in it.
    """
    hits: list[Hit] = []
    assumed: dict[str, tuple[str, ...]] = {}
    for bank in banks:
        try:
            place = cache_of(bank.folder) if bank.read_only else None
            found = search_bank(bank, query, wanted, now_ns=now_ns, limit=limit, explain=explain, place=place)
        except BankError:
            continue
        hits += [hit._replace(bank=os.fspath(bank.folder)) for hit in found.hits]
        assumed.update(dict(found.assumed))
    hits.sort(key=lambda hit: -hit.score)
    return Found(tuple(hits[:limit]), tuple(assumed.items()))


def search_folder(
    root: Path,
    cache: Path,
    query: str,
    wanted: Wanted,
    *,
    now_ns: int,
    limit: int = 10,
    explain: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Found:
    """Search any folder of Markdown; its index is kept in `cache`, nothing is written in the folder."""
    from memorybank.document.write import make_dirs

    make_dirs(cache, 0o700)
    work = Work(tuple(folders_below(os.fspath(root))), read_lazily, on_progress)
    db, done = open_index(cache, work, now_ns)
    try:
        return search_in(db, query, wanted, limit=limit, explain=explain)._replace(refreshed=done)
    finally:
        db.close()


def read_lazily(folder: Folder, name: str) -> Any:
    """Read one file for the index; what parses is imported when the first one changed."""
    from memorybank.recall.reading import read_file

    return read_file(folder, name)


def search_in(db: Connection, query: str, wanted: Wanted, *, limit: int, explain: bool) -> Found:
    query = query[:_QUERY_LENGTH]
    filters, values = conditions(db, wanted)
    if not query.strip():
        return Found(tuple(_listed(db, filters, values, limit)))
    entries, files, length = db.execute("SELECT entries, files, length FROM total").fetchone()
    if not entries:
        return Found(())
    words = query_terms(query)
    groups, assumed = _groups(db, entries, words.words, words.names)
    candidates = _candidates(db, groups, filters, values, DEEP if entries <= SMALL else SHALLOW)
    whole = Collection(entries, max(length / entries, 1.0), max(length / max(files, 1), 1.0))
    standing = [(groups_word[0].text) for groups_word in groups if groups_word]
    order = [word for word in words.words if word in standing] if not assumed else _order(words.words, assumed)
    ranked = rank(candidates, groups, order, whole)
    hits = _hits(db, ranked, limit, explain=explain)
    return Found(tuple(hits), tuple(assumed.items()))


def _order(words: Sequence[str], assumed: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [assumed[word][0] if word in assumed else word for word in words]


def _groups(
    db: Connection, entries: int, words: Sequence[str], names: Sequence[str]
) -> tuple[list[list[Term]], dict[str, tuple[str, ...]]]:
    """Give the terms to look for, one group a word, and what unknown words were taken for."""
    wanted = list(dict.fromkeys([*words, *names]))
    marks = ", ".join("?" * len(wanted))
    counts = dict(db.execute(f"SELECT term, count FROM word WHERE term IN ({marks})", wanted))  # noqa: S608  marks
    groups = [[Term(each, idf_of(entries, counts[each]))] for each in wanted if each in counts]
    assumed: dict[str, tuple[str, ...]] = {}
    plain = set(words)
    for each in wanted:
        if each in counts or each not in plain:
            continue
        near = _near_terms(db, each)
        if near:
            assumed[each] = tuple(term for term, _ in near)
            groups.append([Term(term, idf_of(entries, count), 0.7) for term, count in near])
    groups.sort(key=lambda group: -group[0].idf)
    return groups[:_MOST_TERMS], assumed


def _near_terms(db: Connection, word: str) -> list[tuple[str, int]]:
    from memorybank.recall.repair import MOST, may_be_a_slip, nearest

    if may_be_a_slip(word):
        sizes = (len(word) - 2, len(word) + 2)
        same = (word[0], f"{word[0]}\U0010ffff", *sizes)
        # nearly all slips leave the first letter: a part of the words is looked through first
        for condition, values in (("term > ? AND term < ? AND ", same), ("", sizes)):
            sql = f"SELECT term, count FROM word WHERE {condition}length(term) BETWEEN ? AND ?"  # noqa: S608
            counts = dict(db.execute(sql, values))
            found = nearest(word, counts.items())
            if found:
                return [(each, counts[each]) for each in found]
    return db.execute(
        "SELECT term, count FROM word WHERE term > ? AND term < ? ORDER BY count DESC LIMIT ?",
        (word, f"{word}\U0010ffff", MOST),
    ).fetchall()


def _candidates(
    db: Connection, groups: list[list[Term]], filters: str, values: list[Any], depth: int
) -> list[Candidate]:
    quoted = ('"' + term.text.replace('"', '""') + '"' for group in groups for term in group)
    match = " OR ".join(quoted)
    if not match:
        return []
    columns = "e.id, e.file, e.seq, e.length, e.title, e.body, e.extra, e.above, f.length, f.status, f.scope"
    if filters:
        rows = db.execute(
            f"SELECT {columns} FROM found JOIN entry e ON e.id = found.rowid JOIN file f ON f.id = e.file "  # noqa: S608
            f"WHERE found MATCH ? AND {filters} ORDER BY found.rank LIMIT ?",
            (match, *values, depth),
        )
    else:
        rows = db.execute(
            f"SELECT {columns} FROM (SELECT rowid AS id FROM found WHERE found MATCH ? ORDER BY rank LIMIT ?) m "  # noqa: S608
            "JOIN entry e ON e.id = m.id JOIN file f ON f.id = e.file",
            (match, depth),
        )
    return [
        Candidate._make(
            (*row[:9], (SUNK if row[9] in SUNK_STATUSES else 1.0) * (DISTANT if row[10] == "repo" else 1.0))
        )
        for row in rows
    ]


_COLUMNS = (
    "e.id, f.path, f.folder, f.name, e.line, e.start, e.stop, e.address, e.digest, e.heading, f.scope, f.record, "
    "f.kind, f.title, f.status, f.tags, f.repo, f.created, f.archived"
)


def _listed(db: Connection, filters: str, values: list[Any], limit: int) -> list[Hit]:
    condition = f"WHERE {filters}" if filters else ""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM entry e JOIN file f ON f.id = e.file {condition} "  # noqa: S608  own conditions
        "ORDER BY f.created DESC, f.path, e.seq LIMIT ?",
        (*values, limit),
    )
    return [_hit(row, Ranked(row[0], 1.0, {}, 0.0, 0.0, 0.0, 1.0), explain=False) for row in rows]


def _hits(db: Connection, ranked: list[Ranked], limit: int, *, explain: bool) -> list[Hit]:
    """Give the best hits whole; equal scores go by date, newest first, then by place."""
    best = ranked[:limit]
    if len(ranked) > limit:
        # what equals the last one comes into the choice too
        best += [each for each in ranked[limit : limit + DEEP] if each.score == best[-1].score]
    rows = {}
    for each in best:
        rows[each.id] = db.execute(
            f"SELECT {_COLUMNS} FROM entry e JOIN file f ON f.id = e.file WHERE e.id = ?",  # noqa: S608
            (each.id,),
        ).fetchone()
    best.sort(key=lambda each: (rows[each.id][1], rows[each.id][4]))
    best.sort(key=lambda each: rows[each.id][17], reverse=True)
    best.sort(key=lambda each: -each.score)
    texts: dict[str, str | None] = {}
    return [_hit(rows[each.id], each, texts, explain=explain) for each in best[:limit]]


def _hit(row: tuple[Any, ...], ranked: Ranked, texts: dict[str, str | None] | None = None, *, explain: bool) -> Hit:
    texts = {} if texts is None else texts
    path, folder, name = row[1], row[2], row[3]
    place = f"{folder.partition(chr(9))[2]}/{name}"
    if place not in texts:
        texts[place] = _read(place)
    whole = texts[place]
    text = "" if whole is None else whole[row[5] : row[6]][:_TEXT_LENGTH].strip("\r\n")
    if name.endswith(".jsonl") and whole is not None:
        text = _message(text)
    why: dict[str, Any] = {}
    if explain:
        why = {
            "words": {word: round(gain, 3) for word, gain in ranked.words.items()},
            "pairs": round(ranked.pairs, 3),
            "beside": round(ranked.beside, 3),
            "file": round(ranked.file, 3),
            "factor": ranked.factor,
        }
    return Hit(
        path=path,
        line=row[4],
        score=round(ranked.score, 4),
        address=row[7],
        digest=row[8],
        text=text,
        heading=row[9],
        scope=row[10],
        id=row[11] or "",
        type=row[12] or "",
        title=row[13] or "",
        status=row[14] or "",
        tags=tuple(each for each in (row[15] or "").split(",") if each),
        repo=row[16] or "",
        created=row[17] or "",
        archived=bool(row[18]),
        changed=whole is None,
        why=why,
    )


def _read(place: str) -> str | None:
    try:
        with open(place, "rb") as file:  # noqa: PTH123  pathlib would be imported for one line
            data = file.read()
    except OSError:
        return None
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def _message(line: str) -> str:
    try:
        return str(json.loads(line)["text"])
    except (ValueError, KeyError, TypeError):
        return ""


__all__ = ["SCOPES", "Found", "Hit", "Wanted", "search_bank", "search_folder"]
