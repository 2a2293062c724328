"""`bank bundle`: one file that brings the memory to a machine without git or a database."""

from __future__ import annotations

import click

from memorybank.cli.commands.team.arrivals import show_arrivals
from memorybank.cli.options import App, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, counted, say, tell
from memorybank.facade.team.bundling import Bundles
from memorybank.facade.terminal.visible import in_one_line

_signers = click.option("--signers", default="", metavar="FILE", help="Require a signature by a key in FILE.")
_shared_key = click.option("--shared-key", default="", metavar="FILE", help="The key in FILE, which both sides have.")


@click.group("bundle", cls=CommandGroup)
def bundle_command() -> None:
    """Bring the memory to another machine as one file

    A bundle has the texts of the memory with their digests, and the versions that they come from. It is merged into the
    other bank: both sides' lines are kept, and applied twice it changes nothing.

    \b
    Examples:
      bank bundle create ../memory.bundle
      bank bundle apply ../memory.bundle --dry-run
    """


@bundle_command.command("create")
@click.argument("file", metavar="FILE")
@click.option("--since", default="", metavar="BUNDLE", help="Only what changed since this bundle, yours or theirs.")
@click.option("--sign", default="", metavar="KEY", help="Sign with this SSH key, or with its .pub and ssh-agent.")
@_shared_key
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@writes
def create_bundle(app: App, file: str, since: str, sign: str, shared_key: str, *, overwrite: bool) -> int:
    """Write a bundle of the memory, or of what changed since another one

    Files that look like they have a secret are left out, and the exit status is 1. Settings, templates and local state
    are never in it.

    \b
    Examples:
      bank bundle create ../memory.bundle --sign ~/.ssh/id_ed25519
      bank bundle create ../answer.bundle --since ../memory.bundle
    """
    done = app.face(Bundles).create(file, since=since, sign=sign, shared_key=shared_key, overwrite=overwrite)
    secrets = [each for each in done.left_out if each.code]
    if app.as_json:
        answer(done)
        return 1 if secrets else 0
    for name in done.deleted:
        say(in_one_line(f"deleted: {name}"))
    for each in done.left_out:
        tell(in_one_line(f"left out: {each.file}: {each.why}"), fg="yellow" if each.code else None)
    signed = f", signed ({done.info.seal.kind})" if done.info.seal.kind else ""
    files = counted(len(done.files) + len(done.deleted), "file")
    say(f"{'would write' if done.dry_run else 'wrote'} {file}: {files}, {done.size} bytes{signed}", fg="green")
    say(f"  bundle {done.info.ident}", dim=True)
    if done.dry_run:
        tell("nothing was written (dry run)")
    return 1 if secrets else 0


@bundle_command.command("verify")
@click.argument("file", metavar="FILE")
@_signers
@_shared_key
@reads
def verify_bundle(app: App, file: str, signers: str, shared_key: str) -> None:
    """Check that a bundle is whole, and who signed it

    Every text is compared with its digest. FILE of --signers has the form of ssh-keygen's ALLOWED SIGNERS.

    \b
    Examples:
      bank bundle verify ../memory.bundle
      bank bundle verify ../memory.bundle --signers team_signers
    """
    found = app.face(Bundles).verify(file, signers=signers, shared_key=shared_key)
    if app.as_json:
        answer(found)
        return
    info = found.info
    for name in found.files:
        say(in_one_line(name))
    for name in found.deleted:
        say(in_one_line(f"{name} (deleted)"))
    count = counted(len(found.files) + len(found.deleted), "file")
    say(f"whole: {count}, of {info.bank}, made {info.created}", fg="green")
    if info.since:
        say(f"  has what changed since bundle {info.since}")
    if not info.seal.kind:
        say("  not signed")
    elif info.seal.is_valid:
        say(f"  signed: {info.seal.kind} {info.seal.signer}".rstrip())
    else:
        say(f"  signed ({info.seal.kind}), but not checked: name the key with --signers or --shared-key")
    say(f"  bundle {info.ident}", dim=True)


@bundle_command.command("apply")
@click.argument("file", metavar="FILE")
@_signers
@_shared_key
@writes
def apply_bundle(app: App, file: str, signers: str, shared_key: str) -> int:
    """Merge the files of a bundle into the bank

    One operation, which `bank undo` reverts. Where both sides changed the same lines, both texts are kept between git's
    conflict markers, and the exit status is 1; it is 1, too, when a file was refused.

    \b
    Examples:
      bank bundle apply ../memory.bundle --dry-run
      bank bundle apply ../memory.bundle --signers team_signers
    """
    done = app.face(Bundles).apply(file, signers=signers, shared_key=shared_key)
    return show_arrivals(app, done, done.files, done.receipt)
