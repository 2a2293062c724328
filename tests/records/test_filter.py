"""Choosing records: every filter, the order, and that what is kept for speed never shows through."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.errors import FieldError, NoTypeError
from memorybank.records.draft import NewRecord
from memorybank.records.filter import Filter, parse_moment, select
from memorybank.records.find import scan
from memorybank.records.header_cache import CACHE
from memorybank.records.memories.memories import save, update
from tests.running import START

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


@pytest.fixture
def ids(bank: BankFolder, way: Way) -> list[str]:
    """Save five memories, the oldest first."""
    rows: list[tuple[str, dict[str, Any]]] = [
        ("one", {"tags": ["auth"], "metadata": {"sprint": 42}, "created": "2026-01-01T00:00:00Z"}),
        ("two", {"kind": "code", "tags": ["auth", "jwt"], "project": "other", "created": "2026-02-01T10:00:00Z"}),
        (
            "three",
            {
                "kind": "user",
                "tags": ["café"],
                "created": "2026-03-01T00:00:00Z",
                "overrides": {"source_tool": "cursor", "session": "s9"},
            },
        ),
        ("four", {"metadata": {"who": 'a "quoted" name', "flag": True}, "overrides": {"source_repo": "api"}}),
        ("five", {"kind": "code", "status": "deprecated", "created": "2026-11-21T05:31:00Z"}),
    ]
    return [save(bank, NewRecord(text, **given), way).record.id for text, given in rows]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Filter(), [4, 3, 2, 1, 0]),
        (Filter(kinds=("code",)), [4, 1]),
        (Filter(kinds=("code", "user")), [4, 2, 1]),
        (Filter(tags=("auth",)), [1, 0]),
        (Filter(tags=("auth", "jwt")), [1]),
        (Filter(tags=("aut",)), []),
        (Filter(tags=("café",)), [2]),
        (Filter(project="other"), [1]),
        (Filter(source_tool="cursor"), [2]),
        (Filter(source_repo="api"), [3]),
        (Filter(session="s9"), [2]),
        (Filter(status="deprecated"), [4]),
        (Filter(since="2026-02-01"), [4, 3, 2, 1]),
        (Filter(until="2026-02-01"), [1, 0]),
        (Filter(since="2026-02-01T10:00:01Z", until="2026-02-02"), []),
        (Filter(metadata={"sprint": 42}), [0]),
        (Filter(metadata={"sprint": "42"}), [0]),
        (Filter(metadata={"who": 'a "quoted" name'}), [3]),
        (Filter(metadata={"flag": True}), [3]),
        (Filter(metadata={"sprint": 4}), []),
        (Filter(tags=("auth",), metadata={"sprint": 42}), [0]),
    ],
)
def test_a_filter_takes_what_it_says_newest_first(
    bank: BankFolder, ids: list[str], wanted: Filter, places: list[int]
) -> None:
    found = select(bank, wanted)
    assert [each.id for each in found.records] == [ids[place] for place in places]
    assert found.total == len(places)


def test_a_limit_gives_the_newest_and_tells_how_many_there_are(bank: BankFolder, ids: list[str]) -> None:
    for wanted in (Filter(), Filter(since="2026-01-01")):
        found = select(bank, wanted, limit=2)
        assert [each.id for each in found.records] == [ids[4], ids[3]]
        assert found.total == 5


def test_an_unknown_type_is_told_with_those_that_come_close(bank: BankFolder) -> None:
    with pytest.raises(NoTypeError, match="did you mean code"):
        select(bank, Filter(kinds=("cod",)))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02", "2026-01-02"),
        ("7d", "2026-11-14T05:30:00Z"),
        ("12h", "2026-11-20T17:30:00Z"),
        ("2w", "2026-11-07T05:30:00Z"),
        ("today", "2026-11-21"),
        ("yesterday", "2026-11-20"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
        ("2026-01-02 03:04", "2026-01-02T03:04:00Z"),
    ],
)
def test_moments_are_days_times_and_spans(text: str, moment: str) -> None:
    assert parse_moment(text, START) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "7x", "99999y", "-7d"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(FieldError):
        parse_moment(text, START)


def aged(folder: Path) -> None:
    """Make all records an hour old, so that they are kept."""
    then = time.time_ns() - 3600 * 10**9
    for path in folder.rglob("memories/**/*.md"):
        os.utime(path, ns=(then, then))


@pytest.mark.usefixtures("ids")
def test_what_is_kept_gives_the_same_records_as_the_files(
    bank: BankFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memorybank.records.find._RACY_NS", 0)
    aged(tmp_path)
    first = scan(bank)
    assert (bank.state / CACHE).stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr("memorybank.records.find.open_listed", None)
    assert scan(bank) == first


def test_a_change_is_seen_though_the_front_matter_is_kept(
    bank: BankFolder, way: Way, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memorybank.records.find._RACY_NS", 0)
    aged(tmp_path)
    scan(bank)
    update(bank, ids[0], way, tags=["+new"])
    assert [each.id for each in select(bank, Filter(tags=("new",))).records] == [ids[0]]


@pytest.mark.usefixtures("ids")
@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"memorybank records 2 00000000\n\tmemories/", b"null"])
def test_what_is_kept_may_be_damaged_or_gone(bank: BankFolder, damage: bytes) -> None:
    first = scan(bank)
    (bank.state / CACHE).write_bytes(damage)
    assert scan(bank) == first
    (bank.state / CACHE).unlink(missing_ok=True)
    assert scan(bank) == first


def test_a_kept_byte_that_changed_is_noticed(
    bank: BankFolder, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memorybank.records.find._RACY_NS", 0)
    aged(tmp_path)
    first = scan(bank)
    path = bank.state / CACHE
    path.write_bytes(path.read_bytes().replace(ids[0].encode(), ids[0][:-1].encode() + b"!"))
    assert scan(bank) == first


def test_a_page_knows_how_many_there_are(bank: BankFolder, ids: list[str]) -> None:
    page = select(bank, Filter(), limit=1)
    assert [each.id for each in page.records] == [ids[4]]
    assert (page.total, page.broken) == (5, [])
