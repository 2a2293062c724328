"""The server: it listens on loopback, answers from a script, and keeps what the clients sent."""

from __future__ import annotations

import gzip
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.clients.fake_model import anthropic, gemini, openai
from tests.clients.fake_model.script import NO_TOOL, Row, Script, Turn, next_turn, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# before a call is repeated: the client waits for a server only once
THINKING = 2.0


class Sent(NamedTuple):
    """One request of a client."""

    path: str
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """Every text of the request: the system's, the conversation's and the tools'."""
        return "\n".join(texts_of(self.body))


class FakeModel:
    """What the model was sent, and what it answers."""

    def __init__(self, script: Script, port: int) -> None:
        self.script = script
        self.url = f"http://127.0.0.1:{port}"
        self.sent: list[Sent] = []
        self._lock = threading.Lock()

    @property
    def conversation(self) -> list[Sent]:
        """The requests that belong to the conversation: those that offer tools."""
        return [each for each in self.sent if each.body.get("tools")]

    @property
    def text(self) -> str:
        """Every text of the longest request of the conversation, mostly the last one: all that the model knows."""
        return max((each.text for each in self.conversation), key=len, default="")

    def answer(self, path: str, body: dict[str, Any]) -> tuple[bytes, bool]:
        """Return the answer to a request, and whether it is a stream of events."""
        with self._lock:
            self.sent.append(Sent(path, body))
            number = len(self.sent)
        if path.endswith("/count_tokens"):
            return b'{"input_tokens": 100}', False
        if path.endswith("/messages"):
            turn = self._turn(anthropic.rows_of(body), body)
            return anthropic.answer(turn, number, body), bool(body.get("stream"))
        if path.endswith("/responses"):
            turn = self._turn(openai.rows_of(body), body)
            return openai.answer(turn, number, body), True
        if "enerateContent" in path:
            streamed = path.endswith("streamGenerateContent")
            turn = self._turn(gemini.rows_of(body), body)
            return gemini.answer(turn, number, streamed=streamed), streamed
        return b"{}", False

    def _turn(self, rows: list[Row], body: dict[str, Any]) -> Turn:
        if rows and NO_TOOL in rows[-1].text:
            time.sleep(THINKING)
        return next_turn(self.script, rows, has_tools=bool(body.get("tools")))


@contextmanager
def fake_model(script: Script) -> Iterator[FakeModel]:
    """Serve a scripted model while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") == "gzip":
                data = gzip.decompress(data)
            try:
                body = json.loads(data or b"{}")
            except ValueError:
                body = {}
            out, streamed = model.answer(self.path.split("?")[0], body if isinstance(body, dict) else {})
            self._reply(out, "text/event-stream" if streamed else "application/json")

        def do_GET(self) -> None:
            self._reply(b'{"data": [], "models": []}', "application/json")

        def do_HEAD(self) -> None:
            self._reply(b"", "application/json")

        def _reply(self, out: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    model = FakeModel(script, server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
