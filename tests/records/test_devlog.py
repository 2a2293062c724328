"""The development log: days and entries in order, words that stay words, writers that do not meet."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorybank import Bank
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import (
    BankError,
    ConfigError,
    EncodingRefusedError,
    SecretError,
    SpillError,
    UnsupportedTextError,
    UnterminatedError,
)
from memorybank.records.ledgers.devlog import Entry, log
from memorybank.store.journal.undo import undo
from memorybank.store.way import Way, WriteOptions
from tests.running import MODULE, environment, folder_of, make_bank
from tests.running import bank as run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder


START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def way(way: Way) -> Way:
    return way._replace(author=way.author._replace(now=lambda: START))


@pytest.fixture
def later(way: Way) -> Callable[..., Way]:
    """Give a function that moves the clock on: `later(hours=2)`."""
    return lambda **passed: way._replace(author=way.author._replace(now=lambda: START + timedelta(**passed)))


@pytest.fixture
def file(bank: BankFolder) -> Path:
    return bank.folder / "development_log.md"


def test_the_first_entry_makes_the_log_and_its_day(bank: BankFolder, way: Way, file: Path) -> None:
    logged = log(bank, "Design phase", way, items=["Chose JWT for tokens", "- Chose bcrypt"])
    assert logged.entry == Entry("2026-11-21", "09:30", "Design phase", ("Chose JWT for tokens", "Chose bcrypt"))
    assert file.read_text(encoding="utf-8") == (
        "# Development Log\n\n## 2026-11-21\n\n### 09:30 - Design phase\n- Chose JWT for tokens\n- Chose bcrypt\n"
    )


def test_entries_follow_in_their_day_and_days_follow_each_other(
    bank: BankFolder, way: Way, later: Callable[..., Way], file: Path
) -> None:
    log(bank, "One", way)
    log(bank, "Two", later(hours=1), items=["x"])
    log(bank, "Three", later(days=1))
    log(bank, "Three", later(days=1))
    assert file.read_text(encoding="utf-8") == (
        "# Development Log\n\n## 2026-11-21\n\n### 09:30 - One\n\n### 10:30 - Two\n- x\n\n"
        "## 2026-11-22\n\n### 09:30 - Three\n\n### 09:30 - Three\n"
    )


def test_lines_of_the_text_are_title_and_bullets(bank: BankFolder, way: Way) -> None:
    text = "Session end\r\n- Summary: done\n\n  * Next: login\n"
    assert log(bank, text, way).entry[2:] == ("Session end", ("Summary: done", "Next: login"))
    assert log(bank, text, way, title="T", items=["last"]).entry[2:] == (
        "T",
        ("Session end", "Summary: done", "Next: login", "last"),
    )


def test_a_log_kept_by_hand_keeps_its_ways(bank: BankFolder, way: Way, file: Path) -> None:
    old = (
        b"\xef\xbb\xbf# My log\r\n\r\n## 2026-11-21 (Saturday)\r\n\r\nWords of mine.\r\n\r\n\r\n"
        b"## 2026-11-30\r\n\r\n### 08:00 - Later"
    )
    file.write_bytes(old)
    log(bank, "Between", way, items=["x"])
    assert file.read_bytes() == old.replace(
        b"Words of mine.\r\n", b"Words of mine.\r\n\r\n### 09:30 - Between\r\n- x\r\n"
    )


def test_a_last_line_without_an_end_is_ended_first(bank: BankFolder, way: Way, file: Path) -> None:
    file.write_bytes(b"# Development Log\n\n## 2026-11-21\n\n### 08:00 - Early\n- no end")
    log(bank, "Now", way)
    assert file.read_bytes().endswith(b"- no end\n\n### 09:30 - Now\n")


@pytest.mark.parametrize(
    ("text", "given_", "error"),
    [
        ("", {}, UnsupportedTextError),
        (" \n", {}, UnsupportedTextError),
        ("w" * 201, {}, UnsupportedTextError),
        ("Title", {"items": ["# heading"]}, SpillError),
        ("Title", {"items": ["```"]}, SpillError),
        ("Title", {"items": ["<!-- open"]}, SpillError),
        ("Title\n## 2026-11-22", {}, SpillError),
        ("Title\n---\n", {}, SpillError),
        ("a\u202eb", {}, UnsupportedTextError),
        ("T", {"items": ["ghp_" + "x8Kq2LmV0pRtYw4ZbNcD7sGfHj3AeU5iO1Tk"]}, SecretError),
    ],
)
def test_what_is_no_entry_is_refused(
    bank: BankFolder, way: Way, file: Path, text: str, given_: dict[str, list[str]], error: type[BankError]
) -> None:
    with pytest.raises(error):
        log(bank, text, way, **given_)  # type: ignore[arg-type]  # only `items` is ever given
    assert not file.exists()


def test_a_title_that_ends_like_closing_marks_keeps_them(bank: BankFolder, way: Way, file: Path) -> None:
    log(bank, "Learned C #", way)
    assert "- Learned C \\#\n" in file.read_text("utf-8")


def test_behind_an_open_fence_nothing_is_written(bank: BankFolder, way: Way, file: Path) -> None:
    file.write_text("# Development Log\n\n```\nnever closed\n", encoding="utf-8")
    with pytest.raises(UnterminatedError):
        log(bank, "Lost", way)


def test_an_emptied_log_is_not_taken_for_a_new_one(bank: BankFolder, way: Way, file: Path) -> None:
    log(bank, "One", way)
    file.write_bytes(b"")
    with pytest.raises(EncodingRefusedError):
        log(bank, "Two", way)
    log(bank, "Two", Way(way.author, WriteOptions(accept_shrunk=True)))
    assert file.read_text(encoding="utf-8") == "## 2026-11-21\n\n### 09:30 - Two\n"


def test_undo_takes_one_entry_out_and_the_first_one_with_its_file(
    bank: BankFolder, way: Way, later: Callable[..., Way], file: Path
) -> None:
    log(bank, "One", way)
    one = file.read_bytes()
    log(bank, "Two", later(hours=1))
    undo(bank, "", way)
    assert file.read_bytes() == one


def test_writers_at_the_same_time_all_have_their_entry(bank: BankFolder, file: Path) -> None:
    words = [[*MODULE, "log", f"Entry {number}"] for number in range(6)]
    running = [subprocess.Popen(each, cwd=bank.project, env=environment(), stdout=subprocess.DEVNULL) for each in words]
    assert [each.wait(60) for each in running] == [0] * 6
    text = file.read_text(encoding="utf-8")
    assert sorted(line[-7:] for line in text.split("\n") if line.startswith("### ")) == [
        f"Entry {number}" for number in range(6)
    ]
    assert text.count("\n## ") == 1


WORDS = st.text(st.sampled_from("ab #-*`~<!->=_\n\r\t[]()1.\\|&\u00e9\u65e5\u0627"), max_size=30)


@given(text=WORDS, items=st.lists(WORDS, max_size=3))
def test_no_words_make_structure(bank: BankFolder, way: Way, file: Path, text: str, items: list[str]) -> None:
    """Whatever is logged, the log gains one entry, or stays as it is."""
    dry = Way(way.author, WriteOptions(dry_run=True))
    start = b"# Development Log\n\n## 2026-11-20\n\n### 09:00 - Before\n- kept\n"
    file.write_bytes(start)
    try:
        receipt = log(bank, text, dry, items=items).receipt
    except BankError:
        return
    added = [line[1:] for line in receipt.files[0].diff.split("\n") if line[:1] == "+" and line[:3] != "+++"]
    after = outline(Source(start + "\n".join(added).encode() + b"\n"))
    assert [each.level for each in after.sections] == [0, 1, 2, 3, 2, 3]
    assert after.unterminated is None


@pytest.mark.parametrize(
    "heading", ["## 📅 2026-11-21", "## **2026-11-21**", "## 2026-11-21: Sanding", "2026-11-21\n---"]
)
def test_a_decorated_day_is_the_same_day(bank: BankFolder, way: Way, heading: str) -> None:
    log(bank, "first", way)
    path = next(each for each in bank.folder.parent.rglob("development_log.md"))
    text = path.read_text(encoding="utf-8").replace("## 2026-11-21", heading)
    path.write_text(text, encoding="utf-8")
    log(bank, "second", way)
    assert path.read_text(encoding="utf-8").count("2026-11-21") == 1


BERLIN, NEW_YORK = timezone(timedelta(hours=1)), timezone(timedelta(hours=-5))


def at(way: Way, zone: timezone, moment: datetime) -> Way:
    return way._replace(author=way.author._replace(now=lambda: moment, local=lambda each: each.astimezone(zone)))


def test_an_entry_has_the_local_day_and_time_with_its_offset(bank: BankFolder, way: Way, file: Path) -> None:
    """In the evening of New York it is the next day already in UTC."""
    evening = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
    entry = log(bank, "Tests pass", at(way, NEW_YORK, evening)).entry
    assert (entry.day, entry.time) == ("2026-11-21", "21:15-05:00")
    assert "## 2026-11-21\n\n### 21:15-05:00 - Tests pass\n" in file.read_text(encoding="utf-8")


def test_entries_without_an_offset_stay_beside_those_with_one(bank: BankFolder, way: Way, file: Path) -> None:
    log(bank, "old", way)
    log(bank, "new", at(way, BERLIN, START + timedelta(hours=1)))
    assert file.read_text(encoding="utf-8").endswith("### 09:30 - old\n\n### 11:30+01:00 - new\n")


def test_a_day_is_put_in_its_order(bank: BankFolder, way: Way, file: Path) -> None:
    """Somebody to the west writes on a day that is over elsewhere, and that the log does not have."""
    file.write_text("# Log\n\n## 2026-11-20\n\n### 10:00 - a\n\n\n## 2026-11-22\n\n### 09:00 - c\n", encoding="utf-8")
    log(bank, "b", at(way, NEW_YORK, datetime(2026, 11, 22, 3, 0, tzinfo=UTC)))
    assert file.read_text(encoding="utf-8") == (
        "# Log\n\n## 2026-11-20\n\n### 10:00 - a\n\n## 2026-11-21\n\n### 22:00-05:00 - b\n\n\n"
        "## 2026-11-22\n\n### 09:00 - c\n"
    )


def test_a_log_that_is_not_in_order_gets_its_days_at_the_end(bank: BankFolder, way: Way, file: Path) -> None:
    text = "# Log\n\n## 2026-11-22\n\n### 09:00 - c\n\n## 2026-11-20\n\n### 10:00 - a\n"
    file.write_text(text, encoding="utf-8")
    log(bank, "b", way)
    assert file.read_text(encoding="utf-8") == f"{text}\n## 2026-11-21\n\n### 09:30 - b\n"


@pytest.mark.parametrize(
    ("zone", "time"), [("utc", "09:30"), ("UTC", "09:30"), ("Europe/Berlin", "10:30+01:00"), ("local", "04:30-05:00")]
)
def test_the_zone_of_a_bank_can_be_set(tmp_path: Path, way: Way, zone: str, time: str) -> None:
    folder = make_bank(tmp_path)
    with (folder / "bank.toml").open("a", encoding="utf-8") as config:
        config.write(f'[log]\nzone = "{zone}"\n')
    assert log(folder_of(tmp_path), "x", at(way, NEW_YORK, START)).entry.time == time


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "/etc/localtime"])
def test_a_zone_that_is_not_one_is_refused(tmp_path: Path, way: Way, zone: str) -> None:
    folder = make_bank(tmp_path)
    with (folder / "bank.toml").open("a", encoding="utf-8") as config:
        config.write(f'[log]\nzone = "{zone}"\n')
    with pytest.raises(ConfigError, match="not a time zone"):
        log(folder_of(tmp_path), "x", way)
    assert not (folder / "development_log.md").exists()


def test_the_machine_says_what_is_local(tmp_path: Path) -> None:
    make_bank(tmp_path)
    env = environment(TZ="America/New_York")
    done = subprocess.run([*MODULE, "log", "x", "--json"], cwd=tmp_path, env=env, capture_output=True, check=True)
    entry = json.loads(done.stdout)["entry"]
    assert entry["time"].endswith(("-05:00", "-04:00"))


@pytest.mark.parametrize(
    ("since", "titles"),
    [
        ("", ["by hand", "third", "second", "first"]),
        ("2026-11-20", ["by hand", "third", "second"]),
        ("2026-11-21", ["by hand", "third"]),
        ("2026-11-20T08:00:00+00:00", ["by hand", "third", "second"]),
        ("2026-11-20T09:00:00+00:00", ["by hand", "third"]),
        ("2027-01-01", []),
    ],
)
def test_the_log_is_read_from_a_day_on(tmp_path: Path, since: str, titles: list[str]) -> None:
    (make_bank(tmp_path) / "development_log.md").write_text(
        "# Development Log\n\n## 2026-11-19\n\n### 09:30 - first\n\n## 2026-11-20\n\n### 09:30+01:00 - second\n\n"
        "## 2026-11-21\n\n### 00:10 - third\n\n### by hand\n",
        encoding="utf-8",
    )
    page = Bank.open(tmp_path).read_log(since=since, limit=1)
    assert page.total == len(titles)
    assert [entry.title for entry in Bank.open(tmp_path).read_log(since=since).entries] == titles
    shown = run(tmp_path, "log", "--since", since or "2020-01-01")
    assert (shown.returncode, shown.stdout.count("2026-11-")) == (0, len(titles))
    assert ("no entry since" in shown.stderr) == (not titles)
    assert run(tmp_path, "log", "a text", "--since", "1d").returncode == 2
