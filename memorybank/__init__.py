"""memorybank: a project's memory as plain Markdown that people and AI coding agents edit together.

    from memorybank import Bank

    bank = Bank.open()
    bank.note("WAL mode needs a local disk", kind="gotcha")

Names are imported when they are first used, so that `import memorybank` costs nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"

# not from typing: the program is not guarded against Ctrl-C before this module is loaded
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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
        load_context,
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
    from memorybank.api_records import (
        add_artifact,
        checkpoint,
        cleanup,
        delete,
        delete_session,
        deprecate,
        export_bank,
        import_from,
        link,
        list_banks,
        list_memories,
        recall_memory,
        refresh_summary,
        remove_from_group,
        rename_tag,
        save,
        search,
        set_summary,
        summary,
        supersede,
        types,
        update,
        update_session,
    )
    from memorybank.api_work import (
        apply_notes,
        demote,
        doctor,
        promote,
        prove,
        redo,
        restore,
        review,
        rotate,
        unarchive,
        verify,
    )
    from memorybank.check.findings import Finding
    from memorybank.check.lint import lint
    from memorybank.document.edits import (
        Append,
        InsertSection,
        ItemRef,
        RemoveItem,
        RemoveSection,
        RenameSection,
        Replace,
        ReplaceItem,
        SetField,
        Tick,
    )
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import (
        Document,
        Section,
        outline,
    )
    from memorybank.document.source import Source
    from memorybank.errors import BankError
    from memorybank.facade.bank import Bank
    from memorybank.records.ledgers.facts import list_pafs
    from memorybank.records.memories.lineage import lineage
    from memorybank.records.memories.tags import count_tags
    from memorybank.records.record import (
        Link,
        Record,
    )
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import (
        FileChange,
        commit,
    )
    from memorybank.store.journal.history import (
        blame,
        history,
    )
    from memorybank.store.journal.restore import changed_by
    from memorybank.store.journal.undo import undo
    from memorybank.store.view import look
    from memorybank.store.way import (
        Author,
        Way,
        WriteOptions,
    )
    from memorybank.workflow.contradictions.earlier import contradictions
    from memorybank.workflow.entries.bugs import list_bugs
    from memorybank.workflow.handoff import handoff
    from memorybank.workflow.ladder.suggest import suggest
    from memorybank.workflow.progress.attachments import list_artifacts
    from memorybank.workflow.progress.checkpoints import list_checkpoints
    from memorybank.workflow.task_sync import hydrate

_HOMES = {
    "Append": "document.edits",
    "Author": "store.way",
    "BankFolder": "store.folder",
    "Bank": "facade.bank",
    "BankError": "errors",
    "Document": "document.sections",
    "FileChange": "store.journal.commit",
    "Finding": "check.findings",
    "InsertSection": "document.edits",
    "ItemRef": "document.edits",
    "Link": "records.record",
    "Receipt": "document.receipt",
    "Record": "records.record",
    "RemoveItem": "document.edits",
    "RemoveSection": "document.edits",
    "RenameSection": "document.edits",
    "Replace": "document.edits",
    "ReplaceItem": "document.edits",
    "Section": "document.sections",
    "SetField": "document.edits",
    "Source": "document.source",
    "Tick": "document.edits",
    "Way": "store.way",
    "WriteOptions": "store.way",
    "add_artifact": "api_records",
    "add_message": "api",
    "add_paf": "api",
    "add_to_group": "api",
    "apply_notes": "api_work",
    "blame": "store.journal.history",
    "changed_by": "store.journal.restore",
    "check_pafs": "api",
    "checkpoint": "api_records",
    "cleanup": "api_records",
    "commit": "store.journal.commit",
    "contradictions": "workflow.contradictions.earlier",
    "count_tags": "records.memories.tags",
    "create_group": "api",
    "current_session": "api",
    "decide": "api",
    "default_way": "api",
    "delete": "api_records",
    "delete_session": "api_records",
    "demote": "api_work",
    "deprecate": "api_records",
    "doctor": "api_work",
    "end_session": "api",
    "export_bank": "api_records",
    "find_bank": "api",
    "fix_bug": "api",
    "group_context": "api",
    "handoff": "workflow.handoff",
    "history": "store.journal.history",
    "hydrate": "workflow.task_sync",
    "import_from": "api_records",
    "init": "api",
    "learn": "api",
    "lineage": "records.memories.lineage",
    "link": "api_records",
    "lint": "check.lint",
    "list_artifacts": "workflow.progress.attachments",
    "list_banks": "api_records",
    "list_bugs": "workflow.entries.bugs",
    "list_checkpoints": "workflow.progress.checkpoints",
    "list_groups": "api",
    "list_memories": "api_records",
    "list_pafs": "records.ledgers.facts",
    "list_sessions": "api",
    "load_context": "api",
    "load_session": "api",
    "log": "api",
    "look": "store.view",
    "note": "api",
    "outline": "document.sections",
    "promote": "api_work",
    "prove": "api_work",
    "recall_memory": "api_records",
    "redo": "api_work",
    "refresh_summary": "api_records",
    "remove_from_group": "api_records",
    "rename_tag": "api_records",
    "report_bug": "api",
    "restore": "api_work",
    "review": "api_work",
    "rotate": "api_work",
    "save": "api_records",
    "save_session": "api",
    "search": "api_records",
    "set_group_status": "api",
    "set_paf_status": "api",
    "set_summary": "api_records",
    "start_session": "api",
    "suggest": "workflow.ladder.suggest",
    "summarize_group": "api",
    "summary": "api_records",
    "supersede": "api_records",
    "types": "api_records",
    "unarchive": "api_work",
    "undo": "store.journal.undo",
    "update": "api_records",
    "update_session": "api_records",
    "verify": "api_work",
}

__all__ = [
    "Append",
    "Author",
    "Bank",
    "BankError",
    "BankFolder",
    "Document",
    "FileChange",
    "Finding",
    "InsertSection",
    "ItemRef",
    "Link",
    "Receipt",
    "Record",
    "RemoveItem",
    "RemoveSection",
    "RenameSection",
    "Replace",
    "ReplaceItem",
    "Section",
    "SetField",
    "Source",
    "Tick",
    "Way",
    "WriteOptions",
    "__version__",
    "add_artifact",
    "add_message",
    "add_paf",
    "add_to_group",
    "apply_notes",
    "blame",
    "changed_by",
    "check_pafs",
    "checkpoint",
    "cleanup",
    "commit",
    "contradictions",
    "count_tags",
    "create_group",
    "current_session",
    "decide",
    "default_way",
    "delete",
    "delete_session",
    "demote",
    "deprecate",
    "doctor",
    "end_session",
    "export_bank",
    "find_bank",
    "fix_bug",
    "group_context",
    "handoff",
    "history",
    "hydrate",
    "import_from",
    "init",
    "learn",
    "lineage",
    "link",
    "lint",
    "list_artifacts",
    "list_banks",
    "list_bugs",
    "list_checkpoints",
    "list_groups",
    "list_memories",
    "list_pafs",
    "list_sessions",
    "load_context",
    "load_session",
    "log",
    "look",
    "note",
    "outline",
    "promote",
    "prove",
    "recall_memory",
    "redo",
    "refresh_summary",
    "remove_from_group",
    "rename_tag",
    "report_bug",
    "restore",
    "review",
    "rotate",
    "save",
    "save_session",
    "search",
    "set_group_status",
    "set_paf_status",
    "set_summary",
    "start_session",
    "suggest",
    "summarize_group",
    "summary",
    "supersede",
    "types",
    "unarchive",
    "undo",
    "update",
    "update_session",
    "verify",
]


def __dir__() -> list[str]:
    """List the public names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"memorybank.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'memorybank' has no attribute {name!r}")
