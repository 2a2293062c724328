"""`kill -9` while an export is imported: the same command again leaves the bank that one whole run makes.

Two kills by default, 20 with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.killing import snapshot
from tests.running import FULL, MODULE, bank, bank_process, environment, findings, make_bank

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 20 if FULL else 2
# more than a part of an import, so that it has several operations
TALKS = 120 if FULL else 54


def chatgpt(number: int) -> dict[str, Any]:
    nodes: dict[str, Any] = {
        f"n{place}": {
            "id": f"n{place}",
            "parent": f"n{place - 1}" if place else None,
            "children": [],
            "message": {
                "author": {"role": "assistant" if place % 2 else "user"},
                "create_time": 1.7e9 + number * 60 + place,
                "content": {"content_type": "text", "parts": [f"line {place} of talk {number}"]},
            },
        }
        for place in range(3)
    }
    return {"id": f"gpt-{number}", "title": f"Talk {number}", "create_time": 1.7e9, "mapping": nodes}


def claude(number: int) -> dict[str, Any]:
    rows = [
        {
            "uuid": f"m{number}-{place}",
            "sender": sender,
            "text": f"{sender} {number}",
            "created_at": "2026-03-01T08:00:00Z",
        }
        for place, sender in enumerate(("human", "assistant"))
    ]
    return {
        "uuid": f"claude-{number}",
        "name": f"Talk {number}",
        "created_at": "2026-03-01T08:00:00Z",
        "chat_messages": rows,
    }


def nameless(number: int) -> dict[str, Any]:
    """Return a conversation that has no id, and begins like many others."""
    texts = ["Hi", f"there {number}"][: 1 + number % 4]
    return {"messages": [{"role": "user", "content": text} for text in texts]}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    talks = [(chatgpt, claude, nameless)[number % 3](number) for number in range(TALKS)]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("picture.png", bytes(range(256)) * 400)
        archive.writestr("conversations.json", json.dumps(talks))
    return path


def sessions(project: Path) -> int:
    return sum(1 for _ in (project / ".memorybank" / "sessions").glob("ses-*"))


def killed(project: Path, export: Path, due: int) -> None:
    """Start the import, and kill it as soon as so many files of sessions are seen."""
    child = subprocess.Popen(
        [*MODULE, "import", "conversation", str(export)],
        cwd=project,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while child.poll() is None and sessions(project) < due:
        time.sleep(0.001)
    child.kill()
    child.wait()


def test_an_import_that_is_killed_and_typed_again_is_whole(tmp_path: Path, export: Path) -> None:
    chance = random.Random(11)
    unharmed = tmp_path / "unharmed" / "project"
    make_bank(unharmed)
    assert bank_process(unharmed, "import", "conversation", str(export)).returncode == 0
    expected = snapshot(unharmed)
    files = sessions(unharmed)
    # two conversations without an id that are alike in every word are one
    assert files > TALKS
    torn = 0
    for number in range(KILLS):
        project = tmp_path / str(number) / "project"
        make_bank(project)
        killed(project, export, chance.randrange(1, files))
        torn += 0 < sessions(project) < files
        done = bank(project, "import", "conversation", str(export))
        assert done.returncode == 0, done.stderr
        assert snapshot(project) == expected
        assert findings(project) == []
    assert torn
