"""The loop: the main thread answers in the order of the requests, while another one reads, see `connection`.

A cancelled call ends as with Ctrl-C, which all
of `bank` survives; one that is short and may have written is not interrupted, only its answer is dropped.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # it has no stubs
import _thread
import sys
from importlib import import_module
from time import monotonic
from typing import Any

from memorybank.serve.mcp import features, protocol
from memorybank.serve.mcp.connection import Connection
from memorybank.serve.mcp.protocol import LATER, Request, RpcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.serve.mcp.protocol import Sink, Source
    from memorybank.serve.mcp.start import Options

_HOME = "memorybank.serve.mcp."
_CALL = "tools/call"
# seconds between two reports of progress
_BETWEEN = 0.1


class Cancelled(KeyboardInterrupt):
    """The client cancelled the call that runs, or is gone."""


class Server(Connection):
    """A connection whose requests are answered."""

    def __init__(self, options: Options, source: Source, sink: Sink, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(options, source, sink, environ)
        self._reported = 0.0
        self._told: tuple[Request | None, float] = (None, 0.0)

    # --- what features use

    def bank(self) -> Any:
        """Return the `Bank` of this call, see `choose_bank`; errors are those of `choose_bank.folder_of`."""
        from memorybank.facade.bank import Bank
        from memorybank.serve.mcp.choose_bank import part_of

        return part_of(self, Bank)

    def respond(self, request: Request, result: dict[str, Any]) -> None:
        """Answer a request, from any thread; for one whose function returned `LATER`."""
        self._answer(request, {"result": self._completed(request, result)})

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        """Report progress that grew, if the client wants to know; at most ten times a second."""
        token, now = self.request.meta.get("progressToken"), monotonic()
        before = self._told[1] if self._told[0] is self.request else -1.0
        if not isinstance(token, str | int | float) or isinstance(token, bool):
            return
        if done <= before or (now - self._reported < _BETWEEN and done != total):
            return
        self._reported, self._told = now, (self.request, done)
        told = {"progressToken": token, "progress": done}
        told |= {} if total is None else {"total": total}
        self.notify("notifications/progress", told | ({"message": message} if message else {}))

    def interruptible(self, *, on: bool) -> None:
        """Let the request that runs be interrupted when the client cancels it, or no longer."""
        self._runs_long = on

    # --- the loop

    def run(self) -> None:
        """Answer until the client closes its end; what it asked before is answered."""
        self._main = _thread.get_ident()
        old = {each: signal.signal(each, self._on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
        _thread.start_new_thread(self._read, ())
        try:
            while not self._is_gone:
                work = self._inbox.get()
                if work is None:
                    return
                self._do(work)
        except (Cancelled, KeyboardInterrupt):
            return
        finally:
            for kept in [each for each in self.kept.values() if hasattr(each, "close")]:
                kept.close()
            for each, handler in old.items():
                signal.signal(each, handler)

    def drain(self) -> None:
        """Answer all that waits, and return; for a server whose messages come from `take`."""
        while not self._inbox.empty():
            self._do(self._inbox.get())

    def _do(self, work: Request | dict[str, Any]) -> None:
        if isinstance(work, Request):
            self.perform(work)
            if work.method == _CALL:
                from memorybank.serve.mcp.syncing import sync_beside

                sync_beside(self)
            return
        method = features.NOTIFICATIONS.get(work["method"])
        params = work.get("params")
        if method is None:
            return
        try:
            _function(method)(self, params if isinstance(params, dict) else {})
        except Exception as error:  # noqa: BLE001  a notification has no answer, and a bug in it ends nothing
            self._report(error)

    def perform(self, request: Request) -> None:
        """Run a request, and answer it unless it was cancelled."""
        self.request = request
        try:
            if request.is_cancelled:
                outcome: dict[str, Any] | None = None
            else:
                outcome = self._outcome(request)
        except Cancelled:
            if self._is_gone:
                raise
            outcome = None
        finally:
            self._runs_long = False
            self._waiting.pop(request.ident, None)
            self.kept.pop(protocol.FOUND_FOR, None)
        if outcome is not None and not request.is_cancelled:
            self._answer(request, outcome)
        elif request.batch is not None and request.is_cancelled:
            self._batched(request.batch, None)

    def _outcome(self, request: Request) -> dict[str, Any] | None:
        try:
            method = features.METHODS.get(request.method)
            if method is None or method.era not in {features.BOTH, request.era}:
                from memorybank.serve.mcp.trouble import unknown_method

                raise unknown_method(request)  # noqa: TRY301  one place answers errors
            result = _function(method)(self, request.params)
            return None if result is LATER else {"result": self._completed(request, result)}
        except RpcError as error:
            return {"error": error.to_wire()}
        except Exception as error:  # noqa: BLE001  the boundary: a bug answers this request and ends nothing
            return {"error": self._report(error)}

    def _completed(self, request: Request, result: dict[str, Any]) -> dict[str, Any]:
        if request.era != protocol.MODERN:
            return result
        ttl = features.METHODS[request.method].ttl
        kept = {} if ttl is None else {"ttlMs": ttl, "cacheScope": "private"}
        meta = {protocol.SERVER_KEY: self.info, **result.get("_meta", {})}
        return {"resultType": "complete", **kept, **result, "_meta": meta}

    # --- the end of a call

    def _on_signal(self, number: int, _frame: Any) -> None:
        if number == signal.SIGTERM or self._is_gone:
            self._is_gone = True
            raise Cancelled
        if self.request.is_cancelled:
            # what was not interrupted in time has its answer already
            if self._runs_long:
                raise Cancelled
            return
        raise KeyboardInterrupt


def _function(method: features.Method) -> Any:
    module = sys.modules.get(_HOME + method.module) or import_module(_HOME + method.module)
    return getattr(module, method.function)
