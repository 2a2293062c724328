"""Sessions that are named before they start: the first message to a label starts one, and says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.errors import BankError, FieldError, NoRecordError
from memorybank.records.sessions.messages import messages_path
from memorybank.records.sessions.sessions import find_or_start, start
from tests.running import bank as run
from tests.running import make_bank, second_writer

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

AGENT = {"CLAUDE_CODE_SESSION_ID": "6f1c-agent"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEMORYBANK_HOME", str(tmp_path / "home"))
    make_bank(tmp_path / "app")
    return tmp_path / "app"


def test_a_message_to_a_new_label_starts_a_session(project: Path) -> None:
    first = run(project, "session", "message", "user", "Research JWT libraries", "--session", "auth-research")
    assert "started: ses-" in first.stderr
    again = run(project, "session", "message", "assistant", "PyJWT", "--session", "auth-research", "--json")
    answer = json.loads(again.stdout)
    assert not answer["started"]
    sessions = Bank.open(project).list_sessions()
    assert [(each.title, each.id) for each in sessions] == [("auth-research", answer["session"])]
    assert sessions.current == answer["session"]


def test_it_does_not_take_the_place_of_the_current_one(project: Path) -> None:
    bank = Bank.open(project)
    mine = bank.start_session(label="mine").record.id
    added = bank.add_message("user", "hello", session_id="theirs")
    assert (added.started, added.text, bank.sessions.current()) == (True, "hello", mine)


def test_the_name_in_the_environment_starts_one_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORYBANK_SESSION", "auth-day-4")
    bank = Bank.open(project)
    added = bank.add_message("user", "hello")
    assert added.started
    assert bank.sessions.current() == added.session
    assert bank.recall(added.session).fields["label"] == "auth-day-4"


def test_an_agent_without_a_session_gets_one_with_its_first_message(project: Path) -> None:
    added = json.loads(run(project, "session", "message", "user", "hello", "--json", env=AGENT).stdout)
    assert added["started"]
    noted = json.loads(run(project, "note", "a line", "--json", env=AGENT).stdout)
    assert noted["receipt"]["session"] == added["session"]
    assert run(project, "session", "message", "user", "hello").returncode == 3


@pytest.mark.parametrize("name", ["ses-20261121-aaaaa", "ses-"])
def test_an_id_is_never_made_up(project: Path, name: str) -> None:
    bank = Bank.open(project)
    with pytest.raises(NoRecordError):
        bank.add_message("user", "hello", session_id=name)
    assert bank.list_sessions() == []


def test_a_name_that_several_have_starts_nothing(project: Path) -> None:
    bank = Bank.open(project)
    for _ in range(2):
        bank.start_session(label="auth")
        bank.end_session()
    with pytest.raises(NoRecordError, match="may be"):
        bank.add_message("user", "hello", session_id="auth")


@pytest.mark.parametrize("text", ["", "the key is ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"])
def test_a_message_that_is_refused_starts_nothing(project: Path, text: str) -> None:
    bank = Bank.open(project)
    with pytest.raises(BankError):
        bank.add_message("user", text, session_id="new")
    with pytest.raises(FieldError):
        bank.add_message("user", "hello", session_id="x" * 81)
    assert bank.list_sessions() == []


def test_a_dry_run_starts_nothing(project: Path) -> None:
    shown = run(project, "session", "message", "user", "hello", "--session", "new", "--dry-run")
    assert (shown.returncode, "would start: ses-" in shown.stderr) == (0, True)
    assert Bank.open(project).list_sessions() == []


def test_of_two_first_messages_at_once_one_starts_it(bank: BankFolder, way: Way) -> None:
    with second_writer(lambda: start(bank, way, label="new")):
        record, saved = find_or_start(bank, "new", way)
    assert saved is None
    assert not messages_path(bank, record.id).exists()
