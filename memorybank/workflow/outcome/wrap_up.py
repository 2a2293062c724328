"""The end of a session: what has to be written before the work is done, each point with the command that settles it.

Every point is answered from what the bank and git know. Whether there was a decision or a lesson nobody but the writer
knows: where work was done and nothing was written down, the point stays open until it is answered.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError, NoFileError
from memorybank.files.write import append_line, read
from memorybank.store.cache import hide_state
from memorybank.times import stamp_of
from memorybank.wire import objects_in
from memorybank.workflow.outcome.points import ANSWERABLE, POINTS, Point
from memorybank.workflow.outcome.work_since import Start, start_of, work_since

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.workflow.outcome.work_since import Written

    class PointWire(TypedDict):
        """One point of the end of a session."""

        name: str
        state: str
        found: str
        hint: str
        is_done: bool

    class WrapUpWire(TypedDict):
        """The JSON form of the end of a session."""

        since: str
        session: str
        points: list[PointWire]
        count: int
        open: list[str]
        is_done: bool


_ANSWERS = "wrap-up.jsonl"
_LAST_BYTES = 256 * 1024


class WrapUp(NamedTuple):
    """The points of the end of a session, and since when they look."""

    since: str
    session: str
    points: tuple[Point, ...]

    @property
    def open(self) -> tuple[Point, ...]:
        """The points that are not settled."""
        return tuple(point for point in self.points if not point.is_done)

    @property
    def is_done(self) -> bool:
        """Whether every point is settled."""
        return not self.open

    def to_wire(self) -> WrapUpWire:
        """Return the JSON form: the points as a list, the names of those that are open, and whether all are settled."""
        return {
            "since": self.since,
            "session": self.session,
            "points": [
                {
                    "name": point.name,
                    "state": point.state,
                    "found": point.found,
                    "hint": point.command,
                    "is_done": point.is_done,
                }
                for point in self.points
            ],
            "count": len(self.points),
            "open": [point.name for point in self.open],
            "is_done": self.is_done,
        }


def wrap_up(
    bank: BankFolder,
    way: Way,
    *,
    since: str = "",
    none: Sequence[str] = (),
    only: Sequence[str] = (),
    written: Written | None = None,
) -> WrapUp:
    """Check what has to be written at the end of a session.

    `none` names points for which there was nothing to write; that is kept in local state for this session.
    With `only`, no other points are looked at. `written` names changed files where git does not.

    Raises:
        FieldError: a point in `none` is unknown, or cannot be answered like this.
    """
    for name in none:
        if name not in ANSWERABLE:
            known = name in {point for point, _ in POINTS}
            why = f"{name} cannot be answered with none" if known else f"unknown point {name!r}"
            choices = ", ".join(sorted(ANSWERABLE))
            raise FieldError(field="none", why=f"{why}: choose from {choices}", hint="bank wrap-up")
    session = way.author.actor.session
    start = start_of(bank, session, way.author.now())
    if since:
        # git takes a day without a time for this hour of that day
        start = Start(since if "T" in since else f"{since}T00:00:00Z", start.session, has_ended=start.has_ended)
    if none and not bank.read_only and not way.options.dry_run:
        hide_state(bank)
        row = {"at": stamp_of(way.author.now()), "session": start.session, "none": list(none)}
        append_line(bank.state / _ANSWERS, json.dumps(row, separators=(",", ":")).encode())
    work = work_since(bank, start, written)
    answered = {*_answered(bank, start), *none}
    points = []
    for name, look_at in POINTS:
        if only and name not in only:
            continue
        point = look_at(bank, work)
        if not point.is_done and name in answered:
            point = Point(name, "none", f"nothing to write, as answered ({point.found})", "")
        points.append(point)
    return WrapUp(start.at, start.session, tuple(points))


def _answered(bank: BankFolder, start: Start) -> set[str]:
    try:
        rows = objects_in(read(bank.state / _ANSWERS)[-_LAST_BYTES:])
    except NoFileError:
        return set()
    given = [row for row in rows if str(row.get("at", "")) >= start.at and row.get("session") == start.session]
    return {str(name) for row in given for name in (row["none"] if isinstance(row.get("none"), list) else ())}
