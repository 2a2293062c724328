"""Edit the sections of a record's body in place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.addresses import address_of, find_named, several
from memorybank.document.editing.apply import apply
from memorybank.document.edits import Append, InsertSection, Replace
from memorybank.document.inline import first_line
from memorybank.document.sections import key_of, outline
from memorybank.document.source import Source, is_stray
from memorybank.document.text import check_text, one_line
from memorybank.errors import EncodingRefusedError
from memorybank.records.draft import Draft
from memorybank.records.fields import TEXT_LENGTH
from memorybank.records.record import parse
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.document.edits import Edit
    from memorybank.document.sections import Document, Section

# the beginning of a list item's text that Markdown would parse as another block
_OPENS = re.compile(r"\A(?:[#>~`<|=+*-](?!\*)|\d+[.)](?=\s)|\[(?=[^\]\n]+\]:))")
_STAND_IN = "- [None]"
_ESCAPED = re.compile(r"\A(\d*)\\([#>~`<|=+*.)\[-])")
_MARKER = re.compile(r"\A(?:[-*+]\s+)?(?:\[[ xX]\]\s+)?")


def section_text(source: Source, name: str) -> str:
    """Return a section's own text, "" if it does not exist; the first one if several have that name."""
    document = outline(source)
    found = find_named(document, name)
    return source.text[found[0].body : found[0].own_end].strip("\r\n") if found else ""


def filled(made: Draft, sections: Sequence[tuple[str, str]], order: Sequence[str] = ()) -> Draft:
    """Return a new record with its sections filled in; empty ones are left out.

    Raises:
        SpillError: a text would change the structure of the file around it.
    """
    source = Source((made.change.text or "").encode("utf-8", "surrogateescape"))
    source = with_sections(
        source, [section for section in sections if section[1].strip()], order, name=made.record.file
    )
    record = parse(source.data, made.record.file, made.record.type)
    return Draft(record, made.change._replace(text=source.text))


def with_sections(
    source: Source,
    sections: Sequence[tuple[str, str]],
    order: Sequence[str] = (),
    *,
    name: str,
    template: str | None = None,
) -> Source:
    """Return a text with its sections filled in; a missing section is inserted at its place in `order`.

    The old text of a section is replaced. If the record's `template` is given, only the template's own placeholder text
    is replaced; other text was written by a person, so the new text is added to it. `name` is the file name for errors.

    Raises:
        SpillError: a text would start a section of its own, or leave a block unclosed.
        DuplicateAnchorError: several sections have that name.
    """
    document = outline(source, name)
    for section, text in sections:
        found = find_named(document, section)
        if not found:
            document = apply(document, _new_section(document, order, section)).document
        elif len(found) > 1:
            raise several(document, section, found)
        _refuse_undecoded(document, section, text)
        # text put into an existing section is checked to stay inside it
        document = apply(document, _edit(document, section, check_text(text), template)).document
    return document.source


def with_lead(source: Source, section: str, text: str, *, was: str, order: Sequence[str] = (), name: str) -> Source:
    """Return a text in which a section has a new first part, such as a goal or a summary.

    `was` is the old first part in one line, as a field stores it. It is removed; the other text of the section was
    written by a person and stays.

    Raises:
        SpillError, DuplicateAnchorError: as `with_sections`.
    """
    own = section_text(source, section).replace("\r\n", "\n").strip("\n")
    rest = "" if own == _STAND_IN else _without_lead(own, was)
    if not rest:
        return with_sections(source, [(section, text)], order, name=name)
    document = outline(source, name)
    place = address_of(document, find_named(document, section)[0]).section
    whole = f"{check_text(text)}\n\n{rest}"
    _refuse_undecoded(document, section, whole)
    return apply(document, Replace(place, whole, nested=True)).document.source


def _without_lead(own: str, was: str) -> str:
    """Return a section's text without the words that a field stores: all of it, a paragraph, or a line."""
    for end in ("", "\n\n", "\n") if was else ():
        lead, _, rest = own.partition(end) if end else (own, "", "")
        if one_line(lead)[:TEXT_LENGTH] == was or (end == "\n" and first_line(lead) == was):
            return rest.lstrip("\n")
    return own


def _refuse_undecoded(document: Document, section: str, text: str) -> None:
    """Raise an error that names the file if a text would be added to one with bytes that are not UTF-8."""
    if any(map(is_stray, text)) and any(map(is_stray, document.text_of(find_named(document, section)[0]))):
        why = f"its section {section!r} contains bytes that are not UTF-8: convert them to UTF-8 first"
        raise EncodingRefusedError(path=document.path, why=why, hint=f"bank show {quoted(document.path)}")


def _edit(document: Document, name: str, text: str, template: str | None) -> Edit:
    section = find_named(document, name)[0]
    place = address_of(document, section).section
    own = document.text_of(section)
    is_ours = own.strip() in {"", _STAND_IN} or template is None or key_of(own) == key_of(_left_open(template, name))
    return Replace(place, text, nested=True) if is_ours else Append(place, text, nested=True)


def _new_section(document: Document, order: Sequence[str], name: str) -> InsertSection:
    """Return the insertion of a section: after those before it in `order`, else before those after it, else last."""
    at = order.index(name) if name in order else len(order)
    for each in (*reversed(order[:at]), *order[at + 1 :]):
        found = find_named(document, each)
        if len(found) == 1:
            anchor = address_of(document, found[0]).section
            return InsertSection(anchor, name, _STAND_IN, before=each in order[at + 1 :])
    last = document.sections[-1]
    return InsertSection(
        address_of(document, _outermost(document, last)).section if last.number else "", name, _STAND_IN
    )


def _outermost(document: Document, last: Section) -> Section:
    end = last.end
    return next(section for section in document.sections[1:] if section.end == end)


def _left_open(template: str, name: str) -> str:
    document = outline(Source(template.encode()))
    found = find_named(document, name)
    return document.text_of(found[0]) if found else ""


def plain_of(text: str) -> str:
    """Return a text's words in one line, without its list marker or checkbox."""
    return _MARKER.sub("", " ".join(text.split()), count=1)


def without_doubles(texts: Iterable[str], there: Iterable[str] = ()) -> list[str]:
    """Return the texts without those that are `there`, or come twice; case and a full stop at the end do not count."""
    seen = set(map(_folded, there))
    found = []
    for text in texts:
        key = _folded(text)
        if key not in seen:
            seen.add(key)
            found.append(text)
    return found


def _folded(text: str) -> str:
    return plain_of(text).casefold().rstrip(" .")


def item_of(text: str) -> str:
    """Return a text as one list item; whatever it begins with is escaped, so that it does not start another block."""
    return f"- {_OPENS.sub(_escape, plain_of(text), count=1)}"


def unescaped(text: str) -> str:
    """Return the words of an item as they were before `item_of` escaped them."""
    return _ESCAPED.sub(r"\1\2", text, count=1)


def _escape(match: re.Match[str]) -> str:
    return f"{match.group()[:-1]}\\{match.group()[-1]}"


def items_in(text: str) -> list[str]:
    """Return the words of a section's top-level list items; `[None]` and other placeholders are left out."""
    found = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line[:2] in {"- ", "* ", "+ "}:
            words = unescaped(line[2:].strip())
            if words and f"- {words}" != _STAND_IN:
                found.append(words)
    return found
