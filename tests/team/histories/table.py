"""Count what accounts found, and print it as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING

from tests.team.histories.accounting import FAULTS

if TYPE_CHECKING:
    from tests.team.histories.accounting import Account


@dataclass
class Tally:
    """One row: merges of one kind."""

    title: str
    merges: int = 0
    clean: int = 0
    needed: int = 0
    needless: int = 0
    wrong: int = 0
    blocks: int = 0
    needless_blocks: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    def add(self, account: Account, where: str) -> None:
        """Add the account of one merge of a file that both sides changed."""
        self.merges += 1
        self.blocks += account.conflicts
        self.needless_blocks += account.needless_blocks
        if not account.conflicts:
            self.clean += 1
        elif account.needless:
            self.needless += 1
        else:
            self.needed += 1
        for kind, what in account.faults:
            self.fault(kind, f"{where}: {what}")
        self.wrong += bool(account.faults)

    def fault(self, kind: str, what: str) -> None:
        """Add a fault."""
        self.faults[kind] += 1
        self.shown.append(f"{kind} {what}")

    @property
    def needless_rate(self) -> float:
        """Return the share of needless conflicts."""
        return self.needless / self.merges if self.merges else 0.0

    def row(self) -> str:
        """Return the row as text."""
        low, high = interval(self.needless, self.merges)
        cells = [f"{self.title:28}", f"{self.merges:6}", f"{self.clean:6}", f"{self.needed:6}", f"{self.needless:5}"]
        cells.append(f"{100 * self.needless_rate:5.1f} % [{100 * low:.1f}, {100 * high:.1f}]".ljust(22))
        cells.append(f"{self.needless_blocks}/{self.blocks}".rjust(9))
        cells.append(f"{self.wrong:5}")
        cells.append(", ".join(f"{self.faults[kind]} {kind}" for kind in FAULTS if self.faults[kind]) or "no fault")
        return "  ".join(cells)


HEAD = "  ".join(
    [
        *(f"{'':28}", "merges", " clean", "needed", "needl", "needless, 95 %        ", "in blocks", "wrong"),
        "lines (faults)",
    ]
)


def interval(hits: int, tries: int) -> tuple[float, float]:
    """Return Wilson's interval of a share, at 95 %."""
    if not tries:
        return 0.0, 1.0
    z = 1.96
    share = hits / tries
    middle = (share + z * z / (2 * tries)) / (1 + z * z / tries)
    spread = z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries)) / (1 + z * z / tries)
    return max(0.0, middle - spread), min(1.0, middle + spread)
