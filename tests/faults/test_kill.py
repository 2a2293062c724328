"""`kill -9` at any moment: the file is wholly old or wholly new, and the next command works at once."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.faults.tracing import need_strace, run_traced
from tests.running import FULL, MODULE, bank, environment, findings, make_bank

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 5_000_000 if FULL else 100_000
SMALL = 20_000
ROUNDS = 200 if FULL else 4
# a lock that its dead holder still kept would be waited for
WAIT = 0.5
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC\n\Z")


class Victim(NamedTuple):
    """A project whose notes are killed."""

    project: Path
    path: Path

    def start(self, token: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*MODULE, "note", token, "--json"],
            cwd=self.project,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def check(self, old: str, token: str, *, acknowledged: bool) -> None:
        """Hold the file against what it was, then let the next command prove that nothing is in the way."""
        text = self.path.read_bytes().decode("utf-8")
        is_new = f"- {token}\n" in text
        assert is_new or not acknowledged, "an acknowledged note is lost"
        assert without_stamp(text.replace(f"- {token}\n", "", 1)) == without_stamp(old), "torn"

        done = bank(self.project, "note", f"{token}-next", "--json")

        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["receipt"]["waited"] <= WAIT
        assert [each.name for each in self.path.parent.rglob("*") if ".tmp" in each.name or "saved-" in each.name] == []

    def check_history(self) -> None:
        """Every note that stands in the file is an operation that is done; none is left begun."""
        rows = json.loads(bank(self.project, "history", "--limit", "100000", "--json").stdout)["operations"]
        states = [row["state"] for row in rows if row["verb"] == "note"]
        tokens = re.findall(r"^- token-.*", self.path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(states) <= {"done", "aborted"}
        assert states.count("done") == len(tokens) == len(set(tokens))
        assert findings(self.project) == []


def without_stamp(text: str) -> str:
    return _STAMP.sub("", text)


def victim_of(tmp_path: Path, size: int) -> Victim:
    folder = make_bank(tmp_path / "project")
    path = folder / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    lines = "".join(f"- learning {number}: what was learned, with `code` in it\n" for number in range(size // 55))
    path.write_text(text.replace("## Learnings\n\n- [None]\n", f"## Learnings\n\n{lines}"), encoding="utf-8")
    found = Victim(tmp_path / "project", path)
    assert bank(found.project, "note", "token-first").returncode == 0
    return found


def test_killed_at_random_moments(tmp_path: Path) -> None:
    victim = victim_of(tmp_path, LARGE)
    start = time.monotonic()
    assert "operation" in victim.start("token-timed").communicate()[0]
    took = time.monotonic() - start
    for number in range(ROUNDS):
        old = victim.path.read_text(encoding="utf-8")
        token = f"token-{number}"
        child = victim.start(token)
        time.sleep(random.uniform(0, took * 1.1))
        child.kill()
        out, _ = child.communicate()
        victim.check(old, token, acknowledged=bool(out))
    victim.check_history()


def listing(folder: Path) -> list[tuple[str, int, int, int]]:
    """Give what a look at the bank's folders shows."""
    seen = []
    for place in (folder, folder / ".state"):
        with os.scandir(place) as entries:
            for entry in entries:
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                seen.append((entry.path, found.st_ino, found.st_size, found.st_mtime_ns))
    return sorted(seen)


@pytest.mark.parametrize("change", [1, 2, 3])
def test_killed_at_a_change_that_is_seen(tmp_path: Path, change: int) -> None:
    """Killed as soon as the n-th different look of the bank's folders is seen."""
    victim = victim_of(tmp_path, LARGE)
    for number in range(ROUNDS // 3):
        old = victim.path.read_text(encoding="utf-8")
        before = listing(victim.path.parent)
        token = f"token-{number}"
        child = victim.start(token)
        changes = 0
        while changes < change and child.poll() is None:
            now = listing(victim.path.parent)
            changes += now != before
            before = now
        child.kill()
        out, _ = child.communicate()
        victim.check(old, token, acknowledged=bool(out))
    victim.check_history()


def test_killed_before_each_call_that_changes_a_file(tmp_path: Path) -> None:
    """All of them in a full run; otherwise some, and always those that give a file its name."""
    need_strace()
    victim = victim_of(tmp_path, LARGE if FULL else SMALL)
    run = run_traced(victim.project, "note", "token-traced")
    assert run.status == 0, run.err
    points = [each for each in run.calls if each.name != "openat" or "O_CREAT" in each.text or "O_RDWR" in each.text]
    assert {"openat", "write", "fsync", "renameat2", "unlink", "fchmod"} <= {each.name for each in points}
    if not FULL:
        points = [each for n, each in enumerate(points) if n % 6 == 0 or each.name.startswith("rename")]
    for number, point in enumerate(points):
        old = victim.path.read_text(encoding="utf-8")
        token = f"token-{number}"
        killed = run_traced(victim.project, "note", token, inject=f"{point.name}:signal=KILL:when={point.number}")
        assert killed.status != 0, point
        victim.check(old, token, acknowledged=bool(killed.out))
    victim.check_history()


def test_the_order_of_system_calls_survives_a_power_cut(tmp_path: Path) -> None:
    """Intent in the journal, bytes on the disk, then the name, then the folder; only then the answer."""
    need_strace()
    victim = victim_of(tmp_path, SMALL)

    run = run_traced(victim.project, "note", "token-traced")

    assert run.status == 0, run.err
    marks = (
        ("intent", "write", ("journal.jsonl", "begun")),
        ("intent on disk", "fsync", ("journal.jsonl",)),
        ("create", "openat", (".activeContext.md.", "O_EXCL", "O_NOFOLLOW")),
        ("write", "write", (".activeContext.md.",)),
        ("file on disk", "fsync", (".activeContext.md.",)),
        ("exchange", "renameat2", ("activeContext.md", "RENAME_EXCHANGE")),
        ("folder on disk", "fsync", ("/.memorybank>",)),
        ("old file gone", "unlink", (".activeContext.md.",)),
        ("outcome", "write", ("journal.jsonl", "done")),
        ("outcome on disk", "fsync", ("journal.jsonl",)),
    )
    steps: list[str] = []
    for call in run.calls:
        for step, name, words in marks:
            if call.name == name and all(word in call.text for word in words):
                if step == "intent on disk" and "outcome" in steps:
                    continue
                if step == "outcome on disk" and "outcome" not in steps:
                    continue
                steps.append(step)
    assert steps == [step for step, _, _ in marks]


def test_a_large_operation_that_did_not_end_is_found(tmp_path: Path) -> None:
    """The end of the journal is read far enough back to hold the last operation, however long its line is."""
    project = tmp_path / "project"
    journal = make_bank(project) / ".state" / "journal.jsonl"
    page = project / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("# Page\n\n## Long\n\nshort\n", encoding="utf-8")
    assert bank(project, "edit", "docs/page.md#Long", "--replace", "東" * 30_000).returncode == 0
    *lines, last, _ = journal.read_bytes().split(b"\n")
    assert b'"done"' in last
    assert len(lines[-1]) > 100_000
    journal.write_bytes(b"\n".join([*lines, b""]))

    assert bank(project, "note", "token-next").returncode == 0

    states = [row["state"] for row in json.loads(bank(project, "history", "--json").stdout)["operations"]]
    assert set(states) == {"done"}
    assert journal.read_bytes().count(b'"done"') == len(states)
