"""Folders as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Tree = dict[str, tuple[bytes, int, int]]


@pytest.fixture
def tree() -> Callable[[Path], Tree]:
    """Give a function that takes a folder in: every file's bytes, time of change and inode."""

    def taken(folder: Path) -> Tree:
        found: Tree = {}
        for path in sorted(folder.rglob("*")):
            status = path.lstat()
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[path.relative_to(folder).as_posix()] = (data, status.st_mtime_ns, status.st_ino)
        return found

    return taken
