"""`bank corrections load`, `search` and `decay`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.corrections.base import corrections_command
from memorybank.cli.options import App, reads
from memorybank.cli.output import answer, pour, say, say_entry, say_row, tell, tell_rest
from memorybank.facade.corrections.namespace import Corrections

if TYPE_CHECKING:
    from memorybank.recall.corrections.within_budget import CorrectionLoad

_STRATEGIES = "mixture, recency, tier, repetition, density, position, neighbourhood, misstep, label"


@corrections_command.command("load")
@click.option("--budget-chars", type=click.IntRange(1), metavar="N", help="At most N characters; default 4096.")
@click.option("--budget-tokens", type=click.IntRange(1), metavar="N", help="At most about N tokens.")
@click.option("--window", type=click.IntRange(0), metavar="N", help="Warn if it takes 70 % of a window of N tokens.")
@click.option("--query", default="", metavar="TEXT", help="What matches it comes first.")
@click.option("--strategy", default="", metavar="NAME", help=f"What ranks: {_STRATEGIES}.")
@click.option("--explain", is_flag=True, help="Print each score, term by term, and all that was left out.")
@reads
def load_corrections(
    app: App,
    *,
    budget_chars: int | None,
    budget_tokens: int | None,
    window: int | None,
    query: str,
    strategy: str,
    explain: bool,
) -> None:
    """Print the corrections that matter most, within a budget

    Best first: recent ones weigh most, and weight halves in 7 days; pinned ones are first and keep theirs. One that
    does not fit is left out, and what says the same comes once. Those not accepted yet are marked. Nothing is printed
    unless you ask, and each call is a line of `bank audit`. Weights and decay: `bank config list corrections`.

    \b
    Examples:
      bank corrections load
      bank corrections load --budget-tokens 1000 --query "release build"
      bank corrections load --strategy recency --explain
    """
    found = app.face(Corrections).load(
        budget_chars=budget_chars, budget_tokens=budget_tokens, window=window, query=query, strategy=strategy
    )
    if app.as_json:
        answer(found)
        return
    pour(found.text)
    if explain:
        _explain(found)
    else:
        _tell_left_out(found)
    if found.warning:
        tell(found.warning, fg="yellow")


def _tell_left_out(found: CorrectionLoad) -> None:
    total = len(found.chosen) + len(found.left_out)
    if not total:
        tell("no corrections yet")
        return
    twins = sum(each.is_twin for each in found.left_out)
    size = f"{found.size} of {found.budget} {found.unit}"
    if not found.left_out:
        tell(f"all {total} in {size}")
        return
    why = [f"{count} {text}" for count, text in ((len(found.left_out) - twins, "do not fit"), (twins, "say the same"))]
    left = ", ".join(each for each in why if not each.startswith("0 "))
    tell(f"{len(found.chosen)} of {total} in {size}; {left}; --explain lists them")


def _explain(found: CorrectionLoad) -> None:
    say()
    say(f"{found.strategy}; {found.size} of {found.budget} {found.unit}, about {found.tokens} tokens", bold=True)
    for each in found.chosen:
        say(f"- {each.correction.id}: {each.score.explained}")
    say()
    say(f"left out: {len(found.left_out)}", bold=True)
    for left in found.left_out:
        say(f"- {left.id}: {left.why}")


@corrections_command.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="At most N.")
@reads
def search_corrections(app: App, query: tuple[str, ...], *, limit: int) -> None:
    """Search corrections, those not accepted yet too

    Words, names and exact values such as --no-verify are found as in `bank search`, with typos. Accepted corrections
    are records, so `bank search` finds them as well.

    \b
    Examples:
      bank corrections search "release build"
      bank corrections search -- --no-verify
    """
    found = app.face(Corrections).search(" ".join(query), limit=limit)
    if app.as_json:
        answer(found)
        return
    for word, words in found.assumed.items():
        tell(f"{word}: no correction has it; searched for {', '.join(words)}")
    for hit in found:
        each = hit.correction
        say_entry(f"{hit.score:.2f}  {each.id}  {each.status:8}  {each.effective_tier:8}", each.text)
    if not found:
        tell("no corrections found")


@corrections_command.command("decay")
@click.option("--below", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Count those below this.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, metavar="N", help="List N; 0 is all.")
@click.option("--log", is_flag=True, help="Add a line to `bank audit`: a nightly job can follow the decay.")
@reads
def show_decay(app: App, *, below: float, limit: int, log: bool) -> None:
    """Show how much weight each correction has kept

    It is computed whenever it is read, so nothing has to run at night; --log is for those who want the figures.

    \b
    Examples:
      bank corrections decay
      bank corrections decay --below 0.05 --log
    """
    found = app.face(Corrections).decay(below=below, limit=limit, log=log)
    if app.as_json:
        answer(found)
        return
    for each in found:
        age = "no date" if each.age_days is None else f"{each.age_days:.1f} days"
        say_row(f"{each.decay:.3f}  {each.id}  {each.tier:8}  {age}{'  pinned' if each.is_pinned else ''}")
    tell_rest(len(found), found.total)
    say(f"{found.below_count} of {found.total} below {found.below:g}; decay {found.profile}")
