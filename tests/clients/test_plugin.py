"""The plugin for Claude Code, by Claude Code itself: valid for its catalogue, installed from a folder, and at work."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memorybank.agents.plugin.files import FOLDER
from tests.clients.fake_model.script import Call, Say
from tests.clients.fake_model.server import fake_model
from tests.clients.sessions import KEY, claude

if TYPE_CHECKING:
    from tests.clients.place import Place

ROOT = Path(__file__).resolve().parents[2]
WRITE = "tick the tests off"


@pytest.fixture
def installed(place: Place) -> Place:
    """Return a place with the plugin from this checkout and nothing else of ours."""
    place.trust_claude(KEY)
    for words in (["marketplace", "add", str(ROOT)], ["install", "bank@bank-marketplace"]):
        ran = place.client("claude-code", "plugin", *words)
        assert ran.status == 0, ran.text
    return place


def test_the_catalogue_takes_the_plugin_and_the_marketplace_is_valid(place: Place) -> None:
    plugin = place.client("claude-code", "plugin", "validate", str(ROOT / FOLDER), "--strict", "--profile", "directory")
    assert (plugin.status, "These checks found nothing to report" in plugin.out) == (0, True), plugin.text
    marketplace = place.client("claude-code", "plugin", "validate", str(ROOT), "--strict")
    assert (marketplace.status, "marketplace manifest" in marketplace.out) == (0, True), marketplace.text


def test_it_is_installed_from_a_folder_and_its_server_is_connected(installed: Place) -> None:
    listed = json.loads(installed.client("claude-code", "plugin", "list", "--json").out)
    assert [each["enabled"] for each in listed if each["id"] == "bank@bank-marketplace"] == [True]
    assert "plugin:bank:bank: bank mcp - ✔ Connected" in installed.client("claude-code", "mcp", "list").out


def test_a_session_has_its_skills_its_line_and_its_tools_and_a_raw_write_is_denied(installed: Place) -> None:
    file = installed.project / ".memorybank" / "progress.md"
    before = file.read_bytes()
    note = Call("mcp__plugin_bank_bank__bank_note", {"text": "A lock needs a local disk", "kind": "gotcha"})
    read = Call("Read", {"file_path": str(file)})
    write = Call("Write", {"file_path": str(file), "content": "x\n"})
    with fake_model({WRITE: [read, write, note]}) as model:
        claude(installed, model, WRITE, "--permission-mode", "acceptEdits", "--allowedTools", note.tool)

    assert "bank:session-memory" in model.text
    assert 'Memory bank "shop"' in model.text
    assert "progress.md belongs to the memory bank" in model.text
    assert file.read_bytes() == before
    assert "A lock needs a local disk" in installed.memory


def test_without_the_command_the_user_and_the_agent_are_told_and_nothing_fails(
    installed: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = os.environ["PATH"].split(os.pathsep)
    monkeypatch.setenv("PATH", os.pathsep.join(each for each in folders if not (Path(each) / "bank").exists()))
    bare = installed._replace(programs=tmp_path / "empty")
    with fake_model({WRITE: [Say("Hello.")]}) as model:
        ran = claude(bare, model, WRITE)

    assert json.loads(ran.out)["result"] == "Hello."
    assert "its command `bank` is not on the PATH" in model.text
    assert "bank: command not found" not in ran.text
