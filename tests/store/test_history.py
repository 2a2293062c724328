"""The journal: undo, history, blame, what a crash leaves, and what is kept how long."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.check.lint import lint
from memorybank.document.edits import Append, Edit, InsertSection, ItemRef, RemoveItem, Replace, SetField, Tick
from memorybank.document.source import digest_of
from memorybank.document.trail import changes_between, reverse
from memorybank.errors import BankError, NoRecordError, NotFoundError, StaleEditError
from memorybank.files import write
from memorybank.store.folder import BankFolder
from memorybank.store.journal import log as journal
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.history import blame, history
from memorybank.store.journal.log import changes_of, find_operation, journal_path, read_operations
from memorybank.store.journal.redo import redo
from memorybank.store.journal.undo import undo
from memorybank.store.manage.items import list_items, move_item
from memorybank.store.manage.migrate import migrate
from memorybank.store.view import status_of
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import focus, note
from memorybank.workflow.progress.documents import new_document

if TYPE_CHECKING:
    from pathlib import Path


STAMP = b"2026-11-21 05:30 UTC"


def texts(bank: BankFolder) -> dict[str, bytes]:
    """Read every Markdown file of the bank and its project."""
    found = {path.name: path.read_bytes() for path in bank.folder.glob("*.md")}
    found.update({str(path.relative_to(bank.project)): path.read_bytes() for path in bank.project.glob("docs/**/*.md")})
    return found


def edit(bank: BankFolder, way: Way, *edits: Edit, file: str = "notes.md") -> str:
    path, _ = bank.locate(file)
    return commit(bank, [FileChange(path, edits)], "edit", way).operation


ODD = [
    b"# N\n\n## A\n\n- one\n- two\n\n## B\n\ntext\n",
    b"# N\r\n\r\n## A\r\n\r\n- one\r\n- two\r\n\r\n## B\r\n\r\ntext\r\n",
    b"# N\r\r## A\r\r- one\r- two\r\r## B\r\rtext\r",
    b"\xef\xbb\xbf# N\n\n## A\n\n- one\n- two\n\n## B\n\ntext",
    b"# N\n\n## A\r\n\r\n- one\r\n- two\n\n## B\r\rcaf\xe9\n",
    b"---\nx: 1 # c\n---\n# N\n\n## A <!-- c -->\n\n- one\n- two\n\nB\n-\ntext",
]
EDITS: list[Edit] = [
    Append("A", "zebra", item=True),
    Append("B", "zebra\nstripes"),
    Append("A", "zebra", item=True, at_top=True),
    Replace("A", "other"),
    Replace("B", ""),
    InsertSection("A", "New", "body"),
    RemoveItem("A", ItemRef(text="one")),
    Tick("A", ItemRef(text="two"), suffix="exit 0", add_box=True),
    SetField("x", "2"),
]


@pytest.mark.parametrize("data", ODD, ids=ascii)
@pytest.mark.parametrize("one", EDITS, ids=lambda each: type(each).__name__)
def test_undo_gives_the_very_bytes_back(bank: BankFolder, way: Way, data: bytes, one: Edit) -> None:
    (bank.folder / "notes.md").write_bytes(data)
    ident = edit(bank, way, one)
    after = (bank.folder / "notes.md").read_bytes()
    assert after != data
    undone = undo(bank, "", way)
    assert undone.undone == ident
    assert (bank.folder / "notes.md").read_bytes() == data
    redo(bank, way)
    assert (bank.folder / "notes.md").read_bytes() == after


def test_undo_takes_the_last_or_the_named(bank: BankFolder, way: Way) -> None:
    first = note(bank, "one", way).operation
    note(bank, "two", way)
    undo(bank, first, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["two"]


@pytest.mark.parametrize("part", [slice(None), slice(-5, None), slice(0, 17)], ids=["whole", "ending", "beginning"])
def test_an_operation_is_named_by_enough_of_its_id(bank: BankFolder, way: Way, part: slice) -> None:
    ident = note(bank, "one", way).operation
    assert find_operation(read_operations(bank), ident[part]).id == ident


@pytest.mark.parametrize("ident", ["nope", "op-"])
def test_an_operation_that_is_none_or_several_is_told(bank: BankFolder, way: Way, ident: str) -> None:
    note(bank, "one", way)
    note(bank, "two", way)
    with pytest.raises(NoRecordError) as caught:
        undo(bank, ident, way)
    assert caught.value.hint == "bank history"


def test_undo_without_a_past_is_told(bank: BankFolder, way: Way) -> None:
    journal_path(bank).unlink()
    with pytest.raises(NotFoundError, match="nothing to undo"):
        undo(bank, "", way)


def test_undo_leaves_later_edits_elsewhere(bank: BankFolder, way: Way) -> None:
    first = note(bank, "one", way).operation
    focus(bank, "Parser", way)
    note(bank, "later", way, kind="decision")
    undo(bank, first, way)
    text = (bank.folder / "activeContext.md").read_text(encoding="utf-8")
    assert "- one\n" not in text
    assert "Parser" in text
    assert "- later\n" in text
    assert "## Learnings\n\n- [None]\n" in text


def test_undo_leaves_a_person_s_edits_elsewhere(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    path = bank.folder / "activeContext.md"
    path.write_bytes(b"<!-- mine -->\n" + path.read_bytes())
    undo(bank, "", way)
    text = path.read_bytes()
    assert text.startswith(b"<!-- mine -->\n# Active Context")
    assert b"- one\n" not in text


def test_undo_is_refused_when_its_lines_changed(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    path = bank.folder / "activeContext.md"
    path.write_bytes(path.read_bytes().replace(b"- one\n", b"- one, changed\n"))
    before = path.read_bytes()
    with pytest.raises(StaleEditError) as caught:
        undo(bank, "", way)
    assert "-- one" in str(caught.value.details["diff"])
    assert path.read_bytes() == before


def test_of_two_equal_lines_the_operation_s_own_is_undone(bank: BankFolder, way: Way) -> None:
    """By its place: later operations tell where it went."""
    edit(bank, way, Append("Learnings", "zebra", item=True), file="activeContext.md")
    edit(bank, way, Append("Learnings", "lion", item=True), file="activeContext.md")
    second = edit(bank, way, Append("Learnings", "zebra", item=True), file="activeContext.md")
    edit(bank, way, Append("Learnings", "tiger", item=True), file="activeContext.md")
    undo(bank, second, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["zebra", "lion", "tiger"]


def test_a_line_that_stands_in_another_section_too_is_undone_in_its_own(bank: BankFolder, way: Way) -> None:
    first = note(bank, "zebra", way).operation
    note(bank, "zebra", way, kind="blocker")
    undo(bank, first, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Blockers")] == ["zebra"]
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["[None]"]


def test_a_removed_item_comes_back_where_it_was(bank: BankFolder, way: Way) -> None:
    for text in ("one", "two", "three"):
        note(bank, text, way)
    removed = edit(bank, way, RemoveItem("Learnings", ItemRef(text="two")), file="activeContext.md")
    note(bank, "four", way)
    undo(bank, removed, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["one", "two", "three", "four"]


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_the_first_item_of_a_section_comes_back_after_edits_elsewhere(bank: BankFolder, way: Way, eol: bytes) -> None:
    """Right above it stands a blank line, as in many places: the heading tells which one."""
    path = bank.folder / "activeContext.md"
    path.write_bytes(path.read_bytes().replace(b"\n", eol))
    for text in ("one", "two"):
        note(bank, text, way)
    removed = edit(bank, way, RemoveItem("Learnings", ItemRef(text="one")), file="activeContext.md")
    note(bank, "later", way, kind="decision")
    undo(bank, removed, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["one", "two"]


def test_undo_of_an_undo_of_an_undo(bank: BankFolder, way: Way) -> None:
    before = texts(bank)
    ident = note(bank, "one", way).operation
    after = texts(bank)
    for number in range(4):
        ident = undo(bank, ident, way).receipt.operation
        assert texts(bank) == (after if number % 2 else before)


def test_an_undo_can_be_undone_after_edits_elsewhere(bank: BankFolder, way: Way) -> None:
    note(bank, "zero", way)
    note(bank, "one", way)
    undone = undo(bank, "", way).receipt.operation
    focus(bank, "Parser", way)
    undo(bank, undone, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["zero", "one"]
    assert "Parser" in (bank.folder / "activeContext.md").read_text(encoding="utf-8")


def test_a_placeholder_comes_back_only_to_an_empty_section(bank: BankFolder, way: Way) -> None:
    first = note(bank, "one", way).operation
    second = note(bank, "two", way).operation
    undo(bank, first, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["two"]
    undo(bank, second, way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["[None]"]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("", "a\n", 1),
        ("a\n", "", 1),
        ("a\nb\nc\n", "a\nx\nc\n", 1),
        ("a\nb\nc\nd\ne", "a\nx\nc\ny\ny\ne", 2),
        ("a\r\nb\r\n", "a\nb\n", 1),
        ("a", "a\n", 1),
        ("a\n" * 3, "a\n" * 5, 1),
        ("".join(f"{n}\n" for n in range(3000)), "".join(f"{n * 2}\n" for n in range(3000)), 1),
    ],
)
def test_changes_lead_from_one_text_to_another_and_back(before: str, after: str, count: int) -> None:
    changes = changes_between(before, after)
    assert len(changes) == count
    assert reverse(after, changes) == before
    text = before
    for change in changes:
        assert text[change.start : change.start + len(change.old)] == change.old
        text = text[: change.start] + change.new + text[change.start + len(change.old) :]
    assert text == after


def test_undo_of_a_created_file_deletes_it(bank: BankFolder, way: Way) -> None:
    before = texts(bank)
    created = new_document(bank, "plan", "Search", way)
    undo(bank, created.receipt.operation, way)
    assert texts(bank) == before
    redo(bank, way)
    assert created.file in texts(bank)


def test_undo_of_a_created_file_that_was_edited_is_refused(bank: BankFolder, way: Way) -> None:
    created = new_document(bank, "plan", "Search", way)
    path = bank.project / created.file
    path.write_bytes(path.read_bytes() + b"mine\n")
    before = texts(bank)
    with pytest.raises(StaleEditError) as caught:
        undo(bank, "", way)
    assert "+mine" in str(caught.value.details["diff"])
    assert texts(bank) == before


def test_undo_of_a_file_that_is_gone_is_refused(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    (bank.folder / "activeContext.md").unlink()
    with pytest.raises(StaleEditError, match="no file"):
        undo(bank, "", way)


def test_redo_of_a_created_file_is_refused_when_another_stands_there(bank: BankFolder, way: Way) -> None:
    created = new_document(bank, "plan", "Search", way)
    undo(bank, "", way)
    (bank.project / created.file).parent.mkdir(parents=True)
    (bank.project / created.file).write_bytes(b"# mine\n")
    with pytest.raises(StaleEditError):
        redo(bank, way)
    assert (bank.project / created.file).read_bytes() == b"# mine\n"


def test_undo_of_several_files_is_all_or_nothing(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    before = texts(bank)
    move_item(bank, "activeContext.md#Learnings", ItemRef(text="one"), "patterns.md#Common Gotchas", way)
    moved = texts(bank)
    path = bank.folder / "patterns.md"
    path.write_bytes(moved["patterns.md"].replace(b"- one\n", b"- changed\n"))
    with pytest.raises(StaleEditError):
        undo(bank, "", way)
    assert texts(bank)["activeContext.md"] == moved["activeContext.md"]
    path.write_bytes(moved["patterns.md"])
    undo(bank, "", way)
    assert texts(bank) == before


def test_undo_of_init_is_undone_whole(bank: BankFolder, way: Way) -> None:
    before = texts(bank)
    undo(bank, "", way)
    assert texts(bank) == {}
    redo(bank, way)
    assert texts(bank) == before


def test_undo_of_a_migration(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "activeContext.md"
    path.write_bytes(
        path.read_bytes().replace(b"## Last", b"## Learnings This Session\r\n\r\n- caf\xe9\r\n\r\n## Last")
    )
    before = texts(bank)
    assert migrate(bank, way).receipt is not None
    assert texts(bank) != before
    undo(bank, "", way)
    assert texts(bank) == before


def test_a_dry_undo_writes_nothing(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    before = texts(bank), journal_path(bank).read_bytes()
    undone = undo(bank, "", Way(way.author, WriteOptions(dry_run=True)))
    assert "-- one" in undone.receipt.files[0].diff
    assert (texts(bank), journal_path(bank).read_bytes()) == before


def test_history_tells_what_was_done_newest_first(bank: BankFolder, way: Way) -> None:
    one = note(bank, "one", way).operation
    two = note(bank, "two", way, kind="gotcha").operation
    three = undo(bank, "", way).receipt.operation
    rows = history(bank)
    assert [(each.operation, each.verb, each.undone_by) for each in rows[:3]] == [
        (three, f"undo {two}", ""),
        (two, "note", three),
        (one, "note", ""),
    ]
    assert (rows[2].tool, rows[2].session, rows[2].state) == ("tests", "s1", "done")
    assert rows[2].addresses == ("activeContext.md#Learnings",)
    assert [each.operation for each in history(bank, "patterns.md")][:2] == [three, two]
    assert len(history(bank, limit=1)) == 1
    assert "+- one" in history(bank, with_diff=True)[2].diff


def test_history_of_a_file_that_is_gone(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    (bank.folder / "activeContext.md").unlink()
    assert history(bank, "activeContext.md")[0].verb == "note"


def test_blame_names_the_operation_of_each_line(bank: BankFolder, way: Way) -> None:
    one = note(bank, "one", way).operation
    two = note(bank, "two", way.with_actor(way.author.actor._replace(tool="other", session="s2"))).operation
    lines = {each.text: each for each in blame(bank, "activeContext.md#Learnings")}
    assert (lines["- one"].origin, lines["- one"].tool) == (one, "tests")
    assert (lines["- two"].origin, lines["- two"].tool, lines["- two"].session) == (two, "other", "s2")
    assert lines["- one"].at == "2026-11-21T05:30:00Z"
    assert lines[""].origin == ""


def test_blame_of_a_line_that_was_put_by_hand(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    path = bank.folder / "activeContext.md"
    path.write_bytes(path.read_bytes().replace(b"- one\n", b"- one\n- by hand\n"))
    lines = {each.text: each.origin for each in blame(bank, "activeContext.md#Learnings")}
    assert lines["- by hand"] == ""


def test_blame_tells_lines_of_one_text_apart(bank: BankFolder, way: Way) -> None:
    """The same words can stand in two sections, and twice in one, put there by different hands."""
    bob = way.with_actor(way.author.actor._replace(tool="bob"))
    one = note(bank, "same", way).operation
    two = note(bank, "same", bob, kind="blocker").operation
    three = note(bank, "same", bob).operation
    origins = [each.origin for each in blame(bank, "activeContext.md") if each.text == "- same"]
    assert origins == [one, three, two]
    assert [each.origin for each in blame(bank, "activeContext.md#Blockers") if each.text] == [two]


def test_blame_finds_a_line_that_a_person_moved(bank: BankFolder, way: Way) -> None:
    one = note(bank, "same", way).operation
    path = bank.folder / "activeContext.md"
    text = path.read_text(encoding="utf-8").replace("- same\n", "")
    path.write_text(text.replace("## Blockers\n\n- [None]\n", "## Blockers\n\n- same\n"), encoding="utf-8")
    assert [each.origin for each in blame(bank, "activeContext.md#Blockers") if each.text] == [one]


def test_blame_does_not_name_what_was_undone(bank: BankFolder, way: Way) -> None:
    one = note(bank, "one", way).operation
    undo(bank, one, way)
    path = bank.folder / "activeContext.md"
    path.write_bytes(path.read_bytes().replace(b"## Learnings\n\n- [None]\n", b"## Learnings\n\n- one\n"))
    assert [each.origin for each in blame(bank, "activeContext.md#Learnings") if each.text] == [""]
    two = note(bank, "two", way).operation
    back = undo(bank, two, way).receipt.operation
    undo(bank, back, way)
    assert {each.text: each.origin for each in blame(bank, "activeContext.md#Learnings")}["- two"] == two


def git(folder: Path, *words: str) -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environ.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull)
    name = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *name, *words], cwd=folder, env=environ, check=True, capture_output=True)


def test_blame_asks_git_for_what_the_journal_does_not_know(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "activeContext.md"
    path.write_bytes(path.read_bytes().replace(b"## Learnings\n\n- [None]\n", b"## Learnings\n\n- by hand\n"))
    git(bank.project, "init", "-q")
    git(bank.project, "add", "-A")
    git(bank.project, "commit", "-q", "-m", "memory")
    one = note(bank, "one", way).operation
    lines = {each.text: each for each in blame(bank, "activeContext.md#Learnings")}
    assert lines["- by hand"].origin.startswith("git ")
    assert lines["- by hand"].tool == "Ada"
    assert lines["- one"].origin == one


@pytest.mark.parametrize(
    ("line", "times"), [("- by hand\rauthor-time soon", 0), ("- by hand", 99_999_999_999_999)], ids=["line", "time"]
)
def test_blame_reads_whatever_git_tells(bank: BankFolder, way: Way, line: str, times: int) -> None:
    path = bank.folder / "progress.md"
    path.write_text(path.read_text(encoding="utf-8") + f"\n## More\n\n{line}\n", encoding="utf-8", newline="")
    git(bank.project, "init", "-q")
    git(bank.project, "add", "-A")
    git(bank.project, "commit", "-q", "-m", "memory")
    if times:
        shown = subprocess.run(
            ["git", "cat-file", "commit", "HEAD"], cwd=bank.project, check=True, capture_output=True, text=True
        ).stdout
        commit = re.sub(r"^(author .*>) \d+", rf"\1 {times}", shown, flags=re.MULTILINE)
        made = subprocess.run(
            ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
            cwd=bank.project,
            check=True,
            capture_output=True,
            text=True,
            input=commit,
        )
        git(bank.project, "update-ref", "HEAD", made.stdout.strip())
    assert blame(bank, "progress.md#More")


def test_state_stays_out_of_git(bank: BankFolder) -> None:
    git(bank.project, "init", "-q")
    git(bank.project, "add", "-A")
    done = subprocess.run(["git", "ls-files"], cwd=bank.project, check=True, capture_output=True)
    assert b".state" not in done.stdout


# --- what a crash leaves


def crashed(bank: BankFolder, receipts: list[dict[str, Any]], ident: str = "op-20261121-crash") -> None:
    """Write the line of an operation that was begun, as a process that died then would leave it."""
    row = {"op": ident, "state": "begun", "at": "2026-11-21T05:30:00Z", "verb": "both", "tool": "t", "session": ""}
    with journal_path(bank).open("ab") as file:
        file.write(json.dumps({**row, "files": receipts}).encode() + b"\n")


def receipt_of(file: str, before: bytes | None, after: bytes | None) -> dict[str, Any]:
    old, new = (b"" if each is None else each for each in (before, after))
    return {
        "file": file,
        "before": "" if before is None else digest_of(old),
        "after": "" if after is None else digest_of(new),
        "size": len(new),
        "sections": [],
        "healed": [],
        "changes": [[0, old.decode(), new.decode(), ""]],
        "kept": "",
    }


OLD, NEW = b"# N\n\n## A\n\n- old\n", b"# N\n\n## A\n\n- old\n- new\n"


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [(OLD, OLD, "aborted"), (NEW, NEW, "done"), (NEW, OLD, "torn")],
    ids=["before both", "after both", "between"],
)
def test_a_crash_is_told_by_the_files_and_settled_by_the_next_write(
    bank: BankFolder, way: Way, first: bytes, second: bytes, state: str
) -> None:
    (bank.folder / "a.md").write_bytes(first)
    (bank.folder / "b.md").write_bytes(second)
    crashed(bank, [receipt_of("a.md", OLD, NEW), receipt_of("b.md", OLD, NEW)])
    assert history(bank)[0].state == state
    assert status_of(bank).unfinished == ("op-20261121-crash",)
    note(bank, "next", way)
    settled = "aborted" if state == "aborted" else "done"
    assert next(each for each in read_operations(bank) if each.id == "op-20261121-crash").state == settled
    expected = NEW if settled == "done" else OLD
    assert [(bank.folder / name).read_bytes() for name in ("a.md", "b.md")] == [expected, expected]
    assert status_of(bank).unfinished == ()


def test_a_crash_between_a_new_file_and_its_line_adds_the_line(bank: BankFolder, way: Way) -> None:
    (bank.folder / "b.md").write_bytes(OLD)
    (bank.folder / "new.md").write_bytes(NEW)
    crashed(bank, [receipt_of("new.md", None, NEW), receipt_of("b.md", OLD, NEW)])
    note(bank, "next", way)
    assert [(bank.folder / name).read_bytes() for name in ("new.md", "b.md")] == [NEW, NEW]


def test_a_crash_between_a_line_and_its_new_file_makes_the_file(bank: BankFolder, way: Way) -> None:
    (bank.folder / "b.md").write_bytes(NEW)
    crashed(bank, [receipt_of("b.md", OLD, NEW), receipt_of("memories/fact/new.md", None, NEW)])
    note(bank, "next", way)
    assert (bank.folder / "memories" / "fact" / "new.md").read_bytes() == NEW


def test_a_crash_between_a_line_and_a_deletion_deletes_the_file(bank: BankFolder, way: Way) -> None:
    (bank.folder / "b.md").write_bytes(NEW)
    (bank.folder / "gone.md").write_bytes(OLD)
    crashed(bank, [receipt_of("b.md", OLD, NEW), receipt_of("gone.md", OLD, None)])
    note(bank, "next", way)
    assert not (bank.folder / "gone.md").exists()


BY_HAND = b"- by hand\n"


def test_a_published_file_that_was_edited_after_a_crash_is_kept_and_the_rest_follows(
    bank: BankFolder, way: Way
) -> None:
    (bank.folder / "a.md").write_bytes(NEW + BY_HAND)
    (bank.folder / "b.md").write_bytes(OLD)
    crashed(bank, [receipt_of("a.md", OLD, NEW), receipt_of("b.md", OLD, NEW)])
    note(bank, "next", way)
    assert [(bank.folder / name).read_bytes() for name in ("a.md", "b.md")] == [NEW + BY_HAND, NEW]


def test_where_a_file_still_to_come_was_edited_the_published_ones_are_taken_back(bank: BankFolder, way: Way) -> None:
    (bank.folder / "a.md").write_bytes(NEW)
    (bank.folder / "b.md").write_bytes(OLD + BY_HAND)
    crashed(bank, [receipt_of("a.md", OLD, NEW), receipt_of("b.md", OLD, NEW)])
    note(bank, "next", way)
    assert [(bank.folder / name).read_bytes() for name in ("a.md", "b.md")] == [OLD, OLD + BY_HAND]


def test_where_both_were_edited_nothing_is_touched_and_check_says_so(bank: BankFolder, way: Way) -> None:
    (bank.folder / "a.md").write_bytes(NEW + BY_HAND)
    (bank.folder / "b.md").write_bytes(OLD + BY_HAND)
    crashed(bank, [receipt_of("a.md", OLD, NEW), receipt_of("b.md", OLD, NEW)])
    note(bank, "next", way)
    assert [(bank.folder / name).read_bytes() for name in ("a.md", "b.md")] == [NEW + BY_HAND, OLD + BY_HAND]
    assert "torn-operation" in {each.rule for each in lint(bank)}
    (bank.folder / "b.md").write_bytes(NEW + BY_HAND)
    assert "torn-operation" not in {each.rule for each in lint(bank)}


def test_an_operation_that_was_aborted_is_not_what_undo_takes(bank: BankFolder, way: Way) -> None:
    ident = note(bank, "one", way).operation
    (bank.folder / "a.md").write_bytes(OLD)
    crashed(bank, [receipt_of("a.md", OLD, NEW)])
    assert undo(bank, "", way).undone == ident


@pytest.mark.parametrize(
    "line",
    [
        b'{"op":"op-x","state":"beg',
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"null",
        b'{"op":3}',
        b'{"op":"op-x","state":"begun"}',
        b'{"op":"op-x","state":"begun","files":[{"file":"a.md"}]}',
        b'{"op":"op-x","state":"begun","at":"","verb":"","tool":"","session":"","files":7}',
        b'{"op":"op-unknown","state":"done"}',
        b"",
    ],
    ids=ascii,
)
def test_a_line_that_is_torn_or_none_is_passed_over(bank: BankFolder, way: Way, line: bytes) -> None:
    one = note(bank, "one", way).operation
    with journal_path(bank).open("ab") as file:
        file.write(line)
    assert read_operations(bank)[-1].id == one
    two = note(bank, "two", way).operation
    assert [each.id for each in read_operations(bank)][-2:] == [one, two]
    assert undo(bank, "", way).undone == two


def big(letter: str) -> str:
    return "\n".join(f"- {letter}{number:05} {'x' * 60}" for number in range(1000))


def test_large_changes_are_kept_apart_and_can_be_undone(bank: BankFolder, way: Way) -> None:
    (bank.folder / "notes.md").write_bytes(b"# N\n\n## A\n\n- one\n")
    edit(bank, way, Replace("A", big("a")))
    operation = read_operations(bank)[-1]
    assert operation.kept == (f"{operation.id}-0.z",)
    assert journal_path(bank).stat().st_size < 10_000
    assert sum(len(each.new) for each in changes_of(bank, operation, 0)) > 60_000
    undo(bank, "", way)
    assert (bank.folder / "notes.md").read_bytes() == b"# N\n\n## A\n\n- one\n"


def test_what_is_kept_stays_within_its_bound_oldest_first_out(bank: BankFolder, way: Way) -> None:
    (bank.folder / "bank.toml").write_text("kept_megabytes = 1\n", encoding="utf-8")
    bank = BankFolder(bank.folder, bank.project, bank.layout)
    (bank.folder / "notes.md").write_bytes(b"# N\n\n## A\n\n- one\n")
    idents = []
    for number in range(6):
        text = "\n".join(f"- {os.urandom(300).hex()}" for _ in range(700))
        idents.append(edit(bank, way, Replace("A", f"- {number}\n{text}")))
        os.utime(bank.state / "kept" / f"{idents[-1]}-0.z", (number, number))
    kept = list((bank.state / "kept").iterdir())
    assert sum(each.stat().st_size for each in kept) <= 1_000_000
    assert f"{idents[-1]}-0.z" in {each.name for each in kept}
    assert f"{idents[0]}-0.z" not in {each.name for each in kept}
    with pytest.raises(NoRecordError, match="kept text"):
        undo(bank, idents[0], way)
    assert "no longer kept" in history(bank, "notes.md", with_diff=True)[-1].diff
    assert blame(bank, "notes.md#A")


@pytest.mark.parametrize("damage", [b"", b"not zlib", None], ids=ascii)
def test_kept_text_that_is_damaged_or_gone_is_told(bank: BankFolder, way: Way, damage: bytes | None) -> None:
    (bank.folder / "notes.md").write_bytes(b"# N\n\n## A\n\n- one\n")
    ident = edit(bank, way, Replace("A", big("a")))
    kept = bank.state / "kept" / f"{ident}-0.z"
    if damage is None:
        kept.unlink()
    else:
        kept.write_bytes(damage)
    with pytest.raises(NoRecordError):
        undo(bank, ident, way)


def test_a_long_journal_is_rotated_and_still_read(bank: BankFolder, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    idents = [note(bank, "first", way).operation]
    monkeypatch.setattr(journal, "ROTATE_BYTES", 2000)
    idents += [note(bank, f"note {number}", way).operation for number in range(3)]
    assert journal_path(bank).with_name("journal.1.jsonl").is_file()
    assert journal_path(bank).stat().st_size < 4000
    found = [each.id for each in read_operations(bank)]
    assert found[-1] == idents[-1]
    assert undo(bank, "", way).undone == idents[-1]


def test_state_may_be_deleted_at_any_time(bank: BankFolder, way: Way) -> None:
    import shutil

    note(bank, "one", way)
    shutil.rmtree(bank.state)
    note(bank, "two", way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["one", "two"]
    assert len(read_operations(bank)) == 1


def test_a_file_that_keeps_changing_is_given_up_and_nothing_stays(
    bank: BankFolder, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program saves before each of our tries: the edit ends with an error, the other's text stands."""

    def publish(path: Path, *, base: bytes | None, new: bytes, mode: int = 0o666, **more: bool) -> None:
        if path.name == "patterns.md":
            raise write.FileMoved(base)
        real(path, base=base, new=new, mode=mode, **more)

    real = write.publish
    monkeypatch.setattr("memorybank.store.journal.commit.publish", publish)
    before = texts(bank)
    changes = [
        FileChange(bank.folder / "activeContext.md", (Append("Learnings", "x", item=True),)),
        FileChange(bank.folder / "patterns.md", (Append("Common Gotchas", "x", item=True),)),
    ]
    with pytest.raises(BankError, match="keeps writing"):
        commit(bank, changes, "both", way)
    assert texts(bank) == before
    assert read_operations(bank)[-1].state == "aborted"
