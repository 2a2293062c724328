"""Lint: every rule over every memory file, and the mends that are sure."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from memorybank.check.cited import CITED, LINK
from memorybank.check.content import CONTENT, secrets_of
from memorybank.check.findings import Finding
from memorybank.check.ledgers import lint_ledgers
from memorybank.check.manual import weighed
from memorybank.check.records import lint_records
from memorybank.check.rules import RULES, check_missing, check_title
from memorybank.check.whole import NOTICES, WHOLE, expected
from memorybank.check.world import Opened, Page, Row, World
from memorybank.contracts.rules import heal, stamped
from memorybank.document.anchors import address_of
from memorybank.document.edits import ItemRef, RemoveItem
from memorybank.document.items import entries_of, split_marker
from memorybank.document.plan import apply
from memorybank.document.sections import splice
from memorybank.document.source import Source
from memorybank.document.write import read, resolve
from memorybank.errors import BankError, NoFileError
from memorybank.store.commit import FileChange, Way, commit
from memorybank.store.look import open_document

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
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
        dict.fromkeys([*expected(bank), *(path.name for path in sorted(bank.folder.glob("*.md")))])
    )
    for file in names:
        try:
            document = open_document(bank, file)
        except NoFileError:
            if files:
                raise
            continue  # a rule of the whole bank tells it
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
        looked = set(names)

        def beside(opened: Opened) -> list[Finding]:
            is_new = opened.file not in looked
            looked.add(opened.file)
            return _page_findings(opened, world) if is_new else []

        found += _settings(bank) + lint_records(bank, beside) + lint_ledgers(bank)
        for name, whole in WHOLE.items():
            found += whole(world) if notices or name not in NOTICES or world.severity_of(name) else []
        found += [each for opened in _beside(bank, looked) for each in beside(opened)]
    else:
        named = {bank.locate(each)[1] for each in files}
        elsewhere = lint_records(bank) if any("/" in each for each in files) else []
        found += [each for each in elsewhere + lint_ledgers(bank) if each.file in named]
    return [each for each in weighed(found, world) if notices or each.severity != "notice"]


def _page(document: Document, *, is_contract: bool, holding: str = "") -> Page:
    """Give a file with its items; those of sections without `holding` are left out."""
    source = document.source
    rows = []
    if document.unterminated is None:
        for section in document.sections:
            if source.text.find(holding, section.body, section.end) < 0:
                continue
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


def _beside(bank: Bank, looked: Container[str]) -> Iterator[Opened]:
    """Open the project's documents, of which links and secrets are told, without those that were looked at."""
    for file in bank.list_files():
        if file not in looked:
            with suppress(BankError):  # the rules of records tell what cannot be read
                yield Opened(bank, file)


def _page_findings(opened: Opened, world: World) -> list[Finding]:
    """Tell of links and secrets in a file that is no contract; most hold neither, and are not cut into sections."""
    found = list(secrets_of(opened.file, opened.source.text))
    if LINK in opened.source.text:
        world.stands_at(opened)
        with suppress(BankError):
            page = _page(opened.document, is_contract=False, holding=LINK)
            found += CITED["dead-link"](page, world)
    return found


def _settings(bank: Bank) -> list[Finding]:
    try:
        _ = bank.config
    except BankError as error:
        return [Finding(error.code, "error", "bank.toml", 1, error.message, error.hint)]
    return []


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
