"""`bank merge`: settle merges, check them, and set up the merge driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, counted, say, say_diff, say_fields, show_receipt, tell
from memorybank.facade.team.merging import GitWork
from memorybank.shell import command

if TYPE_CHECKING:
    from memorybank.team.git.driver_set_up import DriverStatus
    from memorybank.team.git.merge_check import MergeCheck
    from memorybank.team.git.set_up_files import GitSetUp
    from memorybank.team.git.settle import Settled


class _MergeGroup(CommandGroup):
    """`bank merge FILE` is `bank merge file FILE`, and `bank merge --check BRANCH` is `bank merge check BRANCH`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in front that is meant."""
        first = args[0] if args else ""
        if first == "--check" or first.startswith("--check="):
            args = ["check", *first.split("=", 1)[1:], *args[1:]]
        elif first and first not in self.commands and first not in {"-h", "--help"}:
            args = ["file", *args]
        return super().parse_args(ctx, args)


@click.group("merge", cls=_MergeGroup)
def merge_command() -> None:
    """Settle merges of the bank's files

    `bank merge FILE` settles the markers that git left, `bank merge --check BRANCH` checks a merge before or after it
    is made, and `bank merge install` lets git merge the files of the bank by their structure from the start.

    \b
    Examples:
      bank merge install
      bank merge activeContext.md
      bank merge --check main
    """


@merge_command.command("file")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--ours", "take", flag_value="ours", help="Take our side where conflicts are left.")
@click.option("--theirs", "take", flag_value="theirs", help="Take their side there.")
@click.option("--both", "take", flag_value="both", help="Take both there, ours first.")
@click.option("--with", "other", metavar="COPY", help="Merge this copy of the file into it, and remove the copy.")
@click.option("--keep", is_flag=True, help="With --with: keep the copy.")
@writes
def merge_file(app: App, files: tuple[str, ...], take: str | None, other: str | None, *, keep: bool) -> int:
    """Settle the markers of an ordinary merge, with the structure known

    Lines that both sides added, ticked or removed are put together; what both changed differently stays between the
    markers, and the status is then 1. The sides come from git's index, or from the text if it was edited since.
    A copy that a sync program left is merged into its file and removed; `--with` merges any other copy that is in the
    bank or its project.

    \b
    Examples:
      bank merge activeContext.md --dry-run
      bank merge file progress.md patterns.md
      bank merge activeContext.md --both
      bank merge "progress (conflicted copy 2026-11-30).md"
      bank merge progress.md --with docs/old-progress.md
    """
    git = app.face(GitWork)
    if other is not None:
        if len(files) > 1:
            raise click.UsageError("--with takes one FILE.")
        return _show_settled(git.merge_copy(files[0], other, take=take or "", keep=keep), app)
    if keep:
        raise click.UsageError("--keep is for --with.")
    return _show_settled(git.merge(files, take=take or ""), app)


@merge_command.command("check")
@click.argument("revision", metavar="BRANCH")
@reads
def merge_check(app: App, revision: str) -> int:
    """Check a merge where no driver runs, as in CI or on a web page

    Merges BRANCH into what is checked out, in a temporary place, once by structure and once as git does it without the
    driver. A merge commit of the history is checked as it was made. The status is 1 if the structural merge has
    conflicts, or if the merge as text loses, doubles or revives a line.

    \b
    Examples:
      bank merge check main
      bank merge --check origin/main
      bank merge --check HEAD
    """
    found = app.face(GitWork).check_merge(revision)
    if app.as_json:
        answer(found)
    else:
        _show_check(found, revision)
    return 0 if found.is_ok else 1


@merge_command.command("install")
@click.option("--force", is_flag=True, help="Also where your attributes name another driver for the bank's files.")
@click.option("--dry-run", is_flag=True, help="Show the diff and write nothing.")
@reads
def merge_install(app: App, *, force: bool) -> None:
    """Let git merge the bank's files by their structure

    Adds lines to .gitattributes, which you commit, and the driver to the configuration of this clone, with the path of
    this `bank`. Each clone needs its own `bank merge install`; without it git merges as text.

    \b
    Examples:
      bank merge install --dry-run
      bank merge install
    """
    show_set_up(app, app.face(GitWork).install_driver(force=force))


@merge_command.command("uninstall")
@click.option("--dry-run", is_flag=True, help="Show the diff and write nothing.")
@reads
def merge_uninstall(app: App) -> None:
    """Take the merge driver out again

    \b
    Example:
      bank merge uninstall
    """
    show_set_up(app, app.face(GitWork).uninstall_driver())


@merge_command.command("status")
@reads
def merge_status(app: App) -> int:
    """Show whether git uses the merge driver in this clone

    The status is 1 if something is missing.

    \b
    Example:
      bank merge status
    """
    found = app.face(GitWork).driver_status()
    if app.as_json:
        answer(found)
    else:
        _show_status(found)
    return 1 if found.missing else 0


def show_set_up(app: App, done: GitSetUp) -> None:
    """Print what a set-up changed in files and in git's configuration."""
    if app.as_json:
        answer(done)
        return
    for file in done.files:
        if file.diff:
            say_diff(file.diff.rstrip("\n"))
    for file in done.files:
        say(f"{file.outcome}: {file.path}{f'  ({file.why})' if file.why else ''}", whole=True)
    for row in done.config:
        say(f"git config: {row.name} = {row.after}" if row.after else f"git config: {row.name} removed", whole=True)
    for note in done.notes:
        tell(f"note: {note}")
    if not done.changed:
        say("nothing to change")
    elif done.dry_run:
        tell("nothing was written (dry run)")


def _show_settled(done: Settled, app: App) -> int:
    status = 1 if done.conflict_count else 0
    if app.as_json:
        answer(done)
        return status
    if done.receipt.operation or done.receipt.dry_run:
        show_receipt(done.receipt, as_json=False)
    for file in done.files:
        if file.sides == "none":
            say(f"{file.file}: no unresolved merge")
        elif not file.conflicts:
            say(f"{file.file}: {'would be merged' if done.receipt.dry_run else 'merged'}", fg="green")
        else:
            say(f"{file.file}: {counted(len(file.conflicts), 'conflict')} left", fg="red")
            for each in file.conflicts:
                say(f"  lines {each.first}-{each.last}{f'  {each.place}' if each.place else ''}: {each.why}")
    left = [each.file for each in done.files if each.conflicts]
    if left:
        tell(f"  next: edit it, or take one side: {command('bank merge', left[0])} --ours", whole=True)
    return status


def _show_check(found: MergeCheck, revision: str) -> None:
    if found.merge == "nothing":
        say(f"{revision} is part of what is checked out, and merges nothing")
        return
    for file in found.files:
        say_fields(
            file.file,
            "conflict" if file.conflict else "merges by structure" if found.merge != "made" else "",
            {"conflict": "git stops", "wrong": "wrong as text", "same": ""}[file.text_merge],
        )
        for first, last in file.lines:
            say(f"  lines {first}-{last} of the merged file")
        for fault in file.faults:
            say(f"  {fault.kind}: {fault.line}")
    if not found.files:
        say("the merge loses nothing" if found.merge == "made" else "merges without conflicts, as text too")
    elif found.is_ok:
        say("merges without conflicts; git alone would stop at the files above")
    elif found.merge == "made":
        tell(f"  next: git diff {found.ours[:9]} -- FILE shows what the merge changed", whole=True)
    else:
        tell(f"  next: {command('git merge', revision)}, in a clone with the driver: bank merge status", whole=True)


def _show_status(found: DriverStatus) -> None:
    say_fields("attributes", f"{len(found.attributes)} lines in {found.file}" if found.attributes else "none of ours")
    say_fields("driver", found.driver or "none in this clone")
    for name in found.unmerged:
        say(f"  not merged by it: {name}")
    for each in found.missing:
        say(f"missing: {each}", fg="red")
    if found.missing:
        tell("  next: bank merge install", whole=True)
    else:
        say("ready", fg="green")
