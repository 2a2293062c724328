"""Answers fit the terminal, in cells and not in characters; ids and addresses stay whole; pipes get everything."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.cli.width import cells, folded, padded, shortened, table
from tests.running import bank as run_bank
from tests.running import sampled
from tests.terminal import USED_MOST, WIDTHS, demo, in_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of Unix")

# what is never cut or split, even where it is longer than the terminal: a path or an address alone on its line, and
# commands to copy
WHOLE = re.compile(
    r"\s*(?:undid op-\S+: |(?:bank|project) +|would write: |[-+]{3} )?\S+(?: \((?:new|removed)\))?\s*"
    r"|(?: *next: | +)bank .*"
)
# blanks that a diff has as its mark of a line that stays
CONTEXT = {"diff", "dry-run", "session-end"}
READING = (
    "task-list",
    "show",
    "search",
    "status",
    "list",
    "bugs",
    "log",
    "history",
    "outline",
    "plans",
    "help",
    "error",
)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("wide") / "demo"
    return folder, demo(folder)


@pytest.mark.parametrize("columns", WIDTHS)
def test_no_line_is_too_wide_or_ends_with_blanks(wide: tuple[Path, dict[str, str]], columns: int) -> None:
    folder, names = wide
    too_wide, ends = [], []
    # without a full run each width has its own third of the commands
    for name, words in sampled(list(USED_MOST.items())[WIDTHS.index(columns) :], len(WIDTHS)):
        screen = in_terminal(folder, tuple(word.format(**names) for word in words), columns=columns)
        assert screen.status != 70, screen.plain
        assert screen.plain, name
        too_wide += [(name, line) for line in screen.plain if cells(line) > columns and not WHOLE.fullmatch(line)]
        ends += [line for line in screen.plain if line != line.rstrip() and not (name in CONTEXT and line == " ")]
    assert too_wide == []
    assert ends == []


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_command_to_copy_is_whole(wide: tuple[Path, dict[str, str]], columns: int) -> None:
    """What comes through a pipe on one line is on one line of the terminal as well, however narrow it is."""
    folder, names = wide
    env = {"MEMORYBANK_HOME": str(folder.parent / "home")}
    for name in ("check", "gate", "wrap-up", "review", "explain", "error"):
        words = tuple(word.format(**names) for word in USED_MOST[name])
        done = run_bank(folder, *words, env=env)
        commands = set(re.findall(r"(?<=[(; ])bank \w[^;\n]*?(?=\)?$)", done.stdout + done.stderr, re.MULTILINE))
        assert commands, name
        shown = in_terminal(folder, words, columns=columns).plain
        assert {each for each in commands if not any(line.rstrip(")").endswith(each) for line in shown)} == set(), name


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_table_keeps_its_words_and_columns(wide: tuple[Path, dict[str, str]], columns: int) -> None:
    folder, _ = wide
    for words in (USED_MOST["table"], USED_MOST["triggers"]):
        piped = run_bank(folder, *words).stdout
        rows = in_terminal(folder, words, columns=columns).plain
        assert sorted(" ".join(rows).split()) == sorted(piped.split())
    head, *rows = in_terminal(folder, USED_MOST["table"], columns=columns).plain
    assert {row[head.index("mode") - 1] for row in rows} == {" "}
    assert {row[head.index("pafs") :].split(" ")[0] for row in rows if row[:1].strip()} == {"-", "active", "all"}


@pytest.mark.parametrize("columns", WIDTHS)
def test_continued_lines_are_below_the_text_of_their_entry(wide: tuple[Path, dict[str, str]], columns: int) -> None:
    folder, _ = wide
    for name, first in (
        ("task-list", r" *\d+ \[.\] \S"),
        ("items", r" *\d+ \S"),
        ("check", r"\S+:\d+: "),
        ("rules", r"[\w-]+( \(--fix can fix it\))?: "),
        ("notes", r"note-"),
        ("plans", r" *\d+ \S"),
    ):
        rows = in_terminal(folder, USED_MOST[name], columns=columns).plain
        entries = [row for row in rows if re.match(first, row)]
        assert entries, name
        column = {"task-list": 8, "items": 4, "plans": 4}.get(name)
        for row in (each for each in rows if each not in entries):
            blanks = len(row) - len(row.lstrip(" "))
            assert blanks == column if column else blanks >= 2, (name, row)


@pytest.mark.parametrize("columns", WIDTHS)
def test_enough_of_a_title_is_shown_to_recognise_it(wide: tuple[Path, dict[str, str]], columns: int) -> None:
    folder, _ = wide
    for name, begins in (
        ("bugs", "Uploads stop at 2 GB because the le"),
        ("workflows", "Uploads survive a cut of the connec"),
        ("checkpoints", "Registration is done and login is n"),
    ):
        assert any(begins in row for row in in_terminal(folder, USED_MOST[name], columns=columns).plain), name


def test_a_diff_has_colours_and_folded_lines_below_their_text(wide: tuple[Path, dict[str, str]]) -> None:
    folder, _ = wide
    lines = in_terminal(folder, USED_MOST["dry-run"], columns=60).lines
    assert "\x1b[1m--- a/activeContext.md\x1b[0m" in lines
    assert "\x1b[32m+- A line that is so long that it has to be folded, too, in\x1b[0m" in lines
    assert "\x1b[32m   the diff of a dry run\x1b[0m" in lines
    assert any(line.startswith("\x1b[36m@@ -") for line in lines)
    piped = run_bank(folder, *USED_MOST["dry-run"]).stdout
    assert "\x1b" not in piped
    assert "\n+- A line that is so long that it has to be folded, too, in the diff of a dry run\n" in piped


@pytest.mark.parametrize("columns", WIDTHS)
def test_colours_change_nothing_but_colours(wide: tuple[Path, dict[str, str]], columns: int) -> None:
    folder, names = wide
    for name in READING:
        words = tuple(word.format(**names) for word in USED_MOST[name])
        coloured = in_terminal(folder, words, columns=columns)
        plain = in_terminal(folder, words, columns=columns, colour=False)
        assert plain.lines == tuple(coloured.plain), name
        assert "\x1b" not in "".join(plain.lines)


def test_ids_and_addresses_are_whole_on_a_narrow_terminal(wide: tuple[Path, dict[str, str]]) -> None:
    folder, names = wide
    for words in (("list",), ("recall", names["fact"]), ("history",), ("search", "429")):
        text = "\n".join(in_terminal(folder, words, columns=40).plain)
        piped = run_bank(folder, *words, env={"MEMORYBANK_HOME": str(folder.parent / "home")}).stdout
        ids = set(re.findall(r"\b(?:op|fct|bug|ses)-\d{8}-\w+", piped))
        assert ids
        assert {each for each in ids if each not in text} == set()


def test_a_pipe_gets_every_row_whole(bank: Run) -> None:
    text = "a long title that goes on and on " * 6
    bank("bug", "new", text.strip())
    bank("checkpoint", "add", text.strip())
    for words in (("bug", "list"), ("checkpoint", "list"), ("history",), ("plan", "list")):
        assert "…" not in bank(*words).out
    assert text.strip() in bank("checkpoint", "list").out


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("e\u0301", 1),
        ("🕛", 2),
        ("👍\ufe0f", 3),
        ("각", 2),
        ("a\u200db", 2),
        ("\uff21", 2),
    ],
)
def test_a_text_has_the_width_of_its_cells(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("日本語", 6, "日本語"),
        ("ab cd", 4, "ab…"),
        ("anything", 0, "anything"),
        ("ab 👍🏽 more", 6, "ab…"),
        ("ab 👍🏽 more", 8, "ab 👍🏽…"),
        ("ab 👩\u200d👩\u200d👧 more", 7, "ab…"),
        ("👩\u200d👩\u200d👧 more", 4, "…"),
    ],
)
def test_a_row_is_cut_at_the_width(text: str, width: int, shown: str) -> None:
    assert shortened(text, width) == shown
    assert not width or cells(shortened(text, width)) <= width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("  one two three", 9, ["  one two", "  three"]),
        ("- one two three", 9, ["- one two", "  three"]),
        ("- [ ] one two three", 13, ["- [ ] one two", "      three"]),
        ("key   one two", 12, ["key   one", "      two"]),
        ("see activeContext.md#Learnings now", 20, ["see", "activeContext.md#Learnings", "now"]),
        ("日本語の長い文", 6, ["日本語", "の長い", "文"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("see docs/日本語の計画書.md now", 12, ["see", "docs/日本語の計画書.md", "now"]),
        ("`docs/日本語の計画.md`", 12, ["`docs/日本語の計画.md`"]),
        ("in notes.md#日本語の節 it", 10, ["in", "notes.md#日本語の節", "it"]),
        ("日本👍🏽語", 6, ["日本", "👍🏽語"]),
        ("と/または日本語", 8, ["と/また", "は日本語"]),
        ("bank      /a/very/long/path of it", 22, ["bank      /a/very/long/path", "          of it"]),
        ("short", 0, ["short"]),
    ],
)
def test_a_line_is_folded_at_blanks_only(text: str, width: int, lines: list[str]) -> None:
    assert folded(text, width) == lines


def test_a_message_is_continued_two_cells_deeper() -> None:
    assert folded("one two three", 9, deeper=2) == ["one two", "  three"]
    assert folded("  one two three", 9, deeper=2) == ["  one two", "  three"]
    assert folded("- one two three", 9, deeper=2) == ["- one two", "  three"]


def test_a_table_folds_its_widest_columns() -> None:
    rows = [("name", "what it is"), ("日本語", "one two three four"), ("b", "")]
    assert table(rows, 0) == [["name    what it is"], ["日本語  one two three four"], ["b"]]
    assert table(rows, 18) == [["name    what it is"], ["日本語  one two", "        three four"], ["b"]]
    narrow = [line for lines in table(rows, 5) for line in lines]
    assert sorted("".join("".join(narrow).split())) == sorted("".join("".join(map("".join, rows)).split()))


def test_a_folded_text_loses_nothing() -> None:
    text = "- Redis drops idle connections: 再接続のたびに `docs/a/long/path.md#With A Section` and more " * 3
    for width in range(20, 200, 7):
        assert "".join("".join(folded(text, width)).split()) == "".join(text.split())


def test_a_padded_text_ends_in_one_column() -> None:
    assert [cells(padded(text, 6)) for text in ("abc", "日本", "", "longer than that")] == [6, 6, 6, 16]


def test_a_receipt_shows_no_placeholder(bank: Run) -> None:
    for words in (("note", "one"), ("task", "add", "two"), ("focus", "three"), ("note", "four", "--as", "gotcha")):
        out = bank(*words).out
        assert "[None]" not in out
        assert "[Active work]" not in out
        assert out.count("\n  + ") == 1
    out = bank("task", "rm", "two").out
    assert "[None]" not in out
    assert "  - - [ ] two\n" in out


def test_a_receipt_shows_what_a_user_wrote_in_brackets(bank: Run) -> None:
    assert "+ - [draft] see [the page](x.md)" in bank("note", "[draft] see [the page](x.md)").out


def test_joined_lines_are_reported(bank: Run) -> None:
    assert bank("note", "one\ntwo\n\nthree").err == "joined 3 lines into one\n"
    assert bank("note", "-", stdin=b"one\ntwo\n").err == "joined 2 lines into one\n"
    assert bank("task", "add", "one\ntwo").err == "joined 2 lines into one\n"
    assert bank("focus", "one\r\ntwo").err == "joined 2 lines into one\n"
    assert bank("note", "a line of its own\n").err == ""
    assert bank("note", "-", stdin=b"another line\n").err == ""


def test_added_and_removed_lines_have_colours_on_a_terminal(wide: tuple[Path, dict[str, str]]) -> None:
    folder, _ = wide
    in_terminal(folder, ("focus", "Before"), columns=80)
    lines = in_terminal(folder, ("focus", "After"), columns=80).lines
    assert "\x1b[32m  + After\x1b[0m" in lines
    assert "\x1b[31m  - Before\x1b[0m" in lines


def test_a_task_that_is_not_there_is_refused_before_the_evidence_is_asked_for(
    wide: tuple[Path, dict[str, str]],
) -> None:
    folder, _ = wide
    screen = in_terminal(folder, ("task", "done", "nothing like it"), columns=80)
    assert screen.status == 3
    assert not any("Evidence" in line for line in screen.plain)


def test_status_counts_the_memories(bank: Run) -> None:
    assert "memories  none yet: bank save TEXT\n" in bank("status").out
    bank("save", "one", "--type", "fact")
    bank("save", "two", "--type", "fact")
    bank("decide", "three")
    assert "memories  3: 2 fact, 1 decision\n" in bank("status").out
    assert bank("status", "--json").data["memory_counts"] == {"fact": 2, "decision": 1}
