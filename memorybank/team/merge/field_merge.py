"""Merge one field of front matter: a list of words as a set, a time as the later one."""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.patterns import later
from memorybank.team.merge.sides import Combined
from memorybank.team.merge.word_merge import Worded, choose, merge_set, time_of

_TIMES = frozenset({"updated", "last_updated", "lastupdated", "modified", "last_modified", "last_activity", "reviewed"})
_FLOW = later(r"([^\[\n]*:[ \t]*\[)([^\[\]{}\n]*)(\][ \t]*(?:#[^\n]*)?)\Z")
_ROWS = later(r"([^\n]*:[ \t]*(?:#[^\n]*)?\n)((?:[ \t]*- [^\n]*(?:\n|\Z))+)\Z")
_WORDS = later(r"\"[^\"\n]*\"|'[^'\n]*'|[^,\s][^,\n]*")


class Listed(NamedTuple):
    """A field with a list: what stands before its words, the words as they are written, what stands after."""

    before: str
    words: tuple[str, ...]
    after: str
    in_rows: bool


def merge_field(key: str, base: str, ours: str, theirs: str) -> Worded | None:
    """Merge the lines of one field that both sides changed; None if they contradict."""
    if key.replace("-", "_").casefold() in _TIMES and time_of(ours) and time_of(theirs):
        later_one = theirs if time_of(theirs) > time_of(ours) else ours
        return Worded(later_one, (Combined(base, ours, theirs, later_one),))
    lists = [listed(text) for text in (base or f"{key}: []", ours, theirs)]
    b, o, t = lists
    if b is None or o is None or t is None:
        return None
    spelled = {_bare(word): word for each in (t, o) for word in each.words}
    kept = merge_set(*([_bare(word) for word in each.words] for each in (b, o, t)))
    words = [spelled[word] for word in kept]
    before = choose(b.before, o.before, t.before) if o.in_rows == t.in_rows else None
    # of two forms the new one; in brackets, if both are new
    side = t if o.in_rows != t.in_rows and o.in_rows == (b.in_rows if base else True) else o
    before = side.before if before is None or not base else before
    if side.in_rows:
        lead = _lead(ours if side is o else theirs)
        text = before.rstrip("\n") + "".join(f"\n{lead}- {word}" for word in words)
        text = text if words else f"{before.rstrip()} []"
    else:
        text = f"{before}{', '.join(words)}{side.after}"
    return Worded(text, (Combined(base, ours, theirs, text),))


def listed(text: str) -> Listed | None:
    """Return a field with a list of words, in brackets or one a line; None if it is something else."""
    flow = _FLOW.match(text)
    if flow:
        return Listed(flow[1], tuple(word.rstrip() for word in _WORDS.findall(flow[2])), flow[3], in_rows=False)
    rows = _ROWS.match(text)
    if rows is None:
        return None
    words = tuple(row.strip()[2:].strip() for row in rows[2].split("\n") if row.strip())
    if any(re.match(r"[\[{&*!|>]|[^\s\"'][^\"']*: ", word) for word in words):
        return None
    return Listed(rows[1], words, "", in_rows=True)


def _lead(text: str) -> str:
    row = text.partition("\n")[2]
    return row[: len(row) - len(row.lstrip(" \t"))]


def _bare(word: str) -> str:
    return word[1:-1] if word[:1] == word[-1:] and word[:1] in {'"', "'"} and len(word) > 1 else word
