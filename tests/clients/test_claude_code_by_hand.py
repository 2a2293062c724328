"""Claude Code in a terminal, as a person uses it: one session, from the question of trust to a compaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.clients.fake_model.script import Call, Say
from tests.clients.fake_model.server import fake_model
from tests.clients.place import new_place
from tests.clients.programs import program
from tests.clients.sessions import KEY
from tests.clients.terminal import terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clients.fake_model.script import Turn
    from tests.clients.fake_model.server import FakeModel
    from tests.clients.place import Place
    from tests.clients.terminal import Terminal

ASK = "tick the tests off"
AFTER = "go on with the shop"
HERE = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
REMINDER = "Before you end: this session changed files"


class Session(NamedTuple):
    """What is left of the session."""

    place: Place
    model: FakeModel
    progress: bytes
    menu: str


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Session:
    """Return a session in which the model wrote past `bank`, changed code and was reminded; then it was compacted."""
    place = new_place(tmp_path_factory.mktemp("by-hand"), programs)
    place.trust_claude(KEY, project=False)
    place.bank("install", "claude-code")
    file = place.project / ".memorybank" / "progress.md"
    progress = file.read_bytes()
    raw = [Call("Read", {"file_path": str(file)}), Call("Write", {"file_path": str(file), "content": "x\n"})]
    code = Call("Write", {"file_path": str(place.project / "shop.py"), "content": "print()\n"})
    turns: list[Turn] = [*raw, code, Say("Changed."), Say("Nothing to note."), Say("Not asked.")]
    with fake_model({ASK: turns, AFTER: [Say("On it.")]}) as model:
        env = place.environ({"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": KEY})
        words = [*program("claude-code"), "--permission-mode", "acceptEdits"]
        with terminal(words, place.project, env) as screen:
            menu = _use(screen)
    return Session(place, model, progress, menu)


def _use(screen: Terminal) -> str:
    """Do what a person does, and return the screen with the menu of commands."""
    screen.wait_for(f"{HERE} No, exit")
    screen.press("Down", f"{HERE} Yes, I trust this folder")
    screen.press("Enter", "accept edits on")
    screen.write(ASK, "● Nothing to note.")
    screen.type("/session-mem")
    screen.wait_for("/session-memory ")
    menu = screen.screen
    screen.press("C-u", f"\n{HERE}\n")
    screen.write("/compact", "Compacted")
    screen.write(AFTER, "● On it.")
    return menu


def test_the_skill_is_in_the_menu_and_known_to_the_model(session: Session) -> None:
    assert "session-memory" in session.menu
    assert "session-memory" in session.model.conversation[0].text


def test_the_start_line_is_in_the_first_request(session: Session) -> None:
    assert 'Memory bank "shop"' in session.model.conversation[0].text


def test_a_raw_write_is_denied_with_our_command(session: Session) -> None:
    assert "progress.md belongs to the memory bank" in session.model.text
    assert "Use instead:\n  bank " in session.model.text
    assert (session.place.project / ".memorybank" / "progress.md").read_bytes() == session.progress


def test_the_end_of_the_turn_reminds_once(session: Session) -> None:
    assert (session.place.project / "shop.py").exists()
    assert session.model.text.count(f"Stop hook feedback:\n{REMINDER}") == 1


def test_a_compaction_saves_a_checkpoint_that_the_next_request_names(session: Session) -> None:
    saved = [path.read_text() for path in (session.place.project / ".memorybank" / "checkpoints").glob("*.json")]
    assert any(f"asked: {ASK}" in text for text in saved)
    after = [each.text for each in session.model.conversation if AFTER in each.text]
    assert after
    assert all("the state of the work is saved in" in text for text in after)
