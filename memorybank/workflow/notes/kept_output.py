"""Notes of an agent whose output comes once: they are in local state until the queue has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank.errors import NoFileError
from memorybank.files.durable import discard, make_dirs
from memorybank.files.write import publish, read
from memorybank.ids import new_id
from memorybank.secrets.scan import redact
from memorybank.store.cache import hide_state
from memorybank.workflow.notes.agent_output import queue_said
from memorybank.workflow.notes.queue_status import KEPT, kept_in
from memorybank.workflow.notes.said_notes import AgentNote, said_in

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def keep_notes(bank: BankFolder, text: str, way: Way, *, agent: str = "") -> None:
    """Keep the notes in an agent's output, whoever has the bank's lock; durable on return. Secrets are redacted.

    Raises:
        BankError: local state cannot be written.
    """
    notes = [each._replace(text=redact(each.text)) for each in said_in(text) if each.kind]
    if not notes:
        return
    hide_state(bank)
    path = bank.state / KEPT / f"{new_id('output', way.author.now(), way.author.random_bytes)}.json"
    make_dirs(path.parent, 0o700)
    row = json.dumps({"agent": agent, "notes": notes})
    publish(path, base=None, new=row.encode("utf-8", "replace"), mode=0o600)


def queue_kept(bank: BankFolder, way: Way) -> None:
    """Queue the notes that are kept, and forget them; those that are queued already are skipped.

    A dry run leaves them.

    Raises:
        BankError: the queue cannot be written; what is not queued yet stays kept.
    """
    for name in () if way.options.dry_run else kept_in(bank):
        path = bank.state / KEPT / name
        try:
            agent, notes = _parsed(read(path))
        except NoFileError:
            # another process has just queued them
            continue
        if notes:
            queue_said(bank, notes, way, agent=agent)
        discard(path)


def _parsed(data: bytes) -> tuple[str, list[AgentNote]]:
    try:
        row: Any = json.loads(data)
        return str(row["agent"]), [AgentNote(*map(str, each)) for each in row["notes"]]
    except (ValueError, TypeError, KeyError):
        return "", []
