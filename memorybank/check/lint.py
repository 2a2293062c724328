"""Lint: every rule over every memory file, and the mends that are sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.check.cited import CITED
from memorybank.check.content import CONTENT
from memorybank.check.findings import Finding
from memorybank.check.ledgers import lint_ledgers
from memorybank.check.manual import weighed
from memorybank.check.records import lint_records
from memorybank.check.rules import RULES, check_missing, check_title
from memorybank.check.whole import WHOLE
from memorybank.check.world import Page, Row, World
from memorybank.contracts.rules import heal, stamped
from memorybank.document.anchors import address_of
from memorybank.document.edits import ItemRef, RemoveItem
from memorybank.document.items import entries_of, split_marker
from memorybank.document.plan import apply
from memorybank.document.sections import splice
from memorybank.document.source import Source
from memorybank.document.write import read, resolve
from memorybank.errors import BankError, NoFileError
from memorybank.records.find import scan
from memorybank.store.commit import FileChange, Way, commit
from memorybank.store.journal import read_operations
from memorybank.store.look import open_document
from memorybank.store.recover import state_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from memorybank.document.items import Entry
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section
    from memorybank.store.bank import Bank


def lint(bank: Bank, files: Sequence[str] = (), *, now: datetime | None = None, notices: bool = False) -> list[Finding]:
    """Hold the named files, or every Markdown file of the bank, against the rules; writes nothing.

    Without `now` nothing is told to be old. Notices, which are no faults, are given when they are asked for.

    Raises:
        NoFileError: a named file is not there.
    """
    found: list[Finding] = []
    world = World(bank, now)
    names = list(files) or list(
        dict.fromkeys([*_expected(bank), *(path.name for path in sorted(bank.folder.glob("*.md")))])
    )
    for file in names:
        try:
            document = open_document(bank, file)
        except NoFileError:
            if files:
                raise
            found.append(Finding("missing-file", "error", file, 1, "the file is missing", bank.init_command))
            continue
        except BankError as error:
            found.append(Finding(error.code, "error", file, 1, error.message, error.hint))
            continue
        contract = bank.contract_of(document.path)
        for rule in RULES.values():
            found += rule(document, contract)
        page = _page(document, is_contract=contract is not None)
        for content in (*CONTENT.values(), *CITED.values()):
            found += content(page, world)
    if not files:
        found += _settings(bank) + _unfinished(bank) + lint_records(bank) + lint_ledgers(bank)
        for whole in WHOLE.values():
            found += whole(world)
        for file in _beside(bank):
            found += _page_findings(bank, file, world)
    else:
        named = {bank.locate(each)[1] for each in files}
        elsewhere = lint_records(bank) if any("/" in each for each in files) else []
        found += [each for each in elsewhere + lint_ledgers(bank) if each.file in named]
    return [each for each in weighed(found, world) if notices or each.severity != "notice"]


def _page(document: Document, *, is_contract: bool) -> Page:
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
    return Page(document, is_contract, tuple(rows))


def _own_entries(document: Document, section: Section) -> list[Entry]:
    """Give the items of a section; in a contract those of its subsections are told there, once."""
    inside = document.contract and section.level > 2  # noqa: PLR2004  the level of a contract's sections
    whole = document.contract and section.level == 1
    return [] if inside or whole else entries_of(document, section)


def _beside(bank: Bank) -> list[str]:
    """Name the files of records and documents, of which links and secrets are told."""
    own = set(_expected(bank)) | {path.name for path in bank.folder.glob("*.md")}
    names = [each.file for each in scan(bank, every=True).records] + bank.list_files()
    return [each for each in dict.fromkeys(names) if each not in own]


def _page_findings(bank: Bank, file: str, world: World) -> list[Finding]:
    try:
        document = open_document(bank, file)
    except BankError:
        return []  # the rules of records tell what cannot be read
    page = _page(document, is_contract=False)
    rules = (CONTENT["secret"], CITED["dead-link"])
    return [each for rule in rules for each in rule(page, world)]


def _settings(bank: Bank) -> list[Finding]:
    try:
        _ = bank.config
    except BankError as error:
        return [Finding(error.code, "error", "bank.toml", 1, error.message, error.hint)]
    return []


def _expected(bank: Bank) -> tuple[str, ...]:
    return bank.main_files if bank.layout.contracted else ()


def _unfinished(bank: Bank) -> list[Finding]:
    return [
        Finding(
            "torn-operation",
            "error",
            ".state/journal.jsonl",
            1,
            f"{each.id} was cut short",
            "any write settles it",
        )
        for each in read_operations(bank, tail=True)
        if each.state == "begun" and state_of(bank, each) == "torn"
    ]


# rules whose mend is that the line goes
_TAKEN_OUT = frozenset(("near-duplicate", "transient-marker"))


def _without_lines(document: Document, findings: Sequence[Finding]) -> Document:
    for line in sorted({each.line for each in findings if each.fixable}, reverse=True):
        for section in document.sections:
            entries = _own_entries(document, section)
            for number, entry in enumerate(entries, 1):
                if entry.line == line:
                    ref = ItemRef(number=number)
                    document = apply(document, RemoveItem(address_of(document, section).section, ref)).document
                    break
            else:
                continue
            break
    return document


def fix(bank: Bank, findings: Sequence[Finding], way: Way) -> Receipt | None:
    """Put back what is missing, as one operation; None when nothing is fixable.

    Raises:
        BankError: a file changed meanwhile, or cannot be written.
    """
    changes = []
    for file in dict.fromkeys(each.file for each in findings if each.fixable):
        contract = bank.contract_of(file)
        if contract is None:
            continue
        document = open_document(bank, file)
        before = document.source
        document = _without_lines(
            document, [each for each in findings if each.file == file and each.rule in _TAKEN_OUT]
        )
        if not before.text.strip():
            document = splice(document, 0, len(before.text), contract.body)
        if any(each.fixable for each in check_title(document, contract)):
            eol = document.source.eol_near(document.content_start)
            document = splice(document, document.content_start, document.content_start, f"# {contract.title}{eol}{eol}")
        for spec in contract.sections:
            if any(each.message.endswith(f"'## {spec.name}' is missing") for each in check_missing(document, contract)):
                document = heal(document, contract, spec, [])
        document = stamped(document, contract, f"{way.now():%Y-%m-%d %H:%M} UTC", [])
        path, name = bank.locate(file)
        data = read(resolve(path, bank.roots))
        if Source(data).digest == before.digest:
            changes.append(FileChange(path, name, text=document.source.text, base=before.digest))
    return commit(bank, changes, "check --fix", way) if changes else None
