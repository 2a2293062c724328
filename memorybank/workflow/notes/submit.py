"""Write a note to its section if the role may write there, else add it to the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.shell import command
from memorybank.store.journal.commit import commit
from memorybank.store.roles import ROUTER
from memorybank.workflow.lines.note import DEFAULT_KIND, line_of, note

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way


DECISION = "decision"


def _superseding(bank: BankFolder, line: str, way: Way, former: str) -> Receipt:
    from memorybank.errors import FieldError
    from memorybank.workflow.contradictions.earlier import record_of_decision, struck_line
    from memorybank.workflow.lines.record_line import together
    from memorybank.workflow.lines.reference_line import put_entry

    record = record_of_decision(bank, former)
    if record:
        hint = command("bank decide", line.partition(" - ")[0], f"--supersedes {record}")
        raise FieldError(field="supersedes", why=f"{record} is a record, and only a record can supersede it", hint=hint)
    words = line.partition(" - ")[0]
    return commit(
        bank, lambda: together([struck_line(bank, former, words), *put_entry(bank, DECISION, line, way)]), "note", way
    )


def _decided(bank: BankFolder, said: str, line: str, way: Way) -> Receipt:
    """Write a decision under the lock, so that the second of two contradicting decisions is refused."""
    from memorybank.workflow.contradictions.earlier import refuse_contradiction
    from memorybank.workflow.lines.note import planned
    from memorybank.workflow.lines.placement import place_of

    def make() -> list[FileChange]:
        refuse_contradiction(bank, said)
        return [planned(bank, place_of(bank, DECISION), line, DECISION, way)]

    return commit(bank, make, "note", way)


def hand_in(  # noqa: PLR0913  each is an option of one command
    bank: BankFolder,
    text: str,
    way: Way,
    *,
    kind: str = DEFAULT_KIND,
    to: str = "",
    file: str = "",
    why: str = "",
    supersedes: str = "",
    anyway: bool = False,
) -> Receipt:
    """Add one line to the section of its kind, or at an address; for roles other than the router, to the queue.

    A queued note is applied when the active workflow finishes, if there is one.
    A decision that contradicts an earlier one is refused, unless it `supersedes` that one, whose line is struck in
    the same operation, or `anyway` keeps both.

    Raises:
        ContradictionError: the decision contradicts an earlier one.
        BankError: the text cannot be one line, no section accepts its kind, or the edit is refused.
    """
    if kind == DECISION and not anyway:
        from memorybank.workflow.contradictions.earlier import refuse_contradiction

        refuse_contradiction(bank, line_of(text), supersedes=(supersedes,))
    if supersedes and way.author.actor.role == ROUTER:
        return _superseding(bank, line_of(text, why=why, file=file), way, supersedes)
    if way.author.actor.role == ROUTER or (to and not _is_contract(bank, to)):
        if kind == DECISION and not anyway and not to:
            return _decided(bank, line_of(text), line_of(text, why=why, file=file), way)
        return note(bank, text, way, kind=kind, to=to, file=file, why=why)
    from memorybank.workflow.artifact import active_id
    from memorybank.workflow.notes.queue import enqueue

    line = line_of(text, why=why, file=file)
    return enqueue(bank, line, way, kind=kind, to=to, workflow=lambda: active_id(bank)).receipt


def _is_contract(bank: BankFolder, address: str) -> bool:
    """Check whether an address is in one of the memory files, which only the router writes."""
    from memorybank.store.view import address_in

    return bank.locate(address_in(bank, address).file)[1] in bank.main_files
