"""The clients: what each of them gets in a project or for a user, in the form that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.agents.install import texts
from memorybank.agents.install.block import BEGIN, END
from memorybank.agents.install.hook_pieces import hook_pieces
from memorybank.agents.install.pieces import Block, JsonItems, JsonKey, OwnFile, Piece, TomlTable
from memorybank.agents.install.places import PROJECT, USER, Request
from memorybank.agents.skill_files import command_files, skill_files, skill_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Client(NamedTuple):
    """A client: its scopes, whether it has hooks by default, and notes for the user after an install.

    `notes` are for a project, `hook_notes` for hooks in any scope.
    """

    name: str
    title: str
    scopes: tuple[str, ...]
    pieces: Callable[[Request], Iterator[Piece]]
    hooks: bool = True
    notes: tuple[str, ...] = ()
    hook_notes: tuple[str, ...] = ()


def _skills(folder: Path) -> Iterator[Piece]:
    for name in skill_names():
        for path, data in skill_files(name).items():
            yield OwnFile(folder / name / path, "skill", data, folder / name)


def _standard(request: Request) -> dict[str, Any]:
    command, args = request.server()
    return {"command": command, "args": args}


def _shared_skills(request: Request) -> Iterator[Piece]:
    machine = request.machine
    yield from _skills((machine.home if request.is_user else machine.project) / ".agents" / "skills")


def _claude_code(request: Request) -> Iterator[Piece]:
    machine = request.machine
    folder = machine.folder("CLAUDE_CONFIG_DIR", ".claude") if request.is_user else machine.project / ".claude"
    file = machine.claude_json() if request.is_user else machine.project / ".mcp.json"
    # first, since an install is recognised by it: other clients read and get the project's `.mcp.json` too
    yield from _skills(folder / "skills")
    yield JsonKey(file, "server", ("mcpServers", "bank"), {"type": "stdio", **_standard(request)})
    yield JsonItems(folder / "settings.json", "permissions", ("permissions", "allow"), texts.claude_permissions())
    for path, data in command_files().items():
        yield OwnFile(folder / "commands" / path, "commands", data)
    yield _rules((folder if request.is_user else machine.project) / "CLAUDE.md", request)


def _claude_desktop(request: Request) -> Iterator[Piece]:
    file = request.machine.app_data / "Claude" / "claude_desktop_config.json"
    yield JsonKey(file, "server", ("mcpServers", "bank"), _standard(request))


def _codex(request: Request) -> Iterator[Piece]:
    machine = request.machine
    folder = machine.folder("CODEX_HOME", ".codex") if request.is_user else machine.project / ".codex"
    yield TomlTable(folder / "config.toml", "server", ("mcp_servers", "bank"), _standard(request))
    yield from _shared_skills(request)
    yield _rules((folder if request.is_user else machine.project) / "AGENTS.md", request)


def _gemini(request: Request) -> Iterator[Piece]:
    machine = request.machine
    folder = (machine.folder("GEMINI_CLI_HOME", "") if request.is_user else machine.project) / ".gemini"
    yield JsonKey(folder / "settings.json", "server", ("mcpServers", "bank"), _standard(request))
    yield from _shared_skills(request)
    yield _rules((folder if request.is_user else machine.project) / "GEMINI.md", request)


def _copilot(request: Request) -> Iterator[Piece]:
    machine = request.machine
    folder = machine.folder("COPILOT_HOME", ".copilot") if request.is_user else machine.project / ".github"
    file = folder / ("mcp-config.json" if request.is_user else "mcp.json")
    yield JsonKey(file, "server", ("mcpServers", "bank"), {"type": "local", **_standard(request), "tools": ["*"]})
    beside = machine.project / ".mcp.json"
    if not request.is_user and beside.is_file():
        # where it is, Copilot does not read the other one (seen with 1.0.102); the entry is that of Claude Code
        yield JsonKey(beside, "server", ("mcpServers", "bank"), {"type": "stdio", **_standard(request)})
    yield from _shared_skills(request)
    yield _rules(folder / "copilot-instructions.md", request)


def _vscode(request: Request) -> Iterator[Piece]:
    machine = request.machine
    entry: dict[str, Any] = {"type": "stdio", **_standard(request)}
    if request.is_user:
        yield JsonKey(machine.app_data / "Code" / "User" / "mcp.json", "server", ("servers", "bank"), entry)
    else:
        entry["cwd"] = "${workspaceFolder}"
        yield JsonKey(machine.project / ".vscode" / "mcp.json", "server", ("servers", "bank"), entry)
        yield _rules(machine.project / ".github" / "copilot-instructions.md", request)
    yield from _shared_skills(request)


def _cursor(request: Request) -> Iterator[Piece]:
    machine = request.machine
    folder = (machine.home if request.is_user else machine.project) / ".cursor"
    yield JsonKey(folder / "mcp.json", "server", ("mcpServers", "bank"), _standard(request))
    yield from _shared_skills(request)
    if not request.is_user:
        yield _own_rules(folder / "rules" / "memorybank.mdc", texts.CURSOR_HEAD)


def _cline(request: Request) -> Iterator[Piece]:
    machine = request.machine
    if request.is_user:
        file = machine.folder("CLINE_DIR", ".cline") / "data" / "settings" / "cline_mcp_settings.json"
        entry = {"transport": {"type": "stdio", **_standard(request)}}
        yield JsonKey(file, "server", ("mcpServers", "bank"), entry)
    else:
        yield _own_rules(machine.project / ".clinerules" / "memorybank.md")
    yield from _shared_skills(request)


def _opencode(request: Request) -> Iterator[Piece]:
    machine = request.machine
    folder = machine.folder("XDG_CONFIG_HOME", ".config") / "opencode" if request.is_user else machine.project
    file = machine.opencode_json(folder, user=request.is_user)
    command, args = request.server()
    entry = {"type": "local", "command": [command, *args], "enabled": True}
    yield JsonKey(file, "server", ("mcp", "bank"), entry)
    yield from _shared_skills(request)
    yield _rules(folder / "AGENTS.md", request)


def _windsurf(request: Request) -> Iterator[Piece]:
    machine = request.machine
    folder = machine.home / ".codeium" / "windsurf" if request.is_user else machine.project / ".windsurf"
    if request.is_user:
        yield JsonKey(folder / "mcp_config.json", "server", ("mcpServers", "bank"), _standard(request))
        yield _rules(folder / "memories" / "global_rules.md", request)
    else:
        yield _own_rules(folder / "rules" / "memorybank.md", texts.WINDSURF_HEAD)
    yield from _skills(folder / "skills")


def _devin(request: Request) -> Iterator[Piece]:
    machine = request.machine
    settings = machine.app_data if machine.platform == "win32" else machine.folder("XDG_CONFIG_HOME", ".config")
    folder = settings / "devin" if request.is_user else machine.project / ".devin"
    yield JsonKey(folder / "mcp_config.json", "server", ("mcpServers", "bank"), _standard(request))
    yield from _shared_skills(request)
    yield _rules((folder if request.is_user else machine.project) / "AGENTS.md", request)


def _rules(file: Path, request: Request) -> Piece:
    return Block(file, "rules", texts.rules(is_user=request.is_user))


def _own_rules(file: Path, head: str = "") -> Piece:
    return OwnFile(file, "rules", f"{head}{BEGIN}\n{texts.rules(is_user=False)}\n{END}\n".encode())


_NO_SERVER = "its servers are the user's only: bank install {} --scope user adds the server"
_TRUST = "Copilot CLI reads this only where the folder is in trusted_folders of ~/.copilot/config.json"
_FOLDER = "{} uses this only in a folder that you trust; it asks when it is started there"
_HOOKS = "Codex CLI runs hooks only after you trust them: type /hooks there"
_DEVIN = "the newer agents of Devin Desktop, as Windsurf is called now, read other files: bank install devin"
_BOTH = (PROJECT, USER)
CLIENTS = {
    each.name: each
    for each in (
        Client("claude-code", "Claude Code", _BOTH, _claude_code),
        Client("claude-desktop", "Claude Desktop", (USER,), _claude_desktop, hooks=False),
        Client("codex", "Codex CLI", _BOTH, _codex, notes=(_FOLDER.format("Codex CLI"),), hook_notes=(_HOOKS,)),
        Client("gemini", "Gemini CLI", _BOTH, _gemini, notes=(_FOLDER.format("Gemini CLI"),)),
        Client("copilot", "Copilot CLI", _BOTH, _copilot, notes=(_TRUST,)),
        Client("vscode", "VS Code with Copilot", _BOTH, _vscode),
        Client("cursor", "Cursor", _BOTH, _cursor, hooks=False),
        Client("cline", "Cline", _BOTH, _cline, hooks=False, notes=(_NO_SERVER.format("cline"),)),
        Client("opencode", "opencode", _BOTH, _opencode),
        Client("devin", "Devin Desktop and CLI", _BOTH, _devin, hooks=False),
        Client(
            "windsurf",
            "Windsurf (Cascade)",
            _BOTH,
            _windsurf,
            hooks=False,
            notes=(_NO_SERVER.format("windsurf"), _DEVIN),
        ),
    )
}


def pieces_of(client: Client, request: Request) -> tuple[Piece, ...]:
    """Return what a client gets; the first piece is the one by which an install is recognised."""
    hooks = hook_pieces(client.name, request) if request.hooks else ()
    return (*client.pieces(request), *hooks)
