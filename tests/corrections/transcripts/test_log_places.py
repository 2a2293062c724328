"""Logs are found in the clients' own folders and in any other, and which client wrote them is seen."""

from __future__ import annotations

import json
import os
import sqlite3
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.transcripts.client_of_log import client_of
from memorybank.corrections.transcripts.log_places import find_logs, logs_in
from memorybank.corrections.transcripts.read_log import CLIENTS
from tests.corrections.transcripts.claude import Log

if TYPE_CHECKING:
    from pathlib import Path


def claude_log(path: Path, cwd: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    log = Log()
    log.raw({"type": "mode", "mode": "normal"})
    log.asks("hello", cwd=str(cwd))
    row = json.loads(log.lines[-1])
    log.lines[-1] = json.dumps({**row, "cwd": str(cwd)})
    return log.write(path.parent, path.name)


def rollout(path: Path, cwd: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"timestamp": "2026-01-01T00:00:00Z", "type": "session_meta", "payload": {"id": "1", "cwd": str(cwd)}}
    path.write_text(f"{json.dumps(head)}\n")
    return path


def chat(path: Path, project: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"sessionId": "s", "projectHash": sha256(str(project).encode()).hexdigest()}) + "\n")
    return path


def found(home: Path, project: Path, **environ: str) -> list[tuple[str, Path]]:
    logs = find_logs(CLIENTS, project, {"HOME": str(home), **environ})
    return [(log.client, log.path) for log in logs]


def test_only_sessions_of_the_project_are_found(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "my.shop_1"
    name = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in str(project))
    projects = home / ".claude" / "projects"
    wanted = [
        claude_log(projects / name / "a.jsonl", project),
        claude_log(projects / name / "a" / "subagents" / "agent-1.jsonl", project),
        claude_log(projects / f"{name}-web" / "b.jsonl", project / "web"),
        rollout(home / ".codex" / "sessions" / "2026" / "01" / "01" / "rollout-1.jsonl", project / "web"),
        chat(home / ".gemini" / "tmp" / "shop" / "chats" / "session-1.jsonl", project),
    ]
    claude_log(projects / f"{name}-2" / "other.jsonl", tmp_path / "my.shop_1-2")
    claude_log(projects / name / "moved.jsonl", tmp_path / "elsewhere")
    rollout(home / ".codex" / "sessions" / "rollout-2.jsonl", tmp_path)
    chat(home / ".gemini" / "tmp" / "web" / "chats" / "session-1.jsonl", tmp_path)
    assert {path for _, path in found(home, project)} == set(wanted)
    assert {client for client, _ in found(home, project)} == {"claude-code", "codex", "gemini"}


def test_the_clients_own_variables_name_other_places(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    name = str(project).replace("/", "-").replace("_", "-").replace(".", "-")
    wanted = {
        claude_log(tmp_path / "c" / "projects" / name / "a.jsonl", project),
        rollout(tmp_path / "x" / "sessions" / "rollout-1.jsonl", project),
        chat(tmp_path / "g" / ".gemini" / "tmp" / "shop" / "chats" / "session-1.jsonl", project),
    }
    places = {"CLAUDE_CONFIG_DIR": "c", "CODEX_HOME": "x", "GEMINI_CLI_HOME": "g"}
    environ = {variable: str(tmp_path / folder) for variable, folder in places.items()}
    assert {path for _, path in found(tmp_path / "home", project, **environ)} == wanted
    assert found(tmp_path / "home", project) == []


def test_logs_that_did_not_change_since_are_left_out(tmp_path: Path) -> None:
    old, new = rollout(tmp_path / "rollout-1.jsonl", tmp_path), rollout(tmp_path / "rollout-2.jsonl", tmp_path)
    os.utime(old, (1_000, 1_000))
    assert [log.path for log in logs_in(tmp_path)] == [old, new]
    assert [log.path for log in logs_in(tmp_path, since=2_000.0)] == [new]
    assert logs_in(tmp_path, ["gemini"]) == []


def test_loops_links_pipes_and_what_cannot_be_read(tmp_path: Path) -> None:
    log = rollout(tmp_path / "a" / "rollout-1.jsonl", tmp_path)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "again.jsonl").symlink_to(log)
    (tmp_path / "a" / "self.jsonl").symlink_to(tmp_path / "a" / "self.jsonl")
    os.mkfifo(tmp_path / "a" / "pipe.jsonl")
    refused: dict[str, str] = {}
    assert [each.inode for each in logs_in(tmp_path, refused=refused)] == [log.stat().st_ino]
    assert set(refused) == {str(tmp_path / "a" / name) for name in ("self.jsonl", "pipe.jsonl")}
    assert logs_in(tmp_path / "missing", refused=refused) == []
    assert str(tmp_path / "missing") in refused


@pytest.mark.parametrize(
    ("name", "text", "client"),
    [
        ("a.jsonl", '{"type":"summary","summary":"x","leafUuid":"y"}\n', "claude-code"),
        ("a.jsonl", '{"message":{"usage":{}},"costUSD":1}\n', "claude-code"),
        ("a.jsonl", '{"timestamp":"t","type":"turn_context","payload":{"model":"m"}}\n', "codex"),
        ("a.jsonl", '{"id":"1","timestamp":"t","instructions":null}\n', "codex"),
        ("rollout-1.json", '{"session":{},"items":[]}', "codex"),
        ("a.jsonl", '{"$set":{"messages":[]}}\n', "gemini"),
        ("session-1.json", '{"sessionId":"s","projectHash":"0","messages":[]}', "gemini"),
        ("conversations.json", '[{"uuid":"1","chat_messages":[]}]', "export"),
        ("conversations.json", '[{"title":"x","mapping":{}}]', "export"),
        ("a.zip", "PK", "export"),
        ("a.jsonl", "", ""),
        ("a.jsonl", '{"op":"x"}\n', ""),
        ("a.json", '{"name":"x","messages":[]}', ""),
        ("a.md", '{"type":"user","message":{}}', ""),
    ],
)
def test_the_client_is_seen_from_the_content(tmp_path: Path, name: str, text: str, client: str) -> None:
    (tmp_path / name).write_text(text)
    assert client_of(tmp_path / name) == client


def test_a_store_of_cursor_is_known_by_its_name(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.vscdb") as database:
        database.execute("CREATE TABLE ItemTable (key TEXT, value BLOB)")
    assert client_of(tmp_path / "state.vscdb") == "cursor"
    (tmp_path / "state.vscdb").rename(tmp_path / "other.sqlite")
    assert client_of(tmp_path / "other.sqlite") == ""
