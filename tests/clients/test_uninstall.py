"""Uninstall after a client wrote its settings anew: our entries go, the client's and the user's stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.clients.sessions import GEMINI, KEY

if TYPE_CHECKING:
    from tests.clients.place import Place


class Settings(NamedTuple):
    """A user's settings of a client: the file, what is in it, what of it must stay, and how a server is added."""

    file: str
    text: str
    kept: str
    add: tuple[str, ...]


SETTINGS = {
    "claude-code": Settings(
        ".claude.json", "", '"hasCompletedOnboarding": true', ("-s", "user", "theirs", "--", "true")
    ),
    "codex": Settings(".codex/config.toml", '# mine\nmodel = "gpt-5.5"\n', "# mine\n", ("theirs", "--", "true")),
    "gemini": Settings(
        ".gemini/settings.json", '{\n  // mine\n  "ui": {"x": 1}\n}\n', "// mine\n", ("-s", "user", "theirs", "true")
    ),
    "copilot": Settings(".copilot/mcp-config.json", '{"mcpServers": {}}\n', "mcpServers", ("theirs", "--", "true")),
}


@pytest.mark.parametrize("client", SETTINGS)
def test_our_entries_go_and_those_of_others_stay(place: Place, client: str) -> None:
    settings = SETTINGS[client]
    file = place.home / settings.file
    file.parent.mkdir(exist_ok=True)
    file.write_text(settings.text)
    if client == "claude-code":
        place.trust_claude(KEY)
    place.bank("install", client, "--scope", "user")
    installed = file.read_text()

    added = place.client(client, "mcp", "add", *settings.add, env=GEMINI if client == "gemini" else {})

    assert added.status == 0, added.text
    assert file.read_text() != installed
    place.bank("uninstall", client, "--scope", "user")
    left = file.read_text()
    assert "bank" not in left
    assert "theirs" in left
    assert settings.kept in left


def test_what_claude_code_writes_down_in_a_session_stays(place: Place) -> None:
    place.trust_claude(KEY)
    place.bank("install", "claude-code", "--scope", "user")
    place.client("claude-code", "mcp", "list")
    file = place.home / ".claude.json"
    written = json.loads(file.read_text())

    place.bank("uninstall", "claude-code", "--scope", "user")

    assert written.pop("mcpServers")["bank"]["args"] == ["mcp"]
    assert json.loads(file.read_text()) == written
    assert "memorybank" not in (place.home / ".claude" / "settings.json").read_text()
