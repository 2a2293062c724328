"""The end of a turn: the session is saved, and once it is said what was done but not written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.serve.hooks.replies import Reply

if TYPE_CHECKING:
    from memorybank.facade.agents.hook_bank import HookBank
    from memorybank.serve.hooks.payload import Event


def react(event: Event, bank: HookBank | None) -> Reply:
    """Save the session, and remind once of what is missing; never while the agent answers a reminder."""
    if bank is None or event.is_true("stop_hook_active", "stopHookActive") or event.fields.get("loop_count"):
        return Reply()
    if event.text("status") in {"aborted", "error"} or event.fields.get("background_tasks"):
        return Reply()
    state = bank.note()
    bank.queue_kept()
    bank.save_session()
    if bank.settings.stop == "off" or state.reminded or not state.changed:
        return Reply()
    missing = bank.missing(state.since)
    if not missing or bank.note(reminded=True).reminded:
        return Reply()
    rows = "\n".join(f"- {name}: {command}" for name, command in missing)
    return Reply(
        ask="Before you end: this session changed files, and the project's memory has nothing of it yet. Write what "
        f"applies, one line each:\n{rows}\nIf there is nothing to write: bank wrap-up --none "
        f"{','.join(name for name, _ in missing)}"
    )
