"""Whole sessions of Gemini, Copilot and opencode: their hooks and the server at work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.clients.fake_model.script import Call, Say
from tests.clients.fake_model.server import fake_model
from tests.clients.place import new_place
from tests.clients.sessions import copilot, gemini, opencode, opencode_server, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clients.fake_model.script import Script, Turn
    from tests.clients.fake_model.server import FakeModel
    from tests.clients.place import Place

WORK, NOTE = "change the code", "note the lock"
RUN = {"gemini": gemini, "copilot": copilot, "opencode": opencode}
REMINDER = "Before you end: this session changed files"


class Tools(NamedTuple):
    """A client's names: how it writes a file, and how it calls the server's tool for a note."""

    write: str
    path: str
    text: str
    note: str


TOOLS = {
    "gemini": Tools("write_file", "file_path", "content", "mcp_bank_bank_note"),
    "copilot": Tools("create", "path", "file_text", "bank-bank_note"),
    "opencode": Tools("write", "filePath", "content", "bank_bank_note"),
}


class Sessions(NamedTuple):
    """What is left of two sessions of a client: one that changed files, and one that wrote a note."""

    client: str
    place: Place
    work: FakeModel
    note: FakeModel


def script_of(client: str, place: Place) -> Script:
    """Return a script in the client's words: a raw write of the bank, code without a note; and a note."""
    tools = TOOLS[client]
    raw = Call(tools.write, {tools.path: str(place.project / ".memorybank" / "progress.md"), tools.text: "x\n"})
    code = Call(tools.write, {tools.path: str(place.project / "shop.py"), tools.text: "print()\n"})
    note = Call(tools.note, {"text": "A lock needs a local disk", "kind": "gotcha"})
    work: list[Turn] = [raw, code, Say("Changed."), Say("Nothing to note."), Say("Not asked.")]
    return {WORK: work, NOTE: [note, Say("Noted.")]}


@pytest.fixture(scope="module", params=RUN)
def sessions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Sessions:
    """Return two sessions of each client."""
    client: str = request.param
    place = new_place(tmp_path_factory.mktemp(client), programs)
    prepare(place, client)
    with fake_model(script_of(client, place)) as work:
        RUN[client](place, work, WORK)
    with fake_model(script_of(client, place)) as note:
        RUN[client](place, note, NOTE)
    return Sessions(client, place, work, note)


def test_a_session_is_sent_the_skill_the_start_line_and_the_tools(sessions: Sessions) -> None:
    first = sessions.work.conversation[0].text
    assert "session-memory" in first
    assert 'Memory bank "shop"' in first
    assert TOOLS[sessions.client].note in first


def test_a_raw_write_to_the_bank_is_denied_with_our_command(sessions: Sessions) -> None:
    assert "progress.md belongs to the memory bank" in sessions.work.text
    assert "Use instead:\n  bank " in sessions.work.text
    assert "# Progress" in (sessions.place.project / ".memorybank" / "progress.md").read_text()


def test_a_tool_of_the_server_writes_in_the_session_that_the_hooks_know(sessions: Sessions) -> None:
    assert "A lock needs a local disk" in sessions.place.memory
    assert "patterns.md" in sessions.note.conversation[-1].text.rpartition("A lock needs a local disk")[2]
    assert f" {sessions.client} " in sessions.place.bank("audit")
    assert REMINDER not in sessions.note.text


def test_the_end_of_a_turn_reminds_once_of_what_is_not_written(sessions: Sessions) -> None:
    if sessions.client == "opencode":
        pytest.skip("`opencode run` ends with the first answer: a reminder needs its server, in the next test")
    assert (sessions.place.project / "shop.py").exists()
    assert sessions.work.text.count(REMINDER) == 1


def test_no_checkpoint_is_saved_where_nothing_was_compacted(sessions: Sessions) -> None:
    assert not list((sessions.place.project / ".memorybank").glob("checkpoints/*"))


def test_opencode_reminds_once_in_a_session_that_stays_open(place: Place) -> None:
    prepare(place, "opencode")
    with fake_model(script_of("opencode", place)) as model, opencode_server(place, model) as url:
        opencode(place, model, WORK, "--attach", url)
        end = time.monotonic() + 30
        while REMINDER not in model.text and time.monotonic() < end:
            time.sleep(0.2)
        time.sleep(2)  # a second one would come now

    assert model.text.count(REMINDER) == 1
