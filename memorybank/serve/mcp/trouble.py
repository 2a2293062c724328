"""What helps with trouble: a log of calls without their texts, also for a client that asks for it; the report of a bug.

A call has the level `debug`, one that was refused or failed `notice`, a bug `error`.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memorybank.serve.mcp.connection import Connection
    from memorybank.serve.mcp.protocol import Request, RpcError

# characters of a traceback in a message, where no report can be written
_REPORT = 2000


def is_logged(server: Connection) -> bool:
    """Whether calls are logged: with `--log FILE`, or MEMORYBANK_DEBUG=1, which logs to standard error."""
    return bool(server.options.log) or server.environ.get("MEMORYBANK_DEBUG", "") not in {"", "0"}


def _is_wanted(server: Connection, level: str) -> bool:
    """Whether the client asked for messages of this level."""
    from memorybank.serve.mcp.lifecycle import LEVELS
    from memorybank.serve.mcp.protocol import HANDSHAKE

    return server.era == HANDSHAKE and LEVELS.index(level) >= server.level


def log(server: Connection, event: str, level: str = "debug", **fields: Any) -> None:
    """Log one event as a line of JSON: names, sizes and times, never what was read or written."""
    is_wanted, is_kept = _is_wanted(server, level), is_logged(server)
    if not is_wanted and not is_kept:
        return
    from memorybank.facade.agents.connection import append_log, now_stamp

    row = {"at": now_stamp(), "event": event, **fields}
    if is_wanted:
        server.notify("notifications/message", {"level": level, "logger": "bank", "data": row})
    if not is_kept:
        return
    line = json.dumps(row, ensure_ascii=True) + "\n"
    if not server.options.log or not append_log(server.options.log, line.encode()):
        sys.stderr.write(line)


def bug_report(server: Connection, error: BaseException) -> str:
    """Write the report of a bug of ours, say so on standard error, and return the message for the client."""
    import traceback
    from contextlib import suppress

    from memorybank.errors import BankError
    from memorybank.facade.terminal.kept_text import write_report

    text = "".join(traceback.format_exception(error))
    try:
        where = str(write_report(text))
    except (BankError, OSError):
        where = f"this: {text[-_REPORT:]}"
    message = f"this is a bug in bank: {type(error).__name__}; report it with {where}"
    # whoever started the server may have closed standard error, and a log may be on a full disk
    with suppress(AttributeError, OSError, ValueError, BankError):
        sys.stderr.write(f"bank mcp: {message}\n")
        log(server, "bug", "error", kind=type(error).__name__, report=where)
    return message


def unknown_method(request: Request) -> RpcError:
    """Return the error for a method that is unknown, or of the other era."""
    from memorybank.serve.mcp import features, protocol
    from memorybank.serve.mcp.protocol import RpcError

    method = features.METHODS.get(request.method)
    if method is not None:
        needs = "an envelope in _meta" if method.era == features.MODERN else "the era with a handshake"
        return RpcError(protocol.UNKNOWN_METHOD, f"method not found: {request.method} is only for {needs}")
    from memorybank.serve.mcp.tools.arguments import near_miss

    close = near_miss(request.method, list(features.METHODS))
    advice = f"; did you mean {close}?" if close else ""
    return RpcError(protocol.UNKNOWN_METHOD, f"method not found: {request.method[:80]}{advice}", near=close)
