"""The log of agents' calls: whole lines from many writers, never a text, never an error for the caller."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.agents import audit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank.init(tmp_path)


def log_of(bank: Bank) -> Path:
    return bank.path / ".state" / "audit.jsonl"


def test_a_call_is_one_line_that_list_returns(bank: Bank) -> None:
    bank.audit.record(tool="search", client="codex", addresses=["patterns.md#Common Gotchas"], bytes_out=340)
    (call,) = bank.audit.list()
    assert (call.tool, call.client, call.addresses, call.bytes_out, call.outcome) == (
        "search",
        "codex",
        ("patterns.md#Common Gotchas",),
        340,
        "ok",
    )
    assert log_of(bank).read_bytes().count(b"\n") == 1


def test_what_is_longer_than_a_name_is_cut_so_that_no_text_gets_in(bank: Bank) -> None:
    body = "a whole text\nwith lines " + "x" * 100_000
    bank.audit.record(tool=body, client=body, addresses=[body] * 500, outcome=body)
    line = log_of(bank).read_bytes()
    assert b"with lines" not in line
    assert len(line) < 10_000


def test_lines_of_many_writers_are_whole(bank: Bank) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: bank.audit.record(tool=f"t{number % 3}", bytes_out=number), range(400)))
    # a line that another process is still writing looks torn: an empty line may stand behind it
    rows = [json.loads(line) for line in log_of(bank).read_bytes().split(b"\n") if line]
    assert sorted(row["bytes_out"] for row in rows) == list(range(400))


def test_a_torn_last_line_costs_that_line_only(bank: Bank) -> None:
    bank.audit.record(tool="load")
    with log_of(bank).open("ab") as file:
        file.write(b'{"at":"2026-11-21T05:30:00Z","tool":"sea')
    bank.audit.record(tool="note")
    assert [call.tool for call in bank.audit.list()] == ["note", "load"]


@pytest.mark.parametrize("line", [b"[]", b'{"at":1,"tool":"x"}', b'{"at":"","tool":null}', b"\xff\xfe", b'"\\ud800"'])
def test_a_line_that_is_no_call_is_skipped(bank: Bank, line: bytes) -> None:
    bank.audit.record(tool="load")
    with log_of(bank).open("ab") as file:
        file.write(line + b"\n")
    assert len(bank.audit.list()) == 1


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999", b"-5", b"9" * 400, b'"x"'])
def test_a_number_that_is_none_counts_as_zero(bank: Bank, number: bytes) -> None:
    line = b'{"at":"2026-11-21T05:30:00Z","tool":"x","milliseconds":%b,"bytes_in":%b}\n' % (number, number)
    log_of(bank).parent.mkdir(exist_ok=True)
    log_of(bank).write_bytes(line)
    found = bank.audit.list()
    assert [(call.milliseconds, call.bytes_in) for call in (*found, *found.tools)] == [(0.0, 0), (0.0, 0)]


def test_a_name_in_the_log_that_others_wrote_adds_no_line_to_the_answer(bank: Bank) -> None:
    row = dict.fromkeys(("at", "client", "tool", "outcome", "session"), "a\nfake") | {"addresses": ["b\nfake"]}
    log_of(bank).parent.mkdir(exist_ok=True)
    log_of(bank).write_text(json.dumps(row), encoding="utf-8")
    (call,) = bank.audit.list()
    assert (call.at, call.client, call.tool, call.outcome, call.session, call.addresses) == (*("a",) * 5, ("b",))


def test_a_full_log_is_rotated_and_both_are_read(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ROTATE_BYTES", 2000)
    for number in range(20):
        bank.audit.record(tool="load", bytes_out=number)
    assert log_of(bank).stat().st_size < 2300
    assert (log_of(bank).parent / "audit.1.jsonl").exists()
    newest = [call.bytes_out for call in bank.audit.list(limit=0)]
    assert newest == list(range(19, 19 - len(newest), -1))
    assert len(newest) > 12


def test_a_full_log_that_cannot_be_rotated_loses_no_call(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when another process has just renamed it, or keeps the lock for longer than is waited."""
    monkeypatch.setattr(audit, "ROTATE_BYTES", 0)
    bank.audit.record(tool="load")
    (log_of(bank).parent / "audit.1.jsonl").mkdir()
    bank.audit.record(tool="note")
    assert log_of(bank).read_bytes().count(b"\n") == 2


def test_a_log_that_cannot_be_written_fails_no_call(bank: Bank) -> None:
    log_of(bank).mkdir(parents=True)
    bank.audit.record(tool="load")
    target = log_of(bank).parent / "elsewhere"
    log_of(bank).rmdir()
    log_of(bank).symlink_to(target)
    bank.audit.record(tool="load")
    assert not target.exists()


def test_a_bank_that_vanished_is_not_made_again(bank: Bank) -> None:
    path = bank.path
    path.rename(path.with_name("moved"))
    bank.audit.record(tool="load")
    assert not path.exists()


def test_the_calls_are_filtered_and_summed_by_tool(bank: Bank) -> None:
    for client, tool, size, outcome in (("a", "load", 10, "ok"), ("b", "load", 5, "no-file"), ("a", "note", 1, "ok")):
        bank.audit.record(tool=tool, client=client, bytes_out=size, outcome=outcome)
    found = bank.audit.list(limit=1)
    assert (len(found), found.total) == (1, 3)
    assert [(row.tool, row.calls, row.failed, row.bytes_out) for row in found.tools] == [
        ("load", 2, 1, 15),
        ("note", 1, 0, 1),
    ]
    assert [call.tool for call in bank.audit.list(client="A")] == ["note", "load"]
    assert [call.client for call in bank.audit.list(tool="load")] == ["b", "a"]
    assert len(bank.audit.list(since="2099-01-01")) == 0
