"""Where the work stands, in one line: what an agent reads at the start of its session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.document.text import one_line
from memorybank.errors import BankError
from memorybank.secrets.scan import redact
from memorybank.workflow.handoff import due
from memorybank.workflow.notes.queue_status import wait_of
from memorybank.workflow.progress.progress import progress_of

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

_NAME = 60


def session_line(bank: BankFolder, session: str, name: str) -> str:
    """Return the bank, its last session, what is due, and how many tasks are open and notes queued.

    Names in it are quoted: they are data that anybody may have written.
    """
    parts = [_last_session(bank)]
    parts += [f"a checkpoint is due ({', '.join(reasons)})"] if (reasons := _due(bank, session)) else []
    tasks = _open_tasks(bank)
    parts += [f"{tasks} open task{'s' if tasks != 1 else ''}"] if tasks else []
    queued = wait_of(bank)
    if queued is not None:
        parts.append(f"{queued.note_count} queued note{'s' if queued.note_count != 1 else ''} (bank notes list)")
    found = "; ".join(filter(None, parts)) or "nothing recorded yet"
    return f"Memory bank {_quoted(name)}: {found}. Load it before you work: bank load --for session-start --mark"


def _quoted(text: str) -> str:
    short = redact(one_line(text)).replace('"', "'")
    return f'"{short if len(short) <= _NAME else short[: _NAME - 1] + "…"}"'


def _last_session(bank: BankFolder) -> str:
    from memorybank.records.sessions.sessions import find_session

    newest, at = "", 0.0
    try:
        with os.scandir(bank.folder / "sessions") as entries:
            for entry in entries:
                if entry.name.endswith(".md") and (changed := entry.stat().st_mtime) > at:
                    newest, at = entry.name[:-3], changed
        record = find_session(bank, newest) if newest else None
    except (OSError, BankError):
        return ""
    if record is None:
        return ""
    what = str(record.fields.get("label") or record.fields.get("goal") or record.title or record.id)
    day = str(record.fields.get("ended") or record.updated or record.created)[:10]
    return f"last session {_quoted(what)} ({day})"


def _due(bank: BankFolder, session: str) -> tuple[str, ...]:
    try:
        return due(bank, session).reasons
    except BankError:
        return ()


def _open_tasks(bank: BankFolder) -> int:
    try:
        progress = progress_of(bank)
    except BankError:
        return 0
    return len(progress.todo) + len(progress.in_progress)
