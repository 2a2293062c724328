"""Sessions and groups from Python, as the table in docs/sessions.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import memorybank as mb
from memorybank.errors import NoRecordError


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mb.BankFolder:
    monkeypatch.chdir(tmp_path)
    return mb.init(tmp_path)


def test_a_session_from_python(bank: mb.BankFolder) -> None:
    started = mb.start_session(bank, tool="claude-code", label="auth-refactor")
    assert mb.current_session(bank) == started.record.id
    mb.add_message(bank, "user", "Should we use JWTs?")
    assert mb.note(bank, "JWTs", kind="decision").session == started.record.id
    assert mb.save_session(bank, label="auth-day-2").record.title == "auth-day-2"
    ended = mb.end_session(bank, generate_summary=True)
    assert ended.record.summary.startswith("Decided: ")
    assert mb.current_session(bank) == ""
    assert [each.id for each in mb.list_sessions(bank, tool="claude-code")[:10]] == [started.record.id]
    assert [each.text for each in mb.load_session(bank, "auth-day-2", max_messages=20).messages] == [
        "Should we use JWTs?"
    ]


def test_groups_from_python(bank: mb.BankFolder) -> None:
    group = mb.create_group(bank, "Authentication Feature", description="JWT", tags=["auth"]).record.id
    session = mb.start_session(bank, label="research").record.id
    mb.add_to_group(bank, group, session)
    mb.add_message(bank, "user", "PyJWT vs python-jose", session=session)
    assert [each.message_count for each in mb.group_context(bank, group, max_messages_per_session=20)] == [1]
    mb.set_group_status(bank, group, "closed")
    assert [each.status for each in mb.list_groups(bank, tags=["auth"])] == ["closed"]
    summary = mb.summarize_group(bank, group)
    assert (summary.group.title, len(summary.sessions)) == ("Authentication Feature", 1)
    assert mb.list_sessions(bank, group=group)[0].id == session


def test_without_a_session_there_is_none_to_end(bank: mb.BankFolder) -> None:
    with pytest.raises(NoRecordError):
        mb.end_session(bank)


def test_every_function_that_the_page_names_is_there() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sessions.md").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"\bmb\.(\w+)\(", page) if not hasattr(mb, name)] == []
