"""Tags: counted, near-duplicates told and never taken, renamed as one operation; old memories archived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.errors import FieldError, NoRecordError, NoTypeError
from memorybank.records.draft import NewRecord
from memorybank.records.filter import Filter
from memorybank.records.find import scan
from memorybank.records.memories.cleanup import cleanup
from memorybank.records.memories.memories import delete, recall, save, update
from memorybank.records.memories.tags import count_tags, near_tag, rename_tag
from memorybank.store.journal.history import history
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


@pytest.mark.parametrize(
    ("tag", "other"),
    [
        ("front-end", "frontend"),
        ("tests", "test"),
        ("node.js", "nodejs"),
        ("authentification", "authentication"),
        ("postgres", "postgresql"),
        ("pyhton", "python"),
    ],
)
def test_likely_the_same_word(tag: str, other: str) -> None:
    assert near_tag(tag, ["unrelated", other]) == other


@pytest.mark.parametrize(
    ("tag", "other"),
    [
        ("python2", "python3"),
        ("rest", "rust"),
        ("c", "c++"),
        ("c", "c#"),
        ("api-v1", "api-v2"),
        ("auth", "oauth"),
        ("form", "from"),
    ],
)
def test_likely_another_word(tag: str, other: str) -> None:
    assert near_tag(tag, [other]) == ""


def test_tags_are_counted_and_pairs_told(bank: BankFolder, way: Way) -> None:
    for tags in (["frontend", "jwt"], ["frontend"], ["front-end"]):
        save(bank, NewRecord("x", tags=tags), way)
    save(bank, NewRecord("y", kind="code", tags=["jwt"]), way)
    found = count_tags(bank)
    assert found.counts == {"frontend": 2, "jwt": 2, "front-end": 1}
    assert found.near == [("front-end", "frontend")]
    assert count_tags(bank, kinds=["code"]).counts == {"jwt": 1}


def test_a_new_tag_that_is_near_another_is_advised_against(bank: BankFolder, way: Way) -> None:
    assert (
        save(bank, NewRecord("The first fact of many words, in words that say it", tags=["authentication"]), way).advice
        == ()
    )
    saved = save(
        bank,
        NewRecord("The second fact of many words, in words that say it", tags=["authentification", "authentication"]),
        way,
    )
    assert len(saved.advice) == 1
    assert f"bank update {saved.record.id} --tags +authentication,-authentification" in saved.advice[0]
    assert (
        save(
            bank, NewRecord("The third fact of many words, in words that say it", tags=["authentification"]), way
        ).advice
        == ()
    )


def test_an_update_is_advised_on_what_it_adds(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("x", tags=["frontend"]), way)
    one = save(bank, NewRecord("y", tags=["front-end"]), way).record.id
    assert update(bank, one, way, tags=["+jwt"]).advice == ()
    assert len(update(bank, one, way, tags=["+frontends"]).advice) == 1


def test_a_rename_is_one_operation_over_all_records(bank: BankFolder, way: Way) -> None:
    one = save(bank, NewRecord("x", tags=["front-end", "jwt"]), way).record.id
    two = save(bank, NewRecord("y", kind="code", tags=["frontend", "front-end"]), way).record.id
    three = save(bank, NewRecord("z", tags=["jwt"]), way).record
    before = len(history(bank))
    done = rename_tag(bank, "front-end", "frontend", way)
    assert (sorted(done.ids), len(history(bank))) == (sorted([one, two]), before + 1)
    assert recall(bank, one).tags == ("frontend", "jwt")
    assert recall(bank, two).tags == ("frontend",)
    assert recall(bank, three.id).digest == three.digest
    undo(bank, done.receipt.operation, way)
    assert recall(bank, two).tags == ("frontend", "front-end")


def test_a_rename_of_nothing_or_to_no_tag_is_refused(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("x", tags=["jwt"]), way)
    for old, new in (("jwt", "J W T"), ("jwt", "jwt")):
        with pytest.raises(FieldError):
            rename_tag(bank, old, new, way)
    with pytest.raises(NoRecordError):
        rename_tag(bank, "none", "jwt", way)


def test_a_rename_tells_what_it_could_not_read(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("x", tags=["jwt"]), way)
    broken = bank.folder / "memories" / "fact" / "broken.md"
    broken.write_text("---\ntags: [jwt\n---\n")
    unread = rename_tag(bank, "jwt", "jwts", way).broken
    assert [each.file for each in unread] == ["memories/fact/broken.md"]
    assert broken.read_text() == "---\ntags: [jwt\n---\n"


def test_cleaning_up_archives_the_old_of_a_type(bank: BankFolder, way: Way) -> None:
    old = save(bank, NewRecord("x", kind="episodic", created="2026-01-01T00:00:00Z"), way).record
    kept = [
        save(bank, NewRecord("x", kind="episodic", created="2026-06-01T00:00:00Z"), way).record.id,
        save(bank, NewRecord("x", kind="fact", created="2026-01-01T00:00:00Z"), way).record.id,
    ]
    touched = save(bank, NewRecord("x", kind="episodic", created="2026-01-01T00:00:00Z"), way).record.id
    update(bank, touched, way, tags=["+kept"])
    shown = cleanup(bank, Way(way.author, WriteOptions(dry_run=True)), days=180, wanted=Filter(kinds=("episodic",)))
    assert [each.id for each in shown.records] == [old.id]
    assert len(scan(bank).records) == 4
    done = cleanup(bank, way, days=180, wanted=Filter(kinds=("episodic",)))
    assert [each.id for each in done.records] == [old.id]
    assert {each.id for each in scan(bank).records} == {*kept, touched}
    assert recall(bank, old.id, archived=True).content == "x"
    undo(bank, done.receipt.operation, way)
    assert recall(bank, old.id).digest == old.digest


def test_nothing_old_is_nothing_to_do(bank: BankFolder, way: Way) -> None:
    save(bank, NewRecord("x", kind="episodic"), way)
    done = cleanup(bank, way, days=180, wanted=Filter(kinds=("episodic",)))
    assert (done.records, done.receipt.operation) == ([], "")
    with pytest.raises(NoTypeError):
        cleanup(bank, way, days=180, wanted=Filter(kinds=("episodical",)))


def test_a_record_without_dates_stays(bank: BankFolder, way: Way) -> None:
    folder = bank.folder / "memories" / "episodic"
    folder.mkdir(parents=True)
    (folder / "by-hand.md").write_text("# By hand\n")
    assert cleanup(bank, way, days=1, wanted=Filter(kinds=("episodic",))).records == []


def test_what_was_brought_back_can_be_archived_again(bank: BankFolder, way: Way) -> None:
    one = save(bank, NewRecord("first"), way).record
    delete(bank, one.id, way)
    path = bank.folder / one.file
    path.write_text("---\nid: fct-1\n---\nsecond\n")
    delete(bank, path.stem, way)
    assert (bank.folder / "archive" / one.file).read_text() == "---\nid: fct-1\n---\nsecond\n"
