"""Read the entries of a Module 71 tree: decisions, learnings and bugs as records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import BankError, FieldError
from memorybank.exchange.account import words_of
from memorybank.exchange.incoming import Incoming
from memorybank.exchange.markdown_entries import (
    MarkdownPart,
    count_labels,
    labelled,
    parts_of,
    shifted,
    split_fields,
    without_rules,
)
from memorybank.exchange.module71 import tree
from memorybank.exchange.module71.entry_text import bug_fields, decision_fields, learning_fields
from memorybank.exchange.module71.head_fields import head_of, said_of
from memorybank.exchange.module71.noted import account_noted, raw_without_noted, with_noted
from memorybank.exchange.module71.vocabulary import SEVERITY, severity_of, status_of, unknown_status
from memorybank.exchange.safe_read import moment_of
from memorybank.records.fields import TEXT_LENGTH, check_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from memorybank.exchange.module71.findings import Findings
    from memorybank.records.types import RecordType

_DECISION = re.compile(r"Decision(?:[ \t]+#?(?P<number>\d{1,6}))?:[ \t]*(?P<title>.*)\Z", re.ASCII)
_LEARNING = re.compile(r"(?P<day>\d{4}-\d\d-\d\d):[ \t]*(?P<title>.*)\Z", re.ASCII)
_BUG = re.compile(r"Bug[ \t]+#?(?P<number>\d{1,6})(?!\d):?[ \t]*(?P<title>.*)\Z", re.ASCII)
_NUMBER = re.compile(r"(?<!\d)(\d{1,6})\.md\Z", re.ASCII)
_FIELDS = {
    "decision": ("Date", "Status", "Decider"),
    "bug": ("Date Reported", "Reported By", "Severity", "Status"),
    "learning": ("Status",),
}
# the other names of a day that an entry may have
_DATES = {"decision": "Date", "bug": "Date Reported", "learning": "Date"}
_ENTRY = 2
# the level of the headings within an entry
_SECTION = {"decision": 3, "learning": 3, "bug": 2}


class _Entry(NamedTuple):
    """An entry: its place, its heading, the fields and our values at its start, and the rest of its text.

    `below` names the fields whose values stand in the rest, too.
    """

    name: str
    digest: str
    title: str
    fields: dict[str, str]
    noted: dict[str, Any]
    rest: str
    below: tuple[str, ...] = ()


def decisions(kind: RecordType, text: str, found: Findings) -> Iterator[Incoming]:
    """Read `decisions.md`, entry by entry."""
    parts = parts_of(text, _ENTRY)
    yield from _outside(tree.DECISIONS, text, parts, tree.DECISIONS_TITLE, found)
    rows = list(_named(tree.DECISIONS, parts))
    matches = [_DECISION.match(part.title) for _, part in rows]
    following = max((int(each["number"]) for each in matches if each and each["number"]), default=0) + 1
    numbers: set[int] = set()
    for (name, part), match in zip(rows, matches, strict=True):
        entry = _entry(name, part, kind, (), found)
        number = came_as = int(match["number"]) if match and match["number"] else 0
        if number == 0 or number in numbers:
            number, following = following, following + 1
            if match and match["number"]:
                why = "is no number of a decision" if came_as == 0 else "is that of an earlier decision"
                found.tell(name, f"its number {match['number']} {why}: it has the number {number}")
        numbers.add(number)
        day = _day(entry, "Date", tree.KEPT, found)
        status, used = _status(entry, kind, found)
        decider = entry.fields.get("Decider", "")
        derived = decision_fields(day[:10], moment_of(entry.noted.get("created")) or day, used, decider)
        title = _titled(entry, match, "Decision", found)
        record = Incoming(
            name,
            entry.digest,
            "decision",
            title,
            _body(parts_of(without_rules(entry.rest), 3), 1),
            status=status,
            fields={"decider": decider, **({"date": day[:10]} if day else {})},
        )
        yield _finished(kind, record, entry, day, derived, {tree.NUMBER: number}, found)


def learnings(kind: RecordType, text: str, found: Findings) -> Iterator[Incoming]:
    """Read `learnings.md`, entry by entry."""
    parts = parts_of(text, _ENTRY)
    yield from _outside(tree.LEARNINGS, text, parts, tree.LEARNINGS_TITLE, found)
    for place, (name, part) in enumerate(_named(tree.LEARNINGS, parts), 1):
        entry = _entry(name, part, kind, tree.LEARNING_LABELS, found)
        match = _LEARNING.match(entry.title)
        title, day = entry.title, moment_of(match["day"]) if match else ""
        if match and day:
            found.account.turned(name, match["day"])
            title = match["title"] or title
        else:
            day = _day(entry, "Date", tree.FIELDS, found)
        status, derived = str(entry.noted.get("status") or ""), {}
        if "Status" in entry.fields:
            came, used = _status(entry, kind, found)
            used = status if status in dict(kind.statuses) else kind.first_status if entry.noted else used
            status = status if entry.noted else came
            derived = learning_fields(used) if "Status" not in entry.below else {}
        sections: list[tuple[str, str]] = []
        for below in parts_of(without_rules(entry.rest), 3):
            rows = labelled(below.text, tree.LEARNING_LABELS)
            sections += [(label or (below.title if below.level else ""), shifted(each, -1, 3)) for label, each in rows]
            again = count_labels(below.text, tree.LEARNING_LABELS)
            found.account.turned(name, " ".join(f"{label} " * (count - 1) for label, count in again.items()))
        record = Incoming(
            name,
            entry.digest,
            "learning",
            title,
            _rendered(sections),
            status=status,
        )
        yield _finished(kind, record, entry, day, derived, {tree.POSITION: place}, found)


def bug(kind: RecordType, text: str, name: str, found: Findings) -> Incoming:
    """Read one file of `bugs/`; text before its heading comes first in the record."""
    above, *parts = parts_of(text, 1)
    if not parts:
        title = name.rpartition("/")[2].removesuffix(".md")
        found.tell(name, "it has no heading: its title is the name of the file")
        above, parts = MarkdownPart(0, "", ""), [MarkdownPart(1, title, above.text)]
    below = "\n\n".join([parts[0].text, *(f"# {each.title}\n{each.text}" for each in parts[1:])])
    entry = _entry(name, MarkdownPart(1, parts[0].title, below), kind, (), found, raw=text, above=above.text)
    match = _BUG.match(entry.title)
    in_name = _NUMBER.search(name)
    number = int(match["number"]) if match else int(in_name[1]) if in_name else 0
    if match and number == 0:
        found.tell(name, f"its number {match['number']} is no number of a bug: it has none")
    came_date = entry.fields.get("Date Reported", "")
    day = _day(entry, "Date Reported", tree.KEPT, found)
    status, used = _status(entry, kind, found)
    came_severity = entry.fields.get("Severity", "")
    severity = severity_of(came_severity, kind)
    if came_severity and not severity:
        why = f"its severity {came_severity[:80]!r} is not known, so it is {SEVERITY}"
        found.tell(name, f"{why}; its own word is kept in metadata.{tree.KEPT}")
    elif not severity:
        found.tell_group(name, f"no severity, so it is {SEVERITY}")
    severity = severity or SEVERITY
    reporter = entry.fields.get("Reported By", "")
    derived = bug_fields(moment_of(entry.noted.get("created")) or day, reporter, severity, used)
    if came_date == derived["Date Reported"] and "Date Reported" not in entry.below:
        found.account.turned(name, came_date)
    record = Incoming(
        name,
        digest_of(text.encode("utf-8", "surrogateescape")),
        "bug",
        _titled(entry, match, "Bug", found),
        "\n\n".join(
            each for each in (without_rules(above.text), _body(parts_of(without_rules(entry.rest), 2), 0)) if each
        ),
        status=status,
        fields={"severity": severity, "reported_by": reporter, **({"number": number} if number else {})},
    )
    return _finished(kind, record, entry, day, derived, {}, found)


def _outside(name: str, text: str, parts: list[MarkdownPart], title: str, found: Findings) -> list[Incoming]:
    """Return the text outside of the entries as a fact; all words of the file that no entry has must be in it."""
    inside = words_of("\n".join(f"{part.title}\n{part.text}" for part in parts if part.level == _ENTRY))
    found.account.came(name, " ".join((words_of(text) - inside).elements()))
    return found.outside(name, [part for part in parts if part.level != _ENTRY], title)


def _named(name: str, parts: Iterable[MarkdownPart]) -> Iterator[tuple[str, MarkdownPart]]:
    """Yield the entries of a file with their places in it."""
    seen: dict[str, int] = {}
    for part in parts:
        if part.level == _ENTRY:
            seen[part.title] = seen.get(part.title, 0) + 1
            again = f" ({seen[part.title]})" if seen[part.title] > 1 else ""
            yield f"{name}#{part.title}{again}", part


def _entry(
    name: str,
    part: MarkdownPart,
    kind: RecordType,
    labels: Iterable[str],
    found: Findings,
    *,
    raw: str | None = None,
    above: str = "",
) -> _Entry:
    """Return an entry with the fields at its start; those of its kind get the names that the tree has for them.

    `raw` is its text if it is not only the part, and `above` the text above its heading.
    """
    body = without_rules(part.text)
    own_names = _FIELDS[kind.name]
    fields, noted, rest = split_fields(body, labels)
    if not noted:
        head = head_of(body, {*own_names, "Date"}, labels)
        fields, rest = head.fields, head.rest
        found.account.turned(name, head.marks)
    known = {each.casefold(): each for each in own_names}
    for each in [each for each, value in fields.items() if not value and each.casefold() in known]:
        # as if it were not there, because an export leaves it out
        del fields[each]
        found.account.turned(name, each)
    if kind.name == "bug" and not any(each.casefold() == "date reported" for each in fields):
        known["date"] = "Date Reported"
    named: dict[str, str] = {}
    for each, value in fields.items():
        own = known.get(each.casefold(), each)
        own = each if own in named or (own in fields and own != each) else own
        named[own] = value
        found.account.turned(name, each if own in own_names else "")
    below = {} if noted else _said_below(kind, named, rest, above)
    came = f"{part.title}\n{part.text}" if raw is None else raw
    found.account.came(name, raw_without_noted(came, noted))
    account_noted(name, noted, found.account)
    digest = digest_of(f"{part.title}\n{body}".encode("utf-8", "surrogateescape"))
    return _Entry(name, digest, part.title, {**named, **below}, noted, rest, tuple(below))


def _said_below(kind: RecordType, there: Mapping[str, str], rest: str, above: str) -> dict[str, str]:
    """Return the fields that an entry does not have at its start but in its text, which stays as it is.

    Of statuses that differ, none is taken: they are unknown words. A day or a severity counts only if it is one.
    """
    lead, *sections = parts_of(rest, _SECTION[kind.name])
    found: dict[str, str] = {}
    for name in dict.fromkeys((*_FIELDS[kind.name], _DATES[kind.name])):
        if name in there:
            continue
        said = [value for each in _names_of(name) for value in said_of(each, (above, lead.text), sections)]
        if name == "Status":
            known = list(dict.fromkeys(status for each in said if (status := status_of(each, kind))))
            if len(known) > 1:
                said = ["; ".join(said)]
            elif known:
                said = [each for each in said if status_of(each, kind)]
        elif name == "Severity":
            said = [each for each in said if severity_of(each, kind)]
        elif name == _DATES[kind.name]:
            said = [each for each in said if moment_of(each)]
        else:
            said = []
        found.update({name: said[0]} if said else {})
    return found


def _names_of(name: str) -> tuple[str, ...]:
    return (name, "Date") if name == "Date Reported" else (name,)


def _titled(entry: _Entry, match: re.Match[str] | None, word: str, found: Findings) -> str:
    """Return a title without its word and number, unless it has nothing else."""
    if not match or not match["title"]:
        return entry.title
    found.account.turned(entry.name, f"{word} {match['number'] or ''}")
    return match["title"]


def _day(entry: _Entry, name: str, place: str, found: Findings) -> str:
    """Return the start of the day that a field names; report a missing one, and one that is not a day."""
    text = entry.fields.get(name, "")
    day = moment_of(text)
    if not day and text:
        found.tell(entry.name, f"its date {text[:80]!r} is not a day; kept in metadata.{place}")
    elif not day and not entry.noted:
        found.tell_group(entry.name, "no date")
    return f"{day[:10]}T00:00:00Z" if day else ""


def _status(entry: _Entry, kind: RecordType, found: Findings) -> tuple[str, str]:
    """Return a record's status and the one that it will have: an unknown status is fitted to its type, and reported."""
    came = entry.fields.get("Status", "")
    known = status_of(came, kind)
    if known:
        return known, known
    used = unknown_status(kind)
    if not came:
        found.tell_group(entry.name, f"no status, so it is {used}")
    return came or used, used


def _finished(
    kind: RecordType,
    record: Incoming,
    entry: _Entry,
    day: str,
    derived: dict[str, str],
    own: dict[str, Any],
    found: Findings,
) -> Incoming:
    """Return a record with its noted values, and with everything that has no field kept in its metadata."""
    record = record._replace(wish=str(entry.noted.get("id") or ""), ours=bool(entry.noted))
    record = with_noted(record, entry.noted, created=day, tool=tree.FORMAT)
    said = {name: each for name, each in entry.fields.items() if name in derived}
    always = said if kind.name == "learning" else ()
    made = {
        **own,
        tree.UNDATED: not record.created,
        tree.KEPT: tree.to_keep(said, derived, always=always),
        tree.FIELDS: {
            name: each for name, each in entry.fields.items() if name not in derived and name not in entry.below
        },
    }
    metadata = {**record.metadata, **{name: each for name, each in made.items() if each}}
    return with_extra(kind, record._replace(metadata=metadata), found)


def with_extra(kind: RecordType, record: Incoming, found: Findings) -> Incoming:
    """Return a record with the fields that the type does not accept moved into the metadata."""
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in record.fields.items():
        if value in ("", None, [], {}, ()):
            found.account.turned(record.entry, name)
            continue
        try:
            check_fields(kind, {name: value}, complete=False)
        except FieldError:
            extra[name] = value
        except BankError:
            # hidden characters, which are removed later
            fields[name] = value
        else:
            (extra if isinstance(value, str) and len(value) > TEXT_LENGTH else fields)[name] = value
    if not extra:
        return record._replace(fields=fields)
    return record._replace(fields=fields, metadata={**record.metadata, tree.EXTRA: extra})


def _body(parts: list[MarkdownPart], shallower: int) -> str:
    return _rendered([(part.title if part.level else "", shifted(part.text, -shallower, 3)) for part in parts])


def _rendered(sections: list[tuple[str, str]]) -> str:
    rows = [f"## {name}\n\n{text}".rstrip() if name else text for name, text in sections]
    return "\n\n".join(row for row in rows if row.strip())
