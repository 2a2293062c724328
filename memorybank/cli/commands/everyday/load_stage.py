"""`bank load --stage`: what a stage of the work needs, within a budget, with an account of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, now
from memorybank.cli.output import answer, say, tell, visible
from memorybank.errors import NoBankError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.recall.loading.budget import BudgetChoice
    from memorybank.recall.loading.load import Context

_SHOWN = 12


def load_stage(app: App, files: tuple[str, ...], trigger: str, given: dict[str, Any]) -> int:
    """Print what a stage needs, or the table of stages and modes."""
    if given["table"]:
        _show_table(app)
        return 0
    from memorybank.recall.loading.load import LoadOptions, load_context
    from memorybank.records.sessions.current import current_session

    wish = LoadOptions(
        stage=given["stage"] or "",
        mode=given["mode"] or "",
        budget_tokens=given["budget_tokens"],
        budget_chars=given["budget_chars"],
        trigger=trigger,
        files=files,
        query=given["query"] or "",
        group=given["group"] or "",
        session=given["session"] or "",
        current=current_session(app.bank, os.environ, app.here),
    )
    context = load_context(app.bank, wish, now())
    if app.as_json:
        answer(context)
        return 0
    click.echo(visible(context.text), nl=False)
    if given["explain"]:
        _explain(context)
    else:
        _tell_rest(context)
    return 0


def _tell_rest(context: Context) -> None:
    """Tell beside the answer what did not come in, the most valuable first."""
    rest = [("in short", each) for each in context.shortened] + [("left out", each) for each in context.omitted]
    for word, each in rest[:_SHOWN]:
        tell(f"{word}: {each.address}  {each.begins}  ({each.reason})  {each.fetch}")
    if len(rest) > _SHOWN:
        tell(f"… {len(rest) - _SHOWN} more; --explain or --json tells all")


def _explain(context: Context) -> None:
    limit = f" of {context.budget} {context.unit}" if context.budget is not None else ""
    say()
    say(f"stage {context.stage}, mode {context.mode}; about {context.tokens} tokens{limit}", bold=True)
    for layer in context.layers:
        more = f"; {layer.beyond} more: {layer.fetch}" if layer.beyond else ""
        say(f"{layer.name}: {layer.wants}; {layer.found} found{more}")
    for title, choices in (
        ("included", context.included),
        ("shortened", context.shortened),
        ("left out", context.omitted),
    ):
        say()
        say(f"{title}: {len(choices)}", bold=True)
        _show_choices(choices)


def _show_choices(choices: Sequence[BudgetChoice]) -> None:
    for each in choices:
        also = f" (also {', '.join(each.also)})" if each.also else ""
        say(f"- {each.begins or each.address}")
        say(f"    {each.layer}{also}: {each.reason}; {each.fetch}")
        terms = " ".join(f"{value:+g} {name}" for name, value in each.terms.items())
        if terms:
            say(f"    {each.value:g} = {terms}; size {each.size}, {each.rank:g} per 100")


def _show_table(app: App) -> None:
    from memorybank.recall.loading.load import table_of
    from memorybank.recall.loading.stages import LAYERS, rows_of

    try:
        bank = app.bank
    except NoBankError:
        if app.named:
            raise
        table = table_of(None)
    else:
        table = table_of(bank)
    if app.as_json:
        rows = [dict(zip(("stage", "mode", *LAYERS), row, strict=True)) for row in rows_of(table)]
        answer({"table": rows, "names": table.names, "first": table.first, "moments": table.moments})
        return
    head = ("stage", "mode", *LAYERS)
    shown = [head, *rows_of(table)]
    widths = [max(len(row[i]) for row in shown) for i in range(len(head))]
    for number, row in enumerate(shown):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), bold=not number)
