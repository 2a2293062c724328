"""Findings: what a check says about one place, and whether it has a mend."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Finding(NamedTuple):
    """One result of a rule: where, what, and the next command; `fixable` ones are mended by `check --fix`."""

    rule: str
    severity: Severity
    file: str
    line: int
    message: str
    hint: str = ""
    fixable: bool = False
