"""A way to write whose clock and chance are known, and folders as values."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memorybank.store.actor import Actor
from memorybank.store.way import Author, Way, WriteOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def make_way(seed: int = 1, *, dry_run: bool = False) -> Way:
    """Give a way to write whose clock goes on by a second at each look."""
    chance = random.Random(seed)
    times = (datetime(2026, 11, 21, 9, tzinfo=UTC) + timedelta(seconds=step) for step in range(1_000_000))
    return Way(Author(Actor("cli", ""), lambda: next(times), chance.randbytes), WriteOptions(dry_run=dry_run))


def tree_at(folder: Path) -> dict[str, bytes]:
    """Give the files below a folder, by their names."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make_tree(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, and give the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
