"""Words at the edge of what a command takes: nothing is guessed, and no mark without meaning reaches a file."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import MODULE, bank, environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path

LEARNINGS = "activeContext.md#Learnings"


def test_an_empty_reason_leaves_no_trace(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    assert bank(tmp_path, "note", "plain", "--why", "   ", "--file", "\t").returncode == 0
    assert "\n- plain\n" in (folder / "activeContext.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", ["- - -", "- ---", "* * *", "- ", "___", "- - - -", "===", "- [ ]", "- [x] "])
@pytest.mark.parametrize("command", ["note", "focus"])
def test_marks_alone_are_no_text(tmp_path: Path, command: str, words: str) -> None:
    folder = make_bank(tmp_path)
    before = (folder / "activeContext.md").read_bytes()
    done = bank(tmp_path, command, words)
    assert done.returncode == 5
    assert "[text]" in done.stderr
    assert (folder / "activeContext.md").read_bytes() == before


@pytest.mark.parametrize(
    "words", ["- one", "- - one", "👍", "*one*", "C++", "- [ ] one", "--no-verify is banned", "--- one"]
)
def test_short_words_are_text(tmp_path: Path, words: str) -> None:
    make_bank(tmp_path)
    assert bank(tmp_path, "note", words).returncode == 0


def test_an_option_with_its_value_in_one_word_is_not_taken_for_text(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    assert bank(tmp_path, "note", "--as gotcha").returncode == 2
    assert bank(tmp_path, "note", "--frobnicate").returncode == 2
    assert bank(tmp_path, "note", "one", "--why=it is so").returncode == 0
    assert "- one - it is so\n" in (folder / "activeContext.md").read_text(encoding="utf-8")


def test_what_is_no_text_keeps_its_words(tmp_path: Path) -> None:
    make_bank(tmp_path)
    assert bank(tmp_path, "save", "one", "--project", "- mine").returncode == 0
    assert json.loads(bank(tmp_path, "list", "--json").stdout)["records"][0]["project"] == "- mine"


@pytest.mark.parametrize(
    "words",
    [
        ["note", "[None]"],
        ["note", "[none]"],
        ["note", "- [None]"],
        ["task", "add", "[None]"],
        ["focus", "[Active work]"],
    ],
)
def test_the_stand_in_of_an_empty_section_is_no_entry(tmp_path: Path, words: list[str]) -> None:
    folder = make_bank(tmp_path)
    before = [path.read_bytes() for path in sorted(folder.glob("*.md"))]
    done = bank(tmp_path, *words)
    assert done.returncode == 5
    assert "is the placeholder of an empty section" in done.stderr
    assert [path.read_bytes() for path in sorted(folder.glob("*.md"))] == before


def test_an_example_of_a_template_is_refused_as_what_it_is(tmp_path: Path) -> None:
    """Other tools' templates have "Task 1" in an empty section, so a task of that name would be hidden."""
    make_bank(tmp_path)
    done = bank(tmp_path, "task", "add", "task 1")
    assert done.returncode == 5
    assert "'task 1' is an example in templates and counts as empty; write what it is about" in done.stderr
    assert bank(tmp_path, "task", "add", "task 1: uploads").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["note", "second ^dup"],
        ["edit", "activeContext.md#Learnings", "--append", "- second ^dup"],
        ["edit", "activeContext.md#Learnings", "--append", "- other\n  - second ^dup"],
        ["item", "replace", "activeContext.md#Learnings", "other", "second ^dup"],
        ["item", "move", "progress.md#Tasks", "^dup", "--to", "activeContext.md#Learnings"],
    ],
)
def test_an_id_that_is_taken_is_not_written_again(tmp_path: Path, words: list[str]) -> None:
    folder = make_bank(tmp_path)
    for each in (["note", "first ^dup"], ["note", "other"], ["task", "add", "moved ^dup"]):
        assert bank(tmp_path, *each).returncode == 0
    before = [path.read_bytes() for path in sorted(folder.glob("*.md"))]
    done = bank(tmp_path, *words)
    assert "has '^dup' already, on line" in done.stderr
    assert "bank item list 'activeContext.md#Learnings'" in done.stderr
    assert [path.read_bytes() for path in sorted(folder.glob("*.md"))] == before
    # its own item keeps it, and without it the id is free
    for each in (
        ["item", "replace", "activeContext.md#Learnings", "^dup", "first, in other words ^dup"],
        ["item", "remove", "activeContext.md#Learnings", "^dup"],
        words,
    ):
        assert bank(tmp_path, *each).returncode == 0, each
    assert "duplicate-id" not in bank(tmp_path, "check").stdout


def test_another_section_refers_to_an_item_by_its_id(tmp_path: Path) -> None:
    make_bank(tmp_path)
    bank(tmp_path, "note", "Uploads time out ^dup")
    assert bank(tmp_path, "note", "Stream uploads: see ^dup", "--as", "decision").returncode == 0
    assert "duplicate-id" not in bank(tmp_path, "check").stdout


def test_an_id_twice_by_hand_is_found_and_stops_no_other_edit(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    for each in ("first ^dup", "second ^two"):
        bank(tmp_path, "note", each)
    path = folder / "activeContext.md"
    path.write_text(path.read_text(encoding="utf-8").replace("^two", "^dup"), encoding="utf-8")
    found = bank(tmp_path, "check")
    assert found.returncode == 1
    assert found.stdout.count("duplicate-id") == 1
    assert bank(tmp_path, "note", "third ^three").returncode == 0
    assert bank(tmp_path, "item", "remove", "activeContext.md#Learnings", "2").returncode == 0
    assert "duplicate-id" not in bank(tmp_path, "check").stdout


@pytest.mark.parametrize("item", ["\uff11", "\u0661", "+1", "1_0", " 1", "\u00b9"])
def test_an_item_is_numbered_in_plain_digits(tmp_path: Path, item: str) -> None:
    make_bank(tmp_path)
    bank(tmp_path, "note", "one")
    assert bank(tmp_path, "item", "remove", LEARNINGS, item).returncode == 3
    assert bank(tmp_path, "item", "remove", LEARNINGS, "1").returncode == 0


def test_an_item_keeps_its_one_id(tmp_path: Path) -> None:
    folder = make_bank(tmp_path)
    bank(tmp_path, "note", "one ^d7k2m9")
    refused = bank(tmp_path, "item", "replace", LEARNINGS, "1", "two ^e11111")
    assert refused.returncode == 5
    assert "^d7k2m9" in refused.stderr
    assert bank(tmp_path, "item", "replace", LEARNINGS, "1", "two").returncode == 0
    assert bank(tmp_path, "item", "replace", LEARNINGS, "1", "three ^d7k2m9").returncode == 0
    assert "\n- three ^d7k2m9\n" in (folder / "activeContext.md").read_text(encoding="utf-8")
    bank(tmp_path, "note", "plain")
    assert bank(tmp_path, "item", "replace", LEARNINGS, "2", "named ^e11111").returncode == 0
    rows = json.loads(bank(tmp_path, "item", "list", LEARNINGS, "--json").stdout)["items"]
    assert [each["id"] for each in rows] == ["d7k2m9", "e11111"]


def test_an_editor_is_not_opened_where_nobody_can_type(tmp_path: Path) -> None:
    make_bank(tmp_path)
    env = {"EDITOR": "", "VISUAL": ""}
    without = bank(tmp_path, "edit", LEARNINGS, env=env)
    assert without.returncode == 2
    assert "or - for standard input" in without.stderr
    lost = bank(tmp_path, "edit", LEARNINGS, "a text", env={"EDITOR": "true"})
    assert lost.returncode == 2
    assert "--append" in lost.stderr


@pytest.mark.parametrize(
    ("closed", "words", "status"), [(">&-", "note one", 0), ("<&-", "note -", 5), ("2>&-", "status", 0)]
)
def test_a_closed_stream_is_an_empty_one(tmp_path: Path, closed: str, words: str, status: int) -> None:
    make_bank(tmp_path)
    done = subprocess.run(
        ["/bin/sh", "-c", f"{shlex.join(MODULE)} {words} {closed}"],
        cwd=tmp_path,
        env=environment(),
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, "bug" in done.stderr) == (status, False), done.stderr


EMPTY = [
    ["undo", ""],
    ["session", "delete", " "],
    ["session", "end", "--session", ""],
    ["session", "label", "", "x"],
    ["note", "x", "--to", ""],
    ["note", "x", "--bank", ""],
    ["--bank", "", "note", "x"],
    ["export", "--format", "module71", "--to", ""],
    ["list", "--session", ""],
    ["group", "add", "G", ""],
]


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_an_empty_name_stands_for_nothing(tmp_path: Path, words: list[str]) -> None:
    """A shell variable that is not set must not mean the last operation, the current session, or this folder."""
    folder = make_bank(tmp_path)
    assert bank(tmp_path, "session", "start", "--label", "s").returncode == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = bank(tmp_path, *words)
    assert (done.returncode, "is empty" in done.stderr) == (2, True), done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert (folder / "sessions").is_dir()


LONG_WORD, LONG_TEXT = "z" * 50_000, "ab cd " * 8_000


@pytest.mark.parametrize("text", [LONG_WORD, LONG_TEXT], ids=["word", "text"])
@pytest.mark.parametrize(
    "words",
    [
        ("search", "{}"),
        ("list", "--{}"),
        ("show", "{}"),
        ("task", "done", "{}"),
        ("recall", "{}"),
        ("list", "--type", "{}"),
        ("note", "x", "--as", "{}"),
        ("note", "x", "--to", "{}"),
        ("edit", "{}"),
        ("item", "list", "{}"),
        ("decide", "x", "--supersedes", "{}"),
        ("workflow", "start", "{}", "x"),
        ("log", "--since", "{}"),
        ("--bank", "{}", "status"),
        ("{}",),
    ],
)
def test_what_was_typed_is_not_repeated_at_length(tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    make_bank(tmp_path)
    done = bank(tmp_path, *(each.format(text) for each in words))
    assert done.returncode not in (0, 70) or words == ("search", "{}")
    assert len(done.stdout + done.stderr) < 6_000
    assert all(len(line) <= 5_100 for line in done.stderr.split("\n"))


def test_a_next_command_with_a_usual_text_stays_whole(tmp_path: Path) -> None:
    make_bank(tmp_path)
    text = "Cache: SQLite, " + "because it is there " * 75
    bank(tmp_path, "note", "Cache: Redis", "--as", "decision")
    done = bank(tmp_path, "note", text.strip(), "--as", "decision")
    assert f"next: bank note '{text.strip()}' --as decision --supersedes 'Cache: Redis'" in done.stderr
    assert "characters …" in bank(tmp_path, "show", LONG_WORD).stderr
    assert LONG_WORD in json.loads(bank(tmp_path, "show", LONG_WORD, "--json").stdout)["error"]["message"]
