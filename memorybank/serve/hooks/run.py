"""One event, from the client's bytes to the bytes of its answer; what goes wrong is logged and nothing is answered.

When the answer is known, the session's log is mined at the end of a turn, before a compaction, and at the end.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from memorybank.facade.agents.hook_bank import log_fault, open_for_event
from memorybank.serve.hooks.glance import AFTER, AGENT, BEFORE, COMPACT, END, PROMPT, START, STOP
from memorybank.serve.hooks.payload import log_of, parse_event
from memorybank.serve.hooks.replies import Reply, render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.facade.agents.hook_bank import HookBank
    from memorybank.serve.hooks.payload import Event

# each has a function `react(event, bank)`, and is imported when it is needed
_MODULES = {
    START: "start",
    PROMPT: "prompt",
    BEFORE: "tool_use",
    AFTER: "tool_use",
    COMPACT: "compact",
    AGENT: "subagent",
    STOP: "stop",
    END: "session_end",
}
_MINING = frozenset((COMPACT, STOP, END))


def answer(event: str, data: bytes, *, client: str = "", environ: Mapping[str, str]) -> bytes:
    """Return what a client is answered; empty where there is nothing to say."""
    bank, who = None, client
    try:
        said = parse_event(event, data, client=client, environ=environ)
        if said is None:
            return b""
        who = said.client
        bank = open_for_event(said.folders, environ, client=said.client, session=said.session)
        reply = _react(said, bank)
        out = render(said.form, said.kind, reply)
    except Exception as error:  # noqa: BLE001  a client goes on, whatever is wrong here
        log_fault(bank, environ, f"{who} {event}".strip(), error)
        return b""
    if bank is not None and said.kind in _MINING:
        _mine(said, bank, environ)
    return out


def _mine(event: Event, bank: HookBank, environ: Mapping[str, str]) -> None:
    """Find what the user corrected in the session's log; what goes wrong is logged, and the next event tries again."""
    try:
        bank.mine(log_of(event), event.client)
    except Exception as error:  # noqa: BLE001  the answer is given all the same
        log_fault(bank, environ, f"{event.client} mining", error)


def _react(event: Event, bank: HookBank | None) -> Reply:
    module = import_module(f"memorybank.serve.hooks.{_MODULES[event.kind]}")
    reply: Reply = module.react(event, bank)
    return reply
