"""Find the fields of an entry in the other forms that people give them: `- Status: Open`, a table, a section."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import lines_of, without_eol
from memorybank.exchange.adr.head import read_said, visible_lines
from memorybank.exchange.markdown_entries import FIELD, trimmed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from memorybank.exchange.markdown_entries import MarkdownPart

# a line that does not go on with the sentence of the line above
_BLOCK = re.compile(r" {0,3}(?:[-*+>#|<\u2022]|\d{1,9}[.)]|```|~~~|\Z)")
_NO_FIELD = re.compile(r"[ \t]*[>|]| {4}|\t")
_ITEM = re.compile(r"[ \t]*(?:[-*+\u2022]|\d{1,9}[.)])[ \t]+")


class Head(NamedTuple):
    """The fields at the start of an entry, the rest of its text, and the marks of line breaks that are left out."""

    fields: dict[str, str]
    rest: str
    marks: str


class _Line(NamedTuple):
    """The fields of a line, and the mark of a line break at its end."""

    fields: dict[str, str]
    mark: str


def head_of(text: str, names: Collection[str], labels: Iterable[str]) -> Head:
    """Return the fields at the start of an entry that no export wrote.

    `**Name:** value` is a field whatever its name; in another form, only one of `names`. `labels` look like fields but
    are not.
    """
    none = {each.casefold() for each in labels}
    known = {each.casefold() for each in names}
    lines = [without_eol(each) for each in lines_of(trimmed(text))]
    fields: dict[str, str] = {}
    marks: list[str] = []
    at = 0
    while at < len(lines):
        after = next((place for place in range(at, len(lines)) if lines[place].strip()), at)
        bold = FIELD.match(lines[after])
        line = _of_line(lines[after], known)
        if line and not (bold and len(line.fields) == 1):
            if fields.keys() & line.fields.keys() or _goes_on(lines[after + 1 :], known):
                break
            fields |= line.fields
            marks.append(line.mark)
        elif bold and bold[1] not in fields and bold[1].casefold() not in none and (after == at or line):
            fields[bold[1]] = bold[2]
        else:
            break
        at = after + 1
    return Head(fields, trimmed("\n".join(lines[at:])), " ".join(marks))


def _of_line(line: str, known: Collection[str]) -> _Line | None:
    """Return the fields of a line, which may have several; None if the first is not known."""
    said = [] if _NO_FIELD.match(line) else read_said(line)
    fields = {each.label: each.value for each in said if each.value}
    is_known = bool(said) and said[0].label.casefold() in known and len(fields) == len(said)
    return _Line(fields, said[0].end) if is_known else None


def _goes_on(below: Sequence[str], known: Collection[str]) -> bool:
    """Check whether the text of a line goes on in the next one."""
    return bool(below) and not _BLOCK.match(below[0]) and not FIELD.match(below[0]) and not _of_line(below[0], known)


def said_of(name: str, texts: Iterable[str], sections: Iterable[MarkdownPart]) -> list[str]:
    """Return the values of a field that stand in texts, in the headings of sections, or below a heading of its name."""
    found = [each.value for text in texts for each in read_said(text) if each.label.casefold() == name.casefold()]
    for part in sections:
        if part.title.strip(" :*_").casefold() == name.casefold():
            found += [_ITEM.sub("", line).strip() for line in visible_lines(part.text) if line.strip()][:1]
        else:
            found += [each.value for each in read_said(part.title) if each.label.casefold() == name.casefold()]
    return [each for each in found if each]
