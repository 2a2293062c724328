"""`bank sessions`, `bank session list`, `show` and `load`: what was worked on, and what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.commands.records.memory import show_broken
from memorybank.cli.options import App, reads, tag_filters
from memorybank.cli.output import answer, counted, say, say_body, tell, tell_rest
from memorybank.cli.text_command import TextCommand, text_words
from memorybank.facade.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.records.record import Record
    from memorybank.records.sessions.messages import Message

MESSAGES = 50


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose sessions to a command."""
    for option in (
        click.option(
            "--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="List the newest N."
        ),
        click.option("--since", metavar="DAY", help="Started on this day or after; 7d is a week ago."),
        click.option("--status", type=click.Choice(["active", "ended"], case_sensitive=False), help="In this state."),
        tag_filters,
        click.option("--group", metavar="GROUP", help="Of this group."),
        click.option("--tool", metavar="NAME", help="Of this tool."),
        click.option("--label", metavar="LABEL", help="With this label."),
    ):
        function = option(function)
    return function


@click.command("sessions")
@filters
@reads
def sessions_command(app: App, **given: Any) -> None:
    """List the sessions

    Newest first; the same as `bank session list`.

    \b
    Example:
      bank sessions --limit 5
    """
    show_list(app, **given)


@click.command("list")
@filters
@reads
def list_sessions_command(app: App, **given: Any) -> None:
    """List the sessions, newest first

    \b
    Examples:
      bank session list --label auth-refactor
      bank session list --tool claude-code --status active
    """
    show_list(app, **given)


def show_list(  # each is an option
    app: App,
    *,
    limit: int,
    since: str | None,
    status: str | None,
    tags: list[str],
    any_tags: list[str],
    group: str | None,
    tool: str | None,
    label: str | None,
) -> None:
    """Print the sessions that the options choose."""
    found = app.face(Sessions).list(
        limit=limit,
        label=label or "",
        tool=tool or "",
        group=group or "",
        tags=tags,
        any_tags=any_tags,
        status=status or "",
        since=since or "",
    )
    if app.as_json:
        answer(found)
        return
    for session in found:
        show_head(session, current=found.current)
    tell_rest(len(found), found.total)
    if not found:
        tell("no sessions found; bank session start begins one")
    show_broken(found.broken)


def show_head(record: Record, *, current: str = "") -> None:
    """Print a session's first lines: its status, when it was, what it is for."""
    from memorybank.facade.sessions import minutes_of

    fields = record.fields
    started = str(fields.get("started") or record.created)
    minutes = minutes_of(record)
    state = "current" if record.id == current else record.status
    length = "" if minutes is None else f"  {minutes} min"
    tool = f"  {record.source_tool}" if record.source_tool else ""
    say(f"{record.id}  {started[:10]} {started[11:16]}{length}  {state}{tool}", fg="cyan")
    say(f"  {record.title}")
    goal = str(fields.get("goal") or "")
    for text in (goal if goal != record.title else "", record.summary):
        if text:
            say(f"  {text}")


@click.command("show", cls=TextCommand)
@text_words("ident", metavar="[ID]...", required=False)
@reads
def show_session_command(app: App, ident: str | None) -> None:
    """Print one session

    By its id, a prefix of it, its label, or words for a time. When none is named, the current one, or the one that
    ended last if none is current. Beside its record: the first and last activity in it, the number of its operations
    and messages, and what was saved in it.

    \b
    Examples:
      bank session show auth-refactor
      bank session show last week
    """
    sessions = app.face(Sessions)
    view = sessions.show(ident or "")
    if app.as_json:
        answer(view)
        return
    record, span, saved = view
    current = sessions.current()
    if not ident and not current:
        tell("no session is current; this is the one that ended last")
    show_head(record, current=current)
    counts = ((span.operation_count, "operation"), (span.message_count, "message"), (len(saved), "record"))
    say(f"  {span.first} to {span.last}: {', '.join(counted(*count) for count in counts)}")
    if record.content:
        say()
        say_body(record.content)


@click.command("load", cls=TextCommand)
@text_words("ident", metavar="[ID]...", required=False)
@click.option(
    "--max-messages", type=click.IntRange(0), default=MESSAGES, show_default=True, metavar="N", help="The last N."
)
@reads
def load_session_command(app: App, ident: str | None, max_messages: int) -> None:
    """Print a session to continue from: its record and its last messages

    By its id, a prefix of it, its label, or words for a time, with or without a subject: yesterday, on monday, two days
    ago, last week about tokens. When none is named, the last session before the current one.

    \b
    Examples:
      bank session load
      bank session load auth-refactor --max-messages 20
      bank session load yesterday about database design
    """
    sessions = app.face(Sessions)
    loaded = sessions.load(ident or "", max_messages=max_messages)
    if app.as_json:
        answer(loaded)
        return
    record = loaded.record
    show_head(record, current=sessions.current())
    if record.content:
        say()
        say_body(record.content)
    show_messages(loaded.messages, loaded.message_count)
    if loaded.broken_count:
        tell(f"not read: {counted(loaded.broken_count, 'line')} of {record.id}.jsonl", fg="yellow")


def show_messages(rows: Sequence[Message], count: int) -> None:
    """Print messages, and how many came before them."""
    if count > len(rows):
        say()
        say(f"… {counted(count - len(rows), 'message')} before")
    for row in rows:
        say()
        say(f"{row.role}  {row.at}", fg="cyan")
        say_body(row.text)
