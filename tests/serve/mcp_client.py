"""A client of `bank mcp`: in this process, where a message is answered at once, or with a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from memorybank.serve.mcp.choose_bank import PLUGIN_VARIABLES, PROJECT_VARIABLES, WORKSPACE_VARIABLES
from memorybank.serve.mcp.protocol import ABILITIES_KEY, VERSION_KEY
from memorybank.serve.mcp.server import Server
from memorybank.serve.mcp.start import Options
from tests.running import MODULE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

MODERN = {VERSION_KEY: "2026-07-28", ABILITIES_KEY: {}}


class Lines:
    """What a server writes, as messages."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes, /) -> int:
        """Take at most a thousand bytes at once, as a full pipe does."""
        self.data += data[:1000]
        return min(len(data), 1000)

    def taken(self) -> list[Any]:
        """Return the messages since the last call."""
        data, self.data = self.data, b""
        return [json.loads(line) for line in data.split(b"\n") if line]


class Nothing:
    """A source of no messages."""

    def read(self, _size: int, /) -> bytes:
        """Return the end."""
        return b""


class Client:
    """One connection to a server in this process."""

    def __init__(self, environ: dict[str, str] | None = None, **options: Any) -> None:
        self.lines = Lines()
        unset = {*PROJECT_VARIABLES, *WORKSPACE_VARIABLES, *PLUGIN_VARIABLES}
        own = {name: value for name, value in os.environ.items() if name not in unset}
        self.server = Server(Options(**options), Nothing(), self.lines, own | (environ or {}))
        self.count = 0

    def send(self, line: bytes) -> list[Any]:
        """Send a line as it is, and return all that is answered."""
        self.server.take(line)
        self.server.drain()
        return self.lines.taken()

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request, and return its answer: the last message."""
        self.count += 1
        message = {"jsonrpc": "2.0", "id": self.count, "method": method, "params": params or {}}
        answer: dict[str, Any] = self.send(json.dumps(message).encode())[-1]
        assert answer["id"] == self.count
        return answer

    def open(self, name: str = "codex-mcp-client", version: str = "2025-06-18", **abilities: Any) -> dict[str, Any]:
        """Do the handshake, and return its result."""
        client = {"name": name, "version": "1"}
        params = {"protocolVersion": version, "capabilities": abilities, "clientInfo": client}
        result: dict[str, Any] = self.ask("initialize", params)["result"]
        return result

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool, and return its result."""
        answer = self.ask("tools/call", {"name": f"bank_{tool}", "arguments": arguments})
        assert "result" in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def done(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must succeed, and return its structured answer."""
        result = self.call(tool, **arguments)
        assert result["isError"] is False, result
        structured: dict[str, Any] = result["structuredContent"]
        return structured

    def refused(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must be refused, and return the error."""
        result = self.call(tool, **arguments)
        assert result["isError"] is True, result
        error: dict[str, Any] = result["structuredContent"]["error"]
        return error


def start(folder: Path, *words: str, stderr: int | None = None, **environ: str) -> subprocess.Popen[bytes]:
    """Start `bank mcp` as a client does."""
    command = [sys.executable, "-m", "memorybank", "mcp", *words]
    own = {**os.environ, **environ}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=own, stdin=pipe, stdout=pipe, stderr=stderr)


def request(ident: int, method: str, **params: Any) -> bytes:
    """Return a request as a line."""
    return json.dumps({"jsonrpc": "2.0", "id": ident, "method": method, "params": params}).encode() + b"\n"


class Served:
    """A client with a server that is a process of its own, which it waits for at each request."""

    def __init__(self, number: int, project: Path) -> None:
        self.number = number
        self.server = subprocess.Popen(
            [*MODULE, "mcp", "--bank", str(project)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.asked = 0
        about = {"name": f"client{number}", "version": "1"}
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about})

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer; None if the server died."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.asked += 1
        request = {"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}
        try:
            self.server.stdin.write(json.dumps(request) + "\n")
            self.server.stdin.flush()
            for line in self.server.stdout:
                answer: dict[str, Any] = json.loads(line)
                if answer.get("id") == self.asked:
                    return answer
        except BrokenPipeError:
            pass
        return None

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool, and return its result."""
        answer = self.ask("tools/call", {"name": f"bank_{tool}", "arguments": arguments})
        assert answer is not None
        result: dict[str, Any] = answer["result"]
        return result

    def end(self) -> None:
        """Close both ends; the server then ends by itself."""
        for pipe in (self.server.stdin, self.server.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                continue
