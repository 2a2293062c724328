"""Merge the words of one unit: an item's first line by its parts, a row by its cells, lines one by one, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.items import ID
from memorybank.document.source import lines_of
from memorybank.patterns import later
from memorybank.records.memories.reviewed import unmarked
from memorybank.team.merge.line_merge import chunks_of
from memorybank.team.merge.sides import Combined

if TYPE_CHECKING:
    from collections.abc import Sequence

_TAGS = later(r"(?:[ \t]+#[^\s#]+)+[ \t]*\Z")
_TIME = later(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?)?[ ]?(Z|UTC|[+-]\d{2}:?\d{2})?(?!\d)",
)
_STAMP = later(r"[\s>*_\-+#|]*(?:last[ _-]?)?(?:updated|modified|edited|changed|activity)\b[^\n\d]{0,12}")


_BOX = r"\\?\[(?:[ xX]|[^\w\s\[\]\\^])\\?\]"
_MARKER = later(rf"([ \t]*)([-*+]|\d{{1,9}}[.)])([ \t]+|\Z)(?:({_BOX})([ \t]+))?")
_BAR = later(r"(?<!\\)\|")


class Head(NamedTuple):
    """The first line of an item in parts; joined, they are the line."""

    indent: str
    marker: str
    space: str
    box: str
    gap: str
    text: str

    @property
    def is_numbered(self) -> bool:
        """Whether the marker is a number."""
        return self.marker[:1].isdigit()


class Worded(NamedTuple):
    """Merged words, and the lines in them that come from both sides."""

    text: str
    combined: tuple[Combined, ...] = ()


def head_of(line: str) -> Head:
    """Return the first line of an item, or all its text, as parts."""
    found = _MARKER.match(line)
    if found is None:
        return Head("", "", "", "", "", line)
    indent, marker, space, box, gap = found.groups(default="")
    return Head(indent, marker, space, box, gap, line[found.end() :])


def cells_of(row: str) -> list[str]:
    """Split a row of a table at the bars that are not escaped; joined by bars, the cells are the row."""
    return _BAR.split(row)


def choose(base: str, ours: str, theirs: str) -> str | None:
    """Return the side that changed, or what both made alike; None if they made it different."""
    if theirs in (ours, base):
        return ours
    return theirs if ours == base else None


def merge_item(base: str, ours: str, theirs: str) -> str | None:
    """Merge the text of an item before its nested items: mark, box, words, tags and id each for itself."""
    first, rest = zip(*(_cut(text) for text in (base, ours, theirs)), strict=True)
    line = _merge_first(*first)
    if line is None:
        return None
    others = choose(*rest)
    if others is None:
        worded = merge_rows(*rest, strict=True)
        others = worded.text if worded else None
    return None if others is None else line + others


def _cut(text: str) -> tuple[str, str]:
    at = text.find("\n")
    return (text, "") if at < 0 else (text[:at], text[at:])


def _merge_first(base: str, ours: str, theirs: str) -> str | None:
    heads = head_of(base), head_of(ours), head_of(theirs)
    made = []
    for name, parts in zip(heads[0]._fields[:-1], zip(*(head[:-1] for head in heads), strict=True), strict=True):
        part = choose(*parts)
        if part is None and name == "box":
            return None
        made.append(parts[1] if part is None else part)
    text = _merge_words(*(head.text for head in heads))
    return None if text is None else "".join([*made, text])


def _merge_words(base: str, ours: str, theirs: str) -> str | None:
    whole = choose(base, ours, theirs)
    if whole is None:
        whole = later_stamp(base, ours, theirs)
    if whole is not None:
        return whole
    rows = [_split_words(text) for text in (base, ours, theirs)]
    words, tags, marks, ident = (tuple(row[part] for row in rows) for part in range(4))
    chosen = choose(*words), choose(*ident)
    if chosen[0] is None or chosen[1] is None:
        return None
    mark = choose(*marks)
    # both confirmed the line: the later day
    return chosen[0] + _merge_tags(*tags) + (max(marks[1:]) if mark is None else mark) + chosen[1]


def _split_words(text: str) -> tuple[str, str, str, str]:
    """Split a line into its words, the tags after them, the mark of a review and the id at its end."""
    found = ID.search(text)
    ident = found[0] if found else ""
    text = text[: found.start()] if found else text
    plain = unmarked(text)
    mark = text[len(plain) :] if text.startswith(plain) else ""
    text = text[: len(text) - len(mark)]
    tags = _TAGS.search(text)
    return (text[: tags.start()], tags[0], mark, ident) if tags else (text, "", mark, ident)


def _merge_tags(base: str, ours: str, theirs: str) -> str:
    whole = choose(base, ours, theirs)
    if whole is not None:
        return whole
    kept = merge_set(base.split(), ours.split(), theirs.split())
    return "".join(f" {tag}" for tag in kept)


def merge_set(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Merge words whose order does not matter: what no side removed, as ours has it, then what is new, in its order."""
    kept = set(base) & set(ours) & set(theirs)
    new = (set(ours) | set(theirs)) - set(base)
    return [*(each for each in ours if each in kept), *sorted(new)]


def merge_row(base: str, ours: str, theirs: str) -> str | None:
    """Merge a table's row by its cells, if the number of cells is the same; the space of ours stays."""
    rows = [cells_of(text) for text in (base, ours, theirs)]
    if len({len(row) for row in rows}) > 1:
        return None
    made = []
    for b, o, t in zip(*rows, strict=True):
        if b.strip() == o.strip() and t.strip() != b.strip():
            made.append(t)
        elif choose(b.strip(), o.strip(), t.strip()) is None:
            return None
        else:
            made.append(o)
    return "|".join(made)


def merge_rows(base: str, ours: str, theirs: str, *, strict: bool) -> Worded | None:
    """Merge lines that belong together; None if both sides changed the same place.

    Lines next to each other may change on different sides if each stays one line; with `strict`, as in code, not.
    """
    texts = lines_of(base), lines_of(ours), lines_of(theirs)
    out: list[str] = []
    combined: list[Combined] = []
    for chunk in chunks_of(*texts):
        b, o, t = (rows[start:end] for rows, (start, end) in zip(texts, chunk[:3], strict=True))
        whole = choose("".join(b), "".join(o), "".join(t))
        if whole is not None:
            out.append(whole)
            continue
        if strict or len({len(b), len(o), len(t)}) > 1:
            return None
        for row in zip(b, o, t, strict=True):
            line = choose(*row)
            if line is None:
                line = later_stamp(*row)
                combined.append(Combined(*row, line or ""))
            if line is None:
                return None
            out.append(line)
    return Worded("".join(out), tuple(combined))


def later_stamp(base: str, ours: str, theirs: str, *, labelled: bool = True) -> str | None:
    """Return the later of two lines like `Last updated: 2026-01-02`; None if they differ in more than their times.

    Without `labelled`, a time is enough, and a line without one is the placeholder.
    """
    if "\n" in ours.strip("\n") or "\n" in theirs.strip("\n"):
        return None
    times = time_of(ours), time_of(theirs)
    if labelled:
        bare = {_TIME.sub("", each).strip() for each in (base, ours, theirs) if each}
        if len(bare) > 1 or not all(times) or not _STAMP.match(ours.casefold()):
            return None
    elif not any(times):
        return None
    return theirs if times[1] > times[0] else ours


def time_of(text: str) -> str:
    """Return the first time in a text, in UTC if its zone is known, in a form that sorts; "" without one."""
    from datetime import UTC, datetime

    found = _TIME.search(text)
    if found is None:
        return ""
    day, minute, second, fraction, zone = found.groups(default="")
    zone = "+00:00" if zone in {"Z", "UTC"} else zone
    iso = f"{day}T{minute or '00:00'}{second or ':00'}{fraction[:7]}{zone}"
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return day
    return (moment.astimezone(UTC) if zone else moment).replace(tzinfo=None).isoformat()
