"""A status or severity of a tree is taken if its words are known as a whole; other words are kept and reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.exchange.formats import import_from
from memorybank.exchange.module71.writer import export_tree
from memorybank.records.find import find_record, scan
from memorybank.records.memories.relations import deprecate
from tests.exchange.making import make_tree, tree_at
from tests.running import new_bank

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


FORMS = {
    "plain": "Status: Rejected",
    "item": "- Status: Rejected",
    "bold item": "* **Status:** Rejected",
    "mark outside": "**Status**: Rejected",
    "bold as a whole": "**Status: Rejected**",
    "underscores": "__Status:__ *Rejected*",
    "line break": "Status: Rejected\\",
    "html line break": "Status: Rejected<br>",
    "in one line": "**Date:** 2025-01-07 | **Status:** Rejected",
    "behind another field": "**Date:** 2025-01-07  \n- Status: REJECTED",
    "with a blank line": "**Date:** 2025-01-07\n\n**Status:** Rejected",
    "below a text": "We talked.\n\nStatus: Rejected\n\nYes.",
    "quote": "> **Status:** Rejected",
    "table": "| Field | Value |\n| --- | --- |\n| Status | Rejected |",
    "section": "### Status\n\nRejected\n\n### Context\n\nOld.",
    "section with an item": "### Status:\n\n- **Rejected** (2025-01-07)\n- by Ann",
    "heading": "### Status: Rejected\n\nBy Ann.",
    "sentence goes on": "Status: Rejected\nwhich was hard.",
    "a sign": "Status: \U0001f534 Rejected",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_status_of_a_decision_is_known_in_each_form(bank: BankFolder, tmp_path: Path, way: Way, text: str) -> None:
    files = {"decisions.md": f"{HEAD}## Decision 001: Use it\n\n{text}\n\nThe end.\n"}
    record, done = taken(bank, tmp_path, way, files, "decision")
    assert record.status == "rejected"
    assert not [each for each in done.misfits if "status" in each.why]
    assert "The end." in record.content
    again = new_bank(tmp_path / "again")
    export_tree(bank, tmp_path / "out")
    texts = {name: data.decode() for name, data in tree_at(tmp_path / "out").items()}
    copy, _ = taken(again, tmp_path / "again", way, texts, "decision")
    assert (copy.status, copy.content) == (record.status, record.content)
    export_tree(again, tmp_path / "out again")
    assert tree_at(tmp_path / "out again") == tree_at(tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- Status: Under review", "'Under review' is no status"),
        ("### Status\n\nUnder review\n", "'Under review' is no status"),
        ("Status: Accepted\n\n### Status\n\nAccepted?", ""),
        ("We talked.\n\nStatus: Accepted\n\n### Status\n\nRejected", "'Accepted; Rejected' is no status"),
        ("We talked.\n\n```\nStatus: Accepted\n```", "no status, so it is proposed"),
        ("We talked.\n\n<!-- Status: Accepted -->", "no status, so it is proposed"),
        ("We talked.\n\nIts status: accepted", "no status, so it is proposed"),
    ],
)
def test_no_status_is_guessed(bank: BankFolder, tmp_path: Path, way: Way, text: str, told: str) -> None:
    files = {"decisions.md": f"{HEAD}## Decision 001: Use it\n\n**Date:** 2025-01-07\n\n{text}\n"}
    record, done = taken(bank, tmp_path, way, files, "decision")
    assert record.status == ("proposed" if told else "accepted")
    assert [told in each.why for each in done.misfits] == [True] * bool(told)


def test_the_fields_of_a_bug_are_known_in_other_forms(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    head = "- Date: 2025-01-07\n- Reported By: Ada\n- Severity: P1\n\n| | |\n| --- | --- |\n| Severity | High |"
    text = f"---\nstatus: wontfix\n---\n# Bug #001: Slow\n\n{head}\n\n## Description\n\nSlow.\n"
    bug, done = taken(bank, tmp_path, way, {"bugs/bug_001.md": text}, "bug")
    assert (bug.status, bug.created, bug.fields["reported_by"]) == ("wontfix", "2025-01-07T00:00:00Z", "Ada")
    # the severity at the start counts, and is not known
    assert bug.fields["severity"] == "medium"
    assert [each.why[:27] for each in done.misfits] == ["its severity 'P1' is not kn"]


@pytest.mark.parametrize(
    ("line", "status", "told"),
    [
        ("**Status:** Deprecated", "deprecated", []),
        ("Status: obsolete", "deprecated", []),
        ("**Status:** Active", "active", []),
        ("### Status\nsuperseded", "superseded", []),
        ("- Status: Applied", "active", ["'Applied' is no status of a learning"]),
        ("", "active", []),
    ],
)
def test_a_learning_has_the_status_that_it_names(
    bank: BankFolder, tmp_path: Path, way: Way, line: str, status: str, told: list[str]
) -> None:
    text = f"# Lessons Learned\n\n## 2025-01-07: Measure\n\n{line}\n\n**Lesson:**\nMeasure first.\n"
    record, done = taken(bank, tmp_path, way, {"learnings.md": text}, "learning")
    assert record.status == status
    assert [why in each.why for each, why in zip(done.misfits, told, strict=True)] == [True] * len(told)
    export_tree(bank, tmp_path / "out")
    shown = tree_at(tmp_path / "out")
    words = line.rpartition(":")[2].strip("* ")
    assert (f"**Status:** {words}\n" in shown["learnings.md"].decode()) == (bool(line) and "###" not in line)
    again = new_bank(tmp_path / "again")
    texts = {name: data.decode() for name, data in shown.items()}
    copy, told_again = taken(again, tmp_path / "again", way, texts, "learning")
    assert (copy.status, told_again.misfits) == (status, ())
    export_tree(again, tmp_path / "out again")
    assert tree_at(tmp_path / "out again") == shown


def test_a_learning_whose_status_changed_is_exported_with_the_new_one(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    text = "# Lessons Learned\n\n## 2025-01-07: Measure\n\n**Status:** In use\n\nMeasure first.\n"
    record, _ = taken(bank, tmp_path, way, {"learnings.md": text}, "learning")
    deprecate(bank, record.id, way)
    export_tree(bank, tmp_path / "out")
    assert "**Status:** Deprecated\n" in tree_at(tmp_path / "out")["learnings.md"].decode()
