"""A correction: what the assistant said or did, and what the user put right."""

from __future__ import annotations

from typing import NamedTuple

TYPE = "correction"
PREFIX = "cor"
TIERS = ("critical", "high", "medium", "low")
# found and not decided; offered for patterns.md; a record of the bank; not wanted
WAITING, PROPOSED, ACCEPTED, DROPPED = "waiting", "proposed", "accepted", "dropped"
# the file in local state with what was found and decided
LEDGER = "corrections.jsonl"
STATUSES = (WAITING, PROPOSED, ACCEPTED, DROPPED)
# what nobody decided about: one that was proposed still waits
UNDECIDED = (WAITING, PROPOSED)


class Premise(NamedTuple):
    """What was corrected: a text of the assistant, or with `tool` the call of a tool in one line."""

    text: str = ""
    tool: str = ""


class Origin(NamedTuple):
    """Where a correction was said.

    `line` counts from 1 in `file`, the path of the log. `turn` is the number of the user's turn in the session, from 1.
    `at` is a time as `times.stamp_of` writes it, "" if the log has none.
    """

    client: str = ""
    session: str = ""
    file: str = ""
    line: int = 0
    turn: int = 0
    at: str = ""


class Correction(NamedTuple):
    """One correction; no text in it has a secret.

    `rule` names why it counts as one, `values` are the exact values in its text, `files` and `commands` those of its
    premise. `tier` is the one that was found, `label` the one that a person chose. `position` is where in its topic it
    was said, from 0 to 1. `similar` is the number of other corrections of the same, `sessions` in how many sessions it
    was said. `misstep` is the predicted chance that the same has to be said again, None without a predictor.
    """

    id: str
    rule: str
    text: str
    premise: Premise
    origin: Origin
    values: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    tier: str = "medium"
    position: float = 1.0
    similar: int = 0
    sessions: int = 1
    misstep: float | None = None
    label: str = ""
    is_pinned: bool = False
    status: str = WAITING

    @property
    def effective_tier(self) -> str:
        """The tier that counts: a person's, else the one that was found."""
        return self.label or self.tier
