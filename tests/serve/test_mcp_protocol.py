"""`bank mcp` speaks JSON-RPC and both eras of MCP, whatever it is sent."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.serve.mcp import features
from memorybank.serve.mcp.connection import MAX_BYTES
from memorybank.serve.mcp.features import Method
from memorybank.serve.mcp.instructions import instructions
from memorybank.serve.mcp.protocol import SERVER_KEY, VERSION_KEY
from tests.running import wait_until_gone
from tests.serve.mcp_client import MODERN, Client, request, start

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


@pytest.fixture
def client(bank: BankFolder, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.chdir(bank.project)
    return Client()


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_a_handshake_keeps_the_version_that_the_client_asks_for(client: Client, version: str) -> None:
    assert client.open(version=version)["protocolVersion"] == version


def test_a_handshake_for_an_unknown_version_offers_the_newest(client: Client) -> None:
    assert client.open(version="2099-01-01")["protocolVersion"] == "2025-11-25"


@pytest.mark.parametrize("tools", ["core", "all", "note,search"])
@pytest.mark.parametrize("read_only", [False, True])
def test_the_instructions_fit_in_two_kilobytes_and_name_what_matters(tools: str, *, read_only: bool) -> None:
    text = instructions(tools, read_only=read_only)
    assert len(text.encode()) <= 2048
    for name in ("bank_load", "bank_search", "bank_note", "bank_edit", "bank_wrap_up", "expect"):
        assert name in text


@pytest.mark.parametrize(
    "params",
    [
        {"name": "bank_save", "arguments": {"content": "x", "metadata": {"n": "BIG"}}},
        {"name": "bank_index", "arguments": {"operation": "rebuild"}, "_meta": {"progressToken": "BIG"}},
    ],
)
def test_a_number_that_would_come_back_as_infinity_is_refused(client: Client, params: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    (answer,) = client.send(json.dumps(message).replace('"BIG"', "1e400").encode())
    assert (answer["id"], answer["error"]["code"]) == (1, -32602)


@pytest.mark.parametrize("token", [True, [], {}, None])
def test_a_progress_token_that_is_no_text_and_no_number_is_not_used(
    bank: BankFolder, monkeypatch: pytest.MonkeyPatch, token: Any
) -> None:
    monkeypatch.chdir(bank.project)
    client = Client(tools="all")
    params = {"name": "bank_index", "arguments": {"operation": "rebuild"}, "_meta": {"progressToken": token}}
    line = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    (answer,) = client.send(json.dumps(line).encode())
    assert answer["result"]["isError"] is False


@pytest.mark.parametrize("odd", [["x"], {}, 5, True])
def test_completion_takes_odd_references_and_contexts_for_unknown_ones(client: Client, odd: Any) -> None:
    section = {"type": "ref/resource", "uri": "bank://section/{file}/{section}"}
    argument = {"name": "section", "value": ""}
    asked = (
        {"ref": section, "argument": argument, "context": {"arguments": {"file": odd}}},
        {"ref": {"type": "ref/prompt", "name": odd}, "argument": argument},
        {"ref": {"type": odd, "uri": odd}, "argument": argument},
    )
    codes = [client.ask("completion/complete", each).get("error", {}).get("code", -32602) for each in asked]
    assert codes == [-32602] * 3


def test_a_cursor_for_a_list_of_one_page_is_refused(client: Client) -> None:
    for method in ("resources/templates/list", "prompts/list", "skills/list"):
        assert client.ask(method, {"cursor": "99"})["error"]["code"] == -32602


def test_a_client_of_the_new_era_needs_no_handshake(client: Client) -> None:
    found = client.ask("server/discover", {"_meta": MODERN})["result"]
    assert found["resultType"] == "complete"
    assert found["supportedVersions"] == ["2026-07-28"]
    assert found["ttlMs"] > 0
    assert found["cacheScope"] == "private"
    assert found["_meta"][SERVER_KEY]["name"] == "bank"
    called = client.ask("tools/call", {"name": "bank_show", "arguments": {"address": "decisions"}, "_meta": MODERN})
    assert called["result"]["resultType"] == "complete"
    assert "ttlMs" not in called["result"]


def test_a_version_that_is_unknown_is_refused_with_those_that_are_known(client: Client) -> None:
    error = client.ask("tools/list", {"_meta": {**MODERN, VERSION_KEY: "2031-01-01"}})["error"]
    assert error["code"] == -32022
    assert error["data"]["requested"] == "2031-01-01"
    assert "2026-07-28" in error["data"]["supported"]


def test_an_envelope_without_capabilities_is_refused(client: Client) -> None:
    assert client.ask("tools/list", {"_meta": {VERSION_KEY: "2026-07-28"}})["error"]["code"] == -32602


@pytest.mark.parametrize("method", ["ping", "initialize", "logging/setLevel"])
def test_what_the_new_era_removed_is_not_found_there(client: Client, method: str) -> None:
    assert client.ask(method, {"_meta": MODERN})["error"]["code"] == -32601


def test_an_unknown_method_names_the_one_that_may_be_meant(client: Client) -> None:
    error = client.ask("tool/list")["error"]
    assert (error["code"], error["data"]["near"]) == (-32601, "tools/list")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe{}", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"[1]", -32600),
        (b'"text"', -32600),
        (b"{}", -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1}', -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":[],"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"-1"}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":4}}', -32602),
    ],
)
def test_a_wrong_message_gets_the_error_of_its_kind_and_ends_nothing(client: Client, line: bytes, code: int) -> None:
    assert client.send(line)[0]["error"]["code"] == code
    assert client.ask("ping")["result"] == {}


def test_a_notification_gets_no_answer(client: Client) -> None:
    for method in ("notifications/initialized", "notifications/unknown", "tools/list"):
        assert client.send(json.dumps({"jsonrpc": "2.0", "method": method}).encode()) == []


def test_a_batch_is_answered_in_one_line_in_the_version_that_has_batches(client: Client) -> None:
    rows = [{"jsonrpc": "2.0", "id": ident, "method": "ping"} for ident in (1, 2)]
    line = json.dumps([*rows, 5, {"jsonrpc": "2.0", "method": "notifications/initialized"}]).encode()
    assert client.send(line)[0]["error"]["code"] == -32600
    client.open(version="2025-03-26")
    (answers,) = client.send(line)
    assert sorted(str(each["id"]) for each in answers) == ["1", "2", "None"]


def test_a_message_over_the_limit_is_refused_with_its_id(client: Client) -> None:
    head = b'{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"'
    (answer,) = client.send(head + b"x" * MAX_BYTES + b'"}}')
    assert (answer["id"], answer["error"]["code"]) == (77, -32600)
    assert answer["error"]["data"]["limit_bytes"] == MAX_BYTES


def test_a_request_that_was_cancelled_while_it_waited_is_not_run(client: Client) -> None:
    client.server.take(request(1, "tools/call", name="bank_note", arguments={"text": "never written"}))
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    assert client.send(json.dumps(cancel).encode()) == []
    assert client.done("search", query="never written")["hits"] == []


def test_a_cancel_for_an_unknown_request_does_nothing(client: Client) -> None:
    rows: tuple[Any, ...] = ({"requestId": 9}, {"requestId": {}}, {}, None, 7)
    for params in rows:
        assert (
            client.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}).encode())
            == []
        )


def test_a_bug_answers_its_request_and_ends_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(features.METHODS, "x/broken", Method("lifecycle", "no_such_function"))
    assert client.ask("x/broken")["error"]["code"] == -32603
    assert client.ask("ping")["result"] == {}


# --- as a process


def lines_of(process: subprocess.Popen[bytes], *requests: bytes) -> list[dict[str, Any]]:
    out, _ = process.communicate(b"".join(requests), timeout=30)
    return [json.loads(line) for line in out.split(b"\n") if line]


def test_everything_that_was_asked_is_answered_before_the_end(bank: BankFolder) -> None:
    asked = [
        request(number, "tools/call", name="bank_note", arguments={"text": f"line {number}"}) for number in range(3)
    ]
    process = start(bank.project)
    answers = lines_of(process, *asked, b'{"jsonrpc":"2.0","id":9,"method":"ping"')
    assert [each["id"] for each in answers if each["id"] is not None] == [0, 1, 2]
    assert any(each.get("error", {}).get("code") == -32700 for each in answers)
    assert process.returncode == 0


def test_ten_megabytes_in_one_line_are_refused_without_being_held(bank: BankFolder) -> None:
    process = start(bank.project)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b'{"jsonrpc":"2.0","id":5,"method":"x","params":"')
    for _ in range(40):
        process.stdin.write(b"y" * 1024 * 1024)
    process.stdin.write(b'"}\n' + request(6, "ping"))
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert [(each["id"], "error" in each) for each in answers] == [(5, True), (6, False)]
    if sys.platform == "linux":
        with Path(f"/proc/{process.pid}/status").open(encoding="ascii") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        assert peak < 40 * 1024
    process.communicate(timeout=30)


def test_a_client_that_dies_leaves_no_process(bank: BankFolder) -> None:
    process = start(bank.project)
    assert process.stdin
    assert process.stdout
    process.stdin.write(request(1, "ping"))
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    process.stdin.close()
    assert process.wait(timeout=10) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_at_once(bank: BankFolder, number: signal.Signals) -> None:
    process = start(bank.project)
    assert process.stdin
    assert process.stdout
    process.stdin.write(request(1, "ping"))
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(number)
    process.wait(timeout=10)
    process.stdin.close()
    process.stdout.close()


@pytest.mark.skipif(os.name != "posix", reason="the approved command is one of POSIX")
def test_a_long_call_is_cancelled_with_its_program_and_pings_are_answered_meanwhile(bank: BankFolder) -> None:
    approve = [sys.executable, "-m", "memorybank", "prove", "--trust", "it waits", "--", "sh", "wait.sh"]
    script = bank.project / "wait.sh"
    script.write_text("echo 1 passed\n", encoding="ascii")
    subprocess.run(approve, cwd=bank.project, check=True, capture_output=True)
    script.write_text("echo $$ > began; sleep 60\n", encoding="ascii")
    process = start(bank.project)
    assert process.stdin
    assert process.stdout
    arguments = {"subject": "it waits", "command": ["sh", "wait.sh"]}
    process.stdin.write(request(1, "tools/call", name="bank_prove", arguments=arguments))
    process.stdin.flush()
    began = bank.project / "began"
    limit = time.monotonic() + 60
    while not (began.exists() and began.read_text(encoding="ascii").strip()):
        assert time.monotonic() < limit
        time.sleep(0.05)
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    process.stdin.write(request(2, "ping") + json.dumps(cancel).encode() + b"\n" + request(3, "tools/list"))
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 2
    assert select.select([process.stdout], [], [], 60)[0]
    assert json.loads(process.stdout.readline())["id"] == 3
    # the call is answered no more; its program is killed, and gone as soon as it is waited for
    wait_until_gone(int(began.read_text(encoding="ascii")))
    process.communicate(timeout=60)
