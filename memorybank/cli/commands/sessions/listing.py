"""`bank sessions`, `bank session list`, `show` and `load`: what was worked on, and what was said."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.commands.records.memory import show_broken
from memorybank.cli.options import App, now, reads
from memorybank.cli.output import answer, say, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.records.record import Record
    from memorybank.records.sessions.messages import Message

MESSAGES = 50
CURRENT = "current"


def current_of(app: App) -> str:
    """Give the id of the current session, "" when there is none."""
    from memorybank.records.sessions.current import current_session

    return current_session(app.bank, os.environ, app.here)


def ident_of(app: App, ident: str | None) -> str:
    """Give the session that is meant: as it was named, or the current one.

    Raises:
        NoRecordError: none was named, and none is current.
    """
    if ident and ident != CURRENT:
        return ident
    found = current_of(app)
    if not found:
        from memorybank.errors import NoRecordError

        raise NoRecordError(ident=CURRENT, kind="session", hint="bank session start")
    return found


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose sessions."""
    for option in (
        click.option(
            "--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="The newest N."
        ),
        click.option("--since", metavar="DAY", help="Started on this day or after; 7d is a week ago."),
        click.option("--status", metavar="STATUS", help="active or ended."),
        click.option("--tag", "tags", multiple=True, metavar="TAG", help="With this tag; can be repeated."),
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


def show_list(app: App, *, limit: int, **given: Any) -> None:
    """Print the sessions that the options choose."""
    from memorybank.records.filter import Filter, parse_moment
    from memorybank.records.sessions.sessions import list_sessions

    group = ""
    if given["group"]:
        from memorybank.records.sessions.groups import find_group

        group = find_group(app.bank, given["group"]).id
    wanted = Filter(
        tags=given["tags"],
        source_tool=given["tool"] or "",
        status=given["status"] or "",
        since=parse_moment(given["since"], now()) if given["since"] else "",
    )
    found = list_sessions(app.bank, wanted, label=given["label"] or "", group=group)
    shown = found.records[:limit]
    if app.as_json:
        answer({"sessions": shown, "count": len(found.records), "current": current_of(app), "broken": found.broken})
        return
    current = current_of(app)
    for each in shown:
        show_head(each, current=current)
    if len(shown) < len(found.records):
        tell(f"{len(found.records) - len(shown)} more; --limit {len(found.records)} shows all")
    if not found.records:
        tell("no sessions found; bank session start begins one")
    show_broken(found.broken)


def show_head(record: Record, *, current: str = "") -> None:
    """Print a session's first lines: how it stands, when it was, what it is for."""
    from memorybank.records.sessions.activity import minutes_between

    fields = record.fields
    started = str(fields.get("started") or record.created)
    last = str(fields.get("last_activity") or "")
    state = "current" if record.id == current else record.status
    length = f"  {minutes_between(started, last)} min" if last else ""
    tool = f"  {record.source_tool}" if record.source_tool else ""
    say(f"{record.id}  {started[:10]} {started[11:16]}{length}  {state}{tool}", fg="cyan")
    say(f"  {record.title}")
    goal = str(fields.get("goal") or "")
    for text in (goal if goal != record.title else "", record.summary):
        if text:
            say(f"  {text}")


@click.command("show")
@click.argument("ident", metavar="[ID]", required=False)
@reads
def show_session_command(app: App, ident: str | None) -> None:
    """Print one session

    By its id, a prefix of it, or its label; the current one when none is named. Beside its record: from when to when
    there was activity, how many operations and messages it has, and what was saved in it.

    \b
    Example:
      bank session show auth-refactor
    """
    from memorybank.records.filter import Filter, select
    from memorybank.records.sessions.activity import counted, operations_of, span_of
    from memorybank.records.sessions.sessions import find_session

    record = find_session(app.bank, ident_of(app, ident), newest=True)
    span = span_of(app.bank, record, operations_of(app.bank, [record.id])[record.id])
    saved = select(app.bank, Filter(session=record.id)).records
    if app.as_json:
        answer({"session": record, "span": span, "records": [each.id for each in saved]})
        return
    show_head(record, current=current_of(app))
    counts = ((span.operation_count, "operation"), (span.message_count, "message"), (len(saved), "record"))
    say(f"  {span.first} to {span.last}: {', '.join(counted(*each) for each in counts)}")
    if record.content:
        say()
        say(record.content)


@click.command("load")
@click.argument("ident", metavar="[ID]", required=False)
@click.option(
    "--max-messages", type=click.IntRange(0), default=MESSAGES, show_default=True, metavar="N", help="The last N."
)
@reads
def load_session_command(app: App, ident: str | None, max_messages: int) -> None:
    """Print a session to go on from: its record and its last messages

    By its id, a prefix of it, or its label. When none is named, the last session before the current one.

    \b
    Examples:
      bank session load
      bank session load auth-refactor --max-messages 20
    """
    from memorybank.errors import NoRecordError
    from memorybank.records.sessions.activity import counted
    from memorybank.records.sessions.sessions import list_sessions, load

    if not ident:
        current = current_of(app)
        ident = next((each.id for each in list_sessions(app.bank).records if each.id != current), "")
        if not ident:
            raise NoRecordError(ident="the last one", kind="session", hint="bank session start")
    found = load(app.bank, ident_of(app, ident), limit=max_messages)
    record = found.record
    if app.as_json:
        answer(
            {"session": record, "messages": found.messages, "count": found.message_count, "broken": found.broken_count}
        )
        return
    show_head(record, current=current_of(app))
    if record.content:
        say()
        say(record.content)
    show_messages(found.messages, found.message_count)
    if found.broken_count:
        tell(f"not read: {counted(found.broken_count, 'line')} of {record.id}.jsonl", fg="yellow")


def show_messages(rows: Sequence[Message], count: int) -> None:
    """Print messages, and how many stand before them."""
    from memorybank.records.sessions.activity import counted

    if count > len(rows):
        say()
        say(f"… {counted(count - len(rows), 'message')} before")
    for each in rows:
        say()
        say(f"{each.role}  {each.at}", fg="cyan")
        say(each.text)
