"""Adding text or an item to a section: the tightest form that reads back as meant is the one that is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.anchors import address_of
from memorybank.document.blocks import parse_blocks
from memorybank.document.items import Body, body_end, split_marker, style_of
from memorybank.document.proof import Applied, checked, refuse_open
from memorybank.document.sections import key_of, splice
from memorybank.document.source import Span, lines_of
from memorybank.document.text import blank_lead, block, content_end, fit, is_blank_at, joined, one_line
from memorybank.document.window import read_window, window_of
from memorybank.errors import SpillError, UnsupportedTextError

if TYPE_CHECKING:
    from memorybank.document.anchors import Address
    from memorybank.document.edits import Append
    from memorybank.document.sections import Document, Section

_NUMBER = re.compile(r"(\d{1,9})([.)])")


def append(document: Document, section: Section, edit: Append) -> Applied:
    """Give the document with text or an item added to a section."""
    address = address_of(document, section)
    refuse_open(document, section)
    window = window_of(document, section, at_top=edit.at_top)
    body = read_window(document, window)
    is_whole = window == (section.body, body_end(document, section))
    spot = _placeholder(document, section, body, edit.placeholders) if is_whole else None
    if edit.item:
        return _append_item(document, section, edit, window, body, spot)
    source = document.source
    end = body_end(document, section)
    at = (
        section.body + len(blank_lead(source.text[section.body : end]))
        if edit.at_top
        else content_end(document, section)
    )
    eol = source.eol_near(section.body)
    text = block(edit.text, eol)
    if not text.strip():
        raise UnsupportedTextError(why="there is none", hint="give the text as an argument, or - to read it")
    if spot:
        # the whole body was a placeholder line
        after = splice(document, *spot, fit(document, spot[1], text))
        return checked(document, after, section, address, nested=edit.nested)
    blank = eol if body.blocks and not (edit.whole and _goes_on(document, body, text)) else ""
    lead, tail = ("", blank) if edit.at_top else (blank, "")
    if not body.blocks and is_blank_at(source.shadow[:end], section.body):
        at = section.body + len(lines_of(source.text[section.body : end])[0])
        tail = eol if at < len(source.text) and not is_blank_at(source.shadow, at) else ""
    failure: SpillError | None = None
    for form in (text + tail, text + eol):
        try:
            after = splice(document, at, at, joined(document, at, lead + form))
            return checked(document, after, section, address, nested=edit.nested)
        except SpillError as error:
            failure = error
    raise failure or SpillError(address=str(address), why="no form of it fits")


def _goes_on(document: Document, body: Body, text: str) -> bool:
    """Whether an item's lines go on with the list at the end of a section as closely as its own items stand."""
    style = style_of(document, body)
    return body.blocks[-1].kind == "list" and not style.spaced and split_marker(text)[0][-1:] == style.marker[-1]


def _append_item(
    document: Document, section: Section, edit: Append, window: Span, body: Body, spot: tuple[int, int] | None
) -> Applied:
    address = address_of(document, section)
    style = style_of(document, body, at_top=edit.at_top)
    marker, task, text = split_marker(one_line(edit.text))
    if marker[:1].isdigit() and body.items and not style.marker[:1].isdigit():
        # a number that no list asked for belongs to the text; the backslash keeps it from making a list of its own
        marker, task, text = "", None, _NUMBER.sub(r"\1\\\2", one_line(edit.text), count=1)
    text = item_text(text, address)
    task = edit.task if edit.task is not None else task
    text = text if task is None else f"[{task}] {text}"
    used = style.marker if body.items else (marker or "-")
    eol = document.source.eol_near(section.body)
    count = len(body.items) + 1
    if spot and body.items:
        first = body.items[0]
        style, used = style._replace(indent=" " * first.indent), first.marker
        count = 1 + sum(1 for each in body.items if not spot[0] <= each.start < spot[1])
    failure: SpillError | None = None
    # a wide gap behind the marker keeps an indented line that follows out of the item
    for gap in (" ", "   "):
        written = f"{style.indent}{used}{gap}{text}"
        if spot:
            places = [(*spot, fit(document, spot[1], written + eol))]
        else:
            forms = _forms(document, section, body, edit, spaced=style.spaced, written=written, eol=eol)
            places = [(at, at, joined(document, at, form)) for at, form in forms]
        for start, end, form in places:
            after = splice(document, start, end, form)
            try:
                applied = checked(document, after, section, address, nested=False)
                grown = len(after.source.text) - len(document.source.text)
                seen = read_window(after, Span(window.start, window.end + grown))
                _is_item(after, seen, start + form.index(written), written, count, address)
            except SpillError as error:
                failure = failure or error
            else:
                return applied
    raise failure or SpillError(address=str(address), why="no form of it reads back as one list item")


def item_text(text: str, address: Address) -> str:
    """Give an item's text if it is words and nothing more.

    Raises:
        SpillError: it would be a heading, a fence, a rule or a list of its own.
        UnsupportedTextError: there is none.
    """
    text = text.strip()
    if not text:
        raise UnsupportedTextError(why="the item has no text", hint="give the text as an argument, or - to read it")
    kinds = {each.kind for each in parse_blocks(text, 0, len(text))[0]}
    odd = kinds - {"paragraph", "definition"}
    if odd:
        raise SpillError(
            address=str(address),
            why=f"the item would hold more than words: {odd.pop()}",
            hint="begin the text with a word, or put the mark in `code`",
        )
    return text


def _forms(
    document: Document, section: Section, body: Body, edit: Append, *, spaced: bool, written: str, eol: str
) -> list[tuple[int, str]]:
    """List the places and forms an item can take, tightest first; the one that reads back as meant is used."""
    source = document.source
    is_bare = content_end(document, section) == section.body
    if edit.at_top and not is_bare:
        at = section.body + len(blank_lead(source.text[section.body : body_end(document, section)]))
        lists = bool(body.blocks) and body.blocks[0].kind == "list"
        tight = [(at, f"{written}{eol}"), (at, f"{written}{eol}{eol}")]
        return tight if not (spaced and lists) else tight[::-1]
    if is_bare:
        at = section.body
        first = lines_of(source.text[at : body_end(document, section)])[:2]
        if len(first) == 2 and all(not each.strip(" \t\r\n") for each in first):  # noqa: PLR2004  two blank lines: one before, one after
            at += len(first[0])
        return [(at, f"{written}{eol}"), (at, f"{written}{eol}{eol}"), (at, f"{eol}{written}{eol}")]
    at = content_end(document, section)
    last_is_list = body.blocks[-1].kind == "list"
    lead = eol if spaced and last_is_list else ""
    forms = [
        f"{lead}{written}{eol}",
        f"{eol}{written}{eol}",
        f"{written}{eol}{eol}",
        f"{eol}{written}{eol}{eol}",
    ]
    return [(at, form) for form in forms]


def _is_item(document: Document, body: Body, at: int, written: str, count: int, address: Address) -> None:
    mine = [each for each in body.items if each.start == at]
    if len(body.items) != count or len(mine) != 1 or mine[0].depth != 0:
        raise SpillError(address=str(address), why="it would not be a list item of its own")
    shadow = document.source.shadow
    if shadow[mine[0].start : mine[0].end].rstrip("\n ") != written.rstrip():
        raise SpillError(address=str(address), why="what follows would become part of the item")


def _placeholder(
    document: Document, section: Section, body: Body, placeholders: tuple[str, ...]
) -> tuple[int, int] | None:
    """Find the lines to replace when the section holds nothing but placeholders of its template."""
    if not placeholders or not body.blocks:
        return None
    known = {key_of(each) for each in placeholders}
    start, end = body.blocks[0].start, content_end(document, section)
    if start >= end:
        # what stands there is a subsection's
        return None
    for line in lines_of(document.source.text[start:end]):
        text = line.strip()
        if text and key_of(split_marker(text)[2]) not in known:
            return None
    return start, end
