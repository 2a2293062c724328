"""What helps with trouble: a log of requests without their texts, and the report of a bug."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memorybank.serve.mcp.protocol import Request, RpcError
    from memorybank.serve.mcp.server import Server


def is_logged(server: Server) -> bool:
    """Whether calls are logged: with `--log FILE`, or MEMORYBANK_DEBUG=1, which logs to standard error."""
    return bool(server.options.log) or server.environ.get("MEMORYBANK_DEBUG", "") not in {"", "0"}


def log(server: Server, event: str, **fields: Any) -> None:
    """Log one event as a line of JSON: names, sizes and times, never what was read or written."""
    if not is_logged(server):
        return
    from memorybank.facade.agents.connection import append_log, now_stamp

    row = {"at": now_stamp(), "event": event, **fields}
    line = json.dumps(row, ensure_ascii=True) + "\n"
    if not server.options.log or not append_log(server.options.log, line.encode()):
        sys.stderr.write(line)


def bug_report(server: Server, error: Exception) -> str:
    """Write the report of a bug of ours, and return the message for the client."""
    import traceback

    from memorybank.errors import BankError
    from memorybank.facade.terminal.kept_text import write_report

    text = "".join(traceback.format_exception(error))
    try:
        where = str(write_report(text))
    except BankError:
        where = "(it could not be written)"
        sys.stderr.write(text)
    log(server, "bug", kind=type(error).__name__, report=where)
    return f"this is a bug in bank: {type(error).__name__}; report it with {where}"


def unknown_method(request: Request) -> RpcError:
    """Return the error for a method that is unknown, or of the other era."""
    from memorybank.serve.mcp import features, protocol
    from memorybank.serve.mcp.protocol import RpcError

    method = features.METHODS.get(request.method)
    if method is not None:
        needs = "an envelope in _meta" if method.era == features.MODERN else "the era with a handshake"
        return RpcError(protocol.UNKNOWN_METHOD, f"method not found: {request.method} is only for {needs}")
    from memorybank.serve.mcp.arguments import near_miss

    close = near_miss(request.method, list(features.METHODS))
    advice = f"; did you mean {close}?" if close else ""
    return RpcError(protocol.UNKNOWN_METHOD, f"method not found: {request.method[:80]}{advice}", near=close)
