"""Edit one item: its text, its checkbox, or its removal; its neighbours do not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.addresses import Address, address_of, near
from memorybank.document.editing.append import item_text
from memorybank.document.editing.verify import AppliedEdit, checked, leaves_of, rest_is_same
from memorybank.document.edits import ItemRef, RemoveItem, ReplaceItem, Tick
from memorybank.document.items import (
    ID,
    Entry,
    body_end,
    entries_of,
    outdented,
    plain_key,
    read_body,
    split_marker,
    text_end,
    ways_to_say,
    without_box,
)
from memorybank.document.scanner.blocks import parse_leaves
from memorybank.document.sections import splice
from memorybank.document.source import Span, lines_of, shadow_of
from memorybank.document.text import blank_lead, is_blank_at, is_blank_before, one_line
from memorybank.errors import DuplicateAnchorError, NoItemError, SpillError, StaleEditError, UnsupportedTextError
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from memorybank.document.scanner.blocks import Item
    from memorybank.document.sections import Document, Section


def find_item(document: Document, section: Section, ref: ItemRef, *, placeholders: Collection[str] = ()) -> Entry:
    """Return the one item that a reference matches.

    `placeholders` are plain keys; such items are never listed as near misses.

    Raises:
        NoItemError: no item matches; the error lists near misses.
        DuplicateAnchorError: several items match.
        StaleEditError: another item has the number now.
    """
    entries = entries_of(document, section)
    address = str(address_of(document, section)) if section.number else document.path
    if not (ref.number or ref.id or ref.text.strip()):
        # an empty shell variable must not match an item
        raise NoItemError(address=address, item=str(ref.text))
    found = entries
    if ref.number:
        found = entries[ref.number - 1 : ref.number] if ref.number > 0 else []
    if ref.id:
        found = [each for each in found if each.id == ref.id]
    if ref.text:
        wanted = ref.text.strip()
        found = [each for each in found if wanted in ways_to_say(each.text)] or [
            each for each in found if wanted == document.source.text[each.item.start : each.item.end].strip()
        ]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        lines = [each.line for each in found]
        hint = f"bank item list {quoted(address)}"
        error = DuplicateAnchorError(file=document.path, section=str(ref), lines=lines, hint=hint)
        error.instead = (ref.text or str(ref), str(entries.index(found[0]) + 1))
        raise error
    if ref.number and ref.text:
        # number and text matched when the caller read the section: the section has changed
        raise StaleEditError(
            address=address,
            expected=f"item {ref.number} {ref.text.strip()!r}",
            digest=document.digest_of(section),
            hint=f"bank item list {quoted(address)}",
        )
    texts = [entry.text for entry in entries if plain_key(entry.text) not in placeholders]
    raise NoItemError(address=address, item=str(ref), near=near(str(ref), texts))


def edit_item(document: Document, section: Section, edit: ReplaceItem | RemoveItem | Tick) -> AppliedEdit:
    """Return the document with one item replaced, removed or ticked."""
    address = address_of(document, section) if section.number else Address(document.path)
    entry = find_item(document, section, edit.item)
    item = entry.item
    before = read_body(document, section).items
    source = document.source
    end = text_end(document, item, before)
    # for an item with an empty first line: start before the CR of a CRLF
    at = item.content - (source.text[item.content - 1 : item.content + 1] == "\r\n")
    old = source.text[at:end]
    if isinstance(edit, Tick) and item.task is None and not edit.add_box:
        number = 1 + [each.start for each in before].index(item.start)
        boxed = quoted(f"[{'x' if edit.done else ' '}] {without_box(one_line(old))}".rstrip())
        hint = f"bank item replace {quoted(str(address))} {number} {boxed}"
        raise NoItemError(address=str(address), item=entry.text, what="item with a checkbox", hint=hint)
    if isinstance(edit, Tick) and item.task is None and entry.text:
        # a checkbox before a fence or a heading would turn it into words
        item_text(entry.text, address)
    if isinstance(edit, RemoveItem):
        start, stop = item.start, item.end
        if item.parent >= 0 and before[item.parent].start == start:
            raise SpillError(address=str(address), why="its parent item begins on the same line")
        if edit.placeholder and not _is_filled(document, section, item):
            eol = source.text[len(source.text[start:stop].rstrip("\r\n")) + start : stop]
            # in two steps: the line is gone for good, also when an equal one is written in its place
            after = splice(splice(document, start, stop, ""), start, start, f"- {edit.placeholder}{eol}")
            return checked(document, after, section, address, nested=False)
        if is_blank_at(source.shadow, stop) and is_blank_before(source.shadow, start) and stop < len(source.text):
            stop += len(blank_lead(source.text[stop : body_end(document, section)]))
        after = splice(document, start, stop, "")
        applied = checked(document, after, section, address, nested=False)
        rest_is_same(document, section, applied, Span(start, stop), gone=True)
        return applied
    new = _ticked(entry, old, edit) if isinstance(edit, Tick) else _reworded(entry, edit.text, address)
    if source.shadow[at - 1] not in " \t":
        # the item's text begins below its marker, or it has no text yet
        new = f" {new.lstrip()}"
    after = splice(document, at, end, new)
    applied = checked(document, after, section, address, nested=False)
    below = source.shadow.find("\n", end)
    rest_is_same(document, section, applied, Span(item.start, below + 1 or len(source.text)), gone=False)
    return applied


def _is_filled(document: Document, section: Section, item: Item) -> bool:
    """Return whether a section has anything beside an item: other text, or a section of its own."""
    text = document.source.text
    rest = text[section.body : item.start] + text[item.end : body_end(document, section)]
    return bool(rest.strip()) or section.end != section.own_end


def lifted(document: Document, section: Section, entry: Entry) -> str:
    """Return an item with its nested text, moved to the margin.

    Raises:
        SpillError: Markdown would read it differently there.
    """
    item = entry.item
    rows = lines_of(document.source.text[item.start : item.end])
    text = "".join(outdented(row, item.indent) for row in rows) if item.indent else "".join(rows)
    # an item that is not nested parses the same when alone
    deep = item.depth > 0
    items, leaves = leaves_of(document, section) if deep else parse_leaves(document.source.shadow, item.start, item.end)
    stays = [(each.depth - item.depth, each.marker, each.task) for each in items if item.start <= each.start < item.end]
    kinds = [leave.kind for leave in leaves if item.start <= leave.start < item.end]
    shadow = shadow_of(text)
    alone, parts = parse_leaves(shadow, 0, len(shadow))
    if [(each.depth, each.marker, each.task) for each in alone] != stays or [part.kind for part in parts] != kinds:
        address = str(address_of(document, section))
        raise SpillError(address=address, why="Markdown would read the item differently in another place")
    return text


def _reworded(entry: Entry, given: str, address: Address) -> str:
    line = one_line(given)
    marker, task, text = split_marker(line)
    if not marker:
        # a checkbox without a list marker counts too: items are listed that way
        _, task, text = split_marker(f"- {line}")
    state = entry.item.task if task is None else task
    text = item_text(text, address, boxed=state is not None)
    new = f"[{state}] {text}" if state is not None else text
    if not entry.id:
        return new
    found = ID.search(new)
    if found and found.group(1) != entry.id:
        why = f"the item has the id ^{entry.id}, and ^{found.group(1)} would be a second id"
        raise UnsupportedTextError(why=why, hint=f"remove ^{found.group(1)}: the item keeps its id")
    return new if found else f"{new} ^{entry.id}"


def _ticked(entry: Entry, old: str, edit: Tick) -> str:
    box = f"[{'x' if edit.done else ' '}]"
    body = split_marker("- " + old)[2] if entry.item.task is not None else without_box(old)
    new = f"{box} {body.strip() if edit.suffix else body}"
    if entry.item.task is not None and not edit.suffix:
        new = f"{box}{old[old.index(']') + 1 :]}"
    if not edit.suffix:
        return new
    # an id counts only at the end of its line; if more lines follow, the suffix goes after them
    found = ID.search(new)
    words, mark = (new[: found.start()], f" ^{entry.id}") if found else (new, "")
    return f"{words.rstrip()} - {one_line(edit.suffix)}{mark}"
