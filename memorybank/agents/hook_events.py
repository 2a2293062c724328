"""The hooks of each client: its names for the events, which tools they are for, and how long it waits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS, MILLISECONDS = "s", "ms"
# whether a client starts a program with its arguments, or hands one line to a shell
EXEC, SHELL = "exec", "shell"


class HookEntry(NamedTuple):
    """One event in a client's words. `matcher` names tools, "" for all; `timeout` is in the client's unit."""

    event: str
    matcher: str
    timeout: int


class ClientHooks(NamedTuple):
    """The hooks of one client.

    `form` is how the client starts them, `argument` what it takes after the event: empty where several clients run the
    same entry, so that the payload has to say which one it was.
    """

    client: str
    entries: tuple[HookEntry, ...]
    unit: str
    form: str
    argument: tuple[str, ...] = ()


def _entries(*rows: tuple[str, str, int], factor: int = 1) -> tuple[HookEntry, ...]:
    return tuple(HookEntry(event, matcher, seconds * factor) for event, matcher, seconds in rows)


_CLAUDE_WRITES = "Write|Edit|MultiEdit|NotebookEdit"
_COPILOT = _entries(
    # Copilot has no matcher for these, and VS Code ignores the ones it reads
    ("sessionStart", "", 10),
    ("userPromptSubmitted", "", 10),
    ("preToolUse", "", 10),
    ("postToolUse", "", 10),
    ("preCompact", "", 20),
    ("subagentStop", "", 20),
    ("agentStop", "", 20),
    ("sessionEnd", "", 3),
)
CLIENTS: Mapping[str, ClientHooks] = {
    each.client: each
    for each in (
        ClientHooks(
            "claude-code",
            _entries(
                ("SessionStart", "", 10),
                ("UserPromptSubmit", "", 10),
                ("PreToolUse", f"{_CLAUDE_WRITES}|Bash", 10),
                ("PostToolUse", _CLAUDE_WRITES, 10),
                ("PreCompact", "", 20),
                ("SubagentStop", "", 20),
                ("Stop", "", 20),
                ("SessionEnd", "", 3),
            ),
            SECONDS,
            EXEC,
        ),
        ClientHooks(
            "codex",
            _entries(
                ("SessionStart", "", 10),
                ("UserPromptSubmit", "", 10),
                ("PreToolUse", "apply_patch|Edit|Write|Bash", 10),
                ("PostToolUse", "apply_patch|Edit|Write", 10),
                ("PreCompact", "", 20),
                ("SubagentStop", "", 20),
                ("Stop", "", 20),
                # a longer time would be cut to this
                ("SessionEnd", "", 3),
            ),
            SECONDS,
            SHELL,
            ("--client", "codex"),
        ),
        ClientHooks(
            "gemini",
            _entries(
                ("SessionStart", "", 10),
                ("BeforeAgent", "", 10),
                ("BeforeTool", "write_file|replace|run_shell_command", 10),
                ("AfterTool", "write_file|replace", 10),
                # it says "auto" before each answer, before it looks whether anything is to be compressed
                ("PreCompress", "manual", 20),
                ("AfterAgent", "", 20),
                ("SessionEnd", "", 3),
                factor=1000,
            ),
            MILLISECONDS,
            SHELL,
            ("--client", "gemini"),
        ),
        ClientHooks("copilot", _COPILOT, SECONDS, SHELL),
        ClientHooks("vscode", _COPILOT, SECONDS, SHELL),
        ClientHooks(
            "cursor",
            _entries(
                # beforeSubmitPrompt cannot add context, so it is not asked for
                ("sessionStart", "", 10),
                ("preToolUse", "Write|Edit|Delete|Shell", 10),
                ("postToolUse", "Write|Edit", 10),
                ("preCompact", "", 20),
                ("subagentStop", "", 20),
                ("stop", "", 20),
                ("sessionEnd", "", 3),
            ),
            SECONDS,
            SHELL,
            ("--client", "cursor"),
        ),
        ClientHooks(
            "opencode",
            # called by the plugin below, which knows its own events
            _entries(
                ("SessionStart", "", 10),
                ("PreToolUse", "", 10),
                ("PostToolUse", "", 10),
                ("PreCompact", "", 20),
                ("Stop", "", 20),
            ),
            SECONDS,
            EXEC,
            ("--client", "opencode"),
        ),
    )
}


def hooks_of(client: str) -> ClientHooks:
    """Return the hooks of a client.

    Raises:
        FieldError: the client is unknown, or has no hooks.
    """
    if client not in CLIENTS:
        why = f"no hooks are known for {client!r}"
        raise FieldError(field="client", why=why, hint=f"choose from {', '.join(CLIENTS)}")
    return CLIENTS[client]


def hook_script() -> Path:
    """Return the script that clients run: beside the package, so that it starts without looking for it."""
    return Path(__file__).absolute().parents[1] / "serve" / "hooks" / "hook.py"


def hook_command(client: str, event: str = "", *, python: str = "") -> list[str]:
    """Return the words that a client runs for one of its events; without an event, all but the event.

    Absolute paths, because hooks run in a clean environment, and `-I`, so that no file of the project is imported.

    Raises:
        FieldError: the client is unknown.
    """
    argument = hooks_of(client).argument
    return [python or sys.executable, "-I", str(hook_script()), *([event] if event else []), *argument]


def opencode_plugin(command: list[str]) -> str:
    """Return a plugin of opencode that calls the hooks; `command` is `hook_command("opencode")`."""
    import json

    program, script = json.dumps(command[0]), json.dumps(command[1:3])
    rest = json.dumps(command[3:])
    return _OPENCODE.replace("@PROGRAM@", program).replace("@SCRIPT@", script).replace("@REST@", rest)


_OPENCODE = """\
// written by `bank install opencode`: calls the hooks of memorybank
import { spawnSync } from "node:child_process"

export const MemoryBank = async ({ client, directory }) => {
  const hook = (event, session, more = {}) => {
    try {
      const input = JSON.stringify({ hook_event_name: event, session_id: session, cwd: directory, ...more })
      const run = spawnSync(@PROGRAM@, [...@SCRIPT@, event, ...@REST@], { input, encoding: "utf8", timeout: 20000 })
      return JSON.parse(run.stdout || "{}") ?? {}
    } catch { return {} }
  }
  const started = {}
  return {
    "experimental.chat.system.transform": async ({ sessionID }, output) => {
      if (!sessionID) return
      started[sessionID] ??= hook("SessionStart", sessionID, { source: "startup" }).context ?? ""
      if (started[sessionID]) output.system.push(started[sessionID])
    },
    "tool.execute.before": async (input, output) => {
      const use = { tool_name: input.tool, tool_input: output.args, tool_use_id: input.callID }
      const { deny } = hook("PreToolUse", input.sessionID, use)
      if (deny) throw new Error(deny)
    },
    "tool.execute.after": async (input) => {
      if (!/^(write|edit|patch|apply_patch|multiedit)$/.test(input.tool)) return
      const use = { tool_name: input.tool, tool_input: input.args, tool_use_id: input.callID }
      hook("PostToolUse", input.sessionID, use)
    },
    "experimental.session.compacting": async ({ sessionID }, output) => {
      const { context } = hook("PreCompact", sessionID)
      if (context) output.context.push(context)
    },
    event: async ({ event }) => {
      if (event.type !== "session.idle") return
      const id = event.properties?.sessionID
      const { ask } = hook("Stop", id)
      const body = { parts: [{ type: "text", text: ask }] }
      if (ask) Promise.resolve().then(() => client.session.prompt({ path: { id }, body })).catch(() => {})
    },
  }
}
"""
