"""Conversations of Claude, of ChatGPT and plain ones become sessions with their messages."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import LimitError
from memorybank.exchange.conversation import json_stream
from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from memorybank.records.find import find_record, scan
from memorybank.records.sessions.messages import read_messages

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

CLAUDE = [
    {
        "uuid": "c1",
        "name": "Parsing dates",
        "created_at": "2025-03-01T10:00:00.123456Z",
        "updated_at": "2025-03-01T11:00:00+01:00",
        "chat_messages": [
            {"sender": "human", "text": "How?", "created_at": "2025-03-01T10:00:01Z", "content": []},
            {
                "sender": "assistant",
                "text": "So.",
                "created_at": "2025-03-01T10:00:05Z",
                "content": [
                    {"type": "thinking", "thinking": "hm"},
                    {"type": "text", "text": "So."},
                    {"type": "tool_use", "name": "repl", "input": {}},
                    {"type": "text", "text": "And so."},
                ],
            },
            {
                "sender": "human",
                "text": "See file",
                "attachments": [{"file_name": "a.txt", "extracted_content": "inside"}],
                "files": [{"file_name": "b.png"}],
            },
        ],
    },
    {"uuid": "c2", "name": "", "chat_messages": []},
]


def node(ident: str, parent: str | None, role: str, *parts: Any, at: float = 0.0, **more: Any) -> dict[str, Any]:
    content = {"content_type": "text", "parts": list(parts)}
    return {
        "id": ident,
        "parent": parent,
        "message": {"author": {"role": role}, "content": content, "create_time": at, **more},
    }


CHATGPT = [
    {
        "conversation_id": "g1",
        "title": "Trip",
        "create_time": 1_700_000_000.5,
        "update_time": 1_700_000_100,
        "current_node": "d",
        "mapping": {
            "r": {"id": "r", "parent": None, "message": None},
            "s": node("s", "r", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
            "a": node("a", "s", "user", "Where?", at=1_700_000_001.0),
            "b": node("b", "a", "assistant", "Old answer", at=1_700_000_002.0),
            "c": node("c", "a", "assistant", "There.", {"content_type": "image_asset_pointer"}, at=1_700_000_003.0),
            "d": node("d", "c", "user", "Thanks", at=1_700_000_004.0),
        },
    }
]


def imported(bank: BankFolder, folder: Path, way: Way, value: Any) -> tuple[ImportResult, list[Record]]:
    path = folder / "export.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    done = import_from(bank, "conversation", path, way)
    return done, [find_record(bank, each.id, kinds=("session",)) for each in done.records]


def said(bank: BankFolder, record: Record) -> list[tuple[str, str]]:
    return [(each.role, each.text) for each in read_messages(bank, record.id).rows]


def test_an_export_of_claude(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    done, (record,) = imported(bank, tmp_path, way, CLAUDE)
    assert (record.title, record.status, record.source_tool, record.created) == (
        "Parsing dates",
        "ended",
        "claude",
        "2025-03-01T10:00:00Z",
    )
    assert record.fields["ended"] == "2025-03-01T10:00:05Z"
    assert said(bank, record) == [
        ("user", "How?"),
        ("assistant", "So.\n\nAnd so."),
        ("user", "See file\n\n[a.txt]\n\ninside"),
    ]
    assert {(each.where, each.why) for each in done.misfits} == {
        ("c1", "1 parts (thinking) skipped"),
        ("c1", "1 parts (tool_use) skipped"),
        ("c1", "1 files skipped"),
        ("c2", "skipped: it has no messages"),
    }


def test_an_export_of_chatgpt_keeps_the_current_branch(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    done, (record,) = imported(bank, tmp_path, way, CHATGPT)
    assert (record.title, record.created, record.fields["agent_session"]) == ("Trip", "2023-11-14T22:13:20Z", "g1")
    assert said(bank, record) == [("user", "Where?"), ("assistant", "There."), ("user", "Thanks")]
    assert {each.why for each in done.misfits} == {
        "1 messages of abandoned branches skipped",
        "1 parts (image_asset_pointer) skipped",
    }


@pytest.mark.parametrize(
    "value",
    [
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "text", "text": "Ho"}]}],
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]},
        {"conversations": [{"messages": [{"role": "human", "content": "Hi"}, {"role": "ai", "content": "Ho"}]}]},
        b'{"role": "user", "content": "Hi"}\n{"role": "assistant", "content": "Ho"}\n',
    ],
    ids=["list", "object", "conversations", "lines"],
)
def test_plain_messages(bank: BankFolder, tmp_path: Path, way: Way, value: Any) -> None:
    done, (record,) = imported(bank, tmp_path, way, value)
    assert done.misfits == ()
    assert record.title == "Hi"
    assert said(bank, record) == [("user", "Hi"), ("assistant", "Ho")]


def test_a_second_run_adds_what_was_said_since(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    _, (record,) = imported(bank, tmp_path, way, CHATGPT)
    again, _ = imported(bank, tmp_path, way, CHATGPT)
    assert (again.records, again.already, again.operations) == ((), 1, ())
    longer = json.loads(json.dumps(CHATGPT))
    longer[0]["mapping"]["e"] = node("e", "d", "assistant", "Welcome", at=1_700_000_200.0)
    longer[0] |= {"current_node": "e", "update_time": 1_700_000_200}
    grown, _ = imported(bank, tmp_path, way, longer)
    assert [each.id for each in grown.grown] == [record.id]
    assert said(bank, record)[-1] == ("assistant", "Welcome")
    assert len(said(bank, record)) == 4
    now = find_record(bank, record.id, kinds=("session",))
    assert now.fields["ended"] == "2023-11-14T22:16:40Z"
    last, _ = imported(bank, tmp_path, way, longer)
    assert (last.grown, last.already) == ((), 1)
    assert len(scan(bank, kinds=("session",)).records) == 1


def test_one_whose_beginning_changed_is_told_and_stays(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    _, (record,) = imported(bank, tmp_path, way, [{"id": "x", "messages": [{"role": "user", "content": "one"}]}])
    done, _ = imported(bank, tmp_path, way, [{"id": "x", "messages": [{"role": "user", "content": "two"}]}])
    assert "it changed since it was imported as ses-" in done.misfits[0].why
    assert said(bank, record) == [("user", "one")]


def test_secrets_and_hidden_characters_of_messages(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    secret = "ghp_" + "k7Qz2Rt9Xw4Lm8Np3Vb6Yc1Hd5Fg0JsAe7Ui"
    rows = [
        {"role": "user", "content": f"use {secret}\u200b\ud800"},
        {"role": "user", "content": 'password = "hu7!Kq2x\\"'},
    ]
    done, (record,) = imported(bank, tmp_path, way, json.dumps(rows).encode())
    assert said(bank, record)[0][1].startswith("use <redacted:")
    assert said(bank, record)[0][1].endswith(">\ufffd")
    text = (bank.folder / f"sessions/{record.id}.jsonl").read_text(encoding="utf-8")
    assert secret not in text
    assert "hu7" not in text
    assert all(json.loads(line) for line in text.split("\n") if line)
    assert len(done.redacted) == 2


def zipped(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json"), text)
    return data.getvalue()


def test_the_zip_file_of_an_export_is_read_and_nothing_unpacked(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    data = zipped(**{"../../evil.txt": b"x", "data__conversations_json": json.dumps(CLAUDE).encode()})
    done, (record,) = imported(bank, tmp_path, way, data)
    assert record.title == "Parsing dates"
    assert done.files == ()
    assert not list(tmp_path.parent.rglob("evil.txt"))


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"{broken", "invalid JSON on line 1"),
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (
            b"<html><script>var jsonData = [];",
            "it is not JSON .it begins with '<html><script>var js'.; conversations are",
        ),
        (b"id,role,content\n1,user,Hi\n", "it is not JSON .*JSON files of an export, or in its zip file"),
        (b"[" * 200_000, "nested too deeply"),
        (b"3", "neither a JSON list nor an object"),
        (b"[]", "no conversation"),
        (b"PK\x03\x04broken", "zip archive cannot be read"),
        (zipped(other_json=b"[]"), "no conversation in a known format"),
        (zipped(chat_html=b"<html>"), r"no conversation in a known format \(files: 1 without extension\)"),
    ],
    ids=["broken", "empty", "blank", "html", "csv", "deep", "number", "none", "broken-zip", "other-zip", "html-zip"],
)
def test_what_is_no_export_is_refused(bank: BankFolder, tmp_path: Path, way: Way, value: bytes, why: str) -> None:
    with pytest.raises(ForeignError, match=why):
        imported(bank, tmp_path, way, value)


def test_a_zip_bomb_is_refused(bank: BankFolder, tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "VALUE_LIMIT", 1000)
    with pytest.raises(LimitError):
        imported(bank, tmp_path, way, zipped(conversations_json=b" " * 5000))


@pytest.mark.parametrize(
    "mapping",
    [
        {"a": {"parent": "b", "message": None}, "b": {"parent": "a", "message": None}},
        {"a": 3, "b": {"parent": {"x": 1}, "message": {"author": 1, "content": 2, "create_time": "z"}}},
        {},
    ],
    ids=["ring", "nonsense", "empty"],
)
def test_a_broken_tree_is_told(bank: BankFolder, tmp_path: Path, way: Way, mapping: dict[str, Any]) -> None:
    done, records = imported(bank, tmp_path, way, [{"id": "x", "mapping": mapping, "current_node": "a"}, 3])
    assert records == []
    assert [each.where for each in done.misfits] == ["x", "export.json#2"]


@pytest.mark.parametrize(
    ("text", "said", "lost"),
    [
        ('[{"messages": [{"role": "user", "content": "first", "content": "last"}]}]', ["last"], "content"),
        (
            '{"messages": [{"role": "user", "content": "a"}], "messages": [{"role": "user", "content": "b"}]}',
            ["b"],
            "m",
        ),
        ('[{"role": "user", "content": "first", "content": "last"}]', ["last"], "content"),
        ('{"conversations": [{"messages": [{"role": "user", "content": "a"}]}], "n": "x", "n": "y"}', ["a"], "n"),
        ('[{"messages": [{"role": "user", "content": "same", "content": "same"}]}]', ["same"], ""),
    ],
    ids=["in a message", "the whole list", "rows", "beside the list", "the same value"],
)
def test_a_name_that_is_there_twice_is_told(
    bank: BankFolder, tmp_path: Path, way: Way, text: str, said: list[str], lost: str
) -> None:
    done, (record,) = imported(bank, tmp_path, way, text.encode())
    assert [message.text for message in read_messages(bank, record.id).rows] == said
    told = [each.why for each in done.misfits if "repeated name" in each.why]
    assert len(told) == bool(lost)
    assert all(why.startswith(f"1 earlier values of a repeated name ({lost}") for why in told)
