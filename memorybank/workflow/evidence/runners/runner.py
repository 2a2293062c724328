"""Runner: what is known of one program that runs tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from memorybank.workflow.evidence.runners.counts import Counts


class Runner(NamedTuple):
    """A program that runs tests: the words that call it, and the function that returns one count per summary.

    `adds`: one run may print several summaries, which are added up. `reports`: it can print JUnit XML or TAP instead.
    `idle` are the options with which it runs no test. `begun` matches a line that shows that it ran, also if no count
    can be read. `within` are the runners whose summary contains this one's too. `report` are the words that let it
    write report.xml or report.json, or print such a report; `results` is where it writes reports in any case. `also`
    are other words that call it. `signs` are words: an output that has none of them has nothing for `read` or `begun`,
    and is not searched; without `signs` each output is. `alike` are runners that print lines as those of `begun`:
    beside a count of theirs `begun` shows nothing.
    """

    name: str
    words: tuple[str, ...]
    read: Callable[[str], list[Counts]]
    adds: bool = False
    reports: bool = False
    idle: tuple[str, ...] = ()
    begun: re.Pattern[str] | None = None
    within: tuple[str, ...] = ()
    report: str = ""
    results: str = ""
    also: tuple[tuple[str, ...], ...] = ()
    signs: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    def may_be_in(self, text: str) -> bool:
        """Check whether an output can have something of this runner."""
        return not self.signs or any(sign in text for sign in self.signs)

    @property
    def uncounted(self) -> str:
        """Why a run is no proof if its output has no count, and what to do."""
        why = f"{self.name} was recognised, but its output has no count: it is unknown which tests ran"
        if self.results:
            return f"{why}; count the reports that it writes: bank prove … --report {self.results} -- …"
        if not self.report:
            return why
        name = next((f" --report {each}" for each in ("report.xml", "report.json") if each in self.report), "")
        return f"{why}; let it {'write' if name else 'print'} a report: bank prove …{name} -- … {self.report}"
