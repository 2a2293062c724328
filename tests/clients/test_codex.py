"""Codex itself: it reads what `bank install` wrote, and acts on what the hooks and the server answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.clients.fake_model.script import Call, Say
from tests.clients.fake_model.server import fake_model
from tests.clients.sessions import codex

if TYPE_CHECKING:
    from tests.clients.fake_model.script import Turn
    from tests.clients.place import Place

NOTE = "note the lock"
PATCH = "patch the bank"
CHANGE = "change the code"


def installed(place: Place) -> dict[str, bytes]:
    """Install for Codex, whose user trusts the project, and return the project's files from before."""
    before = place.files()
    (place.home / ".codex").mkdir()
    (place.home / ".codex" / "config.toml").write_text(
        f'[projects."{place.project}"]\ntrust_level = "trusted"\n[analytics]\nenabled = false\n'
    )
    place.bank("install", "codex")
    return before


def test_the_server_is_listed_and_an_uninstall_leaves_no_byte(place: Place) -> None:
    before = installed(place)

    listed = json.loads(place.client("codex", "mcp", "list", "--json").out)

    bank = next(each for each in listed if each["name"] == "bank")
    assert bank["enabled"] is True
    assert bank["transport"]["args"] == ["mcp"]
    place.bank("uninstall", "codex")
    assert place.files() == before


def test_the_prompt_has_the_rules_and_the_skill(place: Place) -> None:
    installed(place)

    shown = place.client("codex", "debug", "prompt-input", "hello").out

    assert "Use spaces." in shown
    assert "memorybank" in shown
    assert "session-memory" in shown


def test_a_session_is_sent_the_start_line_and_what_the_server_is_for(place: Place) -> None:
    installed(place)
    with fake_model({"hello": [Say("Hello.")]}) as model:
        ran = codex(place, model, "hello")

    assert "Hello." in ran.out
    assert 'Memory bank \\"shop\\"' in model.text or 'Memory bank "shop"' in model.text
    assert "session-memory" in model.text
    assert "mcp__bank" in model.text


def test_a_patch_of_the_bank_is_denied_with_our_command(place: Place) -> None:
    installed(place)
    file = place.project / ".memorybank" / "progress.md"
    before = file.read_bytes()
    patch = "*** Begin Patch\n*** Add File: .memorybank/progress.md\n+x\n*** End Patch"
    with fake_model({PATCH: [Call("apply_patch", {"*": patch})]}) as model:
        codex(place, model, PATCH)

    assert "progress.md belongs to the memory bank" in model.text
    assert file.read_bytes() == before


def test_a_tool_of_the_server_writes_and_its_result_reaches_the_model(place: Place) -> None:
    installed(place)
    call = Call("bank_note", {"text": "A lock needs a local disk", "kind": "gotcha"}, "mcp__bank")
    with fake_model({NOTE: [call]}) as model:
        codex(place, model, NOTE)

    assert "A lock needs a local disk" in place.memory
    assert "patterns.md" in model.conversation[-1].text.rpartition("A lock needs a local disk")[2]


def test_the_end_of_a_turn_reminds_once_of_what_is_not_written(place: Place) -> None:
    installed(place)
    patch = "*** Begin Patch\n*** Add File: shop.py\n+print()\n*** End Patch"
    turns: list[Turn] = [Call("apply_patch", {"*": patch}), Say("Changed."), Say("Nothing to note."), Say("Not asked.")]
    with fake_model({CHANGE: turns}) as model:
        ran = codex(place, model, CHANGE)

    assert (place.project / "shop.py").exists()
    assert model.text.count("Before you end: this session changed files") == 1
    assert "Nothing to note." in ran.out
    assert "Not asked." not in ran.out
