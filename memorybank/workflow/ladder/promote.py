"""The promotion ladder: an observation becomes a pattern, a document, or a proven fact; a pattern can be demoted.

Each step is one operation on two or three files. The target is written first, so after a crash a line may exist twice,
but it is never lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.edits import RemoveItem, ReplaceItem
from memorybank.document.items import ID
from memorybank.document.text import check_text, one_line
from memorybank.errors import ContractError, DuplicateAnchorError, FieldError, NoItemError, NoRecordError
from memorybank.ids import RANDOM_ID, chosen, slug_of, tail
from memorybank.records.change import target_of, with_fields
from memorybank.records.draft import NewRecord
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, retried
from memorybank.times import day_of, stamp_of
from memorybank.workflow.contradictions.earlier import DECISION
from memorybank.workflow.contradictions.former import replaced_changes
from memorybank.workflow.evidence.evidence import parse_told
from memorybank.workflow.ladder.pattern_kind import kind_for
from memorybank.workflow.lines.find import Line, find_line, lines_in, same_line, stands_in
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.placement import Placement, kinds_of, place_of, put_line
from memorybank.workflow.lines.record_line import draft_filled, title_of
from memorybank.workflow.lines.similarity import SAME, is_same, likeness, plain_of, words_of
from memorybank.workflow.lines.together import together

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

    PromotionWire = TypedDict(
        "PromotionWire",
        {"text": str, "address": str, "from": str, "merged": str, "similar": str, "receipt": ReceiptWire},
    )

RUNGS = ("pattern", "document", "proven")
DOCUMENTS = ("research", "plan", "solution")
_RECORD = re.compile(rf"(?<![\w-]){RANDOM_ID}(?![\w-])")
_MARK = re.compile(r"\A\[DEBUG-\d+\]:\s*")
_SHORT = 60


class Promotion(NamedTuple):
    """What was promoted, from where to where; `merged` is an equal line already there, `near` a similar one."""

    text: str
    source: str
    target: str
    merged: str
    receipt: Receipt
    near: str = ""

    def to_wire(self) -> PromotionWire:
        """Return the JSON form: the line with its new address and the one it came from."""
        return {
            "text": self.text,
            "address": self.target,
            "from": self.source,
            "merged": self.merged,
            "similar": self.near,
            "receipt": self.receipt.to_wire(),
        }


class Demotion(NamedTuple):
    """The demoted pattern, the address of the struck line, and the receipt."""

    text: str
    address: str
    receipt: Receipt


class _Arrival(NamedTuple):
    target: str
    changes: tuple[FileChange, ...]
    merged: str = ""
    near: str = ""


def promote(  # noqa: PLR0913  each is an option of one step
    bank: BankFolder,
    what: str,
    to: str,
    way: Way,
    *,
    item: str = "",
    section: str = "",
    title: str = "",
    evidence: str = "",
    keep: bool = False,
) -> Promotion:
    """Move a line one step up: to a pattern, to its own document, or to the proven lines.

    The line is removed from its place; with `keep` a short pointer stays there. A proven pattern also stays a pattern.
    `section` is a section of patterns.md or progress.md, or for a document `research`, `plan` or `solution/CATEGORY`.

    Raises:
        NoItemError: no line matches.
        StaleEditError: another writer was faster, and a number now means another line.
        ContractError: the section cannot take the line or already has it, or there is no evidence.
    """
    to = chosen(to, RUNGS)
    if to not in RUNGS:
        raise FieldError(field="to", why=f"{to!r} is invalid: choose from {', '.join(RUNGS)}", hint="bank promote -h")
    seen = find_line(bank, what, item)

    def make() -> tuple[tuple[Line, _Arrival], list[FileChange]]:
        line = same_line(bank, seen, what, item)
        # a pointer or a record refers to the line by its id
        cited = _cited(bank, line)
        mint = bool(keep or cited)
        if to == "document":
            arrival = _document(bank, line, way, section=section, title=title)
        elif to == "pattern":
            arrival = _pattern(bank, line, way, section=section, title=title, mint=mint)
        else:
            arrival = _proven(bank, line, way, section=section, title=title, evidence=evidence, mint=mint)
        recorded = [_lineage(bank, cited, arrival.target, way)] if cited else []
        leaving = _departure(bank, line, arrival.target, to, keep=keep)
        # within one file the line is removed first: its section must still be unchanged
        reached = {bank.name_of(change.path) for change in arrival.changes}
        first = [each for each in leaving if bank.name_of(each.path) in reached]
        rest = [each for each in leaving if each not in first]
        made = [change for change in arrival.changes if change.text is not None]
        lines = [change for change in arrival.changes if change.text is None]
        return (line, arrival), together([*made, *first, *lines, *recorded, *rest])

    (line, arrival), receipt = retried(make, bank, f"promote to {to}", way)
    return Promotion(plain_of(line.text), line.address, arrival.target, arrival.merged, receipt, arrival.near)


def _text(line: Line, title: str) -> str:
    words = _MARK.sub("", plain_of(line.text))
    return f"{one_line(check_text(title))}: {words}" if title.strip() else words


def _pattern(bank: BankFolder, line: Line, way: Way, *, section: str, title: str, mint: bool) -> _Arrival:
    text = _text(line, title)
    place = _place(bank, section, place_of(bank, kind_for(text)), file=place_of(bank, "gotcha").file)
    return _arrival(bank, line, place, text, way, mint=mint)


def _proven(bank: BankFolder, line: Line, way: Way, *, section: str, title: str, evidence: str, mint: bool) -> _Arrival:
    text = _text(line, title)
    shown = one_line(check_text(evidence))
    told = parse_told(text)
    if not shown and not (told is not None and told.exit_code == 0 and not told.is_broken):
        raise ContractError(
            address=line.address,
            why="there is no evidence that it is proven",
            hint=f"bank promote {quoted(line.address)} --to proven --evidence '`COMMAND` → exit 0 (N/N)'",
        )
    default = place_of(bank, "verification")
    place = _place(bank, section, default, file=default.file)
    if shown:
        text = f"{shown} - {text}" if place.section == default.section else f"{text} - {shown}"
    return _arrival(bank, line, place, text, way, mint=mint)


def _place(bank: BankFolder, section: str, default: Placement, *, file: str) -> Placement:
    """Return the place of a section's name or of a kind of note."""
    if not section:
        return default
    kinds = kinds_of(bank)
    if section in kinds:
        return place_of(bank, section)
    contract = bank.contract_of(file)
    spec = contract.spec_of(section) if contract else None
    if contract is not None and (spec is None or spec.kind not in {"append", "snapshot"}):
        names = [each.name for each in contract.sections if each.kind in {"append", "snapshot"}]
        why = f"{file} has no section {section!r} for lines"
        raise ContractError(address=f"{file}#{section}", why=why, hint=f"choose from {', '.join(names)}")
    return Placement(file, spec.name if spec else section, spec)


def _arrival(bank: BankFolder, line: Line, place: Placement, text: str, way: Way, *, mint: bool) -> _Arrival:
    address = f"{place.file}#{place.section}"
    if stands_in(line, place):
        raise ContractError(address=address, why="the line is already there", hint=f"bank show {quoted(address)}")
    lines = [each for each in lines_in(bank, place.file) if stands_in(each, place)]
    there = next((each for each in lines if each.depth == 0 and is_same(each.text, text)), None)
    if there is not None:
        return _Arrival(there.address, (), plain_of(there.text))
    is_decision = place.spec is not None and DECISION in place.spec.notes
    struck = replaced_changes(bank, text) if is_decision else []
    # a similar line may say the opposite: the line is added, and the similar one is reported
    near = next((plain_of(each.text) for each in lines if _is_near(each.text, text)), "")
    kind = place.spec.notes[0] if place.spec is not None and place.spec.notes else "note"
    ident = line.id or (f"{kind[0]}{tail(5, way.author.random_bytes)}" if mint else "")
    told = line_of(text)
    if place.spec is not None and place.spec.dated:
        told = f"[{day_of(way.author.now())}] {told}"
    task = "x" if place.spec is not None and place.spec.tasks else None
    told = f"{told} ^{ident}" if ident and not ID.search(told) else told
    return _Arrival(
        f"{address}{'^' + ident if ident else ''}", (*struck, put_line(bank, place, told, task=task)), near=near
    )


def _is_near(one: str, other: str) -> bool:
    return likeness(words_of(one), words_of(other)) >= SAME


def _document(bank: BankFolder, line: Line, way: Way, *, section: str, title: str) -> _Arrival:
    kind, _, category = section.strip("/").removeprefix("docs/").partition("/")
    kind = {"": "research", "plans": "plan", "solutions": "solution"}.get(kind, kind)
    if kind not in DOCUMENTS:
        raise FieldError(
            field="section", why=f"{kind!r} is invalid: choose from {', '.join(DOCUMENTS)}", hint="bank promote -h"
        )
    text = _text(line, "")
    hint = f"bank promote {quoted(line.address)} --to document --title TITLE"
    name = title_of(title or text.partition(": ")[0][:200], what="title", hint=hint)
    sections = {
        "research": [("Question", name), ("Findings", f"- {text}")],
        "plan": [("Goal", name), ("Context", text)],
        "solution": [("Problem", name), ("Solution", text)],
    }[kind]
    new = NewRecord(kind=kind, title=name, sections=sections, metadata={"promoted_from": line.address})
    if kind == "solution":
        folder = slug_of(category or "general")
        new = new._replace(fields={"category": folder}, folder=folder)
    made = draft_filled(bank, new, way)
    file = made.record.file
    pointer = put_line(bank, place_of(bank, "reference"), line_of(f"{kind.capitalize()}: `{file}` → {name}"))
    return _Arrival(file, (made.change, pointer))


def _departure(bank: BankFolder, line: Line, target: str, to: str, *, keep: bool) -> list[FileChange]:
    if to == "proven" and line.file == place_of(bank, "gotcha").file:
        # a proven pattern also stays in the patterns
        return []
    path, _ = bank.existing(line.file)
    if not keep and not line.is_alone:
        hint = f"bank promote {quoted(line.address)} {line.number} --to {to} --keep"
        raise ContractError(address=line.address, why="the items below the line would be lost", hint=hint)
    if not keep:
        return [FileChange(path, (RemoveItem(line.section, line.ref, line.digest),))]
    words = _MARK.sub("", plain_of(line.text))
    short = words if len(words) <= _SHORT else f"{words[:_SHORT].rsplit(' ', 1)[0]} …"
    pointer = f"{short} → `{target}`".replace("``", "`")
    return [FileChange(path, (ReplaceItem(line.section, line.ref, pointer, line.digest),))]


def _cited(bank: BankFolder, line: Line) -> str:
    """Return the id of the record that a line names, "" without an existing one."""
    found = _RECORD.search(line.text)
    if found is None:
        return ""
    try:
        return target_of(bank, found.group(), every=True).record.id
    except NoRecordError:
        return ""


def _lineage(bank: BankFolder, ident: str, target: str, way: Way) -> FileChange:
    """Plan to note in the record named by a line where that line was moved."""
    record = target_of(bank, ident, every=True)
    values = {"metadata.promoted_to": target, "updated": stamp_of(way.author.now())}
    return record.changed(with_fields(record.source, values, record.record.file).text)


def _line_to_strike(bank: BankFolder, what: str, item: str, file: str, reason: str) -> Line:
    """Find a line of the patterns file; for a line in another file, raise with the command that strikes it there."""
    try:
        line = find_line(bank, what, item, files=(file,))
    except NoItemError as error:
        try:
            line = find_line(bank, what, item)
        except (NoItemError, DuplicateAnchorError):
            raise error from None
    if line.file != file:
        place = f"{line.file}#{line.section}"
        why = f"the line is in {place}, and only a line of {file} can be demoted"
        struck = f"~~{plain_of(line.text)}~~ → wrong: {reason}"
        hint = f"bank item replace {quoted(place)} {line.number} {quoted(struck)}"
        raise ContractError(address=line.address, why=why, hint=hint)
    return line


def demote(bank: BankFolder, what: str, why: str, way: Way, *, item: str = "") -> Demotion:
    """Strike a pattern that proved wrong, with the reason; it stays readable, so that nobody learns it again.

    Raises:
        NoItemError: no line matches.
        ContractError: the line is not a pattern, or is already struck.
    """
    reason = one_line(check_text(why))
    if not reason:
        raise FieldError(field="why", why="the text is empty", hint=f"bank demote {quoted(what)} --why REASON")
    file = place_of(bank, "gotcha").file
    seen = _line_to_strike(bank, what, item, file, reason)

    def make() -> tuple[Line, list[FileChange]]:
        line = same_line(bank, seen, what, item, files=(file,))
        text = plain_of(line.text)
        if text.startswith("~~"):
            raise ContractError(address=line.address, why="it is already struck", hint=f"bank show {quoted(file)}")
        struck = text if "~~" in text or text.endswith("\\") else f"~~{text}~~"
        told = f"{struck} → wrong since {day_of(way.author.now())}: {reason}"
        path, _ = bank.existing(file)
        return line, [FileChange(path, (ReplaceItem(line.section, line.ref, told, line.digest),))]

    line, receipt = retried(make, bank, "demote", way)
    return Demotion(plain_of(line.text), line.address, receipt)
