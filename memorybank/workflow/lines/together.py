"""Join the changes of one operation that are of the same file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.document.edits import Edit
    from memorybank.store.journal.commit import FileChange


def together(changes: Iterable[FileChange]) -> list[FileChange]:
    """Join the changes of each file into one, so that one operation can make them."""
    found: dict[str, FileChange] = {}
    for change in changes:
        path = os.path.normpath(change.path)
        before = found.get(path)
        if before is None:
            found[path] = change
        elif before.text is None:
            found[path] = before._replace(edits=_joined(before.edits, change.edits))
        elif change.edits:
            from memorybank.contracts.preview import preview
            from memorybank.document.edits import InsertSection
            from memorybank.document.sections import outline
            from memorybank.document.source import Source

            # both create the file, in different ways: it is created once
            made = outline(Source(before.text.encode("utf-8", "surrogateescape")), change.path.name)
            there = tuple(InsertSection("", one.name) for one in made.sections[1:])
            after = preview(made, _joined(there, change.edits)[len(there) :]).after
            found[path] = before._replace(text=after.source.text, edits=(*before.edits, *change.edits))
        else:
            from memorybank.records.record import split_title

            # both create the file: its title is written once
            text = change.text or ""
            found[path] = before._replace(text=f"{before.text.rstrip()}\n{split_title(text)[1]}")
    return list(found.values())


def _joined(first: tuple[Edit, ...], then: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Append edits to others; a section that the first ones create is not created again."""
    from memorybank.document.edits import InsertSection
    from memorybank.document.sections import key_of

    made = {key_of(each.name) for each in first if isinstance(each, InsertSection)}
    rest = [each for each in then if not (isinstance(each, InsertSection) and key_of(each.name) in made)]
    return (*first, *rest)
