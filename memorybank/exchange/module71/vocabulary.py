"""The words of a Module 71 tree for a status and a severity: our own words, and a closed list of synonyms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.exchange.fitting import UNKNOWN_STATUS

if TYPE_CHECKING:
    from memorybank.records.types import RecordType

SEVERITY = "medium"

_STATUSES = {
    "approved": "accepted",
    "active": "accepted",
    "implemented": "accepted",
    "pending": "proposed",
    "draft": "proposed",
    "declined": "rejected",
    "replaced": "superseded",
    "obsolete": "deprecated",
    "closed": "fixed",
    "resolved": "fixed",
    "done": "fixed",
    "new": "open",
    "reported": "open",
    "reopened": "open",
    "investigating": "in-progress",
    "wip": "in-progress",
    "won't-fix": "wontfix",
    "won\u2019t-fix": "wontfix",
    "wont-fix": "wontfix",
}
_SEVERITIES = {
    "blocker": "critical",
    "severe": "critical",
    "major": "high",
    "moderate": "medium",
    "normal": "medium",
    "minor": "low",
    "trivial": "low",
}
# signs that people put before a status: a check mark, circles in colours, a barrier
_MARKS = "*_`. \t\ufe0f\u2705\u2714\u2611\U0001f7e2\U0001f7e1\U0001f7e0\U0001f534\U0001f535\u26aa\U0001f6a7"
_DAY = re.compile(r"[\s,(\[-]*(?:\bon\b)?[\s,(\[-]*\d{4}-\d\d-\d\d[\s)\]]*\Z", re.ASCII | re.IGNORECASE)
_SUCCESSOR = re.compile(r"(?:superseded|replaced)-by-\S", re.IGNORECASE)


def status_of(text: str, kind: RecordType) -> str:
    """Return the status of a type for the words of the tree; "" if they are not known as a whole."""
    word = _word(text)
    names = [name for name, _ in kind.statuses]
    if _SUCCESSOR.match(word) and "superseded" in names:
        return "superseded"
    return next((each for each in (word, _STATUSES.get(word, "")) if each in names), "")


def unknown_status(kind: RecordType) -> str:
    """Return the status of a record whose status is unknown: proposed, or the first status of its type."""
    return UNKNOWN_STATUS if UNKNOWN_STATUS in [name for name, _ in kind.statuses] else kind.first_status


def severity_of(text: str, kind: RecordType) -> str:
    """Return the severity for a word of the tree; "" if it is not known."""
    word = _word(text)
    choices = next((field.choices for field in kind.fields if field.name == "severity"), ())
    return next((each for each in (word, _SEVERITIES.get(word, "")) if each in choices), "")


def _word(text: str) -> str:
    bare = text.strip(_MARKS)
    bare = _DAY.sub("", bare).strip(_MARKS) or bare
    return "-".join(bare.casefold().split())
