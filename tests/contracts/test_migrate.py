"""Older banks are brought to today's sections: nothing is lost, and doing it again changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from memorybank.check.rules.structure import RULES
from memorybank.contracts.migrate import migrate_document
from memorybank.document.items import split_marker
from memorybank.document.sections import key_of
from memorybank.errors import UnterminatedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.contracts.contract import Contract
    from memorybank.document.sections import Document

    Read = Callable[[str, str], tuple[Document, Contract]]

# the templates of cc10x v10, as its instructions give them
V10_ACTIVE = """# Active Context
<!-- CC10X: Do not rename headings. Used as Edit anchors. -->

## Current Focus
Parser

## Recent Changes <!-- SNAPSHOT: replaced at workflow end -->
- [Change] - [file:line]
- [DEBUG-N]: {what was tried} → {result} <!-- Use for debug workflow -->

## Next Steps
1. Fuzz it

## Decisions
- cache: SQLite - no server

## Learnings
- CRLF must stay

## References
- Plan: `docs/plans/...` (or N/A)
- Design: `docs/plans/...` (or N/A)
- Research: `docs/research/...` → [insight]
- [cc10x-internal] memory_task_id: 7 wf:3 <!-- transient only; Memory Update removes this line -->

## Blockers
- [None]

## Session Settings
# AUTO_PROCEED: false (set to true to enable JUST_GO mode)

## Last Updated
2026-01-01
"""
V10_PATTERNS = """# Project Patterns
<!-- CC10X MEMORY CONTRACT: Do not rename headings. Used as Edit anchors. -->

## User Standards
- no globals

## Common Gotchas
- WAL: needs a local disk

## Project SKILL_HINTS
- cc10x:research
"""
V11_PATTERNS = V10_PATTERNS + "\n## Last Updated\n2026-01-01\n"
V9_ACTIVE = """# Active Context

## Current Focus

Parser

## Recent Changes

- parser.py: reads BOM

## Active Decisions

| Decision | Choice | Why |
|---|---|---|
| cache | SQLite | no server |

## Learnings This Session

- CRLF must stay
- so must CR

## Learnings

- [Insight]

## Plan Reference

**Execute:** `docs/plans/parser.md`

## Design Reference

`docs/plans/design.md`

## Research References

- `docs/research/bom.md` → BOM hides headings
- Research: `docs/research/eol.md`

## User Preferences Discovered

- short commits
  - and in English

## Blockers

- none yet

## My own section

- mine

## Last Updated

2026-01-01
"""
V9_PROGRESS = """# Progress Tracking

## Current Workflow

BUILD

## Active Workflow Tasks

- [ ] parse BOM
- write it down

## Completed

- [x] scan

## In Progress

- [ ] fuzz

  for an hour

## Remaining

1. docs
2. release

## Verification Evidence

| Check | Command | Result |
|-------|---------|--------|
| tests | `pytest -q` | exit 0 (31/31) |
| types | `mypy` | exit 0 |
| pipe | `a \\| b` | ok |

Words below the table.

## Known Issues

- slow on Windows

## Last Updated

2026-01-01
"""
CASES = {
    "cc10x v10 activeContext": ("activeContext.md", V10_ACTIVE),
    "cc10x v10 patterns": ("patterns.md", V10_PATTERNS),
    "cc10x v11 patterns": ("patterns.md", V11_PATTERNS),
    "cc10x v9 activeContext": ("activeContext.md", V9_ACTIVE),
    "cc10x v9 progress": ("progress.md", V9_PROGRESS),
    "only the title": ("progress.md", "# Progress Tracking\n"),
    "old sections after the date": (
        "progress.md",
        "# Progress Tracking\n\n## Tasks\n\n- [ ] a\n\n## Last Updated\n\n2026\n\n## Remaining\n\n- b\n",
    ),
    "twice the same old section": (
        "activeContext.md",
        (
            "# Active Context\n\n## Active Decisions\n\n- a: b\n\n"
            "## Active Decisions\n\n- c: d\n\n## Last Updated\n\n2026\n"
        ),
    ),
    "old sections without text": (
        "activeContext.md",
        "# Active Context\n\n## Plan Reference\n\n## Design Reference\n\n## Last Updated\n",
    ),
    "old section with its own subsections": (
        "activeContext.md",
        (
            "# Active Context\n\n## Learnings\n\n- a\n\n"
            "## Learnings This Session\n\n- b\n\n### Deep\n\n- c\n\n## Last Updated\n"
        ),
    ),
    "no final newline": ("progress.md", "# Progress Tracking\n\n## Tasks\n\n- [ ] a\n\n## Remaining\n\n- b"),
    "odd bytes": ("progress.md", "# Progress Tracking\n\n## Remaining\n\n- caf\udce9\n\n## Last Updated\n"),
    "rows of evidence without a header": (
        "progress.md",
        "# Progress Tracking\n\n## Verification Evidence\n\n| `make` | ok |\n| `make test` | ok |\n\n## Last Updated\n",
    ),
    "a first row of evidence above the rule": (
        "progress.md",
        (
            "# Progress Tracking\n\n## Verification Evidence\n\n"
            "| `make` | ok |\n|---|---|\n| `make test` | exit 0 (3/3) |\n\n## Last Updated\n"
        ),
    ),
    "names of columns that nobody knows": (
        "progress.md",
        (
            "# Progress Tracking\n\n## Verification Evidence\n\n"
            "| Phase 1 | Ergebnis |\n|:--|--:|\n| | |\n| bauen | gut |\n\n## Last Updated\n"
        ),
    ),
    "a rule without names above it": (
        "progress.md",
        "# Progress Tracking\n\n## Verification Evidence\n\n|---|---|\n| `make` | ok |\n|---|---|\n\n## Last Updated\n",
    ),
    "references under one heading": (
        "activeContext.md",
        (
            "# Active Context\n\n## Plan/Design/Research References\n\n- Plan: `docs/plans/a.md`\n"
            "- Research: `docs/research/b.md`\n\n## Last Updated\n"
        ),
    ),
    "evidence in a fence": (
        "progress.md",
        "# Progress Tracking\n\n## Verification Evidence\n\n```\n| a | b |\n|---|---|\n```\n\n## Last Updated\n",
    ),
    "fenced tasks": (
        "progress.md",
        "# Progress Tracking\n\n## In Progress\n\n```yaml\n- run: x\n[None]\n```\n\n## Last Updated\n",
    ),
    "fenced code in an old section": (
        "activeContext.md",
        (
            "# Active Context\n\n"
            "## Learnings This Session\n\n```sh\n- not an item\n# nor a title\n```\n\n## Last Updated\n"
        ),
    ),
}
CRLF = {f"{name}, CRLF": (file, text.replace("\n", "\r\n")) for name, (file, text) in CASES.items()}
ALL = {**CASES, **CRLF}


def words_of(text: str) -> str:
    """Give a line's words: what must not be lost, whatever becomes of its marker or its table."""
    return key_of(split_marker(text.strip())[2])


def content_of(text: str, contract: Contract) -> list[str]:
    """List the lines that someone wrote: no headings, placeholders, table rules or blank lines."""
    placeholders = {key_of(each) for spec in contract.sections for each in spec.placeholders}
    lines = [words_of(line) for line in re.split(r"\r\n|\n|\r", text)]
    return [
        line
        for line in lines
        if line and line not in placeholders and not line.startswith("##") and not re.fullmatch(r"[|\s:-]+", line)
    ]


@pytest.mark.parametrize("name", ALL)
def test_nothing_that_someone_wrote_is_lost(read: Read, name: str) -> None:
    document, contract = read(*ALL[name])
    after, _ = migrate_document(document, contract)
    kept = "\n".join(content_of(after.source.text, contract)).replace("`", "")
    for line in content_of(document.source.text, contract):
        cells = [each.strip() for each in line.strip("|").replace("\\|", "¦").split("|") if each.strip()]
        if line.startswith("|") and "check" in cells:
            continue  # the names of a table's columns
        if line in kept:
            continue
        for cell in cells if line.startswith("|") else [line]:
            assert cell.replace("¦", "|").replace("`", "") in kept


@pytest.mark.parametrize("name", ALL)
def test_migrating_again_changes_nothing(read: Read, name: str) -> None:
    document, contract = read(*ALL[name])
    after, report = migrate_document(document, contract)
    again, nothing = migrate_document(after, contract)
    assert nothing == []
    assert again.source.text == after.source.text
    assert bool(report) == (after.source.text != document.source.text)


@pytest.mark.parametrize("name", ALL)
def test_every_section_of_the_contract_stands_once_afterwards(read: Read, name: str) -> None:
    file, text = ALL[name]
    document, contract = read(file, text)
    after, _ = migrate_document(document, contract)
    names = [key_of(each.name) for each in after.sections if each.level == 2]
    for spec in contract.sections:
        assert names.count(key_of(spec.name)) == 1 or (spec.optional and key_of(spec.name) not in names)
        assert not {key_of(old) for old in spec.merges} & set(names)


@pytest.mark.parametrize("name", ALL)
def test_the_result_is_what_a_fresh_reading_finds(read: Read, name: str) -> None:
    file, text = ALL[name]
    document, contract = read(file, text)
    after, _ = migrate_document(document, contract)
    fresh, _ = read(file, after.source.text)
    assert fresh.sections == after.sections


@pytest.mark.parametrize("name", CRLF)
def test_a_crlf_file_stays_one(read: Read, name: str) -> None:
    document, contract = read(*CRLF[name])
    after, _ = migrate_document(document, contract)
    assert re.findall(r"(?<!\r)\n|\r(?!\n)", after.source.text) == []


def migrated(read: Read, file: str, text: str) -> dict[str, str]:
    document, contract = read(file, text)
    after, _ = migrate_document(document, contract)
    return {
        each.name: after.source.text[each.body : each.end].strip("\n") for each in after.sections if each.level == 2
    }


def test_a_v10_bank_is_complete_as_it_is(read: Read) -> None:
    document, contract = read("activeContext.md", V10_ACTIVE)
    assert migrate_document(document, contract) == (document, [])
    document, contract = read("patterns.md", V10_PATTERNS)
    # its patterns have no date; the first edit sets it
    assert migrate_document(document, contract) == (document, [])


def test_the_short_set_of_patterns_is_complete(read: Read) -> None:
    document, contract = read("patterns.md", V11_PATTERNS)
    assert migrate_document(document, contract) == (document, [])


def test_old_decisions_and_learnings_go_where_they_belong(read: Read) -> None:
    sections = migrated(read, "activeContext.md", V9_ACTIVE)
    assert "| cache | SQLite | no server |" in sections["Decisions"]
    assert sections["Learnings"] == "- CRLF must stay\n- so must CR\n- short commits\n  - and in English"


def test_old_references_become_lines_that_say_their_kind(read: Read) -> None:
    assert migrated(read, "activeContext.md", V9_ACTIVE)["References"].split("\n") == [
        "- Plan: **Execute:** `docs/plans/parser.md`",
        "- Design: `docs/plans/design.md`",
        "- Research: `docs/research/bom.md` → BOM hides headings",
        "- Research: `docs/research/eol.md`",
    ]


def test_old_tasks_become_boxes(read: Read) -> None:
    tasks = migrated(read, "progress.md", V9_PROGRESS)["Tasks"]
    assert tasks.startswith("- [ ] parse BOM\n- [ ] write it down\n- [ ] fuzz\n\n  for an hour\n")
    assert "1. [ ] docs\n2. [ ] release" in tasks


def test_a_table_of_evidence_becomes_lines(read: Read) -> None:
    assert migrated(read, "progress.md", V9_PROGRESS)["Verification"].split("\n") == [
        "- `pytest -q` → exit 0 (31/31) - tests",
        "- `mypy` → exit 0 - types",
        "- `a | b` → ok - pipe",
        "",
        "Words below the table.",
    ]


@pytest.mark.parametrize("name", ["evidence in a fence", "fenced tasks", "fenced code in an old section"])
def test_code_is_not_rewritten(read: Read, name: str) -> None:
    file, text = CASES[name]
    document, contract = read(file, text)
    after, _ = migrate_document(document, contract)
    code = text[text.index("```") : text.rindex("```")]
    assert code in after.source.text


@pytest.mark.parametrize(
    "name",
    [
        "rows of evidence without a header",
        "a first row of evidence above the rule",
        "names of columns that nobody knows",
        "a rule without names above it",
    ],
)
def test_a_table_whose_columns_are_not_known_stays_as_it_is(read: Read, name: str) -> None:
    file, text = CASES[name]
    document, contract = read(file, text)
    kept: list[str] = []
    after, _ = migrate_document(document, contract, kept)
    assert after.source.text[after.source.text.index("|") :].startswith(text[text.index("|") : text.rindex("|")])
    assert len(kept) == 1
    assert "not changed" in kept[0]


def test_references_under_one_heading_are_references(read: Read) -> None:
    sections = migrated(read, *CASES["references under one heading"])
    assert sections["References"].split("\n") == ["- Plan: `docs/plans/a.md`", "- Research: `docs/research/b.md`"]


def test_a_file_in_another_encoding_gets_no_arrow(read: Read) -> None:
    table = "| Command | Result |\n|---|---|\n| `make` | caf\udce9 |\n"
    text = f"# Progress Tracking\n\n## Verification Evidence\n\n{table}\n## Last Updated\n"
    assert migrated(read, "progress.md", text)["Verification"] == "- `make` -> caf\udce9"


def test_sections_of_no_contract_stay_as_they_are(read: Read) -> None:
    assert migrated(read, "activeContext.md", V9_ACTIVE)["My own section"] == "- mine"
    assert migrated(read, "progress.md", V9_PROGRESS)["Known Issues"] == "- slow on Windows"


def test_the_report_tells_each_change(read: Read) -> None:
    document, contract = read("progress.md", V9_PROGRESS)
    _, report = migrate_document(document, contract)
    assert report == [
        "progress.md: '## Active Workflow Tasks' renamed to '## Tasks'",
        "progress.md: '## In Progress' merged into '## Tasks'",
        "progress.md: '## Remaining' merged into '## Tasks'",
        "progress.md: '## Verification Evidence' renamed to '## Verification'",
    ]


def test_an_open_fence_is_refused_before_anything_is_joined(read: Read) -> None:
    text = "# Progress Tracking\n\n## Tasks\n\n- [ ] a\n\n## Last Updated\n\n2026\n\n## Remaining\n\n```\nopen\n"
    document, contract = read("progress.md", text)
    with pytest.raises(UnterminatedError, match="line 13"):
        migrate_document(document, contract)


def test_a_section_without_which_a_heading_would_go_stays(read: Read) -> None:
    """Without the old section between them, a paragraph would become part of the setext heading below."""
    mine = "## Mine\n\nwords\n## Remaining\nOther\n-----\n\nx\n"
    text = f"# Progress Tracking\n\n## Tasks\n\n- [ ] a\n\n## In Progress\n\n- b\n\n{mine}"
    document, contract = read("progress.md", text)
    kept: list[str] = []
    after, report = migrate_document(document, contract, kept)
    assert mine in after.source.text
    assert "- [ ] a\n- [ ] b\n" in after.source.text
    assert "progress.md: '## In Progress' merged into '## Tasks'" in report
    assert [each for each in kept if "'## Remaining' was not merged" in each]


def test_a_subsection_of_an_old_name_is_text(read: Read) -> None:
    text = (
        "# Progress Tracking\n\n## Current Workflow\n\nBUILD\n\n## Tasks\n\n## Completed\n\n"
        "## Verification\n\n- x\n\n### Remaining\n\n- y\n\n## Last Updated\n"
    )
    document, contract = read("progress.md", text)
    assert migrate_document(document, contract) == (document, [])
    assert [each for rule in RULES.values() for each in rule(document, contract)] == []
