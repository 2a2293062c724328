"""`bank install` and `bank uninstall`: what the clients of agents get of a bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.team.merge import show_set_up
from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, say_diff, say_fields, tell
from memorybank.facade.agents.clients import Clients
from memorybank.facade.team.merging import GitWork

if TYPE_CHECKING:
    from memorybank.agents.install.write_all import InstallResult

# no client, and nothing is written for it
_TIMER = "timer"
# no client either: its hooks
_GIT = "git"
_scope = click.option(
    "--scope", type=click.Choice(["project", "user"]), default="project", show_default=True, help="For whom."
)
_dry_run = click.option("--dry-run", is_flag=True, help="Show the diff and write nothing.")


@click.command("install")
@click.argument("client", required=False, metavar="[CLIENT]")
@_scope
@click.option("--hooks/--no-hooks", default=None, help="With or without hooks; Cursor's are off by default.")
@click.option("--list", "lists", is_flag=True, help="List the clients, and where they are installed.")
@click.option("--capture", is_flag=True, help="For git: queue decisions and fixes from commit messages.")
@click.option("--force", is_flag=True, help="Replace an entry or file of the same name that is not ours.")
@_dry_run
@reads
def install_command(
    app: App, client: str | None, *, scope: str, hooks: bool | None, lists: bool, capture: bool, force: bool
) -> None:
    """Set up a client of agents for this bank

    Writes the MCP server, the skill, hooks, rules and permissions into the client's own files, as far as it has them.
    No other byte of a file changes, the diff is printed, and `bank uninstall` takes everything out again. In a project
    the files are for the whole team; with --scope user they are yours, for all projects.

    `bank install timer` prints lines for cron and systemd that mine what you corrected from the clients' logs, at the
    time of the setting corrections.schedule, and one that syncs the bank where sync.enabled is set. It installs
    nothing.

    `bank install git` adds a block to git's hooks, beside what they have. After a merge, a checkout or a rebase it
    reports merges that nobody has resolved, and a missing merge driver. With --capture, decisions and fixes in
    commit messages are queued as notes.

    \b
    Examples:
      bank install claude-code --dry-run
      bank install codex --scope user
      bank install --list
      bank install timer
      bank install git --capture
    """
    if capture and client != _GIT:
        raise click.UsageError("--capture is for bank install git.")
    if client == _GIT and not lists:
        show_set_up(app, app.face(GitWork).install_hooks(capture=capture, force=force))
        return
    clients = Clients(app.caller(makes_bank=True))
    if lists or not client:
        if client:
            raise click.UsageError("--list takes no client.")
        _show_list(app, clients)
        return
    if client == _TIMER:
        _show_timer(app)
        return
    _show(app, clients.install(client, scope=scope, hooks=hooks, force=force))


@click.command("uninstall")
@click.argument("client")
@_scope
@click.option("--force", is_flag=True, help="Remove files of ours also if they were edited since.")
@_dry_run
@reads
def uninstall_command(app: App, client: str, *, scope: str, force: bool) -> None:
    """Take out what `bank install` wrote

    A file that nobody else changed since is as it was before, byte for byte. Otherwise only our parts are removed. What
    another installed client uses too stays.

    \b
    Example:
      bank uninstall claude-code
    """
    if client == _GIT:
        show_set_up(app, app.face(GitWork).uninstall_hooks())
        return
    _show(app, Clients(app.caller(makes_bank=True)).uninstall(client, scope=scope, force=force))


def _show_list(app: App, clients: Clients) -> None:
    found = clients.list()
    if app.as_json:
        answer(found)
        return
    for each in found:
        where = f"installed: {', '.join(each.installed)}" if each.installed else ""
        say_fields(each.client, each.title, f"scopes: {', '.join(each.scopes)}", where)


def _show_timer(app: App) -> None:
    from memorybank.facade.corrections.namespace import Corrections

    lines = app.face(Corrections).timer()
    if app.as_json:
        answer(lines)
        return
    say("# cron: add this line with crontab -e")
    say(lines.cron, whole=True)
    if lines.sync:
        say("\n# cron: this line syncs the bank with the team's hub")
        say(lines.sync, whole=True)
    for name, text in ((lines.service_name, lines.service), (lines.timer_name, lines.timer)):
        say(f"\n# systemd: ~/.config/systemd/user/{name}")
        say(text, whole=True)
    say("\n# then:")
    say(lines.enable, whole=True)
    tell("nothing was installed")


def _show(app: App, result: InstallResult) -> None:
    if app.as_json:
        answer(result)
        return
    for file in result.files:
        if file.diff:
            say_diff(file.diff.rstrip("\n"))
    for file in result.files:
        why = f"  ({file.why})" if file.why else ""
        say(f"{file.outcome}: {file.path}  {', '.join(file.parts)}{why}", whole=True)
    for note in result.notes:
        tell(f"note: {note}")
    if not result.changed:
        say("nothing to change")
    elif result.dry_run:
        tell("nothing was written (dry run)")
    elif result.action == "install":
        tell(f"next: start {result.client} again; bank uninstall {result.client} --scope {result.scope} takes it out")
