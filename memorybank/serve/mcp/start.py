"""The start of `bank mcp`: its options without a library, so that a client's request is answered at once."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

CORE = "core"
ALL = "all"
OK = 0
# what a terminal would show is for a person who typed the command to see what it does
_USAGE = 2


class Options(NamedTuple):
    """The options of `bank mcp`."""

    bank: str = ""
    tools: str = CORE
    log: str = ""
    role: str = ""
    read_only: bool = False


def parsed(words: list[str]) -> Options | None:
    """Return the options; None where a word is not one, which the command line then explains."""
    options = Options()
    left = list(words)
    while left:
        name, equals, value = left.pop(0).partition("=")
        if name == "--read-only" and not equals:
            options = options._replace(read_only=True)
            continue
        if name not in {"--bank", "--tools", "--log", "--role"} or not (equals or left):
            return None
        value = value if equals else left.pop(0)
        if not value.strip():
            return None
        options = Options(**{**options._asdict(), name[2:]: value})
    return options if _are_known(options) else None


def _are_known(options: Options) -> bool:
    if options.tools in {CORE, ALL} and not options.role:
        return True
    return not why_unknown(options)


def why_unknown(options: Options) -> str:
    """Return why an option's value is invalid, "" if it is not."""
    from memorybank.serve.mcp.tools.listed import unknown_tool

    name = unknown_tool(options.tools)
    if name:
        return name
    from memorybank.facade.agents.connection import why_not_a_role

    return why_not_a_role(options.role)


def fast(words: list[str]) -> int | None:
    """Run the server if these are words of `bank mcp`; None if the command line has to read them."""
    options = parsed(words)
    if options is None or sys.stdin is None or sys.stdout is None:
        return None
    return serve(options)


def serve(options: Options) -> int:
    """Answer on standard output until standard input ends. Nothing else can write to standard output."""
    from io import FileIO

    from memorybank.serve.mcp.server import Server

    source = FileIO(os.dup(0), "r")
    sink = FileIO(os.dup(1), "w")
    # programs that are run must neither read the client's messages nor write among the answers
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    # the old one is kept: a stream that nothing holds is closed, with a warning
    _kept, sys.stdout = sys.stdout, sys.stderr
    server = Server(options, source, sink)
    server.run()
    # the reading thread may wait for more; everything that was written is durable
    os._exit(server.status)
