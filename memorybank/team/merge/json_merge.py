"""Merge JSON by its values: objects by key, lists of records by id, other lists by element. Text stays in its style."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from memorybank.team.merge.align import align
from memorybank.team.merge.line_merge import LinesMerged, Markers, chunks_of
from memorybank.team.merge.sides import Clash
from memorybank.team.merge.word_merge import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Row = TypeVar("_Row")
_TIMES = ("updated", "updated_at", "timestamp", "last_activity", "last_updated", "modified")
_NAMES = ("id", "name", "number")
_MISSING = object()
_STYLES = tuple((indent, ascii_only) for indent in (2, 4, "\t", 1, 3, None) for ascii_only in (False, True))


class Rival(NamedTuple):
    """Two values of one place that contradict; one of them may be missing."""

    ours: Any
    theirs: Any
    place: str


class Style(NamedTuple):
    """How a JSON text is written, and the white space after it."""

    indent: int | str | None
    ascii_only: bool
    end: str
    tight: bool = False

    def render(self, value: Any) -> str:
        """Return a value in this style."""
        separators = (",", ":") if self.tight else (",", ": ") if self.indent is not None else None
        return json.dumps(value, ensure_ascii=self.ascii_only, indent=self.indent, separators=separators) + self.end


def parsed(text: str) -> Any:
    """Parse JSON strictly.

    Raises:
        ValueError: it is not JSON, or an object has a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def style_of(text: str, value: Any) -> Style | None:
    """Return the style in which a value is written exactly as in a text; None if it is another one."""
    body = text.rstrip()
    end = text[len(body) :]
    found = (
        Style(*each, end, tight=tight) for each in _STYLES for tight in ((False, True) if each[0] is None else (False,))
    )
    return next((style for style in found if style.render(value) == text), None)


def merge_json(base: str, ours: str, theirs: str, markers: Markers) -> LinesMerged | None:
    """Merge three JSON texts; None if one is not JSON, or if its style does not allow a conflict in it."""
    try:
        o, t = parsed(ours), parsed(theirs)
        b = parsed(base) if base.strip() else _MISSING
        value = _Values(o, t).merge(b, o, t, "")
    except (ValueError, RecursionError):
        return None
    style = style_of(ours, o) or style_of(theirs, t)
    if style is None:
        return None if _has_rival(value) else LinesMerged(Style(2, ascii_only=False, end="\n").render(value), ())
    if not _has_rival(value):
        return LinesMerged(style.render(value), ())
    if style.indent is None or isinstance(value, Rival):
        return None
    clashes: list[Clash] = []
    text = _rendered(value, style, 0, markers, clashes) + style.end
    return LinesMerged(text, tuple(clashes))


def merge_record(base: str, ours: str, theirs: str) -> str | None:
    """Merge one line of JSON Lines; None if it is not JSON, or the sides contradict."""
    try:
        o, t = parsed(ours), parsed(theirs)
        value = _Values(o, t).merge(parsed(base) if base else _MISSING, o, t, "")
    except (ValueError, RecursionError):
        return None
    style = style_of(ours, o) or style_of(theirs, t)
    return None if _has_rival(value) else (style or Style(None, ascii_only=False, end="")).render(value)


class _Values:
    def __init__(self, ours: Any, theirs: Any) -> None:
        self.later = "theirs" if _time_in(theirs) > _time_in(ours) else "ours"

    def merge(self, base: Any, ours: Any, theirs: Any, place: str) -> Any:
        """Merge three values of one place; `_MISSING` is a value that is not there."""
        if _same(ours, theirs) or _same(base, theirs):
            return ours
        if _same(base, ours):
            return theirs
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return self._objects(base if isinstance(base, dict) else {}, ours, theirs, place)
        if isinstance(ours, list) and isinstance(theirs, list):
            return self._lists(base if isinstance(base, list) else [], ours, theirs, place)
        name = place.rpartition("/")[2]
        if name in _TIMES and isinstance(ours, str) and isinstance(theirs, str) and time_of(ours) and time_of(theirs):
            return max(ours, theirs, key=time_of)
        if "metrics" in place.split("/") and _is_number(ours) and _is_number(theirs):
            # a number that a program counted: the later count
            return theirs if self.later == "theirs" else ours
        return Rival(ours, theirs, place)

    def _objects(
        self, base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], place: str
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in _keys(ours, theirs):
            three = base.get(key, _MISSING), ours.get(key, _MISSING), theirs.get(key, _MISSING)
            value = self.merge(*three, f"{place}/{key}" if place else key)
            if value is not _MISSING:
                found[key] = value
        if isinstance(found.get("status"), Rival) and isinstance(found.get("history"), list):
            # the status is what the last event of the history says
            rows = [row for row in found["history"] if isinstance(row, dict) and "at" in row and "status" in row]
            if rows:
                found["status"] = max(rows, key=lambda row: time_of(str(row["at"])))["status"]
        return found

    def _lists(self, base: list[Any], ours: list[Any], theirs: list[Any], place: str) -> list[Any]:
        name = next((name for name in _NAMES if all(_has_names(each, name) for each in (base, ours, theirs))), None)
        if name is not None:
            b, o, t = ({row[name]: row for row in each} for each in (base, ours, theirs))
            rows = self._objects(b, o, t, place)
            return list(rows.values())
        return _merge_rows(base, ours, theirs)


def _merge_rows(base: list[Any], ours: list[Any], theirs: list[Any]) -> list[Any]:
    """Merge lists by their elements: what one side deleted goes, what both added stays, in the order of its times."""
    rows = [[_text(each) for each in side] for side in (base, ours, theirs)]
    found: list[Any] = []
    for chunk in chunks_of(*rows):
        if chunk.stable:
            found += ours[slice(*chunk.ours)]
            continue
        b, o, t = (side[start:end] for side, (start, end) in zip(rows, chunk[:3], strict=True))
        mine, yours = _new(b, o, t), _new(b, t, o)
        both = {j for _, j in align([o[i] for i in mine], [t[j] for j in yours])}
        added = [ours[chunk.ours[0] + i] for i in mine]
        others = [theirs[chunk.theirs[0] + j] for at, j in enumerate(yours) if at not in both]
        found += in_time(added, others)
    return found


def _new(base: Sequence[str], side: Sequence[str], other: Sequence[str]) -> list[int]:
    """Return the indexes of a side's elements that stay: those not in the base, and those that the other kept, too."""
    old = {b: a for a, b in align(base, side)}
    kept = {a for a, _ in align(base, other)}
    return [i for i in range(len(side)) if i not in old or old[i] in kept]


def in_time(ours: list[_Row], theirs: list[_Row], record_of: Callable[[_Row], Any] = lambda row: row) -> list[_Row]:
    """Return records of both sides, merged by their times if all have one, else ours before theirs."""
    times = [[_time_at(record_of(each)) for each in side] for side in (ours, theirs)]
    if not all(all(side) and side == sorted(side) for side in times):
        return [*ours, *theirs]
    found: list[_Row] = []
    at = 0
    for time, each in zip(times[1], theirs, strict=True):
        while at < len(ours) and times[0][at] <= time:
            found.append(ours[at])
            at += 1
        found.append(each)
    return [*found, *ours[at:]]


def _time_at(record: Any) -> str:
    return time_of(str(record.get("at", ""))) if isinstance(record, dict) else ""


def _keys(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Return the keys of both: ours in their order, new ones of theirs after the key that they follow there."""
    keys = list(ours)
    above = None
    for key in theirs:
        if key not in ours:
            keys.insert(keys.index(above) + 1 if above is not None else len(keys), key)
        above = key
    return keys


def _has_names(rows: Sequence[Any], name: str) -> bool:
    names = [row.get(name) if isinstance(row, dict) else None for row in rows]
    return all(isinstance(each, str | int) for each in names) and len(set(names)) == len(names)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(one: Any, other: Any) -> bool:
    if one is _MISSING or other is _MISSING:
        return one is other
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _time_in(value: Any) -> str:
    return max((time_of(str(value.get(key, ""))) for key in _TIMES), default="") if isinstance(value, dict) else ""


def _has_rival(value: Any) -> bool:
    if isinstance(value, Rival):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_has_rival(each) for each in inner)


def _rendered(value: Any, style: Style, depth: int, markers: Markers, clashes: list[Clash]) -> str:
    """Return a value with conflict blocks around the lines of each rival."""
    if not _has_rival(value):
        lines = style._replace(end="").render(value).split("\n")
        return f"\n{_lead(style, depth)}".join(lines)
    pairs = (
        [(f"{json.dumps(key, ensure_ascii=style.ascii_only)}: ", each) for key, each in value.items()]
        if isinstance(value, dict)
        else [("", each) for each in value]
    )
    lead = _lead(style, depth + 1)
    out = ["{" if isinstance(value, dict) else "["]
    for i, (key, each) in enumerate(pairs):
        comma = "," if i < len(pairs) - 1 else ""
        if not isinstance(each, Rival):
            out.append(f"{lead}{key}{_rendered(each, style, depth + 1, markers, clashes)}{comma}")
            continue
        sides = [
            "" if side is _MISSING else f"{lead}{key}{_rendered(side, style, depth + 1, markers, clashes)}{comma}\n"
            for side in (each.ours, each.theirs)
        ]
        block = markers.block(*sides).removesuffix("\n")
        clashes.append(
            Clash(
                each.place,
                block,
                "both sides changed it" if all(sides) else "one side deleted it, the other changed it",
            )
        )
        out.append(block)
    return "\n".join([*out, f"{_lead(style, depth)}{'}' if isinstance(value, dict) else ']'}"])


def _lead(style: Style, depth: int) -> str:
    return (style.indent if isinstance(style.indent, str) else " " * (style.indent or 0)) * depth
