"""Gemini CLI in a terminal: a denial, text in the middle of a turn, a rewind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clients.corrected.claude_code import COMMENT, MID_TURN
from tests.clients.fake_model.script import Call, Say, Script
from tests.clients.fake_model.server import fake_model
from tests.clients.programs import program
from tests.clients.sessions import GEMINI
from tests.clients.terminal import terminal

if TYPE_CHECKING:
    from tests.clients.place import Place
    from tests.clients.terminal import Terminal

_MARK = "●"
_QUESTION = "Allow execution of [Shell]?"


def by_hand(place: Place) -> None:
    """Run one session by hand."""
    with fake_model(_SCRIPT) as model:
        env = place.environ({**GEMINI, "GOOGLE_GEMINI_BASE_URL": model.url})
        with terminal([*program("gemini"), "-m", "gemini-2.5-flash"], place.project, env) as screen:
            _corrected(screen)


_SCRIPT: Script = {
    "clean up": [Call("run_shell_command", {"command": "rm -rf build dist"}), Say("Cleaned.")],
    COMMENT: [Say("Build stays.")],
    "run the tests": [
        Call("run_shell_command", {"command": "python3 -c 'import time; time.sleep(8)'"}),
        Say("Tests ran."),
    ],
    MID_TURN: [Say("TZ is UTC.")],
    "what is next": [Say("The prices.")],
    "no, the taxes": [Say("The taxes it is.")],
}


def _corrected(screen: Terminal) -> None:
    screen.wait_for("Type your message")
    screen.write("clean up", _QUESTION)
    screen.press("Escape", "Request cancelled.")
    screen.write(COMMENT, "Build stays.")
    screen.write("run the tests", _QUESTION)
    screen.press("Enter", "esc to cancel, 3s")
    screen.write(MID_TURN, "Queued")
    screen.wait_for("TZ is UTC.")
    screen.write("what is next", "The prices.")
    screen.write("/rewind", "Stay at current position")
    screen.press("Up", f"{_MARK} what is next")
    screen.press("Enter", f"{_MARK} 1. Rewind conversation")
    screen.press("Enter", "> what is next\n")
    screen.press("C-u", "Type your message")
    screen.write("no, the taxes", "The taxes it is.")
    screen.leave("/quit")
