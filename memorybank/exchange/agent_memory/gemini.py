"""Read memories of the Gemini CLI: facts in GEMINI.md, the private memory of a project, and what it proposes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.exchange.account import words_of
from memorybank.exchange.agent_memory.belonging import TAKE_ALL
from memorybank.exchange.agent_memory.gemini_folders import INBOX, memory_folders
from memorybank.exchange.agent_memory.gemini_proposals import PROPOSED, ProposalReader
from memorybank.exchange.agent_memory.memory_files import (
    MARKDOWN,
    REPORTED,
    MemoryReader,
    check_listed,
    digest_of_text,
    plain_text,
    tree_of_file,
)
from memorybank.exchange.claude_memory.read_folder import FORMAT as CLAUDE_FORMAT
from memorybank.exchange.claude_memory.read_folder import read_claude_memory
from memorybank.exchange.incoming import BY_CONTENT, Incoming, ReadResult
from memorybank.exchange.markdown_entries import parts_of, trimmed
from memorybank.exchange.safe_read import FileTree, ForeignError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.exchange.agent_memory.belonging import Here, MemoryFolder
    from memorybank.exchange.markdown_entries import MarkdownPart

FORMAT = "gemini-memory"
TOOL = "gemini"
GLOBAL = "GEMINI.md"
PATCH = ".patch"
_ADDED = "gemini added memories"
_SKILLS, _SKILL = "skills/", "SKILL.md"
_ITEM = re.compile(r"[-*+][ \t]+(?P<text>.*)\Z")
_FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(?P<fence>`{3,}|~{3,})")
_INDENT = re.compile(r"\A(?: {2,4}|\t)")
_TITLE = 100


def read_gemini_memory(path: Path, origin: str, here: Here) -> list[ReadResult]:
    """Read the folder `~/.gemini`, the memory of one project, or one file.

    Raises:
        ForeignError: there is no memory in it.
        BankError: the file or folder that is named cannot be read.
    """
    reader = _GeminiReader(origin, here)
    if path.is_dir():
        check_listed(path)
        for folder in memory_folders(path, here):
            reader.read_folder(folder)
    else:
        reader.read_named(path)
    found = reader.done()
    if not any(each.records for each in found) and not reader.is_known:
        raise ForeignError(path=path, why="it has no memory of the Gemini CLI")
    return found


class _GeminiReader:
    def __init__(self, origin: str, here: Here) -> None:
        self.origin, self.here = origin, here
        self.memory = MemoryReader(FORMAT, TOOL, origin)
        self.proposals = ProposalReader(self.memory)
        self.parts: list[ReadResult] = []
        # a file or folder of memories was there, even if nothing of it was taken
        self.is_known = False

    def done(self) -> list[ReadResult]:
        """Return what was read, in parts with an account each."""
        return [*self.parts, self.memory.done()]

    def read_named(self, path: Path) -> None:
        """Read the one file that the user named."""
        tree = tree_of_file(path)
        (name,) = tree.names
        if name.lower().endswith(PATCH):
            self.is_known = True
            tier = path.parent.name if path.parent.parent.name == INBOX else ""
            self._patch(name, self.origin, tree.bytes_of(name), tier)
        elif not name.lower().endswith(MARKDOWN):
            raise ForeignError(path=path, why="it is neither a Markdown file nor a patch")
        elif name == GLOBAL or any(_is_added(each) for each in parts_of(plain_text(tree.bytes_of(name)), 2)):
            self._global(self.origin, tree.bytes_of(name), tree.changed_at(name))
        else:
            self._private(tree, self.origin.removesuffix(f"/{name}") if "/" in self.origin else "")

    def read_folder(self, folder: MemoryFolder) -> None:
        """Read a folder of memories, or report it."""
        if folder.why:
            self.is_known = True
            self.memory.told(folder.name, folder.why)
        if folder.path is None:
            return
        prefix = f"{folder.name}/" if folder.name else ""
        if folder.is_of_user:
            alone = FileTree(folder.path, (GLOBAL,))
            if (data := self.memory.bytes_of(alone, GLOBAL, prefix)) is not None:
                self._global(f"{self.origin}/{prefix}{GLOBAL}", data, alone.changed_at(GLOBAL))
            return
        tree = self.memory.tree_of(folder.path, folder.name)
        if tree is None:
            self.is_known = True
            return
        self._tell_others(tree, prefix)
        names = [each for each in tree.names if each.lower().endswith(MARKDOWN)]
        private = tuple(each for each in names if not each.startswith(_SKILLS))
        if private:
            self._private(FileTree(tree.root, private), f"{self.origin}/{folder.name}".rstrip("/"))
        others = FileTree(tree.root, tuple(each for each in tree.names if each not in private))
        for name, place, data in self._proposals_in(others, prefix):
            self._proposal(place, name, data, tree.changed_at(name))
        self._inbox(folder.path / INBOX, f"{prefix}{INBOX}/")

    def _tell_others(self, tree: FileTree, prefix: str) -> None:
        self.memory.misfits += [each._replace(where=prefix + each.where) for each in tree.misfits]
        for name in tree.hidden:
            if name != INBOX:
                self.memory.told(prefix + name, "skipped: it is hidden")
        for name in tree.names:
            if not name.lower().endswith((*MARKDOWN, PATCH)):
                self.memory.told(prefix + name, "skipped: it is neither Markdown nor a patch")

    def _inbox(self, path: Path, prefix: str) -> None:
        """Read the patches that wait for a review."""
        if path.is_symlink():
            self.memory.told(prefix.rstrip("/"), "a link is not followed")
        elif path.is_dir() and (tree := self.memory.tree_of(path, prefix.rstrip("/"))) is not None:
            self._tell_others(tree, prefix)
            for name, place, data in self._proposals_in(tree, prefix):
                if name.lower().endswith(PATCH):
                    self.is_known = True
                    self._patch(name, place, data, name.partition("/")[0] if "/" in name else "")
                else:
                    self._proposal(place, name, data, tree.changed_at(name))

    def _proposals_in(self, tree: FileTree, prefix: str) -> Iterator[tuple[str, str, bytes]]:
        """Yield the name, place and bytes of each file that can be a proposal."""
        for name in tree.names:
            if name.lower().endswith((*MARKDOWN, PATCH)):
                data = self.memory.bytes_of(tree, name, prefix)
                if data is not None:
                    yield name, f"{self.origin}/{prefix}{name}", data

    def _patch(self, name: str, place: str, data: bytes, tier: str) -> None:
        kind = "user" if tier == "global" else "procedural" if name.startswith(_SKILLS) else ""
        self.proposals.take(place, data, tier, kind)

    def _proposal(self, place: str, name: str, data: bytes, changed: str) -> None:
        """Take a file that waits for a review: a skill, or a patch of one."""
        self.is_known = True
        if name.lower().endswith(PATCH):
            self._patch(name, place, data, "skills")
            return
        # a skill is named by its folder
        shown = name.rpartition("/")[0] + ".md" if name.endswith(f"/{_SKILL}") else name
        self.memory.take_document(place, shown, data, changed, "procedural", tags=(FORMAT, PROPOSED))

    def _private(self, tree: FileTree, origin: str) -> None:
        """Read an index and its topic files, in the form that Claude Code has them, too."""
        self.is_known = True
        found = read_claude_memory(tree, origin or self.origin)
        records = tuple(
            each._replace(source_tool=TOOL, tags=tuple(FORMAT if tag == CLAUDE_FORMAT else tag for tag in each.tags))
            for each in found.records
        )
        self.parts.append(found._replace(source=FORMAT, records=records))

    def _global(self, place: str, data: bytes, changed: str) -> None:
        """Take the facts that were added to GEMINI.md; other sections are a person's own."""
        self.is_known = True
        text = plain_text(data)
        for part in self.memory.sections(place, text, 2):
            if _is_added(part):
                for item in items_of(part.text):
                    self._fact(place, item, changed)
                entry = self.memory.entry(f"{place}#{part.title}")
                self.memory.account.came(entry, part.title)
                self.memory.account.turned(entry, part.title)
            elif self.here.takes_all:
                self.memory.take_section(place, part, "user", part.title or GLOBAL, {"file_changed": changed})
            else:
                title = part.title[:REPORTED] or "the text above the first section"
                self.memory.told(place, f"left out: {title}: instructions of a person; {TAKE_ALL}")

    def _fact(self, place: str, text: str, changed: str) -> None:
        entry = self.memory.entry(f"{place}#{digest_of_text(text)}")
        self.memory.account.came(entry, text)
        digest = digest_of_text(text)
        first = next(line for line in text.split("\n") if words_of(line))
        title = " ".join(first.split()).lstrip("#> ")
        title = title if len(title) <= _TITLE else title[:_TITLE].rpartition(" ")[0] or title[:_TITLE]
        self.memory.add(
            Incoming(
                entry,
                digest,
                "user",
                title,
                text,
                tags=(FORMAT,),
                metadata={"file_changed": changed},
                key=f"{BY_CONTENT}{digest}",
            )
        )


def _is_added(part: MarkdownPart) -> bool:
    return part.title.casefold() == _ADDED


def items_of(text: str) -> list[str]:
    """Split a list at its outer items, each with the lines below it; text above the first one is an item, too."""
    items, is_open = _split(text.split("\n"), with_fences=True)
    if is_open:
        # a fence that one fact leaves open does not hold the others
        items, _ = _split(text.split("\n"), with_fences=False)
    return [each for each in (_inner(item) for item in items) if words_of(each)]


def _split(lines: list[str], *, with_fences: bool) -> tuple[list[list[str]], bool]:
    items: list[list[str]] = [[]]
    fence = ""
    for line in lines:
        found = _ITEM.match(line)
        if found and not fence:
            items.append([found["text"]])
        else:
            items[-1].append(line)
        mark = _FENCE.match(line) if with_fences else None
        if mark:
            fence = "" if fence and mark["fence"].startswith(fence) else fence or mark["fence"]
    return items, bool(fence)


def _inner(lines: list[str]) -> str:
    return trimmed("\n".join(_INDENT.sub("", line) if number else line for number, line in enumerate(lines)))
