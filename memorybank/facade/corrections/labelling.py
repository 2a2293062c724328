"""Labels by a person: which turns of session logs are corrections."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.corrections.log_search import LogSearch
from memorybank.facade.face import check_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from memorybank.corrections.evaluation.labelling import Labeller, LabelProgress

OUT = "labels.jsonl"


class Labelling(LogSearch):
    """The methods of `bank.corrections` for labels, which `bank.evaluate.detector` takes."""

    __slots__ = ()

    def label(
        self,
        answers: Mapping[str, str] | None = None,
        *,
        source: Path | str | None = None,
        out: Path | str = OUT,
        clients: str | Sequence[str] = (),
        since: str | datetime = "",
        by: str = "",
        limit: int = 1,
        likely_first: bool = False,
    ) -> LabelProgress:
        """Save `correction` or `none` for turns by their ids, and return these; without answers return the next turns.

        `source`, `clients` and `since` say which logs, as for `bank.evaluate.corrections`; `out` is the file of labels,
        and `by` who labels. `limit` is how many turns without a label are returned, all of them with 0.

        Raises:
            NoRecordError: there is no turn with such an id; nothing was saved.
            FieldError: an answer is no label, or a file of labels is invalid.
        """
        check_limit(limit, least=0)
        labeller = self.labeller(source=source, out=out, clients=clients, since=since, by=by, likely_first=likely_first)
        if answers:
            return labeller.progress(labeller.save_all(answers))
        return labeller.progress(labeller.waiting()[: limit or None])

    def labeller(
        self,
        *,
        source: Path | str | None = None,
        out: Path | str = OUT,
        clients: str | Sequence[str] = (),
        since: str | datetime = "",
        by: str = "",
        likely_first: bool = False,
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> Labeller:
        """Return the turns of some logs, read once, and what saves their labels one by one.

        With `likely_first` the turns in which corrections are found come first; which these are is not said.

        Raises:
            FieldError: a file of labels is invalid.
        """
        from memorybank.corrections.evaluation.labelling import Labeller
        from memorybank.corrections.evaluation.logs import turns_of
        from memorybank.corrections.mine import markers_of

        likely = markers_of(self._folder) if likely_first else None
        turns = turns_of(
            self._folder, self._search(source, clients, since), Path(out), likely=likely, on_progress=on_progress
        )
        return Labeller(turns, Path(out), by=by)
