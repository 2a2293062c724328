"""Claude Code itself: it reads what `bank install` wrote, and acts on what the hooks and the server answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.clients.fake_model.script import Call, Say
from tests.clients.fake_model.server import fake_model
from tests.clients.sessions import KEY, claude

if TYPE_CHECKING:
    from tests.clients.place import Place

WRITE = "tick the tests off"
NOTE = "note the lock"
CHANGE = "change the code"
AFTER = "go on with the shop"


def installed(place: Place) -> dict[str, bytes]:
    """Install for Claude Code, and return the project's files from before."""
    before = place.files()
    place.trust_claude(KEY)
    place.bank("install", "claude-code")
    return before


def test_the_server_is_connected_and_an_uninstall_leaves_no_byte(place: Place) -> None:
    before = installed(place)

    listed = place.client("claude-code", "mcp", "list").out

    assert "bank: bank mcp - ✔ Connected" in listed
    place.bank("uninstall", "claude-code")
    assert place.files() == before


def test_a_session_is_sent_the_skill_the_start_line_and_what_the_server_is_for(place: Place) -> None:
    installed(place)
    with fake_model({"hello": [Say("Hello.")]}) as model:
        ran = claude(place, model, "hello")

    assert json.loads(ran.out)["result"] == "Hello."
    assert "session-memory" in model.text
    assert 'Memory bank "shop"' in model.text
    assert "bank load --for session-start --mark" in model.text
    assert "bank_note" in model.text


def test_a_raw_write_to_the_bank_is_denied_with_our_command(place: Place) -> None:
    installed(place)
    file = place.project / ".memorybank" / "progress.md"
    before = file.read_bytes()
    read = Call("Read", {"file_path": str(file)})
    write = Call("Write", {"file_path": str(file), "content": "x\n"})
    with fake_model({WRITE: [read, write]}) as model:
        claude(place, model, WRITE, "--permission-mode", "acceptEdits")

    assert "progress.md belongs to the memory bank" in model.text
    assert "Use instead:\n  bank " in model.text
    assert file.read_bytes() == before


def test_a_tool_of_the_server_writes_and_its_result_reaches_the_model(place: Place) -> None:
    installed(place)
    call = Call("mcp__bank__bank_note", {"text": "A lock needs a local disk", "kind": "gotcha"})
    with fake_model({NOTE: [call]}) as model:
        claude(place, model, NOTE, "--allowedTools", call.tool)

    assert "A lock needs a local disk" in place.memory
    assert "patterns.md" in model.conversation[-1].text.rpartition("A lock needs a local disk")[2]


def test_the_end_of_a_turn_reminds_once_of_what_is_not_written(place: Place) -> None:
    installed(place)
    write = Call("Write", {"file_path": str(place.project / "shop.py"), "content": "print()\n"})
    with fake_model({CHANGE: [write, Say("Changed."), Say("Nothing to note."), Say("Not asked.")]}) as model:
        ran = claude(place, model, CHANGE, "--permission-mode", "acceptEdits")

    assert (place.project / "shop.py").exists()
    assert model.text.count("Stop hook feedback:\nBefore you end: this session changed files") == 1
    assert json.loads(ran.out)["result"] == "Nothing to note."


def test_a_compaction_saves_a_checkpoint_and_its_text_is_what_the_model_reads_afterwards(place: Place) -> None:
    installed(place)
    with fake_model({"hello": [Say("Hello.")], AFTER: [Say("On it.")]}) as model:
        claude(place, model, "hello")
        claude(place, model, "/compact", "--continue")
        compacting = next(at for at, each in enumerate(model.sent) if "TEXT ONLY" in each.text)
        claude(place, model, AFTER, "--continue")

    assert "asked: hello" in "".join(
        path.read_text() for path in (place.project / ".memorybank" / "checkpoints").glob("*.json")
    )
    after = [each.text for each in model.sent[compacting + 1 :] if AFTER in each.text and each.body.get("tools")]
    assert after
    for text in after:
        assert "The user and the agent worked on the shop." in text
        assert "the state of the work is saved in" in text
