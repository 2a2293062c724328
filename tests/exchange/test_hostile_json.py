"""Whatever JSON stands where a conversation or a session should: a record that can be drafted, or a refusal."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorybank.errors import BankError
from memorybank.exchange.conversation.read_export import read_conversations
from memorybank.exchange.conversation.talk import seconds_of, time_of
from memorybank.exchange.incoming import ReadResult
from memorybank.exchange.module71.session_json import session_of
from memorybank.exchange.write_records import take_in
from tests.exchange.making import make_way
from tests.running import FULL, new_bank

KEYS = """uuid id name title created_at create_time update_time chat_messages messages mapping current_node role sender
content text parts attachments files author message parent metadata session_id start_time end_time duration_minutes
agent goal context_loaded activities activity time achievements challenges next_session memorybank fields started links
tags status created relates type extracted_content groups label"""
NAMES = st.sampled_from(KEYS.split())
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["user", "a", "b", "2025-01-07T10:00:00Z", "2025-01-07T10:00:00+99:00", "ses-20250107-aaaaa", "\ud800", "\0"]
    ),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=25,
)


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=6), max_size=3))
def test_any_conversation(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        try:
            parts = list(read_conversations(path, "x.json"))
        except BankError:
            return
        assert all(each.kind == "session" and each.messages for part in parts for each in part.records)


@settings(max_examples=300 if FULL else 8)
@given(st.dictionaries(NAMES, JSON, max_size=10))
def test_any_session_of_a_tree_is_taken_or_told(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bank = new_bank(Path(folder))
        record = session_of(value, "sessions/x.json", "0" * 16)
        done = take_in(bank, [ReadResult("module71", (record,))], make_way())
        assert len(done.records) == 1 or "skipped: " in done.misfits[-1].why


@pytest.mark.parametrize("value", [10**400, -(10**400), float("inf"), float("nan"), 10**22])
def test_a_number_that_is_no_time(value: float) -> None:
    assert (time_of(value), seconds_of(value)) == ("", 0.0)
