"""`tools/list` and `tools/call`: the table of tools, and one call from its arguments to its answer."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any

from memorybank.errors import BankError
from memorybank.serve.mcp.protocol import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.serve.mcp.server import Server

FILE = "tools.json"
_PAGE = 100
_OPERATION = "operation"
_CORE = "core"
_ALL = "all"
_PREFIX = "bank_"
_FOR_CALLS = ("name", "inputSchema", "call")
# arguments that name a place or a record, for the log of calls; those that may also be words of a text only as one word
_ADDRESSES = ("address", "to", "file", "trigger", "stage")
_OR_WORDS = ("id", "session_id", "item", "workflow")
_LOG_LENGTH = 200


def every_tool() -> Iterator[dict[str, Any]]:
    """Read the tools, one at a time: all at once, as objects, would take more memory than the server itself."""
    import pkgutil

    # the package may stand in a zip file
    data = pkgutil.get_data(__name__, FILE) or b""
    for line in data.split(b"\n"):
        if line.startswith(b"{"):
            yield json.loads(line.rstrip(b","))


@cache
def table() -> dict[str, dict[str, Any]]:
    """Return what a call needs of each tool, by its name."""
    return {tool["name"]: {name: tool[name] for name in _FOR_CALLS} for tool in every_tool()}


def selected(server: Server) -> dict[str, dict[str, Any]]:
    """Return the tools that this server offers: the core, all, or those that are named."""
    wanted, read_only = server.options.tools, server.options.read_only
    names = {_full(each) for each in wanted.split(",")}
    return {
        name: tool
        for name, tool in table().items()
        if (wanted == _ALL or name in names or (_CORE in wanted.split(",") and tool["call"]["core"]))
        and (tool["call"]["reads"] or not read_only)
    }


def _full(name: str) -> str:
    name = name.strip()
    return name if name.startswith(_PREFIX) else f"{_PREFIX}{name}"


def unknown_tool(names: str) -> str:
    """Return what is wrong with the value of `--tools`, "" if nothing is."""
    for name in names.split(","):
        if name.strip() not in {_CORE, _ALL} and _full(name) not in table():
            from memorybank.serve.mcp.arguments import near_miss

            close = near_miss(_full(name), list(table())).removeprefix(_PREFIX)
            return f"there is no tool {name.strip()!r}: " + (f"did you mean {close}?" if close else "see docs/mcp.md")
    return ""


def list_tools(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the tools.

    Raises:
        RpcError: the cursor is not one of ours.
    """
    known = selected(server)
    rows = [each for each in every_tool() if each["name"] in known]
    return page_of("tools", [{name: each[name] for name in each if name != "call"} for each in rows], params, _PAGE)


def page_of(name: str, rows: list[Any], params: dict[str, Any], size: int) -> dict[str, Any]:
    """Return the page of a list that `cursor` names, with the cursor of the next one.

    Raises:
        RpcError: the cursor is not one of ours.
    """
    cursor = params.get("cursor")
    start = int(cursor) if isinstance(cursor, str) and cursor.isascii() and cursor.isdigit() and len(cursor) < 10 else 0  # noqa: PLR2004  digits
    if cursor is not None and not 0 < start < len(rows):
        raise RpcError(INVALID_PARAMS, "invalid cursor: begin again without one")
    more = {"nextCursor": str(start + size)} if start + size < len(rows) else {}
    return {name: rows[start : start + size], **more}


def call_tool(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """Run a tool. What fails in it is a result with `isError`, so that the model can read why.

    Raises:
        RpcError: the tool is unknown, or its arguments are wrong.
    """
    from memorybank.serve.mcp.arguments import check_arguments

    name = params.get("name")
    tool = _tool_of(server, name)
    given = check_arguments(tool["name"], tool["inputSchema"], params.get("arguments"))
    target = _operation_of(tool, given)
    begun = monotonic()
    server.interruptible(on=tool["call"]["long"])
    result, outcome = _answered(server, tool, target, given)
    server.interruptible(on=False)
    _record(server, tool["name"], params, result, outcome, begun)
    return result


def _tool_of(server: Server, name: Any) -> dict[str, Any]:
    known = selected(server)
    if isinstance(name, str) and name in known:
        return known[name]
    if isinstance(name, str) and name in table():
        only_reads = server.options.read_only
        why = "it writes, and this server only reads" if only_reads else "start the server with --tools all"
        raise RpcError(INVALID_PARAMS, f"tool {name} is not offered: {why}", tool=name)
    from memorybank.serve.mcp.arguments import near_miss

    text = name if isinstance(name, str) else ""
    close = near_miss(text, list(known)) or near_miss(_full(text), list(known))
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
        text = f"{said} needs {', '.join(missing)}"
        raise RpcError(INVALID_PARAMS, text, tool=tool["name"], missing=missing, known=list(target["names"]))
    extra = [name for name in given if name not in target["names"]]
    if extra:
        text = f"{said} takes no {', '.join(extra)}; it takes {', '.join(target['names']) or 'nothing'}"
        raise RpcError(INVALID_PARAMS, text, tool=tool["name"], extra=extra, known=list(target["names"]))
    return target


def _answered(
    server: Server, tool: dict[str, Any], target: dict[str, Any], given: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    from memorybank.serve.mcp import results
    from memorybank.serve.mcp.arguments import check_sizes
    from memorybank.serve.mcp.choose_bank import ASK_FOR_ROOTS, NeedsRoots, folder_of

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
    server: Server, tool: str, params: dict[str, Any], result: dict[str, Any], outcome: str, begun: float
) -> None:
    """Count the call: in the bank's log of calls, and in the log of trouble if there is one."""
    from memorybank.serve.mcp import trouble
    from memorybank.serve.mcp.choose_bank import describe, part_of, tool_of

    arguments = params.get("arguments") or {}
    given = [arguments.get(name) for name in _ADDRESSES]
    given += [word for name in _OR_WORDS if isinstance(word := arguments.get(name), str) and len(word.split()) == 1]
    named = [each[:_LOG_LENGTH] for each in given if isinstance(each, str)]
    sizes = (len(json.dumps(arguments)), len(json.dumps(result)))
    milliseconds = round((monotonic() - begun) * 1000, 1)
    if describe(server) is not None and not server.options.read_only:
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
