"""Completion of a shell: commands, options, and the names that are in the bank. Quiet: an error completes nothing.

Imported only when a shell asks. What an argument or option takes is read from its name on the help page.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.facade.terminal.completing import Candidate

# what stands on the help page -> what it names in the bank
_BY_NAME = {
    "+A,-B": "tag",
    "A": "record",
    "A,B": "tag",
    "ADDRESS": "address",
    "ADDRESS|ID|TEXT": "address",
    "ADDRESS|NAME": "address",
    "B": "record",
    "FILE": "file",
    "GROUP": "group",
    "ID": "record",
    "KIND": "kind",
    "NEW": "record",
    "NUMBER|ID": "bug",
    "OLD": "record",
    "OPERATION": "operation",
    "SESSION": "session",
    "STAGE": "stage",
    "TAG": "tag",
    "TRIGGER": "trigger",
    "TYPE": "type",
    "WORKFLOW": "workflow",
    "[REL:]ID": "record",
}
# the command -> what an id, an item or a name is there
_BY_COMMAND = {
    "design": "design",
    "group": "session",
    "paf": "paf",
    "plan": "plan",
    "research": "research",
    "session": "session",
    "sessions": "session",
    "tags": "tag",
    "task": "task",
    "workflow": "workflow",
}
_BY_OPTION = {"--session": "session", "--label": "session", "--supersedes": "record", "--paf": "paf"}
_IN_COMMAND = frozenset(("ID", "ITEM", "NAME", "NEW", "OLD", "LABEL"))
# choices that a help page lists in words
_WORDS = {
    ("bug", "STATUS"): ("open", "in-progress", "fixed", "wontfix", "duplicate"),
    ("bug", "HOW"): ("low", "medium", "high", "critical"),
    ("session", "ROLE"): ("user", "assistant", "system"),
    ("workflow", "PLAN|BUILD|REVIEW|DEBUG"): ("PLAN", "BUILD", "REVIEW", "DEBUG"),
}
_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local response type value
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1" 2>/dev/null)
    while IFS=',' read -r type value; do
        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' ]]; then
            COMPREPLY+=("$value")
        fi
    done <<< "$response"
    return 0
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""


class _BankCompletion(ShellComplete):
    """Completes names of the bank; everything else as click does. Errors are for the caller, who drops them."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return what may stand in place of the last word."""
        from click.shell_completion import _resolve_context, _resolve_incomplete

        context = _resolve_context(self.cli, self.ctx_args, self.prog_name, args)
        wanted, incomplete = _resolve_incomplete(context, args, incomplete)
        if wanted is self.cli and not incomplete.startswith("-"):
            # the lines of help stand in a table: no command is imported
            return _commands(self.cli, incomplete)
        if not isinstance(wanted, click.Parameter) or isinstance(wanted.type, click.Choice):
            return wanted.shell_complete(context, incomplete)
        names = context.command_path.split()[1:]
        if names[:1] == ["help"]:
            return _pages(context, incomplete)
        words = _WORDS.get((next(iter(names), ""), _plain(wanted)))
        if words:
            return [CompletionItem(word) for word in words if word.casefold().startswith(incomplete.casefold())]
        found = [*self._named(_what(names, wanted), context, incomplete)]
        if not found and _plain(wanted) in {"FILE", "DIR"}:
            found = [CompletionItem(incomplete, type=_plain(wanted).lower())]
        return found or wanted.shell_complete(context, incomplete)

    def _named(self, what: str, context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
        from memorybank.facade.caller import Caller
        from memorybank.facade.terminal.completing import MOST, candidates
        from memorybank.facade.terminal.opening import open_folder

        if not what:
            return
        given = {**context.find_root().params, **{name: value for name, value in context.params.items() if value}}
        caller = Caller(folder=Path.cwd())
        named = str(caller.home) if given.get("users_own") else given.get("bank")
        bank = open_folder(Path.cwd(), named=named, environ=os.environ)
        lead, part = _lead(what, incomplete)
        seen: set[str] = set()
        for each in candidates(what, bank, caller):
            if len(seen) < MOST and each.word not in seen and _begins(each, part):
                seen.add(each.word)
                yield CompletionItem(self.word(lead + each.word), help=each.about or None)

    def word(self, text: str) -> str:
        """Return a word as the shell puts it into the line."""
        return text


class _Bash(_BankCompletion, BashComplete):
    """For bash, which puts in a word as it is: a blank in it needs a backslash."""

    source_template = _BASH

    def word(self, text: str) -> str:
        """Return a word with a backslash before each character that the shell would read."""
        return "".join(f"\\{char}" if char in " \t'\"\\$`!*?[](){}<>|&;~" else char for char in text)


class _Zsh(_BankCompletion, ZshComplete):
    """For zsh, which quotes by itself."""


class _Fish(_BankCompletion, FishComplete):
    """For fish, which quotes by itself."""


def set_up() -> None:
    """Let click use these classes for the three shells."""
    for name, kind in (("bash", _Bash), ("zsh", _Zsh), ("fish", _Fish)):
        add_completion_class(kind, name)


def answer_shell(cli: click.Command, asked: str, variable: str) -> int:
    """Print what a shell asks for in the variable, such as `bash_complete`, and return the exit status."""
    from click.shell_completion import shell_complete

    set_up()
    return shell_complete(cli, {}, "bank", variable, asked)


def _commands(cli: Any, incomplete: str) -> list[CompletionItem[str]]:
    return [CompletionItem(name, help=text) for name, text in cli.lines() if name.startswith(incomplete)]


def _pages(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    cli: Any = context.find_root().command
    command: Any = cli
    for word in context.params.get("words") or ():
        command = command.get_command(context, word) if isinstance(command, click.Group) else None
    if command is cli:
        return _commands(cli, incomplete)
    names = command.list_commands(context) if isinstance(command, click.Group) else []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _what(names: list[str], wanted: click.Parameter) -> str:
    """Return what a parameter names in the bank; "" for anything else."""
    plain = _plain(wanted)
    for option in wanted.opts:
        if option in _BY_OPTION:
            return _BY_OPTION[option]
    if isinstance(wanted, click.Option) and plain in {"NAME", "LABEL"}:
        return "section" if "--section" in wanted.opts else ""
    if plain in _IN_COMMAND and names and names[0] in _BY_COMMAND:
        return _BY_COMMAND[names[0]]
    return _BY_NAME.get(plain, "")


def _plain(wanted: click.Parameter) -> str:
    """Return the name of a parameter on the help page, without the marks for optional and repeated."""
    name = (wanted.metavar or "").replace("...", "").replace("…", "")
    return name if name.startswith("[REL") else name.strip("[]")


def _lead(what: str, incomplete: str) -> tuple[str, str]:
    """Return what stays of an unfinished word, and the part of it that is completed."""
    mark = {"tag": ",", "record": ":"}.get(what, "")
    head, found, part = incomplete.rpartition(mark) if mark else ("", "", incomplete)
    lead = head + found
    # a tag is added or removed with a sign
    return (lead + part[0], part[1:]) if what == "tag" and part[:1] in {"+", "-"} else (lead, part)


def _begins(each: Candidate, part: str) -> bool:
    return each.word.casefold().startswith(part.casefold())
