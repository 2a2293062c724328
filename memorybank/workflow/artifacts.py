"""Durable documents: a plan or a research file, and the line of activeContext.md that points to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.text import check_text, one_line
from memorybank.errors import UnsupportedTextError
from memorybank.records.draft import draft
from memorybank.store.commit import Way, commit
from memorybank.workflow.places import place_of, put_line

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank

_MARKUP = "#`*_[]<>|\\"


class Created(NamedTuple):
    """The document that was made, by its name in the project, and the receipt of the one operation."""

    file: str
    receipt: Receipt


def new_document(bank: Bank, kind: str, title: str, way: Way) -> Created:
    """Make a document of a kind from its template, with its reference in activeContext.md, as one operation.

    Raises:
        UnsupportedTextError: the title is no line of words.
        ArtifactError: a document of that name is there already.
    """
    words = one_line(check_text(title))
    if not words or words[0] in _MARKUP or len(words) > 200:  # noqa: PLR2004  a title, not a text
        raise UnsupportedTextError(why=f"{words[:40]!r} is no title", hint=f'bank {kind} new "A few words"')
    made = draft(bank, kind, "", way, title=words, blank=True)
    name = made.record.file
    line = f"{kind.capitalize()}: `{name}` → {words}"
    # the document first: a crash between the two leaves a file without its line, never a line without its file
    changes = [
        made.change,
        put_line(bank, place_of(bank, "reference"), line),
    ]
    return Created(name, commit(bank, changes, f"{kind} new", way))
