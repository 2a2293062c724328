"""`bank summary`: what the project is, in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memorybank.cli.options import App, expects, now, reads, writes
from memorybank.cli.output import answer, say, show_receipt
from memorybank.cli.text_command import TEXT, TextCommand

if TYPE_CHECKING:
    from memorybank.workflow.progress.summary import SummaryChange

_TEXTS = ("project_name", "version", "status", "description")


@click.group("summary")
def summary_command() -> None:
    """Show or set what the project is

    In summary.json: what you tell, and numbers that are counted.

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
    from memorybank.workflow.progress.summary import read_summary

    found = read_summary(app.bank)
    if app.as_json:
        answer(found)
        return
    _show(dict(found.value), 0)


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
@click.option("--status", type=TEXT, metavar="STATUS", help="How it stands: in_progress, released, …")
@click.option("--description", type=TEXT, metavar="TEXT", help="What it is, in a sentence.")
@click.option("--tech", multiple=True, type=TEXT, metavar="PART=WHAT", help="A part of the tech stack.")
@click.option("--member", multiple=True, type=TEXT, metavar="NAME[:ROLE]", help="Somebody of the team.")
@click.option("--milestone", multiple=True, type=TEXT, metavar="NAME[:STATUS[:DAY]]", help="A milestone.")
@click.option("--unset", multiple=True, metavar="KEY", help="Take a field out.")
@expects
@writes
def set_summary(app: App, pairs: tuple[str, ...], unset: tuple[str, ...], expect: str, **given: Any) -> None:
    """Set fields of the summary

    VALUE is JSON where it reads as JSON; KEY may be a path such as tech_stack.backend. Other fields stay as they are,
    in their order. A number of `metrics` is counted by `bank summary refresh` and cannot be told.

    \b
    Examples:
      bank summary set --description "Shared memory for agents" --tech database="PostgreSQL 14"
      bank summary set --milestone "MVP:completed:2026-11-20" --member "Ada:Developer"
      bank summary set license=MIT deployment.region=eu
    """
    from memorybank.workflow.progress import summary

    values = [*_named(given), *(_pair(each) for each in pairs)]
    if not values and not unset:
        raise click.UsageError("say what to set: KEY=VALUE, or an option such as --status.")
    told = summary.set_summary(app.bank, values, app.way(), unset=unset, expect=expect)
    _tell(app, told, "summary")


@summary_command.command("refresh")
@writes
def refresh_summary(app: App) -> None:
    """Count the numbers of the summary anew

    Files and lines that git tracks, records by type, bugs, tasks; one that cannot be counted is not there. Name,
    version and description come from pyproject.toml, Cargo.toml or package.json.

    \b
    Example:
      bank summary refresh
    """
    from memorybank.workflow.progress import summary

    _tell(app, summary.refresh_summary(app.bank, app.way()), "summary")


def _tell(app: App, told: SummaryChange, done: str) -> None:
    if app.as_json:
        answer(told)
        return
    show_receipt(told.receipt, as_json=False, done=done)


def _named(given: dict[str, Any]) -> list[tuple[str, Any]]:
    plain = {"name": "project_name", "version": "version", "status": "status", "description": "description"}
    found: list[tuple[str, Any]] = [(key, given[name]) for name, key in plain.items() if given[name] is not None]
    for each in given["tech"]:
        part, equals, what = each.partition("=")
        if not equals or not part.strip():
            raise click.UsageError(f"{each!r} is not PART=WHAT.")
        found.append((f"tech_stack.{part.strip().replace('.', '_')}", what.strip()))
    for each in given["member"]:
        name, _, role = each.partition(":")
        found.append(("team", {"name": name.strip(), **({"role": role.strip()} if role.strip() else {})}))
    return found + [("milestones", _milestone(each)) for each in given["milestone"]]


def _milestone(text: str) -> dict[str, str]:
    name, _, rest = text.partition(":")
    status, _, day = rest.partition(":")
    row = {"name": name.strip()}
    if status.strip():
        row["status"] = status.strip()
    done = status.strip() == "completed"
    if day.strip() or done:
        row["completed_at" if done else "target_date"] = day.strip() or f"{now():%Y-%m-%dT%H:%M:%SZ}"
    return row


def _pair(text: str) -> tuple[str, Any]:
    import json

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError(f"{text!r} is not KEY=VALUE.")
    if name.strip() in _TEXTS:
        return name.strip(), value
    try:
        return name.strip(), json.loads(value, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError):
        return name.strip(), value


def _number(text: str) -> float | str:
    # 1.10 is a version rather than 1.1
    return float(text) if str(float(text)) == text else text
