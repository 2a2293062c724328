"""Parts that the memories of several agents have: Markdown files, their sections, and names for both."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.exchange.account import Account, words_of
from memorybank.exchange.claude_memory.topic_file import TopicFile, TopicReader
from memorybank.exchange.fitting import washed_line
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.markdown_entries import MarkdownPart, parts_of
from memorybank.exchange.safe_read import FileTree, Misfit, refusal_of, text_of, tree_of
from memorybank.files.read import typed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# what a line of the report has room for
REPORTED = 200
MARKDOWN = (".md", ".markdown")


def digest_of_text(text: str) -> str:
    """Return the digest of a text without the space around it."""
    return digest_of(text.strip().encode("utf-8", "surrogateescape"))


def plain_text(data: bytes) -> str:
    """Return the text of a file, with line ends of one kind."""
    return text_of(data).replace("\r\n", "\n")


def check_listed(path: Path) -> None:
    """Check that the folder that the user named can be listed.

    Raises:
        BankError: it cannot.
    """
    with typed(path), os.scandir(path):
        pass


def tree_of_file(path: Path) -> FileTree:
    """Return one file, which the user named, as a tree."""
    real = path.resolve()
    return FileTree(real.parent, (real.name,))


def free_names(values: Mapping[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    """Return values under names that are not taken."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = key
        while name in taken or name in found:
            name += "_"
        found[name] = value
    return found


# what thematic breaks are made of
_RULES = "-*_ \t\r\n"


class MemoryReader:
    """Collects the memories of one agent, and what is to be reported about them."""

    def __init__(self, form: str, tool: str, origin: str) -> None:
        """`form` is the name of the format, `tool` that of the agent in a record, `origin` that of the source."""
        self.form, self.tool, self.origin = form, tool, origin
        self.account = Account()
        self.misfits: list[Misfit] = []
        self.records: list[Incoming] = []
        self._entries: set[str] = set()
        self._wishes: set[str] = set()

    def done(self) -> ReadResult:
        """Return all that was read since the last call, and start a new part."""
        found = ReadResult(self.form, tuple(self.records), (), tuple(self.misfits), self.account)
        self.records, self.misfits, self.account = [], [], Account()
        return found

    def told(self, where: str, why: str) -> None:
        """Report something about a file or folder."""
        self.misfits.append(Misfit(where, why))

    def entry(self, name: str) -> str:
        """Return a name for an entry that no other entry has."""
        count, entry = 1, name
        while (stored := washed_line(entry)) in self._entries:
            count += 1
            entry = f"({count}) {name}"
        self._entries.add(stored)
        return entry

    def tree_of(self, folder: Path, name: str) -> FileTree | None:
        """Return the files below a folder; None if it cannot be listed, which is reported.

        Raises:
            BankError: it cannot be listed, and it has no name: it is the one that the user named.
        """
        try:
            return tree_of(folder)
        except BankError as error:
            if not name:
                raise
            self.told(name, f"skipped: {refusal_of(error)}")
            return None

    def bytes_of(self, tree: FileTree, name: str, prefix: str = "") -> bytes | None:
        """Return the bytes of a file; None if it cannot be read, which is reported."""
        try:
            return tree.bytes_of(name)
        except BankError as error:
            self.told(prefix + name, f"skipped: {refusal_of(error)}")
            return None

    def add(self, record: Incoming) -> None:
        """Take a record; its id in the source is left out if another record has it."""
        if record.wish in self._wishes:
            record = record._replace(wish="")
        self._wishes.add(record.wish)
        self.records.append(record._replace(source_tool=self.tool))

    def document(self, name: str, entry: str, data: bytes) -> Incoming | None:
        """Return a Markdown text as a memory, with its front matter; None if it is empty, which is reported."""
        found = TopicReader(TopicFile(name, entry, data, ()), self.account, self.misfits).read()
        return None if found is None else found._replace(wish="")

    def take_document(
        self,
        place: str,
        name: str,
        data: bytes,
        changed: str,
        kind: str = "",
        more: Mapping[str, Any] | None = None,
        *,
        tags: tuple[str, ...] = (),
    ) -> None:
        """Take a Markdown file as one memory, with more metadata and tags."""
        found = self.document(name, self.entry(place), data)
        if found is not None:
            metadata = {**found.metadata, **free_names({**(more or {}), "file_changed": changed}, found.metadata)}
            self.add(found._replace(kind=kind or found.kind, tags=(*found.tags, *tags), metadata=metadata))

    def sections(self, place: str, text: str, level: int) -> list[MarkdownPart]:
        """Split a Markdown text; headings without text are reported."""
        parts = parts_of(text, level)
        # a heading that is too long for a line of the report is text
        parts = [
            MarkdownPart(each.level, "", each.title) if len(each.title) > REPORTED and not each.text else each
            for each in parts
        ]
        # lines between sections, or front matter that is empty, say nothing
        parts = [each if each.text.strip(_RULES) else MarkdownPart(each.level, each.title, "") for each in parts]
        for each in parts:
            if each.title and not each.text:
                self.account.reported(place, f"a heading without text: {each.title}")
        # words that are in none of the parts: none, unless this program is wrong
        rest = words_of(text) - words_of("\n".join(f"{each.title}\n{each.text}" for each in parts))
        self.account.came(place, " ".join(rest.elements()))
        return [each for each in parts if each.text]

    def take_section(self, place: str, part: MarkdownPart, kind: str, title: str, metadata: dict[str, Any]) -> None:
        """Take a section as one memory, under a title that may have less words than its heading."""
        entry = self.entry(f"{place}#{part.title or title}")
        self.account.came(entry, f"{part.title}\n{part.text}")
        digest = digest_of_text(part.text)
        self.add(Incoming(entry, digest, kind, title, part.text, tags=(self.form,), metadata=metadata))
