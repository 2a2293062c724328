"""Operations of tools that are more than one method of `Bank`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.errors import MachineError
from memorybank.serve.mcp.choose_bank import folder_of, part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.facade.edits.opened import SectionEdit
    from memorybank.facade.loading import LoadedFiles
    from memorybank.recall.corrections.within_budget import CorrectionLoad
    from memorybank.recall.loading.load import Context
    from memorybank.serve.mcp.server import Server
    from memorybank.workflow.evidence.prove import Proof
    from memorybank.workflow.outcome.wrap_up import WrapUp


def load(
    server: Server, *, trigger: str = "", stage: str = "", budget_tokens: int = 0, git: bool = False, mark: bool = True
) -> LoadedFiles | Context:
    """Load whole files, or what a stage needs within a budget; what an agent reads before its session counts for it."""
    from memorybank.facade.loading import Loading

    loading = part_of(server, Loading)

    def read(*, mark: bool) -> LoadedFiles | Context:
        if stage or budget_tokens or git:
            budget = budget_tokens or None
            return loading.load(stage=stage, trigger=trigger, budget_tokens=budget, git=git, mark=mark)
        return loading.load_files(trigger=trigger, sections=False, mark=mark)

    if not mark or server.options.read_only or not _may_write(server):
        return read(mark=False)
    try:
        return read(mark=True)
    except (MachineError, OSError):
        # a full disk hides nothing that can be read; what cannot be read fails again
        return read(mark=False)


def _may_write(server: Server) -> bool:
    """Whether what was loaded can be recorded: a bank that only others may write is read all the same."""
    folder = folder_of(server).folder
    state = folder / ".state"
    return os.access(state if state.is_dir() else folder, os.W_OK)


def _section(server: Server, address: str) -> SectionEdit:
    from memorybank.facade.editing import Editing

    return part_of(server, Editing).edit(address)


def append(server: Server, address: str, text: str, *, expect: str = "") -> Receipt:
    """Put a text at the end of a section."""
    return _section(server, address).append(text, expect=expect)


def prepend(server: Server, address: str, text: str, *, expect: str = "") -> Receipt:
    """Put a text at the beginning of a section."""
    return _section(server, address).prepend(text, expect=expect)


def replace(server: Server, address: str, text: str, *, expect: str) -> Receipt:
    """Put a text in place of a section's text, as it was read."""
    return _section(server, address).replace(text, expect=expect)


def insert_after(server: Server, address: str, text: str, *, expect: str = "") -> Receipt:
    """Put a new section after this one."""
    return _section(server, address).insert_after(text, expect=expect)


def rename(server: Server, address: str, text: str, *, expect: str = "") -> Receipt:
    """Put another name in the heading of a section."""
    return _section(server, address).rename(text, expect=expect)


def remove(server: Server, address: str, *, expect: str) -> Receipt:
    """Take a section out, as it was read."""
    return _section(server, address).remove(expect=expect)


def prove(
    server: Server, subject: str, command: Sequence[str], *, covers: Sequence[str] = (), seconds: float = 600.0
) -> Proof:
    """Run a command that is approved on this machine, and write what it proves."""
    from memorybank.facade.agents.connection import Connecting

    return part_of(server, Connecting).prove(subject, command, covers=covers, seconds=seconds)


def wrap_up(server: Server, *, end_session: bool = False, none: Sequence[str] = ()) -> WrapUp:
    """Check what is left to write; with `end_session` the current session is ended first."""
    from memorybank.facade.sessions import Sessions
    from memorybank.facade.workflows import WorkflowMethods

    if end_session:
        sessions = part_of(server, Sessions)
        if sessions.current():
            sessions.end(generate_summary=True)
    return part_of(server, WorkflowMethods).wrap_up(none=none)


def retrieve_context(
    server: Server,
    *,
    budget_chars: int = 0,
    budget_tokens: int = 0,
    query: str = "",
    window: int = 0,
    confirm: bool = False,
) -> CorrectionLoad:
    """Load corrections within a budget; what takes too much of the window is given when it is confirmed."""
    from memorybank.facade.corrections.namespace import Corrections

    return part_of(server, Corrections).load(
        budget_chars=budget_chars or None,
        budget_tokens=budget_tokens or None,
        window=window or None,
        query=query,
        confirmed=confirm,
    )
