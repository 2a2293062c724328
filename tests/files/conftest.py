"""A file in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "bank" / "notes.md"
    path.parent.mkdir()
    path.write_bytes(b"old\n")
    return path
