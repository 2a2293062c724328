"""The current session: the one named in the environment, an agent's own, or the one of this worktree.

It is local state in `.state/current.json`. Every write asks for it, so it reads one small file and no more.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, NoFileError
from memorybank.files.read import open_regular
from memorybank.files.write import lock, publish, read
from memorybank.store.actor import Actor, actor_from
from memorybank.store.cache import hide_state
from memorybank.store.git.worktree import linked_worktree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from memorybank.records.memories.memories import SavedRecord
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

STATE = "current.json"
NAMED = "MEMORYBANK_SESSION"
# variables that hold an agent's own session id; the last one is of a connection to our own server
AGENT_VARIABLES = ("CLAUDE_CODE_SESSION_ID", "MEMORYBANK_AGENT_SESSION")

# a file name, made by bank or by hand
_ID = re.compile(r"\w[\w.-]{0,200}\Z")
_TIMEOUT = 10.0
_HEAD_BYTES = 16 * 1024


class _Bound(NamedTuple):
    """The session of each agent and each worktree; `data` is the file as it was read."""

    data: bytes | None
    agents: dict[str, str]
    worktrees: dict[str, str]


def actor_in(bank: BankFolder, environ: Mapping[str, str], here: Path) -> Actor:
    """Return the actor with the current session of the bank; without one, as the environment says."""
    actor = actor_from(environ)
    session = current_session(bank, environ, here)
    return actor._replace(session=session) if session else actor


def agent_session_of(environ: Mapping[str, str]) -> str:
    """Return the agent's own session id, "" outside of an agent session."""
    return next((environ[name][:80] for name in AGENT_VARIABLES if environ.get(name)), "")


def current_session(bank: BankFolder, environ: Mapping[str, str], here: Path) -> str:
    """Return the id of the current session, "" if there is none.

    The session that MEMORYBANK_SESSION names by id or label comes first, then the agent's own, then the worktree's.
    """
    named = environ.get(NAMED, "").strip()
    if named:
        return _named(bank, named)
    try:
        bound = _read(bank)
    except BankError:
        # a bank of another user whose state is not readable
        return ""
    agent = agent_session_of(environ)
    if agent:
        session = bound.agents.get(agent) if bound.data is not None else _told_of(bank, agent)
        if session and _is_there(bank, session):
            return session
    session = bound.worktrees.get(_worktree(bank, here), "") if bound.worktrees else ""
    return session if session and _is_there(bank, session) else ""


def bind(bank: BankFolder, session: str, environ: Mapping[str, str], here: Path) -> None:
    """Make a session the current one: of the running agent, else of this worktree.

    Raises:
        LockedError, MachineError: the state could not be written.
    """
    agent = agent_session_of(environ)
    if agent:
        _change(bank, agents={agent: session})
    else:
        _change(bank, worktrees={_worktree(bank, here): session})


def found_or_started(
    bank: BankFolder, name: str, way: Way, environ: Mapping[str, str], here: Path
) -> tuple[str, SavedRecord | None]:
    """Return the id of the session that a message is for, "" for the current one, and what was saved to start it.

    Started is one with a label that no session has yet, and one for an agent that has none. It becomes the current
    session if there is none.

    Raises:
        NoRecordError: there is no session with such an id, or none is current.
        FieldError: the name cannot be a label.
    """
    from memorybank.records.sessions.sessions import find_or_start, no_current_session, start

    current = current_session(bank, environ, here)
    name = name or current or environ.get(NAMED, "").strip()
    agent = agent_session_of(environ)
    if not name and not agent:
        raise no_current_session(bank, "--session")
    if name:
        record, saved = find_or_start(bank, name, way, agent_session=agent)
    else:
        saved = start(bank, way, agent_session=agent)
        record = saved.record
    if saved is not None and not current and not saved.receipt.dry_run:
        bind(bank, record.id, environ, here)
    return record.id, saved


def unbind(bank: BankFolder, session: str) -> None:
    """Make a session nobody's current one.

    Raises:
        LockedError, MachineError: the state could not be written.
    """
    bound = _read(bank)
    if session in {*bound.agents.values(), *bound.worktrees.values()}:
        _change(bank, without=session)


def _change(
    bank: BankFolder,
    *,
    without: str = "",
    agents: Mapping[str, str] | None = None,
    worktrees: Mapping[str, str] | None = None,
) -> None:
    """Write the current sessions; sessions that no longer exist are left out."""
    with lock(bank.state / "lock", timeout=_TIMEOUT, holder="session"):
        hide_state(bank)
        bound = _read(bank)
        tables = {
            name: {
                **{key: each for key, each in old.items() if each != without and _is_there(bank, each)},
                **(new or {}),
            }
            for name, old, new in (("agents", bound.agents, agents), ("worktrees", bound.worktrees, worktrees))
        }
        publish(bank.state / STATE, base=bound.data, new=json.dumps(tables).encode(), mode=0o600)


def _read(bank: BankFolder) -> _Bound:
    try:
        data = read(bank.state / STATE)
    except NoFileError:
        return _Bound(None, {}, {})
    try:
        tables = json.loads(data)
    except (ValueError, RecursionError):
        tables = None
    found = [tables.get(name) if isinstance(tables, dict) else None for name in ("agents", "worktrees")]
    agents, worktrees = ({str(k): str(v) for k, v in each.items()} if isinstance(each, dict) else {} for each in found)
    return _Bound(data, agents, worktrees)


def _is_there(bank: BankFolder, session: str) -> bool:
    return _ID.match(session) is not None and os.path.lexists(bank.folder / "sessions" / f"{session}.md")


def _named(bank: BankFolder, name: str) -> str:
    if _is_there(bank, name):
        return name
    active, is_said = _labelled(bank, name)
    if len(active) == 1:
        return active[0]
    if not is_said and not name.startswith("ses-"):
        return ""
    from memorybank.records.sessions.sessions import find_session

    try:
        return find_session(bank, name).id
    except BankError:
        return ""


def _labelled(bank: BankFolder, name: str) -> tuple[list[str], bool]:
    """Return the active sessions with a label, found in the front matter as bank writes it, without parsing.

    The second value is whether any session's head contains the name at all; if not, no session needs to be parsed.
    """
    wanted = {
        f"label: {each}".encode("utf-8", "surrogateescape") for each in (name, json.dumps(name, ensure_ascii=False))
    }
    active: list[str] = []
    is_said = False
    try:
        with os.scandir(bank.folder / "sessions") as entries:
            files = [entry for entry in entries if entry.name.endswith(".md")]
    except (FileNotFoundError, NotADirectoryError):
        return active, is_said
    for file in files:
        head = _head(file.path)
        lines = set(head.split(b"\n"))
        is_said = is_said or name.encode("utf-8", "surrogateescape") in head
        if wanted & lines and b"status: active" in lines and _is_there(bank, file.name[:-3]):
            active.append(file.name[:-3])
    return active, is_said


def _head(path: str) -> bytes:
    try:
        fd = open_regular(path)
    except (OSError, BankError):
        return b""
    try:
        return os.read(fd, _HEAD_BYTES)
    finally:
        os.close(fd)


def _told_of(bank: BankFolder, agent: str) -> str:
    """Return an agent's session from the records, for when the local state was deleted."""
    if not (bank.folder / "sessions").is_dir():
        return ""
    from memorybank.records.sessions.sessions import ACTIVE, list_sessions

    return next(
        (
            record.id
            for record in list_sessions(bank).records
            if record.status == ACTIVE and record.fields.get("agent_session") == agent
        ),
        "",
    )


def _worktree(bank: BankFolder, here: Path) -> str:
    linked = linked_worktree(here)
    mine = linked is not None and bank.project.is_relative_to(linked.main)
    return os.fspath(linked.root if linked is not None and mine else bank.project)
