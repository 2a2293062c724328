"""Read a Module 71 tree, from a project or from our export, as records and files of a bank."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from memorybank.document.source import digest_of
from memorybank.errors import BankError, FieldError
from memorybank.exchange.incoming import Incoming, PlainFile, ReadResult
from memorybank.exchange.markdown_entries import labelled, parts_of, shifted, split_fields, without_rules
from memorybank.exchange.module71 import tree
from memorybank.exchange.module71.entry_text import bug_fields, decision_fields
from memorybank.exchange.module71.log import merged_log
from memorybank.exchange.module71.session_json import session_of, with_noted
from memorybank.exchange.safe_read import FileTree, ForeignError, Misfit, json_of, moment_of, refusal_of, text_of
from memorybank.records.fields import check_fields
from memorybank.records.templates import load_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.records.types import RecordType
    from memorybank.store.folder import BankFolder

_DECISION = re.compile(r"Decision(?:[ \t]+#?(?P<number>\d{1,6}))?:[ \t]*(?P<title>.*)\Z", re.ASCII)
_LEARNING = re.compile(r"(?P<day>\d{4}-\d\d-\d\d):[ \t]*(?P<title>.*)\Z", re.ASCII)
_BUG = re.compile(r"Bug[ \t]+#?(?P<number>\d{1,6}):?[ \t]*(?P<title>.*)\Z", re.ASCII)
_NUMBER = re.compile(r"(\d{1,6})\.md\Z", re.ASCII)
# the files to restore; never settings or templates, because they control what the program does
_CARRIED = re.compile(r"pafs\.md\Z|memories/[^/]+/[^/]+\.md\Z|groups/[^/]+\.md\Z")
_KNOWN = (tree.README, tree.SUMMARY, tree.LOG, tree.DECISIONS, tree.LEARNINGS)


def read_tree(bank: BankFolder, source: FileTree) -> ReadResult:
    """Read a tree; write nothing.

    Raises:
        ForeignError: the folder has no file of such a tree.
    """
    if not any(each in _KNOWN[1:] or each.startswith((tree.BUGS, tree.SESSIONS)) for each in source.names):
        why = f"it has no {', '.join(_KNOWN[1:])}, {tree.BUGS} or {tree.SESSIONS}"
        raise ForeignError(path=source.root, why=why)
    misfits = list(source.misfits)
    records: list[Incoming] = []
    files: list[PlainFile] = []
    for name in source.names:
        try:
            _take(bank, source, name, records, files, misfits)
        except BankError as error:
            misfits.append(Misfit(name, f"skipped: {refusal_of(error)}"))
    return ReadResult(tree.FORMAT, tuple(records), tuple(files), tuple(misfits))


def _take(
    bank: BankFolder,
    source: FileTree,
    name: str,
    records: list[Incoming],
    files: list[PlainFile],
    misfits: list[Misfit],
) -> None:
    folder = name.partition("/")[0] + "/"
    direct = "/" not in name[len(folder) :]
    if name == tree.DECISIONS:
        records += decisions(load_type(bank, "decision"), source.text_of(name), misfits)
    elif name == tree.LEARNINGS:
        records += learnings(load_type(bank, "learning"), source.text_of(name), misfits)
    elif folder == tree.BUGS and direct and name.endswith(".md"):
        records.append(bug(load_type(bank, "bug"), source.text_of(name), name))
    elif folder == tree.SESSIONS and direct and name.endswith(".json"):
        data = source.bytes_of(name)
        value = json_of(data, name)
        if not isinstance(value, dict):
            raise ForeignError(path=name, why="it is not a JSON object")
        records.append(_with_extra(load_type(bank, "session"), session_of(value, name, digest_of(data))))
    elif name == tree.LOG:
        files += merged_log(bank, source.bytes_of(name), misfits)
    elif name == tree.SUMMARY:
        files.append(PlainFile(name, tree.BANK_SUMMARY, source.bytes_of(name)))
    elif name == tree.README:
        files += _readme(source)
    elif name.startswith(tree.CARRIED) and _CARRIED.match(name.removeprefix(tree.CARRIED)):
        files.append(PlainFile(name, name.removeprefix(tree.CARRIED), source.bytes_of(name)))
    elif name.startswith(tree.CARRIED):
        misfits.append(Misfit(name, "skipped: such a file is not restored"))
    elif folder in {tree.CHECKPOINTS, tree.ARTIFACTS}:
        files.append(PlainFile(name, name, source.bytes_of(name)))
    else:
        misfits.append(Misfit(name, "skipped: it is not a file of the tree"))


def _readme(source: FileTree) -> list[PlainFile]:
    """Return a README written by a person as a file to keep; skip our own, which is generated again."""
    data = source.bytes_of(tree.README)
    text = text_of(data)
    title = text.partition("\n")[0].removeprefix("# ").removesuffix(" - memory")
    if text == tree.README_TEXT.replace("{title}", title):
        return []
    return [PlainFile(tree.README, f"{tree.ARTIFACTS}module71-README.md", data)]


def decisions(kind: RecordType, text: str, misfits: list[Misfit]) -> Iterator[Incoming]:
    """Read `decisions.md`, entry by entry."""
    numbers: set[int] = set()
    rows = list(_entries(tree.DECISIONS, text, misfits))
    found = [_DECISION.match(title) for _, title, _ in rows]
    numbered = [int(each["number"]) for each in found if each and each["number"]]
    following = max(numbered, default=0) + 1
    for (entry, title, body), match in zip(rows, found, strict=True):
        number = int(match["number"]) if match and match["number"] else 0
        if number == 0 or number in numbers:
            number, following = following, following + 1
        numbers.add(number)
        fields, noted, rest = split_fields(body)
        day = _day(fields.get("Date", ""))
        made = moment_of(noted.get("created")) or day
        status = tree.status_of(fields.get("Status", ""), kind)
        decider = fields.get("Decider", "")
        derived = decision_fields(day[:10], made, status, decider)
        record = Incoming(
            entry,
            digest_of(f"{title}\n{body}".encode("utf-8", "surrogateescape")),
            "decision",
            match["title"] if match and match["title"] else title,
            _body(parts_of(without_rules(rest), 3), 1),
            status=status,
            fields={"decider": decider, **({"date": day[:10]} if day else {})},
        )
        yield _finished(kind, record, noted, day, fields, derived, {tree.NUMBER: number})


def learnings(kind: RecordType, text: str, misfits: list[Misfit]) -> Iterator[Incoming]:
    """Read `learnings.md`, entry by entry."""
    for place, (entry, title, body) in enumerate(_entries(tree.LEARNINGS, text, misfits), 1):
        match = _LEARNING.match(title)
        day = moment_of(match["day"]) if match else ""
        fields, noted, rest = split_fields(body, tree.LEARNING_LABELS)
        sections: list[tuple[str, str]] = []
        for part in parts_of(without_rules(rest), 3):
            rows = labelled(part.text, tree.LEARNING_LABELS)
            sections += [(name or (part.title if part.level else ""), shifted(each, -1, 3)) for name, each in rows]
        record = Incoming(
            entry,
            digest_of(f"{title}\n{body}".encode("utf-8", "surrogateescape")),
            "learning",
            match["title"] if match and day else title,
            _rendered(sections),
            status=str(noted.get("status") or ""),
        )
        yield _finished(kind, record, noted, day, fields, {}, {tree.POSITION: place})


def bug(kind: RecordType, text: str, name: str) -> Incoming:
    """Read one file of `bugs/`.

    Raises:
        ForeignError: it has no heading.
    """
    parts = parts_of(text, 1)
    if len(parts) < 2:  # noqa: PLR2004  what stands before the heading, and the heading
        raise ForeignError(path=name, why="it has no heading")
    title = parts[1].title
    body = "\n\n".join([parts[1].text, *(f"# {each.title}\n{each.text}" for each in parts[2:])])
    match = _BUG.match(title)
    in_name = _NUMBER.search(name)
    number = int(match["number"]) if match else int(in_name[1]) if in_name else 0
    fields, noted, rest = split_fields(body)
    fields.setdefault("Date Reported", fields.get("Date", ""))
    day = _day(fields["Date Reported"])
    status = tree.status_of(fields.get("Status", ""), kind)
    severity = tree.severity_of(fields.get("Severity", ""), kind)
    reporter = fields.get("Reported By", "")
    derived = bug_fields(moment_of(noted.get("created")) or day, reporter, severity, status)
    record = Incoming(
        name,
        digest_of(text.encode("utf-8", "surrogateescape")),
        "bug",
        match["title"] if match and match["title"] else title,
        _body(parts_of(without_rules(rest), 2), 0),
        status=status,
        fields={"severity": severity, "reported_by": reporter, **({"number": number} if number else {})},
    )
    return _finished(kind, record, noted, day, fields, derived, {})


def _entries(name: str, text: str, misfits: list[Misfit]) -> Iterator[tuple[str, str, str]]:
    """Yield the entries of a file: their names in it, their headings, their text."""
    seen: dict[str, int] = {}
    for part in parts_of(text, 2):
        if part.level != 2:  # noqa: PLR2004  an entry's heading
            if without_rules(part.text).strip():
                misfits.append(Misfit(name, f"skipped text outside of the entries: {part.text[:60]!r}"))
            continue
        seen[part.title] = seen.get(part.title, 0) + 1
        again = f" ({seen[part.title]})" if seen[part.title] > 1 else ""
        yield f"{name}#{part.title}{again}", part.title, without_rules(part.text)


def _day(text: str) -> str:
    day = moment_of(text)
    return f"{day[:10]}T00:00:00Z" if day else ""


def _finished(
    kind: RecordType,
    record: Incoming,
    noted: dict[str, Any],
    day: str,
    fields: dict[str, str],
    derived: dict[str, str],
    own: dict[str, Any],
) -> Incoming:
    """Return a record with its noted values, and with everything that has no field kept in its metadata."""
    record = record._replace(wish=str(noted.get("id") or ""), ours=bool(noted.get("id")))
    record = with_noted(record, noted, created=day, tool=tree.FORMAT)
    more = {name: each for name, each in fields.items() if name not in _FIELDS[record.kind]}
    said = {name: each for name, each in fields.items() if name in derived}
    made = {
        **own,
        tree.UNDATED: not record.created,
        tree.KEPT: tree.to_keep(said, derived),
        tree.FIELDS: more,
    }
    noted_fields = noted.get("fields")
    known = noted_fields if isinstance(noted_fields, dict) else {}
    record = record._replace(
        fields={**known, **record.fields},
        metadata={**record.metadata, **{name: each for name, each in made.items() if each}},
    )
    return _with_extra(kind, record)


_FIELDS = {
    "decision": ("Date", "Status", "Decider"),
    "bug": ("Date Reported", "Date", "Reported By", "Severity", "Status"),
    "learning": (),
}


def _with_extra(kind: RecordType, record: Incoming) -> Incoming:
    """Return a record with the fields that the type does not accept moved into the metadata."""
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in record.fields.items():
        try:
            check_fields(kind, {name: value}, complete=False)
            fields[name] = value
        except FieldError:
            extra[name] = value
        except BankError:
            # hidden characters, which are removed later
            fields[name] = value
    if not extra:
        return record
    return record._replace(fields=fields, metadata={**record.metadata, tree.EXTRA: extra})


def _body(parts: list[Any], shallower: int) -> str:
    rows = [(part.title if part.level else "", shifted(part.text, -shallower, 3)) for part in parts]
    return _rendered(rows)


def _rendered(sections: list[tuple[str, str]]) -> str:
    rows = [f"## {name}\n\n{text}" if name else text for name, text in sections if text.strip()]
    return "\n\n".join(rows)
