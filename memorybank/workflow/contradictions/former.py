"""What a new decision replaces: found by its id or its words, struck or closed when the decision is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.addresses import near
from memorybank.document.edits import ItemRef, ReplaceItem
from memorybank.document.items import split_marker
from memorybank.document.receipt import Superseded
from memorybank.errors import BankError, DuplicateAnchorError, FieldError, NoItemError, NoRecordError
from memorybank.patterns import later
from memorybank.records.change import target_of
from memorybank.records.ledgers.fact_list import find_paf
from memorybank.records.ledgers.facts import plan_status
from memorybank.records.memories.citations import struck_changes
from memorybank.shell import command
from memorybank.store.journal.commit import FileChange
from memorybank.workflow.contradictions.earlier import (
    CITED,
    DECISION,
    FACT,
    contradicted,
    earlier,
    statements_of,
    valid_lines,
)
from memorybank.workflow.contradictions.naming import Naming
from memorybank.workflow.contradictions.replaced import replaced
from memorybank.workflow.lines.similarity import plain_of
from memorybank.workflow.workflow_errors import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memorybank.store.folder import BankFolder
    from memorybank.workflow.contradictions.earlier import Earlier
    from memorybank.workflow.lines.find import Line

RECORD, LINE = "record", "line"
_OPTION = "--supersedes"
_FACT_ID = later(r"(?:PAF-)?[A-Z][A-Z0-9_-]{0,79}-\d{1,6}\Z", re.IGNORECASE)
_RECORD_ID = later(r"[a-z]{2,4}-[0-9a-z][0-9a-z-]*\Z", re.IGNORECASE)
# how many lines are compared for a suggestion
_COMPARED = 1000


class Former(NamedTuple):
    """What a decision replaces: a record or a fact by its id, or a line of a memory file."""

    kind: str
    ident: str
    said: str = ""
    line: Line | None = None
    address: str = ""

    def to_superseded(self) -> Superseded:
        """Return it as a receipt has it."""
        address = self.line.address if self.line else self.address
        return Superseded(self.kind, self.ident, address, self.said)


def find_former(bank: BankFolder, what: str) -> Former:
    """Find what `--supersedes` names: the id of a record or a fact, or the words, id or address of a line.

    Raises:
        NoRecordError: it looks like an id, and nothing has it; similar ids are in the error.
        NoItemError: no line of the decisions, patterns and learnings says that; similar lines are in the error.
        DuplicateAnchorError: several lines match.
    """
    wanted = what.strip()
    if wanted and " " not in wanted:
        try:
            record = target_of(bank, wanted).record
            return Former(RECORD, record.id, record.title, address=record.file)
        except NoRecordError as error:
            refusal = error
        if _FACT_ID.match(wanted):
            try:
                fact = find_paf(bank, wanted)
                return Former(FACT, fact.id, fact.text, address=f"pafs.md#{fact.category}")
            except NoRecordError as error:
                refusal = error if wanted[:1].isupper() else refusal
        found = _lines_of(bank, wanted)
        if not found and (_RECORD_ID.match(wanted) or _FACT_ID.match(wanted)):
            refusal.hint = "bank list --type decision" if wanted[:1].islower() else refusal.hint
            raise _with_choice(refusal, _near_ids(refusal))
    else:
        found = _lines_of(bank, wanted)
    if len(found) > 1:
        rows = [each.line for each in found]
        addresses = [each.address for each in found[:8]]
        several = DuplicateAnchorError(file=found[0].file, section=wanted, lines=rows, addresses=addresses)
        if found[0].id:
            several.options = {_OPTION: addresses[0]}
        raise several
    titled = [] if found else _titled(bank, wanted)
    if len(titled) == 1:
        return titled[0]
    if not found:
        close = _near_lines(bank, wanted) if wanted else []
        hint = "bank show 'activeContext.md#Decisions'" if bank.layout.contracted else "bank load"
        looked = "the decisions, patterns and learnings"
        error_ = NoItemError(address=looked, item=what, near=close, what="line", hint=hint)
        raise _with_choice(error_, close)
    return _former_of(bank, found[0])


def _titled(bank: BankFolder, title: str) -> list[Former]:
    """Return the decisions and learnings with that title that no line of a memory file cites."""
    rows = [each for each in earlier(bank) if title and each.line is None and each.kind != FACT]
    return [_former(bank, each) for each in rows if title in {each.said, each.said.partition(" - ")[0]}]


def _near_lines(bank: BankFolder, wanted: str) -> list[str]:
    said = [_statement(line.text) for _, line in valid_lines(bank)][:_COMPARED]
    holding = [each for each in said if wanted.casefold() in each.casefold()]
    return holding[:3] or near(wanted, said)


def _near_ids(error: NoRecordError) -> list[str]:
    """Return the ids that an error lists as similar."""
    found = error.details["near"]
    return found if isinstance(found, list) else []


def _with_choice(error: BankError, close: Sequence[str]) -> BankError:
    """Return an error whose next step is the same command with the closest name."""
    if close:
        error.options = {_OPTION: close[0]}
    return error


def _lines_of(bank: BankFolder, wanted: str) -> list[Line]:
    """Return the lines that a text names: by all their words first, then by the decision without its reason."""
    lines = [line for _, line in valid_lines(bank)]
    texts = {wanted, split_marker(f"- {wanted}")[2]}
    for names in (
        lambda line: {line.text, line.first, plain_of(line.text), *_places(line)},
        lambda line: {_statement(line.text)},
        lambda line: {word.strip("()[]{}.,;:`") for word in line.text.split()},
    ):
        found = [line for line in lines if wanted and not texts.isdisjoint(names(line))]
        if found:
            return found
    return []


def _places(line: Line) -> tuple[str, ...]:
    return (line.address, f"^{line.id}") if line.id else ()


def _statement(text: str) -> str:
    """Return the decision of a line without its reason and the record it cites."""
    return CITED.sub("", plain_of(text)).partition(" - ")[0].strip()


def _former_of(bank: BankFolder, line: Line) -> Former:
    """Return the record that a line cites, or the line itself if it has none."""
    text = plain_of(line.text)
    cited = CITED.search(text)
    if cited and not text.startswith("~~"):
        try:
            return Former(RECORD, target_of(bank, cited["id"]).record.id, text, line)
        except BankError:
            # its record is gone: then the line is all there is
            pass
    return Former(LINE, "", text, line)


class DecisionTexts(NamedTuple):
    """What a new decision says: its text, a second one that may claim something too, and further ones.

    `verb` and `options` are the command that an error shows.
    """

    text: str
    second: str = ""
    more: tuple[str, ...] = ()
    verb: str = "bank note"
    options: tuple[str, ...] = ("--as", DECISION)


def succession(
    bank: BankFolder,
    new: DecisionTexts,
    *,
    supersedes: Sequence[str] | str = (),
    linked: Iterable[str] = (),
    anyway: bool = False,
) -> list[Former]:
    """Return what a decision replaces; refuse it if it contradicts anything else.

    It replaces what `supersedes` names, and what its words name as replaced: `X instead of Y`. `linked` are the records
    that it supersedes already.

    Raises:
        NotFoundError: `supersedes` names nothing.
        ContradictionError: it contradicts what it does not replace, and `anyway` is not set.
    """
    given = [each for each in ([supersedes] if isinstance(supersedes, str) else supersedes) if each.strip()]
    formers = list(dict.fromkeys(find_former(bank, each) for each in given))
    if anyway:
        return formers
    words = Naming((new.text, new.second, *new.more))
    gone = set(linked)
    found = [row for said in new[:2] if said for row in contradicted(bank, said)]
    named = _named(words, new, [each for _, each in found])
    for contradiction, each in found:
        if contradiction.ident in gone or any(is_replaced(former, each) for former in formers):
            continue
        former = _former(bank, each)
        if each in named and _is_free(former, formers, gone):
            formers.append(former)
            continue
        raise ContradictionError(
            text=new.text, found=contradiction, verb=new.verb, options=new.options, supersedes=given
        )
    if not formers and words.replaces:
        formers += [_former(bank, each) for each in _only(words, bank) if each.ident not in gone]
    return formers


def _named(words: Naming, new: DecisionTexts, found: Sequence[Earlier]) -> list[Earlier]:
    """Return what the words of a decision name as replaced, of all that it contradicts.

    A fact must be named by its id. `SQLite rather than Redis` names neither of two decisions on Redis.
    """
    facts = [each for each in found if each.kind == FACT and words.name_id(each.ident)]
    named: list[Earlier] = []
    scopes: set[frozenset[str]] = set()
    for each in found:
        if each.kind == FACT:
            continue
        between = [one for text in new[:2] if text for said in statements_of(each) if (one := replaced(text, said))]
        scopes |= {one.scope for one in between if one.open}
        is_wholly = any(one.wholly for one in between) if between else words.name(each.said, each.ident)
        if is_wholly or words.name_exactly(each.said, each.ident):
            named.append(each)
    if len(scopes) > 1:
        named = [each for each in named if words.name_exactly(each.said, each.ident)]
    return facts + named


def _only(words: Naming, bank: BankFolder) -> list[Earlier]:
    """Return the one decision that a text names as replaced, without a subject of its own; of several, none."""
    found = [each for each in earlier(bank) if each.kind == DECISION and words.name_alone(each.said, each.ident)]
    return found if len(found) == 1 else []


def _former(bank: BankFolder, each: Earlier) -> Former:
    if each.line is not None:
        return _former_of(bank, each.line)
    return Former(FACT if each.kind == FACT else RECORD, each.ident, each.said, address=each.address)


def is_replaced(former: Former, each: Earlier) -> bool:
    """Return whether what a decision replaces is this text."""
    if former.ident or each.line is None:
        return bool(former.ident) and former.ident == each.ident
    return former.line is not None and former.line[:3] == each.line[:3]


def _is_free(former: Former, formers: Sequence[Former], gone: set[str]) -> bool:
    """Check whether a new record can still supersede it: it can supersede only one record."""
    return former.kind != RECORD or not (gone or any(each.kind == RECORD for each in formers))


def closing_changes(bank: BankFolder, formers: Iterable[Former], successor: str) -> Iterator[FileChange]:
    """Plan to strike replaced lines and to close replaced facts; records are superseded by the new record's link."""
    for each in formers:
        if each.kind == FACT:
            yield from plan_status(bank, each.ident, "deprecated", reason=f"replaced by {successor}")[1]
        elif each.kind == LINE and each.line is not None:
            text = plain_of(each.line.text)
            struck = text if "~~" in text or text.endswith("\\") else f"~~{text}~~"
            path, _ = bank.existing(each.line.file)
            # without a digest: two lines of one section may be struck; number and text must match
            yield FileChange(path, (ReplaceItem(each.line.section, each.line.ref, f"{struck} → {successor}", ""),))


def replaced_changes(bank: BankFolder, text: str) -> list[FileChange]:
    """Plan to strike the lines that a queued decision names as replaced; refuse one that contradicts anything else."""
    own, former = superseded_by(bank, text)
    formers = succession(bank, DecisionTexts(text), linked=former)
    first = next((each for each in formers if each.kind == RECORD and each.ident not in former), None)
    if first is not None and not own:
        hint = command("bank decide", text, f"--supersedes {first.ident}")
        raise FieldError(field="supersedes", why=f"only a record can supersede the record {first.ident}", hint=hint)
    changes = []
    for change in closing_changes(bank, formers, own or text.partition(" - ")[0]):
        # other edits of the operation may move the line: it is found by its words
        edits = (one for one in change.edits if isinstance(one, ReplaceItem))
        changes.append(change._replace(edits=tuple(one._replace(item=ItemRef(text=one.item.text)) for one in edits)))
    return changes


def superseded_by(bank: BankFolder, text: str) -> tuple[str, list[str]]:
    """Return the record that a line cites, and the ids of the records it supersedes."""
    cited = CITED.search(text)
    try:
        record = target_of(bank, cited["id"], every=True).record if cited else None
    except BankError:
        return "", []
    return (record.id, list(record.linked("supersedes"))) if record else ("", [])


def strikes(bank: BankFolder, texts: Iterable[str]) -> list[FileChange]:
    """Plan to strike the lines of superseded records when the lines that replace them are added.

    Each line is found by its words, because other edits of the operation may move it.
    """
    found: list[FileChange] = []
    for text in texts:
        successor, former = superseded_by(bank, text)
        for ident in former:
            try:
                record = target_of(bank, ident, every=True).record
            except BankError:
                continue
            for change in struck_changes(bank, record, successor)[0]:
                edits = (one for one in change.edits if isinstance(one, ReplaceItem))
                words = tuple(one._replace(item=ItemRef(text=one.item.text), expect="") for one in edits)
                found.append(change._replace(edits=words))
    return found
