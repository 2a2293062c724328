"""The vectors of an index in one file: numbers of 8 bits with a scale for each vector, found by a hash of the text.

The file is read whole, as it is compared: 4 MB for 10,000 entries. It is not mapped into memory, because a program that
cuts a mapped file ends the process that reads it. It may be deleted at any time; if it is damaged or of another
version, it counts as empty. A new file replaces it in one step, and two processes that write it keep what both have.

The header: mark, version, size of a vector, number of vectors, CRC-32 of the rest; then all hashes in order, all
scales, all vectors.
"""

from __future__ import annotations

import os
import struct
from binascii import crc32
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from memorybank.errors import BankError
from memorybank.files.read import beginning_of
from memorybank.recall.semantic.model import SIZE

if TYPE_CHECKING:
    from pathlib import Path

NAME = "vectors.bin"
_VERSION = 1
_HEAD = struct.Struct("<8sIIQII")
_MARK = b"bankvec\n"
# vectors that are compared at a time: what is computed then stays in the processor's cache
_CHUNK = 1024
_MOST_FILES = 16
_LOCK_SECONDS = 30.0


class Vectors(NamedTuple):
    """Vectors in the order of their keys."""

    keys: Any
    scales: Any
    rows: Any

    @classmethod
    def empty(cls) -> Self:
        """Return no vectors."""
        import numpy as np

        return cls(np.empty(0, "<i8"), np.empty(0, "<f4"), np.empty((0, SIZE), "i1"))

    @classmethod
    def of(cls, keys: list[int], vectors: Any) -> Self:
        """Make them of unit vectors."""
        import numpy as np

        order = np.argsort(np.array(keys, "<i8"), kind="stable")
        scales = np.abs(vectors).max(axis=1) / 127
        scales[scales == 0] = 1
        rows = np.rint(vectors / scales[:, None]).astype("i1")
        return cls(np.array(keys, "<i8")[order], scales.astype("<f4")[order], rows[order])

    def joined(self, other: Vectors) -> Vectors:
        """Return the vectors of both, each key once."""
        import numpy as np

        keys, first = np.unique(np.concatenate((self.keys, other.keys)), return_index=True)
        scales, rows = np.concatenate((self.scales, other.scales)), np.concatenate((self.rows, other.rows))
        return Vectors(keys, scales[first], rows[first])

    def only(self, keys: Any) -> Vectors:
        """Return those of some keys."""
        import numpy as np

        kept = np.isin(self.keys, keys)
        return Vectors(self.keys[kept], self.scales[kept], self.rows[kept])

    def places(self, keys: Any) -> Any:
        """Return where the vectors of some keys are; -1 for a key that is not here."""
        import numpy as np

        if not len(self.keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)

    def angles(self, wanted: Any) -> Any:
        """Return the cosine of each vector to another one."""
        import numpy as np

        parts = [self.rows[at : at + _CHUNK].astype("f4") @ wanted for at in range(0, len(self.rows), _CHUNK)]
        return np.concatenate(parts) * self.scales if parts else self.scales

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        rest = b"".join((self.keys.tobytes(), self.scales.tobytes(), self.rows.tobytes()))
        return _HEAD.pack(_MARK, _VERSION, SIZE, len(self.keys), crc32(rest), 0) + rest

    @classmethod
    def parse(cls, data: bytes) -> Self | None:
        """Read the content of a file; None if it is damaged or of another version."""
        import numpy as np

        if len(data) != _length(data):
            return None
        _, _, _, count, checksum, _ = _HEAD.unpack_from(data)
        if crc32(memoryview(data)[_HEAD.size :]) != checksum:
            return None
        at = _HEAD.size
        keys = np.frombuffer(data, "<i8", count, at)
        scales = np.frombuffer(data, "<f4", count, at + 8 * count)
        return cls(keys, scales, np.frombuffer(data, "i1", count * SIZE, at + 12 * count).reshape(count, SIZE))


def _length(data: bytes) -> int:
    """Return how long a file with this beginning is; -1 if it is damaged or of another version."""
    if len(data) < _HEAD.size:
        return -1
    mark, version, size, count, _, _ = _HEAD.unpack_from(data)
    return _HEAD.size + count * (8 + 4 + SIZE) if (mark, version, size) == (_MARK, _VERSION, SIZE) else -1


# what was read last of each file, with the file's state then: a long process reads a file once
_read: dict[str, tuple[tuple[int, ...], Vectors]] = {}
_lock = Lock()


def load(path: Path) -> Vectors:
    """Return the vectors of a file; none if it is missing or damaged."""
    name = os.fspath(path)
    state = state_of(name)
    with _lock:
        known = _read.get(name)
    if known is not None and known[0] == state:
        return known[1]
    found = None
    with suppress(OSError, BankError):
        if state and state[1] == _length(beginning_of(name, _HEAD.size)):
            found = Vectors.parse(beginning_of(name, state[1]))
    return _remember(name, state, found or Vectors.empty())


def add(path: Path, new: Vectors, *, wanted: Any = None) -> Vectors:
    """Add vectors to a file, and return all of them; of those that are there, only those with the keys `wanted` stay.

    If the file cannot be written, this process still has them.
    """
    from memorybank.files.lock import lock
    from memorybank.files.write import replace

    name = os.fspath(path)
    everything = load(path).joined(new)
    with suppress(BankError, OSError), lock(path.with_name("vectors.lock"), timeout=_LOCK_SECONDS, holder="vectors"):
        # what another process added meanwhile stays
        everything = load(path).joined(new)
        if wanted is not None:
            everything = everything.only(wanted)
        replace(path, everything.to_bytes(), mode=0o600)
    return _remember(name, state_of(name), everything)


def _remember(name: str, state: tuple[int, ...], vectors: Vectors) -> Vectors:
    with _lock:
        _read.pop(name, None)
        while len(_read) >= _MOST_FILES:
            _read.pop(next(iter(_read)))
        _read[name] = (state, vectors)
    return vectors


def state_of(name: str) -> tuple[int, ...]:
    """Return what changes whenever a file is written or replaced; () if it is missing."""
    try:
        status = os.stat(name)  # noqa: PTH116
    except OSError:
        return ()
    return (status.st_mtime_ns, status.st_size, status.st_ctime_ns, status.st_ino)
