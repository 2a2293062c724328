"""One call of every tool that a judge can make, on a bank prepared for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank import Bank
from tests.running import make_bank

if TYPE_CHECKING:
    from pathlib import Path

_CONVERSATION = [
    {
        "uuid": "c1",
        "name": "Sessions",
        "created_at": "2026-11-20T10:00:00Z",
        "chat_messages": [
            {"uuid": "m1", "sender": "human", "text": "Where are sessions kept?", "created_at": "2026-11-20T10:00:00Z"},
            {"uuid": "m2", "sender": "assistant", "text": "In Redis.", "created_at": "2026-11-20T10:00:09Z"},
        ],
    }
]


def prepared(project: Path) -> list[tuple[str, dict[str, Any]]]:
    """Make a project with a bank, and return a call of each tool, in an order in which all of them succeed."""
    make_bank(project)
    bank = Bank.open(project)
    kept = bank.save("Sessions are kept in Redis", type="fact").record.id
    other = bank.save("The zebra is striped", type="fact").record.id
    bank.tasks.add("Ship the release")
    bank.note("The parser drops a final newline", kind="learning")
    ended = bank.start_session(label="old", tool="tests").record.id
    bank.end_session(ended)
    return [
        ("bank_status", {}),
        ("bank_load", {}),
        ("bank_search", {"query": "redis"}),
        ("bank_note", {"text": "WAL mode needs a local disk", "kind": "gotcha"}),
        ("bank_show", {"address": "progress.md#Tasks"}),
        ("bank_edit", {"operation": "append", "address": "progress.md#Tasks", "text": "- [ ] Write the changelog"}),
        ("bank_task", {"operation": "add", "text": "Retry on 429"}),
        ("bank_focus", {"text": "Retries for the HTTP client"}),
        ("bank_decide", {"title": "Use SQLite for the index", "why": "no server"}),
        ("bank_learn", {"text": "Close the file before the rename", "cause": "Windows keeps it open"}),
        ("bank_save", {"content": "Deploys run on Fridays", "type": "fact", "tags": ["deploy"]}),
        ("bank_recall", {"id": kept}),
        ("bank_list", {"type": ["fact"]}),
        ("bank_update", {"id": kept, "tags": ["+sessions"]}),
        ("bank_delete", {"id": other}),
        ("bank_outline", {"file": "progress.md"}),
        ("bank_check", {"operation": "files"}),
        ("bank_history", {"operation": "list", "limit": 3}),
        ("bank_undo", {"operation": "undo"}),
        ("bank_log", {"operation": "add", "text": "Retries were added", "title": "Retries"}),
        ("bank_index", {"operation": "rebuild"}),
        ("bank_index_status", {}),
        ("bank_sessions", {}),
        ("bank_load_session", {"session_id": ended}),
        ("bank_update_session", {"operation": "start", "label": "judged"}),
        ("bank_message", {"role": "user", "text": "Go on"}),
        ("bank_delete_session", {"session_id": ended}),
        ("bank_import_conversation", {"json_content": json.dumps(_CONVERSATION)}),
        ("bank_promote", {"operation": "suggest"}),
        ("bank_verify", {}),
        ("bank_workflow", {"operation": "start", "kind": "BUILD", "goal": "Ship the release"}),
        ("bank_notes", {"operation": "list"}),
        ("bank_gate", {"stage": "plan"}),
        ("bank_retrieve_context", {"budget_tokens": 500}),
        ("bank_search_corrections", {"query": "pnpm"}),
        ("bank_mining_status", {}),
        ("bank_checkpoint", {"note": "half of it"}),
        ("bank_handoff", {}),
        ("bank_skills", {}),
        ("bank_wrap_up", {}),
        ("bank_prove", {"subject": "it runs", "command": ["true"]}),
    ]


# what these answer with an error on this bank, as they should: a command that nobody approved, a gate that is closed
REFUSED = frozenset({"bank_prove", "bank_gate"})
