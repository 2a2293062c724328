"""What the methods of `MemoryFolder` return and raise, for the programs that word it."""

from __future__ import annotations

from memorybank.recall.recall_errors import MissingExtraError
from memorybank.store.memory_files.changes import LineRangeError, NoMatchError, Replaced
from memorybank.store.memory_files.listing import MemoryEntry, MemoryFile, MemoryListing
from memorybank.store.memory_files.places import MEMORIES, LeavesMemoriesError, MemoryNameError, NotInMemoriesError

__all__ = [
    "MEMORIES",
    "LeavesMemoriesError",
    "LineRangeError",
    "MemoryEntry",
    "MemoryFile",
    "MemoryListing",
    "MemoryNameError",
    "MissingExtraError",
    "NoMatchError",
    "NotInMemoriesError",
    "Replaced",
]
