"""`bank sync`: the team's hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, counted, say, say_diff, tell
from memorybank.facade.team.hub import HubMethods, TeamHub
from memorybank.facade.terminal.visible import in_one_line

if TYPE_CHECKING:
    from memorybank.team.hub.sync_report import RefusedFile, SyncReport

_WORDS = {
    "take": "pulled",
    "merged": "merged",
    "conflict": "conflict",
    "removed": "deleted",
    "keep": "kept",
    "put": "pushed",
    "tombstone": "pushed (deleted)",
}


@click.group("sync", cls=CommandGroup, invoke_without_command=True)
@click.option("--accept-deletes", is_flag=True, help="Delete for everybody, even if most files are gone here.")
@writes
def sync_command(app: App, *, accept_deletes: bool) -> None:
    """Sync the bank with the team's hub, a Postgres database

    Pulls what others changed, merges it into the files here, and pushes what was changed here. Where two changed the
    same, both texts stay in the file between git's markers, for everybody to see; bank merge FILE settles them. The
    database is that of MEMORYBANK_POSTGRES_URL or of the setting sync.postgres_url; with sync.enabled commands sync
    by themselves every sync.interval seconds. Needs memorybank[postgres].

    \b
    Examples:
      bank sync --dry-run
      bank sync
      bank sync status
      bank sync init --grant team alice
    """
    context = click.get_current_context()
    context.obj = {**(context.obj or {}), **app.options, "bank": app.named, "json": app.as_json}
    if context.invoked_subcommand is None:
        _show(app, app.face(HubMethods).sync(accept_deletes=accept_deletes))


def _show(app: App, report: SyncReport) -> None:
    if app.as_json:
        answer(report)
        return
    if report.is_compared_anew:
        tell("the hub was restored from a copy, or made anew: everything was compared again", fg="yellow")
    _show_diffs(report)
    would = "would be " if report.dry_run else ""
    for each in report.pulled:
        count = f"  {counted(each.conflict_count, 'conflict')}: bank merge {each.file}" if each.conflict_count else ""
        say(f"{would}{_WORDS[each.action]}: {each.file}  by {each.by}{count}", whole=True)
    for pushed in report.pushed:
        say(f"{would}{_WORDS[pushed.op]}: {pushed.file}", whole=True)
    _show_refused(report.refused)
    for name in report.waiting:
        tell(f"not pushed yet, as others keep changing it: {name}", fg="yellow")
    if not report.pulled and not report.pushed:
        say(f"nothing to sync with {report.namespace}/{report.project}")
    if report.dry_run:
        tell("nothing was written (dry run)")
    elif report.receipts and report.receipts[-1].operation:
        tell(f"bank undo {report.receipts[-1].operation} takes back what was pulled")


def _show_diffs(report: SyncReport) -> None:
    """Print the diffs of a dry run: of the files here, then of those in the hub."""
    diffs = [file.diff for receipt in report.receipts for file in receipt.files if report.dry_run]
    for diff in filter(None, [*diffs, *(each.diff for each in report.pushed)]):
        say_diff(diff.rstrip("\n"))


def _show_refused(refused: tuple[RefusedFile, ...]) -> None:
    for each in refused:
        where = "of the hub" if each.side == "hub" else "here"
        tell(f"refused: {each.file} {where}: {each.why} [{each.code}]", fg="yellow")


@sync_command.command("init")
@click.option("--grant", "grants", nargs=2, multiple=True, metavar="NAMESPACE USER", help="Make USER a member.")
@click.option("--revoke", "revokes", nargs=2, multiple=True, metavar="NAMESPACE USER", help="Make USER no member.")
@click.option("--dry-run", is_flag=True, help="Show what would be done and write nothing.")
@reads
def init_hub(app: App, grants: tuple[tuple[str, str], ...], revokes: tuple[tuple[str, str], ...]) -> None:
    """Make the hub in the database, upgrade it, and choose its members

    Makes the schema memorybank with its tables and rules: a namespace is seen by its members only, and they add to it
    but change nothing. Needs the right to create a schema, which the owner of a database has; with CREATEROLE one role
    holds the rights of all members. USER is a role of the server, a login or a group; make it with CREATE ROLE first.
    You become a member of the bank's own namespace. Repeated, nothing happens.

    \b
    Examples:
      bank sync init --dry-run
      bank sync init --grant team alice --grant team bob
      bank sync init --revoke team bob
    """
    made = app.face(TeamHub).init(
        grant=[":".join(each) for each in grants], revoke=[":".join(each) for each in revokes]
    )
    if app.as_json:
        answer(made)
        return
    would = "would be " if made.dry_run else ""
    if made.version_before == made.version:
        say(f"the hub {made.hub} has version {made.version}")
    else:
        done = "made" if not made.version_before else f"upgraded from version {made.version_before}"
        say(f"the hub {made.hub} {'would be' if made.dry_run else 'was'} {done}: version {made.version}")
    for each in made.members:
        say(f"{would if each.action in {'added', 'removed'} else ''}{each.action}: {each.namespace}  {each.member}")
    if made.dry_run:
        tell("nothing was written (dry run)")


@sync_command.command("status")
@reads
def status_of_sync(app: App) -> None:
    """Show what is to pull and to push, and what was refused

    \b
    Example:
      bank sync status
    """
    found = app.face(TeamHub).status()
    if app.as_json:
        answer(found)
        return
    say(f"hub: {found.hub}  (from {found.source})", whole=True)
    say(f"namespace: {found.namespace}  project: {found.project or '-'}")
    say(f"syncs by itself: {f'every {found.interval} s' if found.enabled else 'no; bank config set sync.enabled true'}")
    if found.problem:
        tell(f"{found.problem}", fg="yellow")
        tell(f"  next: {found.hint}", whole=True)
        return
    say(f"login: {found.login}  member of: {', '.join(found.namespaces) or 'no namespace'}")
    say(f"to pull: {found.to_pull_count}  to push: {found.to_push_count}")
    _show_refused(found.refused)


@sync_command.command("stats")
@reads
def stats_of_hub(app: App) -> None:
    """Count what is in the hub

    The files by type, tool, project and month, of all projects in the namespaces that you are a member of. The numbers
    come from views in the schema memorybank, which other programs may read, too: count_by_type, count_by_tool,
    count_by_project and count_by_month.

    \b
    Example:
      bank sync stats
    """
    found = app.face(TeamHub).stats()
    if app.as_json:
        answer(found)
        return
    say(in_one_line(f"{counted(found.file_count, 'file')} in {', '.join(found.namespaces) or 'no namespace'}"))
    for title in ("type", "tool", "project", "month"):
        rows = getattr(found, f"by_{title}")
        say(f"by {title}", bold=True)
        for each in rows:
            place = f"  ({each.namespace})" if len(found.namespaces) > 1 else ""
            say(in_one_line(f"  {each.file_count:6}  {each.name or '-'}{place}"))
