"""Long texts are split without a full parse, into the same units."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorybank.team.merge import merge_files, quick, units
from memorybank.team.merge.units import Tree, Unit

LINES = [
    *("- a b", "- [ ] task ^id", "* star", "1. one", "2) two", "", "", "text words", "  cont", "  - nested", "   - n3"),
    *("    code", "# H", "## H2", "===", "---", "- - -", "- ---", "- # h", "-", "- ", "> q", "| a | b |", "|---|---|"),
    *("```", "~~~", "<!-- c", "-->", "<div>", "- ```", "- 2026-01-01 x", "- **bold** x", "\tTab", "[x]: y", "- 1. x"),
]


def tree_of(text: str) -> list[tuple[int, str, str, str]]:
    def walk(unit: Unit, depth: int) -> list[tuple[int, str, str, str]]:
        inner = [row for part in unit.parts for row in walk(part, depth + 1)]
        return [(depth, unit.kind, unit.text, unit.key), *inner]

    return walk(Tree(text, contract=False).root, 0)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(LINES), max_size=20).map("\n".join))
def test_the_quick_split_has_the_units_of_the_parse(text: str) -> None:
    parsed = tree_of(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "SHORT", 0)
        patch.setattr(quick, "LONG", 0)
        assert tree_of(text) == parsed


@given(st.lists(st.sampled_from(LINES), max_size=20).map("\n".join))
def test_units_and_gaps_are_the_text(text: str) -> None:
    def whole(unit: Unit) -> str:
        gaps = [unit.gap(at) for at in range(len(unit.parts) + 1)]
        inner = "".join(gap + whole(part) for gap, part in zip(gaps, unit.parts, strict=False))
        return unit.own + inner + gaps[-1] if unit.parts else unit.text

    text = f"# T\n{text}"
    assert whole(Tree(text, contract=False).root) == text.rstrip("\n") + text[len(text.rstrip("\n")) :]


def test_a_long_section_is_merged_like_a_short_one() -> None:
    rows = [f"- item {i} with some words" for i in range(3000)]
    base = "\n".join(["# T", "", "## S", "", *rows, ""])
    ours = base.replace("- item 7 with", "- ours item 7 with").replace("- item 2000 with some words\n", "")
    theirs = base.replace("- item 8 with", "- new\n- item 8 with").replace("- item 2900 with", "- [x] item 2900 with")
    merged = merge_files(base.encode(), ours.encode(), theirs.encode(), name="n.md")
    want = ours.replace("- item 8 with", "- new\n- item 8 with").replace("- item 2900 with", "- [x] item 2900 with")
    assert merged == (want.encode(), ())
