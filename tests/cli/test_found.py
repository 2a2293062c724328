"""Faults that were found by trying to break it; each keeps failing on the code that had it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.document.sections import name_of
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("item", ["", "  ", "^"])
def test_an_empty_item_stands_for_none(tmp_path: Path, item: str) -> None:
    folder = make_bank(tmp_path)
    bank(tmp_path, "task", "add", "keep me")
    before = (folder / "progress.md").read_bytes()
    assert bank(tmp_path, "item", "remove", "progress.md#Tasks", item).returncode == 3
    assert bank(tmp_path, "task", "done", item).returncode == 3
    assert (folder / "progress.md").read_bytes() == before


@pytest.mark.parametrize("digest", ["", "0123", "not-hexadecimal!"])
def test_what_is_no_digest_does_not_switch_the_guard_off(tmp_path: Path, digest: str) -> None:
    make_bank(tmp_path)
    done = bank(tmp_path, "edit", "activeContext.md#Blockers", "--append", "q", "--expect", digest)
    assert done.returncode == 2
    assert "is not a digest" in done.stderr


@pytest.mark.parametrize("name", [".memorybank/bank.toml", "src.py", "notes.txt"])
def test_only_markdown_is_edited(tmp_path: Path, name: str) -> None:
    make_bank(tmp_path)
    path = tmp_path / name
    if not path.exists():
        path.write_text("# h\n", encoding="utf-8")
    before = path.read_bytes()
    assert bank(tmp_path, "set", name, "a", "b").returncode == 5
    assert path.read_bytes() == before


def test_a_check_speaks_of_the_settings_too(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    (folder / "bank.toml").write_text("layout = 99\n[sync]\nenabled = true\n", encoding="utf-8")
    done = bank(tmp_path, "check", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    assert [each["rule"] for each in json.loads(done.stdout)["findings"]] == ["newer-version"]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("A <!-- x -->", "A"),
        ("A <!-- x --> <!-- y -->", "A"),
        ("A <!-- x --> y -->", "A <!-- x --> y -->"),
        ("A -->", "A -->"),
        ("A <!-- x", "A <!-- x"),
    ],
)
def test_a_name_is_a_heading_without_its_trailing_comments(heading: str, name: str) -> None:
    assert name_of(heading) == name


def test_many_comments_in_a_heading_cost_no_more_than_their_length() -> None:
    """It took a minute before; the limit of the test run is what notices."""
    assert name_of("a" + " <!--" * 40_000).endswith("<!--")
    assert name_of("a" + " <!-- -->" * 40_000) == "a"


def test_what_is_put_back_gets_the_date(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    path = folder / "progress.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("## Last Updated")], encoding="utf-8")
    assert bank(tmp_path, "check", "--fix").returncode == 0
    assert path.read_text(encoding="utf-8").endswith(" UTC\n")


def test_an_emptied_file_is_made_anew_by_a_fix(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    (folder / "patterns.md").write_bytes(b"")
    assert bank(tmp_path, "check", "--fix").returncode == 0
    assert (folder / "patterns.md").read_text(encoding="utf-8").startswith("# Project Patterns\n")


def test_state_that_is_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    project = tmp_path / "project"
    folder = make_bank(project)
    elsewhere = tmp_path / "elsewhere"
    (folder / ".state").rename(elsewhere)
    (folder / ".state").symlink_to(elsewhere)
    before = sorted(path.name for path in elsewhere.iterdir())
    done = bank(project, "note", "x")
    assert done.returncode == 5
    assert sorted(path.name for path in elsewhere.iterdir()) == before


def test_an_edit_makes_no_second_section_of_a_name(tmp_path: Path) -> None:
    make_bank(tmp_path)
    (tmp_path / "x.md").write_text("# T\n\n## A\n\na\n\n## B\n\nb\n", encoding="utf-8")
    done = bank(tmp_path, "edit", "x.md#B", "--insert-after", "A\nz")
    assert done.returncode == 4
    assert "on line 3" in done.stderr


def test_a_hit_without_headings_is_replaced_and_keeps_its_front_matter(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    bank(tmp_path, "save", "The pool holds twenty connections", "--type", "fact")
    hit = json.loads(bank(tmp_path, "search", "twenty", "--json").stdout)["hits"][0]
    path = folder / hit["file"]
    before = path.read_text(encoding="utf-8")
    done = bank(tmp_path, "edit", hit["address"], "--expect", hit["digest"], "--replace", "It holds thirty")
    assert done.returncode == 0, done.stderr
    assert path.read_text(encoding="utf-8") == before.replace("The pool holds twenty connections", "It holds thirty")
    assert bank(tmp_path, "edit", hit["address"], "--replace", "---\nid: mine\n---\nbody").returncode == 0
    assert path.read_text(encoding="utf-8") == "---\nid: mine\n---\nbody\n"
