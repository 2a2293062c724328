"""Other names of commands: those with one meaning run, those with several lead to the commands that are meant.

A name is an alias only if it cannot mean two things. `docs/cli.md` lists them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

# other name -> the command it is
ALIASES: dict[str, tuple[str, ...]] = {
    "add": ("note",),
    "cat": ("show",),
    "find": ("search",),
    "grep": ("search",),
    "ls": ("list",),
    "lint": ("check",),
    "adr": ("decide",),
    "tag": ("tags",),
    "artifacts": ("artifact", "list"),
    "bugs": ("bug", "list"),
    "checkpoints": ("checkpoint", "list"),
    "groups": ("group", "list"),
    "pafs": ("paf", "list"),
    "plans": ("plan", "list"),
    "tasks": ("task", "list"),
    "workflows": ("workflow", "list"),
    "delete-session": ("session", "delete"),
    "end-session": ("session", "end"),
    "label-session": ("session", "label"),
    "list-sessions": ("sessions",),
    "load-session": ("session", "load"),
    "resume-session": ("session", "resume"),
    "save-session": ("session", "save"),
    "show-session": ("session", "show"),
    "start-session": ("session", "start"),
}
# a name that may mean several commands -> these commands, and what each does with it
SEVERAL: dict[str, dict[str, str]] = {
    "get": {"recall": "print a record", "show": "print a section"},
    "read": {"load": "print the memory files", "show": "print a section", "recall": "print a record"},
    "view": {"show": "print a section", "recall": "print a record"},
    "recent": {"list": "the newest memories", "history": "the newest operations", "sessions": "the newest sessions"},
    "remember": {"note": "add a line", "save": "save a memory with type and tags"},
    "store": {"note": "add a line", "save": "save a memory with type and tags"},
    "new": {"note": "add a line", "save": "save a memory", "plan new": "start a plan", "init": "make a bank"},
    "create": {"note": "add a line", "save": "save a memory", "plan new": "start a plan", "init": "make a bank"},
    "rm": {"delete": "archive a memory", "item remove": "remove a line", "task remove": "remove a task"},
    "remove": {"delete": "archive a memory", "item remove": "remove a line", "task remove": "remove a task"},
    "forget": {"delete": "archive a memory", "item remove": "remove a line", "banks forget": "forget a bank"},
    "done": {"task done": "finish a task", "workflow finish": "finish a workflow"},
    "todo": {"task add": "add a task", "task list": "list the tasks"},
    "revert": {"undo": "undo an operation", "restore": "restore a file's text"},
    "start": {"session start": "start a session", "workflow start": "start a workflow"},
    "end": {"session end": "end a session", "workflow finish": "finish a workflow"},
    "validate": {"check": "check the files", "verify": "check the evidence", "doctor": "check the set-up"},
    "facts": {"paf list": "list permanent facts", "list --type fact": "list memories of type fact"},
}
# the names of what a command prints without any words
READ_ALONE = {
    "log": "log",
    "devlog": "log",
    "development-log": "log",
    "history": "history",
    "journal": "history",
    "sessions": "sessions",
    "session": "session show",
    "status": "status",
    "tags": "tags",
    "types": "types",
    "skills": "skills",
    "notes": "notes list",
    "queue": "notes list",
    "summary": "summary show",
    "banks": "banks",
    "wrap-up": "wrap-up",
    "handoff": "handoff",
    "version": "version",
}
# words of which a group has one: each of them is then that command
_SYNONYMS = (
    ("add", "new", "create"),
    ("list", "ls"),
    ("show", "get", "view", "cat"),
    ("rm", "remove", "delete", "drop"),
    ("edit", "change", "update", "replace"),
    ("done", "finish", "complete", "close", "fix"),
    ("undo", "reopen", "untick"),
    ("check", "verify"),
)
# what people call a group's own command, where the words above do not cover it
_IN_GROUPS = {
    "session": {"stop": "end", "close": "end", "finish": "end", "rename": "label", "name": "label", "msg": "message"},
    "group": {"show": "summary", "get": "summary", "view": "summary"},
    "workflow": {"end": "finish", "stop": "abort", "cancel": "abort"},
}
# groups whose entries are made of a text
_OF_TEXTS = ("task", "bug", "plan", "design", "research", "paf", "notes")
# a command that takes no such words -> how they are passed
_EXTRA = {
    "bank session start": "Did you mean --label {}?",
    "bank bug fix": "Did you mean --fix {}?",
    "bank paf list": "Did you mean --category {}?",
    "bank export": "Did you mean --to {}?",
    "bank review": "Did you mean --weekly or --quarterly?",
    "bank recall": "A record is named by its id; to find it by words: bank search WORDS",
    "bank delete": "A record is named by its id; to find it by words: bank search WORDS",
    "bank open": "A record is named by its id; to find it by words: bank search WORDS",
}
_UNEXPECTED = re.compile(r"Got unexpected extra arguments? \((?P<words>.*)\)\Z", re.DOTALL)
# a command -> the one whose options are tried on it
_OPTIONS_ELSEWHERE = {"bank note": "save", "bank list": "search", "bank search": "list"}
_SHORT_WORDS = 4
_LISTS = ("list", "ls", "show", "all")
# options that say the same; a command has one of them
_OPTIONS = (
    ("--as", "--kind", "--type", "--category", "-k", "-t"),
    ("--why", "--reason", "--because", "--rationale"),
    ("--limit", "--max", "--count", "--last", "--top", "-n"),
    ("--since", "--after", "--from", "--newer-than"),
    ("--until", "--before", "--older-than"),
    ("--tags", "--tag", "--label", "--labels"),
    ("--dry-run", "--preview", "--simulate", "--what-if"),
    ("--budget-tokens", "--max-tokens", "--tokens", "--budget"),
    ("--severity", "--priority", "-s"),
    ("--status", "--open", "--closed", "--ended"),
    ("--to", "--output", "-o"),
    ("--all-banks", "--everywhere", "--all"),
    ("--evidence", "--proof"),
    ("--json", "--format", "-j"),
)
# kinds of note that people type as commands
_KINDS = ("gotcha", "pattern", "convention", "standard", "reference", "dependency", "blocker", "change")
# a kind of note with a command of its own
_ENTRIES = {"decision": "decide", "learning": "learn"}


def resolved(args: Sequence[str], commands: Sequence[str]) -> list[str]:
    """Return the words with a command in place of another name of it.

    Raises:
        click.UsageError: the name is unknown, or can mean several commands.
    """
    name = args[0]
    if name in ALIASES:
        words = ALIASES[name]
        is_group = words[1:] == ("list",) and len(args) > 1 and not args[1].startswith("-")
        # "tasks add": the group itself is meant
        return [*(words[:1] if is_group else words), *args[1:]]
    from memorybank.facade.terminal.words import close_to

    kind = name.casefold().removesuffix("s") if name.casefold() not in SEVERAL else ""
    if kind in _KINDS or kind in _ENTRIES:
        raise click.UsageError(f"There is no command {name!r}. Did you mean {_of_kind(kind, args[1:])}?")
    if name in SEVERAL:
        rows = "".join(f"\n  bank {command:18}{text}" for command, text in SEVERAL[name].items())
        raise click.UsageError(f"There is no command {name!r}. Did you mean one of these?{rows}")
    if len(args) == 1 and name.count(" ") + 1 >= _SHORT_WORDS:
        raise click.UsageError(f"There is no command {name!r}. Did you mean bank note {name!r}?")
    close = close_to(name, [*commands, *(each for each in ALIASES if len(each) >= _SHORT_WORDS)])
    close = list(dict.fromkeys(" ".join(ALIASES.get(each, (each,))) for each in close))
    advice = f" Did you mean {' or '.join(close)}?" if close else " Try 'bank -h'."
    raise click.UsageError(f"There is no command {name!r}.{advice}")


def _of_kind(kind: str, texts: Sequence[str]) -> str:
    """Return the command for a kind of note: the one that adds the text, or shows what is there."""
    if not texts or texts[0] in {"list", "ls", "show"}:
        return f"bank show {kind}s"
    text = " ".join(map(quoted, texts))
    return f"bank {_ENTRIES[kind]} {text}" if kind in _ENTRIES else f"bank note {text} --as {kind}"


def advised(error: click.ClickException) -> click.ClickException:
    """Return a usage error with what is meant by an unknown option, or by words that a command does not take."""
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return error
    path = error.ctx.command_path
    if isinstance(error, click.NoSuchOption):
        if path == "bank prove":
            message = f"No such option '{error.option_name}'. The command stands after --: bank prove CLAIM -- COMMAND"
            return click.UsageError(message, error.ctx)
        return with_meant(error)
    extra = _UNEXPECTED.match(error.message) if path in _EXTRA else None
    return (
        click.UsageError(f"{error.message}. {_EXTRA[path].format(quoted(extra['words']))}", error.ctx)
        if extra
        else error
    )


def with_meant(error: click.NoSuchOption) -> click.NoSuchOption:
    """Return the error for an unknown option with the option that says the same here; as it was if there is none."""
    has = {name for param in error.ctx.command.params for name in param.opts} if error.ctx is not None else set()
    meant = next((name for row in _OPTIONS if error.option_name in row for name in row if name in has), "")
    if not meant:
        return error
    # possibilities that are not similar are left out by click
    message = f"No such option '{error.option_name}'. Did you mean '{meant}'?"
    return click.NoSuchOption(error.option_name, message, ctx=error.ctx)


class CommandGroup(click.Group):
    """A group of commands that knows other names of them; the error for an unknown name lists the closest."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command for its name or another name of it.

        Raises:
            click.UsageError: the name is unknown.
        """
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            other = name_in_group(ctx.info_name or "", name, list(self.commands))
            if not other:
                from memorybank.facade.terminal.words import close_to

                names = list(self.commands)
                is_word = any(name in row for row in _SYNONYMS)
                # a word that is a command elsewhere is no slip for a similar one here
                close = [] if is_word else close_to(name, names)
                advice = f"Did you mean {' or '.join(close)}?" if close else f"It has {', '.join(sorted(names))}."
                is_text = " " in name or (len(args) > 1 and not is_word)
                adding = _adding(ctx.command_path, names) if is_text else ""
                if self.invoke_without_command and name in _LISTS:
                    advice = f"{ctx.command_path} alone lists them."
                elif adding:
                    more = f"To add it: {adding} {' '.join(map(quoted, args))}"
                    advice = f"{advice} {more}" if close else more
                raise click.UsageError(f"There is no command '{ctx.command_path} {name}'. {advice}", ctx)
            args = [other, *args[1:]]
        return super().resolve_command(ctx, args)


def _adding(path: str, names: Sequence[str]) -> str:
    """Return the command that adds what was typed as a text behind the name of a group; "" for none."""
    if path == "bank notes":
        # the queue of notes is not where people add them
        return "bank note"
    if path.removeprefix("bank ") not in _OF_TEXTS:
        return ""
    return next((f"{path} {each}" for each in ("add", "new") if each in names), "")


def name_in_group(group: str, name: str, commands: Sequence[str]) -> str:
    """Return the command of a group that is meant by another name; "" for none, or several."""
    own = _IN_GROUPS.get(group, {}).get(name, "")
    if own in commands:
        return own
    meant = {each for words in _SYNONYMS if name in words for each in words if each in commands}
    return meant.pop() if len(meant) == 1 else ""


def has_option(ctx: click.Context, option: str) -> str:
    """Return the command that has an option which this command lacks, for those that are mixed up."""
    root = ctx.find_root()
    other = _OPTIONS_ELSEWHERE.get(ctx.command_path, "")
    command = root.command.get_command(root, other) if other and isinstance(root.command, click.Group) else None
    has = command is not None and any(option in param.opts for param in command.params)
    return f"bank {other}" if has else ""


def as_markdown() -> str:
    """Return the tables of other names for the reference."""
    rows = [f"| `{name}` | `bank {' '.join(words)}` |" for name, words in ALIASES.items()]
    several = [f"| `{name}` | {', '.join(f'`bank {each}`' for each in meant)} |" for name, meant in SEVERAL.items()]
    words = "; ".join(", ".join(f"`{each}`" for each in each_set) for each_set in _SYNONYMS)
    return (
        "## Other names\n\nThese run a command:\n\n| name | runs |\n| --- | --- |\n"
        + "\n".join(rows)
        + "\n\nThese can mean several commands; the error lists them:\n\n| name | may mean |\n| --- | --- |\n"
        + "\n".join(several)
        + f"\n\nIn a group, each of these words is the one that the group has: {words}.\n"
    )
