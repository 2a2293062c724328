"""Put the paths of other imported records into the text of a record: they are known once all files have a name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange


def with_paths(bank: BankFolder, change: FileChange, points: Mapping[str, str], files: Mapping[str, str]) -> FileChange:
    """Return a new record in which the words of `points` are replaced by the paths of the records that they name.

    `files` are the names of the records by their ids; the id stands where a record has no file.
    """
    text = change.text or ""
    for token, ident in points.items():
        there = files.get(ident, "")
        path = os.path.relpath(bank.place_of(there)[0], change.path.parent).replace(os.sep, "/") if there else ident
        text = text.replace(token, path)
    return change._replace(text=text)
