"""`tools/list`: the table of tools as this server offers it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from memorybank.serve.mcp.protocol import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.serve.mcp.server import Server

FILE = "tools.json"
PREFIX = "bank_"
_PAGE = 100
_CORE = "core"
_ALL = "all"
_FOR_CALLS = ("name", "inputSchema", "call")


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
    names = {full_name(each) for each in wanted.split(",")}
    return {
        name: tool
        for name, tool in table().items()
        if (wanted == _ALL or name in names or (_CORE in wanted.split(",") and tool["call"]["core"]))
        and (tool["call"]["reads"] or not read_only)
    }


def full_name(name: str) -> str:
    """Return the name of a tool that may be named without its prefix."""
    name = name.strip()
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}"


def unknown_tool(names: str) -> str:
    """Return what is wrong with the value of `--tools`, "" if nothing is."""
    for name in names.split(","):
        if name.strip() not in {_CORE, _ALL} and full_name(name) not in table():
            from memorybank.serve.mcp.tools.arguments import near_miss

            close = near_miss(full_name(name), list(table())).removeprefix(PREFIX)
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
