"""Sessions that repeat each other's beginning in files of their own, and which of them was there first.

Forking a session, or resuming it in older clients, copies its entries with their ids, and no field names the session
that they come from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.exchange.conversation.archives import READ_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.exchange.agent_sessions.bank_sessions import BankSessions
    from memorybank.exchange.conversation.archives import Part

_CHUNK = 1 << 20
_TAIL = 256 * 1024
_TIME = re.compile(rb'"timestamp"\s*:\s*"(\d{4}-[0-9T:.Z+-]{1,40})"')


def original_of(idents: Sequence[str], parts: Sequence[Sequence[Part]], before: BankSessions) -> str:
    """Return the session that others copy: what the bank says of an earlier import, else the first that ended."""
    imported = [(messages[0].at, ident) for ident in idents if (messages := before.messages_of(ident))]
    if imported:
        return min(imported)[1]
    return min((max(map(_end_of, files)), ident) for ident, files in zip(idents, parts, strict=True))[1]


def _end_of(part: Part) -> str:
    """Return the last time in a file; "" if it has none."""
    tail = b""
    try:
        with part.open() as stream:
            while chunk := stream.read(_CHUNK):
                tail = (tail + chunk)[-_TAIL:]
    except READ_ERRORS:
        pass
    return max((found.decode("ascii") for found in _TIME.findall(tail)), default="")
