"""`bank summary`: what the project is, in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, expects, reads, writes
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, say, show_receipt
from memorybank.cli.text_command import TEXT, TextCommand
from memorybank.facade.evidence import Member, Milestone, Standing
from memorybank.facade.values import parse_pairs

if TYPE_CHECKING:
    from memorybank.workflow.progress.summary import SummaryChange

_TEXTS = ("project_name", "version", "status", "description")


@click.group("summary", cls=CommandGroup)
def summary_command() -> None:
    """Show or set what the project is

    summary.json has the fields that you set, and numbers that are counted.

    \b
    Examples:
      bank summary refresh
      bank summary set --status in_progress --tech backend=FastAPI
      bank summary show
    """


@summary_command.command("show")
@reads
def show_summary(app: App) -> None:
    """Print the summary

    \b
    Example:
      bank summary show --json
    """
    summary = app.face(Standing).summary()
    if app.as_json:
        answer(summary)
        return
    _show(dict(summary.value), 0)


def _show(value: Any, depth: int) -> None:
    pad = "  " * depth
    for name, each in value.items():
        if isinstance(each, dict):
            say(f"{pad}{name}")
            _show(each, depth + 1)
        elif isinstance(each, list):
            say(f"{pad}{name}")
            for row in each:
                words = ", ".join(str(part) for part in row.values()) if isinstance(row, dict) else str(row)
                say(f"{pad}  - {words}")
        else:
            say(f"{pad}{name:14}{each}")


@summary_command.command("set", cls=TextCommand)
@click.argument("pairs", nargs=-1, type=TEXT, metavar="[KEY=VALUE]...")
@click.option("--name", type=TEXT, metavar="NAME", help="The project's name.")
@click.option("--version", type=TEXT, metavar="VERSION", help="Its version.")
@click.option("--status", type=TEXT, metavar="STATUS", help="Its state: in_progress, released, …")
@click.option("--description", type=TEXT, metavar="TEXT", help="What it is, in a sentence.")
@click.option("--tech", multiple=True, type=TEXT, metavar="PART=WHAT", help="A part of the tech stack.")
@click.option("--member", multiple=True, type=TEXT, metavar="NAME[:ROLE]", help="A member of the team.")
@click.option("--milestone", multiple=True, type=TEXT, metavar="NAME[:STATUS[:DAY]]", help="A milestone.")
@click.option("--metric", "metrics", multiple=True, metavar="NAME=N", help="A number that you measured.")
@click.option("--unset", multiple=True, metavar="KEY", help="Remove a field.")
@expects
@writes
def set_summary(  # each is an option
    app: App,
    pairs: tuple[str, ...],
    name: str | None,
    version: str | None,
    status: str | None,
    description: str | None,
    tech: tuple[str, ...],
    member: tuple[str, ...],
    milestone: tuple[str, ...],
    metrics: tuple[str, ...],
    unset: tuple[str, ...],
    expect: str,
) -> None:
    """Set fields of the summary

    VALUE is read as JSON if it is valid JSON, else as text; KEY may be a path such as tech_stack.backend. Other fields
    and their order stay. A day in --milestone may be a time. What --metric sets is marked as given, with who gave it
    and when; the numbers that `bank summary refresh` counts cannot be set.

    \b
    Examples:
      bank summary set --description "Shared memory for agents" --tech database="PostgreSQL 14"
      bank summary set --milestone "MVP:completed:2026-11-20" --member "Ada:Developer"
      bank summary set license=MIT deployment.region=eu
      bank summary set --metric test_coverage=85 --metric features_completed=15
    """
    texts = (name, version, status, description)
    tech_stack = dict(map(_part, tech))
    values = [_pair(pair) for pair in pairs]
    if not (values or unset or tech or member or milestone or metrics) and all(text is None for text in texts):
        raise click.UsageError("name what to set: KEY=VALUE, or an option such as --status.")
    changed = app.face(Standing).set_summary(
        values,
        project_name=name,
        version=version,
        status=status,
        description=description,
        tech_stack=tech_stack,
        team=[_member(text) for text in member],
        milestones=[_milestone(text) for text in milestone],
        metrics=parse_pairs(metrics, "--metric"),
        unset=unset,
        expect=expect,
    )
    _show_change(app, changed)


@summary_command.command("refresh")
@writes
def refresh_summary(app: App) -> None:
    """Count the numbers of the summary again

    They are the files and lines that git tracks, records by type, bugs and tasks; a number that cannot be counted is
    left out. Name, version and description come from pyproject.toml, Cargo.toml or package.json.

    \b
    Example:
      bank summary refresh
    """
    _show_change(app, app.face(Standing).refresh_summary())


def _show_change(app: App, changed: SummaryChange) -> None:
    if app.as_json:
        answer(changed)
        return
    show_receipt(changed.receipt, as_json=False, done="summary")


def _part(text: str) -> tuple[str, str]:
    part, equals, what = text.partition("=")
    if not equals or not part.strip():
        raise click.UsageError(f"{text!r} is not PART=WHAT.")
    return part.strip(), what.strip()


def _member(text: str) -> Member:
    name, _, role = text.partition(":")
    return Member(name.strip(), role.strip())


def _milestone(text: str) -> Milestone:
    name, _, rest = text.partition(":")
    status, _, day = rest.partition(":")
    return Milestone(name.strip(), status.strip(), day.strip())


def _pair(text: str) -> tuple[str, Any]:
    import json

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError(f"{text!r} is not KEY=VALUE: bank summary set project=demo.")
    if name.strip() in _TEXTS:
        return name.strip(), value
    try:
        return name.strip(), json.loads(value, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError):
        return name.strip(), value


def _number(text: str) -> float | str:
    # 1.10 is a version rather than 1.1
    return float(text) if str(float(text)) == text else text
