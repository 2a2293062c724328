"""The contract line that points to a record or a document: written by the router, queued for everybody else.

A write agent saves records, plans, research and bugs as files; only the router writes the contracts. So the line of a
write agent is queued, and written when the router applies the notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.store.roles import ROUTER
from memorybank.times import day_of
from memorybank.workflow.artifact import active_id
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.placement import place_of, put_line
from memorybank.workflow.notes.queue import draft_note, row_of
from memorybank.workflow.notes.workflow_notes import artifact_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way


def put_entry(bank: BankFolder, kind: str, text: str, way: Way) -> list[FileChange]:
    """Plan one line in the section of its kind, with a date if the contract requires one.

    For a role other than the router, plan a queued note instead.

    Raises:
        BankError: the text cannot be a line, or the file cannot be read.
    """
    return put_entries(bank, [(kind, text)], way)


def put_entries(bank: BankFolder, entries: Sequence[tuple[str, str]], way: Way) -> list[FileChange]:
    """Plan several lines, each with its kind, in the same way as `put_entry`."""
    if way.author.actor.role == ROUTER:
        return [_line(bank, kind, line_of(text), way) for kind, text in entries]
    flow = active_id(bank)
    made = [draft_note(bank, line_of(text), way, kind=kind, workflow=flow) for kind, text in entries]
    # one change of the artifact for all lines
    return [*(change for _, change in made), *artifact_changes(bank, [row_of(note) for note, _ in made], way)]


def _line(bank: BankFolder, kind: str, line: str, way: Way) -> FileChange:
    place = place_of(bank, kind)
    if place.spec is not None and place.spec.dated:
        line = f"[{day_of(way.author.now())}] {line}"
    return put_line(bank, place, line)
