"""Values of a log that may have any type and size, as texts and times that events can hold."""

from __future__ import annotations

import re
from typing import Any

# the longest text of a result and of one argument of a call; what a person or the assistant said is whole
RESULT_LIMIT = 4_000
_NAME_LIMIT = 300
_DEPTH = 6
_PARTS = 100
_ISO = re.compile(
    r"\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z",
    re.ASCII,
)
_TO_SECONDS = 19


def text_of(value: Any, limit: int = 0) -> str:
    """Return a text without lone surrogates; "" if the value is not one. With a limit its beginning."""
    if not isinstance(value, str):
        return ""
    text = value[:limit] if limit else value
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def word_of(value: Any) -> str:
    """Return a value that is one of a few words; "" if it is not a text."""
    return value if isinstance(value, str) else ""


def name_of(value: Any) -> str:
    """Return an id or a name; of one that is too long the beginning."""
    return text_of(value, _NAME_LIMIT)


def time_of(value: Any) -> str:
    """Return a time as `times.stamp_of` writes it; "" if it is not one."""
    if isinstance(value, str) and _ISO.fullmatch(value):
        return f"{value[:_TO_SECONDS]}Z"
    if value is None or isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    from memorybank.exchange.conversation.talk import time_of as any_time

    try:
        return any_time(value)
    except (ValueError, OverflowError):
        return ""


def arguments_of(value: Any) -> dict[str, Any]:
    """Return the arguments of a call, with long texts cut and nothing nested deeply."""
    cut = _cut(value, _DEPTH)
    return cut if isinstance(cut, dict) else {} if cut in (None, "", []) else {"input": cut}


def blocks_of(content: Any) -> list[Any]:
    """Return a content as its blocks: a text is one."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content if isinstance(content, list) else [content] if isinstance(content, dict) else []


def joined_text(content: Any, limit: int = 0) -> str:
    """Return the texts of a content of a result, joined."""
    texts = [
        text_of(each if isinstance(each, str) else each.get("text") if isinstance(each, dict) else "", limit)
        for each in blocks_of(content)[:_PARTS]
    ]
    return text_of("\n".join(filter(None, texts)), limit)


def _cut(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return text_of(value, RESULT_LIMIT)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth <= 0:
        return "..."
    if isinstance(value, dict):
        return {name_of(key): _cut(value[key], depth - 1) for key in list(value)[:_PARTS]}
    return [_cut(each, depth - 1) for each in value[:_PARTS]] if isinstance(value, list) else ""
