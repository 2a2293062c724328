"""Claude Code in a terminal: what its user says with a denial is what the next session loads."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.clients.corrected.claude_code import COMMENT, deny, session
from tests.clients.fake_model.script import Call, Say, Script
from tests.clients.fake_model.server import fake_model
from tests.clients.sessions import KEY, claude
from tests.clients.terminal import PATIENCE

if TYPE_CHECKING:
    from tests.clients.place import Place

CLEAN, NEXT = "clean up", "what do we know"
SCRIPT: Script = {
    CLEAN: [Call("Bash", {"command": "rm -rf build dist", "description": "Clean"}), Say("Cleaned.")],
    COMMENT: [Say("Build stays.")],
}
LOAD: Script = {NEXT: [Call("Bash", {"command": "bank load", "description": "Load"}), Say("I know.")]}


def waiting(place: Place) -> list[dict[str, Any]]:
    """Return what was found at the end of the turn, while the session goes on: the hook may still run."""
    end = time.monotonic() + PATIENCE
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < end:
        time.sleep(0.5)
        found = json.loads(place.bank("corrections", "list", "--json"))["corrections"]
    return found


def loaded(place: Place) -> str:
    """Return what a new session of the client knows after it ran `bank load`."""
    with fake_model(LOAD) as model:
        ran = claude(place, model, NEXT)
    assert "I know." in ran.out
    return model.text.lower()


def test_a_denial_with_a_comment_reaches_the_next_session_and_can_be_taken_back(place: Place) -> None:
    place.trust_claude(KEY)
    place.bank("install", "claude-code")
    settings = place.project / ".claude" / "settings.json"
    # what the project forbids is not asked for
    settings.write_text(settings.read_text().replace("Bash(rm *)", "Bash(curl *)"))
    for name in ("build", "dist"):
        (place.project / name).mkdir()
    with fake_model(SCRIPT) as model, session(place, model) as screen:
        screen.wait_for("manual mode on")
        deny(screen, CLEAN, COMMENT, "● Build stays.")
        found = waiting(place)
        screen.leave("/exit")

    assert [(each["text"], each["origin"]["client"]) for each in found] == [(COMMENT, "claude-code")]
    assert "rm -rf build dist" in found[0]["premise"]["tool"]
    assert COMMENT in place.bank("corrections", "propose")
    assert COMMENT not in loaded(place)
    place.bank("corrections", "accept", found[0]["id"])
    assert COMMENT in loaded(place)
    place.bank("undo")
    assert COMMENT not in loaded(place)
    assert "1 correction waits" in place.bank("status")
