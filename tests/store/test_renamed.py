"""A heading that was renamed by hand: no second section is made beside it, and the way on is a command that works."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import fix, lint
from memorybank.document.addresses import parse_address
from memorybank.document.edits import InsertSection, ItemRef, RemoveSection, RenameSection
from memorybank.errors import ContractError, NoAnchorError
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.undo import undo
from memorybank.store.manage.items import list_items, move_item
from memorybank.store.manage.migrate import migrate
from memorybank.workflow.ladder.promote import promote
from memorybank.workflow.lines.note import focus, note
from memorybank.workflow.lines.rotate import rotate
from memorybank.workflow.progress.tasks import finish_task, list_tasks
from tests.running import bank as run

if TYPE_CHECKING:
    from memorybank.document.edits import Edit
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

ACTIVE, PATTERNS, PROGRESS = "activeContext.md", "patterns.md", "progress.md"


def text_of(bank: BankFolder, file: str) -> str:
    return (bank.folder / file).read_text(encoding="utf-8")


def rename(bank: BankFolder, file: str, old: str, new: str) -> None:
    """Rename a heading as an editor would."""
    text = text_of(bank, file)
    found = re.search(rf"^## {re.escape(old)}\b.*$", text, re.MULTILINE)
    assert found, old
    (bank.folder / file).write_text(text[: found.start()] + new + text[found.end() :], encoding="utf-8")


def headings(bank: BankFolder, file: str) -> list[str]:
    return [line for line in text_of(bank, file).split("\n") if line.startswith("#")]


def edited(bank: BankFolder, file: str, edit: Edit, way: Way) -> None:
    path, _ = bank.existing(file)
    commit(bank, [FileChange(path, (edit,))], "edit", way)


def rules_of(bank: BankFolder) -> list[str]:
    return [each.rule for each in lint(bank)]


DECORATED = ["## 🧭 {}", "## 4. {}", "## {}:", "## **{}**", "## {} (open)", "## {} ##", "## {} ✅", "## `{}` (2/7)"]


@pytest.mark.parametrize("form", DECORATED)
@pytest.mark.parametrize(
    ("kind", "file", "name"),
    [("learning", ACTIVE, "Learnings"), ("gotcha", PATTERNS, "Common Gotchas"), ("task", PROGRESS, "Tasks")],
)
def test_a_decorated_section_is_the_same_section(
    bank: BankFolder, way: Way, form: str, kind: str, file: str, name: str
) -> None:
    note(bank, "first", way, kind=kind)
    rename(bank, file, name, form.format(name))
    before = headings(bank, file)
    done = note(bank, "second", way, kind=kind)
    assert headings(bank, file) == before
    assert [each.text for each in list_items(bank, f"{file}#{name}")] == ["first", "second"]
    address = done.files[0].sections[0][0]
    assert [each.text for each in list_items(bank, address)] == ["first", "second"]


def test_tasks_below_a_decorated_heading_are_all_there(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way, kind="task")
    rename(bank, PROGRESS, "Tasks", "## 🚧 Tasks (now):")
    note(bank, "two", way, kind="task")
    finish_task(bank, ItemRef(text="one"), way)
    assert [each.text for each in list_tasks(bank) if not each.done] == ["two"]


def test_rules_of_a_section_hold_for_its_decorated_heading_too(bank: BankFolder, way: Way) -> None:
    rename(bank, ACTIVE, "Learnings", "## 💡 Learnings")
    with pytest.raises(ContractError):
        edited(bank, ACTIVE, RemoveSection("💡 Learnings"), way)
    for number in range(22):
        note(bank, f"n{number}", way)
    assert rotate(bank, way).sections[0].moved_count == 2
    assert headings(bank, ACTIVE).count("## 💡 Learnings") == 1


def test_a_line_is_moved_and_promoted_into_a_decorated_section(bank: BankFolder, way: Way) -> None:
    rename(bank, PATTERNS, "Common Gotchas", "## 🪤 Common Gotchas")
    for text in ("one trap", "two traps"):
        note(bank, text, way)
    move_item(bank, f"{ACTIVE}#Learnings", ItemRef(text="one trap"), f"{PATTERNS}#Common Gotchas", way)
    promote(bank, "two traps", "pattern", way)
    assert [each.text for each in list_items(bank, f"{PATTERNS}#Common Gotchas")] == ["one trap", "two traps"]


RENAMED = [
    ("learning", ACTIVE, "Learnings", "Lessons learned"),
    ("learning", ACTIVE, "Learnings", "Learnngs"),
    ("learning", ACTIVE, "Learnings", "Was wir gelernt haben"),
    ("decision", ACTIVE, "Decisions", "Decision log"),
    ("change", ACTIVE, "Recent Changes", "What changed"),
    ("gotcha", PATTERNS, "Common Gotchas", "Gotcha list"),
    ("standard", PATTERNS, "User Standards", "Team standards"),
    ("task", PROGRESS, "Tasks", "Task board"),
    ("done", PROGRESS, "Completed", "Erledigt"),
    ("verification", PROGRESS, "Verification", "Verified by"),
]


@pytest.mark.parametrize(("kind", "file", "name", "new"), RENAMED)
def test_no_second_section_is_made_beside_a_renamed_one(
    bank: BankFolder, way: Way, kind: str, file: str, name: str, new: str
) -> None:
    note(bank, "first", way, kind=kind)
    rename(bank, file, name, f"## {new}")
    text = text_of(bank, file)
    with pytest.raises(NoAnchorError) as caught:
        note(bank, "second", way, kind=kind)
    assert caught.value.details["near"] == [new]
    assert text_of(bank, file) == text
    assert "renamed-section" in rules_of(bank)
    words = shlex.split(caught.value.hint)
    assert words[0] == "bank"
    run(bank.project, *words[1:])
    note(bank, "second", way, kind=kind)
    kept = [each.text.partition("] ")[2] or each.text for each in list_items(bank, f"{file}#{name}")]
    assert kept == ["first", "second"]
    assert rules_of(bank) == []


@pytest.mark.parametrize(("kind", "file", "name", "new"), RENAMED)
def test_a_heading_that_is_a_subject_of_its_own_can_be_left(
    bank: BankFolder, way: Way, kind: str, file: str, name: str, new: str
) -> None:
    rename(bank, file, name, f"## {new}")
    with pytest.raises(NoAnchorError) as caught:
        note(bank, "second", way, kind=kind)
    accept = str(caught.value.details["accept"])
    assert accept in caught.value.message
    done = run(bank.project, *shlex.split(accept)[1:])
    assert done.returncode == 0, done.stderr
    note(bank, "second", way, kind=kind)
    assert headings(bank, file).count(f"## {new}") == 1
    assert len(list_items(bank, f"{file}#{name}")) == 1


def test_the_focus_is_not_written_beside_a_renamed_one(bank: BankFolder, way: Way) -> None:
    rename(bank, ACTIVE, "Current Focus", "## Focus of the week")
    with pytest.raises(NoAnchorError):
        focus(bank, "the writer", way)


def test_a_renamed_date_does_not_hold_up_an_edit_and_gets_no_twin(bank: BankFolder, way: Way) -> None:
    rename(bank, ACTIVE, "Last Updated", "## Last update")
    note(bank, "one", way)
    assert "## Last Updated" not in text_of(bank, ACTIVE)
    assert rules_of(bank) == ["renamed-section"]


def test_a_heading_of_the_wrong_level_is_named(bank: BankFolder, way: Way) -> None:
    rename(bank, ACTIVE, "Learnings", "# Learnings")
    with pytest.raises(NoAnchorError):
        note(bank, "one", way)
    fix(bank, lint(bank), way)
    note(bank, "one", way)
    assert rules_of(bank) == []


def test_a_section_that_is_missing_among_others_of_ones_own_is_put_back(bank: BankFolder, way: Way) -> None:
    """A heading in another place, of other words, is a subject of its own."""
    text = (
        text_of(bank, ACTIVE)
        .replace("## Learnings\n\n- [None]\n\n", "")
        .replace("## Last", "## Seats\n\n- 4\n\n## Last")
    )
    (bank.folder / ACTIVE).write_text(text, encoding="utf-8")
    done = note(bank, "one", way)
    assert done.files[0].healed == ("Learnings",)
    assert rules_of(bank) == ["foreign-section"]


def test_fix_gives_a_heading_its_name_back_and_undo_takes_that_back(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    rename(bank, ACTIVE, "Learnings", "## 2) Lessons learned")
    rename(bank, ACTIVE, "Recent Changes", "## 🔁 Recent Changes")
    before = text_of(bank, ACTIVE)
    fix(bank, lint(bank), way)
    assert "## Learnings\n\n- one\n" in text_of(bank, ACTIVE)
    assert "## Recent Changes <!-- SNAPSHOT" in text_of(bank, ACTIVE)
    assert rules_of(bank) == []
    undo(bank, "", way)
    assert text_of(bank, ACTIVE) == before


@pytest.mark.parametrize(
    ("file", "name", "new"),
    [
        ("progress.md", "Tasks", "Cancelled Tasks"),
        ("progress.md", "Tasks", "Tasks for next year"),
        ("activeContext.md", "Decisions", "Rejected Decisions"),
        ("activeContext.md", "Learnings", "Learnings (old)"),
        ("activeContext.md", "Learnings", "Learnings archive"),
    ],
)
def test_fix_renames_nothing_whose_words_say_more(bank: BankFolder, way: Way, file: str, name: str, new: str) -> None:
    rename(bank, file, name, f"## {new}")
    before = text_of(bank, file)
    findings = lint(bank, [file])
    assert any(new in each.message or "bank edit" in each.hint for each in findings)
    fix(bank, findings, way)
    assert text_of(bank, file) == before


def test_fix_renames_nothing_that_could_be_two_things(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    rename(bank, ACTIVE, "Learnings", "## Lessons learned\n\n- two\n\n## Learned the hard way")
    before = text_of(bank, ACTIVE)
    with pytest.raises(NoAnchorError) as caught:
        note(bank, "three", way)
    assert caught.value.details["near"] == ["Lessons learned", "Learned the hard way"]
    assert fix(bank, lint(bank), way) is None
    assert text_of(bank, ACTIVE) == before
    assert rules_of(bank) == ["renamed-section", "renamed-section"]


def test_two_that_are_alike_but_for_decoration_are_refused_and_told(bank: BankFolder, way: Way) -> None:
    rename(bank, PROGRESS, "Tasks", "## 🚧 Tasks\n\n- [ ] a\n\n## Tasks:")
    done = run(bank.project, "task", "add", "b")
    assert done.returncode in {3, 4}
    assert "🚧 Tasks" in done.stderr
    assert "duplicate-section" in rules_of(bank)


def test_a_decorated_twin_is_told_and_goes_when_it_is_empty(bank: BankFolder, way: Way) -> None:
    rename(bank, PROGRESS, "Tasks", "## 🚧 Tasks\n\n- [ ] a\n\n## Tasks")
    note(bank, "b", way, kind="task")
    assert [each.text for each in list_items(bank, f"{PROGRESS}#Tasks")] == ["b"]
    assert rules_of(bank) == ["duplicate-section"]
    with pytest.raises(ContractError):
        edited(bank, PROGRESS, RemoveSection("🚧 Tasks"), way)
    move_item(bank, f"{PROGRESS}#🚧 Tasks", ItemRef(number=1), f"{PROGRESS}#Tasks", way)
    edited(bank, PROGRESS, RemoveSection("🚧 Tasks"), way)
    assert rules_of(bank) == []


def test_migrate_makes_no_section_beside_a_renamed_one(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    rename(bank, ACTIVE, "Learnings", "## Lessons learned")
    rename(bank, ACTIVE, "References", "## 📎 Plan Reference")
    done = migrate(bank, way)
    assert "## Learnings" not in text_of(bank, ACTIVE)
    assert any("Lessons learned" in each for each in done.unchanged)
    assert "## References" in text_of(bank, ACTIVE)
    assert "Plan Reference" not in text_of(bank, ACTIVE)


def test_a_memory_file_takes_no_other_names(bank: BankFolder, way: Way) -> None:
    for edit in (
        RenameSection("Learnings", "Lessons"),
        RenameSection("Learnings", "Decisions"),
        InsertSection("Learnings", "Seats"),
        InsertSection("Learnings", "Decisions"),
    ):
        with pytest.raises(ContractError):
            edited(bank, ACTIVE, edit, way)


def test_the_command_renames_sections_of_any_document(bank: BankFolder) -> None:
    page = bank.project / "docs/api.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("# API\n\n## Errors\n\n- 409\n", encoding="utf-8")
    assert run(bank.project, "edit", "docs/api.md#Errors", "--rename", "Failures").returncode == 0
    assert page.read_text(encoding="utf-8") == "# API\n\n## Failures\n\n- 409\n"
    assert run(bank.project, "edit", "docs/api.md#Errors", "--rename", "X").returncode == 3
    assert run(bank.project, "undo").returncode == 0
    assert page.read_text(encoding="utf-8") == "# API\n\n## Errors\n\n- 409\n"
    assert parse_address("docs/api.md#Errors").section == "Errors"


def test_a_line_is_taken_back_from_a_section_that_was_decorated_since(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    note(bank, "two", way)
    rename(bank, ACTIVE, "Learnings", "## 💡 Learnings:")
    undo(bank, "", way)
    assert "- two" not in text_of(bank, ACTIVE)
    assert "## 💡 Learnings:\n\n- one\n" in text_of(bank, ACTIVE)


def test_a_line_is_taken_back_from_a_section_that_got_its_name_back_since(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    rename(bank, ACTIVE, "Learnings", "## 💡 Learnings:")
    done = note(bank, "two", way)
    fix(bank, lint(bank), way)
    undo(bank, done.operation, way)
    assert "## Learnings\n\n- one\n" in text_of(bank, ACTIVE)
