"""The index: SQLite FTS5 beside the bank, updated before every answer; the files are always the source of truth.

It may be deleted, truncated or overwritten at any time. A stamp file beside it has the state in which this program left
the index: if it does not match, the index is rebuilt. Writers take a kernel lock; SQLite's own journal handles a
writer that is killed.
"""

from __future__ import annotations

import marshal
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from memorybank.errors import BankError
from memorybank.files.read import beginning_of
from memorybank.recall.index_counts import Counts
from memorybank.recall.stored_rows import stored, stored_row, text_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path
    from typing import TypedDict

    class IndexUpdateWire(TypedDict):
        """What bringing an index up to date took."""

        read_count: int
        gone_count: int
        broken_count: int

    from memorybank.recall.sources import FileState, Folder

Answer = TypeVar("Answer")
Connection = sqlite3.Connection
SQLError = sqlite3.DatabaseError
VERSION = 11
NAME = "index.sqlite"
# a file changed less than this time ago may change again within one clock tick: it is read again next time
RACY_NS = 2_000_000_000
# waits: for SQLite's lock, and for another process that builds the index
_BUSY_SECONDS = 30.0
_LOCK_SECONDS = 60.0
_STAMP_LENGTH = 1000
# the largest number of SQLite; a file system may have later times
_LATEST = 2**63 - 1
# the key of a source's own state in the folder table
SEEN = ""
# the date of an entry: from its file, or from the entry itself
CREATED = "CASE f.created WHEN '' THEN e.at ELSE f.created END"
# the position of the length in an entry's row, after line, start, stop, heading, address and digest
LENGTH = 6
_TABLES = """
CREATE TABLE folder(path TEXT PRIMARY KEY, newest INTEGER NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE file(
  id INTEGER PRIMARY KEY, folder TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
  scope TEXT NOT NULL, archived INTEGER NOT NULL, record TEXT, kind TEXT, title TEXT, status TEXT, tags TEXT,
  project TEXT, tool TEXT, repo TEXT, session TEXT, created TEXT, metadata TEXT, broken TEXT, length INTEGER
);
CREATE UNIQUE INDEX file_place ON file(folder, name);
CREATE INDEX file_archived ON file(archived) WHERE archived;
CREATE TABLE entry(
  id INTEGER PRIMARY KEY, file INTEGER NOT NULL, seq INTEGER NOT NULL, line INTEGER NOT NULL, start INTEGER NOT NULL,
  stop INTEGER NOT NULL, heading TEXT NOT NULL, address TEXT NOT NULL, digest TEXT NOT NULL, length INTEGER NOT NULL,
  at TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, extra TEXT NOT NULL, above TEXT NOT NULL,
  key INTEGER NOT NULL
);
CREATE INDEX entry_key ON entry(key) WHERE length;
CREATE INDEX entry_file ON entry(file);
CREATE VIRTUAL TABLE found USING fts5(
  title, body, extra, above, content=entry, content_rowid=id,
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co So Sk' tokenchars '_-./:+#@()>$'"
);
INSERT INTO found(found, rank) VALUES('rank', 'bm25(3.0, 1.0, 0.5, 0.3)');
CREATE TABLE word(term TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE form(term TEXT NOT NULL, written TEXT NOT NULL, PRIMARY KEY(term, written)) WITHOUT ROWID;
CREATE INDEX form_length ON form(length(written));
CREATE TABLE total(
  entries INTEGER NOT NULL, files INTEGER NOT NULL, length INTEGER NOT NULL, texts INTEGER NOT NULL
);
INSERT INTO total VALUES(0, 0, 0, 0);
"""


class IndexUpdate(NamedTuple):
    """The result of an index update: files read, files removed, files that could not be read."""

    read: int = 0
    gone: int = 0
    broken: int = 0

    def to_wire(self) -> IndexUpdateWire:
        """Return the JSON form."""
        return {"read_count": self.read, "gone_count": self.gone, "broken_count": self.broken}


class DiskState(NamedTuple):
    """The state of the disk: each folder with the state of its files.

    `seen` is stored in the index, for a source that uses it next time to see that nothing changed.
    """

    states: list[tuple[Folder, list[FileState]]]
    seen: bytes = b""


class IndexSource(NamedTuple):
    """Where an index comes from.

    `look` gets what the index knows, and returns the state of the disk, or None if nothing changed. `read` returns a
    file's row with its entries.
    """

    look: Callable[[Mapping[str, bytes]], DiskState | None]
    read: Callable[[Folder, str], FileRow]
    on_progress: Callable[[str, int, int], None] | None = None


class FileRow(NamedTuple):
    """A file in the index: the fields of its record, its entries as rows, and its words: stems, and as written."""

    fields: tuple[object, ...]
    entries: tuple[tuple[object, ...], ...]
    broken: str = ""
    written: Collection[tuple[str, str]] = ()


def ask_index(
    folder: Path, work: IndexSource, now_ns: int, ask: Callable[[Connection], Answer], *, force: bool = False
) -> tuple[Answer, IndexUpdate]:
    """Update a folder's index and call `ask` with it; a damaged index is rebuilt."""
    for is_second in (False, True):
        db, done = open_index(folder, work, now_ns, force=force or is_second)
        try:
            return ask(db), done
        except sqlite3.DatabaseError:
            if is_second:
                raise
        finally:
            db.close()
    raise AssertionError


def open_index(
    folder: Path, work: IndexSource, now_ns: int, *, force: bool = False
) -> tuple[sqlite3.Connection, IndexUpdate]:
    """Update and open a folder's index; the caller must close the connection.

    If it cannot be written, or another process builds it for too long, an index in memory is used.
    """
    path = folder / NAME
    look = work.look
    looked = None
    if not force and _is_as_left(path):
        db = None
        try:
            db = _connect(path)
            looked = look(_known(db))
            if looked is None:
                return db, IndexUpdate()
        except sqlite3.Error:
            pass
        if db is not None:
            db.close()
    looked = looked or look({}) or DiskState([])
    from memorybank.files.write import lock

    try:
        with lock(folder / "index.lock", timeout=_LOCK_SECONDS, holder="index"):
            done = _bring_up_to_date(path, work, looked, now_ns, force=force)
            db = _connect(path)
            # from here on the file stays open, even if another process rebuilds it
            _known(db)
            return db, done
    except (BankError, sqlite3.Error):
        return _in_memory(path, work, looked, now_ns)


def _in_memory(path: Path, work: IndexSource, looked: DiskState, now_ns: int) -> tuple[sqlite3.Connection, IndexUpdate]:
    """Return a private index in memory: a copy of the one on disk, if that is valid."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    if _is_as_left(path):
        with suppress(sqlite3.Error):
            left = _connect(path)
            try:
                left.backup(db)
                return db, _refresh(db, work, looked, now_ns)
            finally:
                left.close()
        db.close()
        db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(_TABLES)
    return db, _refresh(db, work, looked, now_ns)


def _bring_up_to_date(path: Path, work: IndexSource, looked: DiskState, now_ns: int, *, force: bool) -> IndexUpdate:
    from memorybank.files.write import discard

    fresh = force or not _is_as_left(path)
    for is_second in (False, True):
        if fresh or is_second:
            for end in ("", "-journal", "-wal", "-shm"):
                discard(path.with_name(path.name + end))
        db = _connect(path)
        try:
            if fresh or is_second:
                # nobody reads it before its stamp exists, and a killed build starts again
                db.execute("PRAGMA journal_mode=OFF")
                db.executescript(f"PRAGMA user_version={VERSION};{_TABLES}")
            done = _refresh(db, work, looked, now_ns)
            break
        except sqlite3.DatabaseError:
            # damaged although its stamp is valid
            if is_second or fresh:
                raise
        finally:
            db.close()
    _stamp(path)
    return done


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, cached_statements=64)
    db.execute("PRAGMA synchronous=OFF")
    return db


def _stamp(path: Path) -> None:
    """Save the current state of the index file in its stamp."""
    from memorybank.files.write import FileMoved, discard, publish

    stamp = path.with_name(f"{path.name}.stamp")
    with suppress(BankError, FileMoved, OSError):
        discard(stamp)
        publish(stamp, base=None, new=_state_of(path), mode=0o600)


def _state_of(path: Path) -> bytes:
    status = path.stat()
    return f"{VERSION} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}".encode()


def _is_as_left(path: Path) -> bool:
    try:
        return beginning_of(f"{path}.stamp", _STAMP_LENGTH) == _state_of(path)
    except (OSError, BankError):
        return False


def compared(states: list[tuple[Folder, list[FileState]]], known: Mapping[str, bytes]) -> DiskState | None:
    """Return the state of the disk for an index; None if it is what the index knows."""
    is_known = len(known) == sum(bool(rows) for _, rows in states) and all(
        known.get(key_of(folder)) == packed(rows) for folder, rows in states if rows
    )
    return None if is_known else DiskState(states)


def _known(db: sqlite3.Connection) -> dict[str, bytes]:
    return dict(db.execute("SELECT path, state FROM folder"))


def packed(value: Any) -> bytes:
    """Return plain values as bytes, equal for equal values; use `unpacked` only for data from the index."""
    # version 2: later versions write an object differently if something else refers to it, too
    return marshal.dumps(value, 2)


def unpacked(data: bytes) -> Any:
    """Return the packed values."""
    return marshal.loads(data)  # noqa: S302  our own data, with a valid stamp


def key_of(folder: Folder) -> str:
    """Return the key of a folder in the index."""
    return stored(f"{folder.scope}\t{folder.path}")


def _refresh(db: sqlite3.Connection, work: IndexSource, looked: DiskState, now_ns: int) -> IndexUpdate:
    """Read the changed files, in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    try:
        known = _known(db)
        if looked.seen:
            known.pop(SEEN, None)
            db.execute("INSERT OR REPLACE INTO folder VALUES(?, 0, ?)", (SEEN, looked.seen))
        changed: list[tuple[Folder, FileState]] = []
        gone: list[int] = []
        for folder, rows in looked.states:
            key = key_of(folder)
            blob = known.pop(key, b"")
            before = set(unpacked(blob)) if blob else set()
            added = set(rows) - before
            lost = before.difference(rows)
            # a file that just changed is stored as not seen: it can change again within one clock tick
            racy = {row for row in added if abs(now_ns - row[1]) < RACY_NS}
            kept = [(row[0], 0, 0, 0) if row in racy else row for row in rows] if racy else rows
            changed += [(folder, row) for row in sorted(added)]
            again = {row[0] for row in added}
            gone += [_ident(db, key, row[0]) for row in lost if row[0] not in again]
            state = packed(kept) if kept else b""
            if state and state != blob:
                db.execute("INSERT OR REPLACE INTO folder VALUES(?, ?, ?)", (key, _newest(kept), state))
            elif not state:
                db.execute("DELETE FROM folder WHERE path = ?", (key,))
        for key in known:
            gone += [ident for (ident,) in db.execute("SELECT id FROM file WHERE folder = ?", (key,))]
            db.execute("DELETE FROM folder WHERE path = ?", (key,))
        counts = Counts()
        for ident in gone:
            _forget(db, ident, counts)
            db.execute("DELETE FROM file WHERE id = ?", (ident,))
        broken = 0
        for number, (folder, row) in enumerate(changed):
            broken += _take(db, work, folder, row[0], counts)
            if work.on_progress and number % 50 == 0:
                work.on_progress("indexing files", number, len(changed))
        if work.on_progress:
            work.on_progress("indexing files", len(changed), len(changed))
        counts.write(db)
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
    return IndexUpdate(len(changed), len(gone), broken)


def _newest(rows: Sequence[tuple[str, int, int, int]]) -> int:
    """Return when the newest file changed, in nanoseconds: as late as can be if one may still change unseen."""
    times = [row[1] for row in rows]
    return _LATEST if 0 in times else min(max(times), _LATEST)


def _forget(db: sqlite3.Connection, ident: int, counts: Counts) -> None:
    """Remove a file's entries."""
    rows = db.execute("SELECT id, title, body, extra, above, length FROM entry WHERE file = ?", (ident,)).fetchall()
    db.executemany(
        "INSERT INTO found(found, rowid, title, body, extra, above) VALUES('delete', ?, ?, ?, ?, ?)",
        [row[:5] for row in rows],
    )
    db.execute("DELETE FROM entry WHERE file = ?", (ident,))
    counts.add([row[1:] for row in rows], -1)


def _ident(db: sqlite3.Connection, key: str, name: str) -> int:
    found = db.execute("SELECT id FROM file WHERE folder = ? AND name = ?", (key, stored(name))).fetchone()
    return int(found[0]) if found else 0


def _take(db: sqlite3.Connection, work: IndexSource, folder: Folder, name: str, counts: Counts) -> int:
    """Read one file again; return 1 if it cannot be read, else 0."""
    ident = _ident(db, key_of(folder), name)
    if ident:
        _forget(db, ident, counts)
    made = work.read(folder, name)
    length = sum(int(entry[LENGTH]) for entry in made.entries)  # type: ignore[call-overload]  # a row of the table
    values = (key_of(folder), name, folder.prefix + name, folder.scope, folder.archived, *made.fields)
    db.execute(
        f"INSERT OR REPLACE INTO file VALUES(?{', ?' * (len(values) + 2)})",
        (ident or None, *stored_row((*values, made.broken)), length),
    )
    file = ident or db.execute("SELECT last_insert_rowid()").fetchone()[0]
    (last,) = db.execute("SELECT max(id) FROM entry").fetchone()
    first = (last or 0) + 1
    rows = [(first + seq, file, seq, *stored_row(each)) for seq, each in enumerate(made.entries)]
    marks = ", ".join("?" * 16)
    db.executemany(f"INSERT INTO entry VALUES({marks})", [(*row, text_key(row[6], row[12])) for row in rows])
    db.executemany(
        "INSERT INTO found(rowid, title, body, extra, above) VALUES(?, ?, ?, ?, ?)",
        [(entry[0], *entry[-4:]) for entry in rows],
    )
    counts.written.update(made.written)
    counts.add([(*entry[-4:], entry[LENGTH]) for entry in made.entries], 1)  # type: ignore[misc]  # a row of the table
    return 1 if made.broken else 0
