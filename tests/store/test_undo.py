"""Undo by place: what a line is, and whose it is, is told by where it stands and never by its words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.cli.output import _changed_lines
from memorybank.document.edits import Append, Edit, ItemRef, RemoveItem, Replace, ReplaceItem, Tick
from memorybank.errors import NotFoundError, StaleEditError
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.log import journal_path, read_operations
from memorybank.store.journal.redo import redo, walk_back, walk_forward
from memorybank.store.journal.undo import last_standing, take_back, undo
from memorybank.store.manage.items import list_items, move_item
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.log import Operation

ACTIVE, LEARNINGS = "activeContext.md", "activeContext.md#Learnings"
LIKE_A_DATE = ["Store all times in UTC", "2026-11-21 05:30 UTC", "[None]", "[timestamp]"]


def edit(bank: BankFolder, way: Way, *edits: Edit, file: str = ACTIVE) -> Receipt:
    path, _ = bank.locate(file)
    return commit(bank, [FileChange(path, edits)], "edit", way)


def items(bank: BankFolder, address: str = LEARNINGS) -> list[str]:
    return [each.text for each in list_items(bank, address)]


def texts(bank: BankFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in bank.folder.glob("*.md")}


def by_hand(bank: BankFolder, change: Callable[[str], str], file: str = ACTIVE) -> None:
    """Save a file as a person with an editor would: not through our door."""
    path = bank.folder / file
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8", newline="")


# --- the date of the last update, and stand-ins, by their place


@pytest.mark.parametrize("words", LIKE_A_DATE)
def test_a_note_that_reads_like_a_date_or_a_stand_in_is_undone_after_another(
    bank: BankFolder, way: Way, words: str
) -> None:
    note(bank, "one", way)
    second = edit(bank, way, Append("Learnings", words, item=True)).operation
    edit(bank, way, Append("Learnings", "three", item=True))
    undo(bank, second, way)
    assert items(bank) == ["one", "three"]


@pytest.mark.parametrize("words", LIKE_A_DATE)
def test_a_receipt_shows_a_line_that_reads_like_a_date(bank: BankFolder, way: Way, words: str) -> None:
    note(bank, "other", way)
    (file,) = edit(bank, way, Append("Learnings", words, item=True)).files
    # what a template has in an empty section says nothing
    assert _changed_lines(file) == ([] if words.startswith("[") else [f"+ - {words}"])


def test_a_moved_line_that_reads_like_a_date_is_undone_in_both_files(bank: BankFolder, way: Way) -> None:
    note(bank, "Store all times in UTC", way)
    moved = move_item(bank, LEARNINGS, ItemRef(number=1), "patterns.md#Common Gotchas", way).operation
    note(bank, "next", way, kind="decision")
    note(bank, "gotcha", way, kind="gotcha")
    undo(bank, moved, way)
    assert items(bank) == ["Store all times in UTC"]
    assert items(bank, "patterns.md#Common Gotchas") == ["gotcha"]


@pytest.mark.parametrize("words", ["Keep it in UTC", "[None]"])
def test_a_replaced_item_comes_back_whatever_it_says(bank: BankFolder, way: Way, words: str) -> None:
    note(bank, "first", way)
    edit(bank, way, Append("Learnings", words, item=True))
    replaced = edit(bank, way, ReplaceItem("Learnings", ItemRef(text=words), "other")).operation
    note(bank, "last", way)
    undo(bank, replaced, way)
    assert items(bank) == ["first", words, "last"]


def test_words_that_follow_a_date_in_the_date_s_place_are_kept(bank: BankFolder, way: Way) -> None:
    by_hand(bank, lambda text: text[: text.index("## Last Updated")] + "## Last Updated\n\n2026-11-20 we moved house\n")
    note(bank, "one", way)
    note(bank, "two", way)
    text = (bank.folder / ACTIVE).read_text(encoding="utf-8")
    assert text.endswith("## Last Updated\n\n2026-11-21 05:30 UTC\n\n2026-11-20 we moved house\n")


def test_the_date_goes_back_only_when_nobody_set_it_since(bank: BankFolder, way: Way) -> None:
    before = (bank.folder / ACTIVE).read_text(encoding="utf-8")
    later = way._replace(author=way.author._replace(now=lambda: way.author.now().replace(hour=9)))
    one = note(bank, "one", later).operation
    by_hand(bank, lambda text: text.replace("# Active Context\n", "# Active Context\n\nmine\n"))
    undo(bank, one, way)
    assert (bank.folder / ACTIVE).read_text(encoding="utf-8").replace("\nmine\n", "", 1) == before
    two = note(bank, "two", later).operation
    note(bank, "three", way, kind="decision")
    undo(bank, two, way)
    assert "05:30 UTC" in (bank.folder / ACTIVE).read_text(encoding="utf-8")


@pytest.mark.parametrize("words", ["in UTC", "plain"])
def test_an_operation_that_an_older_program_wrote_down_is_undone(bank: BankFolder, way: Way, words: str) -> None:
    """Its changes have four parts: neither what they are, nor the section."""
    first = note(bank, words, way).operation
    second = note(bank, f"second {words}", way).operation
    rows = [json.loads(line) for line in journal_path(bank).read_text(encoding="utf-8").split("\n") if line]
    for file in (file for row in rows for file in row.get("files", ())):
        file["changes"] = [change[:4] for change in file["changes"]]
    journal_path(bank).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert read_operations(bank)[-1].receipt.files[0].changes[0].role is None
    by_hand(bank, lambda text: text.replace("# Active Context\n", "# Active Context\n\nmine\n"))
    undo(bank, second, way)
    assert items(bank) == [words]
    undo(bank, first, way)
    assert items(bank) == ["[None]"]


def test_a_stand_in_comes_back_when_the_last_of_several_is_undone(bank: BankFolder, way: Way) -> None:
    before = texts(bank)
    idents = [note(bank, word, way).operation for word in ("one", "two", "three")]
    for ident in (idents[0], idents[2], idents[1]):
        undo(bank, ident, way)
    assert items(bank) == ["[None]"]
    assert {name: text.replace(b"2026-11-21 05:30 UTC", b"") for name, text in texts(bank).items()} == {
        name: text.replace(b"2026-11-21 05:30 UTC", b"") for name, text in before.items()
    }


# --- whose a line is, by its place


def gone_by_operation(bank: BankFolder, way: Way) -> None:
    edit(bank, way, RemoveItem("Learnings", ItemRef(text="same line")))


def gone_by_hand(bank: BankFolder, way: Way) -> None:
    by_hand(bank, lambda text: text.replace("- same line\n", "- [None]\n"))


@pytest.mark.parametrize(
    ("gone", "section"),
    [(gone_by_operation, "Recent Changes"), (gone_by_operation, "Learnings"), (gone_by_hand, "Recent Changes")],
)
def test_a_line_that_is_gone_is_not_undone_elsewhere(
    bank: BankFolder, way: Way, gone: Callable[[BankFolder, Way], None], section: str
) -> None:
    first = note(bank, "same line", way).operation
    gone(bank, way)
    edit(bank, way, Append(section, "- same line"))
    before = texts(bank)
    with pytest.raises(StaleEditError) as caught:
        undo(bank, first, way)
    assert "-- same line" in str(caught.value.details["diff"])
    assert texts(bank) == before


def test_a_removed_line_comes_back_to_its_own_section_only(bank: BankFolder, way: Way) -> None:
    for kind in ("learning", "decision"):
        for words in ("above", "below"):
            note(bank, words, way, kind=kind)
    removed = edit(bank, way, RemoveItem("Decisions", ItemRef(text="below"))).operation
    by_hand(bank, lambda text: text.replace("# Active Context\n", "# Active Context\n\nmine\n"))
    undo(bank, removed, way)
    assert items(bank, "activeContext.md#Decisions") == ["above", "below"]
    assert items(bank) == ["above", "below"]


def test_equal_lines_of_one_section_are_told_apart(bank: BankFolder, way: Way) -> None:
    for words in ("same", "one", "same", "two"):
        edit(bank, way, Append("Learnings", words, item=True))
    third = edit(bank, way, Append("Learnings", "same", item=True)).operation
    by_hand(bank, lambda text: text.replace("- two\n", "- two, as I say\n"))
    edit(bank, way, Append("Learnings", "last", item=True))
    undo(bank, third, way)
    assert items(bank) == ["same", "one", "same", "two, as I say", "last"]


def test_a_line_below_a_renamed_heading_is_found(bank: BankFolder, way: Way) -> None:
    one = note(bank, "one", way).operation
    note(bank, "two", way)
    by_hand(bank, lambda text: text.replace("## Learnings\n", "## What we learned\n"))
    undo(bank, one, way)
    assert items(bank, "activeContext.md#What we learned") == ["two"]


def test_a_line_of_a_section_that_moved_is_found(bank: BankFolder, way: Way) -> None:
    one = note(bank, "one", way).operation
    note(bank, "two", way)

    def moved(text: str) -> str:
        start, end = text.index("## Learnings"), text.index("## References")
        return text[:start] + text[end:].rstrip() + "\n\n" + text[start:end]

    by_hand(bank, moved)
    undo(bank, one, way)
    assert items(bank) == ["two"]


def test_an_operation_whose_lines_came_back_is_undone(bank: BankFolder, way: Way) -> None:
    """What a later operation made of them was undone itself, after others had written as well."""
    edit(bank, way, Append("Next Steps", "[ ] other", item=True))
    one = edit(bank, way, Append("Next Steps", "[ ] ship it", item=True)).operation
    ticked = edit(bank, way, Tick("Next Steps", ItemRef(text="ship it"))).operation
    note(bank, "meanwhile", way)
    with pytest.raises(StaleEditError):
        undo(bank, one, way)
    undo(bank, ticked, way)
    undo(bank, one, way)
    assert items(bank, "activeContext.md#Next Steps") == ["other"]
    assert items(bank) == ["meanwhile"]


def test_lines_of_a_file_without_a_contract_are_known_by_their_place(bank: BankFolder, way: Way) -> None:
    (bank.folder / "notes.md").write_bytes(b"# N\n\n## A\n\n- in UTC\n\n## B\n\n- in UTC\n")
    removed = edit(bank, way, RemoveItem("A", ItemRef(number=1)), file="notes.md").operation
    edit(bank, way, Append("B", "more", item=True), file="notes.md")
    undo(bank, removed, way)
    assert (bank.folder / "notes.md").read_bytes() == b"# N\n\n## A\n\n- in UTC\n\n## B\n\n- in UTC\n- more\n"


def test_a_text_that_was_replaced_whole_is_undone_by_place(bank: BankFolder, way: Way) -> None:
    """Its receipt names the file and no section."""
    note(bank, "one", way)
    path = bank.folder / ACTIVE
    text = path.read_text(encoding="utf-8")
    whole = FileChange(path, text=text.replace("- one\n", "- one\n- same\n"), base=_digest(path))
    ident = commit(bank, [whole], "whole", way).operation
    note(bank, "same", way, kind="decision")
    undo(bank, ident, way)
    assert items(bank) == ["one"]
    assert items(bank, "activeContext.md#Decisions") == ["same"]


def _digest(path: Path) -> str:
    from memorybank.document.source import digest_of

    return digest_of(path.read_bytes())


# --- back and forth


def test_undo_walks_back_and_redo_forward(bank: BankFolder, way: Way) -> None:
    states = [texts(bank)]
    for words in ("one", "two", "three"):
        note(bank, words, way)
        states.append(texts(bank))
    for number in (2, 1, 0):
        undo(bank, "", way)
        assert texts(bank) == states[number]
    for number in (1, 2, 3):
        redo(bank, way)
        assert texts(bank) == states[number]
    undo(bank, "", way)
    assert texts(bank) == states[2]
    redo(bank, way)
    assert texts(bank) == states[3]
    with pytest.raises(NotFoundError, match="nothing to redo"):
        redo(bank, way)


def test_several_steps_at_once(bank: BankFolder, way: Way) -> None:
    before = texts(bank)
    idents = [note(bank, words, way).operation for words in ("one", "two", "three")]
    after = texts(bank)
    shown = walk_back(bank, 3, Way(way.author, WriteOptions(dry_run=True)))
    assert [each.undone for each in shown] == idents[::-1]
    assert "-- three" in shown[0].receipt.files[0].diff
    assert "-- one" in shown[0].receipt.files[0].diff
    assert texts(bank) == after
    assert [each.undone for each in walk_back(bank, 3, way)] == idents[::-1]
    assert texts(bank) == before
    assert "+- two" in walk_forward(bank, 2, Way(way.author, WriteOptions(dry_run=True)))[0].receipt.files[0].diff
    walk_forward(bank, 3, way)
    assert texts(bank) == after


def test_more_steps_than_there_are_do_nothing(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    before = texts(bank)
    with pytest.raises(NotFoundError, match="only 2 of 3 can be undone"):
        walk_back(bank, 3, way)
    assert texts(bank) == before
    undo(bank, "", way)
    with pytest.raises(NotFoundError, match="only 1 of 2 can be redone"):
        walk_forward(bank, 2, way)


def test_a_step_that_is_refused_names_those_that_were_done(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    by_hand(bank, lambda text: text.replace("- one\n", "- one, as I say\n"))
    two = note(bank, "two", way).operation
    with pytest.raises(StaleEditError) as caught:
        walk_back(bank, 2, way)
    assert caught.value.details["undone"] == [two]
    assert items(bank) == ["one, as I say"]


def test_after_a_new_write_there_is_nothing_to_redo_but_by_name(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    undone = undo(bank, "", way).receipt.operation
    note(bank, "two", way, kind="decision")
    with pytest.raises(NotFoundError, match="nothing to redo") as caught:
        redo(bank, way)
    assert caught.value.hint == f"bank undo {undone}"
    undo(bank, undone, way)
    assert items(bank) == ["one"]


def test_an_operation_that_is_undone_already_is_told_with_the_way_back(bank: BankFolder, way: Way) -> None:
    one = note(bank, "one", way).operation
    undone = undo(bank, one, way).receipt.operation
    with pytest.raises(StaleEditError) as caught:
        undo(bank, one, way)
    assert caught.value.hint == f"bank undo {undone}"


def test_a_redo_is_refused_when_its_lines_changed(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    edit(bank, way, Replace("Recent Changes", "- all new"))
    undo(bank, "", way)
    by_hand(bank, lambda text: text.replace("end -->\n\n- [None]\n", "end -->\n\n- mine\n", 1))
    before = texts(bank)
    with pytest.raises(StaleEditError):
        redo(bank, way)
    assert texts(bank) == before


def test_what_another_undid_meanwhile_is_not_undone_twice(bank: BankFolder, way: Way) -> None:
    """He who waits for the lock means the operation that he saw, and no other one."""
    note(bank, "one", way)
    note(bank, "two", way)
    with pytest.raises(StaleEditError) as caught:
        take_back(bank, lambda found: _while_another_undoes(bank, way, last_standing(found)), way)
    assert caught.value.hint.startswith("bank undo op-")
    assert items(bank) == ["one"]


def _while_another_undoes(bank: BankFolder, way: Way, chosen: Operation) -> Operation:
    undo(bank, "", way)
    return chosen
