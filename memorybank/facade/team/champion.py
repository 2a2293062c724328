"""The work of whoever keeps a team's memory in order: confirm, introduce, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.team.hygiene.confirm import Confirmation
    from memorybank.team.hygiene.onboard import Introduction


class Champion(Face):
    """The methods of a bank for the one who keeps it in order."""

    __slots__ = ()

    def confirm(self, wanted: Sequence[str] | str, *, item: str = "") -> Confirmation:
        """Write down today as the day on which records, facts or lines were still true, as one operation.

        Each is an id, the address of a line with its `^id`, or the line's text. With `item`, the number or text of a
        line, it is the address of a section. A review asks again when its interval has passed.

        Raises:
            FieldError: nothing is named, or `item` goes with several.
            NoRecordError, NoItemError: nothing has this id or this text.
            DuplicateAnchorError: several lines have this text.
        """
        from memorybank.team.hygiene.confirm import confirm

        names = [wanted] if isinstance(wanted, str) else wanted
        return confirm(self._folder, names, self._way(), item=item)

    def onboard(self, *, day: int = 0, budget_tokens: int | None = None) -> Introduction:
        """Return what a new member reads on each of five days, from what the bank holds; with `day`, on one of them.

        The days are: architecture and tech stack, development setup, key decisions, common issues, code patterns. A
        day without anything says what is missing and how it is written. Tokens are estimated.

        Raises:
            FieldError: there is no such day, or the budget is too small for the headings.
        """
        from memorybank.team.hygiene.onboard import onboard

        return onboard(self._folder, day=day, budget=budget_tokens)
