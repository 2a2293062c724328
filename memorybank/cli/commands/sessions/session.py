"""`bank session`: spans of work, what was said in them, and what came of them."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.commands.records.memory import show_written
from memorybank.cli.commands.sessions.listing import (
    list_sessions_command,
    load_session_command,
    show_session_command,
)
from memorybank.cli.options import App, text_from, words_of, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, tell
from memorybank.cli.text_command import TEXT, TextCommand, text_words
from memorybank.facade.sessions import Sessions
from memorybank.facade.values import parse_pairs
from memorybank.shell import command

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.records.memories.memories import SavedRecord

NAMED = "MEMORYBANK_SESSION"
_SHOWN_WIDTH = 80


@click.group("session", cls=CommandGroup)
def session_command() -> None:
    """Start, end and read sessions

    The current session is the one that MEMORYBANK_SESSION names, else the agent's own, else that of this worktree.
    What is written while there is one is bound to it.

    \b
    Examples:
      bank session start --label auth-refactor --goal "Refresh tokens rotate"
      bank session message user "Should we use JWTs or sessions?"
      bank session end --generate-summary
    """


for _command in (list_sessions_command, show_session_command, load_session_command):
    session_command.add_command(_command)


@session_command.command("start", cls=TextCommand)
@click.option("--label", type=TEXT, metavar="LABEL", help="A name to find it by, such as auth-refactor.")
@click.option("--goal", type=TEXT, default="", metavar="TEXT", help="Goal of the session.")
@click.option("--tool", default="", metavar="NAME", help="The tool that works in it; detected by default.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="A group it belongs to; can be repeated.")
@click.option(
    "--context", multiple=True, type=TEXT, metavar="FILE", help="File that was loaded for it; can be repeated."
)
@click.option("--tags", metavar="A,B", help="Lower-case words joined by hyphens.")
@writes
def start(
    app: App,
    label: str | None,
    goal: str,
    tool: str,
    groups: tuple[str, ...],
    context: tuple[str, ...],
    tags: str | None,
) -> None:
    """Start a session; what is written from now on is bound to it

    \b
    Examples:
      bank session start --label auth-refactor --goal "Refresh tokens rotate"
      bank session start --group "Authentication Feature" --context activeContext.md
    """
    sessions = app.face(Sessions)
    before = sessions.current()
    saved = sessions.start(label=label, goal=goal, tool=tool, groups=groups, context=context, tags=words_of(tags))
    show_written(app, saved, "started")
    if saved.receipt.dry_run:
        return
    if sessions.current() != saved.record.id:
        tell(f"{NAMED} names another session: export {NAMED}={saved.record.id}", fg="yellow")
    elif before:
        tell(f"{before} is still open; bank session end --session {before} ends it")


@session_command.command("message", cls=TextCommand)
@click.argument("speaker", metavar="ROLE")
@text_words("text", metavar="[TEXT]...", required=False)
@click.option("--session", "ident", metavar="ID", help="This session instead of the current one.")
@writes
def message(app: App, speaker: str, text: str | None, ident: str | None) -> None:
    """Add a message to a session

    ROLE is user, assistant, system, tool or another word. TEXT of - is read from standard input. Messages are only
    added; `bank undo` does not remove them. A label that no session has yet starts a session.

    \b
    Examples:
      bank session message user "Should we use JWTs or sessions?"
      bank session message assistant - < answer.md
      bank session message user "Research JWT libraries" --session auth-research
    """
    if text is None:
        said = command("bank session message user", speaker)
        raise click.UsageError(f"TEXT is missing: the first word is who said it. Did you mean {said}?")
    added = app.face(Sessions).message(speaker, text_from(text), session_id=ident or "")
    if app.as_json:
        answer(added)
        return
    if added.already_done:
        tell("already done: the command was interrupted after it had written everything")
    shown = added.text if len(added.text) <= _SHOWN_WIDTH else f"{added.text[: _SHOWN_WIDTH - 1]}…"
    say(f"{added.role}: {shown}", fg="green")
    if added.started:
        tell(f"{'would start' if app.dry_run else 'started'}: {added.session}")
    if app.dry_run:
        tell("nothing was written (dry run)")


def of_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take a session as its argument or as an option; without one it is the current session."""

    @click.argument("named", metavar="[ID]", required=False, default="")
    @click.option("--session", "ident", default="", metavar="ID", help="This session instead of the current one.")
    @wraps(function)
    def called(named: str, ident: str, **given: Any) -> Any:
        if named and ident and named != ident:
            raise click.UsageError(f"Two sessions are named: {named} and {ident}.")
        return function(ident=named or ident, **given)

    return called


def told_at_the_end(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what came of a session to a command."""
    for option in (
        click.option("--generate-summary", is_flag=True, help="Make the summary from records and messages."),
        click.option(
            "--summary", type=TEXT, default="", metavar="TEXT", help="Summary in your words; - reads standard input."
        ),
        click.option("--estimate", default="", metavar="TIME", help="How long the next session may take: 180, 3h."),
        click.option("--next", "next_steps", multiple=True, type=TEXT, metavar="TEXT", help="What comes next."),
        click.option("--challenge", "challenges", multiple=True, type=TEXT, metavar="TEXT", help="What was hard."),
        click.option("--achievement", "achievements", multiple=True, type=TEXT, metavar="TEXT", help="What was done."),
    ):
        function = option(function)
    return function


@session_command.command("end", cls=TextCommand)
@of_session
@told_at_the_end
@writes
def end(app: App, ident: str, summary: str, **told: Any) -> None:
    """End a session, and write down what came of it

    Its record gets what was done and when, what was decided, finished and met, and the current next steps, taken from
    the journal and the memory files. --achievement and --challenge add to these; --next replaces the bank's
    next steps. The three can be repeated. A generated summary repeats what is recorded and quotes the messages.

    \b
    Examples:
      bank session end --summary "OAuth2 with PKCE works"
      bank session end --generate-summary
      bank session end --achievement "Registration works" --challenge "Addresses were case-sensitive" \\
        --next "Login endpoint" --estimate 3h
    """
    text = _summary_from(summary, told)
    _show(app, app.face(Sessions).end(ident, summary=text, **told), "ended")


@session_command.command("save", cls=TextCommand)
@click.option("--label", type=TEXT, metavar="LABEL", help="A name to find it by.")
@of_session
@told_at_the_end
@writes
def save(app: App, label: str | None, ident: str, summary: str, **told: Any) -> None:
    """Write down what came of a session so far; it stays open

    The options are those of `bank session end`.

    \b
    Example:
      bank session save --label auth-feature-day-2
    """
    text = _summary_from(summary, told)
    _show(app, app.face(Sessions).save(ident, label=label, summary=text, **told), "saved")


def _summary_from(summary: str, told: dict[str, Any]) -> str:
    if summary and told["generate_summary"]:
        raise click.UsageError("--summary and --generate-summary exclude each other.")
    return text_from(summary) if summary else ""


def _show(app: App, saved: SavedRecord, done: str) -> None:
    show_written(app, saved, done)
    if not app.as_json and not saved.receipt.dry_run and saved.record.summary:
        say(f"  {saved.record.summary}")


@session_command.command("resume")
@click.argument("ident", metavar="ID")
@writes
def resume(app: App, ident: str) -> None:
    """Continue a session that was left or ended

    \b
    Example:
      bank session resume auth-refactor
    """
    saved = app.face(Sessions).resume(ident)
    if app.as_json or saved.receipt.dry_run or saved.receipt.operation:
        show_written(app, saved, "resumed")
    else:
        say(f"resumed: {saved.record.id}  {saved.record.title}", fg="green")


@session_command.command("label", cls=TextCommand)
@click.argument("ident", metavar="ID")
@text_words("label", metavar="LABEL...")
@writes
def label(app: App, ident: str, label: str) -> None:
    """Set the label of a session; `current` means the current one

    \b
    Example:
      bank session label current bug-fix-cors-issue
    """
    show_written(app, app.face(Sessions).label(ident, label), "labelled")


@session_command.command("update", cls=TextCommand)
@click.argument("ident", metavar="[ID]", required=False)
@click.option("--label", type=TEXT, metavar="LABEL", help="A name to find it by.")
@click.option("--goal", type=TEXT, metavar="TEXT", help="Goal of the session.")
@click.option("--summary", type=TEXT, metavar="TEXT", help="Summary in one line, shown in lists.")
@click.option("--tags", metavar="+A,-B", help="Add and remove tags; without signs, replace them all.")
@click.option("--metadata", multiple=True, metavar="K=V", help="Extra value; JSON if it is valid JSON, else text.")
@writes
def update(
    app: App,
    ident: str | None,
    label: str | None,
    goal: str | None,
    summary: str | None,
    tags: str | None,
    metadata: tuple[str, ...],
) -> None:
    """Change a session; only the lines of what is given

    \b
    Example:
      bank session update --goal "Refresh tokens rotate, and old ones are refused" --tags +auth
    """
    saved = app.face(Sessions).update(
        ident or "",
        label=label,
        goal=goal,
        summary=summary,
        tags=None if tags is None else words_of(tags),
        metadata=parse_pairs(metadata),
    )
    show_written(app, saved, "updated")


@session_command.command("delete")
@click.argument("ident", metavar="ID")
@click.option("--hard", is_flag=True, help="Remove the files instead of moving them to the archive.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete(app: App, ident: str, *, hard: bool, yes: bool) -> None:
    """Move a session and its messages to the archive

    `bank undo` brings both back.

    \b
    Example:
      bank session delete ses-20261121-k3f9x
    """
    sessions = app.face(Sessions)
    record = sessions.find(ident)
    if hard and not yes:
        app.confirm(f"Remove {record.file} ({record.title}) and its messages?")
    show_written(app, sessions.delete(record.id, hard=hard), "removed" if hard else "archived")
