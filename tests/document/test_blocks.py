"""Blocks and items of a region."""

from __future__ import annotations

import pytest

from memorybank.document.scanner.blocks import Block, Item, OpenBlock, parse_blocks
from memorybank.document.scanner.containers import MAX_DEPTH


def kinds(shadow: str) -> list[str]:
    return [each.kind for each in parse_blocks(shadow, 0, len(shadow))[0]]


def items(shadow: str) -> tuple[Item, ...]:
    return parse_blocks(shadow, 0, len(shadow))[1]


def test_every_kind_of_block_is_named() -> None:
    shadow = "text\n# h\n```\n```\n<div>\n\n    code\n***\n> q\n\n- i\n\n[a]: /u\n"
    expected = ["paragraph", "heading", "fence", "html", "code", "rule", "quote", "list", "definition"]
    assert kinds(shadow) == expected


def test_a_region_is_read_as_if_the_text_ended_there() -> None:
    shadow = "# a\n- b\n- c\n# d\n"
    blocks, found, _ = parse_blocks(shadow, 4, 12)
    assert blocks == (Block("list", 4, 12),)
    assert [(each.start, each.end) for each in found] == [(4, 8), (8, 12)]


def test_an_item_says_where_it_stands() -> None:
    shadow = "- a\n\n  12) b\n\n\nc\n"
    assert items(shadow) == (
        Item(0, shadow.index("\n\n\nc") + 1, 0, 0, "-", 2, None, -1),
        Item(5, shadow.index("\n\n\nc") + 1, 1, 2, "12)", 11, None, 0),
    )


@pytest.mark.parametrize(
    ("line", "task"),
    [
        ("- [ ] a", " "),
        ("- [x] a", "x"),
        ("1. [X]\ta", "X"),
        ("- [ ]", None),
        ("- [x]a", None),
        ("- [y] a", None),
        ("-      [ ] a", None),
        ("- a [ ] b", None),
    ],
)
def test_a_task_is_a_box_before_text(line: str, task: str | None) -> None:
    assert [each.task for each in items(line + "\n")] == [task]


def test_items_in_quotes_are_not_told() -> None:
    assert items("> - a\n\n- > - b\n") == (Item(7, 15, 0, 0, "-", 9, None, -1),)


@pytest.mark.parametrize(
    ("shadow", "loose"),
    [
        ("- a\n- b\n", False),
        ("- a\n\n- b\n", True),
        ("- a\n\n  b\n", True),
        ("- a\n\n\n", False),
        ("- a\n  - b\n\n  - c\n", False),
        ("- a\n  - b\n\n- c\n", True),
        ("-\n\n- a\n", True),
    ],
)
def test_blank_lines_between_items_or_their_blocks_make_a_list_loose(shadow: str, *, loose: bool) -> None:
    assert [each.loose for each in parse_blocks(shadow, 0, len(shadow))[0]] == [loose]


def test_two_markers_make_two_lists() -> None:
    assert kinds("- a\n- b\n* c\n1. d\n2) e\n") == ["list"] * 4


def test_what_would_swallow_the_next_section_is_told() -> None:
    shadow = "- a\n\n```\nb\n"
    assert parse_blocks(shadow, 0, len(shadow))[2] == OpenBlock("fence", 5)
    assert parse_blocks("- ```\n", 0, 6)[2] is None


def test_nesting_beyond_the_limit_is_text() -> None:
    assert len(items("- " * 3000 + "a\n")) == MAX_DEPTH
    assert kinds(">" * 3000 + "a\n") == ["quote"]
