"""The hooks of each client, as parts of its files.

What only this machine reads gets the absolute path of the script, which starts fastest. Files that a team shares get
`bank hook`, because a path of one machine means nothing on another.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

from memorybank.agents.hook_events import CLIENTS, hook_command, opencode_plugin
from memorybank.agents.install.pieces import JsonDefault, JsonItems, OwnFile, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.agents.hook_events import HookEntry
    from memorybank.agents.install.places import Request

_SHARED = ("bank", "hook")
# settings of Claude Code for one machine
LOCAL_SETTINGS = "settings.local.json"


def hook_pieces(client: str, request: Request) -> Iterator[Piece]:
    """Yield the parts that make a client run the hooks; none for a client without hooks in this scope."""
    machine = request.machine
    match client:
        case "claude-code" if request.is_user:
            file = machine.folder("CLAUDE_CONFIG_DIR", ".claude") / "settings.json"
            yield from _groups(client, request, file)
        case "claude-code":
            # not the shared settings: these are for one machine, so the path may be absolute
            yield from _groups(client, request, machine.project / ".claude" / LOCAL_SETTINGS)
        case "codex":
            folder = machine.folder("CODEX_HOME", ".codex") if request.is_user else machine.project / ".codex"
            yield from _groups(client, request, folder / "hooks.json")
        case "gemini":
            folder = machine.folder("GEMINI_CLI_HOME", "") if request.is_user else machine.project
            yield from _groups(client, request, folder / ".gemini" / "settings.json")
        case "copilot" | "vscode" if not request.is_user:
            yield _copilot(request)
        case "cursor":
            folder = (machine.home if request.is_user else machine.project) / ".cursor"
            yield JsonDefault(folder / "hooks.json", "hooks", ("version",), 1)
            for entry in CLIENTS[client].entries:
                matcher = {"matcher": entry.matcher} if entry.matcher else {}
                value = {"command": _line(client, entry.event, request), **matcher, "timeout": entry.timeout}
                yield JsonItems(folder / "hooks.json", "hooks", ("hooks", entry.event), (value,))
        case "opencode":
            yield _opencode(request)
        case _:
            return


def _words(client: str, event: str, request: Request, *, is_private: bool) -> list[str]:
    if is_private or request.is_user:
        return hook_command(client, event)
    return [*_SHARED, event, *CLIENTS[client].argument]


def _line(client: str, event: str, request: Request) -> str:
    words = _words(client, event, request, is_private=False)
    return subprocess.list2cmdline(words) if request.machine.platform == "win32" else shlex.join(words)


def _groups(client: str, request: Request, file: Any) -> Iterator[Piece]:
    for entry in CLIENTS[client].entries:
        matcher = {"matcher": entry.matcher} if entry.matcher else {}
        value = {**matcher, "hooks": [_hook(client, entry, request)]}
        yield JsonItems(file, "hooks", ("hooks", entry.event), (value,))


def _hook(client: str, entry: HookEntry, request: Request) -> dict[str, Any]:
    if client == "claude-code":
        first, *more = _words(client, entry.event, request, is_private=True)
        return {"type": "command", "command": first, "args": more, "timeout": entry.timeout}
    name = {"name": "memorybank"} if client == "gemini" else {}
    return {**name, "type": "command", "command": _line(client, entry.event, request), "timeout": entry.timeout}


def _copilot(request: Request) -> Piece:
    hooks = {}
    for entry in CLIENTS["copilot"].entries:
        line = _line("copilot", entry.event, request)
        hooks[entry.event] = [{"type": "command", "bash": line, "powershell": line, "timeoutSec": entry.timeout}]
    data = json.dumps({"version": 1, "hooks": hooks}, indent=2) + "\n"
    return OwnFile(request.machine.project / ".github" / "hooks" / "memorybank.json", "hooks", data.encode())


def _opencode(request: Request) -> Piece:
    machine = request.machine
    if request.is_user:
        folder = machine.folder("XDG_CONFIG_HOME", ".config") / "opencode"
        text = opencode_plugin(hook_command("opencode"))
    else:
        folder = machine.project / ".opencode"
        # it takes the words before the event and those behind it
        text = opencode_plugin([*_SHARED]).replace("event, ...[]", 'event, ...["--client", "opencode"]')
    return OwnFile(folder / "plugins" / "memorybank.js", "hooks", text.encode())
