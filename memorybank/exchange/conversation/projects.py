"""The projects and memories in Claude's data export: their texts become facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.document.inline import title_in
from memorybank.document.source import digest_of
from memorybank.document.text import one_line
from memorybank.exchange.conversation.talk import is_empty, leaves, take_time
from memorybank.exchange.incoming import Incoming
from memorybank.records.record import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from memorybank.exchange.conversation.talk import Ledger

TAG = "claude-project"
MEMORY_TAG = "claude-memory"

_TECHNICAL = frozenset(["uuid", "is_private", "is_starter_project", "creator", "account_uuid", "archived_at"])
_READ = frozenset(["uuid", "name", "description", "prompt_template", "created_at", "updated_at", "docs"])
_DOC_READ = frozenset(["uuid", "filename", "file_name", "content", "created_at"])
_MEMORIES = ("conversations_memory", "project_memories")


def is_project(value: Any) -> bool:
    """Return whether a value is a project of Claude."""
    return isinstance(value, dict) and isinstance(value.get("docs"), list) and ("name" in value or "uuid" in value)


def is_memory(value: Any) -> bool:
    """Return whether a value holds what Claude remembers."""
    return isinstance(value, dict) and any(key in value for key in _MEMORIES)


def project_facts(value: Mapping[str, Any], entry: str, ledger_of: Callable[[str], Ledger]) -> Iterator[Incoming]:
    """Yield a project as a fact, and each of its documents as one that relates to it."""
    ledger = ledger_of(entry)
    ledger.came({key: each for key, each in value.items() if key != "docs"})
    ledger.turned(*value)
    name = value["name"] if isinstance(value.get("name"), str) else ""
    texts = [value[key] for key in ("description", "prompt_template") if isinstance(value.get(key), str)]
    text = "\n\n".join(each for each in texts if each.strip())
    metadata: dict[str, Any] = {}
    for key, each in value.items():
        if key in _TECHNICAL:
            ledger.field("project", key, each, _TECHNICAL)
        elif (key not in _READ or (key not in ("docs", "created_at", "updated_at") and not isinstance(each, str))) and (
            not is_empty(each)
        ):
            metadata[key] = each
    docs = [doc for doc in value["docs"] if not is_empty(doc)]
    created, updated = take_time(value.get("created_at"), ledger), take_time(value.get("updated_at"), ledger)
    ledger.turned(value.get("uuid"))
    yield Incoming(
        entry,
        _digest({key: each for key, each in value.items() if key != "docs"}),
        "fact",
        name or title_in(text) or "Project",
        text or name or "Project",
        wish=entry,
        tags=(TAG,),
        source_tool="claude",
        created=created,
        updated=updated,
        metadata=metadata,
    )
    for number, doc in enumerate(docs, 1):
        yield from _document(doc, entry, number, name, ledger_of)


def _document(
    doc: Any, entry: str, number: int, project: str, ledger_of: Callable[[str], Ledger]
) -> Iterator[Incoming]:
    ident = doc["uuid"] if isinstance(doc, dict) and isinstance(doc.get("uuid"), str) and doc["uuid"] else str(number)
    place = f"{entry}/{ident}"
    ledger = ledger_of(place)
    ledger.came(doc)
    if not isinstance(doc, dict) or not isinstance(doc.get("content"), str) or not doc["content"].strip():
        ledger.account.skipped(place, f"it is a document without text{named_in(doc)}")
        return
    ledger.turned(*doc, doc.get("uuid"))
    names = [doc[key] for key in ("filename", "file_name") if isinstance(doc.get(key), str) and doc[key]]
    for key, each in doc.items():
        if key not in _DOC_READ or (key in ("filename", "file_name") and not isinstance(each, str)):
            ledger.field("document", key, each)
    yield Incoming(
        place,
        _digest(doc),
        "fact",
        names[0] if names else title_in(doc["content"]) or "Document",
        doc["content"],
        tags=(TAG,),
        source_tool="claude",
        created=take_time(doc.get("created_at"), ledger),
        metadata={"claude_project": project} if project else {},
        links=(Link("relates", entry),),
    )


def named_in(value: Any) -> str:
    """Return the name of something that is not imported, for a report."""
    names = ("title", "name", "filename", "file_name")
    name = next((value[key] for key in names if isinstance(value.get(key), str)), "") if isinstance(value, dict) else ""
    return f" ({one_line(name)[:120]})" if name.strip() else ""


def memory_facts(value: Mapping[str, Any], entry: str, ledger_of: Callable[[str], Ledger]) -> Iterator[Incoming]:
    """Yield what Claude remembers of conversations, and of each project, as facts."""
    about = ledger_of(entry)
    for key, each in value.items():
        about.came(key)
        about.turned(key)
        if key == "conversations_memory" and isinstance(each, str) and each.strip():
            yield _memory(f"{entry}/{key}", "Memory of conversations", each, {}, ledger_of)
        elif key == "project_memories" and isinstance(each, dict):
            for project, text in each.items():
                if isinstance(text, str) and text.strip():
                    kept = {"claude_project": project}
                    yield _memory(f"{entry}/{project}", "Memory of a project", text, kept, ledger_of)
                else:
                    about.came({project: text})
                    about.turned(project)
                    about.left("memories without text", text, int(not is_empty(text)))
        elif key in _MEMORIES:
            about.came(each)
            about.left("memories without text", each, int(not is_empty(each)))
        else:
            about.came({key: each})
            about.field("memory", key, each, ("account_uuid", "uuid", "created_at", "updated_at"))
    about.settle()


def _memory(
    entry: str, title: str, text: str, metadata: dict[str, Any], ledger_of: Callable[[str], Ledger]
) -> Incoming:
    ledger_of(entry).came({**metadata, "text": text})
    ledger_of(entry).account.turned(entry, "claude_project text")
    return Incoming(
        entry,
        digest_of(text.encode("utf-8", "surrogateescape")),
        "fact",
        title,
        text,
        tags=(MEMORY_TAG,),
        source_tool="claude",
        metadata=metadata,
    )


def _digest(value: Any) -> str:
    return digest_of("\n".join(leaves(value)).encode("utf-8", "surrogateescape"))
