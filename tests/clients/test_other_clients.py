"""Gemini, Copilot and opencode themselves: they list the server and the skill that `bank install` gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clients.sessions import GEMINI, prepare

if TYPE_CHECKING:
    from tests.clients.place import Place

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


@pytest.mark.parametrize(
    ("client", "words", "extra", "expected"), LISTS, ids=[" ".join([row[0], *row[1]]) for row in LISTS]
)
def test_a_client_lists_what_was_installed(
    place: Place, client: str, words: tuple[str, ...], extra: dict[str, str], expected: tuple[str, ...]
) -> None:
    prepare(place, client)

    listed = place.client(client, *words, env=extra)

    lines = [line for line in listed.text.splitlines() if all(each in line for each in expected)]
    assert lines, listed.text


@pytest.mark.parametrize("client", ["gemini", "copilot", "opencode"])
def test_an_uninstall_leaves_no_byte_after_the_client_ran(place: Place, client: str) -> None:
    before = place.files()
    prepare(place, client)
    extra = GEMINI if client == "gemini" else {}
    place.client(client, "mcp", "list", env=extra)

    place.bank("uninstall", client)

    after = place.files()
    assert {name: after[name] for name in after.keys() - ITS_OWN.get(client, set())} == before
