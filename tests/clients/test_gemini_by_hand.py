"""Gemini in a terminal: the compression that a user asks for leaves a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clients.fake_model.script import Say
from tests.clients.fake_model.server import fake_model
from tests.clients.programs import program
from tests.clients.sessions import GEMINI, prepare
from tests.clients.terminal import terminal

if TYPE_CHECKING:
    from tests.clients.place import Place


def test_compress_saves_a_checkpoint(place: Place) -> None:
    prepare(place, "gemini")
    words = [*program("gemini"), "-m", "gemini-2.5-flash"]
    with fake_model({"hello there": [Say("Hello.")]}) as model:
        env = place.environ({**GEMINI, "GOOGLE_GEMINI_BASE_URL": model.url})
        with terminal(words, place.project, env) as screen:
            screen.wait_for("1 MCP server")
            screen.write("hello there", "Hello.")
            screen.wait_for("Type your message")
            screen.type("/compress")
            screen.wait_for("Compresses the context")
            screen.press("Enter", "Compression was not beneficial")

    saved = [path.read_text() for path in (place.project / ".memorybank" / "checkpoints").glob("*.json")]
    assert len(saved) == 1
    assert "asked: hello there" in saved[0]
