"""Errors of loading."""

from __future__ import annotations

from memorybank.errors import RefusedError


class BudgetError(RefusedError):
    """The budget is too small for what may not be left out; the message says how much that needs."""

    code = "budget"

    def __init__(self, *, needed: int, limit: int, unit: str, count: int, command: str) -> None:
        super().__init__(
            f"the {count} pinned lines need {needed} {unit}, the budget is {limit}",
            hint=f"{command} --budget-{unit} {needed}",
            where="User Standards",
            needed=needed,
            budget=limit,
            unit=unit,
        )
