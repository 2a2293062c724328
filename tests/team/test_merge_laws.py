"""Laws of a merge over hostile bytes: what nobody changed stays, and a change of one side is taken as it is."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank.contracts.load import load_contract
from memorybank.team.merge import Labels, merge_files
from tests.properties.strategies import LINES, documents
from tests.running import FULL

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.team.merge import Merged

NAMES = st.sampled_from(
    ["activeContext.md", "notes.md", "memories/fact/a.md", "sessions/s.jsonl", "checkpoints/checkpoint_1.json", "x.txt"]
)
# seconds of a 5 MB file, and bytes
SECONDS, LARGE = 2.0, 5_000_000


def merged(base: bytes | None, ours: bytes, theirs: bytes, name: str = "activeContext.md") -> Merged:
    contract = load_contract(name)
    return merge_files(base, ours, theirs, name=name, contract=contract, labels=Labels("ours", "theirs"))


@st.composite
def triples(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """Draw a hostile document and two changes of it."""
    base = draw(documents())
    sides = []
    for _ in range(2):
        lines = base.splitlines(keepends=True)
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(lines)))
            new = draw(st.sampled_from(LINES)).encode("utf-8", "surrogateescape") + b"\n"
            match draw(st.sampled_from(["insert", "delete", "replace", "move"])):
                case "insert":
                    lines.insert(at, new)
                case "delete":
                    del lines[at : at + 1]
                case "replace":
                    lines[at : at + 1] = [new]
                case _:
                    lines[:0] = lines[at : at + 1]
        sides.append(b"".join(lines))
    return base, sides[0], sides[1]


@given(triples(), NAMES)
def test_a_change_of_one_side_is_taken_byte_by_byte(texts: tuple[bytes, bytes, bytes], name: str) -> None:
    base, ours, _ = texts
    for before, one, two in ((base, base, ours), (base, ours, base), (base, ours, ours), (None, ours, ours)):
        found = merged(before, one, two, name)
        assert (found.data, found.conflicts) == (ours, ())


@given(triples(), NAMES)
def test_both_directions_give_the_same_lines(texts: tuple[bytes, bytes, bytes], name: str) -> None:
    base, ours, theirs = texts
    one, other = merged(base, ours, theirs, name), merged(base, theirs, ours, name)
    assert bool(one.conflicts) == bool(other.conflicts)
    if not one.conflicts:
        assert counted(one.data) == counted(other.data)


@given(triples(), NAMES)
def test_what_nobody_changed_is_there_as_often_as_before(texts: tuple[bytes, bytes, bytes], name: str) -> None:
    base, ours, theirs = texts
    found = merged(base, ours, theirs, name)
    counts = [counted(text) for text in (base, ours, theirs)]
    if found.conflicts:
        return
    result = counted(found.data)
    for line in counts[0]:
        if counts[0][line] == counts[1][line] == counts[2][line]:
            assert result[line] == counts[0][line], line


@given(triples(), NAMES)
def test_a_conflict_has_markers_and_a_clean_merge_adds_none(texts: tuple[bytes, bytes, bytes], name: str) -> None:
    base, ours, theirs = texts
    found = merged(base, ours, theirs, name)
    marked = found.data.count(b"<<<<<<< ours") + found.data.count(b">>>>>>> theirs")
    assert bool(found.conflicts) == bool(marked)


def counted(text: bytes) -> Counter[bytes]:
    lines = (line.strip() for line in text.removeprefix(b"\xef\xbb\xbf").splitlines())
    return Counter(line for line in lines if line)


def text_of(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def bullets(size: int, section: int) -> list[str]:
    lines = ["# Active Context", ""]
    for number in range(size // 50):
        if number % section == 0:
            lines += ["", f"## Section {number}", ""]
        lines.append(f"- item {number} and forty more letters of text")
    return lines


def some_new(lines: list[str], side: str) -> list[str]:
    step = max(7, len(lines) // 150)
    return [part for at, line in enumerate(lines) for part in ((line, f"- {side} {at}") if at % step == 5 else (line,))]


def equal_bullets(size: int) -> list[str]:
    return ["# Notes", "", *["- the same bullet, again and again"] * (size // 35)]


def long_fence(size: int) -> list[str]:
    return ["# Notes", "", "```", *(f"line {n} of forty letters or about that" for n in range(size // 40)), "```"]


def equal_headings(size: int) -> list[str]:
    return [line for n in range(size // 30) for line in ("## Notes", "", f"- number {n} of them", "")]


SHAPES: dict[str, Callable[[int], list[str]]] = {
    "sections": lambda size: bullets(size, 50),
    "one section": lambda size: bullets(size, 10**9),
    "equal bullets": equal_bullets,
    "a fence": long_fence,
    "equal headings": equal_headings,
}


def seconds(lines: list[str]) -> float:
    base, ours, theirs = text_of(lines), text_of(some_new(lines, "ours")), text_of(some_new(lines, "theirs"))
    started = time.process_time()
    found = merged(base, ours, theirs)
    took = time.process_time() - started
    assert len(found.data) >= len(base)
    return took


@pytest.mark.skipif(not FULL, reason="times are taken in a full run only")
@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_with_the_size(shape: str) -> None:
    """Twice as much text takes at most about twice as long."""
    make = SHAPES[shape]
    small = min(seconds(make(80_000)) for _ in range(2))
    assert min(seconds(make(160_000)) for _ in range(2)) < 3 * small + 0.05


@pytest.mark.skipif(not FULL, reason="a time in seconds is taken in a full run only")
@pytest.mark.parametrize("shape", SHAPES)
def test_five_megabytes_take_two_seconds(shape: str) -> None:
    assert seconds(SHAPES[shape](LARGE)) <= SECONDS


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe\x00",
        b"- \xed\xa0\x80 a surrogate\n",
        b"\0" * 100,
        b"- a\r- b\r",
        b"- " * 20_000,
        b"> " * 20_000,
        b"\n".join(b" " * n + b"- n" for n in range(1500)),
        b"```\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n```\n",
        b"---\n",
        b"---\ntags: [a, b\n---\n",
        b"{",
        b'{"a": 1}\n{"a": 2}',
        b"",
    ],
)
@pytest.mark.parametrize("name", ["activeContext.md", "sessions/s.jsonl", "checkpoints/checkpoint_1.json"])
def test_hostile_text_is_merged_or_shown(text: bytes, name: str) -> None:
    for base, ours, theirs in (
        (text, text + b"\n- ours\n", b"- theirs\n" + text),
        (None, text + b"\n- ours\n", text + b"\n- theirs\n"),
        (text, b"", text + b"\n- theirs\n"),
    ):
        found = merged(base, ours, theirs, name)
        assert b"- theirs" in found.data
        assert not ours or b"- ours" in found.data
