"""Records that stand in for each other: one operation, both ends, and the lines that cite them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.document.edits import Append
from memorybank.errors import FieldError, NoFileError, NoRecordError, SupersededError
from memorybank.records.draft import NewRecord
from memorybank.records.memories.lineage import LineageNode, lineage
from memorybank.records.memories.memories import delete, recall, save
from memorybank.records.memories.relations import deprecate, link, supersede
from memorybank.records.record import Link
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.history import history
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


def made(bank: BankFolder, way: Way, title: str, kind: str = "decision") -> str:
    return save(bank, NewRecord(f"About {title}", kind=kind, title=title), way).record.id


def cited(bank: BankFolder, way: Way, line: str, section: str = "Decisions", file: str = "activeContext.md") -> None:
    commit(bank, [FileChange(bank.folder / file, (Append(section, line, item=True),))], "note", way)


def lines_of_file(bank: BankFolder, file: str = "activeContext.md") -> list[str]:
    text = (bank.folder / file).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line[:2] in ("- ", "* ") and "[None]" not in line]


def test_one_operation_sets_status_links_and_lines(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    cited(bank, way, f"memcached - it is there ({old})")
    before = len(history(bank))
    done = supersede(bank, old, new, way)
    assert len(history(bank)) == before + 1
    assert (recall(bank, old).status, recall(bank, old).linked("superseded-by")) == ("superseded", (new,))
    assert (recall(bank, new).status, recall(bank, new).linked("supersedes")) == ("accepted", (old,))
    assert f"- ~~memcached - it is there ({old})~~ → {new}" in lines_of_file(bank)
    assert done.struck == ("activeContext.md#Decisions 1",)


@pytest.mark.parametrize(
    ("line", "struck"),
    [
        ("OLD: use it", "~~OLD: use it~~ → NEW"),
        ("use it, see memories/decision/OLD-memcached.md", "~~use it, see memories/decision/OLD-memcached.md~~ → NEW"),
        ("use it (OLD) ^k3", "~~use it (OLD)~~ → NEW ^k3"),
        ("[2026-11-21] use it (OLD)", "~~[2026-11-21] use it (OLD)~~ → NEW"),
        ("not ~~this~~ but that (OLD)", "not ~~this~~ but that (OLD) → NEW"),
        ("~~gone (OLD)~~ → NEW", "~~gone (OLD)~~ → NEW"),
        ("~~gone (OTHER)~~ → OLD", "~~gone (OTHER)~~ → OLD → NEW"),
        ("NEW is here for OLD", "NEW is here for OLD"),
        ("another one (OLD-x)", "another one (OLD-x)"),
        ("another one (xOLD)", "another one (xOLD)"),
        ("use it (OLD) \\", "use it (OLD) \\ → NEW"),
    ],
)
def test_which_lines_are_struck_and_how(bank: BankFolder, way: Way, line: str, struck: str) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    cited(bank, way, line.replace("OLD", old).replace("NEW", new))
    supersede(bank, old, new, way)
    assert f"- {struck.replace('OLD', old).replace('NEW', new)}" in lines_of_file(bank)


def test_tasks_keep_their_box_and_neighbours_stay(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    cited(bank, way, "[ ] first", "Tasks", "progress.md")
    cited(bank, way, f"[x] set it up, {old}", "Tasks", "progress.md")
    cited(bank, way, f"[ ] tune it, {old}", "Tasks", "progress.md")
    supersede(bank, old, new, way)
    assert lines_of_file(bank, "progress.md") == [
        "- [ ] first",
        f"- [x] ~~set it up, {old}~~ → {new}",
        f"- [ ] ~~tune it, {old}~~ → {new}",
    ]


def test_the_same_pair_again_is_nothing_to_change(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    cited(bank, way, f"memcached ({old})")
    supersede(bank, old, new, way)
    assert supersede(bank, old, new, way).receipt.operation == ""


def test_the_same_pair_again_completes_what_is_missing(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    supersede(bank, old, new, way)
    cited(bank, way, f"memcached ({old})")
    assert [each.file for each in supersede(bank, old, new, way).receipt.files] == ["activeContext.md"]


def test_a_second_successor_is_refused_and_nothing_is_written(bank: BankFolder, way: Way) -> None:
    old, new, third = (made(bank, way, name) for name in ("memcached", "redis", "valkey"))
    supersede(bank, old, new, way)
    before = (bank.folder / recall(bank, third).file).read_bytes()
    with pytest.raises(SupersededError) as caught:
        supersede(bank, old, third, way)
    assert caught.value.details["by"] == new
    assert (bank.folder / recall(bank, third).file).read_bytes() == before


def test_a_line_of_successors_never_closes_into_a_circle(bank: BankFolder, way: Way) -> None:
    one, two, three = (made(bank, way, name) for name in ("one", "two", "three"))
    supersede(bank, one, two, way)
    supersede(bank, two, three, way)
    with pytest.raises(SupersededError):
        supersede(bank, three, one, way)
    with pytest.raises(SupersededError):
        supersede(bank, three, two, way)


def test_a_record_is_not_its_own_successor(bank: BankFolder, way: Way) -> None:
    one = made(bank, way, "one")
    with pytest.raises(FieldError):
        supersede(bank, one, one, way)
    with pytest.raises(NoRecordError):
        supersede(bank, one, "dec-20200101-zzzzz", way)


def test_a_type_that_cannot_be_superseded_says_so(bank: BankFolder, way: Way) -> None:
    bugs = [
        save(bank, NewRecord("It breaks", kind="bug", title=name, fields={"severity": "low"}), way).record.id
        for name in "ab"
    ]
    with pytest.raises(FieldError, match="cannot be superseded"):
        supersede(bank, bugs[0], bugs[1], way)


def test_undo_takes_all_of_it_back(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    cited(bank, way, f"memcached ({old})")
    files = [bank.folder / recall(bank, each).file for each in (old, new)]
    before = [each.read_bytes() for each in files]
    done = supersede(bank, old, new, way)
    undo(bank, done.receipt.operation, way)
    assert [each.read_bytes() for each in files] == before
    assert f"- memcached ({old})" in lines_of_file(bank)


def test_a_dry_run_shows_every_file_and_writes_none(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    cited(bank, way, f"memcached ({old})")
    done = supersede(bank, old, new, Way(way.author, WriteOptions(dry_run=True)))
    assert len(done.receipt.files) == 3
    assert recall(bank, old).status == "accepted"


def test_deprecating_points_to_what_to_read_instead(bank: BankFolder, way: Way) -> None:
    one, two = made(bank, way, "one", "fact"), made(bank, way, "two", "fact")
    deprecate(bank, one, way, see=two)
    assert (recall(bank, one).status, recall(bank, one).linked("see")) == ("deprecated", (two,))
    assert deprecate(bank, one, way, see=two).receipt.operation == ""
    with pytest.raises(NoRecordError):
        deprecate(bank, two, way, see="fct-20200101-zzzzz")


def test_links_lead_to_records_files_and_addresses(bank: BankFolder, way: Way) -> None:
    one, two = made(bank, way, "one"), made(bank, way, "two")
    note = bank.project / "docs" / "note.md"
    note.parent.mkdir()
    note.write_text("# Note\n")
    for rel, to in (("caused-by", two), ("see", "docs/note.md#Note"), ("evidence-for", "https://example.org/a?b=c")):
        link(bank, one, rel, to, way)
    assert recall(bank, one).links == (
        ("caused-by", two),
        ("evidence-for", "https://example.org/a?b=c"),
        ("see", "docs/note.md#Note"),
    )
    assert link(bank, one, "caused_by", two, way).receipt.operation == ""
    link(bank, one, "caused-by", two, way, remove=True)
    assert recall(bank, one).linked("caused-by") == ()


@pytest.mark.parametrize("to", ["dec-20200101-zzzzz", "a b", "", "x]"])
def test_a_link_to_nothing_is_refused(bank: BankFolder, way: Way, to: str) -> None:
    one = made(bank, way, "one")
    with pytest.raises((NoRecordError, FieldError)):
        link(bank, one, "relates", to, way)


def test_a_link_to_a_file_that_is_not_there_is_refused(bank: BankFolder, way: Way) -> None:
    with pytest.raises(NoFileError):
        link(bank, made(bank, way, "one"), "see", "docs/none.md", way)


def test_linking_as_successor_is_superseding(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "old"), made(bank, way, "new")
    link(bank, new, "supersedes", old, way)
    assert recall(bank, old).status == "superseded"
    assert supersede(bank, old, new, way).receipt.operation == ""


def test_lineage_goes_both_ways_and_each_link_is_one_row(bank: BankFolder, way: Way) -> None:
    one, two, three = (made(bank, way, name) for name in ("one", "two", "three"))
    lesson = made(bank, way, "lesson", "fact")
    supersede(bank, one, two, way)
    supersede(bank, two, three, way)
    link(bank, lesson, "caused-by", one, way)
    rows = [(each.depth, each.rel, each.id) for each in lineage(bank, two)]
    assert rows[0] == (0, "", two)
    assert set(rows[1:]) == {(1, "supersedes", one), (1, "superseded-by", three), (2, "cause-of", lesson)}
    assert [each.depth for each in lineage(bank, two, depth=1)] == [0, 1, 1]


def test_a_circle_ends_where_it_closes(bank: BankFolder, way: Way) -> None:
    ids = [made(bank, way, name, "fact") for name in ("a", "b", "c")]
    for number, each in enumerate(ids):
        link(bank, each, "caused-by", ids[(number + 1) % 3], way)
    rows = lineage(bank, ids[0])
    assert len(rows) == 4
    assert sum(each.again for each in rows) == 1


def test_a_long_line_is_followed_to_its_end(bank: BankFolder, way: Way) -> None:
    folder = bank.folder / "memories" / "fact"
    folder.mkdir(parents=True)
    for number in range(2000):
        (folder / f"f{number}.md").write_text(f"---\nid: f{number}\ncaused-by: [f{number + 1}]\n---\nText\n")
    rows = lineage(bank, "f0.md")
    assert (len(rows), rows[-1].id, rows[-1].missing) == (2001, "f2000", True)


def test_what_was_archived_and_what_is_gone_are_told(bank: BankFolder, way: Way) -> None:
    one, two = made(bank, way, "one", "fact"), made(bank, way, "two", "fact")
    link(bank, one, "relates", two, way)
    delete(bank, two, way)
    assert lineage(bank, one)[1].archived
    delete(bank, one, way)
    three = save(bank, NewRecord("x", links=[Link("relates", "fct-20200101-zzzzz")]), way).record.id
    assert lineage(bank, three)[1] == LineageNode(1, "relates", "fct-20200101-zzzzz", missing=True)


def test_a_new_record_supersedes_as_the_command_does(bank: BankFolder, way: Way) -> None:
    old = made(bank, way, "memcached")
    cited(bank, way, f"memcached ({old})")
    before = len(history(bank))
    new = save(
        bank, NewRecord("Use it.", kind="decision", title="redis", links=[Link("supersedes", old[:-1])]), way
    ).record
    assert len(history(bank)) == before + 1
    assert new.linked("supersedes") == (old,)
    assert (recall(bank, old).status, recall(bank, old).linked("superseded-by")) == ("superseded", (new.id,))
    assert f"- ~~memcached ({old})~~ → {new.id}" in lines_of_file(bank)
    assert supersede(bank, old, new.id, way).receipt.operation == ""
    undo(bank, "", way)
    assert (recall(bank, old).status, recall(bank, old).links) == ("accepted", ())


def test_a_new_record_takes_no_place_that_is_taken(bank: BankFolder, way: Way) -> None:
    old, new = made(bank, way, "memcached"), made(bank, way, "redis")
    supersede(bank, old, new, way)
    with pytest.raises(SupersededError):
        save(bank, NewRecord("x", kind="decision", links=[Link("supersedes", old)]), way)
    for links in ([Link("supersedes", "dec-20200101-zzzzz")], [Link("superseded-by", new)]):
        with pytest.raises((FieldError, NoRecordError)):
            save(bank, NewRecord("x", kind="decision", links=links), way)
    with pytest.raises(FieldError):
        save(bank, NewRecord("x", kind="decision", links=[Link("supersedes", new), Link("supersedes", old)]), way)
    assert history(bank, limit=1)[0].verb == "supersede"
