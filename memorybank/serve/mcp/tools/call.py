"""`tools/call`: one call of a tool, from its arguments to its answer."""

from __future__ import annotations

import json
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any

from memorybank.errors import BankError
from memorybank.serve.mcp.protocol import INVALID_PARAMS, RpcError
from memorybank.serve.mcp.tools.listed import full_name, selected, table

if TYPE_CHECKING:
    from memorybank.serve.mcp.server import Server

_OPERATION = "operation"
# characters of a call that is cancelled as a long one
_LARGE = 50_000
# arguments that name a place or a record, for the log of calls; those that may also be words of a text only as one word
_ADDRESSES = ("address", "to", "file", "trigger", "stage")
_OR_WORDS = ("id", "session_id", "item", "workflow")
_LOG_LENGTH = 200


def call_tool(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Run a tool. What fails in it is a result with `isError`, so that the model can read why.

    Raises:
        RpcError: the tool is unknown, or its arguments are wrong.
    """
    from memorybank.serve.mcp.tools.arguments import check_arguments, texts_in

    name = params.get("name")
    tool = _tool_of(server, name)
    given = check_arguments(tool["name"], tool["inputSchema"], params.get("arguments"))
    target = _operation_of(tool, given)
    begun = monotonic()
    # a text of many lines takes seconds to read; a short write is not left for the next one to settle
    server.interruptible(on=tool["call"]["long"] or sum(map(len, texts_in(given))) > _LARGE)
    result, outcome = _answered(server, tool, target, given)
    server.interruptible(on=False)
    is_logged = outcome == "ok" and tool["call"].get("logs", False)
    _record(server, tool["name"], params, result, outcome, begun, is_logged=is_logged)
    return result


def _tool_of(server: Server, name: Any) -> dict[str, Any]:
    known = selected(server)
    if isinstance(name, str) and name in known:
        return known[name]
    if isinstance(name, str) and name in table():
        only_reads = server.options.read_only
        why = "it writes, and this server only reads" if only_reads else "start the server with --tools all"
        raise RpcError(INVALID_PARAMS, f"tool {name} is not offered: {why}", tool=name)
    from memorybank.serve.mcp.tools.arguments import near_miss

    text = name if isinstance(name, str) else ""
    close = near_miss(text, list(known)) or near_miss(full_name(text), list(known))
    advice = f"; did you mean {close}?" if close else ""
    raise RpcError(INVALID_PARAMS, f"unknown tool: {text[:80]!r}{advice}", tool=text[:80], near=close)


def _operation_of(tool: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return what a call runs; its operation is taken out of the arguments."""
    operations: dict[str, dict[str, Any]] = tool["call"]["operations"]
    operation = given.pop(_OPERATION, "")
    target = operations[operation]
    said = f"{tool['name']} with operation {operation!r}" if operation else tool["name"]
    missing = [name for name in target["needs"] if name not in given]
    if missing:
        about = {name: each["description"] for name, each in tool["inputSchema"]["properties"].items()}
        text = f"{said} needs {'; '.join(f'{name} ({about[name]})' for name in missing)}"
        raise RpcError(INVALID_PARAMS, text, tool=tool["name"], missing=missing, known=list(target["names"]))
    extra = [name for name in given if name not in target["names"]]
    if extra:
        text = f"{said} takes no {', '.join(extra)}; it takes {', '.join(target['names']) or 'nothing'}"
        raise RpcError(INVALID_PARAMS, text, tool=tool["name"], extra=extra, known=list(target["names"]))
    return target


def _answered(
    server: Server, tool: dict[str, Any], target: dict[str, Any], given: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    from memorybank.serve.mcp.choose_bank import ASK_FOR_ROOTS, NeedsRoots, folder_of
    from memorybank.serve.mcp.tools import results
    from memorybank.serve.mcp.tools.arguments import check_sizes

    try:
        folder_of(server)
        check_sizes(tool["name"], given)
        if target.get("pages"):
            value, beside = results.page(
                given, lambda wanted: _run(server, tool, target, wanted), is_own=target["pages"] == "own"
            )
        else:
            value, beside = _run(server, tool, target, given), {}
        return results.result_of(server, tool["name"], value, beside, given), "ok"
    except NeedsRoots:
        return dict(ASK_FOR_ROOTS), "input-required"
    except BankError as error:
        return results.refusal_of(server, error, selected(server), given), error.code
    except (OSError, ImportError, RecursionError, UnicodeError) as error:
        refusal = results.error_of(error)
        return results.refusal_of(server, refusal, selected(server), given), refusal.code


def _run(server: Server, tool: dict[str, Any], target: dict[str, Any], given: dict[str, Any]) -> Any:
    from memorybank.serve.mcp.choose_bank import part_of

    arguments = {target["names"][name]: value for name, value in given.items()}
    module_name, _, part = target["part"].partition(":")
    if not tool["call"]["reads"]:
        from memorybank.facade.agents.connection import Connecting

        part_of(server, Connecting).session()
    if target.get("progress"):
        arguments["on_progress"] = lambda *told: _report(server, *told)
    module = import_module(f"memorybank.{module_name}")
    if not part:
        return getattr(module, target["method"])(server, **arguments)
    return getattr(part_of(server, getattr(module, part)), target["method"])(**arguments)


def _report(server: Server, *told: Any) -> None:
    """Report progress; what is worked on, how much is done, and how much there is."""
    texts = [each for each in told if isinstance(each, str)]
    numbers = [each for each in told if isinstance(each, int | float)]
    if numbers:
        server.progress(numbers[0], numbers[1] if len(numbers) > 1 else None, texts[0] if texts else "")


def _record(
    server: Server,
    tool: str,
    params: dict[str, Any],
    result: dict[str, Any],
    outcome: str,
    begun: float,
    *,
    is_logged: bool,
) -> None:
    """Count the call: in the bank's log of calls, unless it is there, and in the log of trouble if there is one."""
    from memorybank.serve.mcp import trouble
    from memorybank.serve.mcp.choose_bank import describe, part_of, tool_of

    arguments = params.get("arguments") or {}
    given = [arguments.get(name) for name in _ADDRESSES]
    given += [word for name in _OR_WORDS if isinstance(word := arguments.get(name), str) and len(word.split()) == 1]
    named = [each[:_LOG_LENGTH] for each in given if isinstance(each, str)]
    sizes = (len(json.dumps(arguments)), len(json.dumps(result)))
    milliseconds = round((monotonic() - begun) * 1000, 1)
    if not is_logged and describe(server) is not None and not server.options.read_only:
        from memorybank.facade.agents.audit_log import Audit
        from memorybank.facade.agents.connection import Connecting

        # without a bank the answer says so
        with suppress(BankError):
            part_of(server, Audit).record(
                tool=tool,
                client=tool_of(server),
                addresses=named,
                bytes_in=sizes[0],
                bytes_out=sizes[1],
                milliseconds=milliseconds,
                outcome=outcome,
                session=part_of(server, Connecting).current(),
            )
    level = "debug" if outcome in {"ok", "input-required"} else "notice"
    told = {"tool": tool, "outcome": outcome, "bytes_in": sizes[0], "bytes_out": sizes[1], "ms": milliseconds}
    trouble.log(server, "call", level, **told)
