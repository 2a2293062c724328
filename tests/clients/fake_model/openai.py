"""The Responses API of OpenAI, always streamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.clients.fake_model.script import Row, Say, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clients.fake_model.script import Turn

_CALLS = ("function_call", "custom_tool_call", "tool_search_call", "local_shell_call")


def rows_of(body: dict[str, Any]) -> list[Row]:
    """Return the conversation of a request."""
    given = body.get("input", [])
    items = given if isinstance(given, list) else [{"role": "user", "content": given}]
    return [
        Row("\n".join(texts_of(item)), by_model=item.get("role") == "assistant" or item.get("type") in _CALLS)
        for item in items
        if item.get("type") != "reasoning"
    ]


def answer(turn: Turn, number: int, body: dict[str, Any]) -> bytes:
    """Return the body of an answer, as events."""
    return b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in _events(turn, number, body)
    )


def _events(turn: Turn, number: int, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    response = {"id": f"resp_{number:06}", "object": "response", "model": body.get("model", "gpt"), "output": []}
    yield {"type": "response.created", "response": {**response, "status": "in_progress"}}
    item = _item(turn, number)
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    usage = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 10,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 110,
    }
    yield {
        "type": "response.completed",
        "response": {**response, "status": "completed", "output": [item], "usage": usage},
    }


def _item(turn: Turn, number: int) -> dict[str, Any]:
    if isinstance(turn, Say):
        text = {"type": "output_text", "text": turn.text, "annotations": []}
        return {
            "type": "message",
            "id": f"msg_{number:06}",
            "role": "assistant",
            "status": "completed",
            "content": [text],
        }
    call = {"id": f"fc_{number:06}", "call_id": f"call_{number:06}", "name": turn.tool, "status": "completed"}
    if "*" in turn.arguments:  # a tool without a schema takes one text
        return {"type": "custom_tool_call", **call, "input": turn.arguments["*"]}
    space = {"namespace": turn.namespace} if turn.namespace else {}
    return {"type": "function_call", **call, **space, "arguments": json.dumps(dict(turn.arguments))}
