"""The generateContent API of Gemini, streamed or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.clients.fake_model.script import Row, Say, texts_of

if TYPE_CHECKING:
    from tests.clients.fake_model.script import Turn


def rows_of(body: dict[str, Any]) -> list[Row]:
    """Return the conversation of a request."""
    return [
        Row("\n".join(texts_of(content.get("parts"))), by_model=content.get("role") == "model")
        for content in body.get("contents", [])
    ]


def answer(turn: Turn, number: int, *, streamed: bool) -> bytes:
    """Return the body of an answer: one event, or one object."""
    part: dict[str, Any]
    if isinstance(turn, Say):
        part = {"text": turn.text}
    else:
        part = {"functionCall": {"id": f"call-{number:06}", "name": turn.tool, "args": dict(turn.arguments)}}
    candidate = {"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110}
    whole = json.dumps({"candidates": [candidate], "usageMetadata": usage, "responseId": f"r{number:06}"})
    return f"data: {whole}\r\n\r\n".encode() if streamed else whole.encode()
