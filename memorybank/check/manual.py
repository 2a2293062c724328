"""The manual of the rules, and what bank.toml changes: allowed findings and other severities."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, NamedTuple

from memorybank import errors
from memorybank.check.rules.bank import WHOLE
from memorybank.check.rules.citations import CITED
from memorybank.check.rules.content import CONTENT
from memorybank.check.rules.ledgers import PAGES as LEDGERS
from memorybank.check.rules.records import PAGES as RECORDS
from memorybank.check.rules.structure import RULES
from memorybank.document.addresses import near
from memorybank.errors import NoRecordError
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypedDict

    from memorybank.check.findings import Finding, Severity
    from memorybank.check.lookup import Lookup

    class ManualWire(TypedDict):
        """The JSON form of a manual page."""

        rule: str
        summary: str
        text: str
        fixable: bool

    class ManualAnswer(TypedDict):
        """The answer that has one manual page."""

        rules: list[ManualWire]
        count: int


_SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning", "notice": "notice"}
_FIXED = frozenset(
    ("title", "missing-section", "renamed-section", "near-duplicate", "transient-marker", "tag-form", "tag-alias")
)


class Manual(NamedTuple):
    """The manual page of one rule: its first line, the rest, and whether --fix can fix its findings."""

    rule: str
    summary: str
    text: str
    fixable: bool

    def to_answer(self) -> ManualAnswer:
        """Return the answer of the command that prints one page: a list, as with all pages."""
        page: ManualWire = {
            "rule": self.rule,
            "summary": self.summary,
            "text": self.text,
            "fixable": self.fixable,
        }
        return {"rules": [page], "count": 1}


class ManualList(Listing[Manual]):
    """Manual pages."""

    __slots__ = ()
    plural = "rules"


def manual_of(rule: str) -> Manual:
    """Return the manual page of a rule.

    Raises:
        NoRecordError: no rule has that name; the error lists similar names.
    """
    pages = {each.rule: each for each in manual()}
    refusal = _refusals().get(rule)
    if rule not in pages and refusal:
        return refusal
    if rule not in pages:
        close = near(rule, list(pages)) or list(pages)
        raise NoRecordError(ident=rule, kind="rule", near=close[:3], hint="bank check --explain all")
    return pages[rule]


def manual() -> ManualList:
    """Return the page of every rule: for files, content, banks, records and ledgers."""
    rules: dict[str, object] = {**RULES, **CONTENT, **CITED, **WHOLE}
    pages = [_page(name, function) for name, function in rules.items()]
    of_records = [Manual(name, text, "", fixable=name in _FIXED) for name, text in {**RECORDS, **LEDGERS}.items()]
    return ManualList([*pages, *of_records])


def _page(name: str, subject: object) -> Manual:
    summary, _, text = (inspect.getdoc(subject) or "").partition("\n")
    return Manual(name, summary, text.strip(), name in _FIXED)


def _refusals() -> dict[str, Manual]:
    """Return the pages for files that cannot be read: the error code is used like a rule name."""
    kinds = [var for var in vars(errors).values() if isinstance(var, type) and issubclass(var, errors.BankError)]
    return {kind.code: _page(kind.code, kind) for kind in kinds}


def weighed(findings: Iterable[Finding], world: Lookup) -> list[Finding]:
    """Remove the findings that the bank allows, and set the severities that the bank configures.

    `allow` under [check] of bank.toml holds `rule`, `rule: file` or `rule: words of the message`; `severity` is a table
    from a rule to error, warning, notice or off. Errors about unreadable files are affected in the same way.
    """
    allowed = [text.partition(":") for text in world.texts("allow")]
    result = []
    for finding in findings:
        level = world.severity_of(finding.rule)
        if level == "off" or any(_is_allowed(finding, rule.strip(), what.strip()) for rule, _, what in allowed):
            continue
        severity = _SEVERITIES.get(level)
        result.append(finding._replace(severity=severity) if severity else finding)
    return result


def _is_allowed(finding: Finding, rule: str, what: str) -> bool:
    return finding.rule == rule and (not what or what == finding.file or what in finding.message)
