"""The work of whoever keeps a team's memory in order: confirm, introduce, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.team.hygiene.confirm import Confirmation


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
