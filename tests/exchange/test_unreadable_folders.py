"""A folder of an agent's memories that may not be read is named in the report, and the others are imported."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.exchange.making import make_tree
from tests.faults.test_machine import obey_modes, under
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    os.name != "posix" or (os.geteuid() == 0 and sys.platform != "linux"), reason="the superuser"
)
TOOL = "github.copilot-chat/memory-tool/memories"
NOTE = "# A note\n\nWords of it.\n"
FILES = {
    "codex-memory": {
        "memories/MEMORY.md": NOTE,
        "memories/rollout_summaries/x.md": NOTE,
        "memories_v2/MEMORY.md": NOTE,
    },
    "gemini-memory": {
        "tmp/a/memory/MEMORY.md": NOTE,
        "tmp/b/memory/MEMORY.md": NOTE,
        "tmp/c/memory/MEMORY.md": NOTE,
        "tmp/c/memory/skills/x/SKILL.md": NOTE,
        "tmp/c/memory/.inbox/private/x.patch": NOTE,
    },
    "copilot-memory": {
        f"globalStorage/{TOOL}/a.md": NOTE,
        f"globalStorage/{TOOL}/repo/a.md": NOTE,
        f"workspaceStorage/a/{TOOL}/a.md": NOTE,
        f"workspaceStorage/b/{TOOL}/a.md": NOTE,
        f"workspaceStorage/c/{TOOL}/a.md": NOTE,
    },
}
CLOSED = {
    "codex-memory": ["memories/rollout_summaries", "memories_v2"],
    "gemini-memory": ["tmp/a", "tmp/b/memory", "tmp/c/memory/skills", "tmp/c/memory/.inbox"],
    "copilot-memory": [
        f"globalStorage/{TOOL}/repo",
        "workspaceStorage/a",
        "workspaceStorage/b/github.copilot-chat",
        f"workspaceStorage/c/{TOOL}",
    ],
}


@pytest.mark.parametrize("form", FILES)
def test_folders_that_cannot_be_read_are_reported(tmp_path: Path, form: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    make_bank(project)
    home = make_tree(tmp_path / "home", FILES[form])
    words = ("import", form, str(home), "--dry-run", "--json", *([] if form.startswith("codex") else ["--all"]))
    for name in CLOSED[form]:
        (home / name).chmod(0)
    done = under(obey_modes, project, *words)
    home.chmod(0)
    refused = under(obey_modes, project, *words)
    home.chmod(0o700)
    for name in CLOSED[form]:
        (home / name).chmod(0o700)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    told = {
        each["where"] for each in answer["misfits"] if "cannot be read" in each["why"] or "ermission" in each["why"]
    }
    missing = [name for name in CLOSED[form] if not any(each == name or each.startswith(f"{name}/") for each in told)]
    assert (missing, len(answer["records"])) == ([], 1), answer["misfits"]
    assert (refused.returncode, str(home) in refused.stdout + refused.stderr) == (7, True)
    assert "cannot be read" not in bank(project, *words).stdout
