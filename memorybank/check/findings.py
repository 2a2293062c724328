"""Findings: what a check reports about one place, and whether it can be fixed automatically."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "notice"]


class Finding(NamedTuple):
    """One result of a rule: where, what, and the next command; `check --fix` fixes the `fixable` ones.

    A notice is not a fault and never fails a check; most are reported only on request.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    message: str
    hint: str = ""
    fixable: bool = False
