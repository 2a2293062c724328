"""An import that is repeated: conversations are known by their id or their content, and no change is silent."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.exchange.formats import import_conversation, import_from
from memorybank.records.find import find_record, scan
from memorybank.records.sessions.messages import read_messages
from memorybank.store.journal.log import read_operations

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def talk(*texts: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text} for text in texts], **more}


def taken(bank: BankFolder, folder: Path, way: Way, *talks: dict[str, Any], name: str = "a.json") -> ImportResult:
    source = folder / name
    source.write_text(json.dumps(talks), encoding="utf-8")
    return import_from(bank, "conversation", source, way)


def texts(bank: BankFolder) -> list[list[str]]:
    found = [read_messages(bank, record.id).rows for record in scan(bank, kinds=("session",)).records]
    return sorted([message.text for message in rows] for rows in found)


def test_conversations_without_ids_are_known_in_any_order_and_file(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    taken(bank, tmp_path, way, talk("one"), talk("two", title="Second"))
    done = taken(bank, tmp_path, way, talk("three"), talk("two", title="Second"), talk("one", "more"), name="b.json")
    assert (len(done.records), len(done.grown), done.already) == (1, 1, 1)
    assert texts(bank) == [["one", "more"], ["three"], ["two"]]
    again = import_conversation(bank, json.dumps([talk("one", "more"), talk("three")]), way)
    assert (again.records, again.already) == ((), 2)


def test_conversations_that_begin_alike_stay_apart(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    alike = [talk("Hi"), talk("Hi", "there"), talk("Hi", "there", "you"), talk("Hi", "again")]
    assert len(taken(bank, tmp_path, way, *alike).records) == 4
    random.Random(1).shuffle(alike)
    assert taken(bank, tmp_path, way, *alike).already == 4
    done = taken(bank, tmp_path, way, talk("Hi", "again", "and again"))
    assert (len(done.grown), texts(bank)[1]) == (1, ["Hi", "again", "and again"])


def test_an_older_export_takes_nothing_back(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    taken(bank, tmp_path, way, talk("one", "two", id="x"))
    done = taken(bank, tmp_path, way, talk("one", id="x"))
    assert (done.already, done.misfits, texts(bank)) == (1, (), [["one", "two"]])


def test_an_edited_message_is_told_and_its_version_is_kept_beside_the_other(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    (first,) = taken(bank, tmp_path, way, talk("one", "two", id="x", title="T")).records
    done = taken(bank, tmp_path, way, talk("one", "other", id="x", title="T"))
    (second,) = done.records
    assert texts(bank) == [["one", "other"], ["one", "two"]]
    assert [each.why for each in done.misfits] == [
        f"it changed since it was imported as {first.id}, which is left unchanged; this version is {second.id}"
    ]
    assert [link.to for link in find_record(bank, second.id, kinds=("session",)).links] == [first.id]
    for value in (talk("one", "other", id="x", title="T"), talk("one", "two", id="x", title="T")):
        assert taken(bank, tmp_path, way, value).already == 1
    assert len(taken(bank, tmp_path, way, talk("one", "other", "so", id="x", title="T")).grown) == 1


@pytest.mark.parametrize("more", [(), ("two",)], ids=["as long", "grown"])
@pytest.mark.parametrize("field", ["title", "summary"])
def test_another_title_or_summary_is_told_and_kept(
    bank: BankFolder, tmp_path: Path, way: Way, field: str, more: tuple[str, ...]
) -> None:
    (record,) = taken(bank, tmp_path, way, talk("one", id="x", title="Old", summary="Old")).records
    value = talk("one", *more, id="x", title="Old", summary="Old") | {field: "Entirely new"}
    done = taken(bank, tmp_path, way, value)
    now = find_record(bank, record.id, kinds=("session",))
    assert now.metadata[f"imported_{field}"] == "Entirely new"
    assert (now.title, now.summary, texts(bank)) == ("Old", "Old", [["one", *more]])
    assert f"its {field} differs" in done.misfits[0].why
    assert done.unaccounted == ()
    assert taken(bank, tmp_path, way, value).already == 1


def test_a_title_that_changes_back_is_told_and_kept(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    (record,) = taken(bank, tmp_path, way, talk("one", id="x", title="Old")).records
    taken(bank, tmp_path, way, talk("one", id="x", title="New"))
    done = taken(bank, tmp_path, way, talk("one", "two", id="x", title="Old"))
    now = find_record(bank, record.id, kinds=("session",))
    assert (now.title, now.metadata["imported_title"]) == ("Old", "Old")
    assert [each.why for each in done.misfits] == [
        f"its title is that of {record.id} again; kept in metadata.imported_title"
    ]
    # a title that is known is not told with each new message
    assert taken(bank, tmp_path, way, talk("one", "two", "three", id="x", title="Old")).misfits == ()


def test_an_older_export_of_the_same_messages_takes_no_end_and_no_title_back(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    old = talk("one", id="x", title="Old", updated_at="2025-03-01T10:00:00Z")
    (record,) = taken(bank, tmp_path, way, old).records
    taken(bank, tmp_path, way, old | {"title": "New", "updated_at": "2025-04-01T10:00:00Z"})
    done = taken(bank, tmp_path, way, old)
    now = find_record(bank, record.id, kinds=("session",))
    assert (now.fields["ended"], now.metadata["imported_title"]) == ("2025-04-01T10:00:00Z", "New")
    assert (done.already, done.grown, done.misfits) == (1, (), ())


def test_the_same_conversation_twice_in_a_file_is_one(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    done = taken(bank, tmp_path, way, talk("one", id="x"), talk("one", id="x"), talk("two"), talk("two"))
    assert (len(done.records), done.already, texts(bank)) == (2, 2, [["one"], ["two"]])


def test_random_growth_of_conversations_without_ids_makes_no_doubles(
    bank: BankFolder, tmp_path: Path, way: Way
) -> None:
    rnd = random.Random(3)
    talks = [[f"start {number}"] for number in range(4)]
    for _ in range(12):
        rnd.shuffle(talks)
        for each in talks:
            each += [f"more {rnd.random()}" for _ in range(rnd.randrange(3))]
        if rnd.random() < 0.5:
            talks.insert(0, [f"new {rnd.random()}"])
        taken(bank, tmp_path, way, *(talk(*each) for each in talks))
        assert texts(bank) == sorted(talks)


def test_no_operation_of_an_import_stands_for_the_whole_command(bank: BankFolder, tmp_path: Path, way: Way) -> None:
    """After a crash, the same command would otherwise be answered with what the first operations wrote."""
    named = way._replace(options=way.options._replace(request="import conversation a.json"))
    taken(bank, tmp_path, named, talk("one"), talk("two"))
    assert {operation.request for operation in read_operations(bank)} == {""}
