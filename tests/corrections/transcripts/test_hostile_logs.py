"""Logs that are damaged, or made to do harm: reading goes on, in bounded memory, and no event has what it must not."""

from __future__ import annotations

import itertools
import json
import os
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.corrections.transcripts.counts import LogCounts
from memorybank.corrections.transcripts.event import Event
from memorybank.corrections.transcripts.lines import LINE_LIMIT
from memorybank.corrections.transcripts.log_places import logs_in
from memorybank.corrections.transcripts.read_log import CLIENTS, read_events
from tests.corrections.transcripts import test_codex_log as codex
from tests.corrections.transcripts import test_gemini_log as gemini
from tests.corrections.transcripts.claude import REFUSED, Log, events_of

if TYPE_CHECKING:
    from collections.abc import Iterator


GOOD = '{"type":"user","message":{"content":"no, use tabs"},"uuid":"good"}'
VALUES: list[Any] = [None, True, 0, -1, 1.5, 10**400, "", "x", "\ud800"]
GONE = object()
VALUES += [[], [[]], ["x"], [{}], {}, {"type": "text"}, {"a": [1]}, GONE]


def written(folder: Path, data: bytes, name: str = "log.jsonl") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def texts(path: Path, client: str = "claude-code", counts: LogCounts | None = None) -> list[str]:
    return [event.text for event in read_events(path, client, counts=counts)]


@pytest.mark.parametrize(
    ("before", "broken"),
    [
        ("\ufeff", 0),
        ("\r\n\r\n", 0),
        ("\0\0\0", 0),
        ("\0" * 4096 + "\n", 0),
        ('{"type":"user","message":{"content":"cut\n', 1),
        ('{"type":"user","mess', 1),
        ('{"type":"user","message":{}}', 0),
        ("[" * 100_000 + "\n", 1),
        ('{"type":"user","message":' + '{"a":' * 50_000 + "\n", 1),
        ('{"type":"user","n":' + "9" * 5_000 + "}\n", 1),
        ('{"type":"user","n":NaN,"m":-Infinity,"message":{}}\n', 0),
        ("nonsense\n", 1),
        ("\x1b]0;title\x07\n", 1),
        ('"text"\n1\nnull\n[1,2]\n', 0),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_broken_is_counted_and_the_next_line_is_read(tmp_path: Path, before: str, broken: int) -> None:
    counts = LogCounts()
    assert texts(written(tmp_path, f"{before}{GOOD}\n".encode()), counts=counts) == ["no, use tabs"]
    assert counts.broken == broken


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    data = GOOD.replace("tabs", "tabs\xff").encode("latin-1")
    assert texts(written(tmp_path, data)) == ["no, use tabs\N{REPLACEMENT CHARACTER}"]


def test_separators_of_lines_inside_a_text_do_not_end_a_line(tmp_path: Path) -> None:
    text = "one\u2028two\u2029three\x85four"
    log = Log()
    log.asks(text)
    log.lines[0] = json.dumps(json.loads(log.lines[0]), ensure_ascii=False)
    assert [event.text for event in events_of(log, tmp_path)] == [text]


def test_lone_surrogates_can_be_written(tmp_path: Path) -> None:
    log = Log(session="s\ud800")
    log.asks("a\ud800b")
    log.calls("Bash\udfff", "c\ud800", None, command="x\ud800", more={"k\ud800": ["y\ud800"]})
    for event in events_of(log, tmp_path):
        json.dumps(event, ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", ["user", "attachment", "api-request-blob", "brand-new"])
def test_a_line_of_50_mb_is_skipped_in_little_memory(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log.jsonl"
    with path.open("wb") as file:
        file.write(f'{{"type":"{kind}","message":{{"content":"'.encode())
        for _ in range(50):
            file.write(b"no, wait " * 116_508)
        file.write(f'"}}}}\n{GOOD}\n'.encode())
    counts = LogCounts()
    tracemalloc.start()
    try:
        assert texts(path, counts=counts) == ["no, use tabs"]
        assert tracemalloc.get_traced_memory()[1] < 4 * LINE_LIMIT
    finally:
        tracemalloc.stop()
    assert (counts.lines, counts.long) == (2, int(kind in ("user", "attachment")))
    assert counts.tail.endswith(GOOD.encode() + b"\n")


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_where_a_block_ends_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    log = Log()
    for number in range(20):
        log.raw({"type": "api-request-blob", "message": "x" * (number * 97)})
        log.asks(f"question {number}" + "y" * number * 53)
    whole, counts = events_of(log, tmp_path), LogCounts()
    monkeypatch.setattr("memorybank.corrections.transcripts.lines._BLOCK", size)
    monkeypatch.setattr("memorybank.corrections.transcripts.lines._HEAD", 40)
    assert events_of(log, tmp_path, counts) == whole
    data = (tmp_path / "log.jsonl").read_bytes()
    assert (counts.lines, counts.end.offset, counts.end.line) == (40, len(data), 41)
    assert data.endswith(counts.tail)
    assert len(counts.tail) > 500


# --- wrong types


def claude_lines() -> list[dict[str, Any]]:
    log = Log()
    log.asks([{"type": "text", "text": "hello"}, {"type": "image", "source": {"data": "x"}}], permissionMode="default")
    log.says("Hi")
    log.calls("Edit", file_path="a.py", edits=[{"old": "1"}])
    log.answers([{"type": "text", "text": REFUSED}], is_error=True, toolDenialKind="user-rejected", userFeedback="no")
    log.older(
        [{"type": "text", "text": "[Request interrupted by user]"}], interruptedMessageId="m", rowSource="harness"
    )
    log.older("<user-memory-input>tabs</user-memory-input>", isMeta=False)
    log.raw({"type": "queue-operation", "operation": "enqueue", "content": "also", "sessionId": "s1", "timestamp": "t"})
    log.raw({"type": "queue-operation", "operation": "remove", "reason": "absorbed_mid_turn", "content": "also"})
    attached = {"type": "queued_command", "prompt": "also", "commandMode": "prompt", "origin": {"kind": "human"}}
    log.add("attachment", attachment=attached)
    log.add("system", subtype="compact_boundary", compactMetadata={"trigger": "auto"})
    log.raw({"type": "summary", "summary": "x", "leafUuid": "y"})
    return [json.loads(line) for line in log.lines]


def codex_lines() -> list[dict[str, Any]]:
    base = {"thread_id": "x", "end_byte_offset": 10}
    lines = [
        codex.header(source={"subagent": "x"}, history_base=base),
        codex.item("user", "hello", ident="i"),
        codex.completed("UserMessage", "hello", ident="u"),
        codex.heard("assistant", "Hi"),
        codex.item("assistant", "Hi"),
        codex.call("shell", command=["ls"]),
        codex.output({"content": "aborted by user", "success": False}),
        codex.line("event_msg", type="turn_aborted", reason="interrupted", turn_id="t"),
        codex.line("event_msg", type="thread_rolled_back", num_turns=1),
        codex.line("event_msg", type="task_started", turn_attribution={"turn_trigger": "exec"}),
        codex.line("compacted", message="x"),
        json.dumps({"session": {"id": "x"}, "items": [{"type": "message", "role": "user", "content": "x"}]}),
    ]
    return [json.loads(line) for line in lines]


def gemini_lines() -> list[dict[str, Any]]:
    denial = gemini.call("cancelled", error="User denied execution")
    return [
        gemini.HEADER,
        gemini.entry("1", "user", "hello"),
        gemini.entry("2", "gemini", "Hi", toolCalls=[denial], displayContent=[{"text": "x", "thought": True}]),
        {"$set": {"messages": [gemini.entry("3", "user", "hello")], "lastUpdated": "t"}},
        {"$rewindTo": "1"},
        gemini.entry("4", "info", "Request cancelled."),
    ]


LINES = {"claude-code": claude_lines, "codex": codex_lines, "gemini": gemini_lines}


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each value in a line."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*before, key)
        yield from places(each, (*before, key))


def changed(row: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a line with another value at a place, or without it."""
    copy = json.loads(json.dumps(row))
    at = copy
    for key in place[:-1]:
        at = at[key]
    if value is GONE:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return copy


@pytest.mark.parametrize("client", list(LINES))
def test_every_field_may_have_every_type(tmp_path: Path, client: str) -> None:
    """Each field of each line is replaced by each type, and left out; the lines around it are as they were."""
    rows = LINES[client]()
    whole = [json.dumps(row) for row in rows]
    logs: list[str] = []
    for number, row in enumerate(rows):
        for place, value in itertools.product(places(row), VALUES):
            line = json.dumps(changed(row, place, value))
            logs += [*whole[max(0, number - 2) : number], line, *whole[number + 1 : number + 3]]
    counts = LogCounts()
    path = written(tmp_path, "\n".join(logs).encode() + b"\n", "rollout-1.jsonl")
    number = 0
    for event in read_events(path, client, counts=counts):
        number += 1
        check(event)
    assert number > len(rows)
    assert counts.lines == len(logs)


def check(event: Event) -> None:
    """Check that each field of an event has its type and can be written."""
    for value, default in zip(event, Event("other", "harness"), strict=True):
        assert type(value) is type(default) or (type(value), type(default)) == (dict, dict), event
    assert event.at == "" or (len(event.at) == 20 and event.at.endswith("Z"))
    json.dumps(event, ensure_ascii=False).encode()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    "data", [b"", b"\n", b"null", b"{}", b"[]", b"\0" * 100, os.urandom(5_000), b"PK\3\4", b"SQLite format 3\0"]
)
def test_any_bytes_can_be_read_as_any_log(tmp_path: Path, client: str, data: bytes) -> None:
    for name in ("log.jsonl", "log.json", "log.zip", "state.vscdb"):
        assert list(read_events(written(tmp_path, data, name), client)) == []


# --- files


def test_a_log_that_grows_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"{GOOD}\n".encode())
    counts = LogCounts()
    events = read_events(path, "claude-code", counts=counts)
    assert next(events).text == "no, use tabs"
    with path.open("ab") as file:
        file.write(GOOD.replace("good", "new").encode() + b"\n" + GOOD[:20].encode())
    assert len(list(events)) == 1
    assert counts.end.offset == 2 * len(GOOD) + 2 - 1


def test_a_log_that_is_cut_or_replaced_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"{GOOD}\n".encode() * 3)
    events = read_events(path, "claude-code")
    next(events)
    os.truncate(path, 10)
    path.rename(tmp_path / "old.jsonl")
    path.write_text("{}")
    assert list(events) == []


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "link").symlink_to(written(tmp_path, f"{GOOD}\n".encode()))
    (tmp_path / "folder").mkdir()
    counts = LogCounts()
    for client, name in itertools.product(CLIENTS, ("pipe", "loop", "folder", "missing")):
        assert texts(tmp_path / name, client, counts) == []
    assert texts(Path("/dev/zero"), counts=counts) == []
    assert len(counts.refused) == 5
    assert texts(tmp_path / "link") == ["no, use tabs"]


@pytest.mark.parametrize(
    "text",
    [
        "<ide_selection>" * 60_000,
        "<system-reminder>" * 60_000,
        "<user-memory-input>" + " " * 1_000_000,
        "<command-args>" * 60_000,
        "<command-name>" + "<command-args>x" * 60_000,
        f"{REFUSED}the user said:" + "\n" * 1_000_000,
        " " * 1_000_000 + "x",
        "<skill></skill>" * 60_000,
    ],
    ids=lambda text: text[:30],
)
def test_patterns_take_linear_time(tmp_path: Path, text: str) -> None:
    log = Log("2.0.14")
    log.older(text)
    log.answers(text, is_error=True)
    begin = time.process_time()
    events_of(log, tmp_path)
    logs_in(written(tmp_path, b"\n" * 100_000 + text.encode()))
    path = written(tmp_path, f"{codex.item('user', text)}\n{codex.item('assistant', 'Hi')}\n".encode())
    assert list(read_events(path, "codex"))
    assert time.process_time() - begin < 2.0


def test_unknown_kinds_are_counted_without_end(tmp_path: Path) -> None:
    log = Log()
    for number in range(1_000):
        log.raw({"type": f"\x1b[31mkind {number}" + "x" * 5_000})
    counts = LogCounts()
    events_of(log, tmp_path, counts)
    assert sum(counts.unknown.values()) == 1_000
    assert len(counts.unknown) <= 201
    assert all(name.isprintable() and len(name) <= 60 for name in counts.unknown)
