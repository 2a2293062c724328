"""Ids and slugs: short names that two branches cannot mint twice, and file names made of letters only."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
SLUG_LENGTH = 60

_WORD = re.compile(r"[^a-z0-9]+")


def new_id(prefix: str, now: datetime, random_bytes: Callable[[int], bytes]) -> str:
    """Make an id such as `op-20261121-k3f9x`: kind, day and a tail of 25 random bits."""
    return f"{prefix}-{now:%Y%m%d}-{tail(5, random_bytes)}"


def tail(length: int, random_bytes: Callable[[int], bytes]) -> str:
    """Give random letters of Crockford's base 32."""
    return "".join(CROCKFORD[byte & 31] for byte in random_bytes(length))


def slug_of(text: str) -> str:
    """Make a file name's stem of a title: lower-case ASCII words joined by hyphens; `untitled` when none is left."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return _WORD.sub("-", plain).strip("-")[:SLUG_LENGTH].rstrip("-") or "untitled"
