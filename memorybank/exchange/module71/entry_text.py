"""Convert decisions, learnings and bugs to the text of a Module 71 tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.document.scanner.line_rules import shielded
from memorybank.document.text import without_hidden
from memorybank.exchange.markdown_entries import (
    hide_labels,
    join_entries,
    join_fields,
    label,
    parts_of,
    sealed,
    shifted,
)
from memorybank.exchange.module71 import tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.records.record import Record


def decisions_text(records: Sequence[Record], ids: Mapping[str, str]) -> str:
    """Return the text of `decisions.md`."""
    entries = []
    for number, record in numbered(records):
        derived = decision_fields(
            record.fields.get("date"), record.created, record.status, record.fields.get("decider")
        )
        fields = {**tree.with_kept(_dated(derived, record, "Date"), record), **_more_fields(record)}
        noted = tree.noted_of(record, ids, said=("date", "decider"), made=derived["Date"])
        head = f"## Decision {number:03d}: {shielded(record.title)}"
        entries.append(_joined(head, join_fields(fields, noted), *_sections(record.content, deeper=1)))
    return join_entries(tree.DECISIONS_TITLE, entries)


def decision_fields(date: Any, created: str, status: str, decider: Any) -> dict[str, str]:
    """Return a decision's fields in the tree's words."""
    return {"Date": str(date or created[:10]), "Status": tree.shown(status), "Decider": str(decider or "")}


def bug_fields(created: str, reporter: Any, severity: Any, status: str) -> dict[str, str]:
    """Return a bug's fields in the tree's words."""
    return {
        "Date Reported": created[:10],
        "Reported By": str(reporter or ""),
        "Severity": tree.shown(str(severity or "")),
        "Status": tree.shown(status),
    }


def learnings_text(records: Sequence[Record], ids: Mapping[str, str]) -> str:
    """Return the text of `learnings.md`: new ones first, newest at the top, then imported ones in their old order."""
    entries = []
    for record in positioned(records):
        day = tree.moment_made(record)[:10]
        status = record.status if record.status not in {"", "active"} else ""
        noted = tree.noted_of(record, ids, status=status, made=day)
        head = f"## {day}: {shielded(record.title)}" if day else f"## {shielded(record.title)}"
        fields = {**_status_of_learning(record), **_more_fields(record)}
        entries.append(_joined(head, join_fields(fields, noted), *_labelled(record.content)))
    return join_entries(tree.LEARNINGS_TITLE, entries)


def learning_fields(status: str) -> dict[str, str]:
    """Return the field that a learning has if it came with it, in the tree's words."""
    return {"Status": tree.shown(status)}


def _status_of_learning(record: Record) -> dict[str, str]:
    kept = record.metadata.get(tree.KEPT)
    return tree.with_kept(learning_fields(record.status), record) if isinstance(kept, dict) and "Status" in kept else {}


def bug_texts(records: Sequence[Record], ids: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the files of `bugs/`, by their names."""
    texts = {}
    for number, record in numbered(records, own="number"):
        made = tree.moment_made(record)
        derived = bug_fields(made, record.fields.get("reported_by"), record.fields.get("severity"), record.status)
        fields = {**tree.with_kept(_dated(derived, record, "Date Reported"), record), **_more_fields(record)}
        noted = tree.noted_of(record, ids, said=("number", "severity", "reported_by"), made=made[:10])
        head = f"# Bug #{number:03d}: {shielded(record.title)}"
        text = _joined(head, join_fields(fields, noted), *_sections(record.content, deeper=0))
        texts[f"{tree.BUGS}bug_{number:03d}.md"] = f"{text}\n"
    return texts


def numbered(records: Iterable[Record], own: str = "") -> list[tuple[int, Record]]:
    """Return records with their numbers, in order: existing numbers are kept, other records follow by age."""
    taken: dict[int, Record] = {}
    rest = []
    for record in sorted(records, key=lambda each: (each.created, each.id)):
        number = record.fields.get(own) if own else record.metadata.get(tree.NUMBER)
        if isinstance(number, int) and not isinstance(number, bool) and number > 0 and number not in taken:
            taken[number] = record
        else:
            rest.append(record)
    following = max(taken, default=0) + 1
    taken.update(enumerate(rest, following))
    return sorted(taken.items())


def positioned(records: Iterable[Record]) -> list[Record]:
    """Return learnings in the order of the file."""
    places: dict[int, Record] = {}
    fresh = []
    for record in sorted(records, key=lambda each: (each.created, each.id), reverse=True):
        place = record.metadata.get(tree.POSITION)
        if isinstance(place, int) and place not in places:
            places[place] = record
        else:
            fresh.append(record)
    return [*fresh, *(places[place] for place in sorted(places))]


def _dated(fields: dict[str, str], record: Record, name: str) -> dict[str, str]:
    return {**fields, name: ""} if record.metadata.get(tree.UNDATED) else fields


def _more_fields(record: Record) -> dict[str, str]:
    fields = record.metadata.get(tree.FIELDS)
    return {str(name): str(each) for name, each in fields.items()} if isinstance(fields, dict) else {}


def _joined(head: str, *blocks: str) -> str:
    return "\n\n".join((head, *(block for block in blocks if block.strip())))


def _parts(content: str) -> list[tuple[str, str]]:
    """Return the sections of a record's text; sections with the same name are joined, empty ones are left out."""
    found: dict[str, list[str]] = {}
    for part in parts_of(without_hidden(content)[0], 2):
        text = sealed(part.text)
        if text.strip():
            found.setdefault(part.title if part.level else "", []).append(text)
    return [(name, "\n\n".join(texts)) for name, texts in found.items()]


def _sections(content: str, *, deeper: int) -> list[str]:
    mark = "#" * (2 + deeper)
    rows = []
    for name, text in _parts(content):
        below = shifted(text, deeper, 3 + deeper)
        rows.append(f"{mark} {name}\n{below}" if name else below)
    return rows


def _labelled(content: str) -> list[str]:
    known = {each.casefold(): each for each in tree.LEARNING_LABELS}
    rows = []
    for name, text in _parts(content):
        below = hide_labels(shifted(text, 1, 4), tree.LEARNING_LABELS)
        if name.casefold() in known:
            rows.append(label(known[name.casefold()], below))
        else:
            rows.append(f"### {name}\n{below}" if name else below)
    return rows
