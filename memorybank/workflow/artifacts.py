"""Durable documents: a plan or a research file, and the line of activeContext.md that points to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.load import template_bytes
from memorybank.document.edits import Append
from memorybank.document.text import check_text, one_line
from memorybank.document.write import resolve
from memorybank.errors import UnsupportedTextError
from memorybank.ids import slug_of
from memorybank.store.commit import FileChange, Way, commit
from memorybank.workflow.notes import place_of

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.store.bank import Bank

FOLDERS = {"plan": "plans", "research": "research"}
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
    day = f"{way.now():%Y-%m-%d}"
    name = f"docs/{FOLDERS[kind]}/{day}-{slug_of(words)}.md"
    template = template_bytes(f"docs/{kind}.md", bank.folder / "templates").decode("utf-8")
    text = template.replace("{title}", words).replace("{date}", day)
    path = bank.project / name
    resolve(path, bank.roots)
    place = place_of(bank, "reference")
    target, file = bank.existing(place.file)
    line = f"{kind.capitalize()}: `{name}` → {words}"
    # the document first: a crash between the two leaves a file without its line, never a line without its file
    changes = [
        FileChange(path, name, text=text),
        FileChange(target, file, (Append(place.section, line, item=True),)),
    ]
    return Created(name, commit(bank, changes, f"{kind} new", way))
