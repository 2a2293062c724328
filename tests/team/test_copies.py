"""Copies that sync programs leave: known by their names, settled by `bank merge`; nothing else is taken for one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.store.manage.sync_copies import marked_copies, sync_copies
from tests.running import bank, folder_of, git, make_bank

if TYPE_CHECKING:
    from pathlib import Path

MARKED = (
    "progress (Ann's conflicted copy 2026-11-30).md",
    "progress (ann-laptop's conflicted copy 2026-11-30 (1)).md",
    "progress (conflicted copy 2026-11-30 101112).md",
    "progress (Case Conflict).md",
    "progress (Anns Konfliktkopie 2026-11-30).md",
    "progress (In Konflikt stehende Kopie von Ann 2026-11-30).md",
    "progress (Copie en conflit de Ann 2026-11-30).md",
    "progress (Copia en conflicto de Ann 2026-11-30).md",
    "progress (C\u00f3pia em conflito de Ann 2026-11-30).md",
    "progress (Ann \u306e\u7af6\u5408\u30b3\u30d4\u30fc 2026-11-30).md",
    "progress (Ann \u7684\u51b2\u7a81\u526f\u672c 2026-11-30).md",
    "progress (Conflicted copy laptop 202611301011).md",
    "progress.sync-conflict-20261130-101112-ABCDEFG.md",
    "progress.sync-conflict-20261130-101112.md",
    "progress_conflict-20261130-101112.md",
    "progress.Conflict.md",
    "progress [Conflict].md",
)
PLAIN = ("progress 2.md", "progress (1).md", "progress-LAPTOP.md", "progress-Annes-MacBook.md")
OTHERS = (
    *("notes 2.md", "notes (1).md", "progress-notes.md", "conflict copy.md", "progress (conflict resolution).md"),
    *("progress-2.md", "other (conflicted copy 2026-11-30).md", "sync-conflict.md", "progress 2026.md"),
)


def found_in(project: Path) -> dict[str, str]:
    return {each.file: each.original for each in sync_copies(folder_of(project))}


@pytest.mark.parametrize("name", [*MARKED, *PLAIN])
def test_a_copy_of_a_contract_is_found_and_reported_with_the_command_that_settles_it(tmp_path: Path, name: str) -> None:
    folder = make_bank(tmp_path)
    (folder / name).write_bytes((folder / "progress.md").read_bytes())
    assert found_in(tmp_path) == {name: "progress.md"}
    checked = bank(tmp_path, "check")
    assert checked.returncode == 1
    (line,) = [each for each in checked.stdout.split("\n") if "[sync-copy]" in each]
    assert "bank merge" in line


def test_names_of_people_are_not_taken_for_copies(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    (folder / "notes.md").write_text("# Notes\n", encoding="utf-8")
    for name in OTHERS:
        (folder / name).write_text("# Notes\n\nmine\n", encoding="utf-8")
    for number in ("", "-2", " 2", "-LAPTOP"):
        bank(tmp_path, "save", f"Fact{number}", "--type", "fact", "--title", f"foo{number}")
        path = folder / "memories" / "fact" / f"foo{number}.md"
        path.write_text(f"---\nid: fct-20261130-aaaa{len(number)}\ntype: fact\n---\n# foo{number}\n", encoding="utf-8")
    assert found_in(tmp_path) == {}


@pytest.mark.parametrize("mark", [" 2", " (1)", "-LAPTOP", ".sync-conflict-20261130-101112-ABCDEFG"])
def test_a_copy_of_a_record_is_in_no_list_and_no_search(tmp_path: Path, mark: str) -> None:
    folder = make_bank(tmp_path)
    bank(tmp_path, "save", "The API answers 429", "--type", "fact", "--title", "Rate limit")
    (path,) = folder.glob("memories/fact/*.md")
    copy = path.with_name(f"{path.stem}{mark}.md")
    copy.write_bytes(path.read_bytes() + b"\nand 503\n")
    assert found_in(tmp_path) == {copy.relative_to(folder).as_posix(): path.relative_to(folder).as_posix()}
    if mark.startswith(".sync"):
        assert len(json.loads(bank(tmp_path, "list", "--json").stdout)["records"]) == 1
        assert len(json.loads(bank(tmp_path, "search", "429", "--json").stdout)["hits"]) == 1
        assert "record-twin" not in bank(tmp_path, "check").stdout
    assert bank(tmp_path, "merge", copy.relative_to(folder).as_posix()).returncode == 0
    assert not copy.exists()
    assert path.read_text(encoding="utf-8").count("and 503") == 1
    assert path.read_text(encoding="utf-8").count("The API answers 429") == 1
    assert "sync-copy" not in bank(tmp_path, "check").stdout


def test_a_merge_keeps_the_lines_of_both_and_can_be_undone(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    bank(tmp_path, "note", "known to both")
    then = path.read_bytes()
    bank(tmp_path, "note", "from here")
    copy = folder / MARKED[0].replace("progress", "activeContext")
    copy.write_bytes(then.replace(b"- known to both\n", b"- known to both\n- from there\n"))
    before = path.read_bytes(), copy.read_bytes()
    assert bank(tmp_path, "merge", copy.name, "--dry-run").returncode == 0
    assert (path.read_bytes(), copy.read_bytes()) == before
    done = bank(tmp_path, "merge", copy.name)
    assert done.returncode == 0, done.stdout
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [lines.count(f"- {each}") for each in ("known to both", "from here", "from there")] == [1, 1, 1]
    assert not copy.exists()
    bank(tmp_path, "undo")
    assert (path.read_bytes(), copy.read_bytes()) == before


def test_a_line_that_was_removed_since_stays_removed_if_the_earlier_text_is_known(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    bank(tmp_path, "note", "soon removed")
    bank(tmp_path, "note", "kept")
    then = path.read_bytes()
    bank(tmp_path, "item", "remove", "activeContext.md#Learnings", "soon removed")
    copy = folder / "activeContext 2.md"
    copy.write_bytes(then.replace(b"- kept\n", b"- kept\n- from there\n"))
    assert bank(tmp_path, "merge", "activeContext 2.md").returncode == 0
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [lines.count(f"- {each}") for each in ("soon removed", "kept", "from there")] == [0, 1, 1]


def test_the_earlier_text_is_found_in_git_too(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    then = path.read_bytes().replace(b"## Learnings\n", b"## Learnings\n\n- soon removed\n- kept\n", 1)
    path.write_bytes(then)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    path.write_bytes(then.replace(b"- soon removed\n", b""))
    (folder / "activeContext (1).md").write_bytes(then.replace(b"- kept\n", b"- kept\n- from there\n"))
    assert bank(tmp_path, "merge", "activeContext (1).md").returncode == 0
    text = path.read_text(encoding="utf-8")
    assert [text.count(each) for each in ("soon removed", "- kept\n", "from there")] == [0, 1, 1]


def test_lines_that_the_copy_never_had_are_not_lost(tmp_path: Path) -> None:
    """No earlier text is known: what only one side has was added there, not deleted on the other."""
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    first = path.read_bytes()
    for word in ("one", "two", "three"):
        bank(tmp_path, "note", f"from here {word}")
    copy = folder / MARKED[1].replace("progress", "activeContext")
    copy.write_bytes(first.replace(b"## Learnings\n", b"## Learnings\n\n- from there\n", 1))
    bank(tmp_path, "merge", copy.name)
    text = path.read_text(encoding="utf-8")
    assert [text.count(f"- from here {each}\n") for each in ("one", "two", "three")] == [1, 1, 1]
    assert text.count("- from there\n") == 1


def test_two_copies_of_one_file_are_settled_together(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    bank(tmp_path, "note", "known")
    names = [each.replace("progress", "activeContext") for each in (MARKED[0], MARKED[12])]
    for number, name in enumerate(names):
        (folder / name).write_bytes(path.read_bytes().replace(b"- known\n", b"- known\n- copy %d\n" % number))
    assert bank(tmp_path, "merge", *names).returncode == 0
    text = path.read_text(encoding="utf-8")
    assert [text.count(f"- copy {number}\n") for number in (0, 1)] == [1, 1]
    assert found_in(tmp_path) == {}


def test_a_conflict_has_both_texts_and_exits_with_1(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "activeContext.md"
    bank(tmp_path, "note", "known at noon")
    copy = folder / "activeContext (1).md"
    copy.write_bytes(path.read_bytes().replace(b"at noon", b"at night"))
    path.write_bytes(path.read_bytes().replace(b"known at noon", b"known at dawn"))
    ended = bank(tmp_path, "merge", copy.name)
    text = path.read_text(encoding="utf-8")
    assert {"at dawn", "at night"} <= {each for each in ("at dawn", "at night") if each in text}
    assert ended.returncode == (1 if "<<<<<<<" in text else 0)
    assert not copy.exists()


def test_copies_and_other_files_are_not_settled_at_once(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    (folder / "progress 2.md").write_bytes((folder / "progress.md").read_bytes())
    refused = bank(tmp_path, "merge", "progress 2.md", "patterns.md", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "field"
    assert (folder / "progress 2.md").exists()


def test_a_copy_does_not_travel(tmp_path: Path) -> None:
    folder = make_bank(tmp_path / "one")
    (folder / MARKED[12]).write_bytes((folder / "progress.md").read_bytes())
    made = json.loads(bank(tmp_path / "one", "bundle", "create", "../x.bundle", "--json").stdout)
    assert [each["file"] for each in made["left_out"]] == [MARKED[12]]


def test_only_names_whose_file_is_there_are_copies() -> None:
    assert marked_copies(["a.md", "b (conflicted copy 2026).md", "a (conflicted copy 2026).md"]) == {
        "a (conflicted copy 2026).md": "a.md"
    }
    assert marked_copies(["a.sync-conflict-20261130-101112-ABCDEFG.jsonl", "a.jsonl"]) != {}
