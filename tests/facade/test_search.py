"""Search as a method of `Bank`, and of any folder of Markdown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.enums import MemoryType
from memorybank.errors import FieldError, NoFileError
from memorybank.facade.bank import Bank
from memorybank.facade.search import MarkdownFolder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    bank = Bank.init(project)
    bank.note("WAL mode needs a local disk", kind="gotcha")
    return bank


def test_hits_are_iterated_and_can_be_shown_as_json(bank: Bank) -> None:
    hits = bank.search("wal disk")
    assert [hit.address for hit in hits] == ["patterns.md#Common Gotchas"]
    assert hits[0].text[slice(*hits.marker()(hits[0].text)[0])] == "WAL"
    assert list(hits.to_wire()) == [
        "hits",
        "count",
        "unknown",
        "assumed",
        "missing_extra",
        "missing_repo",
        "hint",
        "hub",
        "namespaces",
        "searched_banks",
        "unread_banks",
        "refreshed",
    ]
    assert hits.to_wire()["hits"][0].keys().isdisjoint({"score_parts", "bank_folder", "author"})


def test_filters_are_named_as_in_the_sources(bank: Bank) -> None:
    assert bank.search("disk", type=MemoryType.ERROR) == []
    assert bank.search("disk", type="error,fact", metadata_filter={"sprint": 42}) == []
    assert len(bank.search("disk", scopes="contracts")) == 1
    assert bank.search("disk", scopes=["repo"]).missing_repo


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"scopes": ["memories"]}, {"since": "soon"}, {"archived": "yes"}])
def test_a_filter_that_cannot_be_is_refused(bank: Bank, wrong: dict[str, Any]) -> None:
    with pytest.raises(FieldError):
        bank.search("disk", **wrong)


def test_any_folder_is_searched_without_a_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "net.md").write_text("# Net\n\nRetry with backoff\n")
    assert [hit.path for hit in MarkdownFolder(notes).search("retry")] == ["net.md"]
    assert [each.name for each in notes.iterdir()] == ["net.md"]
    with pytest.raises(NoFileError):
        MarkdownFolder(tmp_path / "gone")


def test_headings_and_the_index(bank: Bank, tmp_path: Path) -> None:
    assert bank.headings("comon gotcha")[0].address == "patterns.md#Common Gotchas"
    assert bank.index.rebuild().entries == bank.index.status().entries
    with pytest.raises(FieldError):
        bank.index.search_repo(max_commits=5)
    bank.index.search_repo(tmp_path, max_commits=5)
    choice = bank.index.repo()
    assert choice is not None
    assert choice.max_commits == 5
    bank.index.forget_repo()
    assert bank.index.repo() is None


def test_the_cache_folder_of_the_system_is_used_where_no_variable_names_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("# A\n\nRetry on 429.\n", encoding="utf-8")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, **_: tmp_path / "caches" / name)
    assert MarkdownFolder(tmp_path).search("retry")
    assert [folder.name for folder in (tmp_path / "caches").iterdir()] == ["memorybank"]


def test_a_variable_that_names_the_cache_folder_decides_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("# A\n\nRetry on 429.\n", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert MarkdownFolder(tmp_path).search("retry")
    assert [folder.name for folder in (tmp_path / "caches").iterdir()] == ["memorybank"]
