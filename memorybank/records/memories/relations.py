"""Relations between records: supersede, deprecate and link, each in one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import parse_address
from memorybank.errors import FieldError, NoRecordError, SupersededError
from memorybank.records.change import Target, next_status, target_of, with_fields
from memorybank.records.fields import check_link
from memorybank.records.memories.citations import struck_changes
from memorybank.records.record import Link, Record
from memorybank.records.templates import load_type
from memorybank.store.journal.commit import retried
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

    class RelationChangeWire(TypedDict):
        """The JSON form of a relation change."""

        id: str
        to: str
        struck: list[str]
        receipt: ReceiptWire


from memorybank.store.roles import ROUTER

SUPERSEDED, DEPRECATED = "superseded", "deprecated"
SUPERSEDES, SUPERSEDED_BY, SEE = "supersedes", "superseded-by", "see"


class RelationChange(NamedTuple):
    """The changed records as they were before, and the receipt; `struck` are the lines that cited the first one."""

    record: Record
    other: str
    struck: tuple[str, ...]
    receipt: Receipt

    def to_wire(self) -> RelationChangeWire:
        """Return the JSON form: both ids, the addresses of the lines, and the receipt."""
        return {
            "id": self.record.id,
            "to": self.other,
            "struck": list(self.struck),
            "receipt": self.receipt.to_wire(),
        }


def supersede(bank: BankFolder, old: str, new: str, way: Way) -> RelationChange:
    """Supersede a record by another: set status and links both ways, and strike through lines that cite the old one.

    A second call with the same two records only changes what is still missing.

    Raises:
        SupersededError: the old record already has another successor, or the new one has been superseded itself.
        FieldError: both are the same record, or records of this type cannot be superseded.
        NoRecordError: no record or several match one of the ids.
    """

    def make() -> tuple[tuple[Record, str, tuple[str, ...]], list[FileChange]]:
        former, latter = _target(bank, old), _target(bank, new)
        before, after = former.record, latter.record
        _check_line(bank, before, after)
        changes = [
            *_changes(
                former, way, {"status": SUPERSEDED, SUPERSEDED_BY: _with(before.linked(SUPERSEDED_BY), after.id)}
            ),
            *_changes(latter, way, {SUPERSEDES: _with(after.linked(SUPERSEDES), before.id)}),
        ]
        lines, struck = struck_changes(bank, before, after.id)
        # lines are written last: after a crash a record may be ahead of the lines that point to it, never behind
        return (before, after.id, tuple(struck)), [*changes, *lines]

    changed, receipt = retried(make, bank, "supersede", way)
    return RelationChange(*changed, receipt)


def successor_links(bank: BankFolder, links: Iterable[Link]) -> list[Link]:
    """Return the links of a new record, with the whole id of the record it supersedes.

    Raises:
        FieldError: it would supersede several records, or be superseded itself.
        NoRecordError: no record or several match the id.
    """
    found = [check_link(each) for each in links]
    former = [each.to for each in found if each.rel == SUPERSEDES]
    if len(former) > 1:
        hint = f"bank supersede {former[1]} NEW"
        raise FieldError(field=SUPERSEDES, why="a new record can supersede only one record", hint=hint)
    for each in found:
        if each.rel == SUPERSEDED_BY:
            raise FieldError(field=each.rel, why="a new record cannot be superseded", hint=f"bank recall {each.to}")
    return [each._replace(to=_target(bank, each.to).record.id) if each.rel == SUPERSEDES else each for each in found]


def succession_changes(bank: BankFolder, made: Record, way: Way) -> list[FileChange]:
    """Return the changes that a new record makes on the one it supersedes: status, link back, and citing lines.

    Only the router may write those lines: in another role they stay until it applies the line of the new record.

    Raises:
        SupersededError: that record already has another successor.
        FieldError: records of its type cannot be superseded.
    """
    changes: list[FileChange] = []
    for old in made.linked(SUPERSEDES):
        former = _target(bank, old)
        _check_line(bank, former.record, made)
        changes += _changes(former, way, {"status": SUPERSEDED, SUPERSEDED_BY: [made.id]})
        if way.author.actor.role == ROUTER:
            changes += struck_changes(bank, former.record, made.id)[0]
    return changes


def _check_line(bank: BankFolder, before: Record, after: Record) -> None:
    """Check that one record can follow the other without a fork or a circle."""
    if before.file == after.file:
        raise FieldError(field=SUPERSEDES, why="a record cannot supersede itself", hint=f"bank lineage {before.id}")
    others = [each for each in before.linked(SUPERSEDED_BY) if each != after.id]
    if others:
        raise SupersededError(ident=before.id, by=others[0])
    if after.id in before.linked(SUPERSEDED_BY):
        return
    later = after.linked(SUPERSEDED_BY)
    if later:
        raise SupersededError(ident=after.id, by=later[0])
    kind = load_type(bank, before.type)
    if SUPERSEDED not in dict(kind.statuses):
        raise FieldError(
            field="status",
            why=f"records of type {kind.name} cannot be superseded",
            hint=f"bank link {after.id} relates {before.id}",
        )


def deprecate(bank: BankFolder, ident: str, way: Way, *, see: str = "") -> RelationChange:
    """Mark a record as no longer valid, and with `see` point to what to read instead.

    Raises:
        FieldError: the status cannot follow the current one.
        NoRecordError: no record or several match an id.
    """

    def make() -> tuple[tuple[Record, str, tuple[str, ...]], list[FileChange]]:
        target = _target(bank, ident)
        record = target.record
        other = resolve_target(bank, see) if see else ""
        if other == record.id:
            raise FieldError(field=SEE, why="a record cannot point to itself", hint=f"bank recall {record.id}")
        values: dict[str, object] = {"status": next_status(record, load_type(bank, record.type), DEPRECATED)}
        if other:
            values[SEE] = _with(record.linked(SEE), other)
        return (record, other, ()), _changes(target, way, values)

    changed, receipt = retried(make, bank, "deprecate", way)
    return RelationChange(*changed, receipt)


def link(bank: BankFolder, one: str, rel: str, other: str, way: Way, *, remove: bool = False) -> RelationChange:
    """Link a record to another (a record, a file of the project, or a web address).

    The relations `supersedes` and `superseded-by` do the same as `supersede`. With `remove` the link is removed.

    Raises:
        FieldError: the relation is unknown, or the link to remove does not exist.
        NoRecordError: the target does not exist.
    """
    rel = check_link(Link(rel.replace("_", "-"), other)).rel
    if rel in (SUPERSEDES, SUPERSEDED_BY) and not remove:
        return supersede(bank, *((other, one) if rel == SUPERSEDES else (one, other)), way)

    def make() -> tuple[tuple[Record, str, tuple[str, ...]], list[FileChange]]:
        target = _target(bank, one)
        record = target.record
        there = record.linked(rel)
        to = other if remove and other in there else resolve_target(bank, other)
        if to == record.id:
            raise FieldError(field=rel, why="a record cannot be linked to itself", hint=f"bank lineage {record.id}")
        if remove and to not in there:
            raise FieldError(field=rel, why=f"there is no link to {to}", hint=f"bank recall {record.id}")
        linked = [each for each in there if each != to] if remove else _with(there, to)
        return (record, to, ()), _changes(target, way, {rel: linked})

    changed, receipt = retried(make, bank, "link", way)
    return RelationChange(*changed, receipt)


def resolve_target(bank: BankFolder, text: str) -> str:
    """Return the stored form of a link's target: a record's whole id, a file's name, or the web address itself.

    Raises:
        NoRecordError: there is neither a record nor a file of that name.
    """
    if "://" in text:
        return text
    for archived in (False, True):
        try:
            return target_of(bank, text, every=True, archived=archived).record.id
        except NoRecordError as error:
            refusal = error
    file = parse_address(text).file
    if "/" in file or file.endswith(".md"):
        _, name = bank.existing(file)
        return name + text[len(file) :]
    raise refusal


def _target(bank: BankFolder, ident: str) -> Target:
    return target_of(bank, ident, every=True)


def _with(there: tuple[str, ...], one: str) -> list[str]:
    return list(dict.fromkeys([*there, one]))


def _changes(target: Target, way: Way, values: Mapping[str, object]) -> list[FileChange]:
    """Return the change that sets these fields, empty if they already have these values."""
    record = target.record
    now = {"status": record.status, **{name: list(record.linked(name)) for name in values if name != "status"}}
    values = {name: value for name, value in values.items() if value != now[name]}
    if not values:
        return []
    stamp = stamp_of(way.author.now())
    return [target.changed(with_fields(target.source, {**values, "updated": stamp}, record.file).text)]
