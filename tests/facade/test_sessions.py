"""Sessions and groups as methods of `Bank`, in the words of the tools that people come from."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from memorybank.enums import GroupStatus
from memorybank.errors import FieldError, NoRecordError
from memorybank.facade.bank import Bank
from memorybank.facade.groups import Groups
from memorybank.facade.sessions import Sessions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ctx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.delenv("MEMORYBANK_SESSION", raising=False)
    monkeypatch.delenv("CLAUDE_CODE_SESSION_ID", raising=False)
    monkeypatch.chdir(tmp_path)
    return Bank.init(tmp_path)


def test_a_session_in_the_words_of_the_sources(ctx: Bank) -> None:
    started = ctx.start_session(tool="claude-code", label="auth-day-3")
    assert ctx.sessions.current() == started.record.id
    ctx.add_message("user", "Should we use JWTs?")
    assert ctx.note("JWTs", kind="decision").session == started.record.id
    ended = ctx.end_session(generate_summary=True)
    assert ended.record.summary.startswith("Decided: ")
    assert ctx.sessions.current() == ""
    assert [session.id for session in ctx.list_sessions(limit=10, tool="claude-code")] == [started.record.id]
    loaded = ctx.load_session(session_id=started.record.id)
    assert [message.text for message in loaded.messages] == ["Should we use JWTs?"]


def test_a_resumed_session_is_current_and_a_deleted_one_is_not(ctx: Bank) -> None:
    ident = ctx.sessions.start(label="cors", groups=()).record.id
    ctx.sessions.end()
    ctx.sessions.resume("cors")
    assert ctx.sessions.current() == ident
    ctx.sessions.delete("current")
    assert ctx.sessions.current() == ""
    assert ctx.sessions.list() == []
    with pytest.raises(NoRecordError):
        ctx.sessions.end()


def test_a_dry_run_binds_no_session(ctx: Bank) -> None:
    dry = Bank.open(ctx.project, dry_run=True)
    assert dry.start_session(label="mine").receipt.dry_run
    assert ctx.sessions.current() == ""
    ident = ctx.start_session(label="mine").record.id
    dry.end_session()
    assert ctx.sessions.current() == ident


def test_a_list_says_how_many_there_are_without_its_limit(ctx: Bank) -> None:
    for label in ("one", "two", "three"):
        ctx.start_session(label=label)
    newest = ctx.sessions.list(limit=2)
    assert (len(newest), newest.total, newest.current) == (2, 3, ctx.sessions.current())
    assert (newest.to_wire()["count"], newest.to_wire()["total"]) == (len(newest), 3)
    assert len(ctx.sessions.list(limit=0, since="1d")) == 3
    with pytest.raises(FieldError):
        ctx.sessions.list(limit=-1)


def test_groups(ctx: Bank) -> None:
    group = ctx.groups.create("Sprint 12", description="Q4", tags="sprint12,q4").record
    assert group.tags == ("sprint12", "q4")
    session = ctx.start_session(label="research").record.id
    ctx.groups.add("Sprint 12", "current")
    ctx.add_message("user", "PyJWT or python-jose?")
    assert [each.message_count for each in ctx.groups.context(group.id, max_messages_per_session=5).sessions] == [1]
    assert [each.session.id for each in ctx.groups.summarize(group.id).sessions] == [session]
    ctx.groups.set_status(group.id, GroupStatus.CLOSED)
    assert [each.status for each in ctx.groups.list(tags=["q4"])] == ["closed"]
    ctx.groups.remove("Sprint 12", [session])
    assert ctx.groups.context(group.id).sessions == ()
    ctx.groups.delete(group.id)
    assert ctx.groups.list() == []


@pytest.mark.parametrize("namespace", [Sessions, Groups, Bank])
def test_no_method_takes_arguments_without_a_name(namespace: type) -> None:
    for name, method in inspect.getmembers(namespace, inspect.isfunction):
        kinds = {parameter.kind for parameter in inspect.signature(method).parameters.values()}
        assert name.startswith("_") or inspect.Parameter.VAR_KEYWORD not in kinds, name
