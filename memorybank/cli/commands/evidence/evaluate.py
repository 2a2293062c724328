"""`bank eval`: what corrections keep in a small context, and how well they are found, in figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memorybank.cli.commands.corrections.base import log_options
from memorybank.cli.options import App, reads, words_of
from memorybank.cli.other_names import CommandGroup
from memorybank.cli.output import answer, progress, say, say_row, tell
from memorybank.facade.corrections.evaluation import MOST, RESAMPLES, SECONDS, SEED, Evaluation

if TYPE_CHECKING:
    from memorybank.corrections.evaluation.detector import DetectorFigures, Figure
    from memorybank.corrections.evaluation.fidelity import FidelityReport, StrategyFigures
    from memorybank.corrections.evaluation.intervals import Interval

_NONE = "-"
_resamples = click.option(
    "--resamples",
    type=click.IntRange(100, 100_000),
    default=RESAMPLES,
    show_default=True,
    help="Draws for the intervals.",
)


@click.group("eval", cls=CommandGroup)
def eval_command() -> None:
    """Measure what corrections are worth

    `corrections` hides what a user had to correct, fills a small context in different ways, and counts how often the
    correction is still known. `detector` compares what is found in session logs with what a person labelled.

    \b
    Examples:
      bank eval corrections
      bank eval detector labelled/
    """


@eval_command.command("corrections")
@log_options
@click.option(
    "--budget-chars", type=click.IntRange(1), metavar="N", help="The size of a context; else that of the settings."
)
@click.option(
    "--strategies", metavar="NAMES", help="Only these strategies, with commas; recency and the log always run."
)
@click.option(
    "--judge", "judges", multiple=True, metavar="NAME=COMMAND", help="A program that judges; its name says its family."
)
@click.option(
    "--answer-command", default="", metavar="NAME=COMMAND", help="A program that answers before the judges judge."
)
@click.option("--summary-command", default="", metavar="COMMAND", help="A program that makes the one-pass summary.")
@click.option(
    "--generator-family", default="", metavar="NAME", help="The family that wrote the texts: it may not judge."
)
@click.option("--allow-same-family", is_flag=True, help="Let a family judge its own texts.")
@click.option(
    "--judge-seconds",
    "seconds",
    type=click.FloatRange(1, 3600),
    default=SECONDS,
    show_default=True,
    help="Seconds that a program may take.",
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="The same seed gives the same report.")
@_resamples
@click.option(
    "--most",
    type=click.IntRange(1),
    default=MOST,
    show_default=True,
    metavar="N",
    help="Ask at most this many questions.",
)
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a plot, too.")
@reads
def corrections(
    app: App,
    source: Path | None,
    clients: tuple[str, ...],
    since: str,
    budget_chars: int | None,
    strategies: str | None,
    judges: tuple[str, ...],
    answer_command: str,
    summary_command: str,
    generator_family: str,
    svg: Path | None,
    most: int,
    seed: int,
    resamples: int,
    seconds: float,
    *,
    allow_same_family: bool,
) -> None:
    """Measure what a small context keeps of the corrections

    Each correction of the logs is hidden, and asked about at the end of its session and some sessions later. Contexts
    of the same size are filled by each strategy, none of which knows the question (bm25-question does, as a search).
    A deterministic judge looks for the exact values and the words; programs that you name judge beside it: each gets a
    prompt with texts of the logs on standard input and answers YES or NO. Intervals are 95 %, by bootstrap over
    sessions. The protocol is in docs/evaluation.md.

    \b
    Examples:
      bank eval corrections
      bank eval corrections --source logs/ --budget-chars 2000 --svg retention.svg
      bank eval corrections --generator-family claude --judge gemma='ollama run gemma3' --json
    """
    report = app.face(Evaluation).corrections(
        source=source,
        clients=clients,
        since=since,
        budget_chars=budget_chars or 0,
        strategies=words_of(strategies),
        judges=judges,
        answer_command=answer_command,
        summary_command=summary_command,
        generator_family=generator_family,
        allow_same_family=allow_same_family,
        seconds=seconds,
        most=most,
        seed=seed,
        resamples=resamples,
        on_progress=progress(),
    )
    if svg is not None:
        from memorybank.facade.terminal.pictures import write_picture

        write_picture(svg, report)
    if app.as_json:
        answer(report)
        return
    _show(report)
    if svg is not None:
        tell(f"written: {svg}", whole=True)


def _show(report: FidelityReport) -> None:
    say(
        f"{report.pair_count} corrections of {report.session_count} sessions, {report.case_count} questions; "
        f"a context has {report.budget_chars} characters ({report.longer_count} sessions are longer)"
    )
    if report.unasked_count:
        say(f"not asked about, as they say nothing to look for: {report.unasked_count}")
    if not report.case_count:
        say("no correction was found: there is nothing to measure")
        return
    for judge in dict.fromkeys(row.judge for row in report.strategies):
        say()
        say(f"retention by the judge {judge}", bold=True)
        lags = sorted({each.lag for row in report.strategies for each in row.lags})
        later = "".join(f"{_named(lag):>14}" for lag in lags)
        head = f"{'strategy':24}{'kept':>8}  {'95 % interval':18}{'to recency':>11}  {'interval':18}"
        say_row(f"{head}{'x log':>6}  {'interval':12}{later}")
        for row in report.strategies:
            if row.judge == judge:
                say_row(_row(row))
    if any(row.is_asked for row in report.strategies):
        say("* sees the question, as a search does")
    say()
    for each in report.agreement:
        kappa = "not defined" if each.kappa is None else f"{each.kappa:.2f}"
        say(f"kappa of {each.one} and {each.two}: {kappa} ({100 * each.observed:.0f} % the same of {each.case_count})")
    if report.unclear_count:
        say(f"answers that were neither yes nor no: {report.unclear_count}")
    for note in report.notes:
        say(note)
    say(f"{'worth it' if report.verdict.is_kept else 'stay with recency'}: {report.verdict.why}", bold=True)


def _named(lag: int) -> str:
    return "same session" if not lag else f"+{lag}"


def _row(row: StrategyFigures) -> str:
    times = _NONE if row.times_log is None else f"{row.times_log.mean:.1f}"
    lags = "".join(f"{_percent(each.retention):>14}" for each in row.lags)
    name = f"{row.strategy}{'*' if row.is_asked else ''}"
    points = _NONE if row.against_recency is None else f"{100 * row.against_recency.mean:+.1f}"
    return (
        f"{name:24}{_percent(row.retention):>8}  {_span(row.retention):18}{points:>11}  "
        f"{_span(row.against_recency):18}{times:>6}  {_times(row.times_log):12}{lags}"
    )


def _percent(interval: Interval | None) -> str:
    return _NONE if interval is None else f"{100 * interval.mean:.1f} %"


def _times(interval: Interval | None) -> str:
    if interval is None or interval.low is None or interval.high is None:
        return _NONE
    return f"{interval.low:.1f} to {interval.high:.1f}"


def _span(interval: Interval | None) -> str:
    if interval is None or interval.low is None or interval.high is None:
        return _NONE
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


@eval_command.command("detector")
@click.argument("labelled", type=click.Path(path_type=Path), metavar="LABELLED")
@click.option("--seed", type=int, default=SEED, show_default=True, help="The same seed gives the same intervals.")
@_resamples
@reads
def detector(app: App, labelled: Path, seed: int, resamples: int) -> None:
    """Measure how well corrections are found

    LABELLED is a folder with labels.jsonl and the logs it names, or such a file: `bank corrections label` writes one.
    Prints precision, recall and F1 with 95 % intervals by bootstrap over logs, what each rule found, and every error.

    \b
    Examples:
      bank eval detector labelled/
      bank eval detector labelled/ --json
    """
    figures = app.face(Evaluation).detector(labelled, seed=seed, resamples=resamples)
    if app.as_json:
        answer(figures)
        return
    _show_detector(figures)


def _show_detector(figures: DetectorFigures) -> None:
    say(f"{figures.turn_count} labelled turns, {figures.correction_count} of them corrections")
    for name, figure in (("precision", figures.precision), ("recall", figures.recall), ("F1", figures.f1)):
        say(f"  {name:10}{_figure(figure)}")
    if figures.stale_count:
        say(f"left out, as the log has another text there now: {figures.stale_count}")
    for rule in figures.rules:
        say_row(f"  {rule.rule:28}{rule.hit_count} right, {rule.false_alarm_count} wrong")
    for error in figures.errors:
        what = f"false alarm of {error.rule}" if error.rule else "missed"
        say_row(f"{error.file}:{error.line}  {what}: {error.text}")


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return _NONE
    span = "" if figure.low is None or figure.high is None else f"  ({figure.low:.3f} to {figure.high:.3f})"
    return f"{figure.value:.3f}{span}"
