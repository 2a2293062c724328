"""The merge by lines, and the parts that every merge uses."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.team.merge import Labels, merge_files
from memorybank.team.merge.accounting import faults_of
from memorybank.team.merge.align import align
from memorybank.team.reconcile import reconcile

rows = st.lists(st.sampled_from("abcdeX-"), max_size=30)


@given(rows, rows)
def test_alignment_pairs_equal_elements_in_rising_order(one: list[str], other: list[str]) -> None:
    pairs = align(one, other)
    assert all(one[a] == other[b] for a, b in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@given(rows)
def test_a_sequence_is_aligned_with_itself_completely(one: list[str]) -> None:
    assert align(one, one) == [(i, i) for i in range(len(one))]


def test_thousands_of_repeated_lines_are_aligned_quickly() -> None:
    one = ["---", ""] * 20_000
    assert len(align(one, ["new", *one[2:]])) > 39_000


def test_changes_in_different_lines_are_both_kept() -> None:
    merged = merge_files(b"a\nb\nc\n", b"A\nb\nc\n", b"a\nb\nC\n", name="notes.txt")
    assert merged.data == b"A\nb\nC\n"
    assert not merged.conflicts


def test_different_changes_of_a_line_are_a_conflict_with_its_lines() -> None:
    merged = merge_files(
        b"a\nb\nc\n", b"a\nB\nc\n", b"a\nbb\nc\n", name="notes.txt", labels=Labels("main", "branch"), marker_size=9
    )
    assert merged.data == b"a\n<<<<<<<<< main\nB\n=========\nbb\n>>>>>>>>> branch\nc\n"
    assert [each[:3] for each in merged.conflicts] == [("", 2, 6)]


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "action", "data"),
    [
        (b"a\n", b"a\n", b"a\n", "same", b"a\n"),
        (None, None, None, "same", None),
        (b"a\n", None, None, "same", None),
        (b"a\n", b"b\n", b"a\n", "keep", b"b\n"),
        (b"a\n", None, b"a\n", "keep", None),
        (None, b"b\n", None, "keep", b"b\n"),
        (b"a\n", b"a\n", b"b\n", "take", b"b\n"),
        (None, None, b"b\n", "take", b"b\n"),
        (b"a\n", b"a\n", None, "removed", None),
        (b"a\nb\nc\n", b"x\nb\nc\n", b"a\nb\ny\n", "merged", b"x\nb\ny\n"),
    ],
)
def test_one_side_that_did_not_change_decides_nothing(
    base: bytes | None, ours: bytes | None, theirs: bytes | None, action: str, data: bytes | None
) -> None:
    assert reconcile(base, ours, theirs, name="a.txt")[:2] == (action, data)


@pytest.mark.parametrize("ours_is_gone", [True, False])
def test_a_file_deleted_on_one_side_and_edited_on_the_other_keeps_its_text_in_a_conflict(ours_is_gone: bool) -> None:
    edited = b"---\r\nid: a\r\n---\r\n# New\r\n"
    ours, theirs = (None, edited) if ours_is_gone else (edited, None)
    outcome = reconcile(
        b"---\r\nid: a\r\n---\r\n# Old\r\n", ours, theirs, name="memories/a.md", labels=Labels("a", "b")
    )
    assert outcome.action == "conflict"
    sides = (b"<<<<<<< a (deleted)", b">>>>>>> b") if ours_is_gone else (b"<<<<<<< a", b">>>>>>> b (deleted)")
    assert outcome.data is not None
    assert outcome.data.startswith(b"---\r\nid: a\r\n---\r\n" + sides[0] + b"\r\n")
    assert outcome.data.endswith(sides[1] + b"\r\n")
    assert b"# New\r\n" in outcome.data
    assert (outcome.conflicts[0].first, outcome.conflicts[0].last) == (4, outcome.data.count(b"\n"))


BASE, OURS, THEIRS = "a\nb\nc\n", "a\nb\nc\nd\n", "b\nc\n"


@pytest.mark.parametrize(
    ("merged", "fault"),
    [
        ("b\nc\nd\n", ""),
        ("b\nc\n", "lost: 'd'"),
        ("b\nd\n", "lost: 'c'"),
        ("b\nc\nd\nd\n", "doubled: 'd'"),
        ("a\nb\nc\nd\n", "revived: 'a'"),
        ("b\nc\nd\ne\n", "from nowhere: 'e'"),
    ],
)
def test_the_accounting_finds_each_wrong_merge(merged: str, fault: str) -> None:
    found = faults_of(BASE, OURS, THEIRS, merged)
    assert len(found) == bool(fault)
    assert all(each.startswith(fault) for each in found)


def test_lines_of_a_conflict_block_count_for_their_side() -> None:
    block = "<<<<<<< a\nB\n=======\nbb\n>>>>>>> b\n"
    assert faults_of("b\n", "B\n", "bb\n", block, blocks=[(block, "B\n", "bb\n")]) == []
    assert faults_of("b\n", "B\n", "bb\n", block, blocks=[(block, "B\n", "")]) != []
