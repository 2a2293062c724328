"""The tool for the command that a hint names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.serve.mcp.tools.listed import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

# commands whose tool has another name, or whose operation has
_TOOLS = {
    "session list": ("sessions", ""),
    "session show": ("load_session", ""),
    "session message": ("message", ""),
    "session delete": ("delete_session", ""),
    "session label": ("update_session", "update"),
    "session start": ("update_session", "start"),
    "session end": ("update_session", "end"),
    "session resume": ("update_session", "resume"),
    "item list": ("show", ""),
    "item replace": ("edit", "replace_item"),
    "item remove": ("edit", "remove_item"),
    "item move": ("edit", "move_item"),
    "item tick": ("edit", "tick"),
    "item untick": ("edit", "untick"),
    "workflow task": ("workflow", "add_task"),
    "demote": ("promote", "demote"),
    "diff": ("history", "diff"),
    "redo": ("undo", "redo"),
}


def tool_in(hint: str, tools: Mapping[str, Any]) -> tuple[str, str]:
    """Return the tool and the operation for the command of a hint, ("", "") for none."""
    words = [*hint.split(), "", ""][:3]
    # what approves or serves is for the user
    if words[0] != "bank" or not words[1] or "--trust" in hint.split():
        return "", ""
    named, operation = _TOOLS.get(f"{words[1]} {words[2]}") or _TOOLS.get(words[1]) or (words[1], words[2])
    name = f"{PREFIX}{named.replace('-', '_')}"
    if name not in tools:
        return "", ""
    choices = tools[name]["inputSchema"]["properties"].get("operation", {}).get("enum", [])
    if operation in choices or not choices:
        return name, operation if choices else ""
    # how a section is edited is for the caller to say; other commands do the first without a word for it
    return name, "" if name == "bank_edit" else choices[0]
