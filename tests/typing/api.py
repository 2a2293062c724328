"""What a type checker makes of programs that use `Bank`; mypy reads this file, nothing runs it."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

from memorybank import Bank, BankError, GroupStatus, Hit, MemoryType, Receipt, Record, WorkflowMode


def everyday(bank: Bank) -> None:
    receipt = bank.note("WAL mode needs a local disk", kind="gotcha", why="locks")
    assert_type(receipt, Receipt)
    assert_type(receipt.operation, str)
    assert_type(bank.focus("Retries"), Receipt)
    assert_type(bank.tasks.add("Retry on 429"), Receipt)
    assert_type([task.text for task in bank.tasks.list()], list[str])
    assert_type(bank.project, Path)


def edits(bank: Bank) -> None:
    shown = bank.show("progress.md#Tasks")
    assert_type(shown.digest, str)
    section = bank.edit(shown.address)
    assert_type(section.replace("- [ ] Ship it", expect=shown.digest), Receipt)
    assert_type(section.append("- [ ] Write the changelog"), Receipt)
    assert_type(bank.items.tick("progress.md#Tasks", "Ship it"), Receipt)


def memories(bank: Bank) -> None:
    record = bank.save("FastAPI", type=MemoryType.FACT, tags=["stack"], metadata={"sprint": 42}).record
    assert_type(record, Record)
    assert_type(record.tags, tuple[str, ...])
    for each in bank.list(type="decision", since="30d"):
        assert_type(each, Record)
    for hit in bank.search("framework", type=MemoryType.DECISION, limit=5):
        assert_type(hit, Hit)
        assert_type(hit.score, float)
    assert_type(bank.recall(record.id).content, str)


def sessions(bank: Bank) -> None:
    assert_type(bank.start_session(label="auth").record.id, str)
    assert_type(bank.add_message("user", "How?").text, str)
    assert_type(bank.load_session(label="auth").record, Record)
    bank.groups.set_status("Authentication", GroupStatus.CLOSED)
    assert_type(bank.load(stage="plan", mode=WorkflowMode.RAPID).text, str)


def wrong(bank: Bank) -> None:
    bank.note(42)  # type: ignore[arg-type]
    bank.note("x", sort="gotcha")  # type: ignore[call-arg]
    bank.save("x", metadata=["sprint"])  # type: ignore[arg-type]
    bank.list(limit="20")  # type: ignore[arg-type]


def errors() -> str:
    try:
        Bank.open("elsewhere", timeout=2.5, dry_run=True)
    except BankError as error:
        assert_type(error.code, str)
        assert_type(error.exit_status, int)
        return error.hint
    return ""
