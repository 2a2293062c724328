"""Notes in an agent's output: the YAML `MEMORY_NOTES` of a Router Contract, and the Markdown block of memory notes.

Both are found anywhere in the text. Placeholders ("None", a template's brackets) are ignored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import lines_of, without_eol
from memorybank.document.text import one_line, without_hidden
from memorybank.errors import BankError
from memorybank.records.change import retried
from memorybank.secrets.scan import redacted
from memorybank.store.roles import READ_ONLY, ROUTER, WRITE_AGENT
from memorybank.workflow.artifact import active_id
from memorybank.workflow.ladder.promote import kind_for
from memorybank.workflow.lines.similarity import plain_of
from memorybank.workflow.notes.queue import draft_note, row_of, waiting
from memorybank.workflow.notes.workflow_notes import artifact_changes, by_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way
    from memorybank.workflow.artifact import SkippedWire
    from memorybank.workflow.notes.queued import QueuedNote, QueuedNoteWire

    class IngestWire(TypedDict):
        """The JSON form of an ingest."""

        notes: list[QueuedNoteWire]
        count: int
        skipped: list[SkippedWire]
        redacted_count: int
        receipt: ReceiptWire


_KEY = re.compile(r"(?P<indent>[ \t]*)(?:[-*] )?[\"'*`]*MEMORY_NOTES[\"'*`]*:[*]*[ \t]*(?P<rest>.*)\Z")
_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<name>.*?)[ \t#]*\Z")
_BLOCK = re.compile(r"memory notes\b.*\Z", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NAMES = {
    "learning": "learning",
    "learnings": "learning",
    "insight": "learning",
    "insights": "learning",
    "pattern": "pattern",
    "patterns": "pattern",
    "gotcha": "gotcha",
    "gotchas": "gotcha",
    "decision": "decision",
    "decisions": "decision",
    "change": "change",
    "changes": "change",
    "verification": "verification",
    "evidence": "verification",
    "deferred": "deferred",
    "blocker": "blocker",
    "blockers": "blocker",
}
_LABEL = re.compile(r"[*_`\s]*(?P<name>[A-Za-z]+)(?:\s+\([^)]*\))?[*_`]*\s*:[*_`]*\s*(?P<text>.*)\Z")
_MARKER = re.compile(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>.*)\Z")
_NOTHING = re.compile(r"(?:none|n/?a|nothing|nil|null|-+|\.+|\[.*\]|\{.*\}|<[^>]*>)\.?\Z", re.IGNORECASE)
_BARE_KEY = re.compile(r"[A-Za-z][\w -]{0,40}:[ \t]*(?:\[.*\])?[ \t]*\Z")
_LONGEST = 512 * 1024
_MOST = 200
_LONGEST_YAML = 64 * 1024


class AgentNote(NamedTuple):
    """One note from an agent's output; `form` is yaml or markdown, `kind` is "" without a known key above it."""

    kind: str
    text: str
    form: str


class IngestResult(NamedTuple):
    """The queued notes; the skipped texts (`passed`), each with the reason; how many secrets were redacted."""

    notes: list[QueuedNote]
    passed: list[tuple[str, str]]
    redacted_count: int
    receipt: Receipt

    def to_wire(self) -> IngestWire:
        """Return the JSON form."""
        return {
            "notes": [note.to_wire() for note in self.notes],
            "count": len(self.notes),
            "skipped": [{"text": text, "why": why} for text, why in self.passed],
            "redacted_count": self.redacted_count,
            "receipt": self.receipt.to_wire(),
        }


def said_in(text: str) -> list[AgentNote]:
    """Find the notes in an agent's output, including texts without a known kind."""
    text, _ = without_hidden(text[:_LONGEST])
    lines = [without_eol(each) for each in lines_of(text)]
    found: list[AgentNote] = []
    fence = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark.group(1)
        key = _KEY.match(line)
        heading = _HEADING.match(line)
        if key:
            rows = _below(lines, number + 1, len(key["indent"].expandtabs(4)))
            found += _from_yaml(rows, key["rest"])
            number += len(rows)
        elif heading and not fence and _BLOCK.match(heading["name"].strip("*_` ")):
            rows = _until_heading(lines, number + 1, len(heading["marks"]))
            # the block may contain a contract
            if not any(_KEY.match(row) for row in rows):
                found += _from_markdown(rows)
                number += len(rows)
        number += 1
    kept = [each for each in found if each.text and not _NOTHING.match(each.text)]
    return list(dict.fromkeys(kept))


def _below(lines: list[str], start: int, indent: int) -> list[str]:
    """Return the following lines that are blank or indented deeper than a key."""
    rows = []
    for line in lines[start:]:
        wide = line.expandtabs(4)
        depth = len(wide) - len(wide.lstrip(" "))
        if line.strip() and (depth <= indent or _FENCE.match(line)):
            break
        rows.append(line)
    return rows


def _until_heading(lines: list[str], start: int, level: int) -> list[str]:
    rows = []
    for line in lines[start:]:
        heading = _HEADING.match(line)
        if (
            (heading and len(heading["marks"]) <= level)
            or _FENCE.match(line)
            or re.fullmatch(r" {0,3}(-{3,}|\*{3,})\s*", line)
        ):
            break
        rows.append(line)
    return rows


def _from_yaml(rows: list[str], rest: str) -> Iterator[AgentNote]:
    text = "\n".join(rows)
    found = _mapping(rest if rest.startswith("{") else text)
    for name, value in found.items():
        kind = _NAMES.get(str(name).strip().casefold())
        for each in _texts(value):
            yield _said(kind, each, "yaml") if kind else _unknown(str(name), each)
    told = rest if not found and not rest.startswith(("{", "#", "|", ">")) else ""
    loose = [] if found else [told.strip("[] "), *(row.strip() for row in rows)]
    for each in loose:
        if each:
            yield _unknown("", each)


def _unknown(name: str, text: str) -> AgentNote:
    line = one_line(text).strip()
    return AgentNote("", f"{one_line(name)}: {line}" if name and line and not _NOTHING.match(line) else line, "yaml")


def _mapping(text: str) -> dict[Any, Any]:
    import yaml

    depths = [len(line) - len(line.lstrip(" ")) for line in text.split("\n") if line.strip()]
    plain = "\n".join(line[min(depths, default=0) :] for line in text.expandtabs(4).split("\n"))
    if len(plain) <= _LONGEST_YAML:
        try:
            value = yaml.safe_load(plain)
        except (yaml.YAMLError, ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
    return _rough(plain)


def _rough(text: str) -> dict[Any, Any]:
    """Read a text that is not valid YAML line by line: keys, and the items below them."""
    found: dict[Any, Any] = {}
    name = ""
    for line in text.split("\n"):
        item = _MARKER.match(line)
        if item and name:
            found[name].append(item["text"].strip("\"' "))
            continue
        key, colon, rest = line.partition(":")
        if colon and (key.strip().casefold() in _NAMES or _BARE_KEY.match(line)):
            name = key.strip()
            found[name] = [rest.strip("\"' ")] if rest.strip(" []") else []
        elif name and found[name] and line.strip():
            found[name][-1] += f" {line.strip()}"
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for each in value:
            if isinstance(each, dict):
                # `- Cache: keys expire` is a mapping for YAML, but a sentence for its author
                yield "; ".join(f"{key}: {one}" for key, one in each.items())
            elif isinstance(each, (list, tuple)):
                yield from _texts(each)
            elif each is not None:
                yield str(each)
    elif isinstance(value, dict):
        yield from (f"{key}: {'; '.join(_texts(one))}" for key, one in value.items())
    elif value is not None:
        yield from (line.strip("- ") for line in str(value).split("\n"))


def _from_markdown(rows: list[str]) -> Iterator[AgentNote]:
    kind = "learning"
    for line in rows:
        heading = _HEADING.match(line)
        marked = _MARKER.match(line)
        text = heading["name"] if heading else marked["text"] if marked else line.strip()
        label = _LABEL.match(text) or _LABEL.match(f"{text}:") if text else None
        if label and label["name"].casefold() in _NAMES and (heading or marked or not label["text"] or "**" in line):
            kind = _NAMES[label["name"].casefold()]
            if label["text"].rstrip(":").strip():
                yield _said(kind, label["text"], "markdown")
        elif marked and text:
            yield _said(kind, text, "markdown")


def _said(kind: str, text: str, form: str) -> AgentNote:
    line = one_line(text).strip()
    if kind == "deferred":
        return AgentNote("next", f"[Deferred]: {line}" if line and not _NOTHING.match(line) else "", form)
    if kind == "pattern":
        kind = kind_for(line)
    return AgentNote(kind, line, form)


def ingest(bank: BankFolder, text: str, way: Way, *, workflow: str = "", agent: str = "") -> IngestResult:
    """Queue the notes in an agent's output, as one operation; notes already queued are skipped.

    Without `workflow` they are for the active workflow. A note belongs to the agent, also if the router hands it in:
    to a write-agent if it is from a contract, to a read-only one if it is from a Markdown block. Secrets are redacted.

    Raises:
        BankError: the queue cannot be written.
    """

    def make() -> tuple[tuple[list[QueuedNote], list[tuple[str, str]], int], list[FileChange]]:
        planned = plan_ingest(bank, said_in(text), way, workflow=workflow or active_id(bank), agent=agent)
        return planned[:3], [*planned[3], *artifact_changes(bank, map(row_of, planned[0]), way)]

    notes, receipt = retried(make, bank, "notes ingest", by_program(way))
    return IngestResult(*notes, receipt)


def plan_ingest(
    bank: BankFolder, said: Sequence[AgentNote], way: Way, *, workflow: str = "", agent: str = ""
) -> tuple[list[QueuedNote], list[tuple[str, str]], int, list[FileChange]]:
    """Plan to queue notes: return the notes, the skipped ones with the reason, the redaction count, the changes."""
    there = {(each.kind, plain_of(each.text), each.workflow) for each in waiting(bank).notes}
    notes: list[QueuedNote] = []
    passed: list[tuple[str, str]] = []
    changes: list[FileChange] = []
    secrets = 0
    for each in said:
        line, findings = redacted(each.text)
        secrets += len(findings)
        if not each.kind or len(notes) == _MOST:
            keys = "learnings, patterns, gotchas, decisions, changes, verification, deferred, blockers"
            why = f"at most {_MOST} are queued at once" if each.kind else f"it is not below a known key ({keys})"
            passed.append((line[:200], why))
            continue
        if (each.kind, plain_of(line), workflow) in there:
            passed.append((line, "already queued"))
            continue
        author = (
            way.author.actor.role
            if way.author.actor.role != ROUTER
            else WRITE_AGENT
            if each.form == "yaml"
            else READ_ONLY
        )
        try:
            note, change = draft_note(bank, line, way, kind=each.kind, role=author, workflow=workflow, agent=agent)
        except BankError as error:
            passed.append((line[:200], error.message))
            continue
        there.add((each.kind, plain_of(line), workflow))
        notes.append(note)
        changes.append(change)
    return notes, passed, secrets, changes
