"""A line rises one rung in one operation, and comes back down by one undo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import BankError, ContractError, DuplicateAnchorError, FieldError, NoItemError
from memorybank.records.change import target_of
from memorybank.store.journal.undo import undo
from memorybank.store.view import look
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.entries.decide import NewLearning, learn
from memorybank.workflow.ladder.pattern_kind import kind_for
from memorybank.workflow.ladder.promote import demote, promote
from memorybank.workflow.ladder.suggest import suggest
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder


def bytes_of(bank: BankFolder) -> dict[Path, bytes]:
    files = [*bank.folder.glob("*.md"), *(bank.project / "docs").rglob("*.md"), *bank.folder.glob("memories/*/*.md")]
    return {path: path.read_bytes() for path in files}


def test_a_learning_becomes_a_pattern_in_the_section_that_fits(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "Tests share one database", way)
    before = bytes_of(bank)
    done = promote(bank, "activeContext.md#Learnings", "pattern", way, item="1")
    assert section("patterns.md#Testing Patterns") == ["- Tests share one database"]
    assert section("activeContext.md#Learnings") == ["- [None]"]
    assert (done.target, [each.file for each in done.receipt.files]) == (
        "patterns.md#Testing Patterns",
        ["patterns.md", "activeContext.md"],
    )
    undo(bank, "", way)
    assert bytes_of(bank) == before


def test_a_pointer_stays_and_names_the_line_by_its_id(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "WAL mode needs a local disk", way)
    done = promote(bank, "WAL mode needs a local disk", "pattern", way, section="Common Gotchas", keep=True)
    assert section("activeContext.md#Learnings") == [f"- WAL mode needs a local disk → `{done.target}`"]
    assert look(bank, done.target).text.startswith("- WAL mode needs a local disk ^g")


def test_a_change_loses_its_date_and_a_debug_line_its_mark(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "[DEBUG-3]: pinned the clock → green", way, kind="change")
    note(bank, "the lock is per host", way, kind="change")
    promote(bank, "activeContext.md#Recent Changes", "pattern", way, item="2")
    promote(bank, "activeContext.md#Recent Changes", "pattern", way, item="1")
    assert section("patterns.md#Common Gotchas") == ["- the lock is per host", "- pinned the clock → green"]


@pytest.mark.parametrize(
    ("asked", "folder", "pointer"),
    [
        ("", "docs/research/", "Research"),
        ("plan", "docs/plans/", "Plan"),
        ("solution/Caching", "docs/solutions/caching/", "Solution"),
    ],
)
def test_a_document_gets_its_line_under_references(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], asked: str, folder: str, pointer: str
) -> None:
    note(bank, "Redis drops idle connections: keepalive 60", way)
    before = bytes_of(bank)
    done = promote(bank, "activeContext.md#Learnings", "document", way, item="1", section=asked)
    text = (bank.project / done.target).read_text(encoding="utf-8")
    assert done.target == f"{folder}2026-11-21-redis-drops-idle-connections.md"
    assert "# Redis drops idle connections\n" in text
    assert "keepalive 60" in text
    assert 'promoted_from: "activeContext.md#Learnings"' in text
    assert section("activeContext.md#References") == [f"- {pointer}: `{done.target}` → Redis drops idle connections"]
    assert section("activeContext.md#Learnings") == ["- [None]"]
    undo(bank, "", way)
    assert bytes_of(bank) == before


def test_what_is_proven_needs_what_shows_it_and_stays_a_pattern(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "Backoff stops the 429s", way, kind="gotcha")
    with pytest.raises(ContractError, match="no evidence"):
        promote(bank, "patterns.md#Common Gotchas", "proven", way, item="1")
    proof = "`pytest tests/client` → exit 0 (12/12)"
    promote(bank, "patterns.md#Common Gotchas", "proven", way, item="1", evidence=proof)
    promote(bank, "patterns.md#Common Gotchas", "proven", way, item="1", evidence=proof, section="Completed")
    assert section("progress.md#Verification") == [f"- {proof} - Backoff stops the 429s"]
    assert section("progress.md#Completed") == [f"- [x] Backoff stops the 429s - {proof}"]
    assert section("patterns.md#Common Gotchas") == ["- Backoff stops the 429s"]


def test_a_record_learns_where_its_line_went(bank: BankFolder, way: Way) -> None:
    saved = learn(bank, NewLearning("Normalise input before validation"), way)
    done = promote(bank, saved.record.id, "pattern", way, section="convention")
    assert target_of(bank, saved.record.id).record.metadata["promoted_to"] == done.target
    assert [each.file for each in done.receipt.files][1] == saved.record.file
    assert look(bank, done.target).text.strip().endswith(f"({saved.record.id}) ^{done.target.rpartition('^')[2]}")


def test_an_equal_pattern_takes_the_line_in(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    note(bank, "Cache keys must include the tenant id", way, kind="gotcha")
    note(bank, "Cache keys must include the tenant id", way)
    done = promote(bank, "activeContext.md#Learnings", "pattern", way, item="1", section="gotcha")
    assert done.merged == "Cache keys must include the tenant id"
    assert section("patterns.md#Common Gotchas") == ["- Cache keys must include the tenant id"]
    assert section("activeContext.md#Learnings") == ["- [None]"]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("Cache keys must include the tenant id", "Cache keys must not include the tenant id"),
        ("✅ Deploys on staging work", "❌ Deploys on staging work"),
        ("Write the new parser in C", "Write the new parser in C++"),
    ],
)
def test_a_pattern_that_is_merely_close_takes_nothing_in(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]], pattern: str, line: str
) -> None:
    note(bank, pattern, way, kind="gotcha")
    note(bank, line, way)
    done = promote(bank, "activeContext.md#Learnings", "pattern", way, item="1", section="gotcha")
    assert done.merged == ""
    assert section("patterns.md#Common Gotchas") == [f"- {pattern}", f"- {line}"]


def test_a_reference_can_leave_the_section_its_pointer_goes_to(bank: BankFolder, way: Way) -> None:
    note(bank, "see the broker's manual on acks", way, kind="reference")
    done = promote(bank, "activeContext.md#References", "document", way, item="1")
    assert done.receipt.operation


@pytest.mark.parametrize(
    ("what", "to", "given", "error"),
    [
        ("nothing like it", "pattern", {}, NoItemError),
        ("^zzzzz", "pattern", {}, NoItemError),
        ("", "pattern", {}, NoItemError),
        ("twice", "pattern", {}, DuplicateAnchorError),
        ("once", "sky", {}, FieldError),
        ("once", "pattern", {"section": "Decisions"}, ContractError),
        ("once", "pattern", {"section": "Last Updated"}, ContractError),
        ("once", "document", {"section": "poem"}, FieldError),
    ],
)
def test_what_cannot_rise_changes_nothing(
    bank: BankFolder, way: Way, what: str, to: str, given: dict[str, str], error: type[BankError]
) -> None:
    for text in ("once", "twice", "twice"):
        note(bank, text, way)
    before = bytes_of(bank)
    with pytest.raises(error):
        promote(bank, what, to, way, **given)  # type: ignore[arg-type]  # only texts here
    assert bytes_of(bank) == before


def test_a_dry_run_writes_nothing(bank: BankFolder, way: Way) -> None:
    note(bank, "once", way)
    before = bytes_of(bank)
    done = promote(bank, "once", "document", Way(way.author, WriteOptions(dry_run=True)))
    assert all(each.diff for each in done.receipt.files)
    assert bytes_of(bank) == before


def test_a_pattern_that_proved_wrong_is_struck_with_why(
    bank: BankFolder, way: Way, section: Callable[[str], list[str]]
) -> None:
    note(bank, "Retry every 429", way, kind="gotcha")
    demote(bank, "Retry every 429", "it doubled the load", way)
    assert section("patterns.md#Common Gotchas") == [
        "- ~~Retry every 429~~ → wrong since 2026-11-21: it doubled the load"
    ]
    with pytest.raises(ContractError, match="already struck"):
        demote(bank, "patterns.md#Common Gotchas", "again", way, item="1")
    note(bank, "an observation", way)
    with pytest.raises(NoItemError, match=r"in patterns\.md matches 'nothing like it'"):
        demote(bank, "nothing like it", "no pattern", way)
    for what, item in (("an observation", ""), ("activeContext.md#Learnings", "1")):
        with pytest.raises(ContractError, match=r"is in activeContext\.md#Learnings") as caught:
            demote(bank, what, "no pattern", way, item=item)
        assert caught.value.hint == (
            "bank item replace 'activeContext.md#Learnings' 1 '~~an observation~~ → wrong: no pattern'"
        )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pytest fixtures live in conftest.py", "testing"),
        ("Every endpoint answers JSON", "api"),
        ("Exceptions carry a code", "error"),
        ("Models live in src/models", "structure"),
        ("Time zones are UTC everywhere", "gotcha"),
    ],
)
def test_the_section_is_told_by_what_the_line_speaks_of(text: str, kind: str) -> None:
    assert kind_for(text) == kind


def test_what_is_ripe_is_told_with_its_reason_and_command(bank: BankFolder, way: Way) -> None:
    assert suggest(bank) == []
    note(bank, "Use Redis for caching", way, kind="pattern")
    note(bank, "Cache keys must include the tenant id", way, kind="gotcha")
    note(bank, "Do not use Redis for caching", way)
    note(bank, "Cache keys must include the tenant id", way)
    note(bank, "The queue drops messages over one megabyte", way)
    note(bank, "Messages over one megabyte: the queue drops them", way)
    note(bank, "Uploads time out behind the proxy ^l12345", way)
    note(bank, "Stream uploads: chunked - see ^l12345", way, kind="decision")
    note(bank, "Nothing special about this one", way)
    for number in (1, 2, 3):
        note(bank, f"[DEBUG-{number}]: attempt {number} → red", way, kind="change")
    found = suggest(bank)
    assert [(each.text, each.outcome) for each in found] == [
        ("Do not use Redis for caching", "replace"),
        ("Cache keys must include the tenant id", "delete"),
        ("Messages over one megabyte: the queue drops them", "consolidate"),
        ("Uploads time out behind the proxy", "promote"),
        ("[DEBUG-3]: attempt 3 → red", "promote"),
    ]
    assert "a decision is based on it" in found[3].why
    assert found[4].hint == "bank promote 'activeContext.md#Recent Changes' 3 --to document --section solution"


def test_what_was_seen_in_an_older_session_is_ripe(bank: BankFolder, way: Way) -> None:
    folder = bank.folder / "archive"
    folder.mkdir()
    (folder / "2026.md").write_text("# Old\n\n## Learnings\n\n- Proxy cuts uploads after sixty seconds\n")
    note(bank, "Uploads: the proxy cuts them after sixty seconds", way)
    assert [each.why for each in suggest(bank)] == ["it was seen before: archive/2026.md"]


def test_a_placeholder_is_no_line(bank: BankFolder, way: Way) -> None:
    with pytest.raises(NoItemError):
        demote(bank, "patterns.md#Common Gotchas", "wrong", way, item="1")
    with pytest.raises(NoItemError):
        promote(bank, "activeContext.md#Learnings", "pattern", way, item="1")


def test_what_was_said_in_two_sessions_is_ripe(bank: BankFolder, way: Way) -> None:
    note(bank, "Redis drops idle connections after 60 s", way)
    said = {"at": "2026-11-20T09:30:00Z", "role": "assistant", "text": "So:\nRedis drops idle connections after 60 s."}
    (bank.folder / "sessions").mkdir(exist_ok=True)
    for name in ("one", "two"):
        path = bank.folder / "sessions" / f"{name}.jsonl"
        path.write_text(f"{json.dumps(said)}\nno message\n{json.dumps(said | {'role': 'tool'})}\n", encoding="utf-8")
        reasons = [each.why for each in suggest(bank)]
        assert reasons == ([] if name == "one" else ["it was seen before: sessions/one.jsonl, sessions/two.jsonl"])


def test_a_line_rises_with_all_of_its_words(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    """An editor breaks long lines: what stands on the second one is as much of the item."""
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    broken = "## Learnings\n\n- Redis drops idle\n  connections: keepalive 60\n"
    path.write_text(text.replace("## Learnings\n\n- [None]\n", broken), encoding="utf-8")
    promote(bank, "activeContext.md#Learnings", "pattern", way, item="1")
    assert section("patterns.md#Common Gotchas") == ["- Redis drops idle connections: keepalive 60"]
    demote(bank, "patterns.md#Common Gotchas", "fixed in redis-py 5", way, item="1")
    assert section("patterns.md#Common Gotchas")[0].startswith("- ~~Redis drops idle connections: keepalive 60~~ →")


def test_what_hangs_below_a_line_is_not_lost(bank: BankFolder, way: Way, section: Callable[[str], list[str]]) -> None:
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    nested = "## Learnings\n\n- Redis drops connections\n  - seen on staging\n"
    path.write_text(text.replace("## Learnings\n\n- [None]\n", nested), encoding="utf-8")
    before = bytes_of(bank)
    with pytest.raises(ContractError, match="items below"):
        promote(bank, "activeContext.md#Learnings", "pattern", way, item="1")
    assert bytes_of(bank) == before
    promote(bank, "activeContext.md#Learnings", "pattern", way, item="1", keep=True)
    assert section("activeContext.md#Learnings")[1] == "  - seen on staging"
