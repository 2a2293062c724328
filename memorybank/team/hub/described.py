"""What the hub's columns say of a file, for its search and lists: read from the front matter, never from the clock."""

from __future__ import annotations

from typing import Any

from memorybank.errors import BankError
from memorybank.records.record import parse_head
from memorybank.store.folder import MARKDOWN

_MEMORIES = "memories/"
_TAGS, _TAG_BYTES = 200, 200


def describe(name: str, data: bytes) -> dict[str, Any]:
    """Return type, title, status, tags, tool, project and time of a file, as far as it has them."""
    if not name.endswith(MARKDOWN):
        return {"title": _cut(name, 2000)}
    kind = name.split("/")[1] if name.startswith(_MEMORIES) and name.count("/") > 1 else ""
    try:
        record = parse_head(data, name, kind)
    except BankError:
        # it travels all the same; `bank check` names it
        return {"title": _cut(name, 2000)}
    return {
        "type": _cut(record.type, 200),
        "title": _cut(record.title, 2000),
        "status": _cut(record.status, 200),
        "tags": [_cut(tag, _TAG_BYTES) for tag in record.tags[:_TAGS]],
        "tool": _cut(record.source_tool, 200),
        "record_project": _cut(record.project, 200),
        "created": _cut(record.created, 40),
    }


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text as one that the database takes."""
    return text.replace("\0", "").encode("utf-8", "ignore")[:most].decode("utf-8", "ignore")
