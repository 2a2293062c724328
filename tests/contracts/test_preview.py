"""The rules of a contract, and the findings of lint: one small file for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.check.rules.structure import RULES
from memorybank.contracts.load import load_contract
from memorybank.contracts.preview import heal, preview
from memorybank.document.edits import Append, ItemRef, RemoveItem, ReplaceItem, Tick
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import ContractError, DuplicateAnchorError, NoAnchorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.contracts.contract import Contract
    from memorybank.document.edits import Edit
    from memorybank.document.sections import Document

    Read = Callable[[str, str], tuple[Document, Contract]]


def body_of(file: str) -> str:
    contract = load_contract(file)
    assert contract is not None
    return contract.body


def findings(read: Read, text: str, file: str = "progress.md") -> list[tuple[str, int]]:
    document, contract = read(file, text)
    return [(each.rule, each.line) for rule in RULES.values() for each in rule(document, contract)]


PROGRESS = body_of("progress.md")
BROKEN = [
    (PROGRESS.replace("[PLAN", "\0[PLAN"), [("encoding", 7)]),
    (PROGRESS.replace("[PLAN", "\udce9"), [("encoding", 7)]),
    (PROGRESS + "\n```\nopen\n", [("unterminated", 25)]),
    (PROGRESS + "\n<!-- open\n", [("unterminated", 25)]),
    (PROGRESS + "\n<<<<<<< ours\n", [("conflict-marker", 25)]),
    (PROGRESS.replace("# Progress Tracking", "# Progress"), [("title", 1)]),
    (PROGRESS.replace("# Progress Tracking", "Progress"), [("title", 1)]),
    (PROGRESS.replace("## Completed\n\n- [None]\n\n", ""), [("missing-section", 1)]),
    (PROGRESS.replace("## Completed", "## Complete"), [("renamed-section", 13)]),
    (PROGRESS.replace("## Completed", "## 2. ✅ **Completed:**"), [("renamed-section", 13)]),
    (PROGRESS.replace("## Completed", "## Gut so"), [("renamed-section", 13)]),
    (PROGRESS.replace("## Completed", "# Completed"), [("renamed-section", 13)]),
    (PROGRESS + "\n# Completed\n", [("duplicate-section", 25)]),
    (PROGRESS + "\n## Completed ✅\n", [("duplicate-section", 25)]),
    (PROGRESS + "\n## Seating plan\n", [("foreign-section", 25)]),
    (PROGRESS + "\n## Completed\n", [("duplicate-section", 25), ("section-order", 25)]),
    (PROGRESS.replace("## Tasks", "## In Progress"), [("legacy-section", 9)]),
    (PROGRESS.replace("## Completed\n\n- [None]", "## Completed\n\n" + "- [x] a\n" * 11), [("over-cap", 13)]),
]


@pytest.mark.parametrize(("text", "expected"), BROKEN)
def test_each_fault_of_a_file_is_found_on_its_line(read: Read, text: str, expected: list[tuple[str, int]]) -> None:
    assert findings(read, text) == expected


@pytest.mark.parametrize("text", ["", "\n \n", "\0" * 64])
def test_an_emptied_file_is_found_first(read: Read, text: str) -> None:
    """Every section is missing too, but that is not what the reader must know."""
    assert findings(read, text)[0] == ("empty-file", 1)


def test_a_contract_at_its_cap_is_fine(read: Read) -> None:
    text = PROGRESS.replace("## Completed\n\n- [None]", "## Completed\n\n" + "- [x] a\n  - nested\n" * 10)
    assert findings(read, text) == []


@pytest.mark.parametrize("file", ["activeContext.md", "patterns.md", "progress.md"])
def test_every_section_takes_an_entry_or_says_why_not(read: Read, file: str) -> None:
    """One bullet into each section of a fresh file: its placeholder goes, every heading line stays."""
    document, contract = read(file, body_of(file))
    for spec in contract.sections:
        edit = Append(spec.name, "zebra", item=True)
        if spec.kind == "stamp":
            with pytest.raises(ContractError):
                preview(document, [edit], contract=contract)
            continue
        after = preview(document, [edit], contract=contract).after.source.text
        assert after.count("zebra") == 1
        assert [line for line in after.split("\n") if line.startswith("#")] == [
            line for line in document.source.text.split("\n") if line.startswith("#")
        ]


@pytest.mark.parametrize("file", ["activeContext.md", "patterns.md", "progress.md"])
def test_every_missing_section_is_healed_above_the_date(read: Read, file: str) -> None:
    _, contract = read(file, body_of(file))
    for spec in contract.sections:
        if spec.kind == "stamp":
            continue
        text = body_of(file)
        start = text.index(f"## {spec.heading}\n")
        end = text.find("\n## ", start) + 1
        document, _ = read(file, text[:start] + text[end:])
        result = preview(
            document, [Append(spec.name, "zebra", item=True)], contract=contract, stamp="2026-11-21 05:30 UTC"
        )
        names = [each.name for each in result.after.sections]
        assert result.healed == (spec.name,)
        assert names[-2:] == [spec.name, "Last Updated"]
        assert f"## {spec.heading}\n" in result.after.source.text


STAMPED: list[Edit] = [
    Append("Last Updated", "x"),
    Tick("Last Updated", ItemRef(number=1)),
    ReplaceItem("Last Updated", ItemRef(number=1), "x"),
    RemoveItem("Last Updated", ItemRef(number=1)),
]


@pytest.mark.parametrize("edit", STAMPED, ids=lambda edit: type(edit).__name__)
def test_the_date_is_not_edited_by_hand(read: Read, edit: Edit) -> None:
    document, contract = read("progress.md", PROGRESS)
    with pytest.raises(ContractError, match="every edit of the file sets it"):
        preview(document, [edit], contract=contract)


def test_nothing_is_healed_where_the_date_stands_twice(read: Read) -> None:
    document, contract = read("progress.md", PROGRESS.replace("## Completed", "## Last Updated"))
    with pytest.raises(DuplicateAnchorError):
        preview(document, [Append("Completed", "x", item=True)], contract=contract)


def test_a_file_without_headings_is_not_healed(read: Read) -> None:
    document, contract = read("progress.md", "words\n")
    with pytest.raises(NoAnchorError):
        preview(document, [Append("Completed", "x", item=True)], contract=contract)


def test_a_healed_section_stands_as_the_template_has_it(read: Read) -> None:
    """Without an edit that fills it, as `check --fix` does it, a placeholder stands in it."""
    text = PROGRESS.replace("## Verification\n\n- [None]\n\n", "")
    document, contract = read("progress.md", text)
    spec = contract.spec_of("Verification")
    assert spec is not None
    assert heal(document, contract, spec, []).source.text == PROGRESS


def test_no_contract_means_no_rules() -> None:
    document = outline(Source(b"# Notes\n\n## A\n\n- a\n"), "notes.md")
    result = preview(document, [Append("A", "b", item=True)], stamp="2026-11-21 05:30 UTC")
    assert result.after.source.text == "# Notes\n\n## A\n\n- a\n- b\n"
