"""Read the fields of a decision record that stand in its text: lines, labels and tables."""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.document.source import lines_of, without_eol
from memorybank.exchange.adr.page import field_of
from memorybank.exchange.markdown_entries import trimmed
from memorybank.patterns import later

_MARK = r"(?:\*\*|__|\*|_|`)?"
_LINE = later(
    rf"[ \t]*(?:>[ \t]?)*(?:[-*+\u2022][ \t]+)?{_MARK}(?P<name>[^\W_][^:\uff1a|\n*]{{0,60}}?){_MARK}"
    rf"[ \t]*[:\uff1a]{_MARK}"
    r"(?:[ \t]*(?P<value>\S.*?))?(?P<end>[ \t]*(?:\\|<br */?>))?[ \t]*\Z"
)
_LABEL = later(r"[ \t]*(?:>[ \t]?)*(?:\*\*|__)(?P<name>[^*_:\n]{2,40})(?:\*\*|__)[ \t]*\Z")
_SEPARATOR = later(r"[ \t]*+\|?(?:[ \t]*+:?-++:?[ \t]*+\|?)++[ \t]*+\Z")
_FENCE = later(r"[ \t]*(?:>[ \t]?)*(?P<mark>`{3,}|~{3,})(?P<info>.*)\Z")
_COMMENT = later(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE_LINE = later(r"(?: {4}|\t)[ \t]*\S")
_NEXT = later(r"\s*[|\u00b7\u2022;]\s*(?=\**_*[^\W\d_][^:\uff1a|]{1,40}?\**_*\s*[:\uff1a])")
_STARTS = later(r"[ \t]*(?:[-*+>#|\u2022]|\d{1,3}[.)]|<|\Z)")
_MOST = 400


class HeadValue(NamedTuple):
    """A field as it stands in the text: its name here, its label and value, and whether its line can be removed.

    `end` is the mark of a line break at its end.
    """

    field: str
    label: str
    value: str
    is_alone: bool = False
    line: int = -1
    end: str = ""


def read_said(text: str) -> list[HeadValue]:
    """Return the fields and other labelled values of a text, in their order; `field` is "" for other labels."""
    found: list[HeadValue] = []
    lines = visible_lines(text)
    for number, line in enumerate(lines):
        if len(line) > _MOST * 5:
            continue
        match = _LINE.match(line)
        if match and not line.strip().startswith("|"):
            found += _of_line(match, lines, number)
        elif label := _LABEL.match(line):
            value = next((each.strip() for each in lines[number + 1 :] if each.strip()), "")
            if field_of(label["name"]):
                found.append(HeadValue(field_of(label["name"]), label["name"], value))
    return found + _of_tables(lines)


def visible_lines(text: str) -> list[str]:
    """Return the lines of a text; those that are comments or code are empty."""
    lines = [without_eol(each) for each in lines_of(text)]
    bare = [without_eol(each) for each in lines_of(_COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text))]
    lines = ["" if not seen.strip() else line for line, seen in zip(lines, bare, strict=True)]
    fence = ""
    is_code = in_list = False
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            closes = mark and mark["mark"].startswith(fence) and not mark["info"].strip()
            lines[number], fence = "", "" if closes else fence
            continue
        if mark and not (mark["mark"][0] == "`" and "`" in mark["info"]):
            lines[number], fence = "", mark["mark"]
            continue
        if line.strip() and not line.startswith((" ", "\t")):
            in_list = bool(_STARTS.match(line))
        before = lines[number - 1].strip() if number else ""
        is_code = bool(_CODE_LINE.match(line)) and not in_list and (is_code or not before)
        lines[number] = "" if is_code else line
    return lines


def _of_line(match: re.Match[str], lines: list[str], number: int) -> list[HeadValue]:
    name, value = match["name"].strip(), match["value"] or ""
    if not field_of(name):
        # the value of another label may go on below it, indented
        for each in lines[number + 1 : number + 12]:
            if not each.startswith((" ", "\t")) or not each.strip() or _LINE.match(each):
                break
            value = f"{value} {each.strip()}"
    pieces = _NEXT.split(value)
    following = lines[number + 1] if number + 1 < len(lines) else ""
    # a line of its own: nothing goes on below it
    ends = not following.strip() or (bool(_STARTS.match(following)) and not following.startswith(("  ", "\t")))
    ends = ends or (_LINE.match(following) is not None and bool(field_of(_LINE.match(following)["name"])))  # type: ignore[index]
    is_alone = len(pieces) == 1 and ends and bool(value)
    found = [HeadValue(field_of(name), name, _bare(pieces[0]), is_alone, number, match["end"] or "")]
    for piece in pieces[1:]:
        inner = _LINE.match(piece)
        if inner:
            found.append(HeadValue(field_of(inner["name"]), inner["name"].strip(), _bare(inner["value"] or "")))
    return found


def _bare(value: str) -> str:
    """Return a value without marks around it that were opened before the label."""
    value = value.strip()
    for mark in ("**", "__"):
        if value.count(mark) == 1:
            value = value.removeprefix(mark) if value.startswith(mark) else value.removesuffix(mark)
    return value.strip()


def _cells(line: str) -> list[str]:
    return [each.strip().replace("\0", "|") for each in line.strip().replace("\\|", "\0").strip("|").split("|")]


def _of_tables(lines: list[str]) -> list[HeadValue]:
    found: list[HeadValue] = []
    for number, line in enumerate(lines):
        if not line.strip().startswith("|") or _SEPARATOR.match(line):
            continue
        cells = _cells(line)
        names = [field_of(re.sub(r"[*_`:\uff1a]+", "", each)) for each in cells]
        below = [each for each in lines[number + 1 : number + 3] if each.strip().startswith("|")]
        if sum(map(bool, names)) > 1 and len(below) > 1 and _SEPARATOR.match(below[0]):
            rows = _rows_below(lines, number + 2)
            if len(rows) > 1:
                found += _of_history(names, cells, rows)
                continue
            values = _cells(below[1])
            found += [
                HeadValue(name, label, value) for name, label, value in zip(names, cells, values, strict=False) if name
            ]
        elif len(cells) >= 2 and len(cells) <= 3:  # noqa: PLR2004  a name and its value
            label = re.sub(r"[*_`:\uff1a]+", " ", cells[0]).strip()
            value = " ".join(cells[1:]).strip()
            if label and value and not field_of(value):
                found.append(HeadValue(names[0], label, value))
    return found


def _rows_below(lines: list[str], start: int) -> list[list[str]]:
    rows = []
    for line in lines[start:]:
        if not line.strip().startswith("|"):
            break
        rows.append(_cells(line))
    return rows


def _of_history(names: list[str], labels: list[str], rows: list[list[str]]) -> list[HeadValue]:
    """Return the status of a table that has a row for each change of it; its first day is not that of the decision."""
    if "status" not in names:
        return []
    wanted = [names.index(each) for each in ("status", "date") if each in names]
    said = "\n".join(" ".join(row[at] for at in wanted if at < len(row)) for row in rows)
    return [HeadValue("status", labels[wanted[0]], said)]


def without_lines(text: str, numbers: set[int]) -> str:
    """Return a text without some of its lines."""
    rows = [each for number, each in enumerate(lines_of(text)) if number not in numbers]
    return trimmed("".join(rows))
