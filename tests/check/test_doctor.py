"""The doctor: every probe finds its fault and says the fix; --fix does what is sure and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from memorybank.check.doctor import examine, fix_faults
from memorybank.files.write import lock
from memorybank.store.journal.log import journal_path
from memorybank.store.sync_marks import leave
from memorybank.workflow.lines.note import note
from tests.running import bank as run_bank
from tests.running import environment, git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")


@pytest.fixture
def used(bank: BankFolder, way: Way) -> BankFolder:
    git(bank.project, "init", "-q")
    note(bank, "One", way)
    return bank


def faults(bank: BankFolder) -> dict[str, tuple[str, bool]]:
    return {each.name: (each.hint, each.fixable) for each in examine(bank) if each.fault}


def test_a_bank_in_order_has_no_fault(used: BankFolder) -> None:
    assert faults(used) == {}
    assert fix_faults(used) == []


def test_state_that_others_may_read_or_git_would_take_is_mended(used: BankFolder) -> None:
    used.state.chmod(0o755)
    (used.state / ".gitignore").unlink()
    assert set(faults(used)) == {"private", "ignored"}
    assert fix_faults(used) == ["private", "ignored"]
    assert faults(used) == {}


def test_who_holds_the_lock_is_told(used: BankFolder) -> None:
    with lock(used.state / "lock", holder="a long write"):
        found = subprocess.run(
            [sys.executable, "-m", "memorybank", "doctor", "--json"],
            cwd=used.project,
            env=environment(),
            capture_output=True,
            check=False,
        )
    probes = {each["name"]: each["fault"] for each in json.loads(found.stdout)["probes"]}
    assert "a long write" in probes["lock"]


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        ("settings", "bank.toml", "layout = ["),
        ("index", ".state/index.sqlite", "no database"),
        ("attributes", "../.gitattributes", "*.md merge=bank\n"),
        ("hooks", "../.git/hooks/pre-commit", "#!/bin/sh\nbank check\n"),
    ],
)
def test_what_is_out_of_order_is_told_with_its_mend(used: BankFolder, name: str, file: str, text: str) -> None:
    path = used.folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert set(faults(used)) == {name}
    assert not faults(used)[name][1]


def test_torn_lines_of_the_journal_are_told(used: BankFolder, way: Way) -> None:
    with journal_path(used).open("ab") as stream:
        stream.write(b'{"op": "op-2026\n')
    assert set(faults(used)) == {"journal"}
    note(used, "Two", way)
    assert set(faults(used)) == {"journal"}


def test_an_operation_that_a_crash_left_is_settled(tmp_path: Path) -> None:
    """The last line, which says that it ended, is taken away: as after a kill right before it."""
    folder = make_bank(tmp_path)
    run_bank(tmp_path, "note", "One")
    path = folder / ".state/journal.jsonl"
    rows = path.read_bytes().rstrip(b"\n").split(b"\n")
    assert b'"done"' in rows[-1]
    path.write_bytes(b"\n".join(rows[:-1]) + b"\n")
    before = (folder / "activeContext.md").read_bytes()
    done = run_bank(tmp_path, "doctor", "--json")
    assert (done.returncode, [each["name"] for each in json.loads(done.stdout)["probes"] if each["fault"]]) == (
        1,
        ["unfinished"],
    )
    done = run_bank(tmp_path, "doctor", "--fix")
    assert (done.returncode, "fixed: unfinished" in done.stdout) == (0, True)
    assert (folder / "activeContext.md").read_bytes() == before


def test_a_sync_that_cannot_work_or_did_not_lately_is_told(used: BankFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = used.folder / "bank.toml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(f"{before}\n[sync]\nenabled = true\n", encoding="utf-8")
    assert faults(used) == {"sync": ("bank config set sync.postgres_url postgresql://USER@HOST/DATABASE", False)}
    url = 'postgres_url = "postgresql://db.example/memory"'
    settings.write_text(f"{before}\n[sync]\nenabled = true\n{url}\n", encoding="utf-8")
    monkeypatch.setattr("memorybank.check.doctor.find_spec", lambda _: None)
    assert faults(used) == {"sync": ("pip install 'memorybank[postgres]'", False)}
    monkeypatch.setattr("memorybank.check.doctor.find_spec", str)
    assert faults(used) == {}
    leave(used, "tried")
    assert faults(used) == {"sync": ("bank sync status", False)}
    leave(used, "done")
    assert faults(used) == {}
    long_ago = time.time() - 5.5 * 86400
    os.utime(used.state / "sync/done", (long_ago, long_ago))
    (fault,) = [each.fault for each in examine(used) if each.fault]
    assert fault == "no sync with the hub has worked for 5 days"
    # nothing was tried since: the bank was not used
    os.utime(used.state / "sync/tried", (long_ago, long_ago))
    assert faults(used) == {}


def test_a_mark_in_the_way_is_no_crash(used: BankFolder) -> None:
    (used.state / "sync/tried").mkdir(parents=True)
    (used.folder / "bank.toml").write_text("[sync]\nenabled = 5\n", encoding="utf-8")
    assert set(faults(used)) == {"settings"}
