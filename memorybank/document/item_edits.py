"""Edits of one item: its text, its checkbox, its removal; its neighbours stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.anchors import Address, address_of, near
from memorybank.document.append import item_text
from memorybank.document.edits import ItemRef, RemoveItem, ReplaceItem, Tick
from memorybank.document.items import Entry, body_end, entries_of, read_body, split_marker
from memorybank.document.proof import Applied, checked
from memorybank.document.sections import splice
from memorybank.document.text import blank_lead, is_blank_at, is_blank_before, one_line
from memorybank.errors import DuplicateAnchorError, NoItemError, SpillError

if TYPE_CHECKING:
    from memorybank.document.sections import Document, Section


def find_item(document: Document, section: Section, ref: ItemRef) -> Entry:
    """Give the one item a reference stands for.

    Raises:
        NoItemError: none or several answer to it; near misses are told.
    """
    entries = entries_of(document, section)
    address = str(address_of(document, section)) if section.number else document.path
    if not (ref.number or ref.id or ref.text.strip()):
        # an empty shell variable must not stand for whatever item is there
        raise NoItemError(address=address, item=str(ref.text))
    found = entries
    if ref.number:
        found = entries[ref.number - 1 : ref.number] if ref.number > 0 else []
    if ref.id:
        found = [each for each in found if each.id == ref.id]
    if ref.text:
        wanted = ref.text.strip()
        found = [each for each in found if wanted in (each.text, split_marker(each.text)[2])] or [
            each for each in found if wanted == document.source.text[each.item.start : each.item.end].strip()
        ]
    if len(found) == 1:
        return found[0]
    address = str(address_of(document, section)) if section.number else document.path
    if len(found) > 1:
        raise DuplicateAnchorError(file=document.path, section=str(ref), lines=[each.line for each in found])
    raise NoItemError(address=address, item=str(ref), near=near(str(ref), [each.text for each in entries]))


def edit_item(document: Document, section: Section, edit: ReplaceItem | RemoveItem | Tick) -> Applied:
    """Give the document with one item replaced, removed or ticked."""
    address = address_of(document, section) if section.number else Address(document.path)
    entry = find_item(document, section, edit.item)
    item = entry.item
    before = read_body(document, section).items
    source = document.source
    if isinstance(edit, RemoveItem):
        start, end = item.start, item.end
        if is_blank_at(source.shadow, end) and is_blank_before(source.shadow, start) and end < len(source.text):
            end += len(blank_lead(source.text[end : body_end(document, section)]))
        lost = 1 + sum(1 for each in before if item.start < each.start < item.end)
        after = splice(document, start, end, "")
        applied = checked(document, after, section, address, nested=False)
        _item_count(applied, len(before) - lost, address)
        return applied
    line_end = source.shadow.find("\n", item.content)
    line_end = len(source.text) if line_end < 0 else line_end
    if source.text[line_end - 1 : line_end + 1] == "\r\n":
        line_end -= 1
    if isinstance(edit, Tick):
        rest = source.text[item.content : line_end]
        body = split_marker("- " + rest)[2] if item.task is not None else rest
        new = f"[{'x' if edit.done else ' '}] {body.strip() if edit.suffix else body}"
        if item.task is not None and not edit.suffix:
            new = f"[{'x' if edit.done else ' '}{rest[2:]}"
        if edit.suffix:
            new = f"{new} - {one_line(edit.suffix)}"
    else:
        line = one_line(edit.text)
        marker, task, text = split_marker(line)
        if not marker:
            # a box counts without its marker too: that is how items are listed
            _, task, text = split_marker(f"- {line}")
        text = item_text(text, address)
        state = item.task if task is None else task
        new = f"[{state}] {text}" if state is not None else text
        if entry.id and f"^{entry.id}" not in new:
            new = f"{new} ^{entry.id}"
    after = splice(document, item.content, line_end, new)
    applied = checked(document, after, section, address, nested=False)
    _item_count(applied, len(before), address)
    return applied


def _item_count(applied: Applied, count: int, address: Address) -> None:
    section = applied.section
    if section is None or len(read_body(applied.document, section).items) != count:
        raise SpillError(address=str(address), why="the list around the item would change")
