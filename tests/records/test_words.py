"""Words of the front matter stay as they are written, whatever YAML takes them for; impossible dates are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.document.frontmatter import plan_field, read_fields
from memorybank.document.source import Source
from memorybank.errors import FieldError, FrontMatterError
from memorybank.records.change import with_fields
from memorybank.records.draft import NewRecord
from memorybank.records.fields import change_tags, check_fields, parse_metadata
from memorybank.records.memories.memories import recall, save, update
from memorybank.records.memories.tags import count_tags, rename_tag
from memorybank.records.record import parse
from memorybank.records.set_field import set_field
from memorybank.records.templates import load_type

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

ODD = (
    *("yes", "No", "on", "OFF", "true", "False", "null", "Null", "1.10", "007", "0o17", "0x1F", "1_000", "12:30"),
    *("2024-01-05", "2024-02-30", "2024-01-05 10:00:00", "1e3", ".5", "+5", "-0", "3.0", "y", "n", ".inf", "'quoted'"),
    *('"twice"', "c++", "a.b/c", "~"),
)


def with_tags(bank: BankFolder, way: Way, written: str) -> str:
    """Save a record and put other tags into its file; returns its id."""
    ident = save(bank, NewRecord("hello", tags=["placeholder"]), way).record.id
    path = file_of(bank, ident)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("tags: [placeholder]", f"tags: {written}"), encoding="utf-8")
    return ident


def file_of(bank: BankFolder, ident: str) -> Path:
    return bank.folder / recall(bank, ident).file


def line_of(bank: BankFolder, ident: str) -> str:
    text = file_of(bank, ident).read_text(encoding="utf-8")
    return text[text.index("tags:") : text.index("source_tool:")]


@pytest.mark.parametrize("word", ODD)
def test_a_tag_beside_a_new_one_stays_as_written(bank: BankFolder, way: Way, word: str) -> None:
    ident = with_tags(bank, way, f"[{word},  beta ]  # by hand")
    update(bank, ident, way, tags=["+gamma"])
    assert line_of(bank, ident) == f"tags: [{word},  beta, gamma ]  # by hand\n"
    rename_tag(bank, "beta", "delta", way)
    assert line_of(bank, ident) == f"tags: [{word},  delta, gamma ]  # by hand\n"


@pytest.mark.parametrize("word", ODD)
def test_a_row_beside_a_new_one_stays_as_written(bank: BankFolder, way: Way, word: str) -> None:
    ident = with_tags(bank, way, f"\n  - {word}  # mine\n  - beta")
    update(bank, ident, way, tags=["+gamma", "-beta"])
    assert line_of(bank, ident) == f"tags: \n  - {word}  # mine\n  - gamma\n"


@pytest.mark.parametrize("word", ["yes", "1.10", "007", "null", "2024-01-05", "12:30", "on"])
def test_tags_are_told_counted_and_renamed_as_written(bank: BankFolder, way: Way, word: str) -> None:
    ident = with_tags(bank, way, f"[{word}, beta]")
    assert recall(bank, ident).tags == (word, "beta")
    assert count_tags(bank).counts == {word: 1, "beta": 1}
    rename_tag(bank, word, "other", way)
    assert line_of(bank, ident) == "tags: [other, beta]\n"


def test_tags_with_commas_alone_keep_their_form(bank: BankFolder, way: Way) -> None:
    ident = with_tags(bank, way, "1.10, yes")
    update(bank, ident, way, tags=["+gamma"])
    assert line_of(bank, ident) == "tags: 1.10, yes, gamma\n"
    one = with_tags(bank, way, "yes")
    update(bank, one, way, tags=["+gamma"])
    assert line_of(bank, one) == "tags: yes, gamma\n"


def test_a_list_over_lines_keeps_them(bank: BankFolder, way: Way) -> None:
    ident = with_tags(bank, way, "[\n  yes,  # by hand\n  'b',\n  # the rest\n  c,  # last\n]")
    update(bank, ident, way, tags=["+d", "-b"])
    assert line_of(bank, ident) == "tags: [\n  yes,  # by hand\n  # the rest\n  c,  # last\n  d\n]\n"
    update(bank, ident, way, tags=["-c", "-d"])
    assert line_of(bank, ident) == "tags: [\n  yes,  # by hand\n  # the rest\n]\n"


def test_a_list_of_more_than_words_is_left_to_a_person(bank: BankFolder, way: Way) -> None:
    ident = with_tags(bank, way, "[~, beta, [a, b], {k: v}]")
    before = line_of(bank, ident)
    with pytest.raises(FrontMatterError, match="more than words"):
        update(bank, ident, way, tags=["+gamma"])
    assert line_of(bank, ident) == before


def test_titles_and_states_are_read_as_written() -> None:
    head = "id: 007\ntitle: 12:30\nstatus: on\nsummary: 1.10\nproject: 2024-02-30\nrelates: [1_000]"
    record = parse(f"---\n{head}\n---\nwords\n".encode(), "memories/fact/x.md", "fact")
    assert (record.id, record.title, record.status, record.summary) == ("007", "12:30", "on", "1.10")
    assert (record.project, record.linked("relates")) == ("2024-02-30", ("1_000",))


WORD = st.sampled_from([*ODD, "beta", "gamma", '"a, b"', "c#"])
GAP = st.sampled_from([", ", ",", " ,  ", ",\n  ", ",  # by hand\n  ", "\n  # above\n  ,"])


@given(st.lists(st.tuples(WORD, GAP), min_size=1, max_size=5), st.data())
def test_words_that_stay_keep_their_bytes(rows: list[tuple[str, str]], data: st.DataObject) -> None:
    inner = "".join(word + (gap if number < len(rows) - 1 else "") for number, (word, gap) in enumerate(rows))
    source = Source(f"---\nid: x\ntags: [{inner}]\nlast: 007\n---\n# T\n".encode())
    tags = parse(source.data, "x.md", "fact").tags
    stays = [each for each in tags if data.draw(st.booleans())]
    wanted = list(change_tags(stays, ["+new"]))
    after = with_fields(source, {"tags": wanted})
    assert list(parse(after.data, "x.md", "fact").tags) == wanted
    assert after.text.endswith("]\nlast: 007\n---\n# T\n")
    for word, _ in rows:
        if word.strip("'\"") in stays:
            assert word in after.text


@pytest.mark.parametrize(
    "value",
    ["2024-02-30", "2024-13-01", "2024-02-30 10:00:00", "2024-01-01T25:00:00Z", "[a, 2024-02-30]", "0000-01-01"],
)
def test_a_date_that_does_not_exist_is_refused(value: str) -> None:
    source = Source(b"---\nstatus: a\n---\n# H\n")
    with pytest.raises(FieldError, match="not a valid date or time"):
        plan_field(source, "due", value, "docs/d.md")
    span = plan_field(source, "due", f'"{value}"', "docs/d.md")
    assert span.text == f'due: "{value}"\n'


@pytest.mark.parametrize("value", ["1.10", "007", "yes", "No", "on", "12:30", "0x1F", "1_000", "+5", ".5"])
def test_what_yaml_would_change_is_set_in_quotes(value: str) -> None:
    source = Source(b"---\nstatus: a\n---\n# H\n")
    span = plan_field(source, "due", value)
    assert span.text == f'due: "{value}"\n'


@pytest.mark.parametrize("value", ["5", "-1", "1.5", "true", "2024-02-29", "null", "words", "[1.10, yes]"])
def test_what_reads_as_typed_is_set_plainly(value: str) -> None:
    span = plan_field(Source(b"---\nstatus: a\n---\n# H\n"), "due", value)
    assert span.text.rstrip("\n").removeprefix("due: ").strip('"') == value
    if value != "-1":
        assert span.text == f"due: {value}\n"


def test_an_impossible_date_in_a_file_is_told_with_its_line() -> None:
    with pytest.raises(FrontMatterError, match=r"line 3: '2024-02-30' is not a valid date"):
        read_fields(Source(b"---\na: 1\ndue: 2024-02-30\n---\n"), "d.md")


@pytest.mark.parametrize("value", ["2024-02-30", "2023-02-29", "2024-00-10"])
def test_a_record_takes_no_date_that_does_not_exist(bank: BankFolder, value: str) -> None:
    with pytest.raises(FieldError, match="not a date"):
        check_fields(load_type(bank, "plan"), {"date": value}, complete=False)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1.10", "1.10"), ("007", "007"), ("1e5", "1e5"), ("1.5", 1.5), ("42", 42), ("true", True), ("null", None)],
)
def test_metadata_reads_back_as_typed(typed: str, value: object) -> None:
    assert parse_metadata([f"version={typed}"]) == {"version": value}


def test_a_field_with_an_impossible_date_can_be_set_right() -> None:
    source = Source(b"---\na: 1\ndue: 2024-02-30\n---\n")
    span = plan_field(source, "due", "2024-02-29", "d.md")
    assert source.text[: span.start] + span.text + source.text[span.end :] == "---\na: 1\ndue: 2024-02-29\n---\n"
    with pytest.raises(FrontMatterError, match="line 3"):
        plan_field(source, "a", "2", "d.md")


def test_a_status_that_the_type_does_not_have_is_refused(bank: BankFolder, way: Way) -> None:
    ident = save(bank, NewRecord("hello"), way).record.id
    file = recall(bank, ident).file
    with pytest.raises(FieldError, match="invalid status 'dnoe'"):
        set_field(bank, file, "status", "dnoe", way)
    set_field(bank, file, "status", "deprecated", way)
    assert recall(bank, ident).status == "deprecated"
    set_field(bank, file, "mood", "dnoe", way)
    plan = bank.project / "docs" / "plans" / "x.md"
    plan.parent.mkdir(parents=True)
    plan.write_text("---\ntype: plan\nstatus: odd\n---\n# X\n", encoding="utf-8")
    with pytest.raises(FieldError, match="invalid status 'dnoe'"):
        set_field(bank, "docs/plans/x.md", "status", "dnoe", way)
    set_field(bank, "docs/plans/x.md", "owner", "Ann", way)
    assert "status: odd\nowner: Ann\n" in plan.read_text(encoding="utf-8")


def test_one_tag_is_one_tag(bank: BankFolder, way: Way) -> None:
    record = save(bank, NewRecord("hello", tags="auth"), way).record
    assert recall(bank, record.id).tags == ("auth",)
    update(bank, record.id, way, tags="+jwt")
    assert recall(bank, record.id).tags == ("auth", "jwt")
