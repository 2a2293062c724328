"""Edits as values, one change each; `editing/apply.py` applies them.

`section` is a section's name or its path from a parent. `expect` is the digest that the caller read, of the section or
of the file; if it is empty, the edit is made whatever has changed since.
"""

from __future__ import annotations

from typing import NamedTuple


class Replace(NamedTuple):
    """Replace a section's text; subsections are kept (in a contract they are part of the text)."""

    section: str
    text: str
    expect: str = ""
    nested: bool = False


class Append(NamedTuple):
    """Add text (with `item`, one list item) at the end of a section's own text, or at its beginning.

    With `whole` the text is an item at the margin with all that is nested in it; it directly follows a list of its
    kind. With `in_order` it goes to the end of the list that has the newest items, whichever end that is.
    """

    section: str
    text: str
    item: bool = False
    at_top: bool = False
    expect: str = ""
    nested: bool = False
    task: str | None = None
    placeholders: tuple[str, ...] = ()
    whole: bool = False
    in_order: bool = False


class InsertSection(NamedTuple):
    """Insert a new section with a text before or after another section."""

    anchor: str
    name: str
    text: str = ""
    level: int = 2
    before: bool = False
    expect: str = ""


class RemoveSection(NamedTuple):
    """Remove a section with its subsections."""

    section: str
    expect: str = ""


class RenameSection(NamedTuple):
    """Rename a section; its text, its level and the comment after its heading are kept."""

    section: str
    name: str
    expect: str = ""


class ItemRef(NamedTuple):
    """A reference to an item: its number from 1, its `^id`, or its whole first line; all that are set must match."""

    text: str = ""
    number: int = 0
    id: str = ""

    def __str__(self) -> str:
        """Return the reference as a user types it."""
        return self.text or (f"^{self.id}" if self.id else str(self.number or ""))


class ReplaceItem(NamedTuple):
    """Replace an item's text; marker, checkbox and nested items are kept."""

    section: str
    item: ItemRef
    text: str
    expect: str = ""


class RemoveItem(NamedTuple):
    """Remove an item with all that is nested in it; the last one of a section leaves the `placeholder`, if any."""

    section: str
    item: ItemRef
    expect: str = ""
    placeholder: str = ""


class Tick(NamedTuple):
    """Set an item's checkbox; with `add_box` an item without a checkbox gets one, otherwise it is an error."""

    section: str
    item: ItemRef
    done: bool = True
    suffix: str = ""
    expect: str = ""
    add_box: bool = False


class SetField(NamedTuple):
    """Set one front-matter field to a value, written as YAML."""

    field: str
    value: str
    expect: str = ""


Edit = Replace | Append | InsertSection | RemoveSection | RenameSection | ReplaceItem | RemoveItem | Tick | SetField
