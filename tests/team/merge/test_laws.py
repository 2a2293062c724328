"""What holds for every merge, whatever was edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorybank.document.conflicts import find_conflicts
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.team.merge import merge_files
from memorybank.team.merge.accounting import faults_in
from memorybank.team.merge.line_merge import Markers
from memorybank.team.merge.structure import merge_structure
from tests.team.merge.histories import edited, lines_in, some_file, text_of

if TYPE_CHECKING:
    from random import Random

NAMES = st.sampled_from(["notes.md", "notes.txt"])
TEXTS = st.text(st.sampled_from("ab#-*`=|<>[x] 1.\t\n\r\ufeff\x85\u2028\0"), max_size=60).map(str.encode) | st.binary(
    max_size=40
)
randoms = st.randoms(use_true_random=False)


@given(TEXTS, TEXTS, NAMES)
def test_a_side_that_did_not_change_leaves_every_byte_of_the_other(base: bytes, changed: bytes, name: str) -> None:
    assert merge_files(base, base, changed, name=name) == (changed, ())
    assert merge_files(base, changed, base, name=name) == (changed, ())
    assert merge_files(base, changed, changed, name=name) == (changed, ())


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["notes.md", "notes.txt", "a.json", "a.jsonl"]))
def test_no_input_breaks_the_merge(base: bytes, ours: bytes, theirs: bytes, name: str) -> None:
    merged = merge_files(base, ours, theirs, name=name)
    assert all(1 <= each.first < each.last for each in merged.conflicts)


def three(random: Random) -> tuple[bytes, bytes, bytes]:
    base = some_file(random)
    ours = edited(random, base, "ours", random.randint(1, 4))
    theirs = edited(random, base, "theirs", random.randint(1, 4))
    return text_of(base), text_of(ours), text_of(theirs)


@settings(max_examples=150)
@given(randoms)
def test_no_line_is_lost_doubled_or_revived(random: Random) -> None:
    """The structural merge accounts for every line by itself: the fallback is for what nobody thought of."""
    base, ours, theirs = (each.decode() for each in three(random))
    merged = merge_structure(base, ours, theirs, Markers(), None)
    assert faults_in(base, ours, theirs, merged) == []


@settings(max_examples=100)
@given(randoms)
def test_both_directions_have_the_same_lines_and_conflicts(random: Random) -> None:
    base, ours, theirs = three(random)
    one, other = (merge_files(base, *sides, name="notes.md") for sides in ((ours, theirs), (theirs, ours)))
    assert lines_in(one.data) == lines_in(other.data)
    assert sorted(each.why for each in one.conflicts) == sorted(each.why for each in other.conflicts)


@settings(max_examples=100)
@given(randoms)
def test_conflicts_are_found_where_the_merge_says(random: Random) -> None:
    merged = merge_files(*three(random), name="notes.md")
    found = find_conflicts(outline(Source(merged.data), "notes.md"))
    assert [(each.first, each.last) for each in found] == [(each.first, each.last) for each in merged.conflicts]


@settings(max_examples=60)
@given(randoms)
def test_line_endings_of_one_side_change_nothing_but_line_endings(random: Random) -> None:
    base, ours, theirs = three(random)
    plain = merge_files(base, ours, theirs, name="notes.md")
    turned = merge_files(base, ours.replace(b"\n", b"\r\n"), theirs, name="notes.md")
    assert turned.data == plain.data.replace(b"\n", b"\r\n")


def test_a_wrong_merge_does_not_pass_the_count() -> None:
    base, ours, theirs = "# T\n\n- a\n- b\n", "# T\n\n- a\n- b\n- ours\n", "# T\n\n- a\n"
    right = merge_structure(base, ours, theirs, Markers(), None)
    assert faults_in(base, ours, theirs, right) == []
    for wrong in ("# T\n\n- a\n", "# T\n\n- a\n- b\n- ours\n", "# T\n\n- a\n- ours\n- ours\n", "T\n\n- a\n- ours\n"):
        assert faults_in(base, ours, theirs, right._replace(text=wrong))


def test_lines_that_became_headings_do_not_pass_the_count() -> None:
    base, ours, theirs = "a\n\n---\n\nb\n", "a\n\n---\n\nb\n\nc\n", "a\n\n---\n"
    right = merge_structure(base, ours, theirs, Markers(), None)
    assert faults_in(base, ours, theirs, right._replace(text="a\n---\n\nc\n"))


@pytest.mark.parametrize("name", ["notes.md", "notes.txt"])
def test_what_cannot_be_merged_line_by_line_is_one_conflict(name: str) -> None:
    """Both sides moved the same line, to different places: a merge of lines would have it twice."""
    base, ours, theirs = b"x\na\nb\nc\nd\n", b"a\nb\nx\nc\nd\n", b"a\nb\nc\nd\nx\n"
    merged = merge_files(base, ours, theirs, name=name)
    assert merged.conflicts
    assert ours in merged.data
    assert theirs in merged.data
