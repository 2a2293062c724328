"""The branch of a conversation that counts: to the current message, else to the newest; broken trees are reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.exchange.conversation.tree import Node, branch_of
from memorybank.exchange.formats import import_from
from memorybank.records.sessions.messages import read_messages

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

NIL = "00000000-0000-4000-8000-000000000000"


def chatgpt(*nodes: tuple[str, str | None, Any], current: str | None = None, children: bool = True) -> dict[str, Any]:
    mapping: dict[str, Any] = {"root": {"id": "root", "parent": None, "message": None, "children": []}}
    for ident, parent, at in nodes:
        content = {"content_type": "text", "parts": [f"text {ident}"]}
        message = {"author": {"role": "user"}, "content": content, "create_time": at}
        mapping[ident] = {"id": ident, "parent": parent, "message": message, "children": []}
    for ident, parent, _ in nodes:
        if children and parent in mapping:
            mapping[parent]["children"].append(ident)
    return {"conversation_id": "talk", "title": "T", "create_time": 1, "mapping": mapping, "current_node": current}


def claude(*rows: tuple[str, str | None, str], leaf: str | None = None) -> dict[str, Any]:
    messages = [
        {"uuid": ident, "sender": "human", "text": f"text {ident}", "created_at": at, "parent_message_uuid": parent}
        for ident, parent, at in rows
    ]
    return {
        "uuid": "talk",
        "name": "T",
        "created_at": "2025-01-01",
        "chat_messages": messages,
        "current_leaf_message_uuid": leaf,
    }


def without_parents(value: dict[str, Any]) -> dict[str, Any]:
    for node in value["mapping"].values():
        del node["parent"]
    return value


ABANDONED = "1 messages of abandoned branches skipped"
CASES = {
    "the current node, not the newest": (
        chatgpt(("a", "root", 1), ("b", "a", 2), ("c", "a", 3), current="b"),
        "a b",
        [ABANDONED],
    ),
    "newest by its time": (chatgpt(("a", "root", 1), ("b", "a", 9), ("c", "a", 3)), "a b", [ABANDONED]),
    "newest by an ISO time": (
        chatgpt(("a", "root", "2025-01-01"), ("b", "a", "2025-01-03T00:00:00Z"), ("c", "a", "2025-01-02")),
        "a b",
        [ABANDONED],
    ),
    "the longest without times": (
        chatgpt(("a", "root", None), ("b", "a", None), ("b2", "b", None), ("c", "a", None)),
        "a b b2",
        [ABANDONED],
    ),
    "the last of two as long": (
        chatgpt(("a", "root", None), ("b", "a", None), ("c", "a", None), current="gone"),
        "a c",
        [ABANDONED],
    ),
    "a leaf without a time below a newer message": (
        chatgpt(("a", "root", 1), ("b", "a", 5), ("b2", "b", None), ("c", "a", 4)),
        "a b b2",
        [ABANDONED],
    ),
    "children without parents": (
        without_parents(chatgpt(("a", "root", 1), ("b", "a", 2), ("c", "b", 3), current="c")),
        "a b c",
        [],
    ),
    "a parent that is gone": (
        chatgpt(("a", "root", 1), ("b", "a", 2), ("c", "gone", 3), ("d", "c", 4), current="d"),
        "a b c d",
        ["its tree is broken: 1 missing parents: gone; 4 messages of it were taken"],
    ),
    "a cycle": (
        chatgpt(("a", "b", 1), ("b", "a", 2), ("c", "b", 3), current="c"),
        "a b c",
        ["its tree is broken: 1 cycles; 3 messages of it were taken"],
    ),
    "two beginnings": (
        chatgpt(("a", None, 1), ("b", "a", 2), ("c", None, 3), ("d", "c", 4), current="d"),
        "c d",
        [
            "its tree is broken: 2 beginnings; 2 messages of it were taken",
            "2 messages of abandoned branches skipped",
        ],
    ),
    "no relation at all": (
        chatgpt(("a", None, 1), ("b", None, 2), ("c", None, 3), children=False),
        "a b c",
        ["its tree is broken: 4 messages without parent and children; 3 messages of it were taken"],
    ),
    "Claude: the current leaf": (
        claude(("1", NIL, "2025-01-01"), ("2", "1", "2025-01-02"), ("3", "1", "2025-01-03"), leaf="2"),
        "1 2",
        [ABANDONED],
    ),
    "Claude: the newest answer": (
        claude(("1", NIL, "2025-01-01"), ("2", "1", "2025-01-02"), ("3", "1", "2025-01-03")),
        "1 3",
        [ABANDONED],
    ),
    "Claude: the last of two at the same time": (
        claude(("1", NIL, "2025-01-01"), ("2", "1", "2025-01-01"), ("3", "1", "2025-01-01"), leaf="gone"),
        "1 3",
        [ABANDONED],
    ),
    "Claude: an edited first message is no broken tree": (
        claude(("1", NIL, "2025-01-01"), ("2", NIL, "2025-01-02"), leaf="2"),
        "2",
        [ABANDONED],
    ),
    "Claude: without parents": (claude(("1", None, "2025-01-01"), ("2", None, "2025-01-02")), "1 2", []),
    "Claude: a parent that is gone": (
        claude(("1", NIL, "2025-01-01"), ("2", "gone", "2025-01-02"), ("3", "2", "2025-01-03")),
        "1 2 3",
        ["its tree is broken: 1 missing parents: gone; 3 messages of it were taken"],
    ),
}


@pytest.mark.parametrize(("value", "words", "whys"), CASES.values(), ids=CASES)
def test_the_branch_that_counts(
    bank: BankFolder, tmp_path: Path, way: Way, value: dict[str, Any], words: str, whys: list[str]
) -> None:
    source = tmp_path / "export.json"
    source.write_text(json.dumps([value]), encoding="utf-8")
    done = import_from(bank, "conversation", source, way)
    (record,) = done.records
    texts = [message.text.removeprefix("text ") for message in read_messages(bank, record.id).rows]
    assert " ".join(texts) == words
    assert [each.why for each in done.misfits if each.where == "talk"] == whys
    assert done.unaccounted == ()


def test_a_long_conversation_and_many_branches_take_no_recursion_and_little_time() -> None:
    chain = [Node(place - 1 if place else None) for place in range(50_000)]
    assert len(branch_of(chain, None).way) == 50_000
    comb = [Node(max(place - 2, 0) if place else None) for place in range(50_000)]
    assert len(branch_of(comb, 49_999).way) == 25_001


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ({"recipient": "python", "author": {"role": "assistant"}}, ["1 tool calls (python) skipped"]),
        ({"recipient": "assistant", "author": {"role": "tool"}},
         ["1 messages that are not for the user (assistant) skipped"]),
        ({"channel": "analysis", "author": {"role": "assistant"}}, ["1 thoughts (analysis) skipped"]),
        ({"channel": "commentary", "author": {"role": "assistant"}}, ["1 thoughts (commentary) skipped"]),
        ({"channel": "analysis", "author": {"role": "tool"}}, ["1 thoughts (analysis) skipped"]),
        ({"channel": "commentary", "recipient": "python", "author": {"role": "assistant"}},
         ["1 tool calls (python) skipped"]),
        ({"channel": "analysis", "author": {"role": "assistant"}, "content": {"content_type": "text", "parts": [""]}},
         []),
        ({"metadata": {"is_visually_hidden_from_conversation": True}}, ["1 hidden messages skipped"]),
        ({"weight": 0.0}, ["1 hidden messages skipped"]),
        ({"content": {"content_type": "reasoning_recap", "content": "2s"}}, ["1 parts (reasoning_recap) skipped"]),
        ({"content": {"content_type": "model_editable_context", "model_set_context": "m"}},
         ["1 parts (model_editable_context) skipped"]),
        ({"metadata": {"attachments": [{"name": "a"}, {"name": "b"}]}}, ["2 attachments skipped"]),
    ],
)  # fmt: skip
def test_what_is_not_said_is_counted_by_its_kind(
    bank: BankFolder, tmp_path: Path, way: Way, message: dict[str, Any], kinds: list[str]
) -> None:
    value = chatgpt(("a", "root", 1), ("b", "a", 2), current="b")
    value["mapping"]["b"]["message"] |= message
    source = tmp_path / "export.json"
    source.write_text(json.dumps([value]), encoding="utf-8")
    done = import_from(bank, "conversation", source, way)
    assert [each.why for each in done.misfits if each.where == "talk"] == kinds
    assert done.unaccounted == ()


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ({"channel": "final", "author": {"role": "assistant"}}, []),
        ({"channel": None, "recipient": "all", "author": {"role": "assistant"}}, []),
        ({"channel": "aside", "author": {"role": "assistant"}}, ["fields not imported: message channel (1)"]),
        # what a person says is said
        ({"channel": "analysis", "recipient": "python", "author": {"role": "user"}},
         ["fields not imported: message channel (1), message recipient (1)"]),
    ],
)  # fmt: skip
def test_a_message_to_the_user_is_kept_and_an_unknown_channel_is_named(
    bank: BankFolder, tmp_path: Path, way: Way, message: dict[str, Any], fields: list[str]
) -> None:
    value = chatgpt(("a", "root", 1), ("b", "a", 2), current="b")
    value["mapping"]["b"]["message"] |= message
    source = tmp_path / "export.json"
    source.write_text(json.dumps([value]), encoding="utf-8")
    done = import_from(bank, "conversation", source, way)
    assert [message.text for message in read_messages(bank, done.records[0].id).rows] == ["text a", "text b"]
    assert [each.why for each in done.misfits if each.why.startswith("fields not")] == fields
    assert done.unaccounted == ()


def test_the_thoughts_of_a_plain_list_are_counted_and_the_channel_of_a_chat_is_no_thought(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    rows = [
        {"role": "user", "channel": "analysis", "content": "How?"},
        {"role": "assistant", "channel": "analysis", "content": "Hm."},
        {"role": "assistant", "channel": "commentary", "content": "Let me see."},
        {"role": "assistant", "channel": "final", "content": "So."},
    ]
    source = tmp_path / "talk.json"
    source.write_text(json.dumps(rows), encoding="utf-8")
    done = import_from(bank, "conversation", source, way)
    assert [message.text for message in read_messages(bank, done.records[0].id).rows] == ["How?", "So."]
    told = {each.why for each in done.misfits}
    assert {"1 thoughts (analysis) skipped", "1 thoughts (commentary) skipped"} <= told
    assert done.unaccounted == ()
