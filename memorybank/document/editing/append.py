"""Add text or an item to a section: use the form with the fewest blank lines that parses as intended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.addresses import address_of
from memorybank.document.editing.append_window import read_window, window_of
from memorybank.document.editing.footer import InsertPoint, between_closings, is_closing, is_note, own_blocks, spot_of
from memorybank.document.editing.joining import goes_on, joining
from memorybank.document.editing.verify import AppliedEdit, checked, refuse_open
from memorybank.document.items import Body, body_end, plain_key, split_marker, style_of
from memorybank.document.scanner.blocks import check_lines, parse_blocks
from memorybank.document.sections import splice
from memorybank.document.source import Span, lines_of
from memorybank.document.text import blank_lead, block, content_end, fit, is_blank_at, joined, one_line
from memorybank.document.trail import PLACEHOLDER
from memorybank.errors import SpillError, UnsupportedTextError

if TYPE_CHECKING:
    from memorybank.document.addresses import Address
    from memorybank.document.edits import Append
    from memorybank.document.sections import Document, Section

_NUMBER = re.compile(r"(\d{1,9})([.)])")


def append(document: Document, section: Section, edit: Append) -> AppliedEdit:
    """Return the document with text or an item added to a section."""
    refuse_open(document, section)
    # also where it would not be parsed: nothing could be added below it
    check_lines(edit.text, 0, len(edit.text))
    window = window_of(document, section, at_top=edit.at_top)
    body = read_window(document, window)
    everything = Span(section.body, body_end(document, section))
    if window != everything and not edit.at_top and is_closing(document.source.shadow, own_blocks(section, body)):
        # the closing lines that the text goes above begin before the window
        window, body = everything, read_window(document, everything)
    spot = _placeholder(document, section, body, edit.placeholders) if window == everything else None
    if edit.item:
        return _append_item(document, section, edit, window, body, spot)
    return _append_text(document, section, edit, window, body, spot)


def _append_text(
    document: Document, section: Section, edit: Append, window: Span, body: Body, spot: tuple[int, int] | None
) -> AppliedEdit:
    address = address_of(document, section)
    source = document.source
    if not edit.text.strip():
        raise UnsupportedTextError(why="it is empty", hint="pass the text, or - for standard input")
    if spot:
        # the whole body was a placeholder line
        text = block(edit.text, source.eol_near(spot[1]))
        after = in_place(splice(document, *spot, fit(document, spot[1], text)))
        return checked(document, after, section, address, nested=edit.nested)
    at, behind, closed = _text_spot(document, section, body, edit)
    text = block(edit.text, _eol_at(document, at, edit))
    forms = []
    if behind is not None and not edit.at_top:
        forms += [(at, form, True) for form in joining(document, body, behind, text, whole=edit.whole)]
    forms += [(*form, False) for form in _apart(document, section, body, edit, at, text, closed=closed)]
    failure: SpillError | None = None
    for place, form, joins in forms:
        after = splice(document, place, place, joined(document, place, form))
        try:
            applied = checked(document, after, section, address, nested=edit.nested)
            seen = read_window(after, _grown(window, document, after))
            if joins and behind is not None:
                goes_on(seen, behind, place, form, address)
            if closed:
                _below_is_same(document, after, body, seen, at, address)
        except SpillError as error:
            failure = failure or error
        else:
            return applied
    raise failure or SpillError(address=str(address), why="it does not fit there in any form")


def _text_spot(document: Document, section: Section, body: Body, edit: Append) -> InsertPoint:
    if edit.at_top:
        end = body_end(document, section)
        return InsertPoint(section.body + len(blank_lead(document.source.text[section.body : end])), None, closed=False)
    shadow = block(edit.text, "\n")
    if is_closing(shadow, parse_blocks(shadow, 0, len(shadow))[0]):
        # closing lines go after the existing closing lines
        own = own_blocks(section, body)
        return InsertPoint(content_end(document, section), own[-1] if own else None, closed=False)
    return spot_of(document, section, body, item=bool(split_marker(shadow)[0]))


def _eol_at(document: Document, at: int, edit: Append) -> str:
    """Return the line ending of the neighbour: of the line above or, for text at the top, of the line below."""
    source = document.source
    below = source.shadow.find("\n", at) if edit.at_top else -1
    return source.eol_near(below + 1 if below >= 0 else at)


def _apart(
    document: Document, section: Section, body: Body, edit: Append, at: int, text: str, *, closed: bool
) -> list[tuple[int, str]]:
    """Return the forms in which text is a separate block."""
    source = document.source
    eol = _eol_at(document, at, edit)
    end = body_end(document, section)
    blank = eol if body.blocks else ""
    lead, tail = ("", blank) if edit.at_top else (blank, "")
    if at == section.body and (closed or not body.blocks):
        lead = ""
        if is_blank_at(source.shadow[:end], at):
            at = section.body + len(lines_of(source.text[section.body : end])[0])
            tail = eol if at < len(source.text) and not is_blank_at(source.shadow, at) else ""
    return [(at, lead + text + tail), (at, lead + text + eol)]


def _grown(window: Span, before: Document, after: Document) -> Span:
    return Span(window.start, window.end + len(after.source.text) - len(before.source.text))


def _below_is_same(before: Document, after: Document, old: Body, new: Body, at: int, address: Address) -> None:
    """Refuse a result that changes how the text below the new text is parsed."""
    grown = len(after.source.text) - len(before.source.text)
    was = [(each.kind, each.start + grown, each.end + grown) for each in old.blocks if each.start >= at]
    are = [(each.kind, each.start, each.end) for each in new.blocks if each.start >= at + grown]
    if was != are:
        raise SpillError(address=str(address), why="Markdown would read the text below it differently")


def _append_item(
    document: Document, section: Section, edit: Append, window: Span, body: Body, spot: tuple[int, int] | None
) -> AppliedEdit:
    address = address_of(document, section)
    style = style_of(document, body, at_top=edit.at_top)
    marker, task, text = split_marker(one_line(edit.text))
    if marker[:1].isdigit() and body.items and not style.marker[:1].isdigit():
        # outside a numbered list, a number belongs to the text; the backslash keeps it from starting a list
        marker, task, text = "", None, _NUMBER.sub(r"\1\\\2", one_line(edit.text), count=1)
    task = edit.task if edit.task is not None else task
    text = item_text(text, address, boxed=task is not None)
    text = text if task is None else f"[{task}] {text}"
    used = style.marker if body.items else (marker or "-")
    count = len(body.items) + 1
    if spot and body.items:
        first = body.items[0]
        style, used = style._replace(indent=" " * first.indent), first.marker
        count = 1 + sum(1 for item in body.items if not spot[0] <= item.start < spot[1])
    below = spot_of(document, section, body, item=True)
    failure: SpillError | None = None
    # a wide gap after the marker keeps an indented line below out of the item
    for gap in (" ", "   "):
        written = f"{style.indent}{used}{gap}{text}"
        if spot:
            places = [(*spot, fit(document, spot[1], written + document.source.eol_near(spot[1])))]
        else:
            forms = _forms(document, section, body, edit, below, spaced=style.spaced, written=written)
            places = [(at, at, joined(document, at, form)) for at, form in forms]
        for start, end, form in places:
            after = splice(document, start, end, form)
            after = in_place(after) if spot else after
            try:
                applied = checked(document, after, section, address, nested=False)
                seen = read_window(after, _grown(window, document, after))
                _is_item(after, seen, start + form.index(written), written, count, address)
                if below.closed and not (spot or edit.at_top):
                    _below_is_same(document, after, body, seen, below.at, address)
            except SpillError as error:
                failure = failure or error
            else:
                return applied
    raise failure or SpillError(address=str(address), why="it cannot be written as one list item")


def item_text(text: str, address: Address, *, boxed: bool = False) -> str:
    """Return an item's text if it is only words; text that would define a link is escaped, to stay visible.

    Raises:
        SpillError: it would be a heading, a fence, a rule or a separate list.
        UnsupportedTextError: the text is empty.
    """
    text = text.strip()
    if not text:
        raise UnsupportedTextError(why="the item is empty", hint="pass the text, or - for standard input")
    kinds = {each.kind for each in parse_blocks(text, 0, len(text))[0]}
    odd = kinds - {"paragraph", "definition"}
    if odd:
        raise SpillError(
            address=str(address),
            why=f"the item would contain more than words: {odd.pop()}",
            hint="begin the text with a word, or put the mark in `code`",
        )
    # after a checkbox, a bracket does not start a definition
    return f"\\{text}" if not boxed and ("definition" in kinds or is_note(text)) else text


def _forms(
    document: Document, section: Section, body: Body, edit: Append, below: InsertPoint, *, spaced: bool, written: str
) -> list[tuple[int, str]]:
    """Return the places and forms an item can have, fewest blank lines first; the first that parses right is used."""
    source = document.source
    is_bare = content_end(document, section) == section.body
    if edit.at_top and not is_bare:
        at = section.body + len(blank_lead(source.text[section.body : body_end(document, section)]))
        eol = _eol_at(document, at, edit)
        lists = bool(body.blocks) and body.blocks[0].kind == "list"
        tight = [(at, f"{written}{eol}"), (at, f"{written}{eol}{eol}")]
        return tight if not (spaced and lists) else tight[::-1]
    if below.at == section.body:
        at = section.body
        blanks = lines_of(blank_lead(source.text[at : body_end(document, section)]))
        if not is_bare:
            # the section has only closing lines: the item goes above them, with a blank line between
            at += sum(map(len, blanks))
        elif len(blanks) > 1:
            # two blank lines: one before, one after
            at += len(blanks[0])
        eol = source.eol_near(at)
        tight = [(at, f"{written}{eol}"), (at, f"{written}{eol}{eol}")]
        return [*(tight if is_bare else tight[::-1]), (at, f"{eol}{written}{eol}")]
    at = below.at
    eol = source.eol_near(at)
    lead = eol if spaced and below.behind is not None and below.behind.kind == "list" else ""
    forms = [
        f"{lead}{written}{eol}",
        f"{eol}{written}{eol}",
        f"{written}{eol}{eol}",
        f"{eol}{written}{eol}{eol}",
    ]
    return [(at, form) for form in forms]


def _is_item(document: Document, body: Body, at: int, written: str, count: int, address: Address) -> None:
    mine = [item for item in body.items if item.start == at]
    if len(body.items) != count or len(mine) != 1 or mine[0].depth != 0:
        raise SpillError(address=str(address), why="it would not be a separate list item")
    shadow = document.source.shadow
    if shadow[mine[0].start : mine[0].end].rstrip("\n ") != written.rstrip():
        raise SpillError(address=str(address), why="the text after it would become part of the item")


def in_place(document: Document) -> Document:
    """Return a document whose last change has the role of replacing a placeholder."""
    document.trail = (*document.trail[:-1], document.trail[-1]._replace(role=PLACEHOLDER))
    return document


def _placeholder(
    document: Document, section: Section, body: Body, placeholders: tuple[str, ...]
) -> tuple[int, int] | None:
    """Return the lines to replace if the section has only placeholders of its template, otherwise None."""
    if not placeholders or not body.blocks:
        return None
    known = {plain_key(placeholder) for placeholder in placeholders}
    # there are no own blocks if all text is in subsections
    blocks = between_closings(document.source.shadow, own_blocks(section, body))
    if not blocks:
        return None
    start = blocks[0].start
    end = min(content_end(document, section), start + len(document.source.shadow[start : blocks[-1].end].rstrip()))
    end = document.source.shadow.find("\n", end - 1) + 1 or len(document.source.text)
    for line in lines_of(document.source.text[start:end]):
        text = line.strip()
        if text and plain_key(split_marker(text)[2]) not in known:
            return None
    return start, end
