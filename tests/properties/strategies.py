"""Hostile Markdown: documents made of the pieces that break editors, and edits to go with them."""

from __future__ import annotations

from hypothesis import strategies as st

from memorybank.document.edits import (
    Append,
    Edit,
    InsertSection,
    ItemRef,
    RemoveItem,
    RemoveSection,
    Replace,
    ReplaceItem,
    SetField,
    Tick,
)

NAMES = ["A", "A", "A", "B", "Recent Changes", "C d", "Last Updated"]
LINES = [
    "",
    "",
    "words",
    "words that go on ",
    "\ttab",
    "    code",
    "- item",
    "- [ ] task",
    "- [x] done ^d7k2m9",
    "  - nested",
    "- [/] begun",
    "- \\[x] escaped",
    "* \\[None]",
    "   lazy",
    "* star",
    "1. one",
    "7) seven",
    "+",
    "-",
    "- ```",
    "> quote",
    "> ## A",
    "> - item",
    "- ## A",
    "## A",
    "## A ##",
    "## B <!-- SNAPSHOT: x -->",
    "### C d",
    "# T",
    "####### no",
    "##no",
    " ## B",
    "    ## A",
    "A",
    "B\n-",
    "B\n---",
    "===",
    "---",
    "***",
    "```",
    "```sh",
    "````",
    "~~~",
    "~~~ x",
    "<!--",
    "-->",
    "<!-- c -->",
    "<div>",
    "</div>",
    "<pre>",
    "</pre>",
    "<?php",
    "?>",
    "<b>",
    "[a]: /x",
    "[a]:",
    "'title'",
    "| a | b |",
    "|---|---|",
    "[^1]: note",
    "[back to top](#t)",
    "\\",
    "a\x0bb",
    "a\x0cb",
    "a\x85b",
    "a\u2028## A",
    "caf\udce9",
    "\udcff\udcfe",
    "\0",
    "日本語",
    "עברית",
    "\u200b",
    "\ufeff",
    "[None]",
    "2026-01-01 00:00 UTC",
    "a: 1",
    "...",
]
EOLS = ["\n", "\n", "\n", "\r\n", "\r"]


HEADINGS = ["## {}", "## {} ##", "## {} <!-- c -->", "{}\n---", "{}\n====", "# {}", "### {}", " ##   {} "]


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Draw a file's bytes: sections of trouble, one kind of line ending or all of them, with or without the rest."""
    piece = st.sampled_from(LINES) | st.text(max_size=12)
    lines: list[str] = draw(st.lists(piece, max_size=6))
    for name in draw(st.permutations(sorted(set(NAMES))))[: draw(st.integers(0, 5))] + draw(
        st.sampled_from([[], [], [], ["A"], ["B"]])
    ):
        lines.append(draw(st.sampled_from(HEADINGS)).format(name))
        lines += draw(st.lists(piece, max_size=7))
    mixed = draw(st.booleans())
    eol = draw(st.sampled_from(EOLS))
    text = "".join(line + (draw(st.sampled_from(EOLS)) if mixed else eol) for line in lines)
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    if draw(st.integers(0, 4)) == 0:
        text = f"---{eol}a: 1{eol}b: 'x' # c{eol}---{eol}" + text
    bom = b"\xef\xbb\xbf" if draw(st.integers(0, 7)) == 0 else b""
    return bom + text.encode("utf-8", "surrogateescape")


def texts() -> st.SearchStrategy[str]:
    """Give what a caller may want to write: often trouble, always text that could have been typed."""
    lines = st.sampled_from([line for line in LINES if line.isprintable() or "\n" in line]) | st.text(
        st.characters(min_codepoint=32, max_codepoint=126), max_size=20
    )
    return st.lists(lines, max_size=4).map("\n".join)


names = st.sampled_from(NAMES)
refs = st.one_of(
    st.builds(ItemRef, text=st.just(""), number=st.integers(-1, 6), id=st.just("")),
    st.builds(ItemRef, text=st.just(""), number=st.just(0), id=st.just("d7k2m9")),
    st.builds(
        ItemRef, text=st.sampled_from(["item", "task", "nested", "star", "one"]), number=st.just(0), id=st.just("")
    ),
)


def edits() -> st.SearchStrategy[Edit]:
    """Give any edit of a section that may be there."""
    seen, flags = st.sampled_from(["", "", "", "", "0123456789abcdef"]), st.booleans()
    append = st.builds(
        Append,
        names,
        texts(),
        item=flags,
        at_top=flags,
        expect=seen,
        nested=flags,
        task=st.sampled_from([None, None, " ", "x"]),
        placeholders=st.just(("[None]",)),
    )
    insert = st.builds(
        InsertSection,
        names,
        st.sampled_from(["New", "New <!-- c -->", "A", "x `y`", "", "#"]),
        texts(),
        level=st.integers(0, 7),
        before=flags,
        expect=seen,
    )
    return st.one_of(
        st.builds(Replace, names, texts(), expect=seen, nested=flags),
        append,
        insert,
        st.builds(RemoveSection, names, expect=seen),
        st.builds(ReplaceItem, names, refs, texts(), expect=seen),
        st.builds(RemoveItem, names, refs, expect=seen),
        st.builds(Tick, names, refs, flags, st.sampled_from(["", "exit 0"]), expect=seen),
        st.builds(SetField, st.sampled_from(["a", "b", "new", "a b", ""]), texts(), expect=seen),
    )
