"""Lines that a template puts into a section and that say nothing yet: placeholders, and settings with their default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.contracts.contract import NONE
from memorybank.document.items import plain_key, split_marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.contracts.contract import SectionSpec

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BEFORE = "#*`_ \t"


def stand_ins(spec: SectionSpec | None) -> Callable[[str], bool]:
    """Return a function that checks whether a text of a section is only what its template put there."""
    known = {plain_key(each) for each in (spec.placeholders if spec else (NONE,))}
    known |= {plain_key(split_marker(each)[2]) for each in known}
    settings = tuple(plain_key(each) for each in (spec.defaults if spec else ()))

    def is_stand_in(text: str) -> bool:
        rows = [row for row in _COMMENT.sub("", text).split("\n") if row.strip()]
        return all(_is_one(row, known, settings) for row in rows)

    return is_stand_in


def _is_one(row: str, known: set[str], settings: tuple[str, ...]) -> bool:
    key = plain_key(split_marker(row.strip())[2])
    if key in known:
        return True
    # an explanation in brackets may follow the value
    key = key.lstrip(_BEFORE).replace("*", "").replace("`", "") if settings else ""
    return any(key == each or key.startswith(f"{each} (") for each in settings)
