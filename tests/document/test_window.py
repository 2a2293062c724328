"""Adding to a long section reads a part of it, and sees there what a reading of the whole would show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.document.editing.append import append
from memorybank.document.editing.append_window import ENOUGH, LONG, read_window, window_of
from memorybank.document.edits import Append
from memorybank.document.items import read_body
from memorybank.document.sections import outline
from memorybank.document.source import Source

LINES = (
    "- one",
    "* two",
    "  - nested",
    "  more of it",
    "14. numbered",
    "words at the margin",
    "",
    "  ",
    "> quoted",
    "```",
    "  ```",
    "~~~",
    "<div>",
    "  <!-- open",
    "<!-- open",
    "-->",
    "- <pre>",
    "</pre>",
    "    code",
    "- - -",
    "* * *",
    "-",
    "[label]:",
    "/target",
    "| a | b |",
)
texts = st.lists(st.sampled_from(LINES), min_size=3, max_size=40).map("\n".join)


@given(text=texts, at_top=st.booleans())
def test_a_window_shows_what_the_whole_shows(text: str, *, at_top: bool) -> None:
    document = outline(Source(f"# Title\n\n## Section\n\n{text}\n\n## Next\n".encode()))
    if [each.name for each in document.sections[1:]] != ["Title", "Section", "Next"]:
        return  # an open block swallowed the next heading: such a section is not added to
    section = document.sections[2]

    window = window_of(document, section, at_top=at_top, long=0, enough=len(text) // 2)
    seen = read_window(document, window)
    whole = read_body(document, section)

    inside = [each for each in whole.items if window.start <= each.start < window.end]
    assert [each.start for each in seen.items] == [each.start for each in inside]
    assert [each.depth for each in seen.items] == [each.depth for each in inside]
    nearest = slice(0, 1) if at_top else slice(-1, None)
    assert [each.kind for each in seen.blocks[nearest]] == [each.kind for each in whole.blocks[nearest]]


@pytest.mark.parametrize("at_top", [False, True])
def test_a_long_section_is_not_read_whole(at_top: bool) -> None:
    text = "- an item of the usual length, with some `code` in it\n" * 20_000
    document = outline(Source(f"# Title\n\n## Section\n\n{text}\n## Next\n".encode()))
    section = document.sections[2]

    window = window_of(document, section, at_top=at_top)
    added = append(document, section, Append("Section", "one more", item=True, at_top=at_top))

    assert window.end - window.start < 2 * ENOUGH <= LONG
    new = added.document.source.text
    place = f"## Section\n\n- one more\n{text}\n## Next" if at_top else f"{text}- one more\n\n## Next"
    assert place in new


def test_a_fence_around_the_window_makes_it_the_whole() -> None:
    text = "````\n" + "- no item\n" * 5_000 + "````\n- an item\n"
    document = outline(Source(f"# Title\n\n## Section\n\n{text}".encode()))
    section = document.sections[2]

    assert window_of(document, section, at_top=False) == (section.body, section.end)
    added = append(document, section, Append("Section", "one more", item=True))
    assert added.document.source.text.endswith("- an item\n- one more\n")
