"""`check` over facts and messages: two facts of one id, and lines of a session that are no message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.check.lint import lint
from memorybank.records.ledgers.fact_list import FILE
from memorybank.records.ledgers.facts import add_paf, set_status
from memorybank.records.sessions.sessions import add_message, load, start

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def test_two_facts_of_one_id_are_told(bank: BankFolder, way: Way) -> None:
    for text in ("Tokens are signed", "Tokens rotate"):
        add_paf(bank, "AUTH", text, way, status="active")
    set_status(bank, "AUTH-001", "replaced", way, by="AUTH-002")
    assert lint(bank) == []
    path = bank.folder / FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(
        f"{text}- **AUTH-002**: from a merge\n- **AUTH-003** (replaced by AUTH-009): old\n", encoding="utf-8"
    )
    found = {each.rule: each for each in lint(bank)}
    assert found.keys() == {"paf-twin", "paf-link"}
    assert found["paf-twin"].line == text.count("\n") + 1
    assert "AUTH-009" in found["paf-link"].message
    assert {each.rule for each in lint(bank, [FILE])} == found.keys()
    assert lint(bank, ["progress.md"]) == []


def test_a_file_of_facts_that_cannot_be_read_is_told_once(bank: BankFolder) -> None:
    (bank.folder / FILE).mkdir()
    assert [each.file for each in lint(bank)] == [FILE]


def test_a_torn_line_of_a_session_is_told(bank: BankFolder, way: Way) -> None:
    session = start(bank, way, label="one").record.id
    for words in ("first", "second"):
        add_message(bank, session, "user", words, way)
    assert lint(bank) == []
    path = bank.folder / "sessions" / f"{session}.jsonl"
    path.write_bytes(b'{"at":"x","role":"user","te\n' + path.read_bytes() + b'\n[]\n{"role":"user","text":"ok"}\n')
    found = lint(bank)
    assert [(each.rule, each.file, each.line) for each in found] == [
        ("message-line", f"sessions/{session}.jsonl", 1),
        ("message-line", f"sessions/{session}.jsonl", 5),
    ]
    assert load(bank, session).message_count == 3


def test_messages_that_are_a_link_are_told(bank: BankFolder, tmp_path: Path) -> None:
    (bank.folder / "sessions").mkdir(exist_ok=True)
    (tmp_path / "far.jsonl").write_text("x\n", encoding="utf-8")
    (bank.folder / "sessions" / "x.jsonl").symlink_to(tmp_path / "far.jsonl")
    assert [each.rule for each in lint(bank)] == ["outside"]
