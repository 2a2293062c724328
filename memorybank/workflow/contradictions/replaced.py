"""Check whether a text drops what an earlier one chose, or chooses what an earlier one dropped."""

from __future__ import annotations

from typing import NamedTuple

from memorybank.workflow.contradictions.choices import Choice, Drop, Name, beginnings, keys_of, said_in
from memorybank.workflow.contradictions.plain import is_plain

# a use for one of these may be a part of it: `GraphQL rather than REST for mobile`, after `API: REST`
_WHOLES = keys_of(
    "api backend config database db deployment format framework frontend hosting infrastructure language platform"
    " runtime stack storage testing tests ui"
)


class Replacement(NamedTuple):
    """What a text replaces of an earlier one: both values as written, and what the earlier one is for.

    `wholly` if it says plainly that it replaces all that the earlier one chooses; `open` if it chooses something else
    without a purpose.
    """

    subject: str
    new: str
    old: str
    scope: frozenset[str] = frozenset()
    wholly: bool = False
    open: bool = False


def replaced(new: str, old: str) -> Replacement | None:
    """Return what a new line drops or takes up again of an earlier one; None if both can be true.

    A name in another place (`NATS instead of Redis for the queue`, `Redis for the cache`) is another choice.
    """
    mine = said_in(new)
    named = [each.name for each in mine.dropped] + [each.name for each in mine.chosen]
    if not named:
        return None
    words = frozenset[str]().union(*(name.words for name in named))
    # most lines name none of it: their letters show it before their words do
    if not words or not beginnings(words).search(old) or not words & keys_of(old):
        return None
    theirs = said_in(old)
    for drop in mine.dropped:
        for choice in theirs.chosen:
            if _is_dropped(choice, drop, mine.chosen) and not _is_kept(choice, mine.chosen):
                is_whole = choice.whole and (not drop.scope or drop.scope == choice.scope)
                wholly = is_whole and _is_named(choice.name, drop.name) and is_plain(new)
                said, is_open = choice.name.said, not (drop.scope or drop.forbidden)
                return Replacement(said, _taken(mine.chosen, drop), said, choice.scope, wholly, is_open)
    for choice in mine.chosen:
        for drop in theirs.dropped:
            if _is_taken_up(choice, drop):
                return Replacement(choice.name.said, choice.name.said, f"not {drop.name.said}")
        for other in theirs.chosen:
            if _is_other_version(choice, other):
                return Replacement(other.name.said, choice.name.said, other.name.said)
    return None


def _taken(chosen: tuple[Choice, ...], drop: Drop) -> str:
    """Return what is chosen instead of what is dropped, as written."""
    return chosen[0].name.said if chosen and not drop.forbidden else f"not {drop.name.said}"


def _is_dropped(choice: Choice, drop: Drop, chosen: tuple[Choice, ...]) -> bool:
    if not _is_same(choice, drop) or (drop.faint and choice.bare):
        return False
    if not _is_named(choice.name, drop.name) and (drop.forbidden or not chosen):
        # a version is dropped, and not the product
        return False
    if not choice.scope:
        # "never use X for Y" is an exception, "Z instead of X for Y" is a change
        return not (drop.forbidden and drop.scope)
    return _is_within(choice.scope, drop.scope) or (choice.scope <= _WHOLES and not drop.forbidden and not drop.named)


def _is_taken_up(choice: Choice, drop: Drop) -> bool:
    if not _is_same(choice, drop) or drop.faint or not _is_named(choice.name, drop.name):
        return False
    if choice.scope and not drop.scope:
        return drop.forbidden
    return choice.scope == drop.scope or bool(drop.scope and choice.scope and _is_within(choice.scope, drop.scope))


def _is_kept(choice: Choice, chosen: tuple[Choice, ...]) -> bool:
    """Check whether a new text only says more of what was chosen: `Postgres 16 instead of 14`, after `Postgres`."""
    return any(each.name.words == choice.name.words and not choice.name.version for each in chosen)


def _is_other_version(choice: Choice, other: Choice) -> bool:
    one, two = choice.name, other.name
    if choice.bare or other.bare:
        return False
    return choice.scope == other.scope and bool(one.words) and one.words == two.words and not _fits(one, two)


def _is_same(choice: Choice, drop: Drop) -> bool:
    """Check whether both name the same; `JWT` for authentication and `JWT authentication` do."""
    purpose = choice.scope | drop.scope
    one, two = choice.name.words - purpose, drop.name.words - purpose
    return bool(one) and one == two and _fits(choice.name, drop.name)


def _fits(one: Name, two: Name) -> bool:
    """Check whether two versions can be the same: 3 and 3.12."""
    return (
        not one.version
        or not two.version
        or f"{one.version}.".startswith(f"{two.version}.")
        or (f"{two.version}.".startswith(f"{one.version}."))
    )


def _is_named(one: Name, dropped: Name) -> bool:
    """Check whether what is dropped includes a name: `Node` includes `Node 18`, and not the other way."""
    return not dropped.version or f"{one.version}.".startswith(f"{dropped.version}.")


def _is_within(one: frozenset[str], two: frozenset[str]) -> bool:
    """Check whether one of two subjects is a part of the other; a subject without words is everything."""
    return one <= two or two <= one
