"""A status or severity of a tree is taken if its words are known as a whole; other words are kept and reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.module71.writer import export_tree
from memorybank.records.find import find_record, scan
from tests.exchange.making import make_tree, tree_at

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

HEAD = "# Design Decisions\n\n"


def taken(bank: BankFolder, folder: Path, way: Way, files: dict[str, str], kind: str) -> tuple[Record, ImportResult]:
    done = import_from(bank, "module71", make_tree(folder / "tree", files), way)
    assert done.unaccounted == ()
    ident = next(each.id for each in scan(bank, kinds=(kind,)).records)
    return find_record(bank, ident, kinds=(kind,)), done


@pytest.mark.parametrize(
    ("words", "status", "is_told"),
    [
        ("Accepted", "accepted", False),
        ("**accepted**", "accepted", False),
        ("Accepted (2025-01-07)", "accepted", False),
        ("Approved", "accepted", False),
        ("Pending", "proposed", False),
        ("Superseded by Decision 4", "superseded", False),
        ("Not accepted", "proposed", True),
        ("Accepted?", "proposed", True),
        ("accepted by nobody", "proposed", True),
        ("Rejected after a long talk", "proposed", True),
        ("Under review", "proposed", True),
    ],
)
def test_only_known_words_of_a_decision_are_its_status(
    bank: BankFolder, tmp_path: Path, way: Way, words: str, status: str, *, is_told: bool
) -> None:
    text = f"{HEAD}## Decision 001: Use it\n\n**Date:** 2025-01-07  \n**Status:** {words}\n\n### Decision\nYes.\n"
    record, done = taken(bank, tmp_path, way, {"decisions.md": text}, "decision")
    assert record.status == status
    assert [words in each.why for each in done.misfits] == [True] * is_told
    assert words in json.dumps(record.metadata) or words == "Accepted"
    export_tree(bank, tmp_path / "out")
    assert f"**Status:** {words}\n" in tree_at(tmp_path / "out")["decisions.md"].decode()


@pytest.mark.parametrize(
    ("words", "severity", "status", "told"),
    [
        ("**Severity:** High\n**Status:** In Progress", "high", "in-progress", []),
        ("**Severity:** Major\n**Status:** Won't fix", "high", "wontfix", []),
        ("**severity:** P1\n**Status:** Fixed", "medium", "fixed", ["its severity 'P1' is not known"]),
        ("**Severity:** highest\n**Status:** Fixed", "medium", "fixed", ["its severity 'highest' is not known"]),
        ("**Severity:** Low\n**Status:** Fixed in part", "low", "open", ["'Fixed in part' is no status of a bug"]),
        ("**Severity:** Low", "low", "open", ["no status, so it is open (1): bug_001.md"]),
        ("**Status:** Open", "medium", "open", ["no severity, so it is medium (1): bug_001.md"]),
    ],
)
def test_unknown_words_of_a_bug_are_kept_and_reported(
    bank: BankFolder, tmp_path: Path, way: Way, words: str, severity: str, status: str, told: list[str]
) -> None:
    text = f"# Bug #001: Slow\n\n**Date Reported:** 2025-01-07\n{words}\n\n## Description\nSlow.\n"
    record, done = taken(bank, tmp_path, way, {"bugs/bug_001.md": text}, "bug")
    assert (record.fields["severity"], record.status) == (severity, status)
    assert [each.why.startswith(why) for each, why in zip(done.misfits, told, strict=True)] == [True] * len(told)


def test_a_decision_without_a_status_and_date_has_none_of_our_making(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    record, done = taken(bank, tmp_path, way, {"decisions.md": f"{HEAD}## Decision 001: Use it\n\nYes.\n"}, "decision")
    assert (record.status, record.created, record.fields.get("date")) == ("proposed", "", None)
    assert [tuple(each) for each in done.misfits] == [
        ("decisions.md", "no date (1): Decision 001: Use it"),
        ("decisions.md", "no status, so it is proposed (1): Decision 001: Use it"),
    ]


def test_a_number_that_is_taken_is_reported(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    fields = "**Date:** 2025-01-07\n**Status:** Accepted"
    text = f"{HEAD}## Decision 003: One\n\n{fields}\n\n## Decision 003: Two\n\n{fields}\n"
    _, done = taken(bank, tmp_path, way, {"decisions.md": text}, "decision")
    assert [tuple(each) for each in done.misfits] == [
        ("decisions.md#Decision 003: Two", "its number 003 is that of an earlier decision: it has the number 4")
    ]


def test_text_outside_of_the_entries_is_a_fact(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    text = "# Our decisions\n\nHow we decide.\n\n## Decision 001: Use it\n\nYes.\n"
    fact, _ = taken(bank, tmp_path, way, {"decisions.md": text}, "fact")
    assert (fact.title, fact.content) == ("Our decisions", "How we decide.")


def test_text_above_the_heading_of_a_bug_and_empty_sections_stay(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    text = "From the tracker.\n\n# Bug #001: Slow\n\n## Description\nSlow.\n\n## Root Cause\n\n## Fix\nFast.\n"
    bug, _ = taken(bank, tmp_path, way, {"bugs/bug_001.md": text}, "bug")
    assert bug.content == "From the tracker.\n\n## Description\n\nSlow.\n\n## Root Cause\n\n## Fix\n\nFast."


def test_a_bug_without_a_heading_has_the_name_of_its_file(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    bug, done = taken(bank, tmp_path, way, {"bugs/bug_007.md": "It is slow.\n"}, "bug")
    assert (bug.title, bug.content, bug.fields["number"]) == ("bug_007", "It is slow.", 7)
    assert done.misfits[0] == ("bugs/bug_007.md", "it has no heading: its title is the name of the file")


def test_not_a_number_and_a_repeated_name_of_a_session_stay(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    text = '{"session_id": "s", "start_time": "2025-01-07T10:00:00Z", "goal": "A", "goal": "B", "score": NaN}'
    session, _ = taken(bank, tmp_path, way, {"sessions/s.json": text}, "session")
    kept = session.metadata["module71_kept"]
    assert isinstance(kept, dict)
    assert (kept["score"]["was"], kept["goal_2"]["was"]) == ("NaN", "B")
