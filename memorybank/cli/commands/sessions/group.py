"""`bank group`: sessions on one goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.records.memory import show_broken, show_written
from memorybank.cli.commands.sessions.listing import show_head, show_messages
from memorybank.cli.options import App, reads, tag_filters, text_from, words_of, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, counted, say, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.groups import Groups

if TYPE_CHECKING:
    from memorybank.records.record import Record

MESSAGES = 20


@click.group("group", cls=CommandGroup)
def group_command() -> None:
    """Group the sessions of one goal

    A session can be in several groups. A group is named by its id, a prefix of it, or its name.

    \b
    Examples:
      bank group create "Authentication Feature" --description "JWT with refresh tokens" --tags auth,jwt
      bank group add "Authentication Feature" auth-refactor
      bank group summary "Authentication Feature"
    """


@group_command.command("create", cls=TextCommand)
@text_words("name", metavar="NAME...")
@click.option("--description", type=TEXT, default="", metavar="TEXT", help="What these sessions are about.")
@click.option("--tags", metavar="A,B", help="Lower-case words joined by hyphens.")
@click.option("--session", "sessions", multiple=True, metavar="ID", help="A session to put in it; can be repeated.")
@writes
def create(app: App, name: str, description: str, tags: str | None, sessions: tuple[str, ...]) -> None:
    """Make a group

    \b
    Example:
      bank group create "Sprint 12" --tags sprint12,q4-2025
    """
    text = text_from(description) if description else ""
    saved = app.face(Groups).create(name, description=text, tags=words_of(tags), sessions=sessions)
    show_written(app, saved, "made")


@group_command.command("add")
@click.argument("group", metavar="GROUP")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@writes
def add(app: App, group: str, sessions: tuple[str, ...]) -> None:
    """Put sessions into a group

    \b
    Example:
      bank group add "Sprint 12" story-123-auth story-124-profiles
    """
    show_written(app, app.face(Groups).add(group, sessions), "added to")


@group_command.command("remove")
@click.argument("group", metavar="GROUP")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@writes
def remove(app: App, group: str, sessions: tuple[str, ...]) -> None:
    """Take sessions out of a group

    \b
    Example:
      bank group remove "Sprint 12" bug-fix-critical
    """
    show_written(app, app.face(Groups).remove(group, sessions), "removed from")


@group_command.command("close", cls=TextCommand)
@click.argument("group", metavar="GROUP")
@click.option("--summary", type=TEXT, default="", metavar="TEXT", help="What came of it; - reads standard input.")
@writes
def close(app: App, group: str, summary: str) -> None:
    """Close a group: its goal is reached

    \b
    Example:
      bank group close "Authentication Feature" --summary "PyJWT, refresh tokens rotate"
    """
    _set(app, group, "closed", text_from(summary) if summary else "")


@group_command.command("archive")
@click.argument("group", metavar="GROUP")
@writes
def archive(app: App, group: str) -> None:
    """Archive a group that is no longer of interest

    \b
    Example:
      bank group archive "Investigation: Performance Bottleneck"
    """
    _set(app, group, "archived")


@group_command.command("reopen")
@click.argument("group", metavar="GROUP")
@writes
def reopen(app: App, group: str) -> None:
    """Reopen a group that was closed or archived

    \b
    Example:
      bank group reopen "Authentication Feature"
    """
    _set(app, group, "active")


def _set(app: App, group: str, status: str, summary: str = "") -> None:
    show_written(app, app.face(Groups).set_status(group, status, summary=summary), status)


@group_command.command("delete")
@click.argument("group", metavar="GROUP")
@writes
def delete(app: App, group: str) -> None:
    """Move a group to the archive; its sessions stay

    \b
    Example:
      bank group delete "Sprint 12"
    """
    show_written(app, app.face(Groups).delete(group), "archived")


@group_command.command("list")
@tag_filters
@click.option("--status", metavar="STATUS", help="active, closed or archived.")
@reads
def list_(app: App, tags: list[str], any_tags: list[str], status: str | None) -> None:
    """List the groups, newest first

    \b
    Example:
      bank group list --tag auth --status active
    """
    groups = app.face(Groups).list(tags=tags, any_tags=any_tags, status=status or "")
    if app.as_json:
        answer(groups)
        return
    for group in groups:
        _show_group(group)
    if not groups:
        tell("no groups found; bank group create NAME makes one")
    show_broken(groups.broken)


def _show_group(record: Record) -> None:
    say(f"{record.id}  {record.created[:10]}  {record.status}", fg="cyan")
    say(f"  {record.title}")
    if record.summary:
        say(f"  {record.summary}")
    if record.tags:
        say(f"  Tags: {', '.join(record.tags)}")


@group_command.command("summary")
@click.argument("group", metavar="GROUP")
@reads
def summary(app: App, group: str) -> None:
    """Summarize a group

    Its sessions, the time from first to last activity, what was decided, what is still open.

    \b
    Example:
      bank group summary "Authentication Feature"
    """
    found = app.face(Groups).summarize(group)
    if app.as_json:
        answer(found)
        return
    _show_group(found.group)
    say()
    if found.sessions:
        say(f"{counted(len(found.sessions), 'session')}, {found.first} to {found.last} ({found.minutes} min)")
    else:
        say("no sessions yet")
    for session, span in found.sessions:
        counts = f"{counted(span.operation_count, 'operation')}, {counted(span.message_count, 'message')}"
        say(f"  {session.id}  {session.title}  {session.status}  {span.minutes} min, {counts}")
    for name, rows in (("Decisions", found.decisions), ("Open", found.open_ends), ("Gone", found.missing)):
        if rows:
            say()
            say(name, fg="cyan")
        for row in rows:
            say(f"  - {row}")


@group_command.command("context")
@click.argument("group", metavar="GROUP")
@click.option(
    "--max-messages-per-session",
    "limit",
    type=click.IntRange(0),
    default=MESSAGES,
    show_default=True,
    metavar="N",
    help="The last N of each.",
)
@reads
def context(app: App, group: str, limit: int) -> None:
    """Print a group's sessions with their last messages, to continue from

    \b
    Example:
      bank group context "Authentication Feature" --max-messages-per-session 5
    """
    found = app.face(Groups).context(group, max_messages_per_session=limit)
    if app.as_json:
        answer(found)
        return
    _show_group(found.group)
    for session in found.sessions:
        say()
        show_head(session.session)
        show_messages(session.messages, session.message_count)
