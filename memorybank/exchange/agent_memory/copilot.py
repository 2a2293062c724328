"""Read memories of Copilot: JSON lines as `copilot memories import` takes them, and files of its memory tool."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any

from memorybank.exchange.agent_memory.belonging import TAKE_ALL
from memorybank.exchange.agent_memory.copilot_fact import FactReader, shown, whose
from memorybank.exchange.agent_memory.memory_files import MARKDOWN, MemoryReader, check_listed, tree_of_file
from memorybank.exchange.agent_memory.vscode_folders import memory_folders, session_of
from memorybank.exchange.agent_sessions.json_lines import Broken, rows_in, whole_in
from memorybank.exchange.safe_read import ForeignError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.exchange.agent_memory.belonging import Here, MemoryFolder
    from memorybank.exchange.agent_sessions.json_lines import Row
    from memorybank.exchange.incoming import ReadResult

FORMAT = "copilot-memory"
TOOL = "copilot"
LINES, WHOLE, TEXTS = (".jsonl", ".ndjson"), (".json",), (*MARKDOWN, ".txt")
# memories that are read and written at once
PART = 1000


def read_copilot_memory(path: Path, origin: str, here: Here) -> Iterator[ReadResult]:
    """Read a file of JSON lines, a folder with files of the memory tool, or VS Code's folder `User` with all of them.

    Many memories come in several parts, so that not all of them are in memory at once.

    Raises:
        ForeignError: there is no memory in it.
        BankError: the file or folder that is named cannot be read.
    """
    reader = _CopilotReader(origin, here)
    if path.is_dir():
        check_listed(path)
        for folder in memory_folders(path, here):
            yield from reader.read_folder(folder)
    else:
        tree = tree_of_file(path)
        (name,) = tree.names
        if not name.lower().endswith((*LINES, *WHOLE, *TEXTS)):
            raise ForeignError(path=path, why="it is neither JSON nor text")
        yield from reader.read_file(name, tree.bytes_of(name), origin, tree.changed_at(name), "")
    found = reader.done()
    if not found.records and not reader.is_told:
        raise ForeignError(path=path, why="it has no memory of Copilot")
    yield found


class _CopilotReader:
    def __init__(self, origin: str, here: Here) -> None:
        self.origin, self.here = origin, here
        self.memory = MemoryReader(FORMAT, TOOL, origin)
        self.facts = FactReader(self.memory)
        # something was reported that is or was a memory, or came in an earlier part
        self.is_told = False
        self._elsewhere: Counter[str] = Counter()

    def done(self) -> ReadResult:
        """Return what was read; memories of other repositories are counted for each of them."""
        for name, count in self._elsewhere.items():
            there = f"another repository; {TAKE_ALL}"
            if not self.here.repositories:
                there = f"a repository, and this project has no git remote to compare it with; {TAKE_ALL}"
            self.memory.told(name, f"{count} memories left out: they are of {there}")
        return self.memory.done()

    def _tell(self, where: str, why: str) -> None:
        self.is_told = True
        self.memory.told(where, why)

    def read_folder(self, folder: MemoryFolder) -> Iterator[ReadResult]:
        """Read the files of a folder of memories; what is no memory is reported."""
        if folder.why:
            self._tell(folder.name, folder.why)
        if folder.path is None:
            return
        tree = self.memory.tree_of(folder.path, folder.name)
        if tree is None:
            self.is_told = True
            return
        prefix = f"{folder.name}/" if folder.name else ""
        self.memory.misfits += [each._replace(where=prefix + each.where) for each in tree.misfits]
        for name in tree.hidden:
            self.memory.told(prefix + name, "skipped: it is hidden")
        for name in tree.names:
            if not name.lower().endswith((*LINES, *WHOLE, *TEXTS)):
                self.memory.told(prefix + name, "skipped: it is neither JSON nor text")
            elif (data := self.memory.bytes_of(tree, name, prefix)) is not None:
                # what is not about a repository or a conversation is about the user
                kind = "user" if folder.is_of_user and "/" not in name else ""
                yield from self.read_file(name, data, f"{self.origin}/{prefix}{name}", tree.changed_at(name), kind)

    def read_file(self, name: str, data: bytes, place: str, changed: str, kind: str) -> Iterator[ReadResult]:
        """Read a file by the end of its name; yield what was read so far when it is enough for a part."""
        lower = name.lower()
        if lower.endswith(TEXTS):
            session = session_of(name)
            more = {"copilot_session": session} if session else None
            self.memory.take_document(place, name, data, changed, "episodic" if session else kind, more)
            return
        stem = "" if lower.endswith(LINES) else name.rpartition("/")[2].rpartition(".")[0]
        for where, value, row in self._values(data, place, is_lines=lower.endswith(LINES)):
            host, path = whose(value)
            if path and not self.here.takes_all and not self.here.has_repository(host, path):
                self.is_told = True
                self._elsewhere[f"{host}/{path}" if host else path] += 1
            elif not self.facts.take(where, value, row, stem, kind):
                self._tell(where, f"skipped: it is no memory with a fact: {shown(value)}")
            if len(self.memory.records) >= PART:
                self.is_told = True
                yield self.memory.done()

    def _values(self, data: bytes, place: str, *, is_lines: bool) -> Iterator[tuple[str, Any, Row]]:
        """Yield the objects of a file with their places; what cannot be read is reported."""
        for row in rows_in(BytesIO(data)) if is_lines else whole_in(BytesIO(data)):
            where = f"{place}:{row.line}"
            if isinstance(row, Broken):
                self._tell(where, f"line {row.line} skipped: {row.why}")
            else:
                is_list = isinstance(row.value, list) and not is_lines
                yield from ((where, each, row) for each in (row.value if is_list else [row.value]))
