"""Where the work stands, in one line: what an agent reads at the start of its session."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.document.text import one_line
from memorybank.errors import BankError
from memorybank.patterns import later
from memorybank.records.corrections.waiting import queue_of
from memorybank.secrets.scan import redact
from memorybank.workflow.notes.queue_status import wait_of

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

_NAME = 60
_QUOTES = "\"'"
_HEAD_BYTES = 16 * 1024
_FIELD = later(r"^(\w+): (.*)$", re.MULTILINE)
# as many changed files as make a checkpoint due
_MANY = 10
# no box, an empty one, and the marks for work that was begun
_OPEN = (None, " ", "/", "~")


def session_line(bank: BankFolder, session: str, name: str) -> str:
    """Return the bank, its last session, what is due, and how many open tasks, queued notes and corrections there are.

    Names in it are quoted: they are data that anybody may have written.
    """
    parts = [_last_session(bank)]
    parts += [f"a checkpoint is due ({', '.join(reasons)})"] if (reasons := _due(bank, session)) else []
    tasks = _open_tasks(bank)
    parts += [f"{tasks} open task{'s' if tasks != 1 else ''}"] if tasks else []
    queued = wait_of(bank)
    if queued is not None:
        parts.append(f"{queued.note_count} queued note{'s' if queued.note_count != 1 else ''} (bank notes list)")
    corrections = queue_of(bank)
    parts += [str(corrections).replace(": ", " (") + ")"] if corrections is not None else []
    found = "; ".join(filter(None, parts)) or "nothing recorded yet"
    return f"Memory bank {_quoted(name)}: {found}. Load it before you work: bank load --for session-start --mark"


def _quoted(text: str) -> str:
    short = redact(one_line(text)).replace('"', "'")
    return f'"{short if len(short) <= _NAME else short[: _NAME - 1] + "…"}"'


def _last_session(bank: BankFolder) -> str:
    """Return the session that was written last, from the head of its record: no other line of it is needed."""
    newest, at = "", 0.0
    try:
        with os.scandir(bank.folder / "sessions") as entries:
            for entry in entries:
                if entry.name.endswith(".md") and (changed := entry.stat().st_mtime) > at:
                    newest, at = entry.path, changed
        head = bank.read(Path(newest))[:_HEAD_BYTES].decode("utf-8", "replace") if newest else ""
    except (OSError, BankError):
        return ""
    fields = {name: value for name, value in _FIELD.findall(head.partition("\n---")[0]) if value.strip()}
    what = fields.get("label") or fields.get("goal") or fields.get("id") or ""
    day = next((fields[name] for name in ("ended", "last_activity", "updated", "created") if name in fields), "")
    return f"last session {_quoted(what.strip(_QUOTES))} ({day.strip(_QUOTES)[:10]})" if what else ""


def _due(bank: BankFolder, session: str) -> tuple[str, ...]:
    """Return why a checkpoint is due; what would count is looked for first, since the count itself costs more."""
    if not _may_be_due(bank, session):
        return ()

    from memorybank.workflow.progress.checkpoint_due import due

    try:
        return due(bank, session).reasons
    except BankError:
        return ()


def _may_be_due(bank: BankFolder, session: str) -> bool:
    folder = bank.folder
    if (folder / "checkpoints").is_dir() or (folder / "workflows").is_dir():
        return True
    if session and (folder / "sessions" / f"{session}.jsonl").is_file():
        return True
    try:
        if any(b"[DEBUG-" in bank.read(folder / file) for file in bank.main_files[:1]):
            return True
    except BankError:
        return True
    from memorybank.store.git.repository import count_open, head_of

    return bool(head_of(bank.origin)) and count_open(bank.origin, without=bank.names_below(bank.origin)) >= _MANY


def _open_tasks(bank: BankFolder) -> int:
    """Return how many tasks are open or begun."""
    file = "progress.md"
    contract = bank.contract_of(file)
    spec = contract.spec_of("Tasks") if contract else None
    try:
        if spec is None:
            from memorybank.workflow.progress.progress import progress_of

            progress = progress_of(bank)
            return len(progress.todo) + len(progress.in_progress)
        from memorybank.store.view import open_document

        document = open_document(bank, file)
    except BankError:
        return 0
    from memorybank.document.addresses import find_named
    from memorybank.document.items import entries_of, plain_key

    empty = {plain_key(text) for text in spec.placeholders}
    sections = {each.number: each for name in (spec.name, *spec.other_names) for each in find_named(document, name)}
    return sum(
        entry.item.task in _OPEN and plain_key(entry.text) not in empty and not entry.text.startswith("~~")
        for section in sections.values()
        for entry in entries_of(document, section)
    )
