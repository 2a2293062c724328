"""What a person says of a session at its end: kept in its record, exported with it, and read back the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memorybank import Bank
from memorybank.errors import FieldError
from memorybank.records.sessions.end_notes import parse_minutes
from tests.running import bank as run
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "home"))
    make_bank(tmp_path / "app")
    return Bank.open(tmp_path / "app")


def exported(bank: Bank, folder: Path) -> dict[str, Any]:
    bank.export(folder)
    found: dict[str, Any] = json.loads(next((folder / "sessions").iterdir()).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("180", 180), ("3h", 180), ("90m", 90), ("1h30", 90), ("1h 30m", 90), ("2 hours", 120), ("45 min", 45)],
)
def test_an_estimate_is_a_length_of_time(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "soon", "0", "-5", "3d", "1.5h", "h", "12:30"])
def test_another_word_is_no_length_of_time(text: str) -> None:
    with pytest.raises(FieldError, match="length of time"):
        parse_minutes(text)


def test_what_is_said_stands_in_the_record(bank: Bank) -> None:
    bank.note("Write the docs", kind="next")
    session = bank.start_session(label="auth").record.id
    bank.note("CI is down", kind="blocker")
    ended = bank.end_session(
        session, ["Registration works", "#5 is fixed"], ["Addresses were case-sensitive"], ["Login"], estimate="3h"
    ).record
    assert "## Achievements\n\n- Registration works\n- \\#5 is fixed\n" in ended.content
    assert "## Challenges\n\n- CI is down\n- Addresses were case-sensitive\n" in ended.content
    # the bank's own next steps stay where they are
    assert ended.content.endswith("## Next\n\n- Login")
    assert ended.fields["estimated_minutes"] == 180


def test_a_later_end_does_not_lose_what_was_said_before(bank: Bank) -> None:
    bank.note("Write the docs", kind="next")
    bank.start_session(label="auth")
    bank.sessions.save(next_steps=["Login"], achievements=["Registration works"])
    assert bank.end_session().record.content.endswith("## Next\n\n- Login")
    bank.sessions.resume("auth")
    again = bank.end_session().record
    assert again.content.endswith("## Next\n\n- Write the docs")
    assert "- Registration works\n" in again.content
    assert not again.fields["estimated_minutes"]


def test_it_is_exported_in_the_words_of_the_tree(bank: Bank, tmp_path: Path) -> None:
    bank.start_session(label="auth")
    bank.end_session(
        achievements=["#5 is fixed"], challenges=["Case", "1. first"], next_steps=["Login", "Limits"], estimate="180"
    )
    data = exported(bank, tmp_path / "tree")
    assert data["achievements"] == ["#5 is fixed"]
    assert data["challenges"] == ["Case", "1. first"]
    assert data["next_session"] == {"goal": "Login", "steps": ["Limits"], "estimated_duration_minutes": 180}
    other = Bank.init(tmp_path / "other")
    other.import_from("module71", tmp_path / "tree")
    assert exported(other, tmp_path / "again") == data
    ours, theirs = bank.list_sessions()[0], other.list_sessions()[0]
    assert (ours.id, ours.fields) == (theirs.id, theirs.fields)
    assert bank.recall(ours.id).content == other.recall(theirs.id).content


def test_an_estimate_without_a_next_step_is_kept(bank: Bank, tmp_path: Path) -> None:
    bank.start_session(label="auth")
    bank.end_session(estimate="45m")
    assert exported(bank, tmp_path / "tree")["next_session"] == {"estimated_duration_minutes": 45}
    other = Bank.init(tmp_path / "other")
    other.import_from("module71", tmp_path / "tree")
    assert other.list_sessions()[0].fields["estimated_minutes"] == 45


def test_activities_have_their_times_and_how_long_they_took(bank: Bank, tmp_path: Path) -> None:
    session = bank.start_session(label="auth").record
    path = tmp_path / "app" / ".memorybank" / session.file
    text = path.read_text(encoding="utf-8")
    lines = (
        "- 10:00 note: JWT in activeContext.md",
        "- 10:30 to 11:10 task done (3): tests in progress.md",
        "- 2026-11-22 00:10 save: Retry",
        "- 2 messages (sessions/x.jsonl)",
    )
    fields = "last_activity: 2026-11-22T00:25:40Z\n---\n"
    text = text.replace(f"started: {session.fields['started']}", "started: 2026-11-21T10:00:00Z")
    text = text.replace("\n---\n", f"\n{fields}", 1) + "\n## Activities\n\n" + "\n".join(lines) + "\n"
    path.write_text(text, encoding="utf-8")
    data = exported(bank, tmp_path / "tree")
    assert data["activities"] == [
        {"time": "10:00", "activity": "note: JWT in activeContext.md", "duration_minutes": 30},
        {"time": "10:30", "activity": "task done (3): tests in progress.md", "duration_minutes": 820},
        {"time": "2026-11-22 00:10", "activity": "save: Retry", "duration_minutes": 15},
        {"activity": "2 messages (sessions/x.jsonl)"},
    ]
    other = Bank.init(tmp_path / "other")
    other.import_from("module71", tmp_path / "tree")
    assert exported(other, tmp_path / "again") == data


def test_the_command_takes_each_of_them_several_times(tmp_path: Path) -> None:
    make_bank(tmp_path)
    run(tmp_path, "session", "start", "--label", "auth")
    ended = run(
        tmp_path,
        *("session", "end", "--achievement", "Registration works", "--achievement", "- Docs"),
        *("--challenge", "Case", "--next", "Login", "--estimate", "3h", "--json"),
    )
    record = json.loads(ended.stdout)["record"]
    assert "- Registration works\n- Docs\n" in record["content"]
    assert record["fields"]["estimated_minutes"] == 180
    assert run(tmp_path, "session", "save", "--estimate", "soon").returncode == 5


def test_what_is_said_twice_is_written_once(bank: Bank) -> None:
    session = bank.sessions.start(label="auth").record.id
    twice = ["Registration works", "registration  works.", "Registration works"]
    bank.sessions.save(achievements=twice, challenges=twice, next_steps=twice)
    content = bank.sessions.end(session, achievements=twice, challenges=["- Registration works"]).record.content
    for section in ("Achievements", "Challenges", "Next"):
        assert content.partition(f"## {section}\n\n")[2].partition("\n\n")[0] == "- Registration works", section


def test_a_point_of_a_decision_is_written_once(bank: Bank) -> None:
    made = bank.decide(
        "Use JWT", alternatives=["Sessions", "sessions", "- Sessions"], consequences=["+ fast", "+ fast"]
    )
    content = bank.recall(made.record.id).content
    assert (content.count("essions"), content.count("- fast")) == (1, 1)
