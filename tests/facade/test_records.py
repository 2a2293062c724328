"""Records through `Bank`: what the commands do, with the words of the sources as parameters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memorybank.errors import FieldError, NoFileError, NoRecordError
from memorybank.facade.bank import Bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "home"))
    project = tmp_path / "project"
    project.mkdir()
    return Bank.init(project)


def test_a_memory_is_saved_found_changed_and_archived(bank: Bank) -> None:
    saved = bank.save("Python 3.11 with FastAPI", type="fact", tags=["stack"], source_tool="other-tool")
    ident = saved.record.id

    assert bank.recall(ident).source_tool == "other-tool"
    assert [record.id for record in bank.list(type="fact", tags="stack", limit=20)] == [ident]
    assert bank.update(ident, tags=["+python"]).record.tags == ("stack", "python")

    bank.delete(ident)
    assert bank.list_recent(limit=5) == []
    assert bank.list(archived=True).total == 1


def test_a_text_is_one_tag_and_never_letters(bank: Bank) -> None:
    assert bank.save("one", tags="stack").record.tags == ("stack",)
    assert bank.save("two", tags="stack,python").record.tags == ("stack", "python")


def test_sections_are_a_mapping_or_pairs(bank: Bank) -> None:
    as_mapping = bank.save(type="error", title="CORS", sections={"Symptom": "403", "Solution": "a header"})
    as_pairs = bank.save(type="error", title="CORS", sections=[("Symptom", "403"), ("Solution", "a header")])

    assert bank.recall(as_mapping.record.id).content == bank.recall(as_pairs.record.id).content


def test_memories_are_chosen_by_moment_and_metadata(bank: Bank) -> None:
    saved = bank.save("now", metadata={"sprint": 42})

    assert bank.list(since=datetime(2020, 1, 1, tzinfo=UTC), metadata_filter={"sprint": 42})[0].id == saved.record.id
    assert bank.list(until="2020-01-01") == []
    with pytest.raises(FieldError, match="since"):
        bank.list(since="someday")
    with pytest.raises(FieldError, match="limit"):
        bank.list(limit=-1)


def test_with_all_banks_each_memory_has_its_place(bank: Bank) -> None:
    ident = bank.save("here").record.id

    page = bank.list(all_banks=True)
    assert [place.folder for place in page.places] == [str(bank.path)]
    assert bank.recall_everywhere(ident).record.id == ident


def test_one_record_replaces_another(bank: Bank) -> None:
    old, new = bank.save("one").record.id, bank.save("two").record.id
    bank.supersede(old, new)
    assert bank.recall(old).status == "superseded"
    assert {node.id for node in bank.lineage(new)} == {old, new}

    third = bank.save("three", links=[f"supersedes:{new}"]).record.id
    assert bank.recall(new).linked("superseded-by") == (third,)
    bank.link(third, "see", "https://example.org/")
    bank.deprecate(third)
    assert bank.recall(third).status == "deprecated"


def test_tags_and_types(bank: Bank) -> None:
    bank.save("one", tags=["front-end"])
    bank.tags.rename("front-end", "frontend")

    assert bank.tags.list().counts == {"frontend": 1}
    assert "decision" in [kind.name for kind in bank.types.list()]
    assert bank.types.show("decision").prefix == "dec"


def test_cleanup_wants_a_type_and_days(bank: Bank) -> None:
    assert list(bank.cleanup(older_than=30, type=["episodic"]).records) == []
    with pytest.raises(FieldError, match="type"):
        bank.cleanup(older_than=30, type=[])
    with pytest.raises(FieldError, match="older_than"):
        bank.cleanup(older_than=0, type="fact")


def test_a_record_is_edited_by_hand(bank: Bank) -> None:
    ident = bank.save("one").record.id
    copy = bank.edit_copy(ident)
    copy.path.write_bytes(copy.data.replace(b"one", b"two"))

    saved = copy.save()
    assert saved is not None
    assert bank.recall(ident).content.endswith("two")
    with pytest.raises(NoFileError):
        bank.edit_copy(ident, begin_with=bank.project / "nothing.md")


def test_decisions_and_lessons(bank: Bank) -> None:
    decided = bank.decide("Cache: SQLite", why="nothing to run", alternatives="Redis: a server")
    assert [earlier.ident for earlier in bank.contradictions("Cache: Redis")] == [decided.record.id]

    bank.learn("Normalise input before validation", tags=["validation"])
    assert "Normalise input" in bank.show("activeContext.md#Learnings").text


def test_a_bug_from_its_report_to_its_fix(bank: Bank) -> None:
    reported = bank.bugs.report("Email is case-sensitive", steps=["Register twice"])
    assert bank.bugs.number_of(reported.record) == 1
    assert bank.bugs.show("#1").id == reported.record.id

    fixed = bank.bugs.fix("1", cause="No lower-casing", lesson="Normalise first")
    assert fixed.learning is not None
    assert bank.bugs.list(status="open").total == 0
    assert bank.bugs.list(status="fixed").total == 1


def test_facts_go_through_their_statuses(bank: Bank) -> None:
    bank.pafs.add("AUTH", "Tokens are signed", why="keys rotate")
    bank.pafs.add("AUTH", "Tokens are encrypted", status="active")
    bank.pafs.review("AUTH-001")
    bank.pafs.activate("AUTH-001")
    bank.pafs.replace("AUTH-001", by="AUTH-002")
    bank.pafs.deprecate("AUTH-002", why="no tokens")

    assert [(paf.id, paf.status) for paf in bank.pafs.list()] == [("AUTH-001", "replaced"), ("AUTH-002", "deprecated")]
    assert bank.pafs.check() == ([], 0)
    with pytest.raises(NoRecordError):
        bank.pafs.check(["AUTH-001"])


def test_the_log_and_the_artifacts(bank: Bank, tmp_path: Path) -> None:
    assert bank.log("Done", items=["one"]).entry.title == "Done"

    (tmp_path / "report.txt").write_text("all green", encoding="utf-8")
    added = bank.artifacts.add(tmp_path / "report.txt", folder="reports")
    assert [(each.file, each.state) for each in bank.artifacts.list()] == [(added.file, "as added")]


def test_where_a_memory_comes_from_can_be_said(bank: Bank) -> None:
    saved = bank.save("Uses Go", tags="stack", source_tool="gemini-cli", source_repo="frontend").record
    assert (saved.source_tool, saved.source_repo, saved.tags) == ("gemini-cli", "frontend", ("stack",))
    assert [each.id for each in bank.list(source_repo="frontend", source_tool="gemini-cli")] == [saved.id]
