"""memorybank: a project's memory as plain Markdown that people and AI coding agents edit together.

    from pathlib import Path
    import memorybank as mb

    bank = mb.find_bank(Path.cwd())
    mb.note(bank, "WAL mode needs a local disk", kind="gotcha")

Names are imported when they are first used, so that `import memorybank` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from memorybank.api import (
        add_message,
        add_to_group,
        create_group,
        current_session,
        default_way,
        end_session,
        find_bank,
        group_context,
        init,
        list_groups,
        list_sessions,
        load_session,
        note,
        save_session,
        set_group_status,
        start_session,
        summarize_group,
    )
    from memorybank.check.findings import Finding
    from memorybank.check.lint import lint
    from memorybank.document.edits import (
        Append,
        InsertSection,
        ItemRef,
        RemoveItem,
        RemoveSection,
        Replace,
        ReplaceItem,
        SetField,
        Tick,
    )
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document, Section, outline
    from memorybank.document.source import Source
    from memorybank.errors import BankError
    from memorybank.store.bank import Bank
    from memorybank.store.commit import FileChange, Way, commit
    from memorybank.store.look import look
    from memorybank.store.past import blame, history
    from memorybank.store.undo import undo

_HOMES = {
    "Append": "document.edits",
    "Bank": "store.bank",
    "BankError": "errors",
    "Document": "document.sections",
    "FileChange": "store.commit",
    "Finding": "check.findings",
    "InsertSection": "document.edits",
    "ItemRef": "document.edits",
    "Receipt": "document.receipt",
    "RemoveItem": "document.edits",
    "RemoveSection": "document.edits",
    "Replace": "document.edits",
    "ReplaceItem": "document.edits",
    "Section": "document.sections",
    "SetField": "document.edits",
    "Source": "document.source",
    "Tick": "document.edits",
    "Way": "store.commit",
    "add_message": "api",
    "add_to_group": "api",
    "blame": "store.past",
    "commit": "store.commit",
    "create_group": "api",
    "current_session": "api",
    "default_way": "api",
    "end_session": "api",
    "find_bank": "api",
    "group_context": "api",
    "history": "store.past",
    "init": "api",
    "lint": "check.lint",
    "list_groups": "api",
    "list_sessions": "api",
    "load_session": "api",
    "look": "store.look",
    "note": "api",
    "outline": "document.sections",
    "save_session": "api",
    "set_group_status": "api",
    "start_session": "api",
    "summarize_group": "api",
    "undo": "store.undo",
}

__all__ = [
    "Append",
    "Bank",
    "BankError",
    "Document",
    "FileChange",
    "Finding",
    "InsertSection",
    "ItemRef",
    "Receipt",
    "RemoveItem",
    "RemoveSection",
    "Replace",
    "ReplaceItem",
    "Section",
    "SetField",
    "Source",
    "Tick",
    "Way",
    "__version__",
    "add_message",
    "add_to_group",
    "blame",
    "commit",
    "create_group",
    "current_session",
    "default_way",
    "end_session",
    "find_bank",
    "group_context",
    "history",
    "init",
    "lint",
    "list_groups",
    "list_sessions",
    "load_session",
    "look",
    "note",
    "outline",
    "save_session",
    "set_group_status",
    "start_session",
    "summarize_group",
    "undo",
]


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"memorybank.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'memorybank' has no attribute {name!r}")
