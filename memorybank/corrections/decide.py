"""What a person decides about a correction without accepting it: drop it, pin it, give it a tier.

Such a decision is local, in the ledger, until the correction is a record; then it is a field of the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import FieldError
from memorybank.ids import chosen
from memorybank.records.change import target_of, with_fields
from memorybank.records.corrections.accepted import accepted_from, known_entries
from memorybank.records.corrections.correction import ACCEPTED, DROPPED, TIERS, TYPE, WAITING, Correction
from memorybank.records.corrections.find_correction import find_entry, find_in
from memorybank.records.corrections.ledger import append_decisions
from memorybank.records.record import parse
from memorybank.store.journal.commit import retried
from memorybank.store.roles import READ_ONLY, RoleError
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way


class Decision(NamedTuple):
    """A correction after a decision; the receipt is that of its record, None if it is not one yet."""

    correction: Correction
    receipt: Receipt | None = None


class Decisions(NamedTuple):
    """Corrections after a decision about all of them."""

    corrections: list[Correction]


def drop(bank: BankFolder, idents: Sequence[str], way: Way, *, why: str = "", off: bool = False) -> Decisions:
    """Take corrections out of the queue, or with `off` put dropped ones back; they stay in the ledger.

    Raises:
        NoRecordError: no correction or several match.
        FieldError: one is accepted already.
        RoleError: a reader may not decide.
    """
    refuse_reader(way)
    known = known_entries(bank)
    found = list(dict.fromkeys(find_in(known, each).correction for each in idents))
    for each in found:
        if each.status == ACCEPTED:
            why_not = f"{each.id} is accepted, so it is a record"
            raise FieldError(field="correction", why=why_not, hint=f"bank delete {each.id}")
    status = WAITING if off else DROPPED
    if not way.options.dry_run:
        now = stamp_of(way.author.now())
        append_decisions(bank, [(each.id, {"status": status}) for each in found], at=now, why=why)
    return Decisions([each._replace(status=status) for each in found])


def pin(bank: BankFolder, ident: str, way: Way, *, off: bool = False) -> Decision:
    """Pin a correction, so that it does not decay; `off` takes the pin away.

    Raises:
        NoRecordError: no correction or several match.
        RoleError: a reader may not decide.
    """
    return _decided(bank, ident, way, "corrections pin", {"is_pinned": not off}, {"pinned": not off})


def set_tier(bank: BankFolder, ident: str, tier: str, way: Way) -> Decision:
    """Set the tier of a correction, which counts more than the one that was found; "" takes it away again.

    Raises:
        NoRecordError: no correction or several match.
        FieldError: there is no such tier.
        RoleError: a reader may not decide.
    """
    tier = chosen(tier, TIERS)
    if tier and tier not in TIERS:
        why = f"invalid tier {tier!r}: choose from {', '.join(TIERS)}"
        raise FieldError(field="tier", why=why, hint=f"bank corrections tier {ident} {TIERS[1]}")
    return _decided(bank, ident, way, "corrections tier", {"label": tier}, {"label": tier})


def _decided(
    bank: BankFolder, ident: str, way: Way, verb: str, changes: dict[str, Any], fields: dict[str, Any]
) -> Decision:
    refuse_reader(way)
    found = find_entry(bank, ident).correction
    if found.status != ACCEPTED:
        if not way.options.dry_run:
            append_decisions(bank, [(found.id, changes)], at=stamp_of(way.author.now()))
        return Decision(found._replace(**changes))

    def make() -> tuple[Correction, list[FileChange]]:
        target = target_of(bank, found.id, kinds=(TYPE,))
        source = with_fields(target.source, {**fields, "updated": stamp_of(way.author.now())}, target.record.file)
        changed = accepted_from(parse(source.to_bytes(source.text), target.record.file, TYPE))
        return changed._replace(origin=found.origin), [target.changed(source.text)]

    changed, receipt = retried(make, bank, verb, way)
    return Decision(changed, receipt)


def refuse_reader(way: Way) -> None:
    """Refuse a decision in the role of a reader.

    Raises:
        RoleError: it is that role.
    """
    role = way.author.actor.role
    if role == READ_ONLY:
        raise RoleError(role=role, why="it decides about corrections", hint="bank corrections list")
