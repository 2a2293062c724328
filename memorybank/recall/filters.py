"""Filters for hits, as SQL conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.recall.index import CREATED
from memorybank.recall.stored_rows import stored_row
from memorybank.records.filter import Filter, has_metadata

if TYPE_CHECKING:
    from memorybank.recall.index import Connection


_LONGEST = 4096
# the date of a record is the one in its front matter only, as in lists
_CREATED = f"CASE f.scope WHEN 'records' THEN f.created ELSE {CREATED} END"
_HAS_TAG = "instr(f.tags, ?) > 0"


class HitFilter(NamedTuple):
    """The filters for hits; an empty field matches everything. Times are ISO 8601, compared with `created`.

    `records` are the filters for lists of records; a hit that is no record can match some of them. With `is_project`
    the bank is that of the wanted project, so that what names no project matches too.
    """

    records: Filter = Filter()
    file: str = ""
    section: str = ""
    scopes: tuple[str, ...] = ()
    archived: bool = False
    is_project: bool = False


def conditions(  # noqa: C901, PLR0912  one line each
    db: Connection, wanted: HitFilter
) -> tuple[str, list[Any]]:
    """Return a filter as SQL conditions with their values; "" if it matches everything."""
    records = wanted.records
    parts: list[str] = []
    values: list[Any] = []

    def add(condition: str, *given: Any) -> None:
        parts.append(condition)
        values.extend(given)

    if records.kinds:
        add(f"f.kind IN ({', '.join('?' * len(records.kinds))})", *records.kinds)
    if wanted.scopes:
        add(f"f.scope IN ({', '.join('?' * len(wanted.scopes))})", *wanted.scopes)
    for tag in records.tags:
        add(_HAS_TAG, f",{tag},")
    if records.any_tags:
        add(f"({' OR '.join([_HAS_TAG] * len(records.any_tags))})", *(f",{tag}," for tag in records.any_tags))
    for column, value in (
        ("tool", records.source_tool),
        ("repo", records.source_repo),
        ("session", records.session),
    ):
        if value:
            add(f"f.{column} = ?", value)
    if records.status:
        db.create_function("folded", 1, lambda text: (text or "").casefold(), deterministic=True)
        add("folded(f.status) = ?", records.status.casefold())
    if records.project:
        add("f.project IN (?, '')" if wanted.is_project else "f.project = ?", records.project)
    if records.since:
        add(f"{_CREATED} >= ?", records.since)
    if records.until:
        add(f"{_CREATED} != '' AND substr({_CREATED}, 1, ?) <= ?", len(records.until), records.until)
    if max(len(wanted.file), len(wanted.section)) > _LONGEST:
        # no name is that long, and SQLite refuses such a long pattern
        return "0", []
    if wanted.file:
        add("(f.path = ? OR f.path GLOB ? OR f.name = ?)", wanted.file, wanted.file, wanted.file)
    if wanted.section:
        add("e.heading LIKE ? ESCAPE '\\'", f"%{_escaped(wanted.section)}%")
    if records.metadata:
        db.create_function("has_metadata", 1, lambda text: has_metadata(_mapping(text), records.metadata))
        # without any key there is nothing to parse
        add("f.metadata NOT IN ('', '{}') AND has_metadata(f.metadata)")
    if not wanted.archived and db.execute("SELECT 1 FROM file WHERE archived LIMIT 1").fetchone():
        add("NOT f.archived")
    return " AND ".join(parts), list(stored_row(values))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _mapping(text: str) -> dict[str, Any]:
    import json

    found = json.loads(text)
    return found if isinstance(found, dict) else {}
