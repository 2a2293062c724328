"""`bank corrections list`, `show` and `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.corrections.base import corrections_command
from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, say, say_body, say_entry, say_row, tell, tell_rest
from memorybank.facade.corrections.namespace import Corrections

if TYPE_CHECKING:
    from memorybank.facade.corrections.correction_answers import ShownCorrection
    from memorybank.records.corrections.correction import Correction


@corrections_command.command("list")
@click.option("--status", default="", metavar="STATUS", help="waiting, proposed, accepted or dropped.")
@click.option("--tier", default="", metavar="TIER", help="critical, high, medium or low.")
@click.option("--client", default="", metavar="NAME", help="Only from the logs of this client.")
@click.option("--since", default="", metavar="DAY", help="Said on this day or later; 30d is 30 days ago.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="The newest N.")
@reads
def list_corrections(app: App, status: str, tier: str, client: str, since: str, limit: int) -> None:
    """List corrections, the newest first

    Without --status, all but the dropped ones. Those that were proposed still wait, so they are among the waiting ones.

    \b
    Examples:
      bank corrections list --status waiting
      bank corrections list --tier critical --since 30d --json
    """
    page = app.face(Corrections).list(status=status, tier=tier, client=client, since=since, limit=limit)
    if app.as_json:
        answer(page)
        return
    for each in page:
        say_entry(row_of(each), each.text)
    tell_rest(len(page), page.total)
    if not page.total:
        tell("no corrections found")


def row_of(correction: Correction) -> str:
    """Return how a list begins that ends with the text of a correction."""
    day = correction.origin.at[:10] or "no date"
    mark = "*" if correction.is_pinned else " "
    return f"{correction.id} {mark} {correction.status:8}  {correction.effective_tier:8}  {day:10}"


@corrections_command.command("show")
@click.argument("correction", metavar="ID|last")
@reads
def show_correction(app: App, correction: str) -> None:
    """Print one correction: what was said, what it corrected, and where

    An id may be cut short, as long as only one correction begins with it.

    \b
    Examples:
      bank corrections show last
      bank corrections show cor-20261120-k3f9x --json
    """
    shown = app.face(Corrections).show(correction)
    if app.as_json:
        answer(shown)
        return
    found = shown.correction
    say(row_of(found).rstrip(), fg="green", whole=True)
    for name, text in facts_of(shown):
        if text:
            say(f"  {name:9} {text}", hang=12)
    for name, text in (("corrected", found.premise.tool or found.premise.text), ("said", found.text)):
        if text:
            say()
            say(f"{name}:")
            say_body(text)


@corrections_command.command("why")
@click.argument("correction", metavar="ID|last")
@reads
def explain(app: App, correction: str) -> None:
    """Explain why something counts as a correction, and its score

    Prints what it corrects, the rule that found it, where it was said, and what it weighs today, term by term.

    \b
    Examples:
      bank corrections why last
      bank corrections why cor-20261120-k3f9x --json
    """
    reason = app.face(Corrections).why(correction)
    if app.as_json:
        answer(reason)
        return
    found = reason.correction
    say(row_of(found).rstrip(), fg="green", whole=True)
    say_body(found.text)
    corrected = found.premise.tool or found.premise.text
    if corrected:
        say()
        say("corrected:")
        say_body(corrected)
    say()
    say(f"rule {found.rule}:" if found.rule else "no rule", whole=True)
    say_body(reason.rule_text or "This version has no such rule.")
    say()
    say(f"said to {found.origin.client or 'an unknown client'} {found.origin.at or 'at an unknown time'}")
    if found.origin.file:
        say(f"  {found.origin.file}:{found.origin.line}", hang=4)
    say()
    for name, signal, weight, term in reason.terms:
        known = "unknown" if signal is None else f"{signal:.3f} x {weight:.3f}"
        say_row(f"  {name:14} {known:16} {term:.3f}")
    say_row(f"  {'decay':14} {'':16} x {reason.decay:.3f}")
    say_row(f"  {'score':14} {'':16} {reason.score:.3f}")


def facts_of(shown: ShownCorrection) -> list[tuple[str, str]]:
    """Return what is known about a correction, each with its name."""
    found = shown.correction
    where = found.origin
    place = f"{where.file}:{where.line}" if where.line else where.file
    return [
        ("rule", found.rule),
        ("client", where.client),
        ("session", where.session),
        ("log", place),
        ("values", ", ".join(found.values)),
        ("files", ", ".join(found.files)),
        ("commands", ", ".join(found.commands)),
        ("sessions", str(found.sessions) if found.sessions > 1 else ""),
        ("similar", str(found.similar) if found.similar else ""),
        ("found", shown.found_at),
        ("decided", shown.decided_at),
        ("reason", shown.reason),
        ("record", shown.record_file),
    ]
