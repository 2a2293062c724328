"""The tier of a correction: money and safety over exact values over behaviour over style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.corrections.detection.markers import plain
from memorybank.patterns import later

if TYPE_CHECKING:
    from memorybank.corrections.detection.markers import Markers

_DANGEROUS = later(
    r"\brm -\w*[rf]|--force\b|--hard\b|\bforce[- ]push|\bdrop (?:table|database|schema|column|index)\b"
    r"|\b(?:truncate|delete from|purge|publish|prod(?:uction)?)\b|\bmkfs|\bdd if=|\bchmod (?:-R )?777|--no-verify\b"
    # options may be between the command and what it does
    r"|\bterraform\b.{0,80}\b(?:apply|destroy)\b|\bkubectl\b.{0,80}\b(?:delete|apply|rollout)\b",
    re.IGNORECASE,
)


def tier_of(
    text: str, call: str, markers: Markers, *, has_values: bool, is_denied: bool, is_stopped: bool, is_order: bool
) -> str:
    """Return the tier of a correction's text; `call` is the line of the call that it is about.

    A dangerous call counts if it was denied or stopped.
    """
    words = plain(text)
    is_dangerous = (is_denied or is_stopped) and _DANGEROUS.search(call) is not None
    if is_dangerous or markers["critical"].search(words) or _DANGEROUS.search(text):
        return "critical"
    if has_values or is_denied:
        return "high"
    return "low" if markers["style"].search(words) and not is_order else "medium"
