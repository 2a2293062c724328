"""`bank check` names an unresolved merge in every file of a bank, and its hint settles it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.faults.writing_commands import Project, make_project
from tests.running import bank

if TYPE_CHECKING:
    from pathlib import Path

PLACES = {
    "contract": ("activeContext.md", -4),
    "log": ("development_log.md", -1),
    "facts": ("pafs.md", -1),
    "front matter of a record": ("memories/fact/*.md", 2),
    "end of the front matter": ("memories/fact/*.md", 0),
    "body of a record": ("memories/fact/*.md", -1),
    "front matter of a session": ("sessions/*.md", 2),
    "messages": ("sessions/*.jsonl", 0),
    "summary": ("summary.json", 1),
    "checkpoint": ("checkpoints/*.json", 1),
    "workflow": ("workflows/wf-up.json", 2),
    "events": ("workflows/*.events.jsonl", -1),
    "note": ("workflows/notes/*.json", 3),
    "plan": ("../docs/plans/*.md", 2),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("made") / "project")


def tear(path: Path, at: int) -> None:
    """Put markers around one line of a file, in which both sides have it."""
    lines = path.read_bytes().splitlines(keepends=True)
    at = at if at >= 0 else len(lines) + at
    line = lines[at].rstrip(b"\n") + b"\n"
    lines[at] = b"<<<<<<< ours\n" + line + b"=======\n" + line + b">>>>>>> theirs\n"
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize("place", PLACES)
def test_an_unresolved_merge_is_named(made: Project, place: str) -> None:
    pattern, at = PLACES[place]
    path = min((made.folder / ".memorybank").glob(pattern)).resolve()
    before = path.read_bytes()
    name = path.relative_to(made.folder.resolve()).as_posix().removeprefix(".memorybank/")
    try:
        tear(path, at)
        found = json.loads(bank(made.folder, "check", "--json").stdout)["findings"]
        mine = [each for each in found if each["file"] == name and each["severity"] == "error"]
        assert [(each["rule"], each["hint"]) for each in mine] == [("conflict-marker", f"bank merge {name}")]
        words = shlex.split(mine[0]["hint"])[1:]
        assert bank(made.folder, *words, "--ours").returncode == 0
        assert path.read_bytes().rstrip(b"\n") == before.rstrip(b"\n")
    finally:
        path.write_bytes(before)


def test_an_example_is_no_merge(made: Project) -> None:
    path = min((made.folder / ".memorybank").glob("memories/fact/*.md"))
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"\n```\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n```\n")
        found = json.loads(bank(made.folder, "check", "--json").stdout)["findings"]
        assert "conflict-marker" not in {each["rule"] for each in found}
    finally:
        path.write_bytes(before)
