"""The measurement: nothing later leaks, nobody sees what is asked, and the same seed gives the same report."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.detection.markers import load_markers
from memorybank.corrections.evaluation.detector import evaluate_detector
from memorybank.corrections.evaluation.judges import models_of
from memorybank.corrections.evaluation.labelled import read_labelled
from memorybank.corrections.evaluation.logs import Logs, read_labelled_logs
from memorybank.corrections.evaluation.measure import Extent, Judges, measure
from memorybank.corrections.evaluation.strategies import Context, Moment, Strategy, chosen, strategies_of
from memorybank.corrections.transcripts.event import Event
from memorybank.errors import FieldError
from memorybank.records.corrections.settings import CorrectionSettings
from tests.benchmarks.correction_retention import widened
from tests.corrections.evaluation.made_logs import made_logs
from tests.running import bank, bank_process

if TYPE_CHECKING:
    from memorybank.corrections.evaluation.fidelity import FidelityReport, StrategyFigures

BUDGET = 600
JUDGES = Path(__file__).parent / "judges"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Logs:
    return read_labelled_logs(read_labelled(made_logs(tmp_path_factory.mktemp("logs"))), load_markers())


def measured(logs: Logs, *names: str, judges: Judges | None = None, extent: Extent | None = None) -> FidelityReport:
    every = strategies_of(CorrectionSettings(), BUDGET, 1)
    return measure(
        logs.sessions, logs.known, chosen(every, names), judges or Judges(), extent or Extent(BUDGET, 600, 1, 200)
    )


def row(report: FidelityReport, name: str) -> StrategyFigures:
    return next(each for each in report.strategies if each.strategy == name)


def mean(report: FidelityReport, name: str) -> float:
    retention = row(report, name).retention
    assert retention is not None
    return retention.mean


def test_pairs_survive_where_the_log_was_cut(logs: Logs) -> None:
    report = measured(logs, "mixture", "random", "bm25-question")
    assert (report.session_count, report.longer_count, report.pair_count) == (6, 6, 12)
    assert mean(report, "truncated-log") == 0
    assert mean(report, "recency") >= 0.8
    assert 0 < mean(report, "random") < mean(report, "bm25-question")
    assert row(report, "bm25-question").is_asked


def test_a_log_that_fits_loses_nothing(logs: Logs) -> None:
    """The truncated log is not made worse than it is."""
    large = 60_000
    every = strategies_of(CorrectionSettings(), large, 1)
    report = measure(logs.sessions, logs.known, chosen(every, ["recency"]), Judges(), Extent(large, 600, 1, 200))
    assert (report.longer_count, mean(report, "truncated-log")) == (0, 1.0)


def test_no_strategy_sees_what_is_asked_or_what_comes_later(logs: Logs) -> None:
    seen: list[tuple[int, str]] = []

    def fill(moment: Moment, question: str) -> list[Context]:
        last = len(moment.sessions) - 1
        assert all(moment.homes[each.id] <= last for each in moment.pool)
        assert all(each.origin.at <= moment.sessions[-1].ended for each in moment.pool)
        assert not any(each.label or each.is_pinned for each in moment.pool)
        seen.append((last, question))
        return [Context("")]

    every = {name: each for name, each in strategies_of(CorrectionSettings(), BUDGET, 1).items() if name == "recency"}
    measure(logs.sessions, logs.known, [*every.values(), Strategy("spy", fill)], Judges(), Extent(BUDGET, 600, 1, 100))
    # once for each moment, however many pairs are asked about there
    assert sorted(seen) == [(at, "") for at in range(6)]


def test_what_a_person_decided_later_is_not_known_at_the_moment(logs: Logs) -> None:
    decided = [
        each._replace(corrections=tuple(one._replace(label="critical", is_pinned=True) for one in each.corrections))
        for each in logs.sessions
    ]
    assert measured(logs, "only-label") == measured(Logs(decided, logs.known), "only-label")


def test_every_context_has_the_same_budget(logs: Logs) -> None:
    moments = [Moment(logs.sessions, tuple(c for s in logs.sessions for c in s.corrections), {}, None)]  # type: ignore[arg-type]
    for name in ("truncated-log", "truncated-talk"):
        strategy = strategies_of(CorrectionSettings(), BUDGET, 1)[name]
        assert len(strategy.fill(moments[0], "")[0].text) <= BUDGET
    assert all(each.characters <= BUDGET for each in measured(logs).strategies)


def test_judges_that_are_programs_are_asked_and_compared(logs: Logs) -> None:
    programs = [f"{name}='{sys.executable}' '{JUDGES / name}.py'" for name in ("by_words", "by_letters")]
    judges = Judges(tuple(models_of([each.replace("by_", "", 1) for each in programs], option="judge")))
    report = measured(logs, "truncated-talk", judges=judges, extent=Extent(BUDGET, 8, 1, 100))
    assert [each.judge for each in report.strategies if each.strategy == "recency"] == [
        "deterministic",
        "words",
        "letters",
    ]
    assert len(report.agreement) == 3
    assert report.unclear_count == 0


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(FieldError, match="no strategy 'summary' \\(it needs --summary-command\\)"):
        chosen(strategies_of(CorrectionSettings(), BUDGET, 1), ["summary"])


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = made_logs(tmp_path / "logs", sessions=4, filler=3)
    project = tmp_path / "project"
    project.mkdir()
    home = {"MEMORYBANK_HOME": str(tmp_path / "home")}
    assert bank(project, "init", env=home).returncode == 0
    outputs = []
    for seed in ("1", "2"):
        words = ("eval", "corrections", "--source", str(folder), "--budget-chars", "500", "--svg", "plot.svg", "--json")
        done = bank_process(project, *words, env={**home, "PYTHONHASHSEED": seed})
        assert done.returncode == 0, done.stderr
        outputs.append((done.stdout, (project / "plot.svg").read_bytes()))
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0][0])["case_count"] == 14


def test_a_picture_replaces_no_other_file(tmp_path: Path) -> None:
    folder = made_logs(tmp_path / "logs", sessions=1, filler=1)
    env = {"MEMORYBANK_HOME": str(tmp_path / "home")}
    assert bank(tmp_path, "init", env=env).returncode == 0
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    done = bank(tmp_path, "eval", "corrections", "--source", str(folder), "--svg", "notes.txt", env=env)
    assert done.returncode != 0
    assert "no SVG picture" in done.stderr
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_how_often_the_same_was_said_is_counted_at_each_moment(tmp_path: Path) -> None:
    """Sessions 6 and 7 of these repeat the corrections of 0 and 1: before, nobody can know that."""
    logs = read_labelled_logs(read_labelled(made_logs(tmp_path / "logs", sessions=8, filler=1)), load_markers())
    seen: dict[int, int] = {}

    def fill(moment: Moment, question: str) -> list[Context]:
        seen[len(moment.sessions)] = max(each.sessions for each in moment.pool)
        return [Context("")]

    every = strategies_of(CorrectionSettings(), BUDGET, 1)
    spied = [every["recency"], every["truncated-log"], Strategy("spy", fill)]
    measure(logs.sessions, logs.known, spied, Judges(), Extent(BUDGET, 600, 1, 100))
    assert seen == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 2, 8: 2}


def test_labels_stay_at_their_turns_where_work_is_put_between_them(tmp_path: Path) -> None:
    folder = made_logs(tmp_path / "logs", sessions=2, filler=1)
    work = [[Event("call", "assistant", tool="Read"), Event("result", "harness", "x" * 3000)]]
    wide = widened(read_labelled(folder), work, tmp_path / "wide")
    assert evaluate_detector(read_labelled(wide), rounds=0) == evaluate_detector(read_labelled(folder), rounds=0)
    sizes = [each.size for each in read_labelled_logs(read_labelled(wide), load_markers()).sessions]
    assert min(sizes) > 9000
