"""Enums for words that are also plain strings; programs import them, the package itself does not."""

from __future__ import annotations

from enum import StrEnum


class MemoryType(StrEnum):
    """The types of records that are shipped; a bank's own templates add others."""

    FACT = "fact"
    DECISION = "decision"
    PROCEDURAL = "procedural"
    EPISODIC = "episodic"
    CODE = "code"
    ERROR = "error"
    USER = "user"


class GroupStatus(StrEnum):
    """The statuses of a session group."""

    ACTIVE = "active"
    CLOSED = "closed"
    ARCHIVED = "archived"


class WorkflowMode(StrEnum):
    """How much a load brings: the workflow modes."""

    RAPID = "rapid"
    STANDARD = "standard"
    RIGOROUS = "rigorous"
