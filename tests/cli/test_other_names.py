"""Other names of commands: an alias runs, a name with several meanings lists them, a mistyped one is suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from memorybank.cli.main import COMMANDS, cli
from memorybank.cli.other_names import ALIASES, SEVERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
