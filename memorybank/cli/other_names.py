"""Other names of commands: those with one meaning run, those with several lead to the commands that are meant.

A name is an alias only if it cannot mean two things. `docs/cli.md` lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

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
    "summary": "summary",
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
_IN_GROUPS = {"session": {"stop": "end", "close": "end", "finish": "end", "rename": "label", "name": "label"}}
# a command -> the one whose options are tried on it
_OPTIONS_ELSEWHERE = {"bank note": "save", "bank list": "search", "bank search": "list"}
_SHORT_WORDS = 4


def resolved(args: Sequence[str], commands: Sequence[str]) -> list[str]:
    """Return the words with a command in place of another name of it.

    Raises:
        click.UsageError: the name is unknown, or can mean several commands.
    """
    name = args[0]
    if name in ALIASES:
        return [*ALIASES[name], *args[1:]]
    from memorybank.facade.terminal.words import close_to

    if name in SEVERAL:
        rows = "".join(f"\n  bank {command:18}{text}" for command, text in SEVERAL[name].items())
        raise click.UsageError(f"There is no command {name!r}. Did you mean one of these?{rows}")
    if len(args) == 1 and name.count(" ") + 1 >= _SHORT_WORDS:
        raise click.UsageError(f"There is no command {name!r}. Did you mean bank note {name!r}?")
    close = close_to(name, [*commands, *(each for each in ALIASES if len(each) >= _SHORT_WORDS)])
    close = list(dict.fromkeys(" ".join(ALIASES.get(each, (each,))) for each in close))
    advice = f" Did you mean {' or '.join(close)}?" if close else " Try 'bank -h'."
    raise click.UsageError(f"There is no command {name!r}.{advice}")


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
                close = close_to(name, names)
                advice = f"Did you mean {' or '.join(close)}?" if close else f"It has {', '.join(sorted(names))}."
                raise click.UsageError(f"There is no command '{ctx.command_path} {name}'. {advice}", ctx)
            args = [other, *args[1:]]
        return super().resolve_command(ctx, args)


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
