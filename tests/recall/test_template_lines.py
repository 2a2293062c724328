"""What a template put into a file and nobody has filled in is no content: not found, not loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank import Bank

if TYPE_CHECKING:
    from pathlib import Path

SOURCE_FORM = "# AUTO_PROCEED: false (set to true to enable JUST_GO mode — auto-defaults all non-REVERT gates)"


@pytest.fixture
def made(tmp_path: Path) -> Bank:
    return Bank.init(tmp_path)


def found(bank: Bank, query: str) -> list[str]:
    return [hit.address for hit in bank.search(query)]


@pytest.mark.parametrize(
    "query", ["auto proceed", "session settings false", "step", "insight", "active work", "plan build review debug"]
)
def test_a_new_bank_has_nothing_to_find(made: Bank, query: str) -> None:
    assert found(made, query) == []


@pytest.mark.parametrize("line", ["- AUTO_PROCEED: false", SOURCE_FORM, "- **AUTO_PROCEED**: false <!-- asks -->"])
def test_a_setting_with_its_default_is_neither_found_nor_loaded(made: Bank, line: str) -> None:
    path = made.path / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- AUTO_PROCEED: false", line), encoding="utf-8")
    assert found(made, "auto proceed") == []
    assert "AUTO_PROCEED" not in made.load(stage="understand", mode="rigorous").text
    made.workflows.set_auto_proceed(on=True)
    assert found(made, "auto proceed") == ["activeContext.md#Session Settings"]
    assert "AUTO_PROCEED" in made.load(stage="understand", mode="rapid").text


def test_what_stands_beside_a_setting_is_still_found(made: Bank) -> None:
    path = made.path / "activeContext.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- AUTO_PROCEED: false", f"{SOURCE_FORM}\nDeploys need a person"), encoding="utf-8")
    assert found(made, "deploys person") == ["activeContext.md#Session Settings"]
    assert "Deploys need a person" in made.load(stage="understand").text


def test_the_placeholders_of_a_document_are_not_its_words(made: Bank) -> None:
    plan = made.plans.new("Uploads survive a cut")
    research = made.research.new("Locks on network disks")
    for query in ("step", "risk how it is handled", "what will be true when this is done", "what follows insight"):
        assert [each for each in found(made, query) if each.startswith("docs/") and "#" in each] == []
    assert plan.file in found(made, "uploads cut")
    assert research.file in found(made, "network disks")
    path = made.path.parent / plan.file
    path.write_text(path.read_text(encoding="utf-8").replace("1. [Step]", "1. Resume by byte range"), encoding="utf-8")
    assert found(made, "resume byte range") == [f"{plan.file}#Steps"]
    assert f"{plan.file}#Goal" not in found(made, "uploads cut")


def test_the_own_template_of_a_type_counts(made: Bank) -> None:
    own = made.path / "templates" / "records" / "runbook.md"
    own.parent.mkdir(parents=True)
    own.write_text(
        "---\nrecord: runbook\nprefix: run\nfolder: memories/runbook\npurpose: What to do\nsections: [Alarm]\n---\n"
        "# {title}\n\n## Alarm\n\n[Which bell rings]\n",
        encoding="utf-8",
    )
    made.save("Page the on-call person", type="runbook", title="Disk full", sections={"Alarm": "[Which bell rings]"})
    assert found(made, "bell rings") == []
    assert len(found(made, "disk full")) >= 1


def test_superseded_records_count_less_in_the_recent_layer(made: Bank) -> None:
    old = made.decide("Cache: Redis", why="fast").record.id
    new = made.decide("Cache: SQLite", why="one file", supersedes=old).record.id
    context = made.load(stage="implement", mode="rapid", query="cache")
    values = {choice.fetch.rpartition(" ")[2]: choice for choice in context.included if choice.layer == "cache"}
    assert values[old].terms["status"] == -1
    assert "status" not in values[new].terms
    assert values[old].value < values[new].value
    small = made.load(stage="implement", mode="rapid", query="cache", budget_chars=500)
    assert new in small.text
