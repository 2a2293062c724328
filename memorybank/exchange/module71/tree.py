"""The tree of Module 71: its files, its words for the fields of a record, and what it has no place for.

Decisions, learnings, bugs and sessions have their own format there. What the format has no field for is put into a
comment of the entry, or below `metadata` in JSON. What comes from such a tree and has no field in a record is kept in
the record's metadata, under names that start with `module71_`, and is exported unchanged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memorybank.document.source import digest_of
from memorybank.exchange.incoming import CAME_AS
from memorybank.exchange.safe_read import moment_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from memorybank.records.record import Record

FORMAT = "module71"
README = "README.md"
SUMMARY = "project_summary.json"
LOG = "development_log.md"
DECISIONS = "decisions.md"
LEARNINGS = "learnings.md"
BUGS = "bugs/"
CHECKPOINTS = "checkpoints/"
SESSIONS = "sessions/"
ARTIFACTS = "artifacts/"
# files of a bank that the tree has no name for: exported here, and restored on import
CARRIED = "artifacts/memorybank/"
BANK_SUMMARY = "summary.json"
DECISIONS_TITLE = "Design Decisions"
LEARNINGS_TITLE = "Lessons Learned"
LEARNING_LABELS = ("What Happened", "Root Cause", "Solution", "Lesson", "Applied To")

# metadata names
NUMBER = "module71_number"
POSITION = "module71_position"
UNDATED = "module71_undated"
KEPT = "module71_kept"
FIELDS = "module71_fields"
EXTRA = "module71_extra"
FILE = "module71_file"
NOTED = "module71_noted"
_OWN = "module71_"
_SHORT = 80


def shown(word: str) -> str:
    """Return a status or severity in the tree's spelling: `In Progress`."""
    return word.replace("-", " ").title()


def with_kept(derived: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """Return a record's fields in the tree's words; unchanged fields keep the words they were imported with."""
    kept = record.metadata.get(KEPT)
    rows = kept if isinstance(kept, dict) else {}
    found = dict(derived)
    for name, row in rows.items():
        if isinstance(row, dict) and "was" in row and _mark(found.get(name, "")) == row.get("as", ""):
            found[name] = row["was"]
    return found


def _mark(value: Any) -> str:
    """Return a text that identifies a value: the value itself, or the digest of a long or nested one."""
    if isinstance(value, str) and len(value) <= _SHORT:
        return value
    return digest_of(json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogateescape"))


def to_keep(came: Mapping[str, Any], derived: Mapping[str, Any], *, always: Collection[str] = ()) -> dict[str, Any]:
    """Return what must be kept with a record, so that `with_kept` can restore the imported words.

    Fields that an export does not write by itself are kept `always`.
    """
    return {
        name: {"was": came.get(name, ""), "as": _mark(derived.get(name, ""))}
        for name in (*derived, *(each for each in came if each not in derived))
        if name not in derived or name in always or came.get(name, "") != derived[name]
    }


def exported_id(record: Record) -> str:
    """Return the id of a record in the tree."""
    ident = record.metadata.get(CAME_AS)
    return ident if isinstance(ident, str) and ident else record.id


def moment_made(record: Record) -> str:
    """Return when a record was created; "" if unknown."""
    return "" if record.metadata.get(UNDATED) else moment_of(record.created)


def noted_of(
    record: Record, ids: Mapping[str, str], *, said: tuple[str, ...] = (), status: str = "", made: str = ""
) -> dict[str, Any]:
    """Return the data of a record without a field in the tree; `said` are the fields that have one, `made` its time."""
    created = moment_made(record)
    links: dict[str, list[str]] = {}
    for link in record.links:
        links.setdefault(link.rel, []).append(ids.get(link.to, link.to))
    extra = record.metadata.get(EXTRA)
    fields = {**record.fields, **(extra if isinstance(extra, dict) else {})}
    noted = {
        "id": exported_id(record),
        "status": status,
        "created": "" if made and created in {made, f"{made}T00:00:00Z"} else created,
        "updated": moment_of(record.updated),
        "summary": record.summary,
        "tags": list(record.tags),
        "project": record.project,
        "source_tool": record.source_tool,
        "source_repo": record.source_repo,
        "session": ids.get(record.session, record.session),
        "links": links,
        "fields": {name: fields[name] for name in sorted(fields) if name not in said},
        "metadata": {
            name: each for name, each in record.metadata.items() if not name.startswith(_OWN) and name != CAME_AS
        },
    }
    return {name: each for name, each in noted.items() if each not in ("", [], {})}


def readme_of(summary: Mapping[str, Any]) -> str:
    """Return the tree's README, made from the project's summary."""
    name = summary.get("project_name")
    title = " ".join(name.split()) if isinstance(name, str) and name.strip() else "Project"
    return README_TEXT.replace("{title}", title)


README_TEXT = """# {title} - memory

What this project's memory holds, as plain files.

- `project_summary.json` - what the project is and how it stands
- `development_log.md` - what was done, day by day
- `decisions.md` - design decisions with their reasons
- `learnings.md` - lessons learned
- `bugs/` - one file for each bug
- `checkpoints/` - how the work stood at a moment
- `sessions/` - spans of work
- `artifacts/` - important files

Written by `bank export --format module71`; `bank import module71` reads it.
"""
