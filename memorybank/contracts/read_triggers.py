"""The read triggers of a session, as data: what to read at which moment."""

from __future__ import annotations

from typing import NamedTuple

from memorybank.contracts.layouts import CONTRACT_FILES

_ACTIVE, _PATTERNS, _PROGRESS = CONTRACT_FILES


class Trigger(NamedTuple):
    """A moment of the work, the addresses to read then, and why; one with `always` may not be skipped."""

    name: str
    reads: tuple[str, ...]
    why: str
    always: bool = False


TRIGGERS = (
    Trigger("session-start", CONTRACT_FILES, "nothing is known yet", always=True),
    Trigger("workflow-start", CONTRACT_FILES, "before building, reviewing, debugging or planning", always=True),
    Trigger("resume", CONTRACT_FILES, "continue where the work stopped", always=True),
    Trigger("continue", (_ACTIVE,), "the current state", always=True),
    Trigger("architecture", (_PATTERNS,), "existing patterns come first"),
    Trigger("approach", (_PATTERNS, _ACTIVE), "conventions and earlier decisions"),
    Trigger("build", (_PROGRESS,), "it may be done already"),
    Trigger("debug", (_ACTIVE, _PATTERNS), "it may have been seen before; known gotchas"),
    Trigger("plan", (_PROGRESS,), "what remains"),
    Trigger("review", (_PATTERNS,), "the project's conventions"),
    Trigger("decision", (f"{_ACTIVE}#Decisions",), "what was decided before"),
    Trigger("history", (_ACTIVE,), "the user mentions earlier work"),
    Trigger("repeat", (_PROGRESS,), "about to do something again"),
    Trigger("convention", (_PATTERNS,), "unsure how this project does it"),
    Trigger("familiar-error", (f"{_PATTERNS}#Common Gotchas",), "a known issue"),
    Trigger("arbitrary", (_ACTIVE,), "a decision without a visible reason"),
)
