"""Claude Code in a terminal: denials, an interrupt, text in the middle of a turn, a rewind, a compaction, a fork."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.clients.fake_model.script import Call, Say, Script
from tests.clients.fake_model.server import fake_model
from tests.clients.programs import program
from tests.clients.sessions import KEY
from tests.clients.terminal import terminal

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tests.clients.fake_model.server import FakeModel
    from tests.clients.place import Place
    from tests.clients.terminal import Terminal

HERE = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
COMMENT = "keep build, only remove dist"
INSTEAD = "use pytest -n 2 instead"
MID_TURN = "also set TZ=UTC"
REWOUND = "write a test with pytest, not unittest"
AGENT_SAYS = "No, it should be tabs instead."
_SLOW = "python3 -c 'import time; time.sleep(12)'"


def by_hand(place: Place) -> None:
    """Run two sessions by hand, and a fork of the second one."""
    (place.project / ".claude").mkdir(exist_ok=True)
    allowed = {"permissions": {"allow": ["Bash(python3 *)"]}}
    (place.project / ".claude" / "settings.json").write_text(json.dumps(allowed))
    for name in ("build", "dist"):
        (place.project / name).mkdir()
    with fake_model(_script(str(place.project / "test_shop.py"))) as model:
        with session(place, model) as screen:
            _corrected(screen)
        with session(place, model) as screen:
            _rewound(screen)
        with session(place, model, "--continue", "--fork-session") as screen:
            screen.write("say more", "● More.")
            screen.leave("/exit")


def session(place: Place, model: FakeModel, *words: str) -> AbstractContextManager[Terminal]:
    """Return a session that asks for permission, in a terminal."""
    env = place.environ({"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": KEY})
    return terminal([*program("claude-code"), "--permission-mode", "default", *words], place.project, env)


def deny(screen: Terminal, prompt: str, comment: str, then: str) -> None:
    """Give a prompt, deny the call that it leads to, and say why; "" says nothing."""
    screen.write(prompt, "4. No")
    for number in ("2.", "3.", "4."):
        screen.press("Down", f"{HERE} {number}")
    if comment:
        screen.press("Tab", "No, and tell Claude")
        screen.type(comment)
    screen.press("Enter", then)


def _script(test: str) -> Script:
    clean = Call("Bash", {"command": "rm -rf build dist", "description": "Clean"})
    push = Call("Bash", {"command": "git push --force", "description": "Push"})
    slow = Call("Bash", {"command": _SLOW, "description": "Tests"})
    asked = {"description": "Look", "prompt": "agent: look at the files", "subagent_type": "general-purpose"}
    return {
        "clean up": [clean, Say("Cleaned.")],
        COMMENT: [Say("Build stays.")],
        "push it": [push, Say("Pushed.")],
        "run the tests": [slow, Say("Tests ran.")],
        INSTEAD: [Say("With -n 2.")],
        "run them again": [slow, Say("Ran again.")],
        MID_TURN: [Say("TZ is UTC.")],
        "look with an agent": [Call("Agent", asked), Say("The agent looked.")],
        "agent: look at the files": [Say(AGENT_SAYS)],
        "<task-notification>": [Say("It is done.")],
        "now the prices": [Say("On it.")],
        "write a test": [Call("Write", {"file_path": test, "content": "import unittest\n"}), Say("Written.")],
        REWOUND: [Say("With pytest.")],
        "say more": [Say("More.")],
    }


def _corrected(screen: Terminal) -> None:
    screen.wait_for("manual mode on")
    deny(screen, "clean up", COMMENT, "● Build stays.")
    deny(screen, "push it", "", "What should Claude do instead?")
    screen.write("run the tests", "esc to interrupt")
    screen.wait_for("(3s")
    screen.press("Escape", "? for shortcuts")
    screen.write(INSTEAD, "● With -n 2.")
    screen.write("run them again", "esc to interrupt")
    screen.wait_for("(3s")
    screen.write(MID_TURN, "Queued")
    screen.wait_for("● TZ is UTC.")
    screen.write("look with an agent", "● It is done.")
    screen.write("/compact", "Compacted")
    screen.write("now the prices", "● On it.")
    screen.leave("/exit")


def _rewound(screen: Terminal) -> None:
    screen.wait_for("manual mode on")
    screen.write("write a test", "Do you want to create test_shop.py?")
    screen.press("Enter", "● Written.")
    screen.write("/rewind", f"{HERE} (current)")
    screen.press("Up", f"{HERE} write a test")
    screen.press("Enter", f"{HERE} 1. Restore code and conversation")
    screen.press("Enter", f"{HERE} write a test\n")
    screen.press("C-u", f"{HERE}\n")
    screen.write(REWOUND, "● With pytest.")
    screen.leave("/exit")
