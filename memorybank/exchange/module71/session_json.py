"""Convert sessions to the JSON of a Module 71 tree, and back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memorybank.document.source import lines_of, without_eol
from memorybank.document.text import one_line, without_hidden
from memorybank.exchange.account import texts_in
from memorybank.exchange.fitting import washed_line
from memorybank.exchange.incoming import Incoming
from memorybank.exchange.markdown_entries import parts_of
from memorybank.exchange.module71 import tree
from memorybank.exchange.module71.noted import (
    BESIDE,
    account_noted,
    listed,
    mapping_of,
    rows_of,
    text_from,
    with_noted,
)
from memorybank.exchange.safe_read import moment_of
from memorybank.records.body import item_of, unescaped
from memorybank.records.record import Record, render_sections
from memorybank.records.sessions.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from memorybank.exchange.module71.findings import Findings

OURS = "memorybank"
ESTIMATE = "estimated_minutes"
# the fields that the format has a place for
_SAID = ("started", "ended", ESTIMATE)
TITLE = "title"
CONTENT = "content"
MESSAGES = "messages"
_LENGTH = "duration_minutes"
_THEIRS = "session_metadata"

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
    steps = listed(following.get("steps")) if isinstance(following, dict) else []
    goal = following.get("goal") if isinstance(following, dict) else None
    meant = listed(following) if not isinstance(following, dict) else [*listed(goal), *steps]
    sections = [
        ("Goal", text_from(fields.get("goal"))),
        ("Context Loaded", _bullets(listed(fields.get("context_loaded")))),
        ("Activities", _bullets(_activity_line(row) for row in rows_of(fields.get("activities")))),
        ("Achievements", _bullets(listed(fields.get("achievements")))),
        ("Challenges", _bullets(listed(fields.get("challenges")))),
        ("Next", _bullets(meant)),
    ]
    return render_sections(sections)


def _activity_line(value: Any) -> str:
    if not isinstance(value, dict):
        return text_from(value)
    minutes = value.get("duration_minutes")
    tail = f" ({minutes} min)" if isinstance(minutes, int) and not isinstance(minutes, bool) else ""
    time, activity = text_from(value.get("time")), text_from(value.get("activity"))
    return f"{time} - {activity}{tail}" if time else f"{activity}{tail}"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(item_of(line) for line in (one_line(item) for item in items) if line)


def session_of(data: Mapping[str, Any], entry: str, digest: str) -> Incoming:
    """Read one session of a tree."""
    noted = data.get("metadata")
    ours = isinstance(noted, dict) and OURS in noted
    metadata: dict[str, Any] = noted if isinstance(noted, dict) and ours else {}
    came = {name: each for name, each in data.items() if not (ours and name == "metadata")}
    ident = text_from(data.get("session_id")) or entry.rpartition("/")[2].removesuffix(".json")
    started, ended = moment_of(data.get("start_time")), moment_of(data.get("end_time"))
    goal = text_from(data.get("goal"))
    fields = mapping_of(metadata.get("fields")) if ours else {"label": _label(ident), "goal": one_line(goal)[:500]}
    if not ours and text_from(data.get("agent")):
        fields["tool"] = one_line(text_from(data.get("agent")))
    following = data.get("next_session")
    estimate = _whole(following.get("estimated_duration_minutes")) if isinstance(following, dict) else 0
    said: dict[str, Any] = {"started": started, "ended": ended, ESTIMATE: estimate}
    fields.update({name: each for name, each in said.items() if each})
    content = metadata.get(CONTENT)
    record = Incoming(
        entry,
        digest,
        "session",
        text_from(metadata.get(TITLE)) or one_line(goal) or ident,
        content if isinstance(content, str) else body_of(data),
        wish=ident,
        ours=ours,
        status=text_from(metadata.get("status")) or ("active" if ours or not ended else "ended"),
        fields=fields,
        messages=_messages_of(metadata.get(MESSAGES)),
    )
    record = with_noted(record, metadata, created=started, tool=tree.FORMAT)
    kept = tree.to_keep(came, session_fields(as_record(record)))
    file = entry.removeprefix(tree.SESSIONS)
    # an id that is no text, or too long, is kept
    is_id = data.get("session_id", "") in ("", washed_line(ident))
    beside, more = mapping_of(record.metadata.get(BESIDE)), _messages_beside(metadata.get(MESSAGES))
    # an export has values of ours below that name
    theirs = kept.pop("metadata", {}).get("was")
    own = {
        _THEIRS: theirs,
        tree.UNDATED: not record.created,
        tree.FILE: "" if file == default_file(started) else file,
        tree.KEPT: {name: each for name, each in kept.items() if name != "session_id" or not is_id},
        BESIDE: {**beside, **({MESSAGES: more} if more else {})},
    }
    return record._replace(metadata={**record.metadata, **{name: each for name, each in own.items() if each}})


def default_file(started: str) -> str:
    """Return a session's file name from its start time, to the minute as in the tree."""
    return f"session_{re.sub('[^0-9]', '', started[:10])}_{re.sub('[^0-9]', '', started[11:16])}.json"


def _label(ident: str) -> str:
    return "" if ident.startswith("ses-") or ident == "current" else one_line(ident)[:80]


def _messages_of(value: Any) -> tuple[Message, ...]:
    rows = [row for row in rows_of(value) if isinstance(row, dict)]
    return tuple(Message(*(text_from(row.get(name)) for name in Message._fields)) for row in rows)


def _messages_beside(value: Any) -> list[Any]:
    """Return what is not a message: other values, and other fields of messages."""
    found = []
    for row in rows_of(value):
        if not isinstance(row, dict):
            found.append(row)
            continue
        kept = {name: each for name, each in row.items() if name not in Message._fields or not isinstance(each, str)}
        # a message without text is not written
        kept = kept if text_from(row.get("text")) else row
        found += [kept] if kept else []
    return found


def account_session(data: Mapping[str, Any], record: Incoming, found: Findings) -> None:
    """Note all names and values of a session's JSON, and those that the record has in another form."""
    entry, account = record.entry, found.account
    kept = mapping_of(record.metadata.get(tree.KEPT))
    account.came(entry, "\n".join(texts_in(data)))
    for name, value in data.items():
        if record.ours and name == "metadata":
            account_noted(entry, value, account)
            rows = [row for row in rows_of(value.get(MESSAGES)) if isinstance(row, dict)]
            # the time and role of a message stand beside its text
            account.turned(entry, "\n".join(f"at role text {row.get('at', '')} {row.get('role', '')}" for row in rows))
            account.turned(entry, str(value[OURS]))
        elif name not in kept and record.ours:
            # an export makes them from the fields and the text, which it notes, too
            account.turned(entry, "\n".join(texts_in({name: value})))
        elif name not in kept:
            account.turned(entry, "\n".join(_names_in({name: value})))
    if not record.created and not record.ours:
        found.tell_group(entry, "no date")
    for name in ("start_time", "end_time"):
        value = data.get(name)
        if value not in ("", None) and not moment_of(value):
            found.tell(entry, f"its {name} {str(value)[:80]!r} is not a time; kept in metadata.{tree.KEPT}")


def _names_in(value: Any) -> Iterator[str]:
    """Yield the names in a value, and the lengths that are made from times."""
    if isinstance(value, list):
        for each in value:
            yield from _names_in(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield str(each) if name == _LENGTH else ""
            yield from _names_in(each)


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
