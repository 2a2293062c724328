"""Who writes: the tool and the session named in a receipt, taken from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.roles import ROUTER, role_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# a variable that a client sets for its commands, and the client's name in receipts
_CLIENTS = (
    ("CLAUDECODE", "claude-code"),
    ("CODEX_SANDBOX", "codex"),
    ("GEMINI_CLI", "gemini"),
    ("CURSOR_TRACE_ID", "cursor"),
)
# the tool where the environment names none
UNKNOWN_TOOL = "cli"
_SESSIONS = ("MEMORYBANK_SESSION", "CLAUDE_CODE_SESSION_ID", "MEMORYBANK_AGENT_SESSION")


class Actor(NamedTuple):
    """The tool that writes, its session ("" for none), and its role."""

    tool: str
    session: str
    role: str = ROUTER


def actor_from(environ: Mapping[str, str]) -> Actor:
    """Return the actor: `MEMORYBANK_SOURCE_TOOL`, else the client whose own variable is set, else `cli`.

    Raises:
        RoleError: `MEMORYBANK_ROLE` names an unknown role.
    """
    tool = environ.get("MEMORYBANK_SOURCE_TOOL") or next(
        (name for variable, name in _CLIENTS if environ.get(variable)), UNKNOWN_TOOL
    )
    session = next((environ[name] for name in _SESSIONS if environ.get(name)), "")
    return Actor(_line(tool), _line(session), role_of(environ))


def _line(text: str) -> str:
    """Return a name as one short line, because it is shown in lists and records."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:80]
