"""Gemini, Copilot and opencode themselves: they list the server and the skill that `bank install` gave them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.clients.place import Place

GEMINI = {"GEMINI_CLI_TRUST_WORKSPACE": "true", "GEMINI_API_KEY": "fake"}
# what a client itself adds to a project that has a plugin for it
ITS_OWN = {"opencode": {".opencode/.gitignore"}}
LISTS = [
    ("gemini", ("mcp", "list"), GEMINI, ("bank", "Connected")),
    ("gemini", ("skills", "list"), GEMINI, ("session-memory",)),
    ("copilot", ("mcp", "list"), {}, ("bank", "local")),
    ("copilot", ("mcp", "get", "bank"), {}, ("Source", ".mcp.json")),
    ("copilot", ("skill", "list"), {}, ("session-memory",)),
    ("opencode", ("mcp", "list"), {}, ("bank", "connected")),
    ("opencode", ("debug", "skill"), {}, ("session-memory",)),
]


def trust(place: Place) -> None:
    """Answer Copilot's question whether the project's servers may run, and let opencode install nothing from npm."""
    (place.home / ".copilot").mkdir()
    (place.home / ".copilot" / "config.json").write_text(json.dumps({"trusted_folders": [str(place.project)]}))
    (place.home / ".npmrc").write_text("offline=true\nfetch-retries=0\n")


@pytest.mark.parametrize(
    ("client", "words", "extra", "expected"), LISTS, ids=[" ".join([row[0], *row[1]]) for row in LISTS]
)
def test_a_client_lists_what_was_installed(
    place: Place, client: str, words: tuple[str, ...], extra: dict[str, str], expected: tuple[str, ...]
) -> None:
    trust(place)
    place.bank("install", client)

    listed = place.client(client, *words, env=extra)

    lines = [line for line in listed.text.splitlines() if all(each in line for each in expected)]
    assert lines, listed.text


@pytest.mark.parametrize("client", ["gemini", "copilot", "opencode"])
def test_an_uninstall_leaves_no_byte_after_the_client_ran(place: Place, client: str) -> None:
    trust(place)
    before = place.files()
    place.bank("install", client)
    extra = GEMINI if client == "gemini" else {}
    place.client(client, "mcp", "list", env=extra)

    place.bank("uninstall", client)

    after = place.files()
    assert {name: after[name] for name in after.keys() - ITS_OWN.get(client, set())} == before
