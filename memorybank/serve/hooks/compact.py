"""Before a context is compacted: a checkpoint of what was being done, and what the summary should keep."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from memorybank.serve.hooks.payload import log_of
from memorybank.serve.hooks.replies import Reply
from memorybank.serve.hooks.transcript import said_in

if TYPE_CHECKING:
    from memorybank.facade.agents.hook_bank import HookBank
    from memorybank.serve.hooks.payload import Event
    from memorybank.serve.hooks.transcript import TranscriptEnd

# code may be a file's content: only what was said in words is kept
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_SENTENCE = 280


def react(event: Event, bank: HookBank | None) -> Reply:
    """Save a checkpoint, and return what the summary should say of the bank: short, since it stays in the context."""
    if bank is None or not bank.first_time("compact", event.ident):
        return Reply()
    note = note_of(said_in(log_of(event)))
    file = bank.save_checkpoint(note)
    return Reply(
        f"The project's memory is kept with `bank`; the state of the work is saved in {file}. Keep in the summary what "
        "is being done and what comes next, and decisions and lessons that are not noted yet. "
        "Continue with: bank load --for continue --mark"
    )


def note_of(said: TranscriptEnd) -> str:
    """Return what was being done, in one line: what the user wanted, the last answer, the tools since."""
    parts = []
    if said.user:
        parts.append(f"asked: {_short(said.user)}")
    if said.assistant:
        parts.append(f"last: {_short(said.assistant)}")
    if said.tools:
        parts.append("tools: " + ", ".join(f"{name} {count}" for name, count in Counter(said.tools).most_common(5)))
    return "; ".join(part for part in parts if part)


def _short(text: str) -> str:
    line = " ".join(_CODE.sub("[code]", text).split())
    return line if len(line) <= _SENTENCE else f"{line[: _SENTENCE - 1]}…"
