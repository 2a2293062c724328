"""Read the tables of an SQLite file of another program; nothing is written, not even beside it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import LimitError
from memorybank.exchange.safe_read import ForeignError
from memorybank.files.read import open_regular, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_ROWS = 200_000
MAX_TEXT = 16 * 1024 * 1024

_MAGIC = b"SQLite format 3\0"
# the bytes of the header that say how the file is written, and their value for a write-ahead log
_VERSIONS, _LOGGED = slice(18, 20), b"\2\2"
_HEADER = 100
# the tables that a virtual table keeps its index in: of full-text search, of vectors, of rectangles
_INNER = re.compile(
    r"data|idx|content|docsize|config|segments|segdir|stat|info|node|rowid|rowids|parent|chunks|auxiliary"
    r"|(?:vector_chunks|metadatachunks|metadatatext)\d+"
)

Row = dict[str, Any]


class Database(NamedTuple):
    """The rows of its tables, by names in lower case; and the names of its search indexes, which are not read."""

    tables: dict[str, list[Row]]
    indexes: tuple[str, ...]


def read_database(path: Path, needed: str) -> Database:
    """Read all tables; texts that are not UTF-8 have lone surrogates.

    Raises:
        ForeignError: it is not an SQLite file, cannot be read, or does not have the `needed` table.
        LimitError: a table has too many rows.
    """
    with _opened(path) as database:
        return _tables(database, path, needed)


@contextmanager
def opened_database(path: Path) -> Iterator[Callable[..., Iterator[tuple[Any, ...]]]]:
    """Open a database and give what yields the rows of a `SELECT` with its values; as `read_database`, else.

    Raises:
        ForeignError: it is not an SQLite file, cannot be read, or has no such table.
    """

    def select(query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        yield from database.execute(query, values)

    with _opened(path) as database:
        yield select


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    options = _options(path)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{options}", uri=True, timeout=5.0)) as database:
            database.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_TEXT)
            if "vfs=" in options:
                # without shared memory, which would be a new file beside this one
                database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA query_only = ON")
            # one state of the whole database, also while its program writes
            database.execute("BEGIN")
            yield database
    except sqlite3.Error as error:
        raise ForeignError(path=path, why=f"its database cannot be read ({error})") from error


def _options(path: Path) -> str:
    """Return how to open a file so that SQLite makes no other file beside it."""
    with typed(path), open(open_regular(str(path)), "rb") as file:  # noqa: PTH123  a descriptor, not a path
        header = file.read(_HEADER)
    if not header.startswith(_MAGIC):
        raise ForeignError(path=path, why="it is not an SQLite file")
    log, shared = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
    if header[_VERSIONS] != _LOGGED or shared.exists():
        return "mode=ro"
    # no program has it open
    return "mode=ro&vfs=unix-none" if log.exists() else "mode=ro&immutable=1"


def _tables(database: sqlite3.Connection, path: Path, needed: str) -> Database:
    found = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    made = {str(name): str(sql or "") for name, sql in found if not str(name).lower().startswith("sqlite_")}
    if needed not in {name.lower() for name in made}:
        raise ForeignError(path=path, why=f"it has no table of {needed}")
    virtual = tuple(name for name, sql in made.items() if sql.lstrip()[:14].upper() == "CREATE VIRTUAL")
    inner = {f"{each}_" for each in virtual}
    index = {name for name in made for each in inner if name.startswith(each) and _INNER.fullmatch(name[len(each) :])}
    rows = {name.lower(): _rows(database, name, path) for name in made if name not in {*virtual, *index}}
    return Database(rows, virtual)


def _rows(database: sqlite3.Connection, table: str, path: Path) -> list[Row]:
    name = '"{}"'.format(table.replace('"', '""'))
    limit = MAX_ROWS + 1
    try:
        cursor = database.execute(f"SELECT * FROM {name} ORDER BY rowid LIMIT {limit}")  # noqa: S608  it is quoted
    except sqlite3.OperationalError:
        # a table without row ids
        cursor = database.execute(f"SELECT * FROM {name} LIMIT {limit}")  # noqa: S608  it is quoted
    names = [str(each[0]).lower() for each in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    if len(rows) > MAX_ROWS:
        raise LimitError(path=path, why=f"its table {table} has more than {MAX_ROWS} rows")
    return rows
