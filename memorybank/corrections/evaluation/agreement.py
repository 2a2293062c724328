"""Cohen's kappa: how often two judges agree, beyond what chance would give."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# more than this is enough to trust a change of the weights (the rule of the source)
ENOUGH = 0.6


class Agreement(NamedTuple):
    """How far two judges agree over the answers that both judged.

    `kappa` is None where it is not defined: no common answer, or both judges always said the same one thing.
    """

    one: str
    two: str
    case_count: int
    observed: float
    expected: float
    kappa: float | None


def agreement_of(one: str, two: str, verdicts: Sequence[tuple[bool, bool]]) -> Agreement:
    """Return the agreement of two named judges; each verdict is what the first and the second one said of a case."""
    count = len(verdicts)
    if not count:
        return Agreement(one, two, 0, 0.0, 0.0, None)
    observed = sum(first == second for first, second in verdicts) / count
    first_yes = sum(first for first, _ in verdicts) / count
    second_yes = sum(second for _, second in verdicts) / count
    expected = first_yes * second_yes + (1 - first_yes) * (1 - second_yes)
    # one judge that never varies: there is nothing that could agree beyond chance
    kappa = None if expected >= 1 else (observed - expected) / (1 - expected)
    return Agreement(one, two, count, observed, expected, kappa)
