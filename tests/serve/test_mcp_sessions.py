"""What `bank mcp` does beside its calls: it starts sessions, counts calls, logs trouble, and keeps to its role."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.errors import LockedError
from memorybank.facade.agents import connection
from memorybank.facade.caller import Caller
from memorybank.files.lock import lock
from tests.serve.mcp_client import MODERN, Client, request, start

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

SECRET = "BODYTEXT"
# each call with a text in every argument that may hold one
TEXTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("note", {"text": f"{SECRET} one", "why": SECRET}),
    ("search", {"query": f"{SECRET} two"}),
    ("save", {"content": f"{SECRET} three", "title": f"{SECRET} four", "tags": [SECRET]}),
    ("edit", {"operation": "append", "address": "activeContext.md#Next Steps", "text": f"- {SECRET} five"}),
    ("edit", {"operation": "remove_item", "address": "activeContext.md#Next Steps", "item": f"{SECRET} five"}),
    ("task", {"operation": "add", "text": f"{SECRET} six"}),
    ("load_session", {"session_id": f"yesterday about {SECRET}"}),
    ("recall", {"id": f"{SECRET} seven"}),
    ("import_conversation", {"json_content": f'[{{"role":"user","content":"{SECRET} eight"}}]'}),
    ("checkpoint", {"note": f"{SECRET} nine"}),
    ("load", {}),
)


@pytest.fixture
def project(bank: BankFolder, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(bank.project)
    return bank.project


def opened(name: str = "codex-mcp-client", environ: dict[str, str] | None = None, **options: Any) -> Client:
    client = Client(environ, **options)
    client.open(name)
    return client


def sessions(project: Path) -> list[tuple[str, str]]:
    """Return the tool and the status of each session."""
    return [(each.source_tool, each.status) for each in Bank.open(project).sessions.list()]


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


# --- sessions


def test_a_session_starts_with_the_first_write_and_stays_for_the_connection(project: Path) -> None:
    client = opened()
    client.done("load")
    client.done("search", query="nothing")
    assert sessions(project) == []
    for number in range(3):
        client.done("note", text=f"line {number}")
    assert sessions(project) == [("codex", "active")]
    written = Bank.open(project).history(limit=3)
    assert {(each.tool, each.session != "") for each in written} == {("codex", True)}
    assert len({each.session for each in written}) == 1


def test_two_connections_have_two_sessions(project: Path) -> None:
    for name in ("codex-mcp-client", "gemini-cli-mcp-client"):
        opened(name).done("note", text=f"from {name}")
    assert sorted(sessions(project)) == [("codex", "active"), ("gemini", "active")]


def test_copilot_has_one_name_as_a_client_of_the_server_and_in_hooks(project: Path) -> None:
    opened("copilot-cli").done("note", text="from the server")
    assert sessions(project) == [("copilot", "active")]


def test_the_command_line_of_the_same_agent_shares_the_session(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "11112222-3333")
    opened("claude-code").done("note", text="from the server")
    session = Bank.open(project).sessions.current()
    assert session
    Bank.open(project).note("from the command line")
    assert sessions(project) == [("claude-code", "active")]
    assert {each.session for each in Bank.open(project).history(limit=2)} == {session}
    # and the other way round
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "other-agent")
    begun = Bank.open(project).sessions.start(label="by hand").record.id
    opened("claude-code").done("note", text="from the server again")
    assert next(iter(Bank.open(project).history(limit=1))).session == begun


def test_a_session_that_was_ended_is_followed_by_another_one(project: Path) -> None:
    client = opened()
    client.done("note", text="first")
    client.done("wrap_up", end_session=True)
    assert sessions(project) == [("codex", "ended")]
    client.done("note", text="second")
    assert sorted(sessions(project)) == [("codex", "active"), ("codex", "ended")]


# --- the log of calls


def test_every_call_is_a_line_of_the_audit_log_without_its_texts(project: Path, bank: BankFolder) -> None:
    client = opened(tools="all")
    for tool, arguments in TEXTS:
        client.call(tool, **arguments)
    log = bank.state / "audit.jsonl"
    assert SECRET not in log.read_text(encoding="utf-8")
    lines = rows(log)
    assert [each["tool"] for each in lines] == [f"bank_{tool}" for tool, _ in TEXTS]
    assert {each["client"] for each in lines} == {"codex"}
    assert all(each["bytes_in"] > 0 < each["bytes_out"] for each in lines)
    (session,) = {each["session"] for each in lines[2:]}
    assert session
    outcomes = {each["tool"]: each["outcome"] for each in lines}
    assert (outcomes["bank_note"], outcomes["bank_recall"]) == ("ok", "no-record")
    assert lines[3]["addresses"] == ["activeContext.md#Next Steps"]
    assert sum(each.calls for each in Bank.open(project).audit.list().tools) == len(TEXTS)


def test_a_call_that_the_protocol_refuses_writes_nothing(project: Path, bank: BankFolder) -> None:
    assert project
    client = opened()
    assert "error" in client.ask("tools/call", {"name": "bank_note", "arguments": {"txt": SECRET}})
    assert not (bank.state / "audit.jsonl").exists()


# --- the log of trouble


def test_the_log_of_trouble_has_each_call_and_no_text(project: Path, tmp_path: Path) -> None:
    assert project
    file = tmp_path / "mcp.log"
    client = opened(tools="all", log=str(file))
    for tool, arguments in TEXTS:
        client.call(tool, **arguments)
    assert SECRET not in file.read_text(encoding="ascii")
    assert [each["tool"] for each in rows(file)] == [f"bank_{tool}" for tool, _ in TEXTS]
    assert {each["event"] for each in rows(file)} == {"call"}


def test_the_log_of_trouble_is_rotated(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert project
    monkeypatch.setattr(connection, "LOG_BYTES", 400)
    file = tmp_path / "mcp.log"
    client = opened(log=str(file))
    for _ in range(12):
        client.done("load")
    older = tmp_path / "mcp.log.1"
    assert rows(older)
    assert rows(file)
    assert max(file.stat().st_size, older.stat().st_size) < 800
    assert sorted(each.name for each in tmp_path.glob("mcp.log*")) == ["mcp.log", "mcp.log.1"]


def test_a_log_that_cannot_be_written_goes_to_standard_error_and_fails_nothing(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project
    opened(log=str(tmp_path / "no" / "such" / "folder.log")).done("note", text=SECRET)
    said = capsys.readouterr()
    assert json.loads(said.err)["tool"] == "bank_note"
    assert said.out == ""


def test_debugging_logs_to_standard_error_and_never_among_the_answers(bank: BankFolder) -> None:
    import subprocess

    process = start(bank.project, MEMORYBANK_DEBUG="1", stderr=subprocess.PIPE)
    out, err = process.communicate(request(1, "tools/call", name="bank_note", arguments={"text": SECRET}), timeout=60)
    assert [json.loads(line)["id"] for line in out.splitlines()] == [1]
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["call"]
    assert SECRET.encode() not in err


def test_a_client_gets_the_messages_of_the_level_that_it_chose(project: Path) -> None:
    assert project
    client = opened()

    def told(tool: str, **arguments: Any) -> list[tuple[str, str]]:
        params = {"name": f"bank_{tool}", "arguments": arguments}
        lines = client.send(request(1, "tools/call", **params))
        assert SECRET not in json.dumps(lines[:-1])
        return [(each["params"]["level"], each["params"]["data"]["outcome"]) for each in lines[:-1]]

    assert told("note", text=f"{SECRET} a") == []
    client.ask("logging/setLevel", {"level": "debug"})
    assert told("note", text=f"{SECRET} b") == [("debug", "ok")]
    client.ask("logging/setLevel", {"level": "notice"})
    assert told("note", text=f"{SECRET} c") == []
    assert told("show", address="nope.md#x") == [("notice", "no-file")]
    client.ask("logging/setLevel", {"level": "emergency"})
    assert told("show", address="nope.md#x") == []
    # the new era declares no log
    client.ask("logging/setLevel", {"level": "debug"})
    lines = client.send(request(2, "tools/call", name="bank_load", arguments={}, _meta=MODERN))
    assert len(lines) == 1


# --- roles and reading


@pytest.mark.parametrize("role", ["write-agent", "read-only"])
def test_with_a_role_notes_are_queued_and_nothing_else_is_written(project: Path, bank: BankFolder, role: str) -> None:
    client = opened(role=role, tools="all")
    before = {path: path.read_bytes() for path in bank.folder.glob("*.md")}
    client.call("note", text="queue this")
    assert client.refused("focus", text="mine now")["code"] == "role"
    assert {path: path.read_bytes() for path in bank.folder.glob("*.md")} == before
    assert sessions(project) == []
    assert len(Bank.open(project).notes.list()) == 1


def test_a_server_that_only_reads_leaves_no_trace(project: Path, bank: BankFolder) -> None:
    before = {path for path in bank.folder.rglob("*") if path.is_file()}
    client = opened(read_only=True, tools="all")
    client.done("load")
    client.done("show", address="decisions")
    client.done("status")
    assert {path for path in bank.folder.rglob("*") if path.is_file()} == before
    assert sessions(project) == []
    assert Bank.open(project).gate("implement").missing


def test_a_bank_that_another_process_holds_is_waited_for_once(
    bank: BankFolder, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session that the first write starts waits for the lock; the write itself does not wait again."""
    starting = connection.Connecting(bank, Caller(timeout=0.1, tool="agent"))
    with lock(bank.state / "lock", holder="test"):
        with pytest.raises(LockedError):
            starting.session()
        session = partial(connection.Connecting.session, starting)
        monkeypatch.setattr(connection.Connecting, "session", lambda _: session())
        error = Client().refused("note", text="WAL needs a local disk")
    assert error["code"] == "locked"
    assert error["hint"] == "try again"
