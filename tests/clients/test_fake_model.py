"""The scripted model: a call that a client could not make yet is made again, and not for ever."""

from __future__ import annotations

from tests.clients.fake_model.script import NO_TOOL, Call, Row, Say, Script, next_turn

NOTE = Call("bank_note", {"text": "A lock needs a local disk"})
USER, CALL, REFUSED = Row("note the lock", False), Row("", True), Row(f"Error: {NO_TOOL}: bank_note", False)
SCRIPT: Script = {"note the lock": [NOTE, Say("Noted.")]}


def test_a_call_is_repeated_while_the_server_of_its_tool_is_starting() -> None:
    assert next_turn(SCRIPT, [USER, CALL, REFUSED], has_tools=True) == NOTE
    assert next_turn(SCRIPT, [USER, CALL, REFUSED, CALL, Row("ok", False)], has_tools=True) == Say("Noted.")


def test_a_call_of_a_tool_that_never_comes_ends() -> None:
    rows = [USER, *[CALL, REFUSED] * 11]

    assert next_turn(SCRIPT, rows, has_tools=True) == Say("Noted.")
