"""The outline: what is a top-level heading, and how much work finding it takes."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from memorybank.document.frontmatter import find_block
from memorybank.document.scanner.blocks import parse_blocks
from memorybank.document.scanner.nodes import TooMuch
from memorybank.document.scanner.outline import MAX_HEADINGS, Heading, OpenBlock, Scanner, TooManyHeadings, scan
from memorybank.document.source import Source
from tests import oracle

SHARED = Path(os.environ.get("MEMORYBANK_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
SPEC = SHARED / "commonmark" / "examples-commonmark.json"
BANKS = sorted((SHARED / "memory-banks").rglob("*.md")) if SHARED.is_dir() else []


def spec_examples() -> list[dict[str, Any]]:
    return json.loads(SPEC.read_text(encoding="utf-8")) if SPEC.is_file() else []


def lines_of(shadow: str, headings: tuple[Heading, ...]) -> list[tuple[int, int, int]]:
    """Give headings in lines, as the oracle does."""
    ended = shadow if shadow.endswith("\n") else shadow + "\n"
    return [
        (
            shadow.count("\n", 0, each.start),
            ended.count("\n", 0, each.end if each.end < len(shadow) else len(ended)),
            each.level,
        )
        for each in headings
    ]


def assert_agrees(shadow: str) -> None:
    """Compare headings with the oracle's, read by the machine and by the skimmer."""
    expected = oracle.headings(shadow)
    assert lines_of(shadow, scan(shadow).headings) == expected
    assert lines_of(shadow, Scanner(shadow, machine_only=0).scan(0, None).headings) == expected


@pytest.mark.skipif(not SPEC.is_file(), reason="no shared data")
def test_every_example_of_the_specification_agrees() -> None:
    for each in spec_examples():
        shadow = each["markdown"]
        assert_agrees(shadow)


@pytest.mark.skipif(not SPEC.is_file(), reason="no shared data")
def test_every_example_between_two_sections_agrees() -> None:
    for each in spec_examples():
        shadow = f"# One\n\ntext\n\n## Two\n{each['markdown']}\n## Three\n\n- item\n\n## Four\n"
        assert_agrees(shadow)


@pytest.mark.skipif(not BANKS, reason="no shared data")
@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.name)
def test_every_real_file_agrees(path: Path) -> None:
    shadow = Source(path.read_bytes()).shadow
    block = find_block(shadow)
    body = shadow[block.end :] if block else shadow
    assert_agrees(body)


def test_the_text_of_an_atx_heading_keeps_its_comment_and_loses_its_closing_marks() -> None:
    shadow = "## A <!-- SNAPSHOT -->\n# B ##\n"
    assert [each.text for each in scan(shadow).headings] == ["A <!-- SNAPSHOT -->", "B"]


def test_a_setext_heading_begins_after_the_definitions_of_its_paragraph() -> None:
    shadow = "[a]: /u\nTitle\nof two lines\n===\nbody\n"
    start = shadow.index("Title")
    assert scan(shadow).headings == (Heading(start, shadow.index("body"), 1, "Title\nof two lines"),)


@pytest.mark.parametrize(
    ("shadow", "kind"),
    [
        ("# a\n\n```py\n# b\n``\n", "fence"),
        ("# a\n\n~~~\n```\n# b", "fence"),
        ("# a\n\n<!-- b\n\n# c\n", "comment"),
        ("# a\n\n<script>\n\n# c\n", "html"),
        ("# a\n\n<![CDATA[\n# c\n", "html"),
    ],
)
def test_what_is_never_closed_swallows_the_rest_and_is_told(shadow: str, kind: str) -> None:
    outline = scan(shadow)
    assert [each.text for each in outline.headings] == ["a"]
    assert outline.unterminated == OpenBlock(kind, 5)


@pytest.mark.parametrize("shadow", ["- ```\n  a\n", "> <!--\n", "<div>\n", "```\n```"])
def test_what_ends_with_its_container_is_not_unterminated(shadow: str) -> None:
    assert scan(shadow).unterminated is None


def test_too_many_headings_are_refused() -> None:
    assert len(scan("#\n" * MAX_HEADINGS).headings) == MAX_HEADINGS
    with pytest.raises(TooManyHeadings):
        scan("#\n" * (MAX_HEADINGS + 1))


ORDINARY = """\
# Title

Some text
over two lines.

- item with `code`
  continued
  - nested **bold**
- [ ] task

1. one
   more
2. two

> quoted
lazily

```py
# no heading
```

***

"""


def test_ordinary_text_is_never_read_line_by_line() -> None:
    scanner = Scanner(ORDINARY * 50, machine_only=0)
    assert len(scanner.scan(0, None).headings) == 50
    assert scanner.machine.line_count == 0


@pytest.mark.parametrize(
    "pattern",
    [
        "- ```\na\n",
        "> <b\nx\n",
        "- a\n\n      b\nc\n",
        "[a\n]: b 'c\n",
        "> > - a\n>b\n<x\n",
        "-\n  -\n\t-\n",
        "[a\n",
        "[a]: b '\n",
        ">\n>\t-\n",
    ],
)
def test_no_line_is_read_more_than_three_times(pattern: str) -> None:
    shadow = pattern * 200
    scanner = Scanner(shadow, machine_only=0)
    scanner.scan(0, None)
    assert scanner.machine.line_count <= 3 * shadow.count("\n")


def test_markers_nested_without_end_are_text_at_some_depth() -> None:
    for shadow in ("> " * 5000 + "a\n", "- " * 5000 + "a\n", "1. " * 5000 + "a\nb\n<x\n"):
        for machine_only in (0, 1 << 20):
            found = Scanner(shadow + "\n# h\n", machine_only=machine_only).scan(0, None)
            assert [each.text for each in found.headings] == ["h"]


def test_lines_end_at_lf_only() -> None:
    shadow = "a\u2028# b\x0b# c\x0c# d\x85# e\n# f\n"
    assert [each.text for each in scan(shadow).headings] == ["f"]


@pytest.mark.parametrize(
    "unit",
    [
        "- a\n",
        "* a b\n",
        "- [ ] a\n",
        "+ - a\n",
        "- ```\n",
        "- # a\n",
        "- <!-- a\n",
        "- - -\n",
        "- a\n\n",
        "- a\n  - b\n\n   \n    c\n",
        "- ```\n\n  # x\n",
    ],
)
@pytest.mark.parametrize(
    "end", ["", "- b\n\n# h\n", "* * *\n# h\n", "words\n---\n", "  words\n\nh\n===\n", "---\n", "-\n# h\n"]
)
def test_lists_are_skipped_as_the_machine_reads_them(unit: str, end: str) -> None:
    shadow = f"# N\n\n{unit * 5}{end}\n## last\n"
    read = Scanner(shadow, machine_only=1 << 20).scan(0, None)
    assert Scanner(shadow, machine_only=0).scan(0, None) == read


def test_a_list_of_very_short_lines_is_scanned_at_once() -> None:
    """It took most of a second; most of its lines are not read one by one."""
    scanner = Scanner("# N\n\n" + "- a\n" * 1_000_000)
    assert len(scanner.scan(0, None).headings) == 1
    assert scanner.machine.line_count < 10_000


def test_more_lines_than_are_read_are_refused_before_reading() -> None:
    shadow = "1. a\n" * 500_000
    began = time.process_time()
    with pytest.raises(TooMuch):
        parse_blocks(shadow, 0, len(shadow))
    assert time.process_time() - began < 10  # reading them takes half a minute
