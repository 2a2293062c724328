"""Messages: lines beside a session that are only added to, whole, whoever else writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.errors import (
    DiskError,
    FieldError,
    NoRecordError,
    NotAFileError,
    OutsideError,
    SecretError,
    UnsupportedTextError,
)
from memorybank.records.sessions.messages import (
    Message,
    append_message,
    messages_path,
    parse_message,
    read_messages,
    render_message,
)
from memorybank.records.sessions.sessions import add_message, delete, find_session, start
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

TOKEN = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4eFgH7"


@pytest.fixture
def session(bank: BankFolder, way: Way) -> str:
    return start(bank, way, label="auth-refactor").record.id


def test_what_is_said_is_read_in_order(bank: BankFolder, way: Way, session: str) -> None:
    append_message(bank, session, "user", "Should we use JWTs or sessions?", way)
    append_message(bank, session, "assistant", "Given your requirements, JWTs.\n\nWith a short life.", way)
    found = read_messages(bank, session)
    assert [(each.role, each.text[:6]) for each in found.rows] == [("user", "Should"), ("assistant", "Given ")]
    assert found.rows[0].at == "2026-11-21T05:30:00Z"


def test_the_last_ones_are_read_and_all_are_counted(bank: BankFolder, way: Way, session: str) -> None:
    for number in range(5):
        append_message(bank, session, "user", f"message {number}", way)
    found = read_messages(bank, session, limit=2)
    assert [each.text for each in found.rows] == ["message 3", "message 4"]
    assert found.message_count == 5
    assert read_messages(bank, session, limit=0).message_count == 5


def test_a_torn_last_line_loses_only_itself(bank: BankFolder, way: Way, session: str) -> None:
    """A crash in the middle of a write leaves half a line; the next message stands on a line of its own."""
    append_message(bank, session, "user", "first", way)
    with messages_path(bank, session).open("ab") as file:
        file.write(b'{"at":"2026-11-21T05:3')
    append_message(bank, session, "user", "second", way)
    found = read_messages(bank, session)
    assert [each.text for each in found.rows] == ["first", "second"]
    assert found.broken_count == 1


@pytest.mark.parametrize(
    "text", ["line\u2028separated", "\x1b[31mred", "a\u202eb", "ends with nul \0", "🙂 emoji", "a\ttab\r\nand CRLF"]
)
def test_any_text_comes_back_and_nothing_in_the_file_is_hidden(
    bank: BankFolder, way: Way, session: str, text: str
) -> None:
    """What agents print holds escapes of terminals; they are kept, and stand escaped in the file."""
    append_message(bank, session, "tool", text, way)
    assert read_messages(bank, session).rows[0].text == text
    data = messages_path(bank, session).read_text(encoding="utf-8")
    assert "\x1b" not in data
    assert "\u202e" not in data
    assert len(data.split("\n")) == 2


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.booleans())
def test_every_text_makes_one_line_that_gives_it_back(text: str, is_allowed: bool) -> None:
    line = render_message(Message("2026-11-21T05:30:00Z", "tool", text), ["token"] if is_allowed else ())
    assert "\n" not in line
    assert parse_message(line.encode()) == ("2026-11-21T05:30:00Z", "tool", text)


def test_what_other_programs_put_there_is_read(bank: BankFolder, session: str) -> None:
    rows = [
        {"role": "user", "text": "no time", "extra": {"model": "x"}},
        {"at": "2026-01-01T00:00:00Z", "role": "assistant", "text": "more keys", "tokens": 12},
        ["not", "a", "message"],
        {"role": "user"},
    ]
    messages_path(bank, session).write_text("\n".join(json.dumps(each) for each in rows) + "\n\n", encoding="utf-8")
    found = read_messages(bank, session)
    assert [each.text for each in found.rows] == ["no time", "more keys"]
    assert found.broken_count == 2


def test_a_line_nested_beyond_reason_is_no_message() -> None:
    assert parse_message(b"[" * 200_000) is None


def test_a_secret_is_refused_unless_allowed_by_name(bank: BankFolder, way: Way, session: str) -> None:
    with pytest.raises(SecretError) as refused:
        append_message(bank, session, "user", f"use {TOKEN}", way)
    rule = str(refused.value.details["rule"])
    assert read_messages(bank, session).message_count == 0
    append_message(bank, session, "user", f"use {TOKEN}", Way(way.author, WriteOptions(allow_secrets=(rule,))))
    row = json.loads(messages_path(bank, session).read_text(encoding="utf-8"))
    assert row["allowed"] == [rule]


def test_a_role_that_is_a_secret_is_refused(bank: BankFolder, way: Way, session: str) -> None:
    with pytest.raises(SecretError):
        append_message(bank, session, TOKEN, "text", way)
    assert read_messages(bank, session).message_count == 0


@pytest.mark.parametrize("role", ["", "two words", "../x", "a" * 50, 'user","x":"'])
def test_a_role_is_one_word(bank: BankFolder, way: Way, session: str, role: str) -> None:
    with pytest.raises(FieldError):
        append_message(bank, session, role, "text", way)


@pytest.mark.parametrize("text", ["", " \n ", "\udcff", "x" * 1_000_001])
def test_no_text_broken_text_and_endless_text_are_refused(bank: BankFolder, way: Way, session: str, text: str) -> None:
    with pytest.raises(UnsupportedTextError):
        append_message(bank, session, "user", text, way)


@pytest.mark.parametrize("name", ["", "../progress", ".hidden", "a/b", "a\\b"])
def test_messages_stand_in_their_folder_only(bank: BankFolder, way: Way, name: str) -> None:
    with pytest.raises(OutsideError):
        append_message(bank, name, "user", "text", way)


def test_no_link_leads_messages_out_of_the_bank(bank: BankFolder, way: Way, session: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_text("", encoding="utf-8")
    messages_path(bank, session).symlink_to(outside)
    with pytest.raises((OutsideError, NotAFileError, DiskError)):
        append_message(bank, session, "user", "text", way)
    assert outside.read_bytes() == b""


def test_messages_need_a_session(bank: BankFolder, way: Way) -> None:
    with pytest.raises(NoRecordError):
        add_message(bank, "ses-20261121-00000", "user", "hello", way)


def test_a_dry_run_adds_nothing(bank: BankFolder, way: Way, session: str) -> None:
    append_message(bank, session, "user", "hello", Way(way.author, WriteOptions(dry_run=True)))
    assert not messages_path(bank, session).exists()


def test_a_deleted_session_takes_its_messages_along_and_undo_brings_both_back(
    bank: BankFolder, way: Way, session: str
) -> None:
    append_message(bank, session, "user", "hello", way)
    append_message(
        bank, session, "user", TOKEN, Way(way.author, WriteOptions(allow_secrets=("github-token", "github-pat")))
    )
    before = messages_path(bank, session).read_bytes()
    delete(bank, session, way)
    assert not messages_path(bank, session).exists()
    assert (bank.folder / "archive" / "sessions" / f"{session}.jsonl").read_bytes() == before
    with pytest.raises(NoRecordError):
        find_session(bank, session)
    undo(bank, "", way)
    assert messages_path(bank, session).read_bytes() == before
    assert find_session(bank, session).fields["label"] == "auth-refactor"
