"""One door for every change: all of an operation or nothing, and nothing at all on a dry run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from memorybank.check.lint import fix, lint
from memorybank.document.addresses import parse_address
from memorybank.document.edits import Append, Edit, ItemRef, Replace, SetField, Tick
from memorybank.document.source import digest_of
from memorybank.errors import (
    ArtifactError,
    BankError,
    ContractError,
    DuplicateAnchorError,
    EncodingRefusedError,
    NoAnchorError,
    NoFileError,
    NoItemError,
    OutsideError,
    StaleEditError,
    UnsupportedTextError,
)
from memorybank.store.discover import find_bank
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.log import read_operations
from memorybank.store.manage.items import list_items, move_item
from memorybank.store.manage.migrate import migrate
from memorybank.store.view import look, outline_of, status_of
from memorybank.store.way import Way, WriteOptions
from memorybank.workflow.lines.note import focus, note
from memorybank.workflow.progress.documents import new_document
from memorybank.workflow.progress.tasks import finish_task, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder

    Tree = Callable[[Path], dict[str, tuple[bytes, int, int]]]


def change(bank: BankFolder, address: str, *edits: Edit) -> FileChange:
    path, _ = bank.locate(parse_address(address).file)
    return FileChange(path, edits)


def test_a_receipt_names_the_digests_that_the_next_edit_may_expect(bank: BankFolder, way: Way) -> None:
    receipt = note(bank, "zebra", way)
    file = receipt.files[0]
    seen = look(bank, "activeContext.md#Learnings")
    assert file.sections == (("activeContext.md#Learnings", seen.digest),)
    assert file.after == seen.file_digest == digest_of((bank.folder / "activeContext.md").read_bytes())
    again = commit(bank, [change(bank, file.file, Replace("Recent Changes", "- x", file.after))], "edit", way)
    assert again.operation


def test_several_files_are_changed_together(bank: BankFolder, way: Way) -> None:
    changes = [
        change(bank, "activeContext.md", Append("Learnings", "a", item=True)),
        change(bank, "patterns.md", Append("Common Gotchas", "b", item=True)),
    ]
    receipt = commit(bank, changes, "both", way)
    assert [each.file for each in receipt.files] == ["activeContext.md", "patterns.md"]
    assert look(bank, "patterns.md#Common Gotchas").text.endswith("- b\n\n")


REFUSED: list[tuple[Edit, type[BankError]]] = [
    (Append("Nope", "x", item=True), NoAnchorError),
    (Replace("Common Gotchas", "x"), ContractError),
    (Append("Common Gotchas", "## x"), BankError),
    (Tick("Common Gotchas", ItemRef(text="nope")), NoItemError),
    (Append("Common Gotchas", "x", expect="0" * 16), StaleEditError),
]


@pytest.mark.parametrize(("edit", "error"), REFUSED)
@pytest.mark.parametrize("first", [True, False])
def test_when_one_file_refuses_none_is_changed(
    bank: BankFolder, way: Way, tree: Tree, edit: Edit, error: type[BankError], first: bool
) -> None:
    good = change(bank, "activeContext.md", Append("Learnings", "a", item=True))
    bad = change(bank, "patterns.md", edit)
    before = tree(bank.folder)
    with pytest.raises(error):
        commit(bank, [bad, good] if first else [good, bad], "both", way)
    after = tree(bank.folder)
    lock = ".state/lock"
    assert {**after, lock: b""} == {**before, lock: b""}


def test_a_new_file_that_is_there_refuses_the_whole_operation(bank: BankFolder, way: Way) -> None:
    before = (bank.folder / "activeContext.md").read_bytes()
    changes = [
        change(bank, "activeContext.md", Append("Learnings", "a", item=True)),
        FileChange(bank.folder / "patterns.md", text="new"),
    ]
    with pytest.raises(ArtifactError):
        commit(bank, changes, "both", way)
    assert (bank.folder / "activeContext.md").read_bytes() == before


def test_an_edit_that_changes_nothing_is_no_operation(bank: BankFolder, way: Way) -> None:
    focus(bank, "Parser", way)
    before = read_operations(bank)
    receipt = commit(bank, [change(bank, "activeContext.md", Replace("Current Focus", "Parser"))], "edit", way)
    assert receipt.operation == ""
    assert read_operations(bank) == before


def everything(bank: BankFolder, way: Way) -> list[Callable[[], object]]:
    """Give one call of each kind that writes."""
    return [
        lambda: note(bank, "zebra", way),
        lambda: focus(bank, "zebra", way),
        lambda: finish_task(bank, ItemRef(number=1), way, evidence="exit 0"),
        lambda: new_document(bank, "plan", "Zebra", way),
        lambda: move_item(bank, "progress.md#Tasks", ItemRef(number=1), "progress.md#Completed", way),
        lambda: migrate(bank, way),
        lambda: commit(bank, [change(bank, "patterns.md", SetField("owner", "me"))], "set", way),
    ]


@pytest.mark.parametrize("number", range(7))
def test_a_dry_run_writes_nothing_at_all(bank: BankFolder, way: Way, tree: Tree, number: int) -> None:
    """Not the file, not the journal, not even the lock: every file's bytes, time and inode stay."""
    note(bank, "first", way, kind="task")
    text = (bank.folder / "progress.md").read_text(encoding="utf-8")
    (bank.folder / "progress.md").write_text(text.replace("## Completed", "## Remaining\n\n- [ ] x\n\n## Completed"))
    before = tree(bank.project)
    everything(bank, Way(way.author, WriteOptions(dry_run=True)))[number]()
    assert tree(bank.project) == before
    everything(bank, way)[number]()
    assert tree(bank.project) != before


def test_a_dry_run_shows_what_the_real_one_does(bank: BankFolder, way: Way) -> None:
    dry = note(bank, "zebra", Way(way.author, WriteOptions(dry_run=True)))
    real = note(bank, "zebra", way)
    assert dry.dry_run
    assert dry.files[0].after == real.files[0].after
    assert "+- zebra" in dry.files[0].diff
    assert dry.to_wire()["dry_run"] is True


def test_an_edit_goes_to_what_stands_on_disk_now(bank: BankFolder, way: Way) -> None:
    """Nothing is cached: a save by another program between two edits is kept."""
    note(bank, "one", way)
    path = bank.folder / "activeContext.md"
    path.write_bytes(path.read_bytes().replace(b"- one\n", b"- one, by hand\n- two, by hand\n"))
    note(bank, "three", way)
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == [
        "one, by hand",
        "two, by hand",
        "three",
    ]


def test_a_stale_edit_shows_what_changed_since(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way, kind="change")
    seen = look(bank, "activeContext.md#Recent Changes")
    note(bank, "two", way, kind="change")
    note(bank, "elsewhere", way)
    with pytest.raises(StaleEditError) as caught:
        commit(bank, [change(bank, "activeContext.md", Replace("Recent Changes", "- x", seen.digest))], "edit", way)
    assert caught.value.details["digest"] == look(bank, "activeContext.md#Recent Changes").digest
    diff = str(caught.value.details["diff"])
    assert "+- [2026-11-21] two" in diff
    assert "elsewhere" not in diff


def test_a_stale_edit_of_unknown_origin_has_no_diff(bank: BankFolder, way: Way) -> None:
    with pytest.raises(StaleEditError) as caught:
        commit(bank, [change(bank, "activeContext.md", Replace("Recent Changes", "- x", "0" * 16))], "edit", way)
    assert caught.value.details["diff"] == ""
    assert caught.value.hint == "bank show 'activeContext.md#Recent Changes'"


@pytest.mark.parametrize("data", [b"", b"\0" * 300])
def test_a_file_that_was_emptied_is_not_edited(bank: BankFolder, way: Way, data: bytes) -> None:
    path = bank.folder / "activeContext.md"
    path.write_bytes(data)
    with pytest.raises(EncodingRefusedError) as caught:
        note(bank, "zebra", way)
    assert "bank restore" in caught.value.hint
    assert path.read_bytes() == data


def test_a_missing_file_is_told_with_its_near_misses(bank: BankFolder, way: Way) -> None:
    with pytest.raises(NoFileError) as caught:
        bank.existing("activeContxt.md")
    assert caught.value.details["near"] == ["activeContext.md"]
    with pytest.raises(NoFileError):
        commit(bank, [change(bank, "missing.md", Append("A", "x"))], "edit", way)


def test_a_link_out_of_the_project_is_refused(bank: BankFolder, way: Way, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_bytes(b"# Secret\n\n## A\n\n- a\n")
    (bank.folder / "link.md").symlink_to(outside)
    with pytest.raises(OutsideError):
        commit(bank, [change(bank, "link.md", Append("A", "x", item=True))], "edit", way)
    with pytest.raises(OutsideError):
        look(bank, "link.md#A")
    assert outside.read_bytes() == b"# Secret\n\n## A\n\n- a\n"


def test_through_a_link_inside_the_target_is_edited_and_the_link_stays(bank: BankFolder, way: Way) -> None:
    (bank.project / "real.md").write_bytes(b"# R\n\n## A\n\n- a\n")
    (bank.folder / "link.md").symlink_to(bank.project / "real.md")
    commit(bank, [change(bank, "link.md", Append("A", "x", item=True))], "edit", way)
    assert (bank.folder / "link.md").is_symlink()
    assert (bank.project / "real.md").read_bytes() == b"# R\n\n## A\n\n- a\n- x\n"


def test_mode_survives(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "activeContext.md"
    path.chmod(0o640)
    note(bank, "zebra", way)
    assert path.stat().st_mode & 0o777 == 0o640


def test_notes_of_every_kind_go_where_they_belong(bank: BankFolder, way: Way) -> None:
    for kind, address in [
        ("learning", "activeContext.md#Learnings"),
        ("decision", "activeContext.md#Decisions"),
        ("gotcha", "patterns.md#Common Gotchas"),
        ("verification", "progress.md#Verification"),
    ]:
        note(bank, f"a {kind}", way, kind=kind)
        assert list_items(bank, address)[-1].text == f"a {kind}"
    note(bank, "made", way, kind="done", why="exit 0", file="src/x.py:1")
    row = list_items(bank, "progress.md#Completed")[-1]
    assert (row.text, row.done) == ("made - exit 0 - src/x.py:1", True)
    note(bank, "changed", way, kind="change")
    assert list_items(bank, "activeContext.md#Recent Changes")[-1].text == "[2026-11-21] changed"
    note(bank, "at an address", way, to="patterns.md#User Standards")
    assert list_items(bank, "patterns.md#User Standards")[-1].text == "at an address"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("- a dash", "a dash"),
        ("two\nlines", "two lines"),
        ("two\r\n\r\n  lines", "two lines"),
        ("\tspace  ", "space"),
        ("käse 日本 עברית 👩‍👩‍👧", "käse 日本 עברית 👩‍👩‍👧"),
        ("<b>bold</b> is words", "<b>bold</b> is words"),
    ],
)
def test_a_note_becomes_one_line(bank: BankFolder, way: Way, text: str, written: str) -> None:
    count = len((bank.folder / "activeContext.md").read_text(encoding="utf-8").split("\n"))
    note(bank, text, way)
    assert list_items(bank, "activeContext.md#Learnings")[-1].text == written
    assert len((bank.folder / "activeContext.md").read_text(encoding="utf-8").split("\n")) == count


@pytest.mark.parametrize(
    "text",
    ["", "  \n ", "\x1b[2J", "a\0b", "zero\u200bwidth", "\u202eabc", "a\x0bb", "x" * 2001, "\udce9", "a\u2028b"],
    ids=ascii,
)
def test_text_that_cannot_be_a_line_is_refused(bank: BankFolder, way: Way, text: str) -> None:
    before = (bank.folder / "activeContext.md").read_bytes()
    with pytest.raises(UnsupportedTextError):
        note(bank, text, way)
    assert (bank.folder / "activeContext.md").read_bytes() == before


@pytest.mark.parametrize(
    "text", ["# x", "## Last Updated", "```", "~~~", "---", "> q", "<!-- c", "1. x", "* * *", "- - x"]
)
def test_text_that_would_be_structure_is_refused_or_only_words(bank: BankFolder, way: Way, text: str) -> None:
    names = [row.name for row in outline_of(bank, "activeContext.md")[2]]
    try:
        note(bank, text, way)
    except BankError as error:
        assert error.code in {"spill", "text"}  # noqa: PT017  either outcome is right, the code is not free
    assert [row.name for row in outline_of(bank, "activeContext.md")[2]] == names


def test_an_unknown_kind_is_told_with_the_nearest(bank: BankFolder, way: Way) -> None:
    with pytest.raises(ContractError) as caught:
        note(bank, "x", way, kind="decison")
    assert caught.value.hint == "use --as decision"


def test_tasks_are_added_listed_and_ticked(bank: BankFolder, way: Way) -> None:
    assert list_tasks(bank) == []
    note(bank, "one", way, kind="task")
    note(bank, "two", way, kind="task")
    finish_task(bank, ItemRef(text="two"), way, evidence="exit 0")
    assert [(each.number, each.text, each.done) for each in list_tasks(bank)] == [
        (1, "one", False),
    ]
    assert "## Completed\n\n- [x] two - exit 0\n" in (bank.folder / "progress.md").read_text(encoding="utf-8")


def test_an_item_moves_to_another_file_as_one_operation(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    note(bank, "two", way)
    receipt = move_item(bank, "activeContext.md#Learnings", ItemRef(text="one"), "patterns.md#Common Gotchas", way)
    assert len(receipt.files) == 2
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["two"]
    assert [each.text for each in list_items(bank, "patterns.md#Common Gotchas")] == ["one"]


def test_an_item_moves_with_what_hangs_under_it(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "activeContext.md"
    path.write_text(
        path.read_text(encoding="utf-8").replace("## Learnings\n\n- [None]", "## Learnings\n\n- a\n  - b\n- c")
    )
    move_item(bank, "activeContext.md#Learnings", ItemRef(text="a"), "activeContext.md#Blockers", way)
    assert [(each.text, each.depth) for each in list_items(bank, "activeContext.md#Blockers")] == [("a", 0), ("b", 1)]
    assert [each.text for each in list_items(bank, "activeContext.md#Learnings")] == ["c"]


def test_an_item_does_not_move_when_its_section_changed(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    with pytest.raises(StaleEditError):
        move_item(
            bank, "activeContext.md#Learnings", ItemRef(text="one"), "patterns.md#Common Gotchas", way, expect="0" * 16
        )


def test_a_plan_comes_with_its_line(bank: BankFolder, way: Way) -> None:
    created = new_document(bank, "plan", "Search über Sessions", way)
    assert created.file == "docs/plans/2026-11-21-search-uber-sessions.md"
    assert (bank.project / created.file).is_file()
    assert list_items(bank, "activeContext.md#References")[-1].text == (
        f"Plan: `{created.file}` → Search über Sessions"
    )
    with pytest.raises(ArtifactError):
        new_document(bank, "plan", "Search über Sessions", way)


@pytest.mark.parametrize("title", ["", "# x", "`x`", "x" * 201, "a\x1bb"])
def test_a_title_that_is_none_is_refused(bank: BankFolder, way: Way, title: str) -> None:
    with pytest.raises(UnsupportedTextError):
        new_document(bank, "research", title, way)
    assert not (bank.project / "docs").exists()


@pytest.mark.parametrize("title", ["../../x", "a/b", "日本", "..", "con", "%00"])
def test_a_title_makes_no_path(bank: BankFolder, way: Way, title: str) -> None:
    created = new_document(bank, "research", title, way)
    assert os.path.dirname(created.file) == "docs/research"  # noqa: PTH120  a name, not a path


def test_migrate_is_one_operation_and_only_where_something_is_to_do(bank: BankFolder, way: Way) -> None:
    assert migrate(bank, way).receipt is None
    for file in ("activeContext.md", "progress.md"):
        path = bank.folder / file
        path.write_text(
            path.read_text(encoding="utf-8").replace("## Last", "## Learnings This Session\n\n- z\n\n## Last")
        )
    migrated = migrate(bank, way)
    assert migrated.receipt is not None
    assert [each.file for each in migrated.receipt.files] == ["activeContext.md"]
    assert migrated.report == ("activeContext.md: '## Learnings This Session' merged into '## Learnings'",)


def test_status_counts_what_was_done(bank: BankFolder, way: Way) -> None:
    note(bank, "one", way)
    status = status_of(bank)
    assert status.operation_count == 2
    assert status.unfinished == ()
    (bank.folder / "patterns.md").unlink()
    assert status_of(bank).files[1].digest == ""


def test_a_name_that_stands_twice_is_refused_with_both_lines(bank: BankFolder, way: Way) -> None:
    path = bank.folder / "activeContext.md"
    path.write_bytes(path.read_bytes() + b"\n## Learnings\n\n- two\n")
    with pytest.raises(DuplicateAnchorError, match=r"on lines \d+ and \d+"):
        note(bank, "x", way)


def test_an_item_is_shown_by_its_id(bank: BankFolder, way: Way) -> None:
    note(bank, "one ^d7k2m9", way)
    seen = look(bank, "activeContext.md#Learnings^d7k2m9")
    assert (seen.address, seen.text) == ("activeContext.md#Learnings^d7k2m9", "- one ^d7k2m9\n")
    with pytest.raises(NoItemError):
        look(bank, "activeContext.md#Learnings^nope00")


@pytest.fixture
def cline(tmp_path: Path) -> BankFolder:
    """Give a Cline bank as people have them: sections of their own, no contract of ours."""
    folder = tmp_path / "theirs" / "memory-bank"
    folder.mkdir(parents=True)
    (folder / "activeContext.md").write_bytes(b"# Active\n\n## Recent Changes\n\n- a\n\n## Next Steps\n\n1. b\n")
    (folder / "progress.md").write_bytes(b"# Progress\n\n## What Works\n\n- scan\n\n## Known Issues\n\n- slow\n")
    return find_bank(folder.parent, environ={})


def test_notes_go_to_the_sections_of_a_bank_that_is_not_ours(cline: BankFolder, way: Way) -> None:
    for kind, address, text in [
        ("change", "activeContext.md#Recent Changes", "zebra"),
        ("next", "activeContext.md#Next Steps", "zebra"),
        ("done", "progress.md#What Works", "zebra"),
        ("blocker", "progress.md#Known Issues", "zebra"),
    ]:
        note(cline, text, way, kind=kind)
        assert list_items(cline, address)[-1].text == "zebra"
    assert b"Last Updated" not in (cline.folder / "progress.md").read_bytes()


def test_a_bank_that_is_not_ours_is_not_migrated(cline: BankFolder, way: Way) -> None:
    migrated = migrate(cline, way)
    assert migrated.receipt is None
    assert "as they are" in migrated.report[0]


def test_what_is_sure_is_mended_as_one_operation(bank: BankFolder, way: Way) -> None:
    before = {}
    for file, heading in [("patterns.md", "## User Standards"), ("progress.md", "## Verification")]:
        path = bank.folder / file
        before[file] = path.read_bytes()
        head, _, rest = before[file].partition(heading.encode())
        path.write_bytes(head + rest[rest.index(b"## ") :])
    found = lint(bank)
    assert {(each.file, each.rule) for each in found} == {
        ("patterns.md", "missing-section"),
        ("progress.md", "missing-section"),
    }
    receipt = fix(bank, found, way)
    assert receipt is not None
    assert len(receipt.files) == 2
    assert lint(bank) == []
    assert fix(bank, [], way) is None


def test_lint_names_what_cannot_be_read_and_goes_on(bank: BankFolder, tmp_path: Path) -> None:
    (bank.folder / "progress.md").unlink()
    (tmp_path / "outside.md").write_bytes(b"x")
    (bank.folder / "link.md").symlink_to(tmp_path / "outside.md")
    assert {(each.file, each.rule) for each in lint(bank)} >= {("progress.md", "missing-file"), ("link.md", "outside")}
    with pytest.raises(NoFileError):
        lint(bank, ["progress.md"])


def test_what_hides_the_state_may_be_there_already(bank: BankFolder, way: Way) -> None:
    """A link to nowhere is there for the file system and not for a look that follows it."""
    ignore = bank.state / ".gitignore"
    ignore.unlink()
    ignore.mkdir()
    assert note(bank, "still written", way).operation


def test_an_operation_of_many_files_looks_at_their_folder_once(
    bank: BankFolder, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an import of thousands of records takes time in the square of their number."""
    looks: list[str] = []
    listed = os.listdir

    def counted(folder: str) -> list[str]:
        looks.append(folder)
        return listed(folder)

    monkeypatch.setattr(os, "listdir", counted)

    folder = bank.folder / "decisions"
    commit(bank, [FileChange(folder / f"d{number}.md", text="# D\n") for number in range(30)], "import", way)

    assert len(list(folder.glob("d*.md"))) == 30
    assert looks.count(os.fspath(folder)) <= 1
