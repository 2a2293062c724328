"""Lint: check every memory file against every rule, and apply the fixes that are safe."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from memorybank.check.findings import Finding
from memorybank.check.lookup import Lookup, OpenFile, Row, RulePage
from memorybank.check.manual import weighed
from memorybank.check.rules.bank import NOTICES, WHOLE, expected
from memorybank.check.rules.citations import CITED, LINK, machine_paths_of
from memorybank.check.rules.content import CONTENT, SHOWN_NOTICES, secrets_of
from memorybank.check.rules.ledgers import lint_ledgers
from memorybank.check.rules.records import lint_records
from memorybank.check.rules.structure import RULES, check_missing, check_title
from memorybank.check.rules.unresolved import merges_beside, merges_in, without_consequences
from memorybank.contracts.preview import heal, stamped
from memorybank.contracts.similar_headings import OWN_LEVEL, renamed_headings
from memorybank.document.addresses import address_of
from memorybank.document.editing.apply import apply, renamed
from memorybank.document.edits import ItemRef, RemoveItem
from memorybank.document.items import entries_of, split_marker
from memorybank.document.sections import splice
from memorybank.errors import BankError, NoFileError
from memorybank.records.memories.tag_conventions import retagged
from memorybank.shell import quoted
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.manage.lost_text import LostText, find_lost, lost_sections
from memorybank.store.manage.sync_copies import marked_copies
from memorybank.store.view import open_document
from memorybank.times import minute_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from datetime import datetime

    from memorybank.contracts.contract import Contract
    from memorybank.document.items import Entry
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def lint(
    bank: BankFolder,
    files: Sequence[str] = (),
    *,
    now: datetime | None = None,
    notices: bool = False,
    accept_shrunk: bool = False,
) -> list[Finding]:
    """Check the named files, or every Markdown file of the bank, against the rules; write nothing.

    Without `now` nothing is reported as old. Notices, which are not faults, are included only with `notices`, but for
    headings that no note goes to. With `accept_shrunk` lost text counts as removed on purpose.

    Raises:
        NoFileError: a named file does not exist.
    """
    found: list[Finding] = []
    world = Lookup(bank, now)
    there = sorted(path.name for path in bank.folder.glob("*.md"))
    copies = marked_copies(there)
    names = list(files) or list(dict.fromkeys([*expected(bank), *(each for each in there if each not in copies)]))
    for file in names:
        try:
            found += _of_file(bank, open_document(bank, file), world, accept_shrunk=accept_shrunk)
        except NoFileError:
            if files:
                raise
            # a rule of the whole bank reports it
        except BankError as error:
            found.append(Finding(error.code, "error", file, 1, error.message, error.hint))
    if not files:
        looked = set(names)

        def beside(opened: OpenFile) -> list[Finding]:
            is_new = opened.file not in looked
            looked.add(opened.file)
            return _page_findings(opened, world) if is_new else []

        found += _settings(bank) + lint_records(bank, beside, world.known_tags) + lint_ledgers(bank)
        for name, whole in WHOLE.items():
            found += whole(world) if notices or name not in NOTICES or world.severity_of(name) else []
        found += [each for opened in _beside(bank, looked) for each in beside(opened)]
        broken = [each.file for each in found if each.rule == "front-matter" and each.file not in looked]
        found = without_consequences([*found, *merges_beside(bank, broken)])
    else:
        named = {bank.locate(each)[1] for each in files}
        elsewhere = lint_records(bank, tags=world.known_tags) if any("/" in each for each in files) else []
        found += [each for each in elsewhere + lint_ledgers(bank) if each.file in named]
    return [
        each for each in weighed(found, world) if notices or each.severity != "notice" or each.rule in SHOWN_NOTICES
    ]


def _of_file(bank: BankFolder, document: Document, world: Lookup, *, accept_shrunk: bool = False) -> list[Finding]:
    """Check one memory file against the rules for files and for content."""
    contract = bank.contract_of(document.path)
    found = [each for rule in RULES.values() for each in rule(document, contract)]
    if contract is not None and not accept_shrunk and any(each.rule in _ABSENT for each in found):
        lost = find_lost(bank, document.path, document.source.data)
        if lost is not None:
            # the template is not what is missing: the file's own text was lost
            message = f"the text of the file is lost: {lost.why}"
            told = Finding("empty-file", "error", document.path, 1, message, lost.way_back)
            return [told, *(each for each in found if each.rule not in _ABSENT)]
        hint = f"bank restore {quoted(document.path)}; if it was removed on purpose, bank check --fix --accept-shrunk"
        gone = lost_sections(bank, document, contract)
        rows = {f"the section '## {name}' is missing": count for name, count in gone.items()}
        # an empty section in its place would hide that its lines were lost
        found = [
            each._replace(message=f"{each.message} with its {rows[each.message]} lines", hint=hint, fixable=False)
            if each.message in rows
            else each
            for each in found
        ]
    page = _page(document, is_contract=contract is not None)
    for content in (*CONTENT.values(), *CITED.values()):
        found += content(page, world)
    return found


def _page(document: Document, *, is_contract: bool) -> RulePage:
    """Return a file with its items."""
    source = document.source
    rows = []
    if document.unterminated is None:
        for section in document.sections:
            for number, entry in enumerate(_own_entries(document, section), 1):
                raw = source.text[entry.item.start : entry.item.end]
                text = " ".join(raw.split()) if entry.item.depth == 0 and "\n" not in raw.strip() else entry.text
                text = split_marker(text)[2]
                struck = text.startswith("~~")
                rows.append(Row(section, number, entry, text, entry.line, struck))
    return RulePage(document, is_contract, tuple(rows))


def _own_entries(document: Document, section: Section) -> list[Entry]:
    """Return the items of a section.

    In a contract, a level-2 section includes the items of its subsections, so that each item is listed once.
    """
    inside = document.contract and section.level > 2  # noqa: PLR2004  the level of a contract's sections
    whole = document.contract and section.level == 1
    return [] if inside or whole else entries_of(document, section)


def _beside(bank: BankFolder, looked: Container[str]) -> Iterator[OpenFile]:
    """Open the project's documents that were not checked yet; only their links and secrets are checked."""
    for file in bank.list_files():
        if file not in looked:
            with suppress(BankError):  # the rules for records report what cannot be read
                yield OpenFile(bank, file)


def _page_findings(opened: OpenFile, world: Lookup) -> list[Finding]:
    """Report links and secrets in a file without a contract; most have neither, so sections are parsed on demand."""
    text = opened.source.text
    found = [*secrets_of(opened.file, text), *machine_paths_of(opened.file, opened.source.shadow)]
    found += merges_in(opened.file, opened.source)
    if (stray := opened.source.stray_at) is not None:
        line = opened.source.line_of(stray)
        found.append(Finding("encoding", "warning", opened.file, line, "the file has bytes that are not UTF-8"))
    if LINK in opened.source.text:
        world.stands_at(opened)
        with suppress(BankError):
            page = RulePage(opened.document, is_contract=False, rows=())
            found += CITED["dead-link"](page, world)
    return found


def _settings(bank: BankFolder) -> list[Finding]:
    try:
        _ = bank.config
    except BankError as error:
        return [Finding(error.code, "error", "bank.toml", 1, error.message, error.hint)]
    return []


# rules whose fix removes the line
_TAKEN_OUT = frozenset(("near-duplicate", "transient-marker"))
# rules whose fix comes from the template
_PUT_BACK = frozenset(("title", "missing-section"))
# rules whose fix is in the front matter of a record
_RETAGGED = ("tag-form", "tag-alias")
_ABSENT = _PUT_BACK | {"empty-file"}


class FixResult(NamedTuple):
    """What a fix did: the receipt (None for no change), what it could not fix and why, and the texts that are lost."""

    receipt: Receipt | None
    left: tuple[Finding, ...]
    lost: tuple[LostText, ...]


def fix(bank: BankFolder, findings: Sequence[Finding], way: Way) -> Receipt | None:
    """Fix what is safe to fix, as `fix_findings` does, and return only the receipt."""
    return fix_findings(bank, findings, way).receipt


def fix_findings(bank: BankFolder, findings: Sequence[Finding], way: Way) -> FixResult:
    """Add what is missing and remove duplicates, as one operation.

    The fixes are computed again from the current text, under the lock, for the rules and files of `findings`.
    Fixes are independent: a refused one does not stop the others. Lost text is never overwritten.

    Raises:
        BankError: a file cannot be written.
    """
    wanted = {(finding.file, finding.rule) for finding in findings if finding.fixable}

    def make() -> tuple[list[Finding], list[FileChange]]:
        left: list[Finding] = []
        world = Lookup(bank, way.author.now())
        changes = []
        for file in dict.fromkeys(finding.file for finding in findings if finding.fixable):
            try:
                change = _fixed(bank, file, {rule for name, rule in wanted if name == file}, world, way, left)
            except BankError as error:
                left.append(Finding(error.code, "error", file, 1, f"not fixed: {error.message}", error.hint))
                continue
            changes += [change] if change is not None else []
        return left, changes

    left, receipt = retried(make, bank, "check --fix", way) if wanted else ([], None)
    files = [] if way.options.accept_shrunk else dict.fromkeys(finding.file for finding in findings)
    lost = tuple(each for each in map(partial(_lost, bank), files) if each)
    return FixResult(receipt if receipt and receipt.files else None, tuple(left), lost)


def _lost(bank: BankFolder, file: str) -> LostText | None:
    if bank.contract_of(file) is None:
        return None
    try:
        path, name = bank.place_of(file)
        return find_lost(bank, name, bank.read(path))
    except NoFileError:
        return find_lost(bank, file, None)
    except BankError:
        return None


def _fixed(
    bank: BankFolder, file: str, rules: Container[str], world: Lookup, way: Way, left: list[Finding]
) -> FileChange | None:
    """Plan the fixes of one file; refused ones are added to `left`."""
    contract = bank.contract_of(file)
    if contract is None:
        return retagged(bank, file) if any(each in rules for each in _RETAGGED) else None
    document = open_document(bank, file)
    before = document.source
    todo = [
        each
        for each in weighed(_of_file(bank, document, world, accept_shrunk=way.options.accept_shrunk), world)
        if each.fixable and each.rule in rules
    ]
    # from the bottom up, so that the line numbers above stay valid
    for each in sorted(todo, key=lambda each: (each.rule in _PUT_BACK, -each.line)):
        try:
            document = _with_fix(document, contract, each)
        except BankError as error:
            left.append(each._replace(message=f"{each.message}; not fixed: {error.message}", hint=error.hint))
    if document.source.text == before.text:
        return None
    document = stamped(document, contract, minute_of(way.author.now()), [])
    path, _ = bank.locate(file)
    return FileChange(path, text=document.source.text, base=before.digest)


def _with_fix(document: Document, contract: Contract, finding: Finding) -> Document:
    if finding.rule in _TAKEN_OUT:
        return _without_line(document, finding.line)
    if not document.source.text.strip():
        return splice(document, 0, len(document.source.text), contract.body)
    if finding.rule == "title":
        if not any(each.fixable for each in check_title(document, contract)):
            return document
        title = next((heading for heading in document.headings if heading.level == 1), None)
        if title is not None:
            return renamed(document, title, 1, contract.title).document
        eol = document.source.eol_near(document.content_start)
        return splice(document, document.content_start, document.content_start, f"# {contract.title}{eol}{eol}")
    if finding.rule == "renamed-section":
        for heading in renamed_headings(document, contract):
            if heading.line == finding.line and heading.is_sure:
                document = renamed(document, heading.heading, OWN_LEVEL, heading.spec.heading).document
        return document
    for spec in contract.sections:
        # it may already have come with the template
        is_meant = finding.message.endswith(f"'## {spec.name}' is missing")
        if is_meant and any(each.message == finding.message for each in check_missing(document, contract)):
            document = heal(document, contract, spec, [])
    return document


def _without_line(document: Document, line: int) -> Document:
    for section in document.sections:
        for number, entry in enumerate(_own_entries(document, section), 1):
            if entry.line == line:
                ref = ItemRef(number=number)
                return apply(document, RemoveItem(address_of(document, section).section, ref)).document
    return document
