"""What a reader of a tree finds beside records: the account of words, and what is to be reported, in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.document.source import digest_of
from memorybank.exchange.account import Account, words_of
from memorybank.exchange.incoming import Incoming
from memorybank.exchange.module71.tree import FORMAT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.exchange.markdown_entries import MarkdownPart

# a longer title is kept as text, because a report shows only the start of a line
_SHORT_TITLE = 120


class Findings:
    """The account of the words of a tree, and what its entries are reported with."""

    def __init__(self) -> None:
        """Start without entries."""
        self.account = Account()

    def tell(self, entry: str, why: str) -> None:
        """Report something of an entry that is kept."""
        self.account.told(entry, why)

    def tell_group(self, entry: str, what: str) -> None:
        """Report the same about several entries of a file or folder in one line."""
        file, mark, name = entry.partition("#")
        if not mark:
            file, _, name = entry.rpartition("/")
            file += "/"
        self.account.told_group(entry, file, what, name)

    def outside(self, name: str, parts: Sequence[MarkdownPart], title: str) -> list[Incoming]:
        """Return the text outside of the entries of a file as a fact; a heading that only has our words is left out.

        `title` is the heading that the file has in the tree.
        """
        told = [part for part in parts if part.text.strip() or not _is_same(part.title, title)]
        for part in parts:
            if part not in told:
                self.account.turned(name, part.title)
        if not any(part.text.strip() or len(part.title) > _SHORT_TITLE for part in told):
            for part in told:
                self.account.reported(name, f"its title is not kept: {part.title}", part.title)
            return []
        heads = [part.title for part in told if part.title]
        rows = [f"## {part.title}\n\n{part.text}" if part.title else part.text for part in told]
        if heads and told[0].title == heads[0]:
            rows[0] = told[0].text
        text = "\n\n".join(row for row in rows if row.strip())
        digest = digest_of("\n".join(f"{part.title}\n{part.text}" for part in told).encode("utf-8", "surrogateescape"))
        own = heads[0] if heads and told[0].title == heads[0] else f"Text outside of the entries of {name}"
        return [Incoming(name, digest, "fact", own, text, source_tool=FORMAT)]


def _is_same(words: str, other: str) -> bool:
    return words_of(words) == words_of(other) or not words_of(words)
