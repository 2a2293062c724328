"""A password in the address of a database is noticed and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorybank.store.settings.database_url import has_password, without_password
from tests.running import bank, make_bank

if TYPE_CHECKING:
    from pathlib import Path

WITH = [
    "postgresql://ann:hunter2@db.example/memory",
    "postgres://ann:hunter2@one:1,two:2/memory?sslmode=require",
    "postgresql://ann:hun@ter2@db.example/memory",
    "postgresql://ann:hunter2@/memory?host=/run",
    "postgresql://ann@db.example/memory?password=hunter2&sslmode=require",
    "postgresql://ann@db.example/memory?sslpassword=hunter2",
    "host=db user=ann password=hunter2 dbname=memory",
    "password = 'hunter2 \\' hunter2' host=db",
    "host=db PASSWORD='hunter2",
]
WITHOUT = [
    "postgresql://ann@db.example/memory",
    "postgresql:///memory?host=/run/postgresql&sslmode=verify-full",
    "postgresql://[::1]:5433/memory",
    "host=db user=ann dbname=password",
    "service=memory",
]


@pytest.mark.parametrize("text", WITH)
def test_a_password_is_found_and_masked(text: str) -> None:
    assert has_password(text)
    assert "hunter2" not in without_password(text)


@pytest.mark.parametrize("text", WITHOUT)
def test_an_address_without_one_stays_as_it_is(text: str) -> None:
    assert without_password(text) == text


@pytest.mark.parametrize("as_json", [False, True])
def test_a_password_is_neither_written_nor_shown(tmp_path: Path, as_json: bool) -> None:
    """Not in the settings, not in what is kept of a refused command, and not from the environment."""
    make_bank(tmp_path / "project")
    url = "postgresql://ann:hunter2@db.example/memory"
    home = {"MEMORYBANK_HOME": str(tmp_path / "home")}
    json = ("--json",) if as_json else ()
    for words in (("config", "set", "sync.postgres_url", url), ("config", "set", "sync.postgres_url", url, "--user")):
        refused = bank(tmp_path / "project", *words, *json, env=home)
        assert refused.returncode == 5
        assert "hunter2" not in refused.stdout + refused.stderr
    shown = bank(tmp_path / "project", "config", "list", "sync", *json, env=home | {"MEMORYBANK_POSTGRES_URL": url})
    assert "postgresql://ann:***@db.example/memory" in shown.stdout
    assert "hunter2" not in shown.stdout + shown.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"hunter2" in path.read_bytes()] == []
