"""The record and its file: reading without YAML gives what YAML gives, writing is read back, changes are small."""

from __future__ import annotations

from difflib import ndiff
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorybank.document.frontmatter import plan_value, read_fields
from memorybank.document.inline import first_line
from memorybank.document.sections import outline
from memorybank.document.source import Source, lines_of
from memorybank.errors import BankError, FrontMatterError
from memorybank.records.change import with_fields
from memorybank.records.record import (
    WORDS,
    Link,
    Record,
    parse,
    parse_head,
    plain,
    render,
    skim_fields,
    split_title,
    to_yaml,
)

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = st.sampled_from(
    ["id", "title", "tags", "created", "a-b", "a.b", "_x", "X1", "on", "no", "y", "null", "metadata"]
)
VALUES = st.sampled_from(
    [
        *("", "x", "x y", "1", "01", "0", "-0", "-1", "+1", "1.0", "1e3", "0x1f", "0o7", "1_000", ".5", ".inf", "~"),
        *("yes", "No", "on", "true", "True", "TRUE", "false", "null", "Null", "y", "N", "12:30", "1:2", "a: b", "a:b"),
        *("2026-11-21", "2026-11-21T05:30:00Z", "2026-11-21T25:00:00Z", "2026-02-30", "2026-11-21 05:30:00", "2026"),
        *("[]", "[a]", "[a, b]", "[a,b]", "[a, b", "[a, yes]", "[1, 2]", "[a b]", "[a, b] # c", "[a.b/c, d-e]", "[~]"),
        *('""', '"x"', '"a: b"', '"a\\nb"', '"a', "'x'", '"é"', '"#"', '" x "', '"\\u00e9"', '"x" y', '"tab\there"'),
        *("# c", "x # c", "x #c", "x#c", "- x", "? x", "! x", "!x", "&x", "*x", "|", ">", "%x", "@x", "`x`", "{a: b}"),
        *("x ", " x", "x\ty", "x  y", "é", "a/b", "a@b", "(x)", "a+b", "=", "<<", "---", "...", "x...", "--- x"),
    ]
)
LINES = st.builds("{}:{}{}".format, KEYS, st.sampled_from([" ", "  ", "\t", ""]), VALUES) | st.builds(
    "{}{}: {}".format, st.sampled_from(["  ", "   ", " ", "\t"]), KEYS, VALUES
)
INNER = st.lists(LINES | VALUES, max_size=6).map(lambda rows: "".join(f"{row}\n" for row in rows))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(INNER)
@example("a: b\n")
@example("a:\n  b: 1\n")
@example("a:\n  b: 1\nc: 2\n  d: 3\n")
@example("a: 2026-11-21T05:30:00Z\n")
def test_what_is_read_without_yaml_is_what_yaml_reads(inner: str) -> None:
    skimmed = skim_fields(inner)
    if skimmed is not None:
        assert skimmed == plain(read_fields(Source(f"---\n{inner}---\n".encode())))


BODY = st.lists(
    st.sampled_from(
        ["", "# Title", "#  T ##", "# x #", "# é\xa0", "#\ty", "# a\x0b", "## S", "\r", " # no", "#", "---"]
    ),
    max_size=4,
).map("\n".join)


@given(
    st.sampled_from(["---\n", "--- \n", "---\r\n", "\ufeff---\n", "---\n\n", ""]),
    INNER,
    st.sampled_from(["---\n", "...\n", "--- \n", "---", "", "\n---\n"]),
    BODY,
)
@example("---\n", "id: x\n", "---\n", "# T\n\nwords\n")
@example("---\n", "id: x\nmetadata:\n  a: 1\n", "---\n", "")
@example("---\n", "", "---\n", "words")
@example("---\n", "id: x\n\nwords\n", "---\n", "words")
@example("---\n", "created: []\ndate: 2026-11-21\n", "---\n", "")
def test_the_short_way_to_a_head_reads_what_the_long_one_reads(begin: str, inner: str, end: str, body: str) -> None:
    data = f"{begin}{inner}{end}{body}".encode()
    assert outcome(parse_head, data) == outcome(parse, data)


def test_a_head_of_the_greatest_length_is_read_as_it_is() -> None:
    for size in (32 * 1024 - 40, 32 * 1024, 64 * 1024 - 12, 64 * 1024, 70 * 1024):
        data = f"---\nid: {'x' * size}\n---\n# T\n".encode()
        assert outcome(parse_head, data) == outcome(parse, data)


def test_bytes_that_are_no_text_are_read_in_a_head() -> None:
    for data in (b"---\nid: x\n---\n# a\xff\n", b"---\nid: \xff\n---\n", b'---\nid: "\xff"\n---\n# \xc3'):
        assert outcome(parse_head, data) == outcome(parse, data)


def outcome(read: Callable[[bytes, str, str], Record], data: bytes) -> object:
    try:
        return read(data, "memories/fact/x.md", "fact")._replace(content="", digest="")
    except FrontMatterError as error:
        return error.message


@given(st.sampled_from(["", '"', "["]), TEXT, st.sampled_from(["", '"', "]"]))
@example('"', "\ufffe", '"')
def test_any_value_that_is_read_without_yaml_is_what_yaml_reads(begin: str, text: str, end: str) -> None:
    inner = f"a: {begin}{text}{end}\n"
    skimmed = skim_fields(inner)
    if skimmed is not None:
        assert skimmed == plain(read_fields(Source(f"---\n{inner}---\n".encode())))


@given(JSON)
@example("2026-11-21")
@example("yes")
@example("a\x85b")
@example("\ufeff")
@example("\x7f")
@example([1, "1", 1.0, "1.0", None, "null"])
@example({"": {"": ""}})
def test_a_value_is_written_so_that_it_is_read_back(value: Any) -> None:
    text = f"x: {to_yaml(value)}\n"
    assert "\n" not in text[:-1]
    assert plain(read_fields(Source(f"---\n{text}---\n".encode()))) == {"x": value}


@given(
    title=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20),
    summary=TEXT,
    metadata=st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}\Z", fullmatch=True), JSON, max_size=3),
)
def test_a_new_file_holds_what_was_given(title: str, summary: str, metadata: dict[str, Any]) -> None:
    title = " ".join(title.split()).strip("# ")
    text = render({"id": "x-1", "summary": summary, "metadata": metadata}, title, "Body.\n\nMore.")
    record = parse(text.encode(), "memories/fact/x-1.md", "fact")
    assert record.summary == summary
    assert dict(record.metadata) == metadata
    assert record.content == "Body.\n\nMore." if title else record.content.endswith("More.")


WRITTEN = """---
# who made this
type: decision   # a comment
id: "dec-20261121-aaaaa"
status: 'accepted'
custom_key: {a: 1, b: [x, y]}

tags:
  - one   # first
  - two
summary: >
  Folded text
  of two lines
metadata:
    sprint: 42
    who: "x: y"
---

# Cache

Text.
"""


def changed_lines(before: bytes, after: bytes) -> list[str]:
    old, new = lines_of(before.decode()), lines_of(after.decode())
    return [row for row in ndiff(old, new) if row[0] in "+-"]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("field", "value", "was"),
    [
        ("status", "deprecated", "status: 'accepted'"),
        ("type", "fact", "type: decision   # a comment"),
        ("id", "dec-x", 'id: "dec-20261121-aaaaa"'),
        ("metadata.sprint", 43, "    sprint: 42"),
        ("metadata.who", "me", '    who: "x: y"'),
        ("updated", "2026-11-21T05:30:00Z", None),
        ("metadata.new", [1, "x"], None),
    ],
)
def test_one_field_is_one_line(eol: str, bom: bytes, field: str, value: object, was: str | None) -> None:
    source = Source(bom + WRITTEN.replace("\n", eol).encode())
    after = with_fields(source, {field: value})
    rows = changed_lines(source.data, after.data)
    assert len([row for row in rows if row[0] == "+"]) == 1
    assert [row[2:].rstrip("\r\n") for row in rows if row[0] == "-"] == ([was] if was else [])
    assert after.data.startswith(bom)
    record = parse(after.data, "x.md")
    held = {**record._asdict(), **{f"metadata.{key}": each for key, each in record.metadata.items()}}
    assert held[field] == value


PLAIN = st.lists(
    st.sampled_from(["id: x", "title:  y", "created: 2026-11-21", "a-b: 1", "_x: true", "tags: [a, b]", 'X1: "é"']),
    unique=True,
).map(lambda rows: "".join(f"{row}\n" for row in rows))


@given(
    st.sampled_from(["---\n", "\ufeff---\n", "---\r\n"]),
    PLAIN | INNER,
    st.sampled_from(["---\n", "...\n", "---"]),
    KEYS,
    TEXT | st.integers() | st.sampled_from(["2026-11-21T05:30:00Z", "active", "x: y", True, 1.5, None, [], ["a", "b"]]),
)
@example("---\n", "id: x\nstatus:  active\n", "---\n", "status", "ended")
@example("---\n", "id: x\n", "---\n", "updated", "2026-11-21T05:30:00Z")
@example("---\n", "id: x\nmetadata:\n  id: 1\n", "---\n", "id", "y")
@example("---\n", "tags: a\n", "---\n", "tags", ["a", "b"])
@example("---\r\n", "id: x\n", "---\n", "id", "y")
def test_a_field_set_without_yaml_is_set_as_yaml_does_it(
    begin: str, inner: str, end: str, field: str, value: Any
) -> None:
    source = Source(f"{begin}{inner}{end}# T\n".encode())
    try:
        span = plan_value(source, field, to_yaml(value), "", WORDS)
        expected: object = source.to_bytes(source.text[: span.start] + span.text + source.text[span.end :])
    except BankError as error:
        expected = error.message
    try:
        done: object = with_fields(source, {field: value}).data
    except BankError as error:
        done = error.message
    assert done == expected


def test_a_comment_behind_a_value_stays() -> None:
    after = with_fields(Source(WRITTEN.encode()), {"type": "fact"})
    assert "type: fact   # a comment\n" in after.text


def test_setting_what_stands_there_already_changes_nothing() -> None:
    record = render({"id": "x", "tags": ["a", "b"], "metadata": {"k": 1}}, "T", "Text.").encode()
    assert with_fields(Source(record), {"tags": ["a", "b"], "id": "x", "metadata.k": 1}).data == record


def test_a_hand_made_file_is_read_as_it_is_meant() -> None:
    record = parse(WRITTEN.encode(), "memories/decision/dec-20261121-aaaaa-cache.md", "decision")
    assert (record.id, record.type, record.status, record.title) == (
        "dec-20261121-aaaaa",
        "decision",
        "accepted",
        "Cache",
    )
    assert (record.tags, record.summary) == (("one", "two"), "Folded text of two lines\n")
    assert record.metadata == {"sprint": 42, "who": "x: y"}
    assert record.fields == {"custom_key": {"a": 1, "b": ["x", "y"]}}


def test_values_of_another_kind_are_taken_for_what_they_can_be() -> None:
    text = "---\nid: 7\ntags: a, b\nrelates: x-1\nsupersedes: [x-2, 3]\ndate: 2026-11-21 05:30:00\nmetadata: x\n---\n"
    record = parse(text.encode(), "memories/fact/7.md", "fact")
    assert (record.id, record.tags, record.created) == ("7", ("a", "b"), "2026-11-21T05:30:00")
    assert record.links == (Link("relates", "x-1"), Link("supersedes", "x-2"), Link("supersedes", "3"))
    assert record.metadata == {"metadata": "x"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\nid: x\ntags: [a\n---\n", 3),
        ("---\nid: x\nid: y\n---\n", 3),
        ("---\nid: &a x\nb: *a\n---\n", 2),
        ("---\n- x\n---\nText\n", 1),
        ("---\nid: x\nText that never ends\n", 1),
        ("---\n<<<<<<< ours\nid: x\n=======\nid: y\n>>>>>>> theirs\n---\n", 2),
        ("---\nid: x\n\tstatus: y\n---\n", 3),
    ],
)
def test_front_matter_that_cannot_be_read_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(FrontMatterError) as caught:
        parse(text.encode(), "memories/fact/x.md", "fact")
    assert abs(caught.value.line - line) <= 1
    assert caught.value.why


@pytest.mark.parametrize("text", ["", "\n", "Text.\n", "---\n\nText below a rule.\n", "# Title\n", "\xef\xbb\xbf# T\n"])
def test_a_file_without_front_matter_is_a_record_by_its_name(text: str) -> None:
    record = parse(text.encode("latin-1"), "memories/fact/by-hand.md", "fact")
    assert (record.id, record.type) == ("by-hand", "fact")
    assert record.title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# T\n\nx", "T"),
        ("\n\n# T #\nx", "T"),
        ("#T\n", ""),
        ("## T\n", ""),
        ("x\n# T\n", ""),
        ("#\n", ""),
        ("# T\r\nx", "T"),
    ],
)
def test_the_title_is_a_heading_on_top(text: str, title: str) -> None:
    assert split_title(text)[0] == title


def test_the_first_line_of_words_is_cut() -> None:
    assert first_line("\n\n- some words\nmore") == "some words"
    assert len(first_line("x" * 500)) == 200
    assert first_line("```\ncode\n```") == "code"


@pytest.mark.parametrize(
    "title", ["Room #", "C ##", "# #", "C#", "x \\#", "x \\\\#", "a \\\\ ##", "F #1", "#tag #", "Ends with \\", "`#` #"]
)
def test_a_title_that_ends_like_closing_marks_keeps_them(title: str) -> None:
    """What follows a space and hashes closes a heading; a title is written so that none of it does."""
    text = render({"id": "fct-20261128-abcde", "type": "fact"}, title, "words")
    assert parse(text.encode(), "memories/fact/x.md").title == title
    assert parse_head(text.encode(), "memories/fact/x.md").title == title
    assert outline(Source(text.encode())).sections[1].name == title
