"""Text typed without quotes: all words but the options are the text, and what is not clear is refused."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click
import pytest

from memorybank.cli.main import cli
from memorybank.cli.text_command import TEXT, TextCommand, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., Any]


def line_of(project: Path, file: str = "activeContext.md") -> str:
    return (project / ".memorybank" / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("note it is broken", "- it is broken"),
        ("note it is broken --as learning", "- it is broken"),
        ("note --as learning it is broken", "- it is broken"),
        ("note it --as learning is broken", "- it is broken"),
        ("note --dry-run=x", ""),
        ("note a - b", "- a - b"),
        ("note -- --no-verify is banned", "- --no-verify is banned"),
        ("note --as learning -- --no-verify", "- --no-verify"),
        ("note 'two  blanks' stay", "- two  blanks stay"),
        ("add it is broken", "- it is broken"),
        ("note cache --why 'the disk is far' is slow", "- cache is slow - the disk is far"),
    ],
)
def test_words_without_quotes_are_one_text(bank: Run, project: Path, words: str, text: str) -> None:
    ended = bank(*shlex.split(words))
    assert ended.status == (0 if text else 2), ended
    assert f"\n{text}\n" in line_of(project)


@pytest.mark.parametrize(
    "words",
    [
        "save the API answers 429 --type fact",
        "decide use JSON files --tags format",
        "learn wait for the lock",
        "log one small step",
        "bug new names are cut --severity low",
        "paf add AUTH tokens expire after an hour",
        "plan new search over sessions",
        "research new SQLite on network disks",
        "task add index the sessions",
        "focus errors name the line",
        "session start",
        "group create upload work",
        "checkpoint half of it is done",
        "workflow start BUILD uploads survive a cut",
        "edit activeContext.md#Learnings --append a line without quotes",
    ],
)
def test_every_command_that_takes_a_text_takes_words(bank: Run, project: Path, words: str) -> None:
    ended = bank(*shlex.split(words))
    assert ended.status == 0, ended
    assert project.is_dir()


def test_an_output_is_read_from_its_file(bank: Run, project: Path) -> None:
    """`notes ingest review.md` means the file; a text of one word that names no file is a text."""
    (project / "review.md").write_text("MEMORY_NOTES:\n  learnings: [Parts are numbered]\n", encoding="utf-8")
    assert "Parts are numbered" in bank("notes", "ingest", "review.md").out
    assert bank("notes", "ingest", "nothing.md").out == "no new notes in it\n"
    assert "Twice" in bank("notes", "ingest", "MEMORY_NOTES:\n  learnings: [Twice]\n").out


def test_the_result_of_an_attempt_may_stand_behind_an_arrow(bank: Run, project: Path) -> None:
    bank("workflow", "start", "DEBUG", "The build is red")
    for words in ("pinned the clock → still red", "pinned the seed -> green", "no arrow"):
        bank("workflow", "debug", words)
    text = (project / ".memorybank" / "activeContext.md").read_text(encoding="utf-8")
    assert "[DEBUG-1]: pinned the clock → still red\n" in text
    assert "[DEBUG-2]: pinned the seed → green\n" in text
    assert "DEBUG-3" not in text


def test_reading_takes_words(bank: Run) -> None:
    bank("note", "the proxy answers 429 on a retry storm")
    assert "429" in bank("search", "429", "retry").out
    assert "Common Gotchas" in bank("headings", "common", "gotcha").out


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("note cache is slow --why the disk is far", "--why"),
        ("note --why the disk is far", "--why"),
        ("log Design -b Chose JWT for tokens", "-b"),
        ("decide use JWT --why stateless and small", "--why"),
        ("save one two --tags a, b", "--tags"),
    ],
)
def test_an_option_whose_text_may_go_on_is_refused(bank: Run, project: Path, words: str, option: str) -> None:
    """Otherwise half of the reason would silently become a part of the text."""
    before = line_of(project)
    ended = bank(*words.split())
    assert ended.status == 2
    assert f"It is not clear where the text of {option} ends: put it in quotes." in ended.err
    assert line_of(project) == before


def test_one_word_after_an_option_is_clear(bank: Run, project: Path) -> None:
    assert bank("note", "--why", "speed", "cache").status == 0
    assert "- cache - speed" in line_of(project)


@pytest.mark.parametrize(
    "words",
    [
        ("note", "the", "--force", "flag", "is", "gone", "--as", "learning"),
        ("note", "--no-verify"),
        ("note", "--json output is sorted"),
        ("note", "-x"),
        ("save", "--no-verify", "--type", "fact"),
        ("task", "add", "--frobnicate", "works"),
    ],
)
def test_the_error_for_a_dash_prints_a_command_that_works(bank: Run, words: tuple[str, ...]) -> None:
    """A commit message in a hook may begin with dashes."""
    ended = bank(*words)
    assert ended.status == 2
    command = ended.err.strip().rpartition("stands after --: ")[2]
    assert command.startswith("bank "), ended.err
    again = bank(*shlex.split(command)[1:])
    assert again.status == 0, again
    text = next(word for word in words if word[:1] == "-" and word != "--as")
    assert text.strip("-") in again.out


def test_an_option_of_the_other_command_names_it(bank: Run) -> None:
    ended = bank("note", "x", "--tags", "a")
    assert ended.status == 2
    assert ended.err.rstrip().endswith("bank save has it.")


def leaves(command: click.Command) -> Iterator[click.Command]:
    if not isinstance(command, click.Group):
        yield command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from leaves(inner)


def test_the_last_text_of_every_command_may_be_typed_without_quotes() -> None:
    """Where two texts follow each other, only the last can; a command of another program is never joined."""
    other = {"pairs", "subject", "command", "what", "item"}
    left = [
        f"{command.name} {last.name}"
        for command in leaves(cli)
        if isinstance(command, TextCommand)
        and (arguments := [param for param in command.params if isinstance(param, click.Argument)])
        and (last := arguments[-1]).type is TEXT
        and not isinstance(last, Words)
        and last.name not in other
    ]
    assert left == ["deployed where", "ingest text"]
