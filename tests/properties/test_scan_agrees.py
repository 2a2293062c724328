"""The scanner and the line machine read any text as markdown-it-py reads it."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memorybank.document.scanner.blocks import parse_blocks
from memorybank.document.scanner.outline import Scanner, scan
from memorybank.document.source import shadow_of
from tests import oracle

MARKS = [
    *("- ", "* ", "+ ", "-\t", "-   ", "-     ", "1. ", "2. ", "1) ", "12) ", "10. ", "> ", ">", ">\t"),
    *(" ", "  ", "   ", "    ", "      ", "\t"),
]
CONTENTS = [
    *("a", "foo bar", "漢字", "\udc80", "\x0b", "\x0c", "\u2028", "\x00", "\\", "**a**", "`a`", "#tag"),
    *("# h", "## h ##", "#", "### h <!-- c -->", "===", "=", "---", "--", "-", "***", "* * *", "- - -", "___"),
    *("```", "```py", "````", "``` a`b", "~~~", "~~~~ x"),
    *("<!--", "-->", "<!-- c -->", "<div>", "</div>", "<p", "<script>", "</script>", "<pre", "<?php", "?>"),
    *("<!A", ">", "<![CDATA[", "]]>", "<b>", "<b a='1'>", "</b>", "<b", "x>", "<br/> x"),
    *("[a]: /u", "[a]:", "/u", '[a]: /u "t"', '[a]: /u "" x', "[a]: <b> 't", '[a]:<b>"t', "[a]: b\\", "[]: x"),
    *("'", '"t"', "(t)", "[a]: x (t", "[a", "]: x", "[a](b)", "[a]: b c", "[\\]]: x\\", "[a]: javascript:x"),
    *("[a]: &#106;avascript:x", "[ ] task", "[x] task", "1.", "2.", "1. b", "2. b", "- b"),
]

line = st.one_of(
    st.sampled_from(["", "", " ", "\t", "      ", ">", "> ", "> >"]),
    st.builds(
        lambda marks, content: "".join(marks) + content,
        st.lists(st.sampled_from(MARKS), max_size=4),
        st.one_of(st.sampled_from(CONTENTS), st.text("ab#-=`~<>[]:\"'() \t\\*_1.", max_size=8)),
    ),
)
hostile = st.builds(
    lambda lines, last: "".join(body + eol for body, eol in lines) + last,
    st.lists(st.tuples(line, st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])), max_size=14),
    line,
).map(shadow_of)


def offsets(shadow: str) -> list[int]:
    found = list(accumulate((len(each) + 1 for each in oracle.lines(shadow)), initial=0))
    return [*found[:-1], len(shadow)]


def assert_agrees(shadow: str) -> None:
    """Compare headings, top-level blocks, items and looseness with the oracle's."""
    at = offsets(shadow)
    outline = scan(shadow)
    assert [(each.start, each.end, each.level, each.text.replace("\0", "\ufffd")) for each in outline.headings] == [
        (at[first], at[last], level, text) for first, last, level, text in oracle.heading_texts(shadow)
    ]

    # the skimmer from the start, and from somewhere in the middle
    for machine_only in (0, len(shadow) // 3):
        assert Scanner(shadow, machine_only=machine_only).scan(0, None) == outline

    blocks, items, left = parse_blocks(shadow, 0, len(shadow))
    assert left == outline.unterminated
    assert [each[:3] for each in blocks] == [(kind, at[first], at[last]) for kind, first, last in oracle.blocks(shadow)]
    assert [(each.start, each.end, each.depth, each.marker, each.parent) for each in items] == [
        (at[each.first], at[each.last], *each[2:]) for each in oracle.items(shadow)
    ]
    lists = [each.loose for each in blocks if each.kind == "list"]
    for loose, expected in zip(lists, oracle.loose_lists(shadow), strict=True):
        assert expected in {None, loose}


# an example is cheap
PROFILE = settings(max_examples=4 * settings().max_examples)


@PROFILE
@example("r\n---")
@example(">>- <!A\n>>")
@example("2.\n>>b")
@example(">\n\n")
@example("-    foo\n    # x\n")
@example("> > foo\n      # bar\n")
@example("> a\n    > # b\n")
@example("[foo]:\n===\n")
@example("[foo]: /url\n    code\n")
@example("[foo]: /url\n2. x\n")
@example("[a]: javascript:x\n===\n")
@example('[a]: /u\n"" x\n===\n')
@example('[a]:<b>"t\n" \n===\n')
@example("-\n\n\n- b\n===\n")
@example("- a\n\n      code\nb\n===\n")
@example("- a\n==\nb\n---\n")
@example("> # a\nb\n===\n")
@example("> a\nb\n2. c\n  # h\n")
@example("1. a\n  - b\n  # h\n")
@example("- ```\n\n # h\n```\n# i\n")
@example("a\n<div>\n# h\n\n# i\n")
@example("<b>\n# h\n\n# i\n")
@example("a\n<b>\n===\n")
@given(hostile)
def test_scan_and_blocks_agree_with_markdown_it(shadow: str) -> None:
    assert_agrees(shadow)


@PROFILE
@given(hostile)
def test_blocks_and_items_stand_in_order_and_in_each_other(shadow: str) -> None:
    blocks, items, _ = parse_blocks(shadow, 0, len(shadow))
    edges = [edge for each in blocks for edge in (each.start, each.end)]
    assert edges == sorted(edges)
    # outside the blocks there are only blank lines
    gaps = zip([0, *edges[1::2]], [*edges[::2], len(shadow)], strict=True)
    assert all(shadow[start:end].strip(" \t\n>") == "" for start, end in gaps)
    for each in items:
        assert each.start <= each.content <= each.end
        if each.parent >= 0:
            outer = items[each.parent]
            assert outer.start <= each.start < each.end <= outer.end
            assert outer.depth == each.depth - 1


@PROFILE
@given(hostile, st.integers(0, 14))
def test_a_scan_may_begin_at_any_heading_and_stop_at_any(shadow: str, chosen: int) -> None:
    headings = scan(shadow).headings
    if not headings:
        return
    each = headings[chosen % len(headings)]
    rest = scan(shadow, each.start)
    assert rest.headings == headings[headings.index(each) :]
    assert scan(shadow, each.end).headings == rest.headings[1:]
    assert scan(shadow, 0, until=each.start).headings == headings[: headings.index(each) + 1]
    skimmed = Scanner(shadow, machine_only=0).scan(0, each.start)
    assert skimmed.headings == headings[: headings.index(each) + 1]


@pytest.mark.parametrize("last", ["", "\n"])
def test_a_missing_last_line_ending_changes_no_structure(last: str) -> None:
    assert_agrees("# a\n\n- b\n  - c\n\ntext\n---" + last)
