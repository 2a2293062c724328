"""Read a memory folder: each topic file becomes a memory, and so does text that is only in an index."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.exchange.account import Account, words_of
from memorybank.exchange.claude_memory.memory_index import NAME, TITLES, MemoryIndex, Pointer, Targets, read_index
from memorybank.exchange.claude_memory.topic_file import TOOL, TopicFile, TopicReader, wish_of
from memorybank.exchange.fitting import washed_line
from memorybank.exchange.incoming import Incoming, ReadResult
from memorybank.exchange.safe_read import FileTree, ForeignError, Misfit, refusal_of, text_of
from memorybank.records.record import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "claude-memory"
_ENDINGS = (".md", ".markdown")
_OWN_TITLE = "Memory"
_SECTION = 2
_WIKI = re.compile(r"\[\[([^\]|#\n]{1,120})[^\]\n]{0,120}\]\]")
_LINK = re.compile(r"\]\(<?(?![a-z]+:)([^)\s>#]+\.(?:md|markdown))(?:#[^)\s>]*)?>?\)", re.IGNORECASE)


def read_claude_memory(source: FileTree, origin: str) -> ReadResult:
    """Read a memory folder, with the folders below it.

    Raises:
        ForeignError: it has no Markdown files.
    """
    names = [each for each in source.names if each.lower().endswith(_ENDINGS)]
    if not names:
        raise ForeignError(path=source.root, why=f"it has no {NAME} and no other Markdown file")
    misfits = [
        *source.misfits,
        *(Misfit(each, "skipped: it is not a Markdown file") for each in source.names if each not in names),
        *(Misfit(each, "skipped: it is hidden") for each in source.hidden),
    ]
    texts: dict[str, bytes] = {}
    for name in names:
        try:
            texts[name] = source.bytes_of(name)
        except BankError as error:
            misfits.append(Misfit(name, f"skipped: {refusal_of(error)}"))
    folder = _Folder(source, origin, texts, misfits)
    records = [*folder.index_records(), *folder.topic_records()]
    undated = sum(not each.created for each in records)
    if undated:
        # each of them has it in its metadata when its file was changed
        folder.misfits.append(Misfit(origin, f"{undated} memories have no date"))
    return ReadResult(FORMAT, tuple(_linked(records, origin)), (), tuple(folder.misfits), folder.account)


class _Folder:
    def __init__(self, source: FileTree, origin: str, texts: dict[str, bytes], misfits: list[Misfit]) -> None:
        self.source, self.origin, self.misfits = source, origin, misfits
        self.account = Account()
        self.topics = {name: data for name, data in texts.items() if not _is_index(name)}
        self.indexes: dict[str, MemoryIndex] = {}
        self.pointers: dict[str, list[Pointer]] = {}
        self.taken: set[str] = set()
        for name, data in texts.items():
            if _is_index(name):
                found = read_index(data, Targets(self.topics, name[: -len(NAME)]))
                self.indexes[name] = found
                for each in found.pointers:
                    self.pointers.setdefault(each.file, []).append(each)
                self._whole(name, data, found)

    def _whole(self, name: str, data: bytes, found: MemoryIndex) -> None:
        """Note the words of an index that are in none of its parts: none, unless this program is wrong."""
        parts = [f"{each.title}\n{each.text}" for each in found.parts]
        lines = [f"{each.text}\n{each.section}" for each in found.pointers]
        above = [each.above for each in found.parts]
        rest = words_of(text_of(data)) - words_of("\n".join([*parts, *lines, *above, *found.empty]))
        self.account.came(f"{self.origin}/{name}", " ".join(rest.elements()))
        # the title that every such file has
        self.account.turned(f"{self.origin}/{name}", TITLES[-1])
        for title in found.empty:
            if title.casefold() not in TITLES:
                self.account.reported(f"{self.origin}/{name}", f"a heading without text: {title}")

    def index_records(self) -> Iterator[Incoming]:
        """Yield the sections of the indexes."""
        for name, index in self.indexes.items():
            for part in index.parts:
                own = part.title if part.level == _SECTION else _OWN_TITLE
                entry = self._free(f"{self.origin}/{name}#{own}")
                above = "" if part.above.casefold() in TITLES else part.above
                self.account.came(entry, f"{part.title}\n{part.text}\n{above}")
                yield Incoming(
                    entry,
                    digest_of(part.text.encode("utf-8", "surrogateescape")),
                    "fact",
                    part.title or _OWN_TITLE,
                    part.text,
                    tags=(FORMAT,),
                    source_tool=TOOL,
                    metadata={**({"index_section": above} if above else {}), **self._changed(name)},
                )

    def topic_records(self) -> Iterator[Incoming]:
        """Yield the topic files; no two have one id in the source."""
        wishes: set[str] = set()
        for name, data in self.topics.items():
            topic = TopicFile(name, self._free(f"{self.origin}/{name}"), data, self.pointers.get(name, []))
            found = TopicReader(topic, self.account, self.misfits).read()
            if found is None:
                continue
            metadata = {**found.metadata, **self._changed(name)}
            if found.wish in wishes:
                path = wish_of(name.rpartition(".")[0])
                metadata, wish = {**metadata, "name_in_file": found.wish}, "" if path in wishes else path
                found = found._replace(wish=wish)
            wishes.add(found.wish)
            yield found._replace(metadata=metadata)

    def _changed(self, name: str) -> dict[str, Any]:
        return {"file_changed": self.source.changed_at(name)}

    def _free(self, entry: str) -> str:
        count = 1
        while (stored := washed_line(_numbered(entry, count))) in self.taken:
            count += 1
        self.taken.add(stored)
        return _numbered(entry, count)


def _numbered(entry: str, count: int) -> str:
    return entry if count == 1 else f"{entry} ({count})"


def _is_index(name: str) -> bool:
    return name.rpartition("/")[2].casefold() == NAME.casefold()


def _linked(records: list[Incoming], origin: str) -> list[Incoming]:
    """Return the records with links for their `[[names]]` and for links to other files."""
    known = {each.wish.casefold(): each.wish for each in records if each.wish}
    files: dict[str, str] = {}
    for each in records:
        path = each.entry.removeprefix(f"{origin}/")
        if each.wish:
            files[path.casefold()] = each.wish
            known.setdefault(wish_of(path.rpartition("/")[2].rpartition(".")[0]).casefold(), each.wish)
    linked = []
    for record in records:
        folder = posixpath.dirname(record.entry.removeprefix(f"{origin}/").partition("#")[0])
        named = [known.get(wish_of(each.strip()).casefold(), "") for each in _WIKI.findall(record.content)]
        paths = [posixpath.normpath(posixpath.join(folder, each)) for each in _LINK.findall(record.content)]
        named += [files.get(each.casefold(), "") for each in paths]
        found = dict.fromkeys(each for each in named if each and each != record.wish)
        linked.append(record._replace(links=tuple(Link("relates", each) for each in found)))
    return linked
