"""The end of a sub-agent: the notes in its last message are queued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.serve.hooks.replies import Reply
from memorybank.serve.hooks.transcript import last_message

if TYPE_CHECKING:
    from memorybank.facade.agents.hook_bank import HookBank
    from memorybank.serve.hooks.payload import Event

_NAME = 60


def react(event: Event, bank: HookBank | None) -> Reply:
    """Queue the notes of a sub-agent; the router applies them, so nothing is answered."""
    if bank is None:
        return Reply()
    text = event.text("last_assistant_message", "lastAssistantMessage", "summary")
    if not text:
        # only a transcript of the sub-agent itself: the last message of the main one is not its
        text = last_message(event.text("agent_transcript_path", "agentTranscriptPath"))
    folded = text.casefold()
    if "memory" not in folded or "notes" not in folded:
        return Reply()
    agent = event.text("agent_type", "agentName", "agent_name", "subagent_type")[:_NAME]
    # notes that are queued already are not queued again, so a second hook does no harm
    bank.queue_notes(text, agent)
    return Reply()
