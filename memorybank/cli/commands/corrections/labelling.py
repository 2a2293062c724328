"""`bank corrections label`: a person says which turns are corrections."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.corrections.base import corrections_command, log_options
from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, progress, say, say_body, tell
from memorybank.facade.corrections.labelling import OUT
from memorybank.facade.corrections.namespace import Corrections

if TYPE_CHECKING:
    from memorybank.corrections.evaluation.labelling import Labeller, LabelProgress, Turn

_KEYS = "y correction   n none   s skip   b back   q quit"


@corrections_command.command("label")
@log_options
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=OUT, show_default=True, help="The file of labels."
)
@click.option("--by", default="", metavar="NAME", help="Who labels; it is kept with each label.")
@click.option("--likely-first", is_flag=True, help="Ask first about the turns in which a correction is found.")
@click.option("--next", "count", type=click.IntRange(1), metavar="N", help="Print the next N turns without a label.")
@click.option("--set", "given", multiple=True, metavar="ID=LABEL", help="Save a label: correction or none.")
@reads
def label(
    app: App,
    source: Path | None,
    clients: tuple[str, ...],
    since: str,
    out: Path,
    by: str,
    count: int | None,
    given: tuple[str, ...],
    *,
    likely_first: bool,
) -> None:
    """Label the turns of session logs

    Shows each turn of a person with what the assistant said or did before it. Is it a correction? Press y or n, s to
    skip, b to go back, q to quit. Each answer is saved at once, and the next call goes on with the other turns. What
    the detector thinks of a turn is not shown. Agents use --next and --set. `bank eval detector` takes the file.

    \b
    Examples:
      bank corrections label
      bank corrections label --source logs/ --out labelled/labels.jsonl
      bank corrections label --next 5 --json
      bank corrections label --set 3f2a9bc01d=correction --set 77aa01b2c3=none
    """
    is_asking = not (given or count)
    if is_asking and (app.as_json or not (sys.stdin.isatty() and sys.stdout.isatty())):
        raise click.UsageError("'label' needs a terminal; without one, use --next N and --set ID=LABEL.")
    labeller = app.face(Corrections).labeller(
        source=source,
        out=out,
        clients=clients,
        since=since,
        by=by,
        likely_first=likely_first,
        on_progress=progress(),
    )
    if is_asking:
        _ask(labeller)
        _tell_rest(labeller.progress(()))
        return
    shown = labeller.save_all(dict(map(_answer, given))) if given else labeller.waiting()[:count]
    done = labeller.progress(shown)
    if app.as_json:
        answer(done)
        return
    for turn in done.turns:
        say(f"{turn.id}  {turn.label or 'no label'}  {turn.file}:{turn.line}", whole=True)
        if not turn.label:
            _show(turn)
    _tell_rest(done)


def _answer(pair: str) -> tuple[str, str]:
    ident, equals, said = pair.partition("=")
    if not equals:
        raise click.BadParameter(f"{pair!r} is not ID=LABEL.", param_hint="'--set'")
    return ident.strip(), said.strip()


def _ask(labeller: Labeller) -> None:
    turns = labeller.waiting()
    at = 0
    while at < len(turns):
        turn = turns[at]
        say()
        say(f"{at + 1} of {len(turns)}  {turn.file}:{turn.line}", dim=True)
        _show(turn)
        tell(_KEYS)
        key = click.getchar().casefold()
        if key == "q":
            return
        if key in {"y", "n"}:
            labeller.save(turn, "correction" if key == "y" else "none")
        if key in {"y", "n", "s"}:
            at += 1
        elif key == "b":
            at = max(at - 1, 0)


def _show(turn: Turn) -> None:
    for name, text in (("assistant", turn.premise), ("call", turn.tool)):
        if text:
            say(f"{name}:", dim=True)
            say_body(text)
    say("user:", bold=True)
    say_body(turn.text)


def _tell_rest(done: LabelProgress) -> None:
    rest = done.turn_count - done.labelled_count
    tell(f"{done.labelled_count} of {done.turn_count} turns labelled, {done.correction_count} corrections; {rest} left")
    if done.labelled_count:
        tell(f"next: bank eval detector {done.out}", whole=True)
