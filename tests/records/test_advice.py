"""Advice on what is saved: a text that no search will find, a decision without its reason, a tag with two names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.records.memories.advice import advice_on
from memorybank.records.memories.tags import near_tag
from memorybank.records.record import Record
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path


def advised(content: str, kind: str = "fact", title: str = "") -> bool:
    record = Record(id="fct-1", type=kind, title=title or content, file="")
    return bool(advice_on(record, content))


@pytest.mark.parametrize("text", ["Fixed the bug", "Updated stuff", "It works now", "misc changes", "Refactored"])
def test_a_text_that_no_search_finds_is_told(text: str) -> None:
    assert advised(text)
    assert not advised(text, "code")


@pytest.mark.parametrize(
    "text",
    [
        "Fixed null pointer in UserService.getPreferences() - user.settings was null for new users",
        "Uses FastAPI",
        "Port 5432",
        "URLs are versioned: /v1/, /v2/",
        "Uses `uv`",
        "Prefers small commits with tests",
        "Redis holds sessions",
        "docker compose up starts everything that is needed",
    ],
)
def test_a_text_with_a_name_or_enough_words_is_fine(text: str) -> None:
    assert not advised(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Use retry with backoff", True),
        ("Use Redis", True),
        ("Use retry with backoff, because the payment API times out", False),
        ("Cache: SQLite - one file, no server", False),
        ("Using Redis for session storage instead of JWT cookies - better for horizontal scaling", False),
        ("## Decision\n\nUse Redis\n", False),
    ],
)
def test_a_decision_has_a_reason(text: str, told: bool) -> None:
    assert advised(text, "decision", title="Retry") is told


@pytest.mark.parametrize(
    ("tag", "other"),
    [
        ("db", "database"),
        ("database", "db"),
        ("k8s", "kubernetes"),
        ("kubernetes", "k8s"),
        ("i18n", "internationalization"),
        ("auth", "authentication"),
        ("js", "javascript"),
        ("postgres", "postgresql"),
        ("infra", "infrastructure"),
        ("user-interface", "ui"),
    ],
)
def test_a_short_form_is_near_its_word(tag: str, other: str) -> None:
    assert near_tag(tag, ["zebra", other]) == other


@pytest.mark.parametrize(
    ("tag", "other"),
    [("data", "database"), ("post", "postgres"), ("web", "webhook"), ("k8s", "keyboards"), ("c", "css")],
)
def test_other_words_are_not(tag: str, other: str) -> None:
    assert near_tag(tag, [other]) == ""


def test_it_is_advice_and_the_memory_is_saved(tmp_path: Path) -> None:
    make_bank(tmp_path)
    done = bank(tmp_path, "save", "Fixed the bug")
    assert done.returncode == 0
    assert "'Fixed the bug' says little" in done.stderr
    assert bank(tmp_path, "save", "Uses PostgreSQL 16", "--tags", "database").stderr == ""
    assert "did you mean 'database'?" in bank(tmp_path, "save", "Uses PostgreSQL 16 on RDS", "--tags", "db").stderr


def test_times_of_a_record_are_times(tmp_path: Path) -> None:
    """As in the recipe of another guide for finding what is stale."""
    make_bank(tmp_path)
    opened = Bank.open(tmp_path)
    opened.save("Uses PostgreSQL 16")
    old = [
        m
        for m in opened.list_recent(limit=100)
        if m.created_at and m.created_at < datetime.now(UTC) - timedelta(days=90)
    ]
    assert old == []
    record = opened.list_recent(limit=1)[0]
    assert record.created_at is not None
    assert record.created_at == record.updated_at
    assert record._replace(created="some day", updated="").created_at is None
    assert record._replace(created="2026-01-02", updated="").updated_at == datetime(2026, 1, 2, tzinfo=UTC)
