"""Edits: one intended change each, as values; what they mean is in `plan`.

`section` is a section's name or its path from a parent down. `expect` is the digest the caller saw, of the section
or of the file; empty where the caller does not mind what changed meanwhile.
"""

from __future__ import annotations

from typing import NamedTuple


class Replace(NamedTuple):
    """Put text in place of a section's text; subsections stay (in a contract they are part of the text)."""

    section: str
    text: str
    expect: str = ""
    nested: bool = False


class Append(NamedTuple):
    """Put text (or with `item` one list item) at the end of a section's own text, or at its beginning.

    With `whole` the text is an item with what hangs below it, at the margin: it stands close to a list of its kind.
    With `in_order` it goes to the end of the list that holds the newest items, whichever that is.
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
    """Put a new section with some text before or after another one."""

    anchor: str
    name: str
    text: str = ""
    level: int = 2
    before: bool = False
    expect: str = ""


class RemoveSection(NamedTuple):
    """Take a section out, with its subsections."""

    section: str
    expect: str = ""


class RenameSection(NamedTuple):
    """Give a section another name; its text, its level and the comment behind its heading stay."""

    section: str
    name: str
    expect: str = ""


class ItemRef(NamedTuple):
    """Which item is meant: its number from 1, its `^id`, or its whole first line; all that are given must agree."""

    text: str = ""
    number: int = 0
    id: str = ""

    def __str__(self) -> str:
        """Write it as it is typed."""
        return self.text or (f"^{self.id}" if self.id else str(self.number))


class ReplaceItem(NamedTuple):
    """Put text in place of an item's text; marker, checkbox and nested items stay."""

    section: str
    item: ItemRef
    text: str
    expect: str = ""


class RemoveItem(NamedTuple):
    """Take an item out, with what hangs under it."""

    section: str
    item: ItemRef
    expect: str = ""


class Tick(NamedTuple):
    """Set an item's checkbox; with `add_box` an item without one gets it, else it is refused."""

    section: str
    item: ItemRef
    done: bool = True
    suffix: str = ""
    expect: str = ""
    add_box: bool = False


class SetField(NamedTuple):
    """Set one front-matter field, given as YAML text."""

    field: str
    value: str
    expect: str = ""


Edit = Replace | Append | InsertSection | RemoveSection | RenameSection | ReplaceItem | RemoveItem | Tick | SetField
