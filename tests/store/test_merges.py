"""An unresolved merge in a memory file: written around, told of, and never changed in part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.document.conflicts import find_conflicts
from memorybank.document.sections import outline
from memorybank.document.source import Source
from tests.running import bank, git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

LEARNINGS = "activeContext.md#Learnings"
SIDES = "<<<<<<< HEAD\n- ours\n=======\n- theirs\n>>>>>>> other\n"
DATES = "<<<<<<< HEAD\n2026-11-27 10:00 UTC\n=======\n2026-11-28 11:00 UTC\n>>>>>>> other\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path)
    for name in ("one", "two"):
        assert bank(tmp_path, "note", name).returncode == 0
    return tmp_path


def put(project: Path, old: str, new: str, file: str = "activeContext.md") -> Path:
    path = project / ".memorybank" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_a_note_is_written_around_a_merge_and_says_so(project: Path) -> None:
    path = put(project, "- two\n", f"- two\n{SIDES}")
    first = path.read_text(encoding="utf-8").split("\n").index("<<<<<<< HEAD") + 1
    for words in (
        ["note", "three"],
        ["note", "four", "--as", "change"],
        ["promote", LEARNINGS, "one", "--to", "pattern"],
        ["focus", "x"],
    ):
        done = bank(project, *words)
        assert done.returncode == 0, done.stderr
        assert f"activeContext.md has an unresolved merge on lines {first}" in done.stderr or words[0] != "note"
        assert SIDES in path.read_text(encoding="utf-8")
    said = json.loads(bank(project, "note", "five", "--json").stdout)
    (merge,) = said["receipt"]["files"][0]["unresolved_merges"]
    assert merge["last_line"] - merge["first_line"] == 4


def test_a_date_on_both_sides_is_left_alone(project: Path) -> None:
    path = project / ".memorybank" / "activeContext.md"
    head, _, tail = path.read_text(encoding="utf-8").partition("## Last Updated\n")
    path.write_text(f"{head}## Last Updated\n{tail[: len(tail) - len(tail.lstrip())]}{DATES}", encoding="utf-8")
    done = bank(project, "note", "three")
    assert done.returncode == 0, done.stderr
    assert "unresolved merge" in done.stderr
    text = path.read_text(encoding="utf-8")
    assert DATES in text
    assert "- three\n" in text
    assert bank(project, "undo").returncode == 0
    assert "- three\n" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["item", "remove", LEARNINGS, "ours"],
        ["item", "tick", LEARNINGS, "theirs"],
        ["item", "replace", LEARNINGS, "two", "zwei"],
        ["item", "move", LEARNINGS, "ours", "--to", "activeContext.md#Blockers"],
        ["promote", LEARNINGS, "theirs", "--to", "pattern"],
    ],
    ids=" ".join,
)
def test_nothing_inside_a_merge_is_changed(project: Path, words: list[str]) -> None:
    path = put(project, "- two\n", f"- two\n{SIDES}")
    before = path.read_bytes()
    done = bank(project, *words)
    assert SIDES in path.read_text(encoding="utf-8")
    assert done.returncode or path.read_bytes() != before
    if done.returncode:
        assert path.read_bytes() == before


def test_a_section_that_stands_on_both_sides_is_refused_as_a_merge(project: Path) -> None:
    path = project / ".memorybank" / "activeContext.md"
    head, _, tail = path.read_text(encoding="utf-8").partition("## Learnings\n")
    body, _, rest = tail.partition("\n## ")
    both = f"<<<<<<< HEAD\n## Learnings\n{body}\n=======\n## Learnings\n{body}\n>>>>>>> other\n"
    path.write_text(f"{head}{both}\n## {rest}", encoding="utf-8")
    before = path.read_bytes()
    done = bank(project, "note", "three")
    assert done.returncode == 5, done.stderr
    assert "[unresolved-merge]" in done.stderr
    assert path.read_bytes() == before


def test_a_whole_section_may_be_replaced(project: Path) -> None:
    path = put(project, "- two\n", f"- two\n{SIDES}")
    digest = bank(project, "show", LEARNINGS).stderr.partition("@")[2].split()[0]
    words = ["edit", LEARNINGS, "--replace", "-", "--force-replace", "--expect", digest]
    done = bank(project, *words, text="- one\n- two\n- ours\n")
    assert done.returncode == 0, done.stderr
    assert "<<<<" not in path.read_text(encoding="utf-8")
    assert "unresolved" not in done.stderr


def test_what_rewrites_whole_files_keeps_a_merge_or_is_refused(project: Path) -> None:
    path = put(project, "- two\n", "- two\n<<<<<<< HEAD\n- one\n=======\n- theirs\n>>>>>>> other\n")
    for words in (["check", "--fix"], ["rotate"], ["migrate"]):
        bank(project, *words)
        assert "<<<<<<< HEAD\n- one\n=======\n- theirs\n>>>>>>> other\n" in path.read_text(encoding="utf-8")


def test_a_record_is_resolved_in_part_by_hand(project: Path) -> None:
    assert bank(project, "save", "First.", "--title", "T").returncode == 0
    record = json.loads(bank(project, "list", "--json").stdout)["records"][0]
    path = project / ".memorybank" / record["file"]
    path.write_text(path.read_text(encoding="utf-8") + f"\n{SIDES}\nmiddle\n\n{DATES}", encoding="utf-8")
    done = bank(project, "open", record["id"], env={"EDITOR": "sed -i /HEAD/,/other/d"})
    assert done.returncode == 0, done.stderr
    assert "<<<<" not in path.read_text(encoding="utf-8")
    assert "middle" in path.read_text(encoding="utf-8")


def test_check_says_where_merges_are(project: Path) -> None:
    put(project, "- two\n", f"- two\n{SIDES}")
    done = bank(project, "check")
    assert done.returncode == 1
    assert "an unresolved merge on lines" in done.stdout


def test_a_merge_that_git_left_is_known(tmp_path: Path) -> None:
    make_bank(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "bank")
    git(tmp_path, "checkout", "-qb", "other")
    for branch, name in (("other", "theirs"), ("main", "ours")):
        git(tmp_path, "checkout", "-q", branch)
        assert bank(tmp_path, "note", name, env={"SOURCE_DATE_EPOCH": f"17952{len(name)}9000"}).returncode == 0
        git(tmp_path, "commit", "-qam", name)
    with pytest.raises(Exception, match="merge"):
        git(tmp_path, "merge", "other")
    path = tmp_path / ".memorybank" / "activeContext.md"
    before = find_conflicts(outline(Source(path.read_bytes()), "activeContext.md"))
    assert len(before) == 2
    text = path.read_text(encoding="utf-8")
    done = bank(tmp_path, "note", "after the merge")
    assert done.returncode == 0, done.stderr
    assert "unresolved merge on lines" in done.stderr
    later = path.read_text(encoding="utf-8")
    for each in before:
        assert text[each.start : each.end] in later


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"# N\n\n{SIDES}", [(3, 7)]),
        ("# N\n\n<<<<<<< a\n1\n||||||| b\n0\n=======\n2\n>>>>>>> c\n", [(3, 9)]),
        (f"# N\n\n{SIDES}".replace("\n", "\r\n"), [(3, 7)]),
        ("# N\n\n>>>>>>> left\n", [(3, 3)]),
        ("# N\n\n<<<<<<< a\n1\n=======\n2\n", [(3, 5)]),
        (f"# N\n\n```text\n{SIDES}```\n", []),
        (f"# N\n\n{SIDES[:20]}```\n{SIDES[20:]}```\n", [(3, 8)]),
        ("# N\n\n=======\n\n<<<<<<<< eight\n<<<<<<<nospace\n > >>>>>>> x\n", []),
    ],
)
def test_markers_are_known_by_their_form(text: str, lines: list[tuple[int, int]]) -> None:
    found = find_conflicts(outline(Source(text.encode()), "notes.md"))
    assert [(each.first, each.last) for each in found] == lines
