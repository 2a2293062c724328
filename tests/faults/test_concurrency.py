"""Many writers at once, and an editor that knows no lock: nothing acknowledged is lost, no save overwritten."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from memorybank.document.source import digest_of
from tests.running import FILES, FULL, bank, environment, findings, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRITERS = 8
NOTES = 60 if FULL else 4
SAVES = 240 if FULL else 12
GAP = 0.004
HEADINGS = [
    "# Active Context",
    "## Current Focus",
    "## Recent Changes <!-- SNAPSHOT: replaced at workflow end -->",
    "## Next Steps",
    "## Decisions",
    "## Learnings",
    "## References",
    "## Blockers",
    "## Session Settings",
    "## Last Updated",
]

# one process that runs `bank note` again and again, and prints what it was told each time
WRITER = """
import json, os, sys
from pathlib import Path
from tests.running import bank
name, count, stop, words = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
for number in range(count):
    if os.path.exists(stop):
        break
    token = f"token-{name}-{number}-end"
    done = bank(Path.cwd(), "note", token, "--json", "--timeout", "120", *words, timeout=150)
    print(json.dumps({"token": token, "status": done.returncode, "out": done.stdout, "err": done.stderr}), flush=True)
"""


class Note(NamedTuple):
    """One note that was acknowledged, with the digests of the file before and after."""

    token: str
    operation: str
    before: str
    after: str


def start_writer(project: Path, name: str, count: int, *words: str, stop: Path | None = None) -> subprocess.Popen[str]:
    line = [sys.executable, "-c", WRITER, name, str(count), str(stop or project / "never"), *words]
    return subprocess.Popen(line, cwd=project, env=environment(), stdout=subprocess.PIPE, text=True)


def taken(writer: subprocess.Popen[str]) -> list[Note]:
    """Wait for a writer and give its notes; every one must have been acknowledged."""
    out, _ = writer.communicate(timeout=600)
    rows = [json.loads(line) for line in out.split("\n") if line]
    assert [row["err"] or row["out"] for row in rows if row["status"] != 0] == []
    notes = []
    for row in rows:
        receipt = json.loads(row["out"])["receipt"]
        (file,) = receipt["files"]
        notes.append(Note(row["token"], receipt["operation"], file["digest_before"], file["digest"]))
    return notes


def tokens_in(path: Path) -> list[str]:
    return re.findall(r"token-[\w-]+-end", path.read_text(encoding="utf-8"))


def headings_in(text: str) -> list[str]:
    return re.findall(r"^#{1,2} .*", text, re.MULTILINE)


def test_writers_of_one_file_and_a_reader(tmp_path: Path) -> None:
    """Each line is there once, in the order of its writer; a reader always sees a whole file."""
    path = make_bank(tmp_path, 20_000) / FILES[0]
    writers = [start_writer(tmp_path, f"w{number}", NOTES) for number in range(WRITERS)]
    looks = 0
    while any(each.poll() is None for each in writers):
        seen = path.read_bytes().decode("utf-8")
        assert headings_in(seen) == HEADINGS
        assert seen.endswith(" UTC\n")
        looks += 1
        time.sleep(0.005)

    operations = [note.operation for writer in writers for note in taken(writer)]

    found = tokens_in(path)
    expected = [f"token-w{writer}-{number}-end" for writer in range(WRITERS) for number in range(NOTES)]
    assert sorted(found) == sorted(expected)
    for writer in range(WRITERS):
        own = [each for each in found if each.startswith(f"token-w{writer}-")]
        assert own == [f"token-w{writer}-{number}-end" for number in range(NOTES)]
    assert looks > NOTES
    assert len(set(operations)) == len(expected)
    assert set(operations) <= set(history(tmp_path))
    assert findings(tmp_path) == []


def test_writers_of_several_files(tmp_path: Path) -> None:
    folder = make_bank(tmp_path, 5_000)
    kinds = ("learning", "gotcha", "done")
    count = max(NOTES // 2, 4)
    writers = [start_writer(tmp_path, kind, count, "--as", kind) for kind in kinds]
    writers += [start_writer(tmp_path, f"{kind}-too", count, "--as", kind) for kind in kinds]

    operations = [note.operation for writer in writers for note in taken(writer)]

    assert len(set(operations)) == count * len(writers)
    for file, kind in zip(FILES, kinds, strict=True):
        expected = [f"token-{name}-{number}-end" for name in (kind, f"{kind}-too") for number in range(count)]
        assert sorted(tokens_in(folder / file)) == sorted(expected)
    assert findings(tmp_path) == []


def history(project: Path) -> list[str]:
    """Give the operations that ended well, as `bank history` tells them."""
    rows = json.loads(bank(project, "history", "--limit", "100000", "--json").stdout)["operations"]
    return [row["operation"] for row in rows if row["state"] == "done"]


def by_rename(path: Path, text: bytes) -> None:
    """Save as vim does: a new file takes the name."""
    other = path.with_name("editor.swp")
    other.write_bytes(text)
    other.replace(path)


def in_place(path: Path, text: bytes) -> None:
    """Open without emptying, then write over it in one call."""
    with path.open("r+b", buffering=0) as file:
        file.write(text)
        file.truncate()


def in_two_steps(path: Path, text: bytes) -> None:
    """Save as VS Code does: empty the file, and fill it a moment later."""
    with path.open("wb", buffering=0) as file:
        time.sleep(GAP)
        file.write(text)


@pytest.mark.parametrize("save", [by_rename, in_place, in_two_steps])
def test_an_editor_that_knows_no_lock(tmp_path: Path, save: Callable[[Path, bytes], None]) -> None:
    """No save that was on the disk is taken away by us, and no note that we acknowledged.

    The editor does as a person would: reads the file, adds a line of its own, saves at once. Clobbered is a line of
    the editor that is gone at the end. A note may be gone only if the editor overwrote it itself: the note was then
    made from the very text that the editor had read for one of its saves (or from such a note's result).
    """
    path = make_bank(tmp_path, 20_000) / FILES[0]
    stop = tmp_path / "stop"
    writer = start_writer(tmp_path, "note", 100_000, stop=stop)
    read: set[str] = set()
    lines: list[str] = []
    while len(lines) < SAVES or len(tokens_in(path)) < SAVES // 4:
        time.sleep(0.05 + 0.013 * (len(lines) % 7))
        before = path.read_bytes()
        lines.append(f"- editor-{len(lines)}-end")
        text = before.replace(b"## Learnings\n\n", b"## Learnings\n\n" + lines[-1].encode() + b"\n", 1)
        save(path, text)
        read.add(digest_of(before))
    stop.touch()
    notes = taken(writer)

    text_now = path.read_text(encoding="utf-8")
    assert [line for line in lines if f"{line}\n" not in text_now] == []
    found = Counter(tokens_in(path))
    assert max(found.values(), default=1) == 1
    for note in notes:
        if not found[note.token]:
            assert note.before in read, f"{note.token} is gone"
            read.add(note.after)
    assert headings_in(text_now) == HEADINGS
    assert not [each.name for each in path.parent.iterdir() if each.name.endswith((".tmp", ".swp"))]
    assert findings(tmp_path) == []
