"""The templates are the contracts: what is shipped compiled is what they say, and faults in them are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from memorybank.check.lint import lint
from memorybank.check.rules.structure import RULES
from memorybank.contracts import _generated as shipped
from memorybank.contracts._generate import render
from memorybank.contracts.contract import contract_from_fields
from memorybank.contracts.layouts import CONTRACT_FILES
from memorybank.contracts.load import load_contract, parse_template, template_bytes
from memorybank.contracts.preview import preview
from memorybank.contracts.read_triggers import TRIGGERS
from memorybank.document.addresses import find_sections, parse_address
from memorybank.document.edits import Append
from memorybank.document.sections import outline
from memorybank.document.source import Source, digest_of
from memorybank.errors import ConfigError
from memorybank.store.discover import find_bank

GUARANTEED = {
    "activeContext.md": ["Recent Changes", "Learnings", "References", "Last Updated"],
    "patterns.md": ["Common Gotchas", "Project SKILL_HINTS", "Last Updated"],
    "progress.md": ["Completed", "Verification", "Last Updated"],
}
SNAPSHOTS = {"activeContext.md": ["Recent Changes"], "patterns.md": [], "progress.md": ["Tasks"]}
NOTES = {
    "learning": "activeContext.md#Learnings",
    "change": "activeContext.md#Recent Changes",
    "next": "activeContext.md#Next Steps",
    "decision": "activeContext.md#Decisions",
    "reference": "activeContext.md#References",
    "blocker": "activeContext.md#Blockers",
    "gotcha": "patterns.md#Common Gotchas",
    "standard": "patterns.md#User Standards",
    "task": "progress.md#Tasks",
    "done": "progress.md#Completed",
    "verification": "progress.md#Verification",
}


def test_the_compiled_contracts_are_those_of_the_templates() -> None:
    """Regenerate with `python -m memorybank.contracts._generate > memorybank/contracts/_generated.py`."""
    assert Path(shipped.__file__).read_text(encoding="utf-8") == render()


def test_compile_prints_the_file() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "memorybank.contracts._generate"], capture_output=True, check=True, timeout=60
    )
    assert done.stdout.decode("utf-8") == render()


@pytest.mark.parametrize("file", CONTRACT_FILES)
def test_a_shipped_contract_is_found_by_its_template(file: str) -> None:
    data = template_bytes(f"contracts/{file}")
    assert shipped.SHIPPED[digest_of(data)] == parse_template(data, file)
    assert load_contract(file) is shipped.SHIPPED[digest_of(data)]


@pytest.mark.parametrize("file", CONTRACT_FILES)
def test_a_new_file_holds_every_section_once_in_order(file: str) -> None:
    contract = load_contract(file)
    assert contract is not None
    document = outline(Source(contract.body.encode()), file, contract=True)
    assert [each.name for each in document.sections[1:]] == [contract.title, *(each.name for each in contract.sections)]


@pytest.mark.parametrize("file", CONTRACT_FILES)
def test_a_new_file_breaks_no_rule(file: str) -> None:
    contract = load_contract(file)
    assert contract is not None
    document = outline(Source(contract.body.encode()), file, contract=True)
    assert [finding for rule in RULES.values() for finding in rule(document, contract)] == []


@pytest.mark.parametrize("file", CONTRACT_FILES)
def test_guaranteed_and_snapshot_sections_are_those_of_the_source_text(file: str) -> None:
    contract = load_contract(file)
    assert contract is not None
    assert [each.name for each in contract.sections if each.guaranteed] == GUARANTEED[file]
    assert [each.name for each in contract.sections if each.kind == "snapshot"] == SNAPSHOTS[file]
    assert contract.fallback == "Last Updated"


def test_every_kind_of_note_has_one_place() -> None:
    places: dict[str, list[str]] = {}
    for file in CONTRACT_FILES:
        contract = load_contract(file)
        assert contract is not None
        for spec in contract.sections:
            for kind in spec.notes:
                places.setdefault(kind, []).append(f"{file}#{spec.name}")
    assert {kind: places[kind] for kind in NOTES} == {kind: [address] for kind, address in NOTES.items()}
    assert all(len(each) == 1 for each in places.values())


def test_triggers_name_what_is_there() -> None:
    for trigger in TRIGGERS:
        for address in map(parse_address, trigger.reads):
            contract = load_contract(address.file)
            assert contract is not None
            document = outline(Source(contract.body.encode()), address.file, contract=True)
            assert not address.section or len(find_sections(document, address.section)) == 1


def test_a_bank_may_bring_its_own_template(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    own = template_bytes("contracts/progress.md").replace(b"cap: 10", b"cap: 3")
    (tmp_path / "contracts" / "progress.md").write_bytes(own)
    contract = load_contract("progress.md", tmp_path)
    assert contract is not None
    completed = contract.spec_of("Completed")
    assert completed is not None
    assert completed.cap == 3


def test_a_bank_may_contract_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    text = (
        "---\ncontract: risks\nfile: risks.md\ntitle: Risks\nfallback: Last Updated\nsections:\n"
        "  - {name: Open, kind: append}\n  - {name: Last Updated, kind: stamp}\n---\n"
        "# Risks\n\n## Open\n\n## Last Updated\n"
    )
    (tmp_path / "contracts" / "risks.md").write_text(text, encoding="utf-8")
    contract = load_contract("risks.md", tmp_path)
    assert contract is not None
    assert [each.name for each in contract.sections] == ["Open", "Last Updated"]
    assert load_contract("risks.md") is None
    assert load_contract("other.md", tmp_path) is None


GOOD: dict[str, Any] = {
    "contract": "x",
    "file": "x.md",
    "title": "X",
    "fallback": "End",
    "sections": [{"name": "A", "kind": "append"}, {"name": "End", "kind": "stamp"}],
}
FAULTS = [
    ({"contract": None}, "contract must be a text that is not empty"),
    ({"file": 3}, "file must be a text that is not empty"),
    ({"title": " "}, "title must be a text that is not empty"),
    ({"version": 0}, "version must be a whole number"),
    ({"version": "1"}, "version must be a whole number"),
    ({"sections": None}, "sections must be a list"),
    ({"sections": []}, "sections must be a list"),
    ({"sections": ["A"]}, "sections[0] must be a mapping"),
    ({"sections": [{"kind": "append"}]}, "sections[0].name must be a text that is not empty"),
    ({"sections": [{"name": "A", "kind": "odd"}]}, "sections[0].kind must be one of append, snapshot, value, stamp"),
    ({"sections": [{"name": "A", "kind": "append", "nots": []}]}, "sections[0] has an unknown field 'nots'"),
    ({"sections": [{"name": "A", "kind": "append", "cap": "9"}]}, "sections[0].cap must be a whole number"),
    ({"sections": [{"name": "A", "kind": "append", "notes": "x"}]}, "sections[0].notes must be a list of texts"),
    ({"sections": [{"name": "A", "kind": "append", "merges": [1]}]}, "sections[0].merges must be a list of texts"),
    ({"sections": [{"name": "A", "kind": "append"}, {"name": "a ", "kind": "append"}]}, "have the same name"),
    ({"fallback": "Nope"}, "fallback 'Nope' is not one of the sections"),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_a_fault_in_a_template_is_told_with_its_place(fault: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        contract_from_fields({**GOOD, **fault}, "", {}, "templates/x.md")
    assert caught.value.message.startswith("templates/x.md: ")
    assert words in caught.value.message


@pytest.mark.parametrize("text", ["# no front matter\n", "---\n- a list\n---\n", ""])
def test_a_template_without_a_declaration_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="no front matter"):
        parse_template(text.encode(), "x.md")


def test_a_template_that_is_no_yaml_is_told_with_its_line() -> None:
    from memorybank.errors import FrontMatterError

    with pytest.raises(FrontMatterError, match="line 3"):
        parse_template(b"---\ncontract: [x\nfile: y\n---\n", "x.md")


def test_an_unknown_template_is_told() -> None:
    with pytest.raises(ConfigError, match="no such template"):
        template_bytes("contracts/nothing.md")


@pytest.mark.parametrize("file", CONTRACT_FILES)
def test_every_field_of_a_template_is_read(file: str) -> None:
    """What the front matter says stands in the contract: nothing is declared for nobody."""
    data = template_bytes(f"contracts/{file}").decode()
    fields = yaml.safe_load(data.split("---\n")[1])
    contract = load_contract(file)
    assert contract is not None
    for row, spec in zip(fields["sections"], contract.sections, strict=True):
        assert spec.name == row["name"]
        assert spec.notes == tuple(row.get("notes", []))
        assert spec.merges == tuple(row.get("merges", []))
        assert spec.aliases == tuple(row.get("aliases", []))
        assert spec.placeholders[1:] == tuple(row.get("placeholders", []))
        assert (spec.cap, spec.dated, spec.tasks) == (
            row.get("cap", 0),
            row.get("dated", False),
            row.get("tasks", False),
        )


# the form in which cc10x's own templates stand in a project: no blank lines, no date in patterns.md, lines that stand
# for others; the words are ours
THEIRS = {
    "activeContext.md": (
        "# Active Context\n<!-- keep the headings -->\n## Current Focus\n[what is worked on]\n"
        "## Recent Changes <!-- SNAPSHOT -->\n- [what] - [file:line]\n"
        "- [DEBUG-N]: {tried} → {came} <!-- for debugging -->\n"
        "## Next Steps\n1. [a step]\n## Decisions\n- [what]: [choice] - [why]\n## Learnings\n- [what]\n## References\n"
        "- Plan: `docs/plans/...` (or N/A)\n- Research: `docs/research/...` → [what]\n"
        "- [cc10x-internal] memory_task_id: [an id] wf:[an id] <!-- transient -->\n## Blockers\n- [None]\n"
        "## Session Settings\n# AUTO_PROCEED: false (true: gates take their defaults)\n## Last Updated\n[timestamp]\n"
    ),
    "patterns.md": (
        "# Project Patterns\n<!-- keep the headings -->\n## User Standards\n- [a principle]\n## Architecture Patterns\n"
        "- [name]: [how]\n## Code Conventions\n- [name]: [example]\n## File Structure\n- [kind]: [where]\n"
        "## Testing Patterns\n- [kind]: [how]\n## Common Gotchas\n- [name]: [how]\n"
        "- [from research]: [how] (Source: docs/research/YYYY-MM-DD-topic.md)\n## API Patterns\n- [name]: [how]\n"
        "## Error Handling\n- [kind]: [how]\n## Dependencies\n- [name]: [why]\n## Project SKILL_HINTS\n"
        "- [cc10x:skill-name] <!-- found by [what] -->\n"
    ),
    "progress.md": (
        "# Progress Tracking\n<!-- keep the headings -->\n## Current Workflow\n[PLAN | BUILD | REVIEW | DEBUG]\n"
        "## Tasks <!-- SNAPSHOT -->\n- [ ] a task\n- [x] another - evidence\n## Completed\n- [x] a thing - evidence\n"
        "## Verification\n- `command` → exit 0 (X/X)\n## Last Updated\n[timestamp]\n"
    ),
}


@pytest.mark.parametrize("place", [".claude/cc10x/v10", ".claude/cc10x", ".cc10x"])
def test_templates_of_another_tool_pass_check_as_they_are(tmp_path: Path, place: str) -> None:
    folder = tmp_path / place
    folder.mkdir(parents=True)
    for file, text in THEIRS.items():
        (folder / file).write_text(text, encoding="utf-8")
    assert lint(find_bank(tmp_path, environ={})) == []


def test_a_date_is_put_into_patterns_with_the_first_edit(tmp_path: Path) -> None:
    document = outline(Source(THEIRS["patterns.md"].encode()), "patterns.md", contract=True)
    edit = Append("Common Gotchas", "one", item=True)
    after = preview(document, [edit], contract=load_contract("patterns.md"), stamp="2031-02-03 04:05 UTC").after
    assert after.source.text.endswith("\n## Last Updated\n\n2031-02-03 04:05 UTC\n")
