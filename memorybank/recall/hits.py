"""Hits: the entries that match a query, each read again from its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.recall.index import CREATED
from memorybank.recall.sources import REPO
from memorybank.recall.stored_rows import restored_row
from memorybank.recall.words.terms import shown_and_hidden, spaced, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NotRequired, TypedDict

    from memorybank.recall.index import Connection
    from memorybank.recall.rank import Score
    from memorybank.recall.semantic.vectors import EntryText

    class HitWire(TypedDict):
        """One place that matches a query."""

        file: str
        line: int
        score: float
        address: str
        digest: str
        text: str
        heading: str
        scope: str
        id: str
        type: str
        title: str
        status: str
        tags: list[str]
        repo: str
        created: str
        archived: bool
        stale: bool
        # where several banks were searched
        bank: NotRequired[str]
        bank_folder: NotRequired[str]
        # of the hub of a team
        namespace: NotRequired[str]
        source_tool: NotRequired[str]
        by: NotRequired[str]
        # of a commit
        author: NotRequired[str]
        # with --explain
        score_parts: NotRequired[dict[str, Any]]


# characters of a hit's text
_TEXT_LENGTH = 100_000
# rows in one SQL statement; SQLite takes 999 parameters
_AT_ONCE = 200
# hits that are as good as the last one of the page: the newest of them are taken
_MOST_EQUAL = 400


class Hit(NamedTuple):
    """One place that matches a query.

    `score` is 0 to 1. `address` and `digest` are for `edit --expect`. `changed` is true if the file changed or cannot
    be read now, so that `text` is missing. `bank` and `bank_folder` are set where several banks are searched. In the
    hub of a team `bank` is the project, and `namespace`, `source_tool` and `by` say whose it is. A commit's `id` is its
    hash, its `address` the command that shows it.
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
    bank_folder: str = ""
    namespace: str = ""
    source_tool: str = ""
    by: str = ""
    author: str = ""
    why: Mapping[str, Any] = {}

    def to_wire(self) -> HitWire:
        """Return the JSON form; what only some hits have is left out of the others."""
        from memorybank.wire import to_wire

        wire: HitWire = {
            "file": self.path,
            "line": self.line,
            "score": self.score,
            "address": self.address,
            "digest": self.digest,
            "text": self.text,
            "heading": self.heading,
            "scope": self.scope,
            "id": self.id,
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "tags": list(self.tags),
            "repo": self.repo,
            "created": self.created,
            "archived": self.archived,
            "stale": self.changed,
        }
        if self.namespace:
            wire["bank"], wire["namespace"] = self.bank, self.namespace
            wire["source_tool"], wire["by"] = self.source_tool, self.by
        elif self.bank:
            wire["bank"], wire["bank_folder"] = self.bank, self.bank_folder
        if self.author:
            wire["author"] = self.author
        if self.why:
            wire["score_parts"] = to_wire(self.why)
        return wire


_COLUMNS = (
    "e.id, f.path, f.folder, f.name, e.line, e.start, e.stop, e.address, e.digest, e.heading, f.scope, f.record, "
    f"f.kind, f.title, f.status, f.tags, f.repo, {CREATED}, f.archived, e.body, f.metadata, e.extra"
)


def listed_hits(db: Connection, filters: str, values: list[Any], limit: int, *, with_text: bool = True) -> list[Hit]:
    """Return the entries that match the filters, newest first; a record is one hit, at its beginning."""
    condition = f"AND {filters}" if filters else ""
    rows = db.execute(
        f"SELECT {_COLUMNS}, min(e.seq) FROM entry e JOIN file f ON f.id = e.file WHERE e.length {condition} "  # noqa: S608  own conditions
        "GROUP BY CASE f.scope WHEN 'records' THEN -f.id ELSE e.id END "
        f"ORDER BY {CREATED} DESC, f.path, e.seq LIMIT ?",
        (*values, limit),
    )
    texts: dict[str, str | None] | None = {} if with_text else None
    return [_hit(row, 1.0, texts) for row in rows]


def ranked_hits(db: Connection, ranked: list[Score], limit: int, *, explain: bool, with_text: bool = True) -> list[Hit]:
    """Return the best hits with their text; equal scores are sorted by date, newest first, then by place.

    A record is one hit, at its best section. Items of a contract that only the heading above them matches are one hit:
    their section.
    """
    texts: dict[str, str | None] | None = {} if with_text else None
    wanted = limit * 2
    while True:
        best = ranked[:wanted]
        if len(ranked) > wanted:
            # hits with the same score as the last one are also compared
            best += [each for each in ranked[wanted : wanted + _MOST_EQUAL] if each.score == best[-1].score]
        rows = _rows(db, [each.id for each in best])
        best.sort(key=lambda each: (rows[each.id][1], rows[each.id][4]))
        best.sort(key=lambda each: rows[each.id][17], reverse=True)
        best.sort(key=lambda each: -each.score)
        # each section once, at the place of its first item
        kept: dict[object, tuple[Score, bool]] = {}
        for each in best:
            row = rows[each.id]
            whole = with_text and _by_heading(each, row)
            place = (row[1], row[9], row[8]) if whole else row[1] if row[10] == "records" else each.id
            kept.setdefault(place, (each, whole))
        if len(kept) >= limit or wanted >= len(ranked):
            break
        wanted *= 2
    hits = []
    for each, whole in list(kept.values())[:limit]:
        hit = _hit(rows[each.id], each.score, texts, _why(each) if explain else {})
        hits.append(_section_hit(db, hit, rows[each.id], texts or {}) if whole and not hit.changed else hit)
    return hits


def _by_heading(ranked: Score, row: tuple[Any, ...]) -> bool:
    """Check whether an item of a contract is found by nothing that it says itself."""
    return (
        row[10] == "contracts"
        and bool(ranked.words)
        and not ranked.meaning
        and not any(f" {term} " in row[19] or f" {term} " in row[21] for term in ranked.words)
    )


def _section_hit(db: Connection, hit: Hit, row: tuple[Any, ...], texts: Mapping[str, str | None]) -> Hit:
    """Return the hit of the section that an item is in: its address, and the text of all of its items."""
    section, sign, item = hit.address.rpartition("^")
    is_item = bool(sign) and f"^{item}" in hit.text
    # another section may have the same name
    line, start, stop = db.execute(
        "SELECT min(line), min(start), max(stop) FROM entry "
        "WHERE heading = ? AND digest = ? AND file = (SELECT file FROM entry WHERE id = ?)",
        (row[9], row[8], row[0]),
    ).fetchone()
    text = (texts.get(_place_of(restored_row(row))) or "")[start:stop].strip("\r\n")
    return hit._replace(line=line, address=section if is_item else hit.address, text=text[:_TEXT_LENGTH])


def _rows(db: Connection, idents: list[int]) -> dict[int, tuple[Any, ...]]:
    rows = {}
    for at in range(0, len(idents), _AT_ONCE):
        some = idents[at : at + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT {_COLUMNS} FROM entry e JOIN file f ON f.id = e.file WHERE e.id IN ({marks})"  # noqa: S608  marks
        rows.update({row[0]: row for row in db.execute(sql, some)})
    return rows


def _why(ranked: Score) -> dict[str, Any]:
    """Return how the score is made up."""
    why = {
        "words": {word: round(gain, 3) for word, gain in ranked.words.items()},
        "pairs": round(ranked.pairs, 3),
        "beside": round(ranked.beside, 3),
        "file": round(ranked.file, 3),
        "factor": ranked.factor,
    }
    if ranked.meaning:
        why["meaning"] = round(ranked.meaning, 3)
    return why


def _hit(
    row: tuple[Any, ...], score: float, texts: dict[str, str | None] | None, why: Mapping[str, Any] | None = None
) -> Hit:
    row = restored_row(row)
    author = ""
    text: str | None = ""
    if texts is None:
        # the caller reads the file itself
        pass
    elif row[10] == REPO and row[12] == "commit":
        # a commit never changes, so the indexed text is still right
        import json

        kept = json.loads(row[20])
        author, text = kept["author"], kept["message"]
    else:
        text = _text_of(row, texts)
    return Hit(
        path=row[1],
        line=row[4],
        score=round(score, 4),
        address=row[7],
        digest=row[8],
        text="" if text is None else text[:_TEXT_LENGTH],
        heading=row[9],
        scope=row[10],
        id=row[11] or "",
        type=row[12] or "",
        title=row[13] or "",
        status=row[14] or "",
        tags=tuple(part for part in (row[15] or "").split(",") if part),
        repo=row[16] or "",
        created=row[17] or "",
        archived=bool(row[18]),
        changed=text is None,
        author=author,
        why=why or {},
    )


def _place_of(row: tuple[Any, ...]) -> str:
    return f"{row[2].partition(chr(9))[2]}/{row[3]}"


def _text_of(row: tuple[Any, ...], texts: dict[str, str | None]) -> str | None:
    """Read an entry's text from its file; None if the file changed since it was indexed."""
    place = _place_of(row)
    if place not in texts:
        texts[place] = _read(place)
    whole = texts[place]
    if whole is None:
        return None
    text = whole[row[5] : row[6]].strip("\r\n")
    if row[3].endswith(".jsonl"):
        text = _message(text)
    return text if spaced(words_of(shown_and_hidden(text)[0])) == row[19] else None


def texts_of(db: Connection, idents: list[int]) -> Iterator[tuple[int, EntryText]]:
    """Yield the texts of entries to compute their vectors; entries that just changed are skipped until next time."""
    from memorybank.recall.semantic.vectors import EntryText

    for at in range(0, len(idents), _AT_ONCE):
        texts: dict[str, str | None] = {}
        for ident, row in _rows(db, idents[at : at + _AT_ONCE]).items():
            found = restored_row(row)
            text = _text_of(found, texts)
            if text is not None:
                yield ident, EntryText(found[9], text)


def _read(place: str) -> str | None:
    try:
        with open(place, "rb") as file:  # noqa: PTH123  avoids importing pathlib for one line
            data = file.read()
    except OSError:
        return None
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def _message(line: str) -> str:
    import json

    try:
        return str(json.loads(line)["text"])
    except (ValueError, KeyError, TypeError):
        return ""
