"""Rank by meaning, with the extra `semantic`: entries and the query as vectors, compared by their angle.

The model (all-MiniLM-L6-v2, int8) comes inside a package, so nothing is downloaded. Vectors are stored beside the
index, by a hash of their text: they survive a rebuild of the index, and may be deleted at any time.
"""

from __future__ import annotations

import os
import re
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.recall.index import NAME as INDEX
from memorybank.recall.semantic import vector_file
from memorybank.recall.semantic.model import MOST_PIECES, model, vector_of
from memorybank.recall.semantic.vector_file import Vectors
from memorybank.recall.semantic.wordpiece import pieces
from memorybank.recall.words.terms import shown_and_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from memorybank.recall.index import Connection

NAME = vector_file.NAME
# an entry counts if it is among the nearest 200
_NEAREST = 200
# entries that are tried first when only some match the filters, and rows of one statement
_TRIED, _AT_ONCE = 2000, 500
# texts read per batch; vectors are saved when there are so many more, and so many of a hundred
_READ, _UNSAVED, _UNSAVED_PERCENT = 256, 1024, 10
# vectors of texts that are gone are removed when there are more of them than this, beside twice those in use
_SPARE = 4096
# if even the nearest entry is below this (cosine), nothing is about the query, and meaning counts less
_ALIKE = 0.3
# a heading with only dates and numbers says nothing about its text
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)[a-z]*\b",
    re.IGNORECASE,
)


class EntryText(NamedTuple):
    """The text of an entry from which its vector is computed."""

    heading: str
    body: str


class _Entries(NamedTuple):
    """The entries of an index: their numbers, and the keys of their vectors."""

    idents: Any
    keys: Any


# the entries of each index, with the state of its file when they were read: a long process reads them once
_entries: dict[str, tuple[tuple[int, ...], _Entries]] = {}
_lock = Lock()
_MOST_INDEXES = 16


class SemanticIndex:
    """The vectors of one index."""

    def __init__(self, db: Connection, folder: Path) -> None:
        # without the packages there is nothing to read
        model()
        self._db = db
        self._path = folder / NAME
        self._entries = _entries_of(db, folder)
        self._vectors = vector_file.load(self._path)
        # where the vector of each entry is; -1 for none
        self._places = self._vectors.places(self._entries.keys)

    def is_complete(self) -> bool:
        """Check whether each entry has a vector, and not too many of others are kept."""
        return not (self._places < 0).any() and not self._is_full()

    def _is_full(self) -> bool:
        return len(self._vectors.keys) > 2 * len(self._entries.keys) + _SPARE

    def complete(
        self,
        texts_of: Callable[[list[int]], Iterable[tuple[int, EntryText]]],
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> int:
        """Compute the missing vectors and return their number; those that are made are saved, also if others fail."""
        idents, keys = self._entries
        is_missing = self._places < 0
        missing = dict(zip(keys[is_missing].tolist(), idents[is_missing].tolist(), strict=True))
        is_full = self._is_full()
        if not missing:
            if is_full:
                self._save({}, wanted=keys)
                self._places = self._vectors.places(keys)
            return 0
        key_of = {ident: key for key, ident in missing.items()}
        made: dict[int, Any] = {}
        done = 0
        try:
            for batch in _batches(texts_of(list(key_of)), _READ):
                texts = [pieces(_joined(text), MOST_PIECES) for _, text in batch]
                for numbers, vectors in model().each(texts):
                    made.update((key_of[batch[number][0]], each) for number, each in zip(numbers, vectors, strict=True))
                    done += len(numbers)
                    if on_progress:
                        on_progress("embedding entries", done, len(missing))
                if len(made) > _UNSAVED + len(self._vectors.keys) * _UNSAVED_PERCENT // 100:
                    self._save(made)
                    made = {}
        finally:
            self._save(made, wanted=keys if is_full else None)
            self._places = self._vectors.places(keys)
        return done

    def _save(self, made: dict[int, Any], *, wanted: Any = None) -> None:
        import numpy as np

        new = Vectors.of(list(made), np.array(list(made.values()))) if made else Vectors.empty()
        if made or wanted is not None:
            self._vectors = vector_file.add(self._path, new, wanted=wanted)

    def nearest(self, query: str, filters: str, values: list[Any]) -> dict[int, float]:
        """Return the entries nearest to a query in meaning, the nearest first, each with a value from 0 to 1."""
        import numpy as np

        is_here = self._places >= 0
        idents = self._entries.idents[is_here]
        angles = self._vectors.angles(vector_of(query))[self._places[is_here]]
        if filters:
            kept = self._matching(idents, angles, filters, values)
            idents, angles = idents[kept], angles[kept]
        if not len(idents):
            return {}
        near = np.argpartition(-angles, _NEAREST)[:_NEAREST] if len(idents) > _NEAREST else np.arange(len(idents))
        near = near[np.argsort(-angles[near], kind="stable")]
        idents, angles = idents[near], angles[near]
        best, least = float(angles[0]), float(angles[-1])
        weight = min(1.0, max(best, 0.0) / _ALIKE)
        spread = (best - least) or 1.0
        return {
            ident: weight * (angle - least) / spread
            for ident, angle in zip(idents.tolist(), angles.tolist(), strict=True)
            if angle > least or len(idents) == 1
        }

    def _matching(self, idents: Any, angles: Any, filters: str, values: list[Any]) -> Any:
        """Return the places of entries that match the filters: all that can be among the nearest, or simply all."""
        import numpy as np

        if len(idents) > _TRIED:
            near = np.argpartition(-angles, _TRIED)[:_TRIED]
            found = set[int]()
            for some in _batches(idents[near].tolist(), _AT_ONCE):
                sql = (
                    "SELECT e.id FROM entry e JOIN file f ON f.id = e.file "  # noqa: S608  own conditions
                    f"WHERE e.id IN ({', '.join('?' * len(some))}) AND {filters}"
                )
                found.update(ident for (ident,) in self._db.execute(sql, (*some, *values)))
            if len(found) >= _NEAREST:
                return near[np.isin(idents[near], list(found))]
        sql = f"SELECT e.id FROM entry e JOIN file f ON f.id = e.file WHERE e.length AND {filters}"  # noqa: S608  own
        return np.flatnonzero(np.isin(idents, [ident for (ident,) in self._db.execute(sql, values)]))


def _entries_of(db: Connection, folder: Path) -> _Entries:
    """Return the entries of an index that have a text."""
    import numpy as np

    name = os.fspath(folder / INDEX)
    state = vector_file.state_of(name) if _is_of(db, name) else ()
    with _lock:
        known = _entries.get(name)
    if known is not None and state and known[0] == state:
        return known[1]
    rows = db.execute("SELECT id, key FROM entry WHERE length ORDER BY key").fetchall()
    numbers = np.array(rows, "<i8").reshape(-1, 2)
    found = _Entries(np.ascontiguousarray(numbers[:, 0]), np.ascontiguousarray(numbers[:, 1]))
    if state and state == vector_file.state_of(name):
        with _lock:
            _entries.pop(name, None)
            while len(_entries) >= _MOST_INDEXES:
                _entries.pop(next(iter(_entries)))
            _entries[name] = (state, found)
    return found


def _is_of(db: Connection, name: str) -> bool:
    """Check whether a connection is to a file, and not to a copy in memory."""
    (place,) = (row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main")
    return bool(place) and os.path.exists(name) and os.path.samefile(place, name)  # noqa: PTH110, PTH121


def _joined(text: EntryText) -> str:
    """Return the text to embed: the body, with its heading if that says more than a date."""
    body = shown_and_hidden(text.body)[0].strip()
    own = text.heading.rpartition(" > ")[2]
    if body.startswith(own[:30]) or not _LETTERS.search(_MONTH.sub("", own)):
        return body
    return f"{own}\n{body}"


def _batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
