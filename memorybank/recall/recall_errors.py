"""Errors of searching and loading."""

from __future__ import annotations

from memorybank.errors import RefusedError, SetUpError


class BudgetError(RefusedError):
    """The budget is too small for the pinned lines; the message says how much they need."""

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


class MissingExtraError(SetUpError):
    """An optional package of this feature is not installed; the hint is the command that installs it."""

    code = "missing-extra"

    def __init__(self, *, extra: str, needs: str) -> None:
        super().__init__(
            path=needs or extra, why="this package is not installed", hint=f"pip install 'memorybank[{extra}]'"
        )
