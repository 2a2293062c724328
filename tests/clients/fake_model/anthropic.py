"""The Messages API of Anthropic, streamed or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.clients.fake_model.script import Row, Say, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clients.fake_model.script import Turn

USAGE = {"input_tokens": 100, "output_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}


def rows_of(body: dict[str, Any]) -> list[Row]:
    """Return the conversation of a request."""
    return [
        Row("\n".join(texts_of(message.get("content"))), by_model=message.get("role") == "assistant")
        for message in body.get("messages", [])
    ]


def answer(turn: Turn, number: int, body: dict[str, Any]) -> bytes:
    """Return the body of an answer: events for a request that streams, else one object."""
    block: dict[str, Any] = {"type": "text", "text": turn.text} if isinstance(turn, Say) else _use(turn, number)
    message = {
        "id": f"msg_{number:06}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", "claude"),
        "content": [block],
        "stop_reason": "end_turn" if isinstance(turn, Say) else "tool_use",
        "stop_sequence": None,
        "usage": USAGE,
    }
    if not body.get("stream"):
        return json.dumps(message).encode()
    return b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in _events(message, block)
    )


def _use(turn: Turn, number: int) -> dict[str, Any]:
    assert not isinstance(turn, Say)
    return {"type": "tool_use", "id": f"toolu_{number:06}", "name": turn.tool, "input": dict(turn.arguments)}


def _events(message: dict[str, Any], block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    if block["type"] == "text":
        start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
    else:
        start = {**block, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    yield {"type": "content_block_start", "index": 0, "content_block": start}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
        "usage": USAGE,
    }
    yield {"type": "message_stop"}
