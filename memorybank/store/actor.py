"""Who writes: the tool and the session that a receipt names, from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.store.roles import ROUTER, role_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# a variable that a client sets for its commands, and the name it goes by in receipts
_CLIENTS = (
    ("CLAUDECODE", "claude-code"),
    ("CODEX_SANDBOX", "codex"),
    ("GEMINI_CLI", "gemini"),
    ("CURSOR_TRACE_ID", "cursor"),
)
_SESSIONS = ("MEMORYBANK_SESSION", "CLAUDE_CODE_SESSION_ID")


class Actor(NamedTuple):
    """The tool that writes, the session it writes in ("" when it has none), and the role in which it does."""

    tool: str
    session: str
    role: str = ROUTER


def actor_from(environ: Mapping[str, str]) -> Actor:
    """Tell the actor: `MEMORYBANK_SOURCE_TOOL`, else a client's own variable, else `cli`.

    Raises:
        RoleError: `MEMORYBANK_ROLE` names no role.
    """
    tool = environ.get("MEMORYBANK_SOURCE_TOOL") or next(
        (name for variable, name in _CLIENTS if environ.get(variable)), "cli"
    )
    session = next((environ[name] for name in _SESSIONS if environ.get(name)), "")
    return Actor(_line(tool), _line(session), role_of(environ))


def _line(text: str) -> str:
    """Give a name as one short line: it stands in lists and records."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:80]
