"""Convert sessions to the JSON of a Module 71 tree, and back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memorybank.document.source import lines_of, without_eol
from memorybank.document.text import one_line, without_hidden
from memorybank.exchange.incoming import Incoming
from memorybank.exchange.markdown_entries import parts_of
from memorybank.exchange.module71 import tree
from memorybank.exchange.safe_read import moment_of
from memorybank.records.body import item_of, unescaped
from memorybank.records.record import Link, Record, render_sections
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OURS = "memorybank"
ESTIMATE = "estimated_minutes"
# the fields that the format has a place for
_SAID = ("started", "ended", ESTIMATE)
TITLE = "title"
CONTENT = "content"
MESSAGES = "messages"

_ACTIVITY = re.compile(r"(?P<time>\d\d:\d\d) - (?P<activity>.+?)(?: \((?P<minutes>\d{1,6}) min\))?\Z", re.ASCII)
# an entry of `session end`: `11:57 note: …`, `11:57 to 12:30 note (3): …`, a day before a time of another day
_OWN_ACTIVITY = re.compile(
    r"(?P<time>(?:\d{4}-\d\d-\d\d )?\d\d:\d\d)(?: to (?:\d{4}-\d\d-\d\d )?\d\d:\d\d)? "
    r"(?P<activity>[a-z][a-z -]{0,40}(?: \(\d+\))?: .+)\Z",
    re.ASCII,
)
_PLACEHOLDER = re.compile(r"\[[^\]]*\]\Z")


def session_json(record: Record, ids: Mapping[str, str], messages: Iterable[Message]) -> dict[str, Any]:
    """Return one session as JSON; what the format has no field for is put below `metadata`."""
    derived = session_fields(record)
    content = without_hidden(record.content)[0].strip("\n")
    metadata = {
        OURS: 1,
        TITLE: record.title,
        **tree.noted_of(record, ids, said=_SAID, status=record.status, made=started_of(record)),
        CONTENT: "" if body_of(derived) == content else content,
        MESSAGES: [message._asdict() for message in messages],
    }
    del metadata["id"]
    found = tree.with_kept(derived, record)
    found["metadata"] = {name: each for name, each in metadata.items() if each not in ("", [])}
    return found


def session_fields(record: Record) -> dict[str, Any]:
    """Return the data of a session's record under the field names of the tree."""
    texts: dict[str, str] = {}
    for part in parts_of(without_hidden(record.content)[0], 2):
        if part.level:
            texts.setdefault(part.title.casefold(), part.text)
    started = started_of(record)
    ended = moment_of(record.fields.get("ended"))
    found: dict[str, Any] = {"session_id": tree.exported_id(record), "start_time": started, "end_time": ended}
    minutes = _minutes(started, ended)
    if minutes is not None:
        found["duration_minutes"] = minutes
    found["agent"] = str(record.fields.get("tool") or record.source_tool)
    found["goal"] = str(record.fields.get("goal") or "") or _meant(texts.get("goal", ""))
    found["context_loaded"] = items_of(texts.get("context loaded", ""))
    found["activities"] = _activities(items_of(texts.get("activities", "")), record, started, ended)
    found["achievements"] = items_of(texts.get("achievements", ""))
    found["challenges"] = items_of(texts.get("challenges", ""))
    steps = items_of(texts.get("next", ""))
    following: dict[str, Any] = {"goal": steps[0]} if steps else {}
    if steps[1:]:
        following["steps"] = steps[1:]
    estimate = _whole(record.fields.get(ESTIMATE))
    if estimate:
        following["estimated_duration_minutes"] = estimate
    found["next_session"] = following or ""
    return {name: each for name, each in found.items() if each != "" or name == "goal"}


def started_of(record: Record) -> str:
    """Return when a session started; "" if unknown."""
    return moment_of(record.fields.get("started")) or tree.moment_made(record)


def _minutes(started: str, ended: str) -> int | None:
    try:
        seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()
    except (ValueError, TypeError):
        return None
    return int(seconds // 60) if seconds >= 0 else None


def _meant(text: str) -> str:
    """Return a text; "" for a template's placeholder."""
    return "" if _PLACEHOLDER.match(text.strip()) else text.strip()


def items_of(text: str) -> list[str]:
    """Return the items of a list; a text that is not a plain list is one item."""
    lines = [without_eol(line) for line in lines_of(_meant(text)) if line.strip()]
    marks = [re.match(r"(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\S)", line) for line in lines]
    if not all(marks):
        return [_meant(text)] if _meant(text) else []
    items = [line[mark.end() :].strip() for line, mark in zip(lines, marks, strict=True) if mark]
    return [unescaped(item) for item in items if not _PLACEHOLDER.match(item)]


def _activities(items: Sequence[str], record: Record, started: str, ended: str) -> list[dict[str, Any]]:
    """Return the activities; one that bank wrote lasts until the next one begins, the last until the last activity."""
    found: list[dict[str, Any]] = []
    moments: list[tuple[dict[str, Any], str]] = []
    for item in items:
        foreign, own = _ACTIVITY.match(item), _OWN_ACTIVITY.match(item)
        if foreign is not None:
            minutes = {"duration_minutes": int(foreign["minutes"])} if foreign["minutes"] else {}
            found.append({"time": foreign["time"], "activity": foreign["activity"], **minutes})
        elif own is not None:
            found.append({"time": own["time"], "activity": own["activity"]})
            time = own["time"]
            moments.append((found[-1], f"{time.replace(' ', 'T') if ' ' in time else f'{started[:10]}T{time}'}:00Z"))
        else:
            found.append({"activity": item})
    last = moment_of(record.fields.get("last_activity")) or ended
    ends = [moment for _, moment in moments[1:]] + [last] * bool(moments)
    for (row, begun), until in zip(moments, ends, strict=True):
        # to the minute, as the times are
        minutes_there = _minutes(begun, f"{until[:16]}:00Z" if until else "")
        if minutes_there is not None:
            row["duration_minutes"] = minutes_there
    return found


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def body_of(fields: Mapping[str, Any]) -> str:
    """Return a session's text, made from the fields of the tree."""
    following = fields.get("next_session") or fields.get("next_steps")
    steps = _list(following.get("steps")) if isinstance(following, dict) else []
    goal = following.get("goal") if isinstance(following, dict) else None
    listed = _list(following) if not isinstance(following, dict) else [*_list(goal), *steps]
    sections = [
        ("Goal", _text(fields.get("goal"))),
        ("Context Loaded", _bullets(_list(fields.get("context_loaded")))),
        ("Activities", _bullets(_activity_line(row) for row in _rows(fields.get("activities")))),
        ("Achievements", _bullets(_list(fields.get("achievements")))),
        ("Challenges", _bullets(_list(fields.get("challenges")))),
        ("Next", _bullets(listed)),
    ]
    return render_sections(sections)


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def _list(value: Any) -> list[str]:
    return [_text(row) for row in _rows(value)]


def _activity_line(value: Any) -> str:
    if not isinstance(value, dict):
        return _text(value)
    minutes = value.get("duration_minutes")
    tail = f" ({minutes} min)" if isinstance(minutes, int) and not isinstance(minutes, bool) else ""
    time = _text(value.get("time"))
    return f"{time} - {_text(value.get('activity'))}{tail}" if time else f"{_text(value.get('activity'))}{tail}"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(item_of(line) for line in (one_line(item) for item in items) if line)


def session_of(data: Mapping[str, Any], entry: str, digest: str) -> Incoming:
    """Read one session of a tree."""
    noted = data.get("metadata")
    ours = isinstance(noted, dict) and OURS in noted
    metadata: dict[str, Any] = noted if isinstance(noted, dict) and ours else {}
    came = {name: each for name, each in data.items() if not (ours and name == "metadata")}
    ident = _text(data.get("session_id")) or entry.rpartition("/")[2].removesuffix(".json")
    started, ended = moment_of(data.get("start_time")), moment_of(data.get("end_time"))
    goal = _text(data.get("goal"))
    fields = _mapping(metadata.get("fields")) if ours else {"label": _label(ident), "goal": one_line(goal)[:500]}
    if not ours and _text(data.get("agent")):
        fields["tool"] = one_line(_text(data.get("agent")))
    following = data.get("next_session")
    estimate = _whole(following.get("estimated_duration_minutes")) if isinstance(following, dict) else 0
    said: dict[str, Any] = {"started": started, "ended": ended, ESTIMATE: estimate}
    fields.update({name: each for name, each in said.items() if each})
    content = metadata.get(CONTENT)
    record = Incoming(
        entry,
        digest,
        "session",
        _text(metadata.get(TITLE)) or one_line(goal) or ident,
        content if isinstance(content, str) else body_of(data),
        wish=ident,
        ours=ours,
        status=_text(metadata.get("status")) or ("active" if ours or not ended else "ended"),
        fields=fields,
        messages=_messages_of(metadata.get(MESSAGES)),
    )
    record = with_noted(record, metadata, created=started, tool=tree.FORMAT)
    kept = tree.to_keep(came, session_fields(as_record(record)))
    file = entry.removeprefix(tree.SESSIONS)
    own = {
        tree.UNDATED: not record.created,
        tree.FILE: "" if file == default_file(started) else file,
        tree.KEPT: {name: each for name, each in kept.items() if name != "session_id"},
    }
    return record._replace(metadata={**record.metadata, **{name: each for name, each in own.items() if each}})


def default_file(started: str) -> str:
    """Return a session's file name from its start time, to the minute as in the tree."""
    return f"session_{re.sub('[^0-9]', '', started[:10])}_{re.sub('[^0-9]', '', started[11:16])}.json"


def _label(ident: str) -> str:
    return "" if ident.startswith("ses-") or ident == "current" else one_line(ident)[:80]


def _mapping(value: Any) -> dict[str, Any]:
    return {str(name): each for name, each in value.items()} if isinstance(value, dict) else {}


def _messages_of(value: Any) -> tuple[Message, ...]:
    rows = [row for row in _rows(value) if isinstance(row, dict)]
    return tuple(Message(_text(row.get("at")), _text(row.get("role")), _text(row.get("text"))) for row in rows)


def with_noted(record: Incoming, noted: Mapping[str, Any], *, created: str, tool: str) -> Incoming:
    """Return a record with our values noted in the tree; without them, with `created` and `tool` as its source."""
    if not record.ours:
        return record._replace(created=created, source_tool=tool)
    links = noted.get("links")
    return record._replace(
        created=moment_of(noted.get("created")) or created,
        updated=moment_of(noted.get("updated")),
        summary=_text(noted.get("summary")),
        tags=tuple(_list(noted.get("tags"))),
        project=_text(noted.get("project")),
        source_tool=_text(noted.get("source_tool")),
        source_repo=_text(noted.get("source_repo")),
        session=_text(noted.get("session")),
        links=tuple(Link(str(rel), to) for rel, row in _mapping(links).items() for to in _list(row)),
        metadata={**_mapping(noted.get("metadata")), **record.metadata},
    )


def as_record(record: Incoming) -> Record:
    """Return an incoming record as a `Record`, with the fields that the tree needs."""
    return Record(
        record.wish,
        record.kind,
        record.title,
        "",
        record.status,
        source_tool=record.source_tool,
        created=record.created,
        metadata=record.metadata,
        fields=record.fields,
        content=record.content,
    )


def file_names(records: Sequence[Record]) -> dict[str, str]:
    """Return the file name of each session by its id: the imported name, else by its time, made unique by a suffix."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    ordered = sorted(records, key=lambda each: (started_of(each), each.id))
    for record in sorted(ordered, key=lambda each: not each.metadata.get(tree.FILE)):
        came = record.metadata.get(tree.FILE)
        name = came if isinstance(came, str) and came else default_file(started_of(record))
        if name in taken or "/" in name:
            name = f"{name.rpartition('/')[2].removesuffix('.json')}_{record.id.rpartition('-')[2]}.json"
        taken.add(name)
        names[record.id] = name
    return names
