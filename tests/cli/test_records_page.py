"""The commands of `docs/records.md` run as they are printed, with OLD and NEW for two ids."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

PAGE = Path(__file__).parents[2] / "docs" / "records.md"


def test_every_command_of_the_page_runs(here: Callable[..., Ended]) -> None:
    ids = {
        name: here("save", name, "--type", "decision", "--title", name, "--json").data["record"]["id"]
        for name in ("OLD", "NEW")
    }
    lines = re.findall(r"^\$ bank (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) > 10
    for line in lines:
        done = here(*(ids.get(word, word) for word in shlex.split(line)))
        assert done.status == 0, f"{line}\n{done.err}"
