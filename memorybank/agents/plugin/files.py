"""The files of the plugin and of its marketplace, by their paths in the repository.

The marketplace stands at the top, where Claude Code looks for it, and the plugin in a folder of its own: a validator
takes a folder with both for a marketplace only, and an install copies the plugin's folder and nothing else.
"""

from __future__ import annotations

import json
from typing import Any

import memorybank
from memorybank.agents.hook_events import hooks_of
from memorybank.agents.plugin.icon import icon_png
from memorybank.agents.plugin.texts import DESCRIPTION, HOOKS, README, missing_message
from memorybank.agents.skill_files import command_files, skill_files, skill_names

MARKETPLACE = ".claude-plugin/marketplace.json"
FOLDER = ".claude/plugin"
ICON = ".claude-plugin/icon.png"
# the plugin's name, which Claude Code puts before its skills, commands and tools
NAME = "bank"
_SCHEMA = "https://anthropic.com/claude-code/{}.schema.json"
# which says that `bank` is missing; once is enough
_FIRST = "SessionStart"
_OWNER = {"name": "The memorybank founders"}


def repository_files() -> dict[str, bytes]:
    """Return the marketplace and the plugin, by their paths from the top of the repository."""
    plugin = {f"{FOLDER}/{path}": data for path, data in plugin_files().items()}
    return {MARKETPLACE: _json(_marketplace()), **plugin}


def plugin_files() -> dict[str, bytes]:
    """Return the plugin's files, by their paths in its folder."""
    skills = {f"skills/{name}/{path}": data for name in skill_names() for path, data in skill_files(name).items()}
    # `/bank:note` is the command `note` of the plugin `bank`
    commands = {f"commands/{path.removeprefix('bank/')}": data for path, data in command_files().items()}
    return {
        ".claude-plugin/plugin.json": _json(_manifest()),
        ICON: icon_png(),
        "README.md": README.encode(),
        ".mcp.json": _json({"mcpServers": {"bank": {"type": "stdio", "command": "bank", "args": ["mcp"]}}}),
        "hooks/hooks.json": _json(_hooks()),
        **commands,
        **skills,
    }


def _marketplace() -> dict[str, Any]:
    entry = {"name": NAME, "source": f"./{FOLDER}", "description": DESCRIPTION, "version": memorybank.__version__}
    return {
        "$schema": _SCHEMA.format("marketplace"),
        "name": "bank-marketplace",
        "description": "The plugin of memorybank for Claude Code",
        "owner": _OWNER,
        "plugins": [entry],
    }


def _manifest() -> dict[str, Any]:
    return {
        "$schema": _SCHEMA.format("plugin"),
        "name": NAME,
        "version": memorybank.__version__,
        "description": DESCRIPTION,
        "author": _OWNER,
        "license": "MIT",
        "keywords": ["memory", "markdown", "notes", "decisions", "sessions"],
    }


def _hooks() -> dict[str, Any]:
    """Return the hooks as one line for a shell each, because a path of this machine means nothing on another."""
    hooks: dict[str, Any] = {}
    for entry in hooks_of("claude-code").entries:
        without = f"{{ echo '{json.dumps(missing_message())}'; exit 0; }}" if entry.event == _FIRST else "exit 0"
        line = f"command -v bank >/dev/null 2>&1 || {without}; exec bank hook {entry.event}"
        matcher = {"matcher": entry.matcher} if entry.matcher else {}
        group = {**matcher, "hooks": [{"type": "command", "command": line, "timeout": entry.timeout}]}
        hooks[entry.event] = [group]
    return {"description": HOOKS, "hooks": hooks}


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
