"""Search, lists and single records of the hub: over all projects of the namespaces that the login is a member of.

The database finds the files; which passage of a file is shown is chosen here, as in a search of the bank. All that
comes back was written by somebody else: a text that cannot be split is shown from its beginning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError
from memorybank.recall.hits import Hit
from memorybank.recall.pieces import Piece, messages_of, pieces_of
from memorybank.recall.search import SearchedHub, SearchResult
from memorybank.recall.words.terms import query_terms, words_of
from memorybank.records.filter import Filter
from memorybank.records.find import BrokenRecord
from memorybank.records.memories.other_banks import RecordPlace, RecordsElsewhere
from memorybank.records.record import parse, parse_head
from memorybank.store.several import none_or_several
from memorybank.team.hub.address import address_of
from memorybank.team.hub.postgres import Limits, connect
from memorybank.team.hub.search_schema import SEARCHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.recall.search import Query
    from memorybank.store.folder import BankFolder
    from memorybank.team.hub.postgres import Hub

LIMITS = Limits(connect=5, statement=30, lock=5)
# what connects the parts of a name, as `memorybank.words_of` in the database splits them
_JOINED = re.compile(r"(?<=\w)[._/:-]+(?=\w)")
_QUERY_LENGTH = 10_000
_TEXT_LENGTH = 100_000
# characters of a file: its front matter
_HEAD = 20_000
_MOST_FOUND = 100
_SCOPES = {"memories": "records", "archive": "records", "groups": "sessions"}
_FOLDERS = ("docs", "sessions", "memory-tool")
_COLUMNS = (
    "l.namespace, l.project, l.id, left(l.body, %s), l.type, l.title, l.status, l.tags, l.tool, l.created,"
    " l.login::text"
)
_PLACE = "l.namespace, l.project, l.id"
_MEMORY = "l.op = 'put' AND l.id LIKE 'memories/%%'"


class _Row(NamedTuple):
    namespace: str
    project: str
    id: str
    body: str
    type: str
    title: str
    status: str
    tags: list[str]
    tool: str
    created: str
    login: str


def search_hub(bank: BankFolder, asked: Query) -> SearchResult:
    """Return the best files of the hub for a query, each with its best passage; without one the newest.

    Files with all words of the query come before those with some of them.

    Raises:
        HubAddressError: no hub is named.
        BankError: the hub does not answer, or has no tables yet.
    """
    address = address_of(bank)
    query = asked.query.strip()[:_QUERY_LENGTH]
    wanted = query_terms(query)
    terms = frozenset(wanted.words + wanted.names)
    with connect(address, LIMITS, read_only=True) as hub:
        hub.check_version()
        if query:
            found = _matching(hub, web_query(query), asked, any_word=False)
            if len(found) < asked.limit:
                known = {row[:3] for _, row in found}
                more = _matching(hub, _JOINED.sub(" ", query), asked, any_word=True)
                found += [(_share(row, terms) * score, row) for score, row in more if row[:3] not in known]
            found.sort(key=lambda each: -each[0])
        else:
            condition, values = _conditions(asked.wanted.records, archived=asked.wanted.archived)
            found = [(1.0, row) for row in _newest(hub, condition, values, asked.limit, SEARCHED)]
        place = SearchedHub(hub.where, tuple(hub.namespaces()))
    hits = tuple(_hit(row, score, terms) for score, row in found[: asked.limit])
    return SearchResult(hits, hub=place)


def list_hub(bank: BankFolder, wanted: Filter, *, limit: int = 0) -> RecordsElsewhere:
    """Return the memories in the hub that match a filter, newest first, and those that cannot be read.

    Raises:
        HubAddressError: no hub is named.
        BankError: the hub does not answer, or has no tables yet.
    """
    condition, values = _conditions(wanted)
    condition = f"{_MEMORY} AND {condition}"
    with connect(address_of(bank), LIMITS, read_only=True) as hub:
        hub.check_version()
        ((total,),) = hub.rows(f"SELECT count(*) FROM memorybank.latest AS l WHERE {condition}", values)  # noqa: S608
        rows = _newest(hub, condition, values, limit or total, _HEAD)
    records: list[RecordPlace] = []
    broken: list[BrokenRecord] = []
    for row in rows:
        try:
            record = parse_head(row.body.encode(), row.id, _kind_of(row.id))
        except BankError as error:
            broken.append(BrokenRecord(f"{row.namespace}/{row.project}/{row.id}", 1, error.message))
        else:
            records.append(RecordPlace(record, row.project, "", row.namespace))
    return RecordsElsewhere(records, total, broken)


def recall_hub(bank: BankFolder, ident: str, *, project: str = "") -> RecordPlace:
    """Return the whole memory in the hub with an id, or with a prefix that only it has.

    Raises:
        NoRecordError: no memory matches, or several do.
        FrontMatterError: it cannot be read.
        BankError: the hub does not answer, or has no tables yet.
    """
    condition, values = _conditions(Filter(project=project))
    name = ident.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    condition = f"{_MEMORY} AND (l.id = %s OR l.id LIKE %s) AND {condition}"
    with connect(address_of(bank), LIMITS, read_only=True) as hub:
        hub.check_version()
        rows = _newest(hub, condition, [ident, f"memories/%/{name}%", *values], _MOST_FOUND, SEARCHED)
    exact = [row for row in rows if _record_id(row) == ident]
    rows = exact or rows
    if len(rows) != 1:
        places = [f"{row.namespace}/{row.project}/{row.id}" for row in rows]
        raise none_or_several(ident=ident, kind="record", found=places, hint="bank list --remote")
    (row,) = rows
    record = parse(row.body.encode(), row.id, _kind_of(row.id))
    return RecordPlace(record, row.project, "", row.namespace)


def web_query(query: str) -> str:
    """Return a query for `websearch_to_tsquery` in which a name such as `a.b` is a phrase of its parts.

    >>> web_query('UserService.get -old_name "in a_phrase"')
    '"UserService get" -"old name" "in a phrase"'
    """
    inside = query.split('"')
    for number, text in enumerate(inside):
        if number % 2:
            inside[number] = _JOINED.sub(" ", text)
        else:
            inside[number] = re.sub(r"(?<!\S)(-?)(\S+)", _phrase, text)
    return '"'.join(inside)


def _phrase(found: re.Match[str]) -> str:
    parts = _JOINED.sub(" ", found[2])
    return f'{found[1]}"{parts}"' if parts != found[2] else found[0]


def _matching(hub: Hub, query: str, asked: Query, *, any_word: bool) -> list[tuple[float, _Row]]:
    records = asked.wanted.records
    given = (
        *(query, any_word, list(records.kinds), list(records.tags), list(records.any_tags), records.project),
        *(records.source_tool, records.status, records.since, records.until, asked.wanted.archived, asked.limit),
    )
    rows = hub.rows(
        f"SELECT s.score, {_COLUMNS} FROM memorybank.search(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) AS s"  # noqa: S608
        f" JOIN memorybank.latest AS l USING (namespace, project, id) ORDER BY 1 DESC, l.created DESC, {_PLACE}",
        (SEARCHED, *given),
    )
    return [(0.5 + 0.5 * float(score), _Row(*row)) for score, *row in rows]


def _newest(hub: Hub, condition: str, values: Sequence[Any], limit: int, length: int) -> list[_Row]:
    rows = hub.rows(
        f"SELECT {_COLUMNS} FROM memorybank.latest AS l WHERE {condition} ORDER BY l.created DESC, {_PLACE} LIMIT %s",  # noqa: S608
        (length, *values, limit),
    )
    return [_Row(*row) for row in rows]


def _conditions(wanted: Filter, *, archived: bool = False) -> tuple[str, list[Any]]:
    """Return a filter as conditions of SQL with their values, as `memorybank.search` in the database applies it."""
    known: tuple[tuple[str, Any], ...] = (
        ("l.type = ANY (%s)", list(wanted.kinds)),
        ("l.tags @> %s", list(wanted.tags)),
        ("l.tags && %s", list(wanted.any_tags)),
        ("coalesce(nullif(l.record_project, ''), l.project) = %s", wanted.project),
        ("l.tool = %s", wanted.source_tool),
        ("lower(l.status) = lower(%s)", wanted.status),
        ('l.created COLLATE "C" >= %s', wanted.since),
    )
    parts = ["l.op = 'put'"]
    parts += [] if archived else ["l.id NOT LIKE 'archive/%%'"]
    values = []
    for condition, value in known:
        if value:
            parts.append(condition)
            values.append(value)
    if wanted.until:
        parts.append("l.created <> '' AND left(l.created, length(%s)) COLLATE \"C\" <= %s")
        values += [wanted.until, wanted.until]
    return " AND ".join(parts), values


def _share(row: _Row, terms: frozenset[str]) -> float:
    """Return how much of the query is in a file."""
    return len(terms & {*words_of(f"{row.title}\n{row.body}")}) / len(terms) if terms else 1.0


def _hit(row: _Row, score: float, terms: frozenset[str]) -> Hit:
    piece = _best_piece(row, terms)
    return Hit(
        path=row.id,
        line=piece.line,
        score=round(score, 4),
        address=piece.address,
        digest=piece.digest,
        text=piece.text.strip("\r\n")[:_TEXT_LENGTH],
        heading=piece.heading or row.title,
        scope=_scope_of(row.id),
        id=_record_id(row),
        type=row.type,
        title=row.title,
        status=row.status,
        tags=tuple(row.tags),
        created=row.created,
        archived=row.id.startswith("archive/"),
        bank=row.project,
        namespace=row.namespace,
        source_tool=row.tool,
        by=row.login,
    )


def _best_piece(row: _Row, terms: frozenset[str]) -> Piece:
    """Return the passage with most words of the query, the first of equal ones."""
    data = row.body.encode()
    try:
        is_log = row.id.endswith(".jsonl")
        pieces = list(messages_of(data, row.id) if is_log else pieces_of(data, row.id, memory="/" not in row.id))
    except BankError:
        pieces = []
    if not pieces:
        return Piece(1, 0, len(row.body), row.title, row.id, "", row.body)
    return max(pieces, key=lambda piece: len(terms & {*words_of(f"{piece.heading}\n{piece.text}")}))


def _record_id(row: _Row) -> str:
    try:
        return parse_head(row.body.encode(), row.id, _kind_of(row.id)).id if "/" in row.id else ""
    except BankError:
        return ""


def _scope_of(name: str) -> str:
    folder = name.split("/", maxsplit=1)[0]
    return folder if folder in _FOLDERS else _SCOPES.get(folder, "contracts")


def _kind_of(name: str) -> str:
    parts = name.split("/")
    return parts[1] if parts[0] == "memories" and len(parts) > 2 else ""  # noqa: PLR2004  folder, type, file
