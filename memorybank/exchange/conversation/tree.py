"""The branch of a conversation that counts: from its beginning to the current message, or to the newest one.

Editing a message or asking for another answer makes a conversation a tree. In a broken one, the pieces are put in a
row, and the branch says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Node(NamedTuple):
    """A message in a tree, by its place in the file.

    `parent` is the place of the message before it, None for a root; `lost` is the id of a parent that is not there;
    `at` is its time in seconds, 0 if it has none; `says` is false if there is nothing in it.
    """

    parent: int | None
    lost: str = ""
    at: float = 0.0
    says: bool = True


class Branch(NamedTuple):
    """The places of the messages of a branch in order, the others, those of other pieces, and what is broken."""

    way: list[int]
    others: list[int]
    unjoined: list[int]
    broken: str = ""


def branch_of(nodes: Sequence[Node], current: int | None, *, one_root: bool = True) -> Branch:
    """Return the branch to the current message; without one, to the newest by time, length and place.

    A piece whose beginning is missing is put behind the pieces before it. With `one_root`, a second root is reported.
    """
    if not nodes:
        return Branch([], [], [])
    parents, tops, faults = _tops(nodes, one_root=one_root)
    order, top_of = _downward(parents, tops)
    best = _newest_leaves(nodes, parents, order, top_of)
    if current is None:
        current = max(best.values(), key=lambda leaf: leaf.key).place
    main = top_of[current]
    way = _upward(parents, current)
    pieces: list[int] = []
    if tops[main]:
        first = _first(nodes, way)
        for top, leaf in best.items():
            piece = _upward(parents, leaf.place)
            if top != main and _is_before(_first(nodes, piece), first):
                pieces.append(top)
        joined = sorted((_upward(parents, best[top].place) for top in pieces), key=lambda piece: _first(nodes, piece))
        way = [place for piece in joined for place in piece] + way
    taken = set(way)
    reached = {main, *pieces}
    real = {top for top, is_piece in tops.items() if not is_piece}
    left = [place for place in range(len(nodes)) if place not in taken]
    unjoined = [place for place in left if top_of[place] not in reached and tops[top_of[place]]]
    others = [place for place in left if top_of[place] in reached or not tops[top_of[place]]]
    roots = (
        len({top for top in real if any(nodes[place].says for place in order if top_of[place] == top)})
        if (one_root and len(real) > 1)
        else 1
    )
    if roots > 1:
        faults.append(f"{roots} beginnings")
    return Branch(way, others, unjoined, ", ".join(faults))


def _tops(nodes: Sequence[Node], *, one_root: bool) -> tuple[list[int | None], dict[int, bool], list[str]]:
    """Return the parents without cycles, the tops with whether they are a piece of a broken tree, and the faults.

    Messages with the same missing parent have one top: its place is below zero.
    """
    parents = [node.parent for node in nodes]
    cycles = _cut_cycles(parents)
    has_children = {parent for parent in parents if parent is not None}
    lost: dict[str, int] = {}
    tops: dict[int, bool] = {}
    alone = [place for place, parent in enumerate(parents) if parent is None and not nodes[place].lost]
    alone = [place for place in alone if one_root and place not in has_children and place not in cycles]
    for place, parent in enumerate(parents):
        if parent is not None:
            continue
        if nodes[place].lost:
            top = lost.setdefault(nodes[place].lost, -1 - len(lost))
            parents[place] = top
            tops[top] = True
        else:
            # messages without any relation to one another are pieces too
            tops[place] = place in cycles or (len(alone) > 1 and place in alone)
    faults = [f"{len(lost)} missing parents: {', '.join(list(lost)[:3])}"] if lost else []
    faults += [f"{len(cycles)} cycles"] if cycles else []
    faults += [f"{len(alone)} messages without parent and children"] if len(alone) > 1 else []
    return parents, tops, faults


def _cut_cycles(parents: list[int | None]) -> set[int]:
    """Take away the parent of the first message of each cycle; return those messages."""
    done: set[int] = set()
    cut: set[int] = set()
    for start in range(len(parents)):
        seen: dict[int, None] = {}
        place: int | None = start
        while place is not None and place not in done and place not in seen:
            seen[place] = None
            place = parents[place]
        if place is not None and place in seen:
            listed = list(seen)
            first = min(listed[listed.index(place) :])
            parents[first] = None
            cut.add(first)
        done.update(seen)
    return cut


def _downward(parents: Sequence[int | None], tops: dict[int, bool]) -> tuple[list[int], dict[int, int]]:
    """Return the places from the tops down, and the top of each."""
    children: dict[int, list[int]] = {}
    for place, parent in enumerate(parents):
        if parent is not None:
            children.setdefault(parent, []).append(place)
    order: list[int] = []
    top_of: dict[int, int] = {}
    for top in tops:
        waiting = [top]
        while waiting:
            place = waiting.pop()
            top_of[place] = top
            if place >= 0:
                order.append(place)
            waiting += children.get(place, [])
    return order, top_of


class _Leaf(NamedTuple):
    key: tuple[float, int, int]
    place: int


def _newest_leaves(
    nodes: Sequence[Node], parents: Sequence[int | None], order: Sequence[int], top_of: dict[int, int]
) -> dict[int, _Leaf]:
    """Return the newest leaf below each top: by the latest time on its way, by the length of that, by its place."""
    keys: dict[int, tuple[float, int]] = {}
    inner = {parent for parent in parents if parent is not None}
    best: dict[int, _Leaf] = {}
    for place in order:
        parent = parents[place]
        latest, depth = keys.get(parent, (0.0, 0)) if parent is not None else (0.0, 0)
        keys[place] = max(latest, nodes[place].at), depth + nodes[place].says
        leaf = _Leaf((*keys[place], place), place)
        top = top_of[place]
        if place not in inner and (top not in best or best[top] < leaf):
            best[top] = leaf
    return best


def _upward(parents: Sequence[int | None], place: int) -> list[int]:
    way: list[int] = []
    at: int | None = place
    while at is not None and at >= 0:
        way.append(at)
        at = parents[at]
    return way[::-1]


def _first(nodes: Sequence[Node], way: Sequence[int]) -> tuple[float, int]:
    """Return the first time on a way, and the place of its beginning."""
    return next((nodes[place].at for place in way if nodes[place].at), 0.0), way[0]


def _is_before(one: tuple[float, int], other: tuple[float, int]) -> bool:
    return one < other if one[0] and other[0] else one[1] < other[1]
