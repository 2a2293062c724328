"""A prompt of the user: a few lines of the bank that match it, where that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.serve.hooks.replies import Reply
from memorybank.serve.hooks.start import framed

if TYPE_CHECKING:
    from memorybank.facade.agents.hook_bank import HookBank
    from memorybank.serve.hooks.payload import Event

_HITS = 3
_LONGEST, _SHORTEST = 1000, 12
_LINE = 240


def react(event: Event, bank: HookBank | None) -> Reply:
    """Return what the bank has for a prompt that a person typed; other prompts come from programs."""
    prompt = event.text("prompt", "user_prompt").strip()
    source = event.text("source")
    if bank is None or len(prompt) < _SHORTEST or prompt.startswith("/") or source not in {"", "user"}:
        return Reply()
    if not bank.settings.prompt or not bank.first_time("prompt", event.ident):
        return Reply()
    hits = bank.bank.search(prompt[:_LONGEST], limit=_HITS)
    rows = [f"- {hit.address}: {' '.join(hit.text.split())[:_LINE]}" for hit in hits]
    return Reply(framed("\n".join(rows), str(bank.path))) if rows else Reply()
