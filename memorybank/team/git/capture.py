"""Notes from commit messages: what a commit decided or fixed is queued for the router, once for each commit.

A commit is the same one after an amend, a rebase or a cherry-pick: git keeps its author and the time of its writing.
What was queued for it before is written anew if its message changed, and never queued a second time once it was
applied or dropped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.files.write import make_dirs, read, replace
from memorybank.store.git.commits import Commits
from memorybank.store.git.repository import ask, is_known
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.roles import QUEUE, WRITE_AGENT
from memorybank.team.git.commit_words import said_in
from memorybank.workflow.notes.queue import draft_note
from memorybank.workflow.notes.workflow_notes import by_program

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.git.commits import Commit
    from memorybank.store.way import Way
    from memorybank.workflow.notes.queued import QueuedNote

TOOL = "git"
_SEEN = "git-commits.json"
_MOST = 500
_SHORT = 9


class Captured(NamedTuple):
    """The notes that were queued for a commit."""

    commit: str
    notes: tuple[QueuedNote, ...]


def capture(bank: BankFolder, folder: Path, way: Way) -> Captured:
    """Queue what the commit that is checked out in a folder decided or fixed; nothing for a merge, or one seen before.

    A message with a secret is refused as a whole.

    Raises:
        BankError: the queue cannot be written.
    """
    found = _commit(folder)
    said = said_in(found.message) if found is not None else []
    if found is None or not said:
        return Captured("", ())
    key = digest_of(f"{found.author}\0{found.email}\0{found.at}".encode())
    seen = _seen(bank)
    rows = seen.pop(key, [])
    if any(row[0] == found.hash for row in rows):
        return Captured(found.hash, ())
    # one that is still in the history is another commit of the same second
    former = next((row for row in rows if not is_known(folder, row[0])), None)
    way = way.with_actor(way.author.actor._replace(tool=TOOL))

    def make() -> tuple[list[QueuedNote], list[FileChange]]:
        gone = _gone(bank, former[1:]) if former else []
        if former and not gone:
            # applied or dropped by now: that was decided for this commit
            return [], []
        made = [
            draft_note(bank, f"{each.text} ({found.hash[:_SHORT]})", way, kind=each.kind, role=WRITE_AGENT, agent=TOOL)
            for each in said
        ]
        return [note for note, _ in made], [*(change for _, change in made), *gone]

    notes, _ = retried(make, bank, "capture", by_program(way))
    if not way.options.dry_run:
        row = [found.hash, *([each.id for each in notes] or (former or [""])[1:])]
        _remember(bank, {**seen, key: [*(each for each in rows if each is not former), row]})
    return Captured(found.hash, tuple(notes))


def _commit(folder: Path) -> Commit | None:
    """Return the commit that is checked out; None if it is a merge, as its commits were seen."""
    rows = (ask(folder, "rev-list", "--no-walk", "--parents", "HEAD") or "").split()
    if not rows or len(rows) > 2:  # noqa: PLR2004  the commit and its only parent
        return None
    with Commits(folder) as commits:
        return commits.read(rows[0])


def _gone(bank: BankFolder, idents: list[str]) -> list[FileChange]:
    changes = []
    for ident in idents:
        path = bank.folder / QUEUE / f"{ident}.json"
        try:
            changes.append(FileChange(path, base=digest_of(bank.read(path)), gone=True))
        except BankError:
            continue
    return changes


def _seen(bank: BankFolder) -> dict[str, list[list[str]]]:
    """Return what was captured, oldest first: by author and second, each commit with the ids of its notes."""
    try:
        found = json.loads(read(bank.state / _SEEN))
        return {str(key): [[str(word) for word in row] for row in rows if row] for key, rows in found.items()}
    except (BankError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _remember(bank: BankFolder, seen: dict[str, list[list[str]]]) -> None:
    make_dirs(bank.state, 0o700)
    kept = dict(list(seen.items())[-_MOST:])
    replace(bank.state / _SEEN, json.dumps(kept).encode("ascii"))
