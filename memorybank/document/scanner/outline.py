"""The outline of a Markdown file: its top-level headings, found in linear time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.scanner.block_scanner import Machine
from memorybank.document.scanner.nodes import Heading, OpenBlock, TooMuch

if TYPE_CHECKING:
    from memorybank.document.scanner.skimmer import Skimmer

__all__ = ["MAX_HEADINGS", "Heading", "OpenBlock", "Outline", "TooManyHeadings", "scan"]

MAX_HEADINGS = 200_000
# up to here reading each line takes less time than building the patterns that skip most of them
MACHINE_ONLY = 128 * 1024
MACHINE_LINES = 4_000


class TooManyHeadings(TooMuch):
    """A file has more headings than are handled."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} headings")
        self.limit = limit


class Outline(NamedTuple):
    """Headings in order, and the fence or HTML block that runs to the end because nothing closes it."""

    headings: tuple[Heading, ...]
    unterminated: OpenBlock | None


def scan(shadow: str, start: int = 0, *, until: int | None = None) -> Outline:
    """Find the top-level headings from a place on where no block is open.

    With `until` the last heading given is the first one that starts there or later, and `unterminated` is None
    when there is one.

    Raises:
        TooMuch: there are more than MAX_HEADINGS, or more lines than the machine reads one by one.
    """
    return Scanner(shadow).scan(start, until)


class Scanner:
    """One scan; `machine.line_count` tells afterwards how many lines were read one by one.

    The machine reads the first `machine_only` characters, or as many lines as cost no less, then a skimmer takes over.
    """

    def __init__(self, shadow: str, *, machine_only: int = MACHINE_ONLY) -> None:
        self.machine = Machine(shadow, len(shadow), record=False)
        self._machine_only = machine_only

    def scan(self, start: int, until: int | None) -> Outline:
        """See the function of this name."""
        machine = self.machine
        headings = machine.headings
        size = machine.end
        skimmer: Skimmer | None = None
        count = 0
        at = start
        while at < size:
            if skimmer is not None:
                at = skimmer.read(at)
            elif at - start < self._machine_only and machine.line_count < MACHINE_LINES:
                at = machine.read_line(at)
            else:
                from memorybank.document.scanner.skimmer import Skimmer

                skimmer = Skimmer(machine)
                at = skimmer.leave_machine(at)
            if len(headings) > count:
                count = len(headings)
                if count > MAX_HEADINGS:
                    raise TooManyHeadings(MAX_HEADINGS)
                if until is not None and headings[-1].start >= until:
                    return Outline(tuple(headings), None)
        left = machine.finish() if skimmer is None else skimmer.left
        return Outline(tuple(headings), left)
