"""A decision or a lesson is a record and its line in the contract, in one operation or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import BankError, FieldError, SecretError, SpillError, UnsupportedTextError
from memorybank.records.memories.memories import recall
from memorybank.records.record import Link
from memorybank.store.discover import find_bank
from memorybank.store.journal.history import history
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.entries.decide import NewDecision, NewLearning, consequences_text, decide, learn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder


def test_a_decision_is_a_record_and_one_line(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    saved = decide(
        bank,
        NewDecision(
            "Use JWT for authentication",
            context="Need to implement authentication for API.",
            why="- Stateless\n- Scalable",
            alternatives=["Session-based authentication: state on every node", "- OAuth2"],
            consequences=["+ No session storage", "- Cannot invalidate tokens before expiry", "Tokens are signed"],
            implementation=["Use PyJWT library", "Token expiry: 1 hour"],
            confirmation="No session table in the schema",
            decider="AI Agent",
            tags=["auth"],
        ),
        way,
    )
    record = recall(bank, saved.record.id)
    assert record.content == (
        "## Context\n\nNeed to implement authentication for API.\n\n"
        "## Decision\n\nUse JWT for authentication\n\n"
        "## Rationale\n\n- Stateless\n- Scalable\n\n"
        "## Alternatives\n\n- Session-based authentication: state on every node\n- OAuth2\n\n"
        "## Consequences\n\n- Tokens are signed\n\n**Positive:**\n\n- No session storage\n\n"
        "**Negative:**\n\n- Cannot invalidate tokens before expiry\n\n"
        "## Implementation\n\n- Use PyJWT library\n- Token expiry: 1 hour\n\n"
        "## Confirmation\n\nNo session table in the schema"
    )
    assert (record.status, record.tags, record.fields["decider"]) == ("accepted", ("auth",), "AI Agent")
    assert record.fields["date"] == "2026-11-21"
    assert section("activeContext.md#Decisions") == [f"- Use JWT for authentication - Stateless ({record.id})"]
    assert [each.file for each in saved.receipt.files] == [record.file, "activeContext.md"]


def test_a_decision_that_is_not_accepted_yet_says_so_in_its_line(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    saved = decide(bank, NewDecision("Drop Windows", status="proposed"), way)
    assert section("activeContext.md#Decisions") == [f"- Drop Windows ({saved.record.id}, proposed)"]


def test_undo_takes_record_and_line_back_together(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    before = (bank.folder / "activeContext.md").read_bytes()
    saved = decide(bank, NewDecision("Use PostgreSQL", why="Reliable"), way)
    undo(bank, "", way)
    assert (bank.folder / "activeContext.md").read_bytes() == before
    assert not (bank.folder / saved.record.file).exists()


def test_a_dry_run_shows_both_files_and_writes_none(bank: BankFolder, way: Way) -> None:
    saved = decide(bank, NewDecision("Use PostgreSQL"), Way(way.author, WriteOptions(dry_run=True)))
    assert [bool(each.diff) for each in saved.receipt.files] == [True, True]
    assert not (bank.folder / "memories").exists()


@pytest.mark.parametrize(
    ("title", "given", "error"),
    [
        ("", {}, UnsupportedTextError),
        (" \n ", {}, UnsupportedTextError),
        ("t" * 201, {}, UnsupportedTextError),
        ("a\u202eb", {}, UnsupportedTextError),
        ("Fine", {"context": "## Decision\n\nnot this one"}, SpillError),
        ("Fine", {"context": "Looks like one\n---"}, SpillError),
        ("Fine", {"why": "```\nnever closed"}, SpillError),
        ("Fine", {"why": "<!-- never closed"}, SpillError),
        ("# Heading", {}, SpillError),
        ("Fine", {"status": "done"}, FieldError),
        ("Fine", {"tags": ["Not A Tag"]}, FieldError),
        ("Fine", {"why": "AKIA" + "Q3EGWNLH7RTK2MXP"}, SecretError),
        ("Fine", {"consequences": ["+ ghp_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk"]}, SecretError),
        ("Fine", {"decider": "npm_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk"}, SecretError),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(
    bank: BankFolder, way: Way, title: str, given: dict[str, Any], error: type[BankError]
) -> None:
    before = (bank.folder / "activeContext.md").read_bytes()
    with pytest.raises(error):
        decide(bank, NewDecision(title, **given), way)
    assert (bank.folder / "activeContext.md").read_bytes() == before
    assert not (bank.folder / "memories").exists()


def test_text_of_another_system_is_kept_with_this_ones_line_endings(bank: BankFolder, way: Way) -> None:
    saved = decide(bank, NewDecision("Windows text", context="one\r\ntwo\rthree", why="### Kept\r\n\r\nas it is"), way)
    content = recall(bank, saved.record.id).content
    assert "one\ntwo\nthree" in content
    assert "### Kept\n\nas it is" in content
    assert b"\r" not in (bank.folder / saved.record.file).read_bytes()


def test_consequences_are_sorted_by_their_sign() -> None:
    assert consequences_text([]) == ""
    assert consequences_text(["-slow", "+ fast"]) == "**Positive:**\n\n- fast\n\n**Negative:**\n\n- slow"


def test_a_lesson_is_its_own_title(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    saved = learn(bank, NewLearning("Always normalise user input.\nLower-case, then trim.", tags=["validation"]), way)
    record = recall(bank, saved.record.id)
    assert record.title == "Always normalise user input."
    assert record.content == "## Lesson\n\nAlways normalise user input.\nLower-case, then trim."
    assert section("activeContext.md#Learnings") == [f"- Always normalise user input. ({record.id})"]


def test_a_lesson_with_its_story(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    saved = learn(
        bank,
        NewLearning(
            "N+1 query problem",
            what="The user list took 5 seconds.",
            cause="Posts were fetched in a loop.",
            solution="```python\nusers = User.objects.prefetch_related('posts').all()\n```",
            lesson="Use `prefetch_related` for many-to-many.",
            applied_to=["All list views", "API endpoints"],
        ),
        way,
    )
    record = recall(bank, saved.record.id)
    names = [line for line in record.content.split("\n") if line.startswith("## ")]
    assert names == ["## What Happened", "## Root Cause", "## Solution", "## Lesson", "## Applied To"]
    assert section("activeContext.md#Learnings") == [
        f"- N+1 query problem - Use `prefetch_related` for many-to-many. ({record.id})"
    ]


def test_the_operation_names_itself_in_the_history(bank: BankFolder, way: Way) -> None:
    decide(bank, NewDecision("One"), way)
    learn(bank, NewLearning("Two"), way)
    assert [each.verb for each in history(bank, None, limit=2)] == ["learn", "decide"]


def test_in_a_bank_of_cline_the_line_goes_where_decisions_stand(tmp_path: Path, way: Way) -> None:
    folder = tmp_path / "memory-bank"
    folder.mkdir()
    text = "# Active Context\n\n## Active Decisions and Considerations\n\n- older\n"
    (folder / "activeContext.md").write_text(text, encoding="utf-8")
    bank = find_bank(tmp_path, environ={})
    saved = decide(bank, NewDecision("Keep the layout"), way)
    now = (folder / "activeContext.md").read_text(encoding="utf-8")
    assert now == f"{text}- Keep the layout ({saved.record.id})\n"


def test_a_decision_takes_the_place_of_another_in_one_operation(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    old = decide(bank, NewDecision("Use memcached"), way).record.id
    saved = decide(bank, NewDecision("Use Redis", why="It stays", links=[Link("supersedes", old)]), way)
    new = saved.record.id
    assert section("activeContext.md#Decisions") == [
        f"- ~~Use memcached ({old})~~ → {new}",
        f"- Use Redis - It stays ({new})",
    ]
    assert recall(bank, old).linked("superseded-by") == (new,)
    assert [each.verb for each in history(bank, limit=2)] == ["decide", "decide"]
    undo(bank, "", way)
    assert section("activeContext.md#Decisions") == [f"- Use memcached ({old})"]
    assert recall(bank, old).status == "accepted"


def test_a_lesson_takes_the_place_of_another(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    old = learn(bank, NewLearning("Trim input"), way).record.id
    new = learn(bank, NewLearning("Trim and lower-case input", links=[Link("supersedes", old)]), way).record.id
    assert section("activeContext.md#Learnings")[0] == f"- ~~Trim input ({old})~~ → {new}"
