"""`bank show NAME`, `bank plan list|show`, `bank log` without text: reading without knowing addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("decisions", "activeContext.md#Decisions"),
        ("decision", "activeContext.md#Decisions"),
        ("DECISIONS", "activeContext.md#Decisions"),
        ("recent changes", "activeContext.md#Recent Changes"),
        ("gotcha", "patterns.md#Common Gotchas"),
        ("gotchas", "patterns.md#Common Gotchas"),
        ("common gotchas", "patterns.md#Common Gotchas"),
        ("focus", "activeContext.md#Current Focus"),
        ("standards", "patterns.md#User Standards"),
        ("tasks", "progress.md#Tasks"),
        ("completed", "progress.md#Completed"),
        ("patterns", "patterns.md"),
        ("activeContext", "activeContext.md"),
        ("active context", "activeContext.md"),
    ],
)
def test_a_section_is_shown_by_its_plain_name(bank: Run, words: str, address: str) -> None:
    ended = bank("show", *words.split())
    assert ended.status == 0, ended
    assert ended.err.startswith(f"{address} @")
    assert bank("show", words, "--json").data["address"] == address


def test_a_name_of_several_sections_lists_their_addresses(bank: Run) -> None:
    ended = bank("show", "last", "updated")
    assert ended.status == 4
    for file in ("activeContext.md", "patterns.md", "progress.md"):
        assert f"{file}#Last Updated" in ended.err
    assert ended.err.rstrip().endswith("next: bank show 'activeContext.md#Last Updated'")


def test_a_name_that_nothing_has_is_answered_with_similar_ones(bank: Run) -> None:
    ended = bank("show", "decisons")
    assert ended.status == 3
    assert "did you mean 'Decisions'" in ended.err


def test_an_address_is_never_taken_for_a_name(bank: Run, project: Path) -> None:
    assert "file not found: decisions.md" in bank("show", "decisions.md").err
    (project / "decisions").write_text("# A file\n", encoding="utf-8")
    assert bank("show", "decisions").out == "# A file\n"


def test_writing_needs_the_address(bank: Run) -> None:
    assert bank("edit", "decisions", "--append", "x").status == 3


def test_a_type_lists_its_records_and_an_id_prints_one(bank: Run) -> None:
    ident = bank("save", "The API answers 429", "--type", "fact", "--json").data["record"]["id"]
    for word in ("fact", "facts"):
        assert ident in bank("show", word).out
    assert "The API answers 429" in bank("show", ident).out
    assert bank("show", ident, "--json").data["record"]["id"] == ident
    assert bank("show", "facts", "--json").data["count"] == 1


def test_plans_are_listed_newest_first_and_shown_by_words(bank: Run, project: Path) -> None:
    assert bank("plan", "list").err == "no plans yet: bank plan new TITLE\n"
    bank("plan", "new", "Search", "over", "sessions")
    folder = project / "docs" / "plans"
    (folder / "2020-01-01-old.md").write_text("---\ntype: plan\ndate: 2020-01-01\n---\n# Old one\n", encoding="utf-8")
    rows = bank("plan", "list").out.split("\n")
    assert rows[0] == "  1 Search over sessions  (proposed)"
    assert rows[1].startswith("    docs/plans/")
    assert rows[2] == "  2 Old one"
    listed = bank("plan", "list", "--json").data
    assert listed["count"] == 2
    assert [each["title"] for each in listed["documents"]] == ["Search over sessions", "Old one"]
    for words in (("2",), ("old", "one"), ("Old",), ("2020-01-01-old",), ("docs/plans/2020-01-01-old.md",)):
        shown = bank("plan", "show", *words)
        assert shown.out.endswith("# Old one\n"), words


def test_words_of_several_plans_list_them(bank: Run) -> None:
    bank("plan", "new", "Search over sessions")
    bank("plan", "new", "Search over groups")
    ended = bank("plan", "show", "search")
    assert ended.status == 4
    assert "search-over-sessions.md" in ended.err
    assert "search-over-groups.md" in ended.err
    assert "next: bank plan show docs/plans/" in ended.err
    assert bank("plan", "show", "groups").status == 0


def test_research_is_read_in_the_same_way(bank: Run) -> None:
    bank("research", "new", "SQLite on network disks")
    assert "SQLite on network disks" in bank("research", "list").out
    assert "# SQLite on network disks" in bank("research", "show", "network").out
    assert bank("research", "list", "--json").data["count"] == 1


def test_the_log_is_read_without_a_text(bank: Run, project: Path) -> None:
    assert bank("log").err == "the development log is empty: bank log TEXT adds an entry\n"
    assert not (project / ".memorybank" / "development_log.md").exists()
    bank("log", "First", "-b", "one", "-b", "two")
    bank("log", "Second # with a mark")
    lines = bank("log").out.split("\n")
    assert lines[0].endswith("  Second # with a mark")
    assert lines[1].endswith("  First")
    assert lines[2:4] == ["  - one", "  - two"]
    short = bank("log", "--limit", "1")
    assert short.err == "1 more; --limit 2 shows all\n"
    page = bank("log", "--limit", "1", "--json").data
    assert (page["count"], page["total"]) == (1, 2)
    assert page["entries"][0]["title"] == "Second # with a mark"


def test_a_log_that_a_person_wrote_is_read_too(bank: Run, project: Path) -> None:
    path = project / ".memorybank" / "development_log.md"
    path.write_text("# Log\n\n## 2026-11-20\n\n### Afternoon\n\nText.\n\n- a\n", encoding="utf-8")
    assert bank("log").out == "2026-11-20  Afternoon\n  - a\n"


@pytest.mark.parametrize(
    ("words", "step"),
    [
        (("edit", "decisions", "--append", "- x"), "bank edit 'activeContext.md#Decisions' --append '- x'"),
        (("item", "remove", "learnings", "1"), "bank item remove 'activeContext.md#Learnings' 1"),
        (("item", "replace", "learning", "1", "new"), "bank item replace 'activeContext.md#Learnings' 1 new"),
        (("item", "move", "tasks", "1", "--to", "x"), "bank item move 'progress.md#Tasks' 1 --to x"),
        (("note", "Offsets", "--to", "gotchas"), "bank note Offsets --to 'patterns.md#Common Gotchas'"),
        (
            ("item", "move", "progress.md#Tasks", "1", "--to", "completed"),
            "bank item move 'progress.md#Tasks' 1 --to 'progress.md#Completed'",
        ),
    ],
)
def test_a_write_by_a_plain_name_is_refused_with_the_address(
    bank: Run, project: Path, words: tuple[str, ...], step: str
) -> None:
    before = {path: path.read_bytes() for path in (project / ".memorybank").glob("*.md")}
    ended = bank(*words)
    assert (ended.status, ended.err.split("\n")[1]) == (3, f"  next: {step}")
    assert bank(*words, "--json").data["error"]["hint"] == step
    assert {path: path.read_bytes() for path in before} == before


def test_a_section_without_its_file_is_shown(bank: Run) -> None:
    assert bank("show", "#Decisions").out == bank("show", "activeContext.md#Decisions").out != ""
    assert bank("show", "#").status != 0


def test_items_are_listed_by_a_plain_name(bank: Run) -> None:
    bank("note", "Offsets are bytes")
    assert bank("item", "list", "learnings").out == "  1 Offsets are bytes\n"
    assert bank("item", "list", "learnings", "--json").data["items"][0]["text"] == "Offsets are bytes"
    assert "activeContext.md#Learnings" not in bank("item", "list", "lernings").out


@pytest.mark.parametrize(
    ("name", "step"), [("log", "bank log"), ("development log", "bank log"), ("checkpoints", "bank checkpoint list")]
)
def test_a_name_that_a_command_prints_leads_to_it(bank: Run, name: str, step: str) -> None:
    ended = bank("show", name)
    assert (ended.status, ended.err.split("\n")[1]) == (3, f"  next: {step}")
    assert bank(*step.split()[1:]).status == 0
