"""The account of words: what a source had is in what was written, in the report, or left out by a counted kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memorybank.document.inline import TITLE_LENGTH
from memorybank.exchange.account import Account, words_of
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.write_records import take_in
from memorybank.records.find import scan
from memorybank.records.record import Link, parse

if TYPE_CHECKING:
    from memorybank.exchange.imported import ImportResult
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def taken(bank: BankFolder, way: Way, came: str, **values: Any) -> ImportResult:
    account = Account()
    account.came("a.md", came)
    given = {"kind": "fact", "title": "Title", "content": "Some text", **values}
    record = Incoming("a.md", "0" * 16, **given)
    return take_in(bank, [ReadResult("adr", (record,), account=account)], way)


def only(bank: BankFolder) -> Record:
    (found,) = scan(bank).records
    return parse((bank.folder / found.file).read_bytes(), found.file)


def test_a_word_that_is_nowhere_is_named(bank: BankFolder, way: Way) -> None:
    done = taken(bank, way, "Title\n\nSome text and one lost sentence")
    assert [(each.where, each.why) for each in done.unaccounted] == [
        ("a.md", "4 words of it are neither written nor reported: and one lost sentence")
    ]


def test_a_word_that_came_twice_and_is_written_once_is_named(bank: BankFolder, way: Way) -> None:
    done = taken(bank, way, "Title\n\nSome text text")
    assert "1 words of it" in done.unaccounted[0].why


@pytest.mark.parametrize("how", ["turned", "left", "reported"])
def test_a_word_that_is_settled_is_not_missing(bank: BankFolder, way: Way, how: str) -> None:
    account = Account()
    account.came("a.md", "Some text, lost sentence")
    if how == "turned":
        account.turned("a.md", "lost sentence")
    elif how == "left":
        account.left("a.md", "pictures", "lost sentence")
    else:
        account.reported("a.md", "its last words are not text", "lost sentence")
    record = Incoming("a.md", "0" * 16, "fact", "Title", "Some text")
    done = take_in(bank, [ReadResult("adr", (record,), account=account)], way)
    assert done.unaccounted == ()
    whys = {"turned": [], "left": ["1 pictures skipped"], "reported": ["its last words are not text"]}
    assert [each.why for each in done.misfits] == whys[how]


def test_an_entry_without_a_record_is_named_as_a_whole(bank: BankFolder, way: Way) -> None:
    account = Account()
    account.came("b.md", "forgotten")
    account.came("c.md", "told of")
    account.skipped("c.md", "it is empty")
    done = take_in(bank, [ReadResult("adr", (), account=account)], way)
    assert [each.where for each in done.unaccounted] == ["b.md"]
    assert [each.why for each in done.misfits] == ["skipped: it is empty"]


@pytest.mark.parametrize(
    ("values", "name", "kept"),
    [
        ({"title": "long " * 200}, "imported_title", ("long " * 200).strip()),
        ({"summary": "long " * 500}, "imported_summary", ("long " * 500).strip()),
        ({"tags": ("###", "fine")}, "imported_tags", ["###"]),
        ({"tags": tuple(f"tag{n}" for n in range(52))}, "imported_tags", ["tag50", "tag51"]),
        ({"status": "perhaps"}, "imported_status", "perhaps"),
        ({"links": (Link("relates", "nobody"),)}, "imported_links", ["relates: nobody"]),
        ({"links": (Link("sings", "nobody"),)}, "imported_links", ["sings: nobody"]),
    ],
)
def test_what_a_record_cannot_have_is_kept_in_its_metadata(
    bank: BankFolder, way: Way, values: dict[str, Any], name: str, kept: object
) -> None:
    came = " ".join(str(each) for each in values.values())
    done = taken(bank, way, came.replace("Link", "").replace("rel=", "").replace("to=", ""), **values)
    assert (only(bank).metadata[name], done.unaccounted) == (kept, ())
    assert any(name in each.why for each in done.misfits)
    assert len(only(bank).title) <= TITLE_LENGTH


def test_names_that_front_matter_cannot_have_are_kept(bank: BankFolder, way: Way) -> None:
    done = taken(bank, way, "ключ value", metadata={"ключ": "value"})
    assert (only(bank).metadata["imported_names"], done.unaccounted) == (["_: ключ"], ())


def test_metadata_that_is_too_large_stays_below_the_text(bank: BankFolder, way: Way) -> None:
    large = {"rows": ["```", "word " * 10_000]}
    done = taken(bank, way, "word " * 10_000 + "rows", metadata=large)
    assert only(bank).content.startswith("Some text\n\n## Imported Values\n\n````json\n")
    assert (done.unaccounted, [each.why for each in done.misfits]) == (
        (),
        ["metadata 'rows' is large; kept below the text"],
    )


def test_a_secret_is_accounted_for_by_its_report(bank: BankFolder, way: Way) -> None:
    text = f"the key is AKIA{'QY7WER5TZ8UI4OP2'} here"
    done = taken(bank, way, text, content=text)
    assert (len(done.redacted), done.unaccounted) == (1, ())


def test_what_was_there_before_needs_no_account(bank: BankFolder, way: Way) -> None:
    taken(bank, way, "Some text")
    again = taken(bank, way, "Some text that nothing has")
    assert (again.already, again.unaccounted) == (1, ())


def test_a_record_without_a_date_has_none(bank: BankFolder, way: Way) -> None:
    taken(bank, way, "", kind="decision")
    assert (only(bank).created, only(bank).fields.get("date")) == ("", None)


def test_words_are_compared_without_case_hidden_characters_and_width() -> None:
    assert words_of("A\u200bb ＦＵＬＬ_width c\x00d") == {"ab": 1, "full": 1, "width": 1, "cd": 1}  # noqa: RUF001  wide on purpose


def test_a_secret_in_a_title_that_is_too_long_is_reported_once(bank: BankFolder, way: Way) -> None:
    done = taken(bank, way, "", title=f"AKIA{'QY7WER5TZ8UI4OP2'} " + "long " * 200)
    assert [each.why.count("(") for each in done.redacted] == [0]
