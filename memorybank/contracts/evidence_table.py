"""Convert a table of evidence to lines: columns are found by the header row, in any order. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.document.sections import key_of

_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_MARKS = re.compile(r"[*_`:#?]+|\s*<!--.*?-->")
_JOINT = re.compile(r"\s*(?:[/&+,]|\band\b|\bor\b)\s*")
_TICKS = re.compile(r"`+")
# a cell that means "nothing"
_NOTHING = re.compile(r"(?:[-\u2013\u2014]+|n/?a)\Z", re.IGNORECASE)
# Markdown that is rendered differently outside a code span than inside one
_MARKUP = re.compile(r"\\[!-/:-@\[-`{-~]|\]\(|\]\[|\[\^|<[a-z][a-z+.-]*:|&#?\w+;|\*\*", re.IGNORECASE)
# the words in a column's heading, by what the column holds
_ROLES = {
    "what": "check checks test tests kind what item items step steps verification name scenario criterion suite target",
    "command": "command commands cmd run script",
    "method": "method how tool procedure",
    "result": "result results outcome status state passed pass verdict actual",
    "exit": "exit code rc",
    "date": "date when day time timestamp at",
    "proof": "evidence proof output",
}
_ROLE_OF = {word: role for role, words in _ROLES.items() for word in words.split()}
_PHRASES = {
    "exit code": "exit",
    "exit status": "exit",
    "return code": "exit",
    "exit result": "exit",
    "actual result": "result",
    "how to run": "command",
    "what was run": "command",
    "what was checked": "what",
}
_OTHERWISE = frozenset(("expected", "last", "next", "planned", "previous", "old", "no", "wanted"))


class Table(NamedTuple):
    """A table's first and last line among the given lines, and its cells; `why` is set if a row does not fit."""

    first: int
    last: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    why: str = ""


def find_table(lines: list[str]) -> Table | None:
    """Find the table in the lines of one paragraph; `why` reports the first row that does not fit the header."""
    for number in range(1, len(lines)):
        if not _RULE.match(lines[number]) or "|" not in lines[number - 1] + lines[number]:
            continue
        header = cells_of(lines[number - 1])
        if len(header) != len(cells_of(lines[number])):
            continue
        rows, why = [], ""
        for line in lines[number + 1 :]:
            cells = cells_of(line, len(header))
            if len(cells) > len(header) or "|" not in line:
                why = why or f"the row {line.strip()!r} does not fit the header"
            elif not _RULE.match(line) and any(cells):
                rows.append((*cells, *[""] * (len(header) - len(cells))))
        return Table(number - 1, len(lines), tuple(header), tuple(rows), why)
    return None


def cells_of(line: str, wanted: int = 0) -> list[str]:
    """Split a row into its cells, empty ones too; a bar in code or after a backslash is text.

    If the number of cells is then not `wanted`, bars in code also split cells, provided that gives the right number.
    """
    found = _cut(line, code=True)
    if wanted and len(found) != wanted:
        plain = _cut(line, code=False)
        return plain if len(plain) == wanted else found
    return found


def _cut(line: str, *, code: bool) -> list[str]:
    cells, cell, at = [], "", 0
    text = line.strip()
    while at < len(text):
        ticks = _TICKS.match(text, at) if code else None
        if text.startswith("\\|", at):
            cell, at = cell + "|", at + 2
        elif ticks:
            end = re.compile(rf"(?<!`){ticks[0]}(?!`)").search(text, ticks.end())
            stop = end.end() if end else ticks.end()
            cell, at = cell + text[at:stop].replace("\\|", "|"), stop
        elif text[at] == "|":
            cells.append(cell.strip())
            cell, at = "", at + 1
        else:
            cell, at = cell + text[at], at + 1
    cells.append(cell.strip())
    if text.startswith("|"):
        del cells[0]
    if len(cells) > 1 and not cells[-1]:
        del cells[-1]
    return cells


def lines_of_table(table: Table, arrow: str) -> tuple[list[str], str]:
    """Return the rows as lines of evidence: the command, an arrow, the result, then the other cells.

    Returns no lines and the reason, if the header does not name the columns or a row has no command or result.
    """
    if table.why:
        return [], table.why
    places = _places(table.header)
    if "result" not in places.values() or not {"command", "what"} & set(places.values()):
        return [], "its header has no column for the command or check and for the result"
    lines = []
    for row in table.rows:
        line = _line(table.header, places, row, arrow)
        if not line:
            return [], f"the row {' | '.join(row)!r} has no command or no result"
        lines.append(line)
    return lines, ""


def _role(name: str) -> str:
    words = key_of(_MARKS.sub(" ", name))
    if words in _PHRASES:
        return _PHRASES[words]
    roles = {_word_role(word.split()) for word in _JOINT.split(words)}
    roles = {"command"} if roles == {"command", "method"} else {"exit"} if roles == {"exit", "result"} else roles
    return roles.pop() if len(roles) == 1 else ""


def _word_role(words: list[str]) -> str:
    """Return the role that the last word names, as in `test command`; `expected result` has none."""
    if len(words) > 1 and words[0] in _OTHERWISE:
        return ""
    return _ROLE_OF.get(words[-1], "") if words else ""


def _places(header: tuple[str, ...]) -> dict[int, str]:
    """Return the role of each column; a second column of the same role, or an unknown one, gets none."""
    roles = {at: _role(name) for at, name in enumerate(header)}
    found: dict[int, str] = {}
    for wanted in (("what",), ("command", "method"), ("exit", "result", "proof"), ("date",)):
        for role in wanted:
            at = next((at for at, each in roles.items() if each == role and at not in found), None)
            if at is not None:
                found[at] = {"method": "command", "exit": "result", "proof": "result"}.get(role, role)
                break
    return found


def _line(header: tuple[str, ...], places: dict[int, str], row: tuple[str, ...], arrow: str) -> str:
    by_role = {role: (header[at], row[at]) for at, role in places.items()}
    what, result, (name, command) = (
        by_role.get("what", ("", ""))[1],
        by_role["result"][1],
        by_role.get("command", ("", "")),
    )
    what, command = ("" if _NOTHING.match(each) else each for each in (what, command))
    if not result or _NOTHING.match(result) or not (command or what):
        return ""
    if _role(by_role["result"][0]) == "exit" and result.lstrip("-").isdigit():
        result = f"exit {result}"
    is_said = not command and "`" in result and ("→" in result or "->" in result)
    is_as_written = "`" in command or _MARKUP.search(command) or _role(name) == "method"
    shown = command if is_as_written else f"`{command}`"
    parts = (
        [f"{shown} {arrow} {result}", what] if command else [result, what] if is_said else [f"{what} {arrow} {result}"]
    )
    for at, cell in enumerate(row):
        if cell and places.get(at) in (None, "date"):
            label = key_of(_MARKS.sub(" ", header[at]))
            is_plain = (
                places.get(at) == "date" or _role(header[at]) or label in ("note", "notes", "comment", "details", "")
            )
            parts.append(cell if is_plain else f"{header[at]}: {cell}")
    return " - ".join(part for part in parts if part)
