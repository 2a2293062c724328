"""Accept corrections: each becomes a record with the same id and, unless it is not wanted, a line in patterns.md.

All of it is one operation, planned under the lock from what the bank says then. One undo takes it back: without its
record a correction waits again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.decide import refuse_reader
from memorybank.corrections.place import PlannedLine, contradicted_by, planned_line
from memorybank.corrections.wording import KINDS, fenced, title_of
from memorybank.document.text import check_text, one_line
from memorybank.errors import BankError, FieldError
from memorybank.ids import chosen
from memorybank.records.corrections.accepted import known_entries
from memorybank.records.corrections.correction import ACCEPTED, TYPE, UNDECIDED
from memorybank.records.corrections.find_correction import find_in
from memorybank.records.corrections.ledger import append_settled
from memorybank.records.corrections.pack import sense_of
from memorybank.records.draft import NewRecord
from memorybank.records.memories.memories import follow_ups, links_of
from memorybank.records.record import Link
from memorybank.shell import quoted
from memorybank.store.journal.commit import retried
from memorybank.times import moment_of, stamp_of
from memorybank.workflow.contradictions.former import RECORD, closing_changes, find_former, is_replaced
from memorybank.workflow.lines.record_line import draft_filled
from memorybank.workflow.lines.reference_line import put_entries
from memorybank.workflow.lines.together import together
from memorybank.workflow.workflow_errors import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.records.corrections.correction import Correction
    from memorybank.records.corrections.ledger import Entry
    from memorybank.records.draft import Draft
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way
    from memorybank.workflow.contradictions.former import Former

    class AcceptedWire(TypedDict):
        """The JSON form of one accepted correction."""

        id: str
        title: str
        record_file: str
        address: str
        text: str
        merged: str
        similar: str
        same: list[str]

    class AcceptanceWire(TypedDict):
        """The JSON form of an acceptance."""

        accepted: list[AcceptedWire]
        receipt: ReceiptWire


# the front matter is for programs; the whole texts are in the sections
_FIELD_LENGTH = 300
_SUMMARY_LENGTH = 2000


class Accepted(NamedTuple):
    """One accepted correction: its record, what became of its line, and the ids of those that say the same.

    These are out of the queue, and wait again when it is taken back.
    """

    record: Record
    line: PlannedLine
    same: list[str]

    def to_wire(self) -> AcceptedWire:
        """Return the JSON form; without a line its fields are empty."""
        return {
            "id": self.record.id,
            "title": self.record.title,
            "record_file": self.record.file,
            "address": self.line.address,
            "text": "" if self.line.merged else self.line.line,
            "merged": self.line.merged,
            "similar": self.line.near,
            "same": self.same,
        }


class Acceptance(NamedTuple):
    """What was accepted, and the receipt of the one operation."""

    accepted: list[Accepted]
    receipt: Receipt

    def to_wire(self) -> AcceptanceWire:
        """Return the JSON form."""
        return {"accepted": [each.to_wire() for each in self.accepted], "receipt": self.receipt.to_wire()}


class _Wish(NamedTuple):
    """How one correction is accepted."""

    kind: str
    text: str
    supersedes: Sequence[str]
    anyway: bool
    is_one: bool


def accept(
    bank: BankFolder,
    idents: Sequence[str],
    way: Way,
    *,
    kind: str = "",
    text: str = "",
    supersedes: Sequence[str] = (),
    anyway: bool = False,
) -> Acceptance:
    """Accept corrections as one operation; the kind of each line is by its words unless it is given.

    `text` rewords the line and the title of one correction; what the user said stays in its record. `supersedes` are
    ids of records or facts, or texts of lines, that it replaces; `anyway` keeps both. What says the same and waits
    is out of the queue with it; of several of these that are named the first one gets the record.

    Raises:
        NoRecordError: no correction or several match.
        FieldError: one is accepted already, the kind is invalid, or a text is for several.
        ContradictionError: one contradicts what the bank says, and neither `supersedes` nor `anyway` is given.
        RoleError: a reader may not accept.
        BankError: the contract refuses a line; nothing is written.
    """
    refuse_reader(way)
    kind = chosen(kind, KINDS)
    if kind and kind not in KINDS:
        why = f"{kind!r} is invalid: choose from {', '.join(KINDS)}"
        raise FieldError(field="as", why=why, hint=f"bank corrections accept {quoted(idents[0])} --as {KINDS[0]}")
    text = one_line(check_text(text))
    if len(idents) != 1 and (text or supersedes):
        why = "a text and what it supersedes are for one correction" if idents else "no correction is named"
        raise FieldError(field="corrections", why=why, hint="bank corrections accept ID --text TEXT")
    wish = _Wish(kind, text, supersedes, anyway, len(idents) == 1)

    def make() -> tuple[tuple[list[Accepted], list[Former]], list[FileChange]]:
        done: list[Accepted] = []
        gone: list[Former] = []
        records: list[FileChange] = []
        strikes: list[FileChange] = []
        entries: list[tuple[str, str]] = []
        for found, twins in _with_twins(bank, idents):
            formers = _formers(bank, found, wish)
            made = _drafted(bank, found, wish.text, formers, way)
            line = planned_line(bank, found, kind=wish.kind, text=wish.text)
            records += [made.change, *follow_ups(bank, made.record, way)]
            strikes += closing_changes(bank, formers, made.record.id)
            if line.line and not line.merged:
                entries.append((line.kind, line.line))
            done.append(Accepted(made.record, line, twins))
            gone += formers
        # the records first: a crash in between leaves a record without its line, never a line without its record
        return (done, gone), together([*records, *strikes, *put_entries(bank, entries, way)])

    (done, gone), receipt = retried(make, bank, "corrections accept", way)
    if not way.options.dry_run:
        # they are accepted; if the ledger cannot be written, the others only wait for `propose`
        with suppress(BankError):
            for each in done:
                append_settled(bank, each.record.id, each.same, at=stamp_of(way.author.now()))
    return Acceptance(done, receipt._replace(superseded=tuple(each.to_superseded() for each in gone)))


def _with_twins(bank: BankFolder, idents: Sequence[str]) -> list[tuple[Correction, list[str]]]:
    """Return the corrections to accept, each with the ids of those that say the same and wait."""
    entries = known_entries(bank)
    named = dict.fromkeys(_waiting(entries, each) for each in idents)
    firsts: dict[tuple[str, ...], Correction] = {}
    for each in named:
        firsts.setdefault(sense_of(each), each)
    twins: dict[tuple[str, ...], list[str]] = {}
    for each in (entry.correction for entry in entries):
        sense = sense_of(each) if each in named or each.status in UNDECIDED else ()
        if sense in firsts and firsts[sense].id != each.id:
            twins.setdefault(sense, []).append(each.id)
    return [(each, twins.get(sense, [])) for sense, each in firsts.items()]


def _waiting(entries: Sequence[Entry], ident: str) -> Correction:
    found = find_in(entries, ident).correction
    if found.status == ACCEPTED:
        why = f"{found.id} is accepted already"
        raise FieldError(field="correction", why=why, hint=f"bank corrections show {found.id}")
    return found


def _formers(bank: BankFolder, found: Correction, wish: _Wish) -> list[Former]:
    """Return what a correction replaces; refuse it if it contradicts anything else."""
    formers = list(dict.fromkeys(find_former(bank, each) for each in wish.supersedes if each.strip()))
    if wish.anyway:
        return formers
    for contradiction, each in contradicted_by(bank, found, wish.text):
        if not any(is_replaced(former, each) for former in formers):
            error = ContradictionError(
                text=found.id,
                found=contradiction,
                verb="bank corrections accept",
                options=("--text", wish.text) if wish.text else (),
                supersedes=wish.supersedes,
            )
            if not wish.is_one:
                # what it replaces can be named for one only, so the next command is about this one alone
                error.options = {}
            raise error
    return formers


def _drafted(bank: BankFolder, found: Correction, text: str, formers: Sequence[Former], way: Way) -> Draft:
    title = title_of(found, text)
    said = one_line(text or found.text)
    premise = found.premise
    fields = {
        "rule": found.rule,
        "tier": found.tier,
        "label": found.label,
        "pinned": found.is_pinned or "",
        "client": found.origin.client,
        "said_in": found.origin.session,
        "said_at": _time(found.origin.at),
        "premise": _short(premise.text),
        "premise_tool": _short(premise.tool),
        "values": list(found.values),
        "files": list(found.files),
        "commands": list(found.commands),
        "position": found.position,
        "similar": found.similar,
        "sessions": found.sessions,
    }
    linked = links_of(bank, [Link("supersedes", each.ident) for each in formers if each.kind == RECORD])
    new = NewRecord(
        kind=TYPE,
        ident=found.id,
        title=title,
        # what is loaded, where the title has not all of it
        summary=said[:_SUMMARY_LENGTH] if said != title else "",
        fields={name: value for name, value in fields.items() if value not in ("", [])},
        sections=[
            ("Premise", fenced(premise.tool or premise.text) if premise.tool or premise.text else ""),
            ("Correction", fenced(found.text)),
            ("Origin", _origin(found)),
        ],
        links=linked,
    )
    return draft_filled(bank, new, way)


def _origin(found: Correction) -> str:
    where = found.origin
    rows = [
        f"Found by the rule {one_line(found.rule)}" if found.rule else "",
        f"Said to {one_line(where.client)}" if where.client else "",
        f"Session {one_line(where.session)}" if where.session else "",
        f"Turn {where.turn}" if where.turn else "",
    ]
    return "\n".join(f"- {each}" for each in rows if each)


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _FIELD_LENGTH else f"{line[: _FIELD_LENGTH - 1]}…"


def _time(at: str) -> str:
    moment = moment_of(at)
    return stamp_of(moment) if moment else ""
