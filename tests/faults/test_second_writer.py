"""A second writer is let in while a command waits for the lock: what he wrote stands, whatever the command is.

He writes as an editor does, without our lock, into every file of the operation; the command then does its work on his
text, or is refused with a status that says so.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from memorybank.cli.main import run
from tests.faults.writing_commands import COMMANDS, EDITOR, ENDS_WITH_1, make_project
from tests.running import REFUSALS, sampled, second_writer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.writing_commands import Project

MARK = "the second writer was here"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("second") / "project")


def add_lines(path: Path) -> int:
    """Add a line of the second writer to a file, in every list of it; return how many."""
    text = path.read_bytes().decode("utf-8")
    if path.suffix == ".json":
        value = json.loads(text)
        if not isinstance(value, dict):
            return 0
        path.write_text(json.dumps({**value, "second": MARK}, indent=1), encoding="utf-8")
        return 1
    if path.suffix == ".jsonl":
        path.write_text(text + json.dumps({"event": MARK}) + "\n", encoding="utf-8")
        return 1
    if path.suffix != ".md":
        return 0
    changed, count = re.subn(r"(?m)^((?:- |\d\. )[^\n]*\n)(?=\n|\Z)", rf"\1- {MARK}\n", text)
    if not count:
        changed, count = f"{text}\n{MARK}\n", 1
    path.write_text(changed, encoding="utf-8")
    return count


def count_of(folder: Path) -> int:
    return sum(
        path.read_bytes().count(MARK.encode())
        for path in folder.rglob("*")
        if path.is_file() and "/.state/" not in path.as_posix()
    )


@pytest.mark.parametrize("name", sampled(COMMANDS, 2))
def test_what_a_second_writer_wrote_stands(
    tmp_path: Path, project: Project, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first" / "project", tmp_path / "second" / "project"
    words = project.words(name)
    for folder in (first, second):
        shutil.copytree(project.folder, folder)
    monkeypatch.setenv("EDITOR", EDITOR)
    monkeypatch.chdir(first)
    status = run(words)
    said = capsys.readouterr()
    # a check has something to say about what it leaves
    assert status == (1 if name in ENDS_WITH_1 else 0), said.err
    operation = (first / ".memorybank/.state/journal.jsonl").read_bytes().split(b"\n")[-3]
    rows = json.loads(operation)["files"] if b'"files"' in operation else []
    # a note that waits is taken up as it is: its file is the command's to remove
    files = [each["file"] for each in rows if each["after"] or each["file"].endswith(".md")]
    assert files or name in ("session message", "notes drop")
    written = 0

    def write() -> None:
        nonlocal written
        for each in files:
            for path in (second / ".memorybank" / each, second / each):
                if path.is_file():
                    written += add_lines(path)
                    break

    monkeypatch.chdir(second)
    with second_writer(write):
        status = run(words)
    said = capsys.readouterr()
    assert status == 0 or status in REFUSALS, said.err
    # an older text of a file, which has no line of the second writer, is what was asked for; undo brings the line back
    assert count_of(second) == (0 if name == "restore" and status == 0 else written), (name, status, said.err)
    if name == "restore":
        assert run(["undo"]) == 0
        assert count_of(second) == written
