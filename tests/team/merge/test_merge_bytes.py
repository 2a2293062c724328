"""Bytes around the lines: line endings, the end of the file, byte order marks, bytes that are not UTF-8."""

from __future__ import annotations

import pytest

from memorybank.team.merge import merge_files

BASE = b"# T\n\n- a\n- b\n"
MORE = b"# T\n\n- a\n- b\n- c\n"


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("name", ["notes.md", "notes.txt"])
@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (BASE, crlf(BASE), MORE, crlf(MORE)),
        (crlf(BASE), BASE, crlf(MORE), MORE),
        (crlf(BASE), crlf(MORE), BASE, MORE),
        (BASE, BASE.replace(b"\n", b"\r"), MORE, MORE.replace(b"\n", b"\r")),
        (BASE, b"\xef\xbb\xbf" + BASE, MORE, b"\xef\xbb\xbf" + MORE),
        (b"\xef\xbb\xbf" + BASE, BASE, b"\xef\xbb\xbf" + MORE, MORE),
        (BASE, BASE[:-1], b"# T\n\n- new\n- a\n- b\n", b"# T\n\n- new\n- a\n- b"),
        (BASE[:-1], BASE, b"# T\n\n- new\n- a\n- b", b"# T\n\n- new\n- a\n- b\n"),
        (BASE, b"# T\n\n- a \xff\n- b\n", MORE, b"# T\n\n- a \xff\n- b\n- c\n"),
        (b"# T\r\n\n- a\r\n- b\n", b"# T\r\n\n- a\r\n- b\n- c\n", b"# T\n\n- a\n- b\n", b"# T\n\n- a\n- b\n- c\n"),
    ],
)
def test_a_change_of_bytes_is_merged_with_a_change_of_lines(
    base: bytes, ours: bytes, theirs: bytes, merged: bytes, name: str
) -> None:
    assert merge_files(base, ours, theirs, name=name) == (merged, ())
    assert merge_files(base, theirs, ours, name=name) == (merged, ())


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_items_added_where_the_last_line_has_no_ending(end: bytes) -> None:
    merged = merge_files(b"# T\n\n- a", b"# T\n\n- a\n- ours" + end, b"# T\n\n- a\n- theirs", name="notes.md")
    assert merged == (b"# T\n\n- a\n- ours\n- theirs" + end, ())


def test_a_conflict_in_a_file_with_crlf_has_crlf() -> None:
    merged = merge_files(crlf(BASE), crlf(b"# T\n\n- a x\n- b\n"), crlf(b"# T\n\n- a y\n- b\n"), name="notes.md")
    assert merged.data == crlf(b"# T\n\n<<<<<<< ours\n- a x\n=======\n- a y\n>>>>>>> theirs\n- b\n")
