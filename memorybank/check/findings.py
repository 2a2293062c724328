"""Findings: what a check says about one place, and whether it has a mend."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "notice"]


class Finding(NamedTuple):
    """One result of a rule: where, what, and the next command; `fixable` ones are mended by `check --fix`.

    A notice is no fault: it is told where it is asked for, and never fails a check.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    message: str
    hint: str = ""
    fixable: bool = False
