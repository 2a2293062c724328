"""`bank load --stage`: what a stage of the work needs, within a budget, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.output import answer, say, say_command, tell
from memorybank.cli.width import columns, folded, table
from memorybank.errors import NoBankError
from memorybank.facade.loading import Loading
from memorybank.facade.terminal.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.cli.options import App
    from memorybank.recall.loading.budget import BudgetChoice
    from memorybank.recall.loading.load import Context


def load_stage(app: App, files: tuple[str, ...], trigger: str, given: dict[str, Any]) -> int:
    """Print what a stage needs, or the table of stages and modes."""
    if given["table"]:
        _show_table(app)
        return 0
    context = app.face(Loading).load(
        stage=given["stage"] or "",
        mode=given["mode"] or "",
        budget_tokens=given["budget_tokens"],
        budget_chars=given["budget_chars"],
        trigger=trigger,
        files=files,
        query=given["query"] or "",
        group=given["group"] or "",
        session_id=given["session"] or "",
        git=given["git"],
        mark=given["mark"],
    )
    if app.as_json:
        answer(context)
        return 0
    text = "\n".join(folded(visible(context.text), columns()))
    click.echo(text, nl=False)
    if given["explain"]:
        _explain(context)
    else:
        _tell_unread(context)
    return 0


def _tell_unread(context: Context) -> None:
    """Report what could not be read, beside the answer; the last line of the text says how much was left out."""
    for each in context.omitted:
        if each.is_unread:
            tell(f"{each.address}: {each.reason}  {each.fetch}")


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
    for choice in choices:
        also = f" (also {', '.join(choice.also)})" if choice.also else ""
        say(f"- {choice.begins or choice.address}")
        say_command(f"    {choice.layer}{also}: {choice.reason}", choice.fetch)
        terms = " ".join(f"{value:+g} {name}" for name, value in choice.terms.items())
        if terms:
            say(f"    {choice.value:g} = {terms}; size {choice.size}, {choice.rank:g} per 100")


def _show_table(app: App) -> None:
    from memorybank.facade.loading import stages_of

    try:
        stages = app.face(Loading).stages()
    except NoBankError:
        if app.named:
            raise
        stages = stages_of(None)
    if app.as_json:
        answer(stages)
        return
    shown = [stages.columns, *stages.rows]
    for number, lines in enumerate(table(shown, columns())):
        for line in lines:
            say(line, whole=True, bold=not number)
