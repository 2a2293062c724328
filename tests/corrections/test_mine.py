"""Mining: what is new in the logs is found once, whatever happens in between, and nothing else is written."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.accept import accept
from memorybank.corrections.decide import drop
from memorybank.corrections.mine import Search, mine
from memorybank.corrections.mining_status import mining_status
from memorybank.corrections.repetition import counts_of
from memorybank.errors import FieldError
from memorybank.records.corrections.correction import LEDGER
from memorybank.store.journal.undo import undo
from tests.corrections.test_ledger import one
from tests.corrections.transcripts.claude import REFUSED, Log
from tests.ledger import read_ledger
from tests.running import environment

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.corrections.mine import Mining
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def denied(comment: str, session: str = "s1", log: Log | None = None) -> Log:
    """Return the log of a session in which a call was denied with a comment."""
    log = log or Log(session=session)
    number = len(log.lines)
    log.asks("Clean up the build")
    log.calls("Bash", f"t{number}", command="rm -rf build dist")
    text = f"{REFUSED}To tell you how to proceed, the user said:\n{comment}"
    fields = {"toolDenialKind": "user-rejected", "userFeedback": comment, "toolUseResult": f"Error: {text}"}
    log.answers(text, f"t{number}", is_error=True, **fields)
    return log


def run(bank: BankFolder, way: Way, source: Path, clients: tuple[str, ...] = (), since: float | None = None) -> Mining:
    return mine(bank, way, Search({}, source, clients, since))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def test_what_is_found_waits_and_is_found_once(bank: BankFolder, way: Way, logs: Path) -> None:
    denied("keep build, only remove dist").write(logs)
    done = run(bank, way, logs)
    assert [each.text for each in done.corrections] == ["keep build, only remove dist"]
    assert (done.log_count, done.new_log_count, done.turn_count) == (1, 1, 2)
    found = read_ledger(bank)[0]
    assert "rm -rf build dist" in found.premise.tool
    assert (found.origin.client, found.origin.session, found.status) == ("claude-code", "s1", "waiting")
    before = (bank.state / LEDGER).read_bytes()
    again = run(bank, way, logs)
    assert (again.corrections, again.new_log_count) == ([], 0)
    assert (bank.state / LEDGER).read_bytes() == before


def test_a_log_that_grew_is_read_on(bank: BankFolder, way: Way, logs: Path) -> None:
    log = denied("keep build, only remove dist")
    log.write(logs)
    run(bank, way, logs)
    denied("use the trash, never rm", log=log).write(logs)
    done = run(bank, way, logs)
    assert [each.text for each in done.corrections] == ["use the trash, never rm"]
    assert len(read_ledger(bank)) == 2


def test_a_dry_run_writes_nothing(bank: BankFolder, way: Way, logs: Path) -> None:
    denied("keep build, only remove dist").write(logs)
    before = sorted(bank.state.rglob("*"))
    done = run(bank, way._replace(options=way.options._replace(dry_run=True)), logs)
    assert (len(done.corrections), done.dry_run) == (1, True)
    assert sorted(bank.state.rglob("*")) == before
    assert len(run(bank, way, logs).corrections) == 1


def test_only_wanted_logs_are_read(bank: BankFolder, way: Way, logs: Path) -> None:
    path = denied("keep build, only remove dist").write(logs)
    os.utime(path, (0, 0))
    assert run(bank, way, logs, since=1000.0).log_count == 0
    assert run(bank, way, logs, clients=("codex",)).log_count == 0
    assert len(run(bank, way, logs, clients=("Claude-Code",)).corrections) == 1
    with pytest.raises(FieldError, match="choose from claude-code"):
        run(bank, way, logs, clients=("emacs",))
    with pytest.raises(FieldError, match="does not exist"):
        run(bank, way, logs / "none")


def test_only_sessions_of_the_project_are_mined_from_the_places_of_clients(
    bank: BankFolder, way: Way, tmp_path: Path
) -> None:
    for project, comment in ((bank.project, "keep build, only remove dist"), (tmp_path / "other", "never of another")):
        name = "".join(each if each.isascii() and each.isalnum() else "-" for each in str(project))
        folder = tmp_path / ".claude" / "projects" / name
        folder.mkdir(parents=True)
        path = denied(comment, session=project.name).write(folder)
        path.write_text(path.read_text().replace("/srv/dev/shop", str(project)))
    done = mine(bank, way, Search({"HOME": str(tmp_path)}))
    assert [each.text for each in done.corrections] == ["keep build, only remove dist"]


def test_the_same_in_several_sessions_is_counted(bank: BankFolder, way: Way, logs: Path) -> None:
    denied("never delete the build folder here", "s1").write(logs, "a.jsonl")
    denied("again: never delete that build folder here", "s2").write(logs, "b.jsonl")
    denied("sort the imports", "s3").write(logs, "c.jsonl")
    run(bank, way, logs)
    assert sorted((each.similar, each.sessions) for each in read_ledger(bank)) == [(0, 1), (1, 2), (1, 2)]


def test_repetition_is_found_in_other_scripts_and_numbers_differ() -> None:
    texts = ["请不要直接推送到主分支", "不要直接推送到主分支", "wait 30 seconds for it", "wait 60 seconds for it"]
    found = [
        one(f"cor-20261120-0000{n}", text, origin=one().origin._replace(session=f"s{n}"))
        for n, text in enumerate(texts)
    ]
    assert counts_of(found) == [(1, 2), (1, 2), (0, 1), (0, 1)]


def test_a_deleted_state_is_mined_again_without_what_was_accepted(bank: BankFolder, way: Way, logs: Path) -> None:
    for number, comment in enumerate(("keep build, only remove dist", "use the trash, never rm", "no force push here")):
        denied(comment, f"s{number}").write(logs, f"{number}.jsonl")
    run(bank, way, logs)
    kept, dropped, _ = [each.id for each in read_ledger(bank)]
    done = accept(bank, [kept], way)
    drop(bank, [dropped], way)
    undo(bank, done.receipt.operation, way)
    accept(bank, [kept], way)
    for path in sorted(bank.state.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert len(run(bank, way, logs).corrections) == 2
    assert {each.id: each.status for each in read_ledger(bank)}[dropped] == "waiting"
    (bank.state / LEDGER).unlink()
    assert len(run(bank, way, logs).corrections) == 2, "a ledger that is gone alone is filled again, too"


def test_hostile_logs_are_mined(bank: BankFolder, way: Way, logs: Path) -> None:
    secret = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    path = denied(f"## use {secret}\n\x1b[31mnever\x1b[0m print it").write(logs)
    first, rest = path.read_bytes().split(b"\n", 1)
    junk = b"\n\0\0\xff\n[1]\nnull\n" + b"[" * 100_000 + b"\n"
    path.write_bytes(first + junk + rest + b'{"type":"user","mess')
    (logs / "loop").symlink_to(logs, target_is_directory=True)
    done = run(bank, way, logs)
    assert len(done.corrections) == 1
    written = (bank.state / LEDGER).read_text()
    assert secret not in written
    assert "\\u001b" not in written
    assert done.broken_line_count >= 1


def test_the_status_says_what_is_new(bank: BankFolder, way: Way, tmp_path: Path) -> None:
    name = "".join(each if each.isascii() and each.isalnum() else "-" for each in str(bank.project))
    folder = tmp_path / ".claude" / "projects" / name
    folder.mkdir(parents=True)
    log = denied("keep build, only remove dist")
    path = log.write(folder)
    path.write_text(path.read_text().replace("/srv/dev/shop", str(bank.project)))
    search = Search({"HOME": str(tmp_path)})
    before = mining_status(bank, search)
    assert (before.mined_at, [(each.read_to, each.is_new) for each in before.logs]) == ("", [(0, True)])
    mine(bank, way, search)
    after = mining_status(bank, search)
    assert (after.waiting_count, [(each.read_to, each.is_new) for each in after.logs]) == (
        1,
        [(path.stat().st_size, False)],
    )
    assert after.mined_at
    assert after.other_log_count == 0
    other = tmp_path / "other"
    other.mkdir()
    denied("never touch the archive", "s2").write(other)
    run(bank, way, other)
    assert (len(mining_status(bank, search).logs), mining_status(bank, search).other_log_count) == (1, 1)


def test_three_miners_at_once_add_each_correction_once(bank: BankFolder, logs: Path) -> None:
    for number in range(6):
        denied(f"keep folder number {number}, please", f"s{number}").write(logs, f"{number}.jsonl")
    command = [sys.executable, "-m", "memorybank", "corrections", "mine", "--source", str(logs)]
    running = [subprocess.Popen(command, cwd=bank.project, env=environment()) for _ in range(3)]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    assert len({each.text for each in read_ledger(bank)}) == 6
    assert (bank.state / LEDGER).read_text().count('"found_at"') == 6


def test_a_dry_run_shows_no_secret_of_a_path_or_a_session(bank: BankFolder, way: Way, logs: Path) -> None:
    token = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    denied("keep build, only remove dist", session=f"s/\x1b[31m{token}").write(logs)
    dry = way._replace(options=way.options._replace(dry_run=True))
    found = mine(bank, dry, Search({}, logs)).corrections
    assert [each.origin.session for each in found] == ["s/<redacted:github-token>"]
