"""Apply edits in memory: the result is parsed and checked before anything is written.

`apply` is pure: it takes a document and returns a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.addresses import Address, address_of, find_sections, resolve_section, several
from memorybank.document.editing.append import append
from memorybank.document.editing.endings import is_mixed, with_endings_of
from memorybank.document.editing.item_edits import edit_item
from memorybank.document.editing.verify import (
    AppliedEdit,
    checked,
    outline_of,
    refuse_open,
    same_headings,
    still_closed,
    what_changed,
)
from memorybank.document.edits import Append, Edit, InsertSection, RemoveSection, RenameSection, Replace, SetField
from memorybank.document.frontmatter import find_block, plan_field
from memorybank.document.items import body_end
from memorybank.document.scanner.line_rules import shielded
from memorybank.document.sections import name_of, splice
from memorybank.document.source import is_stray, lines_of, shadow_of, without_eol
from memorybank.document.text import blank_lead, blank_tail, block, is_blank_before
from memorybank.errors import EncodingRefusedError, NoItemError, SpillError, StaleEditError, UnsupportedTextError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from memorybank.document.scanner.nodes import Heading
    from memorybank.document.sections import Document, Section


def apply(document: Document, edit: Edit, *, aliases: tuple[str, ...] = ()) -> AppliedEdit:
    """Return the document that results from an edit; nothing is written.

    Raises:
        NoAnchorError, NoItemError: the section or item does not exist.
        DuplicateAnchorError: several sections have the name.
        StaleEditError: `expect` is neither the section's digest nor the file's.
        SpillError: the text would change the structure around it.
        UnterminatedError: an open fence or comment makes the place unsafe.
        EncodingRefusedError: the file would contain text in two encodings.
    """
    done = _applied(document, edit, aliases)
    _check_encoding(document, done.document, edit)
    _check_definitions(document, edit, aliases)
    return done


def _applied(document: Document, edit: Edit, aliases: tuple[str, ...]) -> AppliedEdit:
    if isinstance(edit, SetField):
        check_expect(document, None, edit.expect)
        field = plan_field(document.source, edit.field, edit.value, document.path)
        # front matter is not scanned, so its lines cannot open a block; the headings must only move
        after = splice(document, field.start, field.end, field.text)
        same_headings(document, after, Address(document.path))
        return AppliedEdit(after, Address(document.path), None)
    name = edit.anchor if isinstance(edit, InsertSection) else edit.section
    section = resolve_section(document, name, aliases=aliases)
    check_expect(document, section, edit.expect)
    if isinstance(edit, Replace):
        return _replace(document, section, edit)
    if isinstance(edit, Append):
        return append(document, section, edit)
    if isinstance(edit, InsertSection):
        return _insert_section(document, section, edit)
    if isinstance(edit, RemoveSection):
        return _remove_section(document, section)
    if isinstance(edit, RenameSection):
        return _rename_section(document, section, edit)
    return edit_item(document, section, edit)


def check_expect(document: Document, section: Section | None, expect: str) -> None:
    """Refuse an edit if the caller read another text.

    Raises:
        StaleEditError: `expect` is neither the section's digest nor the file's.
    """
    if not expect or expect == document.source.digest:
        return
    digest = document.source.digest if section is None else document.digest_of(section)
    if section is None or expect != digest:
        address = str(Address(document.path) if section is None else address_of(document, section))
        raise StaleEditError(address=address, expected=expect, digest=digest)


def _check_definitions(document: Document, edit: Edit, aliases: tuple[str, ...]) -> None:
    """Refuse text that would define a link by accident; an item's text is escaped instead."""
    text = getattr(edit, "text", "")
    if "]:" not in text or not isinstance(edit, Append | Replace | InsertSection):
        return
    if isinstance(edit, Append) and (edit.item or edit.whole):
        return
    from memorybank.document.links import refuse_hidden

    source = document.source.text
    name = edit.anchor if isinstance(edit, InsertSection) else edit.section
    section = resolve_section(document, name, aliases=aliases)
    begin = end = section.own_end
    if isinstance(edit, Replace):
        begin, end = section.body, body_end(document, section)
    address = str(address_of(document, section))
    refuse_hidden(address, text, old=source[begin:end], around=(source[:begin], source[end:]))


def _check_encoding(before: Document, after: Document, edit: Edit) -> None:
    """Refuse characters beyond ASCII in a file that is not UTF-8: no program could read both encodings."""
    given = "".join(str(getattr(edit, name, "")) for name in ("text", "name", "suffix", "value"))
    if given.isascii():
        return
    at = after.source.stray_at
    if at is None:
        return
    known = before.source.stray_at is not None
    mixed = any(not is_stray(each) for each in given if each > "\x7f") if known else not before.source.text.isascii()
    if mixed:
        why = f"line {after.source.line_of(at)} is not UTF-8, and the new text is not ASCII; convert the file to UTF-8"
        raise EncodingRefusedError(path=before.path, why=why, hint=f"bank show {quoted(before.path)}")


def _replace(document: Document, section: Section, edit: Replace) -> AppliedEdit:
    address = address_of(document, section)
    refuse_open(document, section)
    # a file without headings is one text: its front matter is kept, unless the new text has its own
    begin = section.body if find_block(shadow_of(edit.text)) else max(section.body, document.content_start)
    end = body_end(document, section)
    old = document.source.text[begin:end]
    lead, tail = blank_lead(old), blank_tail(old)
    # use the line ending of the replaced text, so that the text after it parses as before
    eol = document.source.eol_near(begin + len(old) - len(tail) if old.strip(" \t\r\n") else begin)
    new = block(edit.text, eol)
    if not old.strip(" \t\r\n"):
        # an empty section keeps its blank line before the next heading; none is added
        lead, tail = ("", old) if len(lines_of(old)) == 1 else (eol, eol)
    if not new.strip():
        new, lead = "", ""
        tail = tail or ("" if end == len(document.source.text) else eol)
    glue = "" if begin == 0 or document.source.shadow[begin - 1] == "\n" else eol
    if new and tail == "" and end == len(document.source.text) and not old.endswith(("\n", "\r")) and old:
        new = without_eol(new)
    core = old[len(blank_lead(old)) : len(old) - len(blank_tail(old))]
    if new and is_mixed(core):
        new = with_endings_of(core, new)
    after = splice(document, begin, end, glue + lead + new + tail)
    removed = sum(1 for heading in document.headings if begin <= heading.start < end)
    return checked(document, after, section, address, nested=edit.nested, removed=removed)


def _insert_section(document: Document, anchor: Section, edit: InsertSection) -> AppliedEdit:
    at = anchor.start if edit.before else anchor.end
    eol = document.source.eol_near(at or anchor.body)
    name = _heading_text(edit.name)
    if not 1 <= edit.level <= 6:  # noqa: PLR2004  Markdown's levels
        raise UnsupportedTextError(why=f"invalid heading level {edit.level}", hint="use a level from 1 to 6")
    twins = find_sections(document, name_of(name))
    if twins:
        raise several(document, name, twins)
    if not edit.before and document.unterminated is not None:
        refuse_open(document, anchor._replace(own_end=anchor.end))
    source = document.source
    glue = "" if at == 0 or source.shadow[at - 1] == "\n" else eol
    if at > 0 and not is_blank_before(source.shadow, at):
        glue += eol
    body = block(edit.text, eol)
    text = f"{glue}{'#' * edit.level} {name}{eol}{eol}{body}{eol if body and at < len(source.text) else ''}"
    after = splice(document, at, at, text)
    at_heading = next((i for i, each in enumerate(document.headings) if each.start >= at), len(document.headings))
    new = outline_of(after)
    own = [(edit.level, name)]
    if new[:at_heading] + new[at_heading + 1 :] != outline_of(document) or new[at_heading : at_heading + 1] != own:
        raise SpillError(address=f"{document.path}#{name}", why=what_changed(document, after))
    still_closed(document, after, Address(document.path, name))
    found = next((section for section in after.sections[1:] if section.start == at + len(glue)), None)
    if found is None:
        raise SpillError(address=f"{document.path}#{name}", why="Markdown would not read the heading as a section")
    return AppliedEdit(after, address_of(after, found), found)


def _heading_text(given: str) -> str:
    name = given.strip()
    if not name or "\n" in name or "\r" in name or name.startswith("#"):
        raise UnsupportedTextError(why=f"{given!r} cannot be a heading", hint="use one line of words")
    return shielded(name)


def _rename_section(document: Document, section: Section, edit: RenameSection) -> AppliedEdit:
    if section.number == 0:
        raise NoItemError(address=document.path, item="the text before the first heading")
    name = _heading_text(edit.name)
    twins = [each for each in find_sections(document, name_of(name)) if each.number != section.number]
    if twins:
        raise several(document, name, twins)
    heading = next(each for each in document.headings if each.start == section.start)
    return renamed(document, heading, section.level, name + _comments_of(heading.text, name))


def _comments_of(text: str, name: str) -> str:
    """Return the comments after a heading's name, for a new name without comments."""
    text = text.rstrip()
    at = len(text)
    while text[:at].rstrip().endswith("-->"):
        start = text.rfind("<!--", 0, at)
        if start < 0 or "-->" in text[start : len(text[:at].rstrip()) - 3]:
            break
        at = start
    return "" if "<!--" in name or not text[at:] else f" {text[at:]}"


def renamed(document: Document, heading: Heading, level: int, text: str) -> AppliedEdit:
    """Return the document with a new text, and perhaps level, for one heading, checked like every edit.

    Raises:
        SpillError: Markdown would not read it as this one heading.
    """
    source = document.source
    line = source.text[heading.start : heading.end]
    # a heading at the end of the file may have no line ending; keep it so
    end = line[len(without_eol(line)) :]
    after = splice(document, heading.start, heading.end, f"{'#' * level} {text}{end}")
    at = document.headings.index(heading)
    wanted = outline_of(document)
    wanted[at] = (level, text)
    address = Address(document.path, name_of(text))
    if outline_of(after) != wanted:
        raise SpillError(address=str(address), why=what_changed(document, after))
    still_closed(document, after, address)
    found = next((section for section in after.sections[1:] if section.start == heading.start), None)
    return AppliedEdit(after, address_of(after, found) if found else address, found)


def _remove_section(document: Document, section: Section) -> AppliedEdit:
    address = address_of(document, section)
    if section.number == 0:
        raise NoItemError(address=str(address), item="the text before the first heading")
    after = splice(document, section.start, section.end, "")
    kept = [(h.level, h.text) for h in document.headings if not section.start <= h.start < section.end]
    if outline_of(after) != kept:
        raise SpillError(address=str(address), why=what_changed(document, after))
    return AppliedEdit(after, address, None)
