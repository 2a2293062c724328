"""A connection to the MCP server inside this process: requests are performed one by one, all that is sent is kept."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from memorybank.serve.mcp.protocol import ABILITIES_KEY, HANDSHAKE, MODERN, VERSION_KEY, request_of
from memorybank.serve.mcp.server import Server
from memorybank.serve.mcp.start import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ERAS = (HANDSHAKE, MODERN)


class Sink:
    """Keeps the messages that are sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def write(self, data: bytes, /) -> int:
        self.messages.append(json.loads(data))
        return len(data)


class Source:
    """Nothing is read: the tests perform requests themselves."""

    def read(self, size: int, /) -> bytes:
        return b""


class Talk:
    """One client of an era, on the bank of a project."""

    def __init__(self, project: Path, era: str = HANDSHAKE) -> None:
        self.era = era
        self.sink = Sink()
        self.server = Server(Options(bank=str(project)), Source(), self.sink, {})
        self._count = 0

    def send(self, method: str, **params: Any) -> int:
        """Perform a request, and return its id."""
        self._count += 1
        if self.era == MODERN:
            params["_meta"] = {VERSION_KEY: "2026-07-28", ABILITIES_KEY: {}}
        request = request_of({"jsonrpc": "2.0", "id": self._count, "method": method, "params": params})
        self.server.perform(request)
        return self._count

    def answer(self, ident: int) -> dict[str, Any] | None:
        """Return the answer to a request, None if it has none."""
        return next((each for each in self.sink.messages if each.get("id") == ident), None)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of a request."""
        answer = self.answer(self.send(method, **params))
        assert answer is not None
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        if self.era == MODERN:
            assert result["resultType"] == "complete"
        return result

    def refused(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the error of a request."""
        answer = self.answer(self.send(method, **params))
        assert answer is not None
        error: dict[str, Any] = answer["error"]
        return error

    def text(self, uri: str) -> str:
        """Return the text of a resource."""
        (content,) = self.ask("resources/read", uri=uri)["contents"]
        assert content["uri"] == uri
        text: str = content["text"]
        return text

    def told(self) -> list[tuple[str, str]]:
        """Return the notifications so far: the method, and the URI if one is named."""
        return [(each["method"], each["params"].get("uri", "")) for each in self.notifications()]

    def notifications(self) -> list[dict[str, Any]]:
        """Return the notifications so far."""
        return [each for each in self.sink.messages if "id" not in each]

    def forget(self) -> None:
        """Forget what was sent so far."""
        self.sink.messages.clear()


def until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.01)
