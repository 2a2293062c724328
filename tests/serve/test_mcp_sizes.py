"""Large texts through `bank mcp`: what is taken, what an answer repeats, and that nothing of it is lost."""

from __future__ import annotations

import json
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.serve.mcp.connection import MAX_BYTES
from memorybank.serve.mcp.server import Server
from memorybank.serve.mcp.start import Options
from memorybank.serve.mcp.tools.arguments import MOST, MOST_LINES, MOST_OF_QUERY
from memorybank.serve.mcp.tools.listed import table
from tests.running import sampled
from tests.serve.mcp_client import Client, Nothing, request, start

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

LINE = "the words of a long text that somebody pastes\n"


@pytest.fixture
def client(bank: BankFolder, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.chdir(bank.project)
    client = Client(tools="all")
    client.open()
    return client


def text_of(size: int) -> str:
    return (LINE * (size // len(LINE) + 1))[:size]


def texts() -> list[tuple[str, str, str]]:
    """Return each tool with each operation and each text or list of texts that it takes."""
    return [
        (name, operation, argument)
        for name, tool in table().items()
        for operation, target in tool["call"]["operations"].items()
        for argument in target["names"]
        if tool["inputSchema"]["properties"][argument]["type"] in {"string", "array"}
        and "enum" not in tool["inputSchema"]["properties"][argument]
    ]


def call(client: Client, name: str, operation: str, argument: str, text: str) -> dict[str, Any]:
    tool = table()[name]
    known = tool["inputSchema"]["properties"]
    needed = {*tool["call"]["operations"][operation]["needs"], *tool["inputSchema"].get("required", ())} - {"operation"}
    given: dict[str, Any] = {"operation": operation} if operation else {}
    for each in needed:
        fit = "activeContext.md#Learnings" if each in {"address", "line"} else known[each].get("enum", ["x"])[0]
        given[each] = [fit] if known[each]["type"] == "array" else fit
    given[argument] = [text] if known[argument]["type"] == "array" else text
    return client.ask("tools/call", {"name": name, "arguments": given})


def test_a_text_over_the_limit_is_refused_in_every_argument_of_every_tool_and_nothing_is_written(
    client: Client, bank: BankFolder
) -> None:
    client.done("note", text="a session begins with this line")
    before = {path: path.read_bytes() for path in bank.folder.rglob("*.md")}
    text = text_of(MOST + 1)
    for name, operation, argument in sampled(texts(), 40):
        if argument == "json_content":
            continue
        answer = call(client, name, operation, argument, text)
        about = (name, operation, argument, str(answer)[:300])
        assert len(json.dumps(answer)) < 3000, about
        if "error" in answer:
            # what names something is short, and that is checked before
            assert answer["error"]["code"] == -32602, about
            continue
        error = answer["result"]["structuredContent"]["error"]
        assert error["code"] == "limit", about
        assert error["hint"].startswith("bank "), about
    assert {path: path.read_bytes() for path in bank.folder.rglob("*.md")} == before


LINES = "x\n" * (MOST_LINES + 1)


def test_a_text_of_more_lines_than_are_read_in_seconds_is_refused_in_every_argument_of_every_tool(
    client: Client, bank: BankFolder
) -> None:
    client.done("note", text="a session begins with this line")
    before = {path: path.read_bytes() for path in bank.folder.rglob("*.md")}
    edit = ("bank_edit", "append", "text")
    for name, operation, argument in [edit, *sampled(texts(), 1000)[1:]]:
        answer = call(client, name, operation, argument, LINES)
        code = answer.get("error", {}).get("code")
        assert code in {None, -32602}, (name, operation, argument, answer)
        if (name, operation, argument) == edit:
            error = answer["result"]["structuredContent"]["error"]
            assert (error["code"], error["hint"]) == ("limit", "bank artifact add -h")
            assert "20,001 lines, at most 20,000" in error["message"]
            assert {path: path.read_bytes() for path in bank.folder.rglob("*.md")} == before


def test_an_edit_that_takes_seconds_is_cancelled_before_it_writes(bank: BankFolder) -> None:
    """Quotes in quotes are the slowest Markdown that is taken; who asks next does not wait for them."""
    address = "activeContext.md#Current Focus"
    show: dict[str, Any] = {"name": "bank_show", "arguments": {"address": address}}
    digest = Bank.open(bank.project).show(address).digest
    text = (">" * 40 + " a\n") * (MOST_LINES - 1)
    given = {"operation": "replace", "address": address, "text": text, "expect": digest}
    process = start(bank.project)
    assert process.stdin
    assert process.stdout
    process.stdin.write(request(1, "tools/call", **show) + request(2, "tools/call", name="bank_edit", arguments=given))
    process.stdin.flush()
    # the answer to the first call: the second one runs
    assert json.loads(process.stdout.readline())["id"] == 1
    process.stdin.write(request(3, "ping"))
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 3
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}}
    process.stdin.write(json.dumps(cancel).encode() + b"\n" + request(4, "tools/call", **show))
    process.stdin.flush()
    answer = json.loads(process.communicate(timeout=60)[0])
    assert (answer["id"], answer["result"]["structuredContent"]["digest"]) == (4, digest)


def test_a_query_that_is_a_whole_text_is_refused(client: Client) -> None:
    assert client.refused("search", query="x " * MOST_OF_QUERY)["code"] == "limit"
    assert client.done("search", query="x " * (MOST_OF_QUERY // 2))["count"] == 0


def test_a_long_text_is_kept_whole_and_not_sent_back(client: Client) -> None:
    text = text_of(100_000)
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("save", {"content": text, "title": "Long"}),
        ("learn", {"text": text}),
        ("decide", {"title": "Use it", "context": text}),
        ("checkpoint", {"note": text}),
        ("log", {"operation": "add", "title": "Long", "text": text}),
        ("message", {"role": "user", "text": text}),
        ("prove", {"subject": text, "command": ["true"]}),
        ("workflow", {"operation": "start", "kind": "BUILD", "goal": text}),
    )
    for tool, arguments in calls:
        result = client.call(tool, **arguments)
        assert len(json.dumps(result)) < 6000, tool
        cut = result["structuredContent"].get("cut") or result["structuredContent"]["error"]
        assert cut, tool
        assert "characters, cut here" in json.dumps(result), tool
    saved = client.done("save", content=text, title="Again")
    (cut,) = saved["cut"]
    assert cut["field"] == "record.content"
    read = client.done("recall", id=saved["record"]["id"])
    assert read["record"]["content"].strip() == text.strip()
    assert "cut" not in read


def test_a_text_of_the_usual_length_is_answered_as_before(client: Client) -> None:
    text = text_of(1900)
    saved = client.done("save", content=text)
    assert saved["record"]["content"].strip() == text.strip()
    assert "cut" not in saved


def test_an_answer_of_what_others_wrote_has_at_most_the_limit_of_each_text(client: Client, bank: BankFolder) -> None:
    path = bank.folder / "patterns.md"
    path.write_text(path.read_text(encoding="utf-8") + text_of(2 * MOST), encoding="utf-8")
    result = client.call("show", address="patterns.md")
    assert len(result["structuredContent"]["text"]) < MOST + 100
    assert result["structuredContent"]["cut"] == [{"field": "text", "characters": pytest.approx(2 * MOST, rel=0.1)}]
    assert "whole in the bank: text" in result["content"][0]["text"]


def test_a_message_over_the_limit_is_answered_with_the_limit_and_the_next_one_as_usual(client: Client) -> None:
    line = json.dumps({"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": {"x": "y" * MAX_BYTES}}).encode()
    (answer,) = client.send(line)
    assert (answer["id"], answer["error"]["data"]["limit_bytes"]) == (9, MAX_BYTES)
    assert "1,000,000 characters" in answer["error"]["message"]
    assert client.done("status")


def test_a_reader_that_takes_little_at_a_time_is_given_little_at_a_time() -> None:
    """A copy of all the rest for each part makes a large answer cost the square of its size."""

    class Slow:
        largest = count = 0

        def write(self, data: bytes, /) -> int:
            self.largest = max(self.largest, len(data))
            self.count += min(len(data), 1000)
            return min(len(data), 1000)

    sink = Slow()
    Server(Options(), Nothing(), sink, {}).send({"text": "x" * 3_000_000})
    assert sink.count > 3_000_000
    assert sink.largest <= 64 * 1024


def test_a_text_of_blank_lines_costs_what_its_size_costs() -> None:
    """Each blank line taken from the front of a list moved all others: a million took minutes."""
    from memorybank.document.text import block

    begun = process_time()
    assert block("\n" * 200_000 + "x" + "\n" * 200_000, "\n") == "x\n"
    assert process_time() - begun < 3
