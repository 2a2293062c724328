"""The rules of content: what a memory file says, held against what is there. Each docstring is its manual page."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.check.world import LINE_LENGTH, STALE_DAYS
from memorybank.contracts.secrets import find_secrets
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memorybank.check.world import Page, Row, World

    ContentRule = Callable[[Page, World], Iterator[Finding]]

_DATE = re.compile(r"\A\[?(\d{4})-(\d{2})-(\d{2})\]?")
_ID = re.compile(r"\s\^[0-9A-Za-z-]+\s*\Z")
_WORD = re.compile(r"[^\W_]+")
_TRANSIENT = re.compile(r"\[(?:cc10x-internal\]|BUILD-START\b|SCOPE-DECISION-PENDING\b|DEBUG-RESET\b|DEBUG-\d+\])")
_WORKFLOW = re.compile(r"\bwf:([^\s\]]+)")
_TAG = re.compile(r"(?<![\w&/`(#])#([A-Za-z][\w./+-]*)")
_CODE = re.compile(r"`[^`]*`")
_AGING = frozenset(("recent changes", "next steps", "blockers"))


def check_long_line(page: Page, world: World) -> Iterator[Finding]:
    """An entry of a contract is one line, and a short one: memory is an index, not a document.

    More than 400 characters (`line_length` under [check] of bank.toml) belong into docs/research or docs/plans, with a
    line that points there: `bank promote` does both.
    """
    limit = world.number("line_length", LINE_LENGTH)
    for row in page.rows if page.is_contract else ():
        if len(row.text) > limit:
            hint = f"bank promote {quoted(_address(page, row))} {row.number} --to document"
            yield _warn(page, row, "long-line", f"the entry has {len(row.text)} characters, {limit} is the limit", hint)


def check_near_duplicate(page: Page, _world: World) -> Iterator[Finding]:
    """No entry of a section says what another one says already, but for date, id, case and punctuation.

    --fix takes the later one out; one that has something below it, or an id of its own, is left to you.
    """
    first: dict[tuple[object, ...], Row] = {}
    for row in page.rows if page.is_contract else ():
        key = tuple(_WORD.findall(_ID.sub("", _DATE.sub("", row.text)).casefold()))
        before = first.setdefault((row.section.number, row.entry.item.depth, key), row)
        if before is not row and key and not row.is_struck:
            message = f"line {before.line} says this already"
            yield _warn(page, row, "near-duplicate", message, "bank check --fix", fixable=_is_alone(page, row))


def check_stale_entry(page: Page, world: World) -> Iterator[Finding]:
    """What is under Recent Changes, Next Steps and Blockers is of now: a date of three months ago is not.

    The days are `stale_days` under [check] of bank.toml. Take such an entry out, or move it to where it lasts.
    """
    days = world.number("stale_days", STALE_DAYS)
    for row in page.rows if page.is_contract else ():
        found = _DATE.match(row.text) if row.section.name.casefold() in _AGING else None
        age = _age(found, world) if found else 0
        if age > days:
            hint = f"bank item remove {quoted(_address(page, row))} {row.number}"
            yield _warn(page, row, "stale-entry", f"the entry is {age} days old", hint)


def check_transient_marker(page: Page, world: World) -> Iterator[Finding]:
    """Marks of a workflow, as `[cc10x-internal] memory_task_id`, `[BUILD-START]` and `[DEBUG-1]`, go when it ends.

    A mark that names a workflow (`wf:ID`) is told when that one is not active, one that names none when none is; debug
    lines that name none are told by nobody. Left behind they lead the next workflow astray. --fix takes them out.
    """
    for row in page.rows if page.is_contract else ():
        mark = _TRANSIENT.search(_CODE.sub("", row.text))
        if mark is None or row.is_struck:
            continue
        named = _WORKFLOW.search(row.text)
        if named is None and (world.active_workflows or mark[0].startswith("[DEBUG-")):
            continue
        if named is None or named[1] not in world.active_workflows:
            which = f"workflow {named[1]} is" if named else "no workflow is"
            message = f"{mark[0]} stays behind: {which}{' not' if named else ''} active"
            yield _warn(page, row, "transient-marker", message, "bank check --fix", fixable=_is_alone(page, row))


def check_unknown_tag(page: Page, world: World) -> Iterator[Finding]:
    """Tags are those that were agreed on: `tags` under [check] of bank.toml lists them; without it any tag will do."""
    known = {each.casefold().lstrip("#") for each in world.texts("tags")}
    for row in page.rows if known else ():
        for found in _TAG.finditer(_CODE.sub("", row.text)):
            if found[1].casefold().rstrip(".") not in known:
                yield _warn(page, row, "unknown-tag", f"the tag #{found[1]} is none of those agreed on")


def check_secret(page: Page, _world: World) -> Iterator[Finding]:
    """No key, token or password stands in a memory file: every agent reads it, and git keeps it for ever.

    Take it out and make a new one; it counts as known. What only looks like one is named in the allow-list.
    """
    yield from secrets_of(page.document.path, page.document.source.text)


def secrets_of(file: str, text: str) -> Iterator[Finding]:
    """Tell what looks like a secret in the text of any file."""
    for each in find_secrets(text):
        message = f"this looks like a secret ({each.rule})"
        hint = "take it out, and make a new one: git keeps the old"
        yield Finding("secret", "error", file, each.line, message, hint)


def _age(found: re.Match[str], world: World) -> int:
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return 0
    return (world.now.date() - day).days if world.now else 0


def _is_alone(page: Page, row: Row) -> bool:
    text = page.document.source.text[row.entry.item.start : row.entry.item.end].strip()
    return "\n" not in text and "\r" not in text and not row.entry.id


def _address(page: Page, row: Row) -> str:
    return f"{page.document.path}#{row.section.name}"


def _warn(page: Page, row: Row, rule: str, message: str, hint: str = "", *, fixable: bool = False) -> Finding:
    told = hint if fixable or "--fix" not in hint else f"bank item remove {quoted(_address(page, row))} {row.number}"
    return Finding(rule, "warning", page.document.path, row.line, message, told, fixable)


CONTENT: dict[str, ContentRule] = {
    "long-line": check_long_line,
    "near-duplicate": check_near_duplicate,
    "stale-entry": check_stale_entry,
    "transient-marker": check_transient_marker,
    "unknown-tag": check_unknown_tag,
    "secret": check_secret,
}
