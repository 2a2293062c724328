"""Introduce a new member to a project in five days, from what its bank holds, within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.recall.loading.budget import count_tokens
from memorybank.team.hygiene.as_markdown import code, inline
from memorybank.team.hygiene.days import DAYS
from memorybank.team.hygiene.parts import Part, Shelf, listed, shelf_of, unread

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.store.folder import BankFolder

    class PartWire(TypedDict):
        """A thing to read on one day."""

        title: str
        where: str
        text: str
        command: str

    class DayWire(TypedDict):
        """A day of the introduction."""

        day: int
        title: str
        parts: list[PartWire]
        count: int
        omitted_count: int
        gap: str
        hint: str

    class IntroductionWire(TypedDict):
        """The JSON form of an introduction."""

        name: str
        days: list[DayWire]
        count: int
        tokens: int
        budget: int | None
        unread_files: list[str]
        text: str


_MOST_UNREAD = 3


class DayPage(NamedTuple):
    """What is read on a day: its parts, how many things are left out, the lines of the page.

    `gap` says what is missing if there is nothing to read, and `fill` is the command that writes it.
    """

    number: int
    title: str
    parts: tuple[Part, ...]
    omitted: int
    gap: str
    fill: str
    lines: tuple[str, ...]

    def to_wire(self) -> DayWire:
        """Return the JSON form."""
        return {
            "day": self.number,
            "title": self.title,
            "parts": [
                {"title": each.head, "where": each.where, "text": "\n".join(each.lines), "command": each.command}
                for each in self.parts
            ],
            "count": len(self.parts),
            "omitted_count": self.omitted,
            "gap": self.gap,
            "hint": self.fill,
        }


class Introduction(NamedTuple):
    """The days, and all of it as one page of Markdown; `budget` is None without a limit.

    `unread` names the files that could not be read, or not be split into sections.
    """

    name: str
    days: tuple[DayPage, ...]
    budget: int | None
    text: str
    unread: tuple[str, ...] = ()

    def to_wire(self) -> IntroductionWire:
        """Return the JSON form."""
        return {
            "name": self.name,
            "days": [each.to_wire() for each in self.days],
            "count": len(self.days),
            "tokens": count_tokens(self.text),
            "budget": self.budget,
            "unread_files": list(self.unread),
            "text": self.text,
        }


def onboard(bank: BankFolder, *, day: int = 0, budget: int | None = None) -> Introduction:
    """Return what a new member reads on each of five days, or on one of them, in at most so many tokens.

    A day without anything says what is missing, and with which command it is written. A day may take what the days
    before it left of their shares.

    Raises:
        FieldError: there is no such day, or the budget is too small for the headings.
    """
    if day and day not in {each.number for each in DAYS}:
        raise FieldError(field="day", why=f"there is no day {day}", hint=f"choose from 1 to {len(DAYS)}")
    wanted = [each for each in DAYS if day in {0, each.number}]
    name = bank.config.name or bank.project.name
    missed = unread(bank)
    head = [f"# Get to know {inline(name)}"]
    for file, command in missed[:_MOST_UNREAD]:
        head += ["", f"Not read: {code(file)}, see {code(command)}"]
    if len(missed) > _MOST_UNREAD:
        head += ["", f"Not read: {len(missed) - _MOST_UNREAD} more files, see `bank check`"]
    shelves = [shelf_of(bank, each) for each in wanted]
    pages = [_page(each, each.parts) for each in shelves]
    if budget is not None:
        frames = [_cost(_page(each, ()).lines) for each in shelves]
        room = budget - _cost(head) - sum(frames)
        if room < 0:
            why = f"{budget} tokens are too few for the headings"
            raise FieldError(field="budget", why=why, hint=f"--budget-tokens {budget - room}")
        pages = []
        for left, (shelf, frame) in zip(range(len(shelves), 0, -1), zip(shelves, frames, strict=True), strict=True):
            page = _fitted(shelf, frame + room // left)
            room -= _cost(page.lines) - frame
            pages.append(page)
    text = "\n".join([*head, *(line for page in pages for line in page.lines)]) + "\n"
    return Introduction(name, tuple(pages), budget, text, tuple(file for file, _ in missed))


def _cost(lines: tuple[str, ...] | list[str]) -> int:
    return count_tokens("".join(f"{line}\n" for line in lines))


def _fitted(shelf: Shelf, room: int) -> DayPage:
    """Return a day with the parts that fit into so many tokens, each whole, in its short form or not at all."""
    taken: list[Part] = []
    page = _page(shelf, ())
    for part in shelf.parts:
        for lines in (part.lines, part.short):
            tried = _page(shelf, (*taken, part._replace(lines=lines))) if lines else None
            if tried is not None and _cost(tried.lines) <= room:
                taken.append(part._replace(lines=lines))
                page = tried
                break
    return page


def _page(shelf: Shelf, parts: tuple[Part, ...]) -> DayPage:
    """Return a day with these parts of its shelf; how many others there are is said at its end."""
    day = shelf.day
    omitted = len(shelf.parts) - len(parts)
    is_empty = not shelf.parts
    lines = ["", f"## Day {day.number}: {day.title}"]
    if is_empty:
        lines += ["", f"{day.gap} To fill the gap:", "", f"    {day.fill}"]
    lines += listed(parts)
    if omitted:
        verb = "is" if omitted == 1 else "are"
        lines += ["", f"{omitted} more {verb} left out: {code(f'bank onboard --day {day.number}')}"]
    for count, command in shelf.more:
        lines += ["", f"{count} more: {code(command)}"]
    more = omitted + sum(count for count, _ in shelf.more)
    return DayPage(day.number, day.title, parts, more, *((day.gap, day.fill) if is_empty else ("", "")), tuple(lines))
