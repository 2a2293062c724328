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
        add_paf,
        add_to_group,
        check_pafs,
        create_group,
        current_session,
        decide,
        default_way,
        end_session,
        find_bank,
        fix_bug,
        group_context,
        init,
        learn,
        list_groups,
        list_sessions,
        load_session,
        log,
        note,
        report_bug,
        save_session,
        set_group_status,
        set_paf_status,
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
    from memorybank.records.pafs import list_pafs
    from memorybank.store.bank import Bank
    from memorybank.store.commit import FileChange, Way, commit
    from memorybank.store.look import look
    from memorybank.store.past import blame, history
    from memorybank.store.undo import undo
    from memorybank.workflow.bugs import list_bugs

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
    "add_paf": "api",
    "add_to_group": "api",
    "blame": "store.past",
    "check_pafs": "api",
    "commit": "store.commit",
    "create_group": "api",
    "current_session": "api",
    "decide": "api",
    "default_way": "api",
    "end_session": "api",
    "find_bank": "api",
    "fix_bug": "api",
    "group_context": "api",
    "history": "store.past",
    "init": "api",
    "learn": "api",
    "lint": "check.lint",
    "list_bugs": "workflow.bugs",
    "list_groups": "api",
    "list_pafs": "records.pafs",
    "list_sessions": "api",
    "load_session": "api",
    "log": "api",
    "look": "store.look",
    "note": "api",
    "outline": "document.sections",
    "report_bug": "api",
    "save_session": "api",
    "set_group_status": "api",
    "set_paf_status": "api",
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
    "add_paf",
    "add_to_group",
    "blame",
    "check_pafs",
    "commit",
    "create_group",
    "current_session",
    "decide",
    "default_way",
    "end_session",
    "find_bank",
    "fix_bug",
    "group_context",
    "history",
    "init",
    "learn",
    "lint",
    "list_bugs",
    "list_groups",
    "list_pafs",
    "list_sessions",
    "load_session",
    "log",
    "look",
    "note",
    "outline",
    "report_bug",
    "save_session",
    "set_group_status",
    "set_paf_status",
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
