"""The predictor of corrections that have to be said again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.corrections.misstep import MisstepFit


class Predicting(Face):
    """The method of `bank.corrections` that learns from the user's own history."""

    __slots__ = ()

    def fit(self) -> MisstepFit:
        """Learn which corrections have to be said again, and give each its chance, if that is better than recency.

        A logistic regression on what was said again before, judged on sessions that it did not see. Where it is not
        better than recency, or there is too little, no correction has a chance: the answer says why.

        Raises:
            MissingExtraError: it needs `pip install 'memorybank[mining]'`.
            RoleError: a reader may not decide.
        """
        from memorybank.corrections.misstep import fit

        return fit(self._folder, self._way())
