"""What corrections and their detector are worth, in figures: `bank.evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.corrections.log_search import LogSearch
from memorybank.facade.face import Face, check_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from memorybank.corrections.evaluation.detector import DetectorFigures
    from memorybank.corrections.evaluation.fidelity import FidelityReport

SEED, RESAMPLES, MOST, SECONDS = 1, 2000, 600, 120.0


class Evaluation(LogSearch):
    """The measurements: `corrections`, `detector`."""

    __slots__ = ()

    def corrections(
        self,
        *,
        source: Path | str | None = None,
        clients: str | Sequence[str] = (),
        since: str | datetime = "",
        budget_chars: int = 0,
        strategies: Sequence[str] = (),
        judges: Sequence[str] = (),
        answer_command: str = "",
        summary_command: str = "",
        generator_family: str = "",
        allow_same_family: bool = False,
        seconds: float = SECONDS,
        most: int = MOST,
        seed: int = SEED,
        resamples: int = RESAMPLES,
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> FidelityReport:
        """Measure how much of what users had to correct is still known in a context of limited size.

        The logs are those of the clients for this project, or those in the folder `source`; if that has a file
        `labels.jsonl`, its labelled logs are used, and the pairs that a person marked are asked about. `budget_chars`
        is 0 for the budget of the settings; of more than `most` questions as many are drawn. `judges` are programs as
        NAME=COMMAND, whose names say the family of their model; `answer_command` (NAME=COMMAND) answers the questions
        first, and `summary_command` makes the summary. Programs get a prompt on standard input, with texts of the logs
        without secrets, and have `seconds` to answer. A judge of the family that answers, or of `generator_family`, is
        refused unless `allow_same_family`.

        Raises:
            FieldError: an argument is invalid, or a judge is of the family of what it would judge.
            JudgeError: a program cannot be used.
        """
        from memorybank.corrections.evaluation.judges import check_families, models_of
        from memorybank.corrections.evaluation.logs import read_source
        from memorybank.corrections.evaluation.measure import Extent, Judges, measure
        from memorybank.corrections.evaluation.strategies import chosen, strategies_of, summary_of
        from memorybank.corrections.mine import markers_of
        from memorybank.records.corrections.settings import read_settings

        check_limit(budget_chars, least=0, field="budget_chars")
        check_limit(resamples, least=1, field="resamples")
        check_limit(most, least=1, field="most")
        models = models_of(judges, option="judge")
        answering = models_of([answer_command] if answer_command else [], option="answer-command")
        if not allow_same_family:
            check_families(models, [generator_family, *(each.name for each in answering)])
        settings = read_settings(self._folder)
        budget = budget_chars or settings.budget_chars
        environ = self._caller.environ
        every = strategies_of(
            settings,
            budget,
            seed,
            sum_up=summary_of(summary_command, environ, budget, seconds) if summary_command else None,
        )
        wanted = chosen(every, strategies)
        search = self._search(source, clients, since)
        logs = read_source(self._folder, search, markers_of(self._folder), on_progress=on_progress)
        return measure(
            logs.sessions,
            logs.known,
            wanted,
            Judges(tuple(models), answering[0] if answering else None, environ, seconds),
            Extent(budget, most, seed, resamples),
            on_progress=on_progress,
        )

    def detector(self, labelled: Path | str, *, seed: int = SEED, resamples: int = RESAMPLES) -> DetectorFigures:
        """Measure how well corrections are found: on the labelled turns of a folder or file, with intervals.

        Raises:
            FieldError: a line is not a label, or a log of it cannot be read.
        """
        from memorybank.corrections.evaluation.detector import evaluate_detector
        from memorybank.corrections.evaluation.labelled import read_labelled
        from memorybank.corrections.mine import markers_of

        check_limit(resamples, least=1, field="resamples")
        return evaluate_detector(read_labelled(Path(labelled)), markers_of(self._folder), seed=seed, rounds=resamples)


class Evaluating(Face):
    """The measurements of a bank."""

    __slots__ = ()

    @property
    def evaluate(self) -> Evaluation:
        """What corrections and their detector are worth, in figures: `corrections`, `detector`."""
        return Evaluation(self._opened, self._caller)
