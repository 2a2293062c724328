"""Lint: every rule over every memory file, and the mends that are sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.check.ledgers import lint_ledgers
from memorybank.check.records import lint_records
from memorybank.check.rules import RULES, check_missing, check_title
from memorybank.contracts.rules import heal, stamped
from memorybank.document.sections import splice
from memorybank.document.source import Source
from memorybank.document.write import read, resolve
from memorybank.errors import BankError, NoFileError
from memorybank.store.commit import FileChange, Way, commit
from memorybank.store.journal import read_operations
from memorybank.store.look import open_document
from memorybank.store.recover import state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank


def lint(bank: Bank, files: Sequence[str] = ()) -> list[Finding]:
    """Hold the named files, or every Markdown file of the bank, against the rules; writes nothing.

    Raises:
        NoFileError: a named file is not there.
    """
    found: list[Finding] = []
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
        for rule in RULES:
            found += rule(document, contract)
    if not files:
        found += _settings(bank) + _unfinished(bank) + lint_records(bank) + lint_ledgers(bank)
    else:
        named = {bank.locate(each)[1] for each in files}
        elsewhere = lint_records(bank) if any("/" in each for each in files) else []
        found += [each for each in elsewhere + lint_ledgers(bank) if each.file in named]
    return found


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
