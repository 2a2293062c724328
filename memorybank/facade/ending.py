"""The end of a session: what has to be written before the work is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from memorybank.workflow.outcome.wrap_up import WrapUp


class Ending(Face):
    """The methods of a bank for the end of a session."""

    __slots__ = ()

    def wrap_up(self, *, since: str | datetime = "", none: Sequence[str] = ()) -> WrapUp:
        """Return what has to be written before the work is done, each point with the command that settles it.

        It looks at what was done since the current session began, or since `since`. `none` names points for which
        there was nothing to write; that is kept for this session.

        Raises:
            FieldError: a point in `none` is unknown, or `since` is not a day or time.
        """
        from memorybank.workflow.outcome.wrap_up import wrap_up

        return wrap_up(self._folder, self._way(), since=self._moment(since, "since"), none=none)
