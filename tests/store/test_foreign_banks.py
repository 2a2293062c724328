"""Banks of other tools, each used for a whole session and left as it was: all of them in the full run, here one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.foreign_banks import TEMPLATES, projects, tried
from tests.running import FULL

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", list(TEMPLATES) if FULL else ["decorated Cline"])
def test_a_session_doubles_no_section_and_can_be_taken_back_whole(tmp_path: Path, name: str) -> None:
    row = tried(name, dict(projects(tmp_path))[name])
    assert (row.doubled, dict(row.refused), row.stray) == ([], {}, []), row.told
    assert row.restored == row.total
