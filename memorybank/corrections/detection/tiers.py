"""The tier of a correction: money and safety over exact values over behaviour over style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.corrections.detection.markers import plain
from memorybank.patterns import later

if TYPE_CHECKING:
    from memorybank.corrections.detection.markers import Markers

_DANGEROUS = later(
    r"\brm -\w*[rf]|--force\b|--hard\b|\bforce[- ]push|\b(?:drop|truncate|delete from)\b|\bmkfs|\bdd if="
    r"|\bterraform (?:apply|destroy)|\bkubectl (?:delete|apply|rollout)|\bchmod 777|\bpublish\b|--no-verify\b"
    r"|\bprod(?:uction)?\b",
    re.IGNORECASE,
)


def tier_of(text: str, call: str, markers: Markers, *, has_values: bool, is_denied: bool, is_order: bool) -> str:
    """Return the tier of a correction's text; `call` is the line of the call that it is about."""
    words = plain(text)
    if markers["critical"].search(words) or _DANGEROUS.search(text) or (is_denied and _DANGEROUS.search(call)):
        return "critical"
    if has_values or is_denied:
        return "high"
    return "low" if markers["style"].search(words) and not is_order else "medium"
