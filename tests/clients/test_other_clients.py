"""Gemini, Copilot and opencode themselves: they list the server and the skill that `bank install` gave them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.clients.place import Place

GEMINI = {"GEMINI_CLI_TRUST_WORKSPACE": "true", "GEMINI_API_KEY": "fake"}
LISTS = [
    ("gemini", ("mcp", "list"), GEMINI, ("bank", "Connected")),
    ("gemini", ("skills", "list"), GEMINI, ("session-memory",)),
    ("copilot", ("mcp", "list"), {}, ("bank",)),
    ("copilot", ("skill", "list"), {}, ("session-memory",)),
    ("opencode", ("mcp", "list"), {}, ("bank", "connected")),
    ("opencode", ("debug", "skill"), {}, ("session-memory",)),
]


def trust(place: Place) -> None:
    """Answer Copilot's question whether the project's servers may run."""
    (place.home / ".copilot").mkdir()
    (place.home / ".copilot" / "config.json").write_text(json.dumps({"trusted_folders": [str(place.project)]}))


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

    assert place.files() == before
