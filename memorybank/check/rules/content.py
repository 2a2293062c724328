"""The rules for content: what the entries of a memory file say. Each docstring is the rule's manual page."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.check.lookup import LINE_LENGTH, STALE_DAYS
from memorybank.document.items import read_body
from memorybank.secrets.scan import find_secrets
from memorybank.shell import quoted
from memorybank.store.view import unknown_sections_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memorybank.check.lookup import Lookup, Row, RulePage

    ContentRule = Callable[[RulePage, Lookup], Iterator[Finding]]

_DATE = re.compile(r"\A\[?(\d{4})-(\d{2})-(\d{2})\]?")
_ID = re.compile(r"\s\^[0-9A-Za-z-]+\s*\Z")
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)|[\"\u2018-\u201f]|(?<!\w)'|'(?!\w)")
_STOP = re.compile(r"[.,;:!?]+(?=\s|\Z)")
_CODE_SPAN = re.compile(r"(`[^`]*`)")
_TRANSIENT = re.compile(r"\[(?:cc10x-internal\]|BUILD-START\b|SCOPE-DECISION-PENDING\b|DEBUG-RESET\b|DEBUG-\d+\])")
_WORKFLOW = re.compile(r"\bwf:([^\s\]]+)")
_TAG = re.compile(r"(?<![\w&/`(#])#([A-Za-z][\w./+-]*)")
_CODE = re.compile(r"`[^`]*`")
_AGING = frozenset(("recent changes", "next steps", "blockers"))


def check_long_line(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """An entry of a contract is one short line: memory is an index, not a document.

    Move a text of more than 400 characters (`line_length` under [check] of bank.toml) into docs/research or docs/plans
    and leave a line that points there: `bank promote` does both.
    """
    limit = world.number("line_length", LINE_LENGTH)
    for row in page.rows if page.is_contract else ():
        if len(row.text) > limit:
            hint = f"bank promote {quoted(_address(page, row))} {row.number} --to document"
            yield _warn(page, row, "long-line", f"the entry has {len(row.text)} characters, more than {limit}", hint)


def check_near_duplicate(page: RulePage, _world: Lookup) -> Iterator[Finding]:
    """No entry of a list repeats another one; date, id, case and punctuation are ignored.

    --fix removes the later one only if both are equal, character for character, in the same list and below the same
    parent. Entries that only look alike, are struck, numbered, ticked differently or have text below are left to you.
    """
    alike: dict[tuple[object, ...], list[Row]] = {}
    for row in page.rows if page.is_contract else ():
        key = _words_of(row.text)
        if key and not row.is_struck:
            alike.setdefault((row.section.number, row.entry.item.parent, key), []).append(row)
    for rows in (each for each in alike.values() if len(each) > 1):
        said: dict[int, list[Row]] = {}
        for row, place in zip(rows, _lists_of(page, rows), strict=True):
            others = said.setdefault(place, [])
            below = _below(page, row)
            before = [each for each in others if not below or _below(page, each) in ("", below)]
            if before:
                box = ", with a different checkbox" if before[0].entry.item.task != row.entry.item.task else ""
                message = f"the same text as line {before[0].line}{box}"
                is_equal = any(_is_twin(page, each, row) for each in before)
                more = all(_below(page, each) != below for each in before)
                hint = f"bank item list {quoted(_address(page, row))}" if more else "bank check --fix"
                yield _warn(page, row, "near-duplicate", message, hint, fixable=is_equal)
            others.append(row)


def check_duplicate_id(page: RulePage, _world: Lookup) -> Iterator[Finding]:
    """No two items of a section have the same id (`^id` at the end of a line): an address with it means neither.

    Change one of them in an editor, which `bank edit FILE` opens; until then a command names the item by its number.
    """
    first: dict[tuple[str, str], Row] = {}
    for row in page.rows:
        known = first.setdefault((_address(page, row), row.entry.id), row) if row.entry.id else row
        if known.entry.item.start != row.entry.item.start:
            message = f"^{row.entry.id} is also the id of the item on line {known.line}"
            yield _warn(page, row, "duplicate-id", message, f"bank edit {quoted(page.document.path)}")


def _below(page: RulePage, row: Row) -> str:
    """Return the text of an item after its first line, joined into one line."""
    text = page.document.source.text[row.entry.item.start : row.entry.item.end]
    return " ".join(text.partition("\n")[2].split())


def _words_of(text: str) -> str:
    """Return an entry's text without date, id, emphasis, quotes and closing punctuation.

    Symbols and code are kept: `C` is not `C++`, and a cross is not a tick.
    """
    parts = _CODE_SPAN.split(_ID.sub("", _DATE.sub("", text)))
    plain = [part if number % 2 else _EMPHASIS.sub("", part).casefold() for number, part in enumerate(parts)]
    return " ".join(_STOP.sub(" ", "".join(plain)).split())


def _lists_of(page: RulePage, rows: list[Row]) -> list[int]:
    """Return for each row the number of blocks above it that are not lists: a label or heading separates two lists."""
    blocks = read_body(page.document, rows[0].section).blocks
    others = [block.start for block in blocks if block.kind != "list"]
    return [sum(1 for start in others if start < row.entry.item.start) for row in rows]


def _is_twin(page: RulePage, one: Row, other: Row) -> bool:
    """Check whether two rows are equal, character for character, and their list is not numbered."""
    text = page.document.source.text
    raw, twin = (text[each.entry.item.start : each.entry.item.end].strip() for each in (one, other))
    return raw == twin and _is_alone(page, other) and not other.entry.item.marker[:-1].isdigit()


def check_stale_entry(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """Entries under Recent Changes, Next Steps and Blockers are current: not more than 90 days old.

    `stale_days` under [check] of bank.toml sets the days. Remove an old entry, or move it to a lasting section.
    """
    days = world.number("stale_days", STALE_DAYS)
    for row in page.rows if page.is_contract else ():
        found = _DATE.match(row.text) if row.section.name.casefold() in _AGING else None
        age = _age(found, world) if found else 0
        if age > days:
            hint = f"bank item remove {quoted(_address(page, row))} {row.number}"
            yield _warn(page, row, "stale-entry", f"the entry is {age} days old", hint)


def check_transient_marker(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """Marks of a workflow, like `[cc10x-internal] memory_task_id`, `[BUILD-START]` and `[DEBUG-1]`, go when it ends.

    A mark that names a workflow (`wf:ID`) is reported if that workflow is not active. A mark without a name is reported
    if no workflow is active, except for debug lines. Old marks mislead the next workflow. --fix removes a line that
    begins with such a mark; a line that only mentions one is left to you.
    """
    for row in page.rows if page.is_contract else ():
        mark = _TRANSIENT.search(_CODE.sub("", row.text))
        if mark is None or row.is_struck:
            continue
        named = _WORKFLOW.search(row.text)
        if named is not None and named[1].startswith(("[", "{", "<")):
            # a placeholder from a template
            continue
        if named is None and (world.active_workflows or mark[0].startswith("[DEBUG-")):
            continue
        if named is None or named[1] not in world.active_workflows:
            which = f"workflow {named[1]} is" if named else "no workflow is"
            message = f"{mark[0]} was left behind: {which}{' not' if named else ''} active"
            is_mark = _DATE.sub("", row.text).lstrip().startswith(mark[0]) and _is_alone(page, row)
            yield _warn(page, row, "transient-marker", message, "bank check --fix", fixable=is_mark)


def check_unknown_tag(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """Every tag, also of a record, is listed in `tags` under [check] of bank.toml; without a list all are allowed."""
    for row in page.rows if world.known_tags else ():
        for found in _TAG.finditer(_CODE.sub("", row.text)):
            if found[1].casefold().rstrip(".") not in world.known_tags:
                yield _warn(page, row, "unknown-tag", f"unknown tag #{found[1]}: not in the list of bank.toml")


def check_secret(page: RulePage, _world: Lookup) -> Iterator[Finding]:
    """No memory file contains a key, token or password: every agent reads it, and git keeps it forever.

    Remove the secret and replace it with a new one, because it is no longer secret. Add false positives to the
    allow-list.
    """
    yield from secrets_of(page.document.path, page.document.source.text)


def check_unknown_heading(page: RulePage, world: Lookup) -> Iterator[Finding]:
    """In a bank of Cline or Roo, the sections of the files that take notes have known names, in one of many languages.

    No note goes to a section with another name. Say in bank.toml what it is for, `"MY SECTION" = "next"` under
    [headings], with a kind of `bank note`, or with "other" for none; or rename it. This never fails a check.
    """
    if world.bank.layout.contracted or page.document.path not in world.bank.main_files:
        return
    for section in unknown_sections_of(world.bank, page.document):
        line = page.document.source.line_of(section.start)
        name = section.name.replace("\\", "\\\\").replace('"', '\\"')
        message = f"'## {section.name}' is not known: no note goes there"
        hint = f'to bank.toml, under [headings]: "{name}" = "KIND", a kind of bank note, or "other"'
        yield Finding("unknown-heading", "notice", page.document.path, line, message, hint)


def secrets_of(file: str, text: str) -> Iterator[Finding]:
    """Report what looks like a secret in the text of any file."""
    for secret in find_secrets(text):
        message = f"this looks like a secret ({secret.rule})"
        hint = "remove it and create a new one: git keeps the old one"
        yield Finding("secret", "error", file, secret.line, message, hint)


def _age(found: re.Match[str], world: Lookup) -> int:
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return 0
    return (world.now.date() - day).days if world.now else 0


def _is_alone(page: RulePage, row: Row) -> bool:
    text = page.document.source.text[row.entry.item.start : row.entry.item.end].strip()
    return "\n" not in text and "\r" not in text and not row.entry.id


def _address(page: RulePage, row: Row) -> str:
    return f"{page.document.path}#{row.section.name}"


def _warn(page: RulePage, row: Row, rule: str, message: str, hint: str = "", *, fixable: bool = False) -> Finding:
    if not fixable and "--fix" in hint:
        hint = f"bank item remove {quoted(_address(page, row))} {row.number}"
    return Finding(rule, "warning", page.document.path, row.line, message, hint, fixable)


CONTENT: dict[str, ContentRule] = {
    "long-line": check_long_line,
    "near-duplicate": check_near_duplicate,
    "duplicate-id": check_duplicate_id,
    "stale-entry": check_stale_entry,
    "transient-marker": check_transient_marker,
    "unknown-tag": check_unknown_tag,
    "secret": check_secret,
    "unknown-heading": check_unknown_heading,
}
# notices that are reported without being asked for: a line that went elsewhere looks lost
SHOWN_NOTICES = frozenset({"unknown-heading"})
