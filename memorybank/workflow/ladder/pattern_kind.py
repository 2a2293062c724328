"""Which kind of pattern a line is, by its words."""

from __future__ import annotations

import re

# which section of patterns.md a line goes to, by its words; the first matching row wins
_SPEAKS_OF = (
    ("testing", r"tests?|testing|pytest|fixtures?|mocks?|coverage|vitest|jest"),
    ("api", r"apis?|endpoints?|routes?|requests?|responses?|http|rest|graphql|status codes?"),
    ("error", r"errors?|exceptions?|raises?|catch|retry|retries|traceback"),
    ("dependency", r"dependenc(?:y|ies)|packages?|librar(?:y|ies)|lock ?files?|npm|pip|cargo"),
    ("structure", r"folders?|director(?:y|ies)|lives? in|lives? under|modules? go|files? go"),
    ("convention", r"conventions?|naming|named|format(?:ted|ting)?|style|lint(?:er)?|imports?"),
)


def kind_for(text: str, default: str = "gotcha") -> str:
    """Return the kind of pattern of a line, by its words."""
    for kind, words in _SPEAKS_OF:
        if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE):
            return kind
    return default
