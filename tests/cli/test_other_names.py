"""Other names of commands: an alias runs, a name with several meanings lists them, a mistyped one is suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from memorybank.cli.main import COMMANDS, cli
from memorybank.cli.other_names import ALIASES, SEVERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Run = Callable[..., Any]


def command_of(words: Sequence[str]) -> click.Command | None:
    """Return the command that words name, None for none."""
    command: click.Command | None = cli
    for word in words:
        if word.startswith("-"):
            break
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
    return command


@pytest.mark.parametrize("name", ALIASES)
def test_an_alias_is_no_command_and_leads_to_one(name: str) -> None:
    assert name not in COMMANDS
    assert command_of(ALIASES[name]) is not None


@pytest.mark.parametrize("name", SEVERAL)
def test_a_name_with_several_meanings_lists_commands_that_exist(bank: Run, name: str) -> None:
    assert name not in {*COMMANDS, *ALIASES}
    ended = bank(name)
    assert ended.status == 2
    for command in SEVERAL[name]:
        assert f"bank {command}" in ended.err
        words = command.split()
        assert command_of(
            words[: words.index(next((w for w in words if w[0] == "-"), ""))] if "-" in command else words
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ls",), "no memories"),
        (("load-session",), "no session"),
        (("bugs",), "no bugs"),
        (("task", "ls"), ""),
        (("task", "new", "Ship it"), "Ship it"),
        (("bug", "add", "Slow"), "reported #1"),
        (("artifact", "ls"), ""),
        (("session", "stop"), "no current session"),
        (("--json", "ls"), '"records"'),
    ],
)
def test_other_names_run(bank: Run, words: tuple[str, ...], said: str) -> None:
    ended = bank(*words)
    assert ended.status in {0, 3}, ended
    assert said in ended.out + ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sho",), "Did you mean show"),
        (("tsak",), "Did you mean task"),
        (("task", "lits"), "There is no command 'bank task lits'. Did you mean list"),
        (("item", "frobnicate"), "It has list, move,"),
        (("the cache is slow today",), "Did you mean bank note 'the cache is slow today'?"),
        (("xyzzy",), "Try 'bank -h'."),
    ],
)
def test_a_mistyped_command_is_suggested_and_never_run(bank: Run, words: tuple[str, ...], said: str) -> None:
    ended = bank(*words)
    assert ended.status == 2
    assert said in ended.err


def test_help_prints_the_page_of_a_command(bank: Run) -> None:
    assert bank("help").out == bank("-h").out
    assert bank("help", "note").out == bank("note", "-h").out
    assert bank("help", "task", "done").out == bank("task", "done", "-h").out
    assert bank("help", "task", "finish").out == bank("task", "done", "-h").out
    assert bank("help", "nothing").status == 2


def test_version_is_a_command_and_an_option(bank: Run) -> None:
    assert bank("version").out == bank("--version").out
    assert bank("version", "--json").data["version"] == bank("version").out.split()[1]


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        ("list", "bank save TEXT"),
        ("task list", "bank task add"),
        ("bug list", "bank bug new TITLE"),
        ("paf list", "bank paf add"),
        ("plan list", "bank plan new TITLE"),
        ("research list", "bank research new TITLE"),
        ("artifact list", "bank artifact add FILE"),
        ("checkpoint list", "bank checkpoint"),
        ("group list", "bank group create NAME"),
        ("sessions", "bank session start"),
        ("workflow list", "bank workflow start"),
        ("tags", "bank save TEXT --tags"),
        ("log", "bank log TEXT"),
        ("search zebra", "bank"),
        ("status", "bank save TEXT"),
    ],
)
def test_an_empty_list_names_the_command_that_fills_it(bank: Run, words: str, next_step: str) -> None:
    ended = bank(*words.split())
    assert ended.status == 0
    assert next_step in ended.out + ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("note", "x", "--kind", "gotcha"), "No such option '--kind'. Did you mean '--as'?"),
        (("note", "x", "--type", "gotcha"), "No such option '--type'. Did you mean '--as'? bank save has it."),
        (("decide", "x", "--reason", "y"), "No such option '--reason'. Did you mean '--why'?"),
        (("history", "-n", "2"), "No such option '-n'. Did you mean '--limit'?"),
        (("undo", "--last", "2"), "No such option '--last'. Did you mean '-n'?"),
        (("note", "x", "--frobnicate"), "Text that begins with a dash stands after --"),
        (("gotcha", "Dates are local"), "Did you mean bank note 'Dates are local' --as gotcha?"),
        (("decision", "Use X"), "Did you mean bank decide 'Use X'?"),
        (("decisions",), "Did you mean bank show decisions?"),
        (("notes", "a text"), "To add it: bank note 'a text'"),
        (("task", "Do it now"), "To add it: bank task add 'Do it now'"),
        (("bug", "It", "hangs"), "To add it: bank bug new It hangs"),
        (("group", "shwo", "uploads"), "There is no command 'bank group shwo'. It has add,"),
        (("session", "start", "auth", "work"), "Did you mean --label 'auth work'?"),
        (("bug", "fix", "1", "parts", "are", "sized"), "Did you mean --fix 'parts are sized'?"),
        (("recall", "The", "API"), "to find it by words: bank search"),
        (("export", "out"), "Missing option '--to'"),
        (("prove", "it works", "python", "-c", "pass"), "The command stands after --: bank prove CLAIM -- COMMAND"),
        (("tags", "list"), "bank tags alone lists them."),
        (("types", "ls"), "bank types alone lists them."),
        (("bug", "list", "--open"), "Did you mean '--status'?"),
        (("session", "message", "hello"), "Did you mean bank session message user hello?"),
        (("summary", "set", "project", "demo"), "bank summary set project=demo"),
        (("plan", "done", "my"), "There is no command 'bank plan done'. It has list, new, show.\n"),
        (("plans", "x"), "There is no command 'bank plan x'. It has list, new, show."),
    ],
)
def test_what_people_type_instead_leads_to_what_is_meant(bank: Run, words: tuple[str, ...], said: str) -> None:
    ended = bank(*words)
    assert (ended.status, said in ended.err) == (2, True), ended.err


def test_a_list_in_the_plural_takes_the_commands_of_its_group(bank: Run, project: Path) -> None:
    assert bank("tasks", "add", "Retry on 429").status == 0
    assert "Retry on 429" in bank("tasks").out
    assert bank("tasks", "--json").data["count"] == 1


def test_types_are_listed_by_their_plain_names(bank: Run) -> None:
    bank("decide", "Use JWT")
    bank("save", "It is fast", "--type", "fact")
    assert bank("list", "decisions").out == bank("list", "--type", "decision").out != ""
    assert bank("list", "facts", "decision", "--json").data["count"] == 2
    assert bank("list", "bugs").out == ""
    assert "invalid record type 'nothings'" in bank("list", "nothings").err


def test_sections_are_loaded_and_shown_by_their_plain_names(bank: Run) -> None:
    bank("note", "Offsets are bytes")
    assert bank("load", "learnings").out == bank("load", "activeContext.md#Learnings").out != ""
    assert bank("show", "activeContext.md Learnings").out == bank("show", "activeContext.md#Learnings").out != ""
    assert bank("blame", "learnings").out == bank("blame", "activeContext.md#Learnings").out != ""
    assert bank("load", "nothing").status == 3
    assert "no-file" in bank("load", "nothing").err
