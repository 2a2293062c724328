"""What two sides want of each line, and where they do not want the same."""

from __future__ import annotations

from collections import defaultdict

from tests.team.histories.making import WHOLE
from tests.team.histories.versions import State, Version

Three = tuple[Version, Version, Version]  # base, ours, theirs


def same_or_changed(base: object, ours: object, theirs: object) -> tuple[object, bool]:
    """Return what a part should be, and whether both sides changed it to something different."""
    if theirs in (ours, base):
        return ours, False
    return (theirs, False) if ours == base else (ours, True)


def expected_state(three: Three, token: str) -> State | None:
    """Return a line as it should be where the two sides agree, or only one of them did something; None: not there."""
    before, ours, theirs = (each.states.get(token) for each in three)
    if before is None:
        added = ours or theirs
        return _with_its_item(three, added) if added else None
    if ours is None or theirs is None:
        return None
    state = State(*(str(same_or_changed(*part)[0]) for part in zip(before, ours, theirs, strict=True)))
    return _with_its_item(three, state)


def _with_its_item(three: Three, state: State) -> State:
    """Return a line where the item is that it belongs to, as one side may have moved that."""
    item = expected_state(three, state.parent) if state.parent else None
    return state._replace(section=item.section) if item else state


def changed_twice(three: Three) -> tuple[set[str], set[str]]:
    """Return the tokens whose two changes cannot both be had, and the names of all that both sides changed."""
    both, above = _below_what_is_gone(three)
    both |= {token for token in every_token(three) if _contested(three, token)}
    return both, both | above | _units(three) | _bodies(three) | _orders(three)


def born_twice(three: Three, token: str) -> bool:
    """Tell whether both sides wrote a line, not in the same words or not in the same place: these are two lines."""
    old, one, two = three
    if token in old.states or token not in one.states or token not in two.states:
        return False
    if one.states[token] != two.states[token] or one.above(token) != two.above(token):
        return True
    return any(born_twice(three, key) for key in (one.states[token].section, one.states[token].parent))


def every_token(three: Three) -> set[str]:
    """Return the tokens of all three texts."""
    return {token for each in three for token in each.states}


def _contested(three: Three, token: str) -> bool:
    before, ours, theirs = (each.states.get(token) for each in three)
    if ours == theirs:
        return False
    if before is None:
        return bool(ours and theirs)
    if ours is None or theirs is None:
        return (ours or theirs or before) != before
    return any(same_or_changed(*part)[1] for part in zip(before, ours, theirs, strict=True))


def _below_what_is_gone(three: Three) -> tuple[set[str], set[str]]:
    """Return what one side wrote under a heading or an item that the other deleted, and those headings and items."""
    old, one, two = three
    tokens, gone = set(), set()
    for mine, other in ((one, two), (two, one)):
        for token, state in mine.states.items():
            above = {key for key in (state.parent, *mine.paths[token]) if key in old.states and key not in other.states}
            if above and state != old.states.get(token):
                tokens.add(token)
                gone |= above
    return tokens, gone


def _units(three: Three) -> set[str]:
    """Return what has several lines, such as a paragraph, and was changed on both sides in different lines."""
    old, one, two = three
    touched: tuple[dict[str, set[str]], dict[str, set[str]]] = (defaultdict(set), defaultdict(set))
    for changes, side in zip(touched, (one, two), strict=True):
        for token in {*old.states, *side.states}:
            if old.states.get(token) != side.states.get(token):
                for unit in {each.unit_of[token] for each in (old, side) if token in each.unit_of}:
                    changes[unit].add(token)
    shared = touched[0].keys() & touched[1].keys()
    return {
        unit
        for unit in shared
        if len(touched[0][unit] | touched[1][unit]) > 1 and one.units.get(unit) != two.units.get(unit)
    }


def _bodies(three: Three) -> set[str]:
    """Return the sections that are replaced as a whole, and were by both."""
    old, one, two = (each.bodies for each in three)
    keys = {*old, *one, *two} & WHOLE
    return {key for key in keys if one.get(key) != two.get(key) and old.get(key) not in (one.get(key), two.get(key))}


def _orders(three: Three) -> set[str]:
    """Return the sections that both put into an order of their own."""
    old, one, two = three
    return {
        key
        for key in old.order
        if reordered(old, one, key) and reordered(old, two, key) and one.order.get(key) != two.order.get(key)
    }


def reordered(old: Version, new: Version, key: str) -> bool:
    """Tell whether the lines that a section still has are in another order."""
    before, after = old.order.get(key, []), new.order.get(key, [])
    common = set(before) & set(after)
    return [token for token in before if token in common] != [token for token in after if token in common]
