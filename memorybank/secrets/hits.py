"""A hit: where a rule or a name finds a secret, before hits that overlap are joined."""

from __future__ import annotations

from typing import NamedTuple

WORD_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


class Hit(NamedTuple):
    """The span of a secret in the text, and the rule; if hits overlap, the lowest rank decides the rule."""

    start: int
    end: int
    rank: int
    rule: str


def apart(hits: list[Hit]) -> list[Hit]:
    """Join hits that overlap: the result has the best rule and the span of all."""
    joined: list[Hit] = []
    for hit in sorted(hits):
        if joined and hit.start < joined[-1].end:
            last = joined[-1]
            better = min(last, hit, key=lambda each: each.rank)
            joined[-1] = better._replace(start=last.start, end=max(last.end, hit.end))
        else:
            joined.append(hit)
    return joined
