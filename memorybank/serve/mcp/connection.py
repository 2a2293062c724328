"""One connection: what the client sends is sorted as it comes, what is answered is written whole.

A thread reads, so that a ping is answered and a call is cancelled while another one runs.
"""

from __future__ import annotations

import _queue
import _signal as signal  # type: ignore[import-not-found]  # it has no stubs
import _thread
import os
from io import FileIO
from typing import Any

from memorybank import __version__
from memorybank.serve.mcp import protocol
from memorybank.serve.mcp.protocol import Batch, Request, RpcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.serve.mcp.protocol import Sink, Source
    from memorybank.serve.mcp.start import Options

# the longest message: a larger one is answered with an error, and never held in memory
MAX_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_HEAD = 4096
_MOST_IN_BATCH = 1000
# the status of a process that ends by a bug of ours
_FAILED = 70


class Connection:
    """What the client says of itself, the requests that wait, and the one that runs."""

    def __init__(self, options: Options, source: Source, sink: Sink, environ: Mapping[str, str] | None = None) -> None:
        self.options = options
        self.environ = os.environ if environ is None else environ
        self.info = {"name": "bank", "title": "Memory bank", "version": __version__}
        self.version = ""
        # from which on messages of the log are sent: none before the client chooses one
        self.level = 8
        self.request = Request("", "", {})
        # what features keep for the time of the connection, by their name
        self.kept: dict[str, Any] = {}
        self._client: Mapping[str, Any] = {}
        self._abilities: Mapping[str, Any] = {}
        self._source = source
        self._sink = sink
        self._write_lock = _thread.allocate_lock()
        self._inbox: _queue.SimpleQueue[Any] = _queue.SimpleQueue()
        self._waiting: dict[str | int, Request] = {}
        self._asked: dict[str, _queue.SimpleQueue[dict[str, Any]]] = {}
        self._count = 0
        self._runs_long = False
        self._is_gone = False
        self._main = 0
        # of the process, at its end
        self.status = 0

    @property
    def era(self) -> str:
        """The era of the request that runs: "handshake" or "modern"."""
        return self.request.era

    @property
    def client(self) -> Mapping[str, Any]:
        """What the client says of itself: `name`, `version`."""
        return self.request.client or self._client

    @property
    def abilities(self) -> Mapping[str, Any]:
        """The capabilities of the client."""
        return self.request.abilities if self.request.era == protocol.MODERN else self._abilities

    def opened(self, version: str, client: Any, abilities: Any) -> None:
        """Keep what the handshake says."""
        self.version = version
        self._client = client if isinstance(client, dict) else {}
        self._abilities = abilities if isinstance(abilities, dict) else {}

    def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Send a notification, from any thread."""
        self.send({"jsonrpc": "2.0", "method": method, "params": dict(params)})

    def ask(self, method: str, params: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """Ask the client, in the era with a handshake, and return its result; None for an error or no answer."""
        self._count += 1
        ident = f"bank-{self._count}"
        box: _queue.SimpleQueue[dict[str, Any]] = _queue.SimpleQueue()
        self._asked[ident] = box
        try:
            self.send({"jsonrpc": "2.0", "id": ident, "method": method, "params": dict(params)})
            result = box.get(timeout=seconds).get("result")
        except _queue.Empty:
            return None
        finally:
            del self._asked[ident]
        return result if isinstance(result, dict) else None

    def send(self, message: Any) -> None:
        """Write one message, from any thread."""
        data = memoryview(protocol.encoded(message))
        with self._write_lock:
            if self._is_gone:
                return
            try:
                while data:
                    # a part of it, so that a pipe that is full does not make a copy of all the rest each time
                    data = data[self._sink.write(data[:_CHUNK].tobytes()) or 0 :]
            except OSError:
                self._is_gone = True
        if self._is_gone:
            self._interrupt()

    # --- answers

    def _answer(self, request: Request, outcome: dict[str, Any]) -> None:
        message = {"jsonrpc": "2.0", "id": request.ident, **outcome}
        try:
            protocol.encoded(message) if request.batch else self.send(message)
        except Exception as error:  # noqa: BLE001  what cannot be written as JSON is a bug, too
            message = {"jsonrpc": "2.0", "id": request.ident, "error": self._report(error)}
            if not request.batch:
                self.send(message)
        if request.batch:
            self._batched(request.batch, message)

    def _batched(self, batch: Batch, message: dict[str, Any] | None) -> None:
        batch.left -= 1
        batch.answers += [] if message is None else [message]
        if not batch.left and batch.answers:
            self.send(batch.answers)

    def _report(self, error: BaseException) -> dict[str, Any]:
        from memorybank.serve.mcp.trouble import bug_report

        return RpcError(protocol.INTERNAL_ERROR, bug_report(self, error)).to_wire()

    # --- reading

    def _read(self) -> None:
        """Read until the end; then wait until nobody reads the answers either, and end what runs."""
        try:
            for line in protocol.lines_of(self._source, MAX_BYTES):
                self.take(line)
        except BaseException as error:  # noqa: BLE001  a thread that dies in silence leaves a client that waits for ever
            self.status = _FAILED
            self._report(error)
            self._is_gone = True
            self._interrupt()
        self._inbox.put(None)
        self._wait_for_end()

    def _refuse_large(self, head: bytes) -> None:
        text = f"the message is larger than {MAX_BYTES} bytes; send less: a text has at most 1,000,000 characters"
        error = RpcError(protocol.INVALID_REQUEST, text, limit_bytes=MAX_BYTES)
        self.send({"jsonrpc": "2.0", "id": protocol.ident_in(head), "error": error.to_wire()})

    def take(self, line: bytes) -> None:
        """Take one line: queue its requests, and answer at once what can be; a bug of ours answers the line."""
        try:
            self._take(line)
        except Exception as error:  # noqa: BLE001  the boundary of the thread that reads
            self.send({"jsonrpc": "2.0", "id": protocol.ident_in(line[:_HEAD]), "error": self._report(error)})

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        if len(line) > MAX_BYTES:
            self._refuse_large(line[:_HEAD])
            return
        try:
            message = protocol.parsed(line)
            if not isinstance(message, list):
                self._take_one(message, None)
                return
            if not 0 < len(message) <= _MOST_IN_BATCH or self.version != protocol.BATCH_VERSION:
                what = f"batches are only part of {protocol.BATCH_VERSION}, with 1 to {_MOST_IN_BATCH} messages"
                raise RpcError(protocol.INVALID_REQUEST, what)  # noqa: TRY301  one place answers errors
        except RpcError as error:
            # what is no JSON has no id; a number in it that is too large has
            ident = protocol.ident_in(line[:_HEAD]) if error.code == protocol.INVALID_PARAMS else None
            self.send({"jsonrpc": "2.0", "id": ident, "error": error.to_wire()})
            return
        asks = [each for each in message if not isinstance(each, dict) or ("id" in each and "method" in each)]
        batch = Batch(len(asks))
        for each in message:
            self._take_one(each, batch)

    def _take_one(self, message: Any, batch: Batch | None) -> None:
        ident = message.get("id") if isinstance(message, dict) else None
        try:
            self._sort(message, batch)
        except RpcError as error:
            ident = ident if isinstance(ident, str | int) and not isinstance(ident, bool) else None
            answer = {"jsonrpc": "2.0", "id": ident, "error": error.to_wire()}
            if batch is None:
                self.send(answer)
            else:
                self._batched(batch, answer)

    def _sort(self, message: Any, batch: Batch | None) -> None:
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            raise RpcError(protocol.INVALID_REQUEST, 'not a JSON-RPC message: it needs "jsonrpc": "2.0"')
        method = message.get("method")
        if method is None and "id" in message and ("result" in message or "error" in message):
            box = self._asked.get(str(message["id"]))
            if box is not None:
                box.put(message)
            return
        if not isinstance(method, str):
            raise RpcError(protocol.INVALID_REQUEST, "the message has no method")
        if "id" not in message:
            if method == "notifications/cancelled":
                self._cancel(message)
            else:
                self._inbox.put(message)
            return
        request = protocol.request_of(message, batch)
        if method == "ping" and request.era == protocol.HANDSHAKE:
            self._answer(request, {"result": {}})
            return
        if request.ident in self._waiting:
            raise RpcError(protocol.INVALID_REQUEST, f"a request with the id {request.ident!r} is being answered")
        self._waiting[request.ident] = request
        self._inbox.put(request)

    def _cancel(self, message: dict[str, Any]) -> None:
        params = message.get("params")
        ident = params.get("requestId") if isinstance(params, dict) else None
        request = self._waiting.get(ident) if isinstance(ident, str | int) else None
        if request is None and "subscriptions" in self.kept:
            # perhaps one that is answered later
            self._inbox.put(message)
        if request is None or request.method == "initialize":
            return
        request.is_cancelled = True
        if request is self.request and self._runs_long:
            self._interrupt()

    # --- the end

    def _interrupt(self) -> None:
        """Interrupt the main thread, also where it waits for a program or a lock."""
        if not self._main or _thread.get_ident() == self._main:
            return
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(self._main, signal.SIGINT)
        else:
            _thread.interrupt_main()

    def _wait_for_end(self) -> None:
        """Wait until the reader of the answers is gone; then nothing that runs is of use to anybody."""
        import select

        if not hasattr(select, "poll") or not isinstance(self._sink, FileIO):
            return
        watch = select.poll()
        watch.register(self._sink.fileno(), 0)
        watch.poll()
        self._is_gone = True
        self._interrupt()
