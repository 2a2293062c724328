"""What a client says at an event, in one form: the clients spell the same fields in different ways."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.serve.hooks.glance import AFTER, BEFORE, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAUDE, CODEX, GEMINI, COPILOT, VSCODE, CURSOR, OPENCODE = (
    "claude-code",
    "codex",
    "gemini",
    "copilot",
    "vscode",
    "cursor",
    "opencode",
)
_SHORT = 200


class Event(NamedTuple):
    """One event. `client` is who says it, `form` whose answers it reads: Cursor also runs the hooks of Claude Code.

    `ident` is the id of the tool call or of the prompt, "" where the client has none. `folders` are the places that may
    have the bank, the best first.
    """

    kind: int
    client: str
    form: str
    session: str
    ident: str
    folders: tuple[str, ...]
    cwd: str
    fields: Mapping[str, Any]

    def text(self, *names: str) -> str:
        """Return the first of these fields that is a text; "" without one."""
        return next((value for name in names if isinstance(value := self.fields.get(name), str) and value), "")

    def is_true(self, *names: str) -> bool:
        """Whether one of these fields is true."""
        return any(self.fields.get(name) is True for name in names)

    @property
    def tool(self) -> str:
        """The name of the tool."""
        return self.text("tool_name", "toolName")

    @property
    def arguments(self) -> Any:
        """The arguments of the tool; some clients give them as a text with JSON."""
        given = next(
            (self.fields[name] for name in ("tool_input", "toolArgs", "tool_args") if name in self.fields), None
        )
        if isinstance(given, str):
            try:
                return json.loads(given)
            except (ValueError, RecursionError):
                return given
        return given


def parse_event(event: str, data: bytes, *, client: str, environ: Mapping[str, str]) -> Event | None:
    """Return the event that a client says; None for what is no event of ours, or no JSON object."""
    kind = kind_of(event)
    try:
        fields = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if kind is None or not isinstance(fields, dict):
        return None
    who = client if client in _KNOWN else _client_of(event, fields)
    form = CLAUDE if who == CURSOR and event[:1].isupper() else who
    cwd = _first(fields, "cwd", "workingDirectory", "working_directory")
    roots = fields.get("workspace_roots")
    roots = [each for each in roots if isinstance(each, str)] if isinstance(roots, list) else []
    projects = [environ.get(name, "") for name in ("CLAUDE_PROJECT_DIR", "GEMINI_PROJECT_DIR", "CURSOR_PROJECT_DIR")]
    given = [*projects, cwd, *roots] if who != CURSOR else [*roots, cwd, *projects]
    folders = tuple(dict.fromkeys(each for each in given if each and os.path.isabs(each) and os.path.isdir(each)))
    if not any(given):
        folders = (os.getcwd(),)
    here = cwd if is_path(cwd) else next(iter(folders), "")
    session = _first(fields, "session_id", "sessionId", "conversation_id", "sessionID")
    names = ("tool_use_id", "toolUseId", "tool_call_id") if kind in {BEFORE, AFTER} else ("prompt_id", "turn_id")
    ident = _first(fields, *names, "generation_id")
    return Event(kind, who, form, session[:_SHORT], ident[:_SHORT], folders, here, fields)


def log_of(event: Event) -> str:
    """Return the path of the session's log; "" if the client does not say it."""
    return event.text("transcript_path", "transcriptPath")


def is_path(text: str) -> bool:
    """Whether the system may know a file by this name: it has no NUL, and no half of a surrogate pair."""
    try:
        return bool(text) and "\0" not in text and bool(os.fsencode(text))
    except UnicodeEncodeError:
        return False


def _first(fields: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := fields.get(name), str) and value), "")


_KNOWN = frozenset((CLAUDE, CODEX, GEMINI, COPILOT, VSCODE, CURSOR, OPENCODE))
_OF_GEMINI = frozenset(("beforeagent", "beforetool", "aftertool", "precompress", "afteragent"))


def _client_of(event: str, fields: Mapping[str, Any]) -> str:
    """Return which client speaks, by what only it says."""
    if {"cursor_version", "conversation_id", "workspace_roots"} & fields.keys():
        return CURSOR
    if "turn_id" in fields:
        return CODEX
    if "".join(filter(str.isalpha, event)).lower() in _OF_GEMINI:
        return GEMINI
    time = fields.get("timestamp")
    if "hookEventName" in fields:
        return VSCODE
    if "sessionId" in fields or isinstance(time, int):
        return COPILOT
    transcript = _first(fields, "transcript_path", "transcriptPath")
    for part, name in (("/.codex/", CODEX), ("/.gemini/", GEMINI), ("/.copilot/", COPILOT)):
        if part in transcript.replace(os.sep, "/"):
            return name
    # VS Code may spell all fields as Claude Code does; of these two only it gives a time, and only the other these
    return VSCODE if isinstance(time, str) and not {"prompt_id", "permission_mode"} & fields.keys() else CLAUDE
