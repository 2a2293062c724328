"""`bank supersede`, `deprecate`, `link`, `lineage`: how records relate to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.options import App, reads, writes
from memorybank.cli.output import answer, say, say_undo, show_receipt
from memorybank.facade.relations import Relations

if TYPE_CHECKING:
    from memorybank.records.memories.lineage import LineageNode
    from memorybank.records.memories.relations import RelationChange


@click.command("supersede")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@writes
def supersede_command(app: App, old: str, new: str) -> None:
    """Replace one record with another

    The old one gets the status superseded, both are linked, and the lines of the memory files that cite the old one
    are struck and point to the new one. One operation.

    \b
    Example:
      bank supersede dec-20261121-k3f9x dec-20261203-m7q2p
    """
    related = app.face(Relations).supersede(old, new)
    _show(app, related, f"superseded: {related.record.id} by {related.other}")


@click.command("deprecate")
@click.argument("ident", metavar="ID")
@click.option("--see", metavar="NEW", help="What to read instead.")
@writes
def deprecate_command(app: App, ident: str, see: str | None) -> None:
    """Mark a record as outdated

    \b
    Example:
      bank deprecate fct-20261121-k3f9x --see fct-20261203-m7q2p
    """
    related = app.face(Relations).deprecate(ident, see=see or "")
    instead = f", see {related.other}" if related.other else ""
    _show(app, related, f"deprecated: {related.record.id}{instead}")


@click.command("link")
@click.argument("one", metavar="A")
@click.argument("rel", metavar="REL")
@click.argument("other", metavar="B")
@click.option("--remove", is_flag=True, help="Remove the link.")
@writes
def link_command(app: App, one: str, rel: str, other: str, *, remove: bool) -> None:
    """Link two records

    REL is relates, caused-by, evidence-for or see; supersedes and superseded-by do the same as bank supersede. B may
    also be a file of the project or a web address.

    \b
    Examples:
      bank link lrn-20261121-k3f9x caused-by bug-20261120-m7q2p
      bank link dec-20261121-k3f9x see docs/research/2026-11-20-queues.md
    """
    related = app.face(Relations).link(one, rel, other, remove=remove)
    _show(app, related, f"{'unlinked' if remove else 'linked'}: {related.record.id} {rel} {related.other}")


def _show(app: App, related: RelationChange, done: str) -> None:
    if app.as_json:
        answer(related)
        return
    if related.receipt.dry_run or not related.receipt.operation:
        show_receipt(related.receipt, as_json=False)
        return
    say(done, fg="green")
    for address in related.struck:
        say(f"  struck: {address}")
    say_undo(related.receipt)


@click.command("lineage")
@click.argument("ident", metavar="ID")
@click.option("--depth", type=click.IntRange(0), default=0, metavar="N", help="Follow links this far; 0 follows all.")
@reads
def lineage_command(app: App, ident: str, depth: int) -> None:
    """Show where a record comes from and what came of it

    The links of all records, in both directions.

    \b
    Example:
      bank lineage dec-20261121-k3f9x
    """
    rows = app.face(Relations).lineage(ident, depth=depth)
    if app.as_json:
        answer(rows)
        return
    for node in rows:
        say(_row(node))


def _row(node: LineageNode) -> str:
    rel = f"{node.rel} " if node.rel else ""
    if node.missing:
        what = "(not found)" if "://" not in node.id and "/" not in node.id else ""
    else:
        status = f"  ({node.status})" if node.status not in {"", "active"} else ""
        what = f"[{node.type}] {node.title}{status}{'  (archived)' if node.archived else ''}"
    return f"{'  ' * node.depth}{rel}{node.id}  {'(see its own line)' if node.again else what}".rstrip()
