"""Corrections for a session: those that fit into a budget, those that match a query, and what each weighs today."""

from __future__ import annotations

from time import monotonic, time_ns
from typing import TYPE_CHECKING

from memorybank.facade.face import Face, check_limit
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.recall.corrections.decayed import DecayedList
    from memorybank.recall.corrections.find_matches import CorrectionHits
    from memorybank.recall.corrections.within_budget import CorrectionLoad


class Retrieval(Face):
    """The methods of `bank.corrections` that give corrections to who asks. Each call is a line of the log of calls."""

    __slots__ = ()

    def load(
        self,
        *,
        budget_chars: int | None = None,
        budget_tokens: int | None = None,
        window: int | None = None,
        query: str = "",
        strategy: str = "",
        confirmed: bool = True,
    ) -> CorrectionLoad:
        """Return the best corrections that fit into a budget: those that were accepted, and those that wait.

        Without a budget it is `corrections.budget_chars` of the settings. `window` is the size of the model's window
        in tokens: the answer has a warning if it takes more than 70 % of it. With a query, what matches it comes first.
        The strategy is mixture, or a signal that ranks alone, such as recency; without one, the settings choose it.
        An answer that has a warning and is not `confirmed` gives nothing but that.

        Raises:
            FieldError: the budget, the window or the strategy is not valid.
            ConfigError: a setting is invalid.
        """
        from memorybank.recall.corrections.within_budget import CorrectionOptions, load_corrections

        begun = monotonic()
        matches = None
        if query.strip():
            from memorybank.recall.corrections.find_matches import scores_of

            matches = scores_of(self._folder, query, now_ns=time_ns())
        wish = CorrectionOptions(budget_chars, budget_tokens, window, query, strategy)
        found = load_corrections(self._folder, self._caller.now(), wish, matches)
        if found.warning and not confirmed:
            found = found.withheld()
        ids = [each.correction.id for each in found.chosen]
        self._log("load", begun, ids, query, len(found.text.encode("utf-8", "replace")), found.tokens, found.window)
        return found

    def search(self, query: str, *, limit: int = 10) -> CorrectionHits:
        """Return the corrections that match a query, best first: those that were accepted, and those that wait.

        Words, names and exact values are found as in `Bank.search`, with typos.

        Raises:
            FieldError: the limit is below 1.
        """
        from memorybank.recall.corrections.find_matches import find_matches

        check_limit(limit, least=1)
        begun = monotonic()
        found = find_matches(self._folder, query, now_ns=time_ns(), limit=limit)
        size = sum(len(each.correction.text.encode("utf-8", "replace")) for each in found)
        self._log("search", begun, [each.correction.id for each in found], query, size)
        return found

    def decay(self, *, below: float = 0.1, limit: int = 0, log: bool = False) -> DecayedList:
        """Return the weight that each correction has kept until now, and how many are below a threshold.

        It is computed whenever it is read, so nothing has to run at night; with `log` the call is a line of the log.

        Raises:
            FieldError: the threshold is not from 0 to 1, or the limit is below 0.
        """
        from memorybank.recall.corrections.decayed import decayed

        check_limit(limit, least=0)
        begun = monotonic()
        found = decayed(self._folder, self._caller.now(), below=below, limit=limit)
        if log:
            self._log("decay", begun, [f"{found.below_count} of {found.total} below {found.below:g}"], "", 0)
        return found

    def _log(
        self, what: str, begun: float, about: Iterable[str], query: str, size: int, tokens: int = 0, window: int = 0
    ) -> None:
        """Add a line to the log of calls: ids and sizes, never a text."""
        from memorybank.agents.audit import AuditEntry, record_call
        from memorybank.records.corrections.settings import read_settings

        # who only reads leaves no trace either
        if self._caller.dry_run or not self._caller.logs or not read_settings(self._folder).audit_log:
            return
        spent = round((monotonic() - begun) * 1000, 1)
        asked = len(query.encode("utf-8", "replace"))
        at, client = stamp_of(self._caller.now()), self._caller.tool
        names = (at, client, f"corrections {what}", tuple(about))
        record_call(self._folder, AuditEntry(*names, asked, size, spent, tokens=tokens, window=window))
