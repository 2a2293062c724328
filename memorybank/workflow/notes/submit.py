"""Write a note to its section if the role may write there, else add it to the queue."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.store.roles import ROUTER
from memorybank.workflow.lines.note import DEFAULT_KIND, line_of, note, planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way
    from memorybank.workflow.contradictions.former import Former

DECISION, SETTING = "decision", "AUTO_PROCEED"


class _Decision(NamedTuple):
    """A decision as it was typed."""

    said: str
    why: str
    file: str
    to: str
    supersedes: tuple[str, ...]
    anyway: bool


def _decided(bank: BankFolder, wish: _Decision, way: Way) -> Receipt:
    """Write a decision, as a line or as a record where only a record can replace the earlier one.

    It is planned under the lock, so that the second of two contradicting decisions is refused.
    """
    from memorybank.store.journal.commit import retried
    from memorybank.workflow.contradictions.former import RECORD, closing_changes
    from memorybank.workflow.lines.placement import place_of
    from memorybank.workflow.lines.reference_line import put_entry
    from memorybank.workflow.lines.together import together

    if any(each.kind == RECORD for each in _formers(bank, wish)):
        from memorybank.workflow.entries.decide import NewDecision, decide

        places = [wish.file] if wish.file else []
        new = NewDecision(wish.said, why=wish.why, implementation=places)
        return decide(bank, new, way, supersedes=wish.supersedes, anyway=wish.anyway).receipt
    line = line_of(wish.said, why=wish.why, file=wish.file)
    if way.author.actor.role != ROUTER:
        return _queued(bank, wish, line, way)

    def make() -> tuple[list[Former], list[FileChange]]:
        formers = _formers(bank, wish)
        struck = closing_changes(bank, formers, wish.said)
        if not formers:
            return formers, [planned(bank, place_of(bank, DECISION), line, DECISION, way)]
        return formers, together([*struck, *put_entry(bank, DECISION, line, way)])

    replaced, receipt = retried(make, bank, "note", way)
    return receipt._replace(superseded=tuple(each.to_superseded() for each in replaced))


def _queued(bank: BankFolder, wish: _Decision, line: str, way: Way) -> Receipt:
    """Queue a decision with the words of what it replaces, which is struck when the router applies the note."""
    from memorybank.workflow.artifact import active_id
    from memorybank.workflow.contradictions.former import LINE, find_former
    from memorybank.workflow.notes.queue import enqueue

    named = [find_former(bank, each) for each in wish.supersedes]
    gone = [each.said.partition(" - ")[0] if each.kind == LINE else each.ident for each in named]
    text = "; ".join([line, *(f"replaces {each}" for each in gone)])
    return enqueue(bank, text, way, kind=DECISION, workflow=lambda: active_id(bank)).receipt


def _formers(bank: BankFolder, wish: _Decision) -> list[Former]:
    from memorybank.workflow.contradictions.former import DecisionTexts, succession

    given = (("--why", wish.why), ("--file", wish.file), ("--to", wish.to))
    options = ("--as", DECISION, *(word for name, value in given if value for word in (name, value)))
    new = DecisionTexts(wish.said, more=(wish.why,), options=options)
    return succession(bank, new, supersedes=wish.supersedes, anyway=wish.anyway)


def hand_in(  # noqa: PLR0913  each is an option of one command
    bank: BankFolder,
    text: str,
    way: Way,
    *,
    kind: str = DEFAULT_KIND,
    to: str = "",
    file: str = "",
    why: str = "",
    supersedes: Sequence[str] | str = (),
    anyway: bool = False,
    once: bool = False,
) -> Receipt:
    """Add one line to the section of its kind, or at an address; for roles other than the router, to the queue.

    A queued note is applied when the active workflow finishes, if there is one.
    A decision that contradicts an earlier one is refused, unless it replaces that one or `anyway` keeps both. It
    replaces what `supersedes` names, and what its words name as replaced (`X instead of Y`): a line is struck, a record
    gets the decision as a record that follows it.

    With `once`, a line that its section has already is not written again; the receipt's `already` says where it is.

    Raises:
        ContradictionError: the decision contradicts an earlier one.
        NotFoundError: `supersedes` names nothing.
        BankError: the text cannot be one line, no section accepts its kind, or the edit is refused.
    """
    named = tuple(each for each in ([supersedes] if isinstance(supersedes, str) else supersedes) if each.strip())
    if named and kind != DECISION:
        raise _only_decisions(kind)
    once = once and not named
    if once:
        from memorybank.workflow.lines.already import already_noted, place_noted

        there = already_noted(bank, text, way, kind=kind, to=to, file=file, why=why)
        if there is not None:
            return there
    if kind == DECISION:
        wish = _Decision(line_of(text), why, file, to, named, anyway)
        if not to:
            return _decided(bank, wish, way)
        if _formers(bank, wish):
            hint = "leave out --to: the new decision is written under Decisions"
            raise FieldError(field="to", why="a decision that replaces another is written beside it", hint=hint)
    if to and SETTING in text:
        from memorybank.workflow.auto_proceed import set_by_line

        receipt = set_by_line(bank, to, text, way)
        if receipt is not None:
            return receipt
    if way.author.actor.role == ROUTER or (to and not _is_contract(bank, to)):
        # asked again under the lock: another process may just have written it
        noted_at = partial(place_noted, bank, way=way, kind=kind, to=to) if once else None
        return note(bank, text, way, kind=kind, to=to, file=file, why=why, noted_at=noted_at)
    from memorybank.workflow.artifact import active_id
    from memorybank.workflow.notes.queue import enqueue

    line = line_of(text, why=why, file=file)
    return enqueue(bank, line, way, kind=kind, to=to, workflow=lambda: active_id(bank)).receipt


def _only_decisions(kind: str) -> FieldError:
    why = f"a note of the kind {kind} cannot supersede a decision"
    error = FieldError(field="supersedes", why=why, hint="bank note TEXT --as decision --supersedes DECISION")
    error.options = {"--as": DECISION}
    return error


def _is_contract(bank: BankFolder, address: str) -> bool:
    """Check whether an address is in one of the memory files, which only the router writes."""
    from memorybank.store.view import address_in

    return bank.locate(address_in(bank, address).file)[1] in bank.main_files
