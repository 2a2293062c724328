"""The end of a client's session is marked: clients wait a moment for it, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.serve.hooks.replies import Reply

if TYPE_CHECKING:
    from memorybank.facade.agents.hook_bank import HookBank
    from memorybank.serve.hooks.payload import Event


def react(event: Event, bank: HookBank | None) -> Reply:
    """Mark that the session ended, and why; nothing is answered."""
    if bank is not None:
        bank.note(ended=event.text("reason")[:40] or "ended")
    return Reply()
