"""Exports in parts: split files, zip files, folders, archives in archives; what cannot be read is named."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import LimitError
from memorybank.exchange.conversation import json_stream
from memorybank.exchange.conversation.json_stream import Fault, Rest, Value, values_in
from memorybank.exchange.formats import import_from
from memorybank.exchange.safe_read import ForeignError
from tests.exchange.making import make_tree

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def talks(*names: str) -> bytes:
    return json.dumps(
        [{"id": name, "messages": [{"role": "user", "content": f"text {name}"}]} for name in names]
    ).encode()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return data.getvalue()


def taken(bank: BankFolder, path: Path, way: Way, data: bytes | None = None) -> ImportResult:
    if data is not None:
        path.write_bytes(data)
    done = import_from(bank, "conversation", path, way)
    assert done.unaccounted == ()
    return done


def entries(done: ImportResult) -> list[str]:
    return [record.entry for record in done.records]


PARTS = {f"conversations-{number:03}.json": talks(f"t{number}") for number in range(12)}
OTHERS = {
    "user.json": b"{}",
    "chat.html": b"<p>",
    "file-a.png": b"1",
    "file-b.png": b"2",
    "message_feedback.json": b"[]",
}


@pytest.mark.parametrize("kind", ["zip", "folder", "nested", "folder of zips", "zip64"])
def test_an_export_in_parts_is_read_as_one(bank: BankFolder, tmp_path: Path, way: Way, kind: str) -> None:
    export = tmp_path / "export"
    if kind == "folder":
        make_tree(export, {**PARTS, **OTHERS})
    elif kind == "folder of zips":
        first, second = dict(list(PARTS.items())[:5]), dict(list(PARTS.items())[5:])
        make_tree(export, {"a.zip": zipped(first), "b.zip": zipped({**second, **OTHERS})})
    elif kind == "zip64":
        with zipfile.ZipFile(export, "w") as archive:
            for name, text in {**PARTS, **OTHERS}.items():
                with archive.open(name, "w", force_zip64=True) as file:
                    file.write(text)
    else:
        data = zipped({**PARTS, **OTHERS})
        export.write_bytes(zipped({"export.zip": data}, zipfile.ZIP_STORED) if kind == "nested" else data)
    done = taken(bank, export, way)
    assert entries(done) == [f"t{number}" for number in range(12)]
    assert sorted(each.why for each in done.misfits) == [
        "1 files (html) skipped",
        "1 files (message_feedback.json) skipped",
        "1 files (user.json) skipped",
        "2 files (png) skipped",
    ]


def test_numbered_parts_are_read_in_the_order_of_their_numbers(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    names = [f"conversations-{number}.json" for number in (10, 9, 1)]
    done = taken(bank, tmp_path / "x.zip", way, zipped({name: talks(name) for name in names}))
    assert entries(done) == names[::-1]


def test_projects_and_memories_of_claude_become_facts(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    project = {
        "uuid": "p1",
        "name": "Garden",
        "description": "About plants",
        "prompt_template": "Answer in Latin",
        "creator": {"full_name": "Ann"},
        "docs": [
            {"uuid": "d1", "filename": "soil.md", "content": "# Soil\n\nLoam.", "created_at": "2025-01-02T00:00:00Z"},
            {"uuid": "d2", "filename": "empty.md", "content": ""},
        ],
    }
    memories = [{"conversations_memory": "Likes moss", "project_memories": {"p1": "Needs rain"}, "account_uuid": "u"}]
    members = {
        "conversations.json": talks("a"),
        "projects.json": json.dumps([project]).encode(),
        "memories.json": json.dumps(memories).encode(),
        "users.json": b"[]",
    }
    done = taken(bank, tmp_path / "x.zip", way, zipped(members))
    assert [(record.type, record.title) for record in done.records] == [
        ("session", "text a"),
        ("fact", "Memory of conversations"),
        ("fact", "Memory of a project"),
        ("fact", "Garden"),
        ("fact", "soil.md"),
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in bank.folder.rglob("fct-*.md"))
    assert all(words in text for words in ("About plants", "Answer in Latin", "Loam.", "Likes moss", "Needs rain"))
    assert ("p1/d2", "skipped: it is a document without text (empty.md)") in done.misfits
    assert taken(bank, tmp_path / "x.zip", way).already == 5


def test_a_list_that_breaks_off_keeps_what_was_before_and_names_the_place(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    text = talks("a", "b")[:-1] + b',\n {"id": "c", "messages": [{"role" "user"}]}, {}]'
    done = taken(bank, tmp_path / "x.json", way, text)
    assert entries(done) == ["a", "b"]
    assert done.misfits == (
        ("x.json", "invalid JSON on line 2 column 35 (Expecting ':' delimiter); nothing after it is read"),
    )


@pytest.mark.parametrize("broken", [b'{"id" "b"', b'{"id": b,', b'{"id": ["b"'])
def test_a_broken_line_of_json_lines_is_passed_over(bank: BankFolder, tmp_path: Path, way: Way, broken: bytes) -> None:
    lines = [talks(name)[1:-1] for name in "abc"]
    lines[1] = broken + lines[1][9:]
    done = taken(bank, tmp_path / "x.jsonl", way, b"\n".join(lines))
    assert entries(done) == ["a", "c"]
    assert [each.why.partition(" column")[0] for each in done.misfits] == ["invalid JSON on line 2"]


@pytest.mark.parametrize("member", ["encrypted", "deflate64", "damaged", "broken archive"])
def test_a_part_that_cannot_be_read_is_named_and_the_others_are_taken(
    bank: BankFolder, tmp_path: Path, way: Way, member: str
) -> None:
    data = bytearray(zipped({"conversations-0.json": talks("a"), "conversations-1.json": talks("b") * 1}))
    central = data.rindex(b"PK\x01\x02")
    if member == "encrypted":
        data[central + 8] |= 1
    elif member == "deflate64":
        data[central + 10] = 9
    elif member == "damaged":
        data[data.rindex(b"PK\x03\x04") + 60] ^= 0xFF
    else:
        data = bytearray(zipped({"conversations-0.json": talks("a"), "conversations-1.json.zip": b"PK\x03\x04no"}))
    done = taken(bank, tmp_path / "x.zip", way, bytes(data))
    assert entries(done) == ["a"]
    misfit, *more = done.misfits
    assert more == []
    words = {
        "encrypted": "it is encrypted",
        "deflate64": "deflate64",
        "damaged": "nothing after it",
        "broken archive": "zip",
    }
    assert misfit.where.rpartition("/")[2].startswith("conversations-1")
    assert words[member] in misfit.why


def test_an_export_that_is_encrypted_as_a_whole_is_refused_with_the_reason(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    data = bytearray(zipped({"conversations.json": talks("a")}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ForeignError, match=r"conversations\.json: it is encrypted; unpack"):
        taken(bank, tmp_path / "x.zip", way, bytes(data))


def test_a_conversation_that_is_too_large_is_passed_over(
    bank: BankFolder, tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "VALUE_LIMIT", 1000)
    monkeypatch.setattr(json_stream, "CHUNK", 100)
    large = {"id": "large", "messages": [{"role": "user", "content": 'quoted " \\ [ text ' * 500}]}
    value = [*json.loads(talks("a")), large, *json.loads(talks("b"))]
    done = taken(bank, tmp_path / "x.json", way, json.dumps(value).encode())
    assert entries(done) == ["a", "b"]
    assert "a value on line 1 is larger than" in done.misfits[0].why


@pytest.mark.parametrize("text", [b" " * 5000, b'{"a": "' + b"x" * 5000 + b'"}'], ids=["blank", "text"])
def test_what_is_one_large_value_is_refused(
    bank: BankFolder, tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    monkeypatch.setattr(json_stream, "VALUE_LIMIT", 1000)
    monkeypatch.setattr(json_stream, "CHUNK", 100)
    with pytest.raises(LimitError):
        taken(bank, tmp_path / "x.zip", way, zipped({"conversations.json": text}))


def test_a_bomb_of_small_values_is_counted_and_not_kept(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    text = b"[" + b"{}," * 100_000 + talks("a")[1:]
    done = taken(bank, tmp_path / "x.zip", way, zipped({"conversations.json": text}))
    assert entries(done) == ["a"]
    assert len(done.misfits) == 21
    assert done.misfits[-1].why == "99980 other values that are no conversations skipped"


VALUES: list[Any] = [
    [], {}, [1, 2.5, -3e9, True, None, "a"], {"a": {"b": []}}, [{"a": "\u2028 \\ \" 漢 😀"}] * 40,
    {"conversations": [{"x": 1}, {"y": 2}], "more": 3}, {"conversations": []}, [[[[]]]], ["x" * 700],
]  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 7, 64, 100_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("number", range(len(VALUES)))
def test_values_are_read_in_chunks_of_any_size_as_at_once(
    monkeypatch: pytest.MonkeyPatch, chunk: int, encoding: str, indent: int | None, number: int
) -> None:
    monkeypatch.setattr(json_stream, "CHUNK", chunk)
    value = VALUES[number]
    text = json.dumps(value, indent=indent, ensure_ascii=bool(number % 2)).encode(encoding)
    found = list(values_in(io.BytesIO(text)))
    assert not [each for each in found if isinstance(each, Fault)]
    read = [each.value for each in found if isinstance(each, Value)]
    rest = [each.fields for each in found if isinstance(each, Rest)]
    if isinstance(value, list):
        assert read == value
    elif "conversations" in value:
        assert read == value["conversations"]
        assert rest == [{key: each for key, each in value.items() if key != "conversations"}] * (len(value) > 1)
    else:
        assert read == [value]


@pytest.mark.parametrize("at", range(0, 120, 7))
def test_a_list_that_is_cut_anywhere_gives_what_was_whole(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    monkeypatch.setattr(json_stream, "CHUNK", 5)
    text = json.dumps([{"a": f"text {number}", "b": [number, "\u00e9"]} for number in range(4)]).encode()
    found = list(values_in(io.BytesIO(text[:at])))
    assert isinstance(found[-1], Fault)
    assert all(isinstance(each, Value) for each in found[:-1])
    assert len(found) - 1 == text[:at].count(b"]}")
