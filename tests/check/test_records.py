"""`check` over records: each rule finds what it names, at its line, and nothing in a record as it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import lint
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import save
from memorybank.records.memories.relations import supersede
from memorybank.records.record import Link
from memorybank.records.templates import SHIPPED_TYPES, load_type

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


NEEDED = {"bug": {"severity": "low"}, "solution": {"category": "build"}}


def test_a_new_record_of_each_type_is_without_fault(bank: BankFolder, way: Way) -> None:
    for name in SHIPPED_TYPES:
        kind = load_type(bank, name)
        sections = [(each.name, "Words.") for each in kind.sections]
        content = "" if sections else "Words."
        if name != "paf":
            save(bank, NewRecord(content, kind=name, title="T", fields=NEEDED.get(name, {}), sections=sections), way)
    assert lint(bank) == []


@pytest.mark.parametrize(
    ("rule", "line", "old", "new"),
    [
        ("front-matter", 5, "status: accepted", "status: [accepted"),
        ("front-matter", 1, "\n---\n# ", "\n# "),
        ("record-type", 3, "type: decision", "type: decisions"),
        ("record-status", 4, "status: accepted", "status: done"),
        ("record-id", 2, "id: dec-", "id: dex-"),
        ("record-field", 5, "date: 2026-11-21", "date: someday"),
        ("record-section", 1, "## Decision\n", "## Decided\n"),
        ("record-link", 6, "relates: [dec-", "relates: [dex-"),
    ],
)
def test_each_rule_finds_its_fault(bank: BankFolder, way: Way, rule: str, line: int, old: str, new: str) -> None:
    one = save(bank, NewRecord("x", kind="decision"), way).record
    path = bank.folder / one.file
    text = (
        f"---\nid: {one.id}\ntype: decision\nstatus: accepted\ndate: 2026-11-21\nrelates: [{one.id}]\n---\n"
        "# T\n\n## Context\n\nx\n\n## Decision\n\nWords.\n"
    )
    path.write_text(text)
    assert lint(bank) == []
    assert old in text
    path.write_text(text.replace(old, new))
    found = [(each.rule, each.line) for each in lint(bank) if each.file == one.file]
    assert (rule, line) in found
    assert {each.rule for each in lint(bank, [one.file])} >= {rule}


def test_two_records_of_one_id_are_told(bank: BankFolder, way: Way) -> None:
    one = save(bank, NewRecord("x"), way).record
    path = bank.folder / one.file
    path.with_name(f"{one.id}-again.md").write_bytes(path.read_bytes())
    assert [each.rule for each in lint(bank)] == ["record-twin"]


def test_links_to_the_archive_files_and_the_web_are_sound(bank: BankFolder, way: Way) -> None:
    (bank.project / "docs").mkdir()
    (bank.project / "docs" / "note.md").write_text("# Note\n")
    links = [Link("see", "https://example.org/x"), Link("see", "docs/note.md#Note")]
    save(bank, NewRecord("x", links=links), way)
    assert lint(bank) == []


def test_a_required_field_that_is_gone_is_told(bank: BankFolder, way: Way) -> None:
    one = save(bank, NewRecord("It breaks", kind="bug", fields={"severity": "low"}), way).record
    path = bank.folder / one.file
    path.write_text(path.read_text().replace("severity: low\n", ""))
    assert [each.rule for each in lint(bank)] == ["record-field"]
    path.write_text(path.read_text().replace("status: open\n", "status: open\nseverity: huge\n"))
    assert [(each.rule, each.line) for each in lint(bank)] == [("record-field", 5)]


def test_a_template_that_cannot_be_understood_is_told(bank: BankFolder) -> None:
    own = bank.folder / "templates" / "records"
    own.mkdir(parents=True)
    (own / "recipe.md").write_text("# No front matter\n")
    assert [each.rule for each in lint(bank)] == ["config"]


def test_a_page_of_the_projects_own_is_no_record(bank: BankFolder) -> None:
    folder = bank.project / "docs" / "plans"
    folder.mkdir(parents=True)
    (folder / "2026-old.md").write_text("# A plan\n\nWords.\n")
    assert lint(bank) == []


def test_a_successor_that_its_predecessor_does_not_know_is_told(bank: BankFolder, way: Way) -> None:
    old = save(bank, NewRecord("x", kind="decision"), way).record.id
    record = save(bank, NewRecord("y", kind="decision"), way).record
    new, path = record.id, bank.folder / record.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("status: accepted\n", f"status: accepted\nsupersedes: [{old}]\n"), encoding="utf-8")
    found = lint(bank)
    assert [(each.rule, each.hint) for each in found] == [("record-successor", f"bank supersede {old} {new}")]
    supersede(bank, old, new, way)
    assert lint(bank) == []


@pytest.mark.parametrize(("tags", "found"), [((), 0), (("a",), 1), (("a", "b", "c"), 0), (tuple("abcdefg"), 0)])
def test_three_to_seven_tags_are_best(bank: BankFolder, way: Way, tags: tuple[str, ...], found: int) -> None:
    save(bank, NewRecord("WAL needs a local disk", tags=tags), way)
    assert len([each for each in lint(bank, notices=True) if each.rule == "tag-count"]) == found
    assert not [each for each in lint(bank) if each.rule == "tag-count"]


def test_the_tags_of_records_are_those_of_the_settings(bank: BankFolder, way: Way) -> None:
    saved = save(bank, NewRecord("WAL needs a local disk", tags=["sqlite", "nosuchtag"]), way).record
    assert not [each for each in lint(bank) if each.rule == "unknown-tag"]
    (bank.folder / "bank.toml").write_text('[check]\ntags = ["#SQLite", "api"]\n', encoding="utf-8")
    (found,) = [each for each in lint(bank) if each.rule == "unknown-tag"]
    assert (found.file, found.hint) == (saved.file, f"bank update {saved.id} --tags -nosuchtag")
    assert "'nosuchtag'" in found.message
    assert found in lint(bank, [saved.file])
