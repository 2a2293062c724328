"""Many writers at once, and an editor that knows no lock: nothing acknowledged is lost or doubled, no save overwritten."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.running import FILES, FULL, MODULE, bank, environment, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRITERS = 8
NOTES = 60 if FULL else 12
SAVES = 40 if FULL else 12
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

# one process that runs `bank note` again and again, and prints each receipt as a line
WRITER = """
import json, subprocess, sys
name, count, words = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
for number in range(count):
    line = [sys.executable, "-m", "memorybank", "note", f"token-{name}-{number}-end", "--json", "--timeout", "120", *words]
    done = subprocess.run(line, capture_output=True, text=True)
    print(json.dumps({"number": number, "status": done.returncode, "out": done.stdout, "err": done.stderr}), flush=True)
"""


def start_writer(project: Path, name: str, count: int, *words: str) -> subprocess.Popen[str]:
    line = [sys.executable, "-c", WRITER, name, str(count), *words]
    return subprocess.Popen(line, cwd=project, env=environment(), stdout=subprocess.PIPE, text=True)


def acknowledged(writer: subprocess.Popen[str]) -> list[str]:
    """Wait for a writer and give the operations it was told; every note must have been taken."""
    out, _ = writer.communicate(timeout=600)
    rows = [json.loads(line) for line in out.split("\n") if line]
    assert [row["status"] for row in rows] == [0] * len(rows), [row["err"] for row in rows if row["status"]]
    return [json.loads(row["out"])["operation"] for row in rows]


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

    operations = [each for writer in writers for each in acknowledged(writer)]

    found = tokens_in(path)
    expected = [f"token-w{writer}-{number}-end" for writer in range(WRITERS) for number in range(NOTES)]
    assert sorted(found) == sorted(expected)
    for writer in range(WRITERS):
        own = [each for each in found if each.startswith(f"token-w{writer}-")]
        assert own == [f"token-w{writer}-{number}-end" for number in range(NOTES)]
    assert looks > NOTES
    assert len(set(operations)) == len(expected)
    assert set(operations) <= set(history(tmp_path))
    assert bank(tmp_path, "check").returncode == 0


def test_writers_of_several_files(tmp_path: Path) -> None:
    folder = make_bank(tmp_path, 5_000)
    kinds = ("learning", "gotcha", "done")
    count = max(NOTES // 2, 4)
    writers = [start_writer(tmp_path, kind, count, "--as", kind) for kind in kinds]
    writers += [start_writer(tmp_path, f"{kind}-too", count, "--as", kind) for kind in kinds]

    operations = [each for writer in writers for each in acknowledged(writer)]

    assert len(set(operations)) == count * len(writers)
    for file, kind in zip(FILES, kinds, strict=True):
        expected = [f"token-{name}-{number}-end" for name in (kind, f"{kind}-too") for number in range(count)]
        assert sorted(tokens_in(folder / file)) == sorted(expected)
    assert bank(tmp_path, "check").returncode == 0


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
    """A save that was on the disk is never taken away by us.

    The editor does as a person would: reads the file, adds a line of its own, saves at once. Its save may itself
    overwrite a note that was taken between its read and its save: that note is the editor's to answer for, and known
    by its absence from what the editor wrote. So: every line of the editor is there at the end, and every note that
    is not was missing in a save that the editor made after the note was acknowledged.
    """
    path = make_bank(tmp_path, 20_000) / FILES[0]
    writer = start_writer(tmp_path, "note", 100_000)
    assert writer.stdout is not None
    os.set_blocking(writer.stdout.fileno(), False)
    rows: list[dict[str, object]] = []
    overwritten: set[str] = set()
    pending = ""
    saved: list[str] = []
    while len(saved) < SAVES:
        pending += writer.stdout.read() or ""
        *lines, pending = pending.split("\n")
        rows += [json.loads(line) for line in lines]
        before = path.read_bytes()
        if b"## Learnings\n" not in before or not before.endswith(b"\n"):
            continue
        line = f"- editor-{len(saved)}-end"
        text = before.replace(b"## Learnings\n\n", b"## Learnings\n\n" + line.encode() + b"\n", 1)
        save(path, text)
        saved.append(line)
        # what the editor itself put an end to
        overwritten |= {f"token-note-{row['number']}-end" for row in rows} - set(
            re.findall(r"token-[\w-]+-end", text.decode())
        )
        time.sleep(0.05 + 0.013 * (len(saved) % 7))
    writer.terminate()
    rest = pending + (writer.stdout.read() or "")
    writer.wait()
    writer.stdout.close()
    rows += [json.loads(line) for line in rest.split("\n") if line.endswith("}")]
    # the note that was under way when the loop was ended
    done = bank(tmp_path, "note", "the last one")
    assert done.returncode == 0, done.stderr

    refused = [row for row in rows if row["status"] != 0]
    assert refused == []
    text_now = path.read_text(encoding="utf-8")
    assert [line for line in saved if line not in text_now] == []
    assert max(Counter(tokens_in(path)).values()) == 1
    lost = {f"token-note-{row['number']}-end" for row in rows} - set(tokens_in(path)) - overwritten
    assert len(lost) <= races(saved, save), lost
    assert headings_in(text_now) == HEADINGS
    assert not [each.name for each in path.parent.iterdir() if each.name.endswith((".tmp", ".swp"))]


def races(saved: list[str], save: Callable[[Path, bytes], None]) -> int:
    """Say how many notes the editor may have overwritten without seeing that they were acknowledged: none by now."""
    return 0
