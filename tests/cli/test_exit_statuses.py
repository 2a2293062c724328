"""One kind of mistake has one exit status and one code, whichever command it is made with; see docs/errors.md."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import click
import pytest

from memorybank.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., Any]

# what is wrong -> the status, the codes, and command lines with nothing else wrong
MISTAKES: dict[str, tuple[int, set[str], str]] = {
    "an empty text": (
        5,
        {"text"},
        (
            "note ''|task add ''|focus ''|save ''|decide ''|learn ''|log ''|bug new ''|plan new ''|research new ''"
            "|session message user ''|workflow start BUILD ''|edit activeContext.md#Learnings --append ''"
            "|item replace activeContext.md#Learnings 1 ''|task edit 1 ''|workflow note ''"
        ),
    ),
    "an empty name": (2, {"usage"}, "recall ''|delete ''|undo ''|diff ''|group create ''"),
    "an unknown id or name": (
        3,
        {"no-record", "no-item"},
        (
            "recall zzz|delete zzz|update zzz --title a|supersede zzz yyy|deprecate zzz|link zzz see yyy|lineage zzz"
            "|open zzz|bug show 99|bug fix 99|paf review ZZZ-001|paf deprecate ZZZ-1|session show zzz|session load zzz"
            "|session resume zzz|session delete zzz|group context zzz|group add zzz current|workflow show zzz"
            "|workflow finish zzz|notes drop zzz|notes edit zzz x|checkpoint show zzz|undo op-zzz|diff op-zzz"
            "|restore progress.md --at op-zzz|banks forget zzz|trust revoke ZZZ-001|plan show zzz|research show zzz"
            "|task done zzz|task remove zzz|task reopen zzz|demote zzz --why x|verify zzz|load --session zzz"
            "|load --group zzz|sessions --group zzz|tags rename zzz yyy|item tick progress.md#Tasks zzz"
            "|check --explain zzz"
        ),
    ),
    "an unknown file": (
        3,
        {"no-file"},
        (
            "show zzz.md|outline zzz.md|edit zzz.md|edit zzz.md#A --append x|item list zzz.md#A|set zzz.md status x"
            "|blame zzz.md|history zzz.md|load zzz.md|check zzz.md|unarchive zzz.md#A|note x --to zzz.md#A"
            "|artifact add zzz.txt|import adr zzz|search x --in zzz"
        ),
    ),
    "an unknown section": (
        3,
        {"no-anchor"},
        (
            "show progress.md#Zzz|show zzz|edit progress.md#Zzz --append x|item list progress.md#Zzz"
            "|blame progress.md#Zzz"
            "|note x --to progress.md#Zzz|unarchive progress.md#Zzz"
        ),
    ),
    "an unknown type": (
        3,
        {"no-type"},
        "save x --type zzz|list --type zzz|search x --type zzz|cleanup --type zzz --older-than 1|types show zzz",
    ),
    "an invalid value": (
        5,
        {"field"},
        (
            "load --stage zzz|load --mode zzz --stage plan|gate zzz|bug new x --severity zzz|bug list --severity zzz"
            "|bug list --status zzz|paf list --status zzz|paf add A x --status zzz|decide x --status zzz"
            "|list --status zzz|search x --status zzz|group list --status zzz|workflow list --status zzz"
            "|workflow start ZZZ x|list --since zzz|list --until zzz|search x --since zzz|sessions --since zzz"
            "|session list --since zzz|wrap-up --since zzz"
        ),
    ),
    "no number, or one that is too small": (
        2,
        {"usage"},
        (
            "list --limit x|list --limit 0|search x --limit x|search x --limit 0|history --limit 0|log --limit 0"
            "|undo -n 0"
            "|redo -n 0|load --stage plan --budget-tokens x|load --stage plan --budget-tokens -1"
            "|cleanup --type fact --older-than 0|bug list --limit 0"
        ),
    ),
    "a word that is no choice": (
        2,
        {"usage"},
        (
            "load --for zzz|search x --scope zzz|export --to o --format zzz|import zzz x|check --format zzz"
            "|checkpoint add --reason zzz|workflow auto zzz"
        ),
    ),
    "options that exclude each other": (
        2,
        {"usage"},
        (
            "undo op-a -n 2|edit progress.md#Tasks --append --replace x|init --adopt --layout cline"
            "|index --no-repo --repo ."
            "|status --bank . --global"
        ),
    ),
}
LINES = [(what, line) for what, (_, _, lines) in MISTAKES.items() for line in lines.split("|")]


@pytest.mark.parametrize(("what", "line"), LINES)
def test_a_mistake_has_one_status_in_every_command(bank: Run, what: str, line: str) -> None:
    status, codes, _ = MISTAKES[what]
    ended = bank(*shlex.split(line), "--json")
    assert ended.status == status, (what, line, ended)
    assert json.loads(ended.out)["error"]["code"] in codes


def leaves(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from leaves(inner, (*words, name))


COMMANDS = dict(leaves(cli))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_refuses_an_unknown_option_and_a_missing_argument_with_2(
    bank: Run, words: tuple[str, ...]
) -> None:
    assert bank(*words, "--no-such-option").status == 2
    if any(param.required for param in COMMANDS[words].params):
        ended = bank(*words)
        assert ended.status == 2, ended
        assert "missing" in ended.err.casefold()
