"""Codex in a terminal: a denial, an interrupt, text in the middle of a turn, a rewind, a compaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clients.corrected.claude_code import COMMENT, INSTEAD, MID_TURN
from tests.clients.fake_model.script import Call, Say, Script
from tests.clients.fake_model.server import fake_model
from tests.clients.programs import program
from tests.clients.sessions import codex_provider
from tests.clients.terminal import terminal

if TYPE_CHECKING:
    from tests.clients.place import Place
    from tests.clients.terminal import Terminal

_HERE = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
_SLOW = "python3 -c 'import time; time.sleep(12)'"
_QUESTION = "Would you like to run"


def by_hand(place: Place) -> None:
    """Run one session by hand; commands are asked for, since the model wants them outside of the sandbox."""
    trusted = f'[projects."{place.project}"]\ntrust_level = "trusted"\n[analytics]\nenabled = false\n'
    (place.home / ".codex" / "config.toml").write_text(trusted)
    with fake_model(_SCRIPT) as model:
        words = [*program("codex"), *codex_provider(model), "-a", "on-request", "-s", "read-only"]
        with terminal(words, place.project, place.environ({"FAKE_KEY": "fake"})) as screen:
            _corrected(screen)


def _run(command: str) -> Call:
    asked = {"sandbox_permissions": "require_escalated", "justification": "Now?"}
    return Call("exec_command", {"cmd": command, "yield_time_ms": 20_000, **asked})


_SCRIPT: Script = {
    "clean up": [_run("rm -rf build dist"), Say("Cleaned.")],
    COMMENT: [Say("Build stays.")],
    "run the tests": [_run(_SLOW), Say("Tests ran.")],
    INSTEAD: [Say("With -n 2.")],
    "run them again": [_run(_SLOW), Say("Ran again.")],
    MID_TURN: [Say("TZ is UTC.")],
    "what is next": [Say("The prices.")],
    "no, the taxes": [Say("The taxes it is.")],
}


def _corrected(screen: Terminal) -> None:
    screen.wait_for("2. Use existing model")
    screen.press("Down", f"{_HERE} 2. Use existing model")
    screen.press("Enter", "Ask Codex to do anything")
    screen.write("clean up", _QUESTION)
    screen.press("Escape", "Conversation interrupted")
    screen.write(COMMENT, "• Build stays.")
    screen.write("run the tests", _QUESTION)
    screen.press("y", "Working (3s")
    screen.press("Escape", "? for shortcuts")
    screen.write(INSTEAD, "• With -n 2.")
    screen.write("run them again", _QUESTION)
    screen.press("y", "Working (3s")
    screen.write(MID_TURN, "after next tool call")
    screen.wait_for("• TZ is UTC.")
    screen.write("what is next", "• The prices.")
    screen.press("Escape", "again to")
    screen.press("Escape", "↵ rewind")
    screen.press("Enter", f"{_HERE} what is next")
    screen.press("C-u", "Ask Codex to do anything")
    screen.write("no, the taxes", "• The taxes it is.")
    screen.write("/compact", "compacted")
    screen.leave("/quit")
