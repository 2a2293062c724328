"""Find the outline of a Markdown file, its top-level headings, in linear time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.scanner.block_scanner import Machine
from memorybank.document.scanner.nodes import Heading, OpenBlock, TooMuch

if TYPE_CHECKING:
    from memorybank.document.scanner.skimmer import Skimmer

__all__ = ["MAX_HEADINGS", "Heading", "OpenBlock", "Outline", "TooManyHeadings", "scan"]

MAX_HEADINGS = 200_000
# characters; below this size, reading each line is faster than building the patterns that skip most lines
MACHINE_ONLY = 128 * 1024
MACHINE_LINES = 4_000


class TooManyHeadings(TooMuch):
    """A file has too many headings."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"it has more than {limit} headings")
        self.limit = limit


class Outline(NamedTuple):
    """Headings in order, and the fence or HTML block that runs to the end because it is not closed."""

    headings: tuple[Heading, ...]
    unterminated: OpenBlock | None


def scan(shadow: str, start: int = 0, *, until: int | None = None) -> Outline:
    """Find the top-level headings from an offset where no block is open.

    With `until`, the search stops at the first heading that starts there or later; then `unterminated` is None.

    Raises:
        TooMuch: there are more than MAX_HEADINGS headings, or too many lines to read one by one.
    """
    return Scanner(shadow).scan(start, until)


class Scanner:
    """One scan; afterwards `machine.line_count` is the number of lines that were read one by one.

    The machine reads the first `machine_only` characters or MACHINE_LINES lines, then a skimmer takes over.
    """

    def __init__(self, shadow: str, *, machine_only: int = MACHINE_ONLY) -> None:
        self.machine = Machine(shadow, len(shadow), record=False)
        self._machine_only = machine_only

    def scan(self, start: int, until: int | None) -> Outline:
        """Find the headings; see the function `scan`."""
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
