"""The short way from a file to its row gives the row that the whole record gives, or leaves it to the long way."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memorybank.errors import FrontMatterError
from memorybank.files.read import open_listed
from memorybank.records.draft import NewRecord, draft
from memorybank.records.find import scan
from memorybank.records.header_cache import Row, plain_row, row_of
from memorybank.records.record import parse
from tests.records.test_record import BODY, LINES, VALUES
from tests.running import new_bank, steady_way

if TYPE_CHECKING:
    from pathlib import Path

FILE = "memories/fact/fct-20261121-abcde-é.md"
WRITTEN = (
    "id: fct-20261121-abcde",
    "type: fact",
    "status: active",
    'summary: "a: b é"',
    "tags: [a, b-c]",
    "source_tool: cli",
    "source_repo: x",
    "created: 2026-11-21T05:30:00Z",
    "updated: 2026-11-22T05:30:00Z",
    "date: 2026-11-21",
    "severity: high",
    "metadata:",
    "  sprint: 4",
    "  team: core",
)
# lines that are nearly as bank writes them
NEAR = st.sampled_from(
    [
        *("id: 5", "id: yes-no", 'id: ""', "type: 5", 'type: ""', "type: yes", "created: 2026-02-30T05:30:00Z"),
        *(
            "created: 2026-11-21",
            "created: []",
            "tags: [a, yes]",
            "tags: []",
            "tags: [a,b]",
            "tags: a",
            "tags: [a] # c",
        ),
        *("title: other", "relates: [a]", "see: a", "metadata: 5", "metadata:", "  sprint: 5", "other:", "---", ""),
        *("status: 5", "status: true", "x: true", "x: 5", "x: [a]", '"x": y', "  deep: [a, b]", "\tx: y", "x: y\r"),
        *("summary: \udcff", 'summary: "\\n"', "summary: a\x85b", "created: 2026-11-21T25:00:00Z", "# c", "..."),
    ]
)
EDITS = st.lists(
    st.tuples(st.sampled_from(["drop", "put", "add", "move"]), st.integers(0, len(WRITTEN)), NEAR | LINES | VALUES),
    max_size=4,
)


@given(
    EDITS,
    st.sampled_from(["---\n", "---\n\n", "---\n\n\n", "--- \n", "...\n", ""]),
    st.sampled_from(["# Title\n", "# é ü\n", "# a\udcff\n", "# a #\n", "# a\r\n", "# a", "Text\n", ""]) | BODY,
)
@example([], "---\n", "# Title\n")
@example([("drop", 10, "")], "---\n", f"# {'x' * 600}\n")
@example([("add", 10, f"x: {'y' * 3000}")], "---\n", "# Title\n")
@example([("add", 4, f"x: {'y' * 40_000}")], "---\n", "# Title\n")
def test_the_short_way_gives_the_same_row(edits: list[tuple[str, int, str]], end: str, body: str) -> None:
    data = f"---\n{chr(10).join(edited(edits))}\n{end}{body}".encode("utf-8", "surrogateescape")
    row = plain_row("1 2 3", data, FILE)
    if row is not None:
        assert row == long_row(data)


def edited(edits: list[tuple[str, int, str]]) -> list[str]:
    """Return the lines that bank writes with some of them changed."""
    lines = list(WRITTEN)
    for kind, place, line in edits:
        at = min(place, len(lines) - 1)
        if kind == "drop":
            del lines[at]
        elif kind == "put":
            lines[at] = line
        elif kind == "add":
            lines.insert(at, line)
        else:
            lines.insert(len(lines) // 2, lines.pop(at))
    return lines


def long_row(data: bytes) -> Row | str:
    try:
        return row_of("1 2 3", parse(data, FILE, "fact"))
    except FrontMatterError as error:
        return error.message


def test_lines_in_any_order_are_read_in_linear_time() -> None:
    lines = "tags: [a]\ncreated: 2026-11-21T05:30:00Z\n" * 800
    assert plain_row("1 2 3", f"---\nid: a-b\n{lines}---\n# T\n".encode(), FILE) is None


@pytest.mark.parametrize("kind", ["fact", "decision", "code", "error", "episodic", "procedural", "user", "learning"])
def test_what_bank_writes_is_read_the_short_way(kind: str, tmp_path: Path) -> None:
    bank, way = new_bank(tmp_path / "project"), steady_way()
    new = NewRecord("Some text.", kind, title="Größe: a #1", tags=["one", "two-three"], metadata={"a": 1, "b": "x y"})
    text = draft(bank, new, way).change.text or ""
    row = plain_row("1 2 3", text.encode(), FILE)
    assert row is not None
    assert json.loads(row.raw)[2] == "Größe: a #1"


def test_a_file_that_is_read_has_the_state_of_one_that_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a listed file has no inode: it would be read again by every command."""
    bank = new_bank(tmp_path / "project")
    memory = bank.folder / "memories" / "fact" / "fct-20261121-abcde-x.md"
    memory.parent.mkdir(parents=True)
    memory.write_text("---\nid: fct-20261121-abcde\n---\n# X\n", "utf-8")
    os.utime(memory, (1_700_000_000, 1_700_000_000))
    monkeypatch.setattr("memorybank.records.find._RACY_NS", 0)
    monkeypatch.setattr("memorybank.records.find._HAS_INODES", False)
    opened = open_listed

    def other_inode(entry: os.DirEntry[str]) -> tuple[int, os.stat_result]:
        fd, status = opened(entry)
        return fd, os.stat_result(
            (status.st_mode, 0, *status[2:]), {"st_mtime_ns": status.st_mtime_ns, "st_ctime_ns": 1}
        )

    monkeypatch.setattr("memorybank.records.find.open_listed", other_inode)
    first = scan(bank)
    monkeypatch.setattr("memorybank.records.find.open_listed", None)
    assert scan(bank) == first
