"""Memories that the Gemini CLI proposes: the hunks of its patches, each as a memory with the tag `proposed`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.text import one_line
from memorybank.exchange.account import words_of
from memorybank.exchange.agent_memory.memory_files import REPORTED, digest_of_text, free_names, plain_text
from memorybank.exchange.agent_memory.unified_diff import read_diff
from memorybank.exchange.incoming import BY_CONTENT, Incoming
from memorybank.exchange.markdown_entries import sealed, trimmed

if TYPE_CHECKING:
    from memorybank.exchange.agent_memory.memory_files import MemoryReader
    from memorybank.exchange.agent_memory.unified_diff import Hunk

PROPOSED = "proposed"
_FENCES = re.compile(r"`{3,}")
_MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,4}[.)]|#{1,6})[ \t]+")
_SHOWN_PARTS = 2
# how long the title of a line is
_TITLE = 100


class ProposalReader:
    """Turns patches into memories."""

    def __init__(self, memory: MemoryReader) -> None:
        """`memory` collects the memories and the report."""
        self.memory = memory
        self.account = memory.account

    def take(self, place: str, data: bytes, tier: str, kind: str) -> None:
        """Take the hunks of a patch; `tier` says which memory they are for."""
        diff = read_diff(plain_text(data))
        rest = self.memory.entry(place)
        if not diff.hunks:
            self.memory.told(place, "no change of a file can be read in it")
        self.account.came(rest, "\n".join(diff.heads))
        self.account.turned(rest, "\n".join(diff.heads))
        self._beside(rest, diff.others, kind)
        for number, hunk in enumerate(diff.hunks, 1):
            self._take(f"{place}#{number}", hunk, tier, kind)

    def _beside(self, entry: str, lines: tuple[str, ...], kind: str) -> None:
        """Report lines that are in no change; take them as a memory if the report has no room for one."""
        text = trimmed("\n".join(lines))
        self.account.came(entry, text)
        if not any(len(line) > REPORTED for line in lines):
            for line in lines:
                self.account.reported(entry, f"a line outside of the changes: {one_line(line)}")
            return
        digest = digest_of_text(text)
        title = one_line(text)[:_TITLE].rstrip()
        tags, key = (self.memory.form, PROPOSED), f"{BY_CONTENT}{digest}"
        self.memory.add(Incoming(entry, digest, kind or "fact", title, sealed(text), tags=tags, key=key))

    def _take(self, place: str, hunk: Hunk, tier: str, kind: str) -> None:
        entry = self.memory.entry(place)
        target = "/".join(hunk.target.split("/")[-_SHOWN_PARTS:])
        added, removed = "\n".join(hunk.added), "\n".join(hunk.removed)
        if not words_of(f"{added}\n{removed}"):
            self.account.skipped(entry, f"it changes no words of {one_line(target)}")
            return
        if not hunk.is_exact:
            self.account.told(entry, "its header does not have the numbers of its lines")
        if hunk.is_new_file and added.strip() and not removed.strip():
            # with its own front matter and heading
            found = self.memory.document(
                hunk.target.rpartition("/")[2], entry, added.encode("utf-8", "surrogateescape")
            )
        else:
            found = self._changed(entry, hunk, added, removed, target)
        context = "\n".join(hunk.context)
        self.account.came(entry, f"{hunk.header}\n{context}")
        self.account.turned(entry, hunk.header)
        if words_of(context):
            self.account.left(entry, "lines of context", context, len(hunk.context))
        if found is None:
            return
        values = {"gemini_target": target, "gemini_tier": tier}
        metadata = {**found.metadata, **free_names(values, found.metadata)}
        about = digest_of_text(f"{target}\n{added}\0{removed}")
        record = found._replace(
            kind=kind or found.kind,
            tags=(*found.tags, self.memory.form, PROPOSED),
            metadata=metadata,
            digest=about,
            key=f"{BY_CONTENT}{about}",
        )
        self.memory.add(record)

    def _changed(self, entry: str, hunk: Hunk, added: str, removed: str, target: str) -> Incoming:
        """Return what a hunk adds to a file, and what it takes out."""
        self.account.came(entry, f"{added}\n{removed}")
        first = next(each for each in (*hunk.added, *hunk.removed) if words_of(each))
        title = one_line(_MARKER.sub("", first))[:_TITLE].rstrip()
        parts = [sealed(trimmed(added))] if added.strip() else []
        if removed.strip():
            fence = "`" * max([3, *(len(each) + 1 for each in _FENCES.findall(removed))])
            heading = "Replaces" if parts else "Removes"
            parts.append(f"## {heading}\n\n{fence}\n{removed}\n{fence}")
        if not added.strip():
            title = f"Remove from {one_line(target)}: {title}"[:TITLE_LENGTH].rstrip()
        return Incoming(entry, "", "fact", title, "\n\n".join(parts))
