"""Read the memories of Codex: its handbook and summary, the raw memories of threads, and its database of them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from memorybank.errors import BankError
from memorybank.exchange.account import words_of
from memorybank.exchange.agent_memory.memory_files import (
    MARKDOWN,
    REPORTED,
    MemoryReader,
    check_listed,
    digest_of_text,
    free_names,
    plain_text,
    tree_of_file,
)
from memorybank.exchange.claude_memory.topic_file import wish_of
from memorybank.exchange.contextfs.column_values import is_binary
from memorybank.exchange.contextfs.column_values import text_of as column_text
from memorybank.exchange.contextfs.database import read_database
from memorybank.exchange.safe_read import FileTree, ForeignError, moment_of, refusal_of, tree_of
from memorybank.records.record import Link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.exchange.incoming import ReadResult

FORMAT = "codex-memory"
TOOL = "codex"
HANDBOOK, SUMMARY, RAW = "MEMORY.md", "memory_summary.md", "raw_memories.md"
TABLE = "stage1_outputs"
# the folders of memories in the home folder of Codex
FOLDERS = ("memories", "memories_v2")
_DIFF = "phase2_workspace_diff.md"
_DATABASE = re.compile(r"memories[\w.-]*\.(?:sqlite3?|db)\Z")
_BESIDE = re.compile(r"memories[\w.-]*\.(?:sqlite3?|db)-(?:wal|shm|journal)\Z")
_SQLITE = b"SQLite format 3\0"
_GROUP = re.compile(r"^# Task Group:", re.MULTILINE)
_GROUP_WORDS = "Task Group:"
_THREAD = re.compile(r"^## Thread `(?P<thread>[^`\n]*)`[ \t]*$", re.MULTILINE)
_VERSION = re.compile(r"\A\s*(v\d{1,4})[ \t]*(?:\n|\Z)")
_FIELD = re.compile(r"(?P<name>thread_id|updated_at|cwd|rollout_path|rollout_summary_file|git_branch):(?P<value>.*)\Z")
# what Codex writes above the raw memories
_RAW_TITLE = "# Raw Memories"
_RAW_NOTES = re.compile(r"Merged stage-1 raw memories \([^()\n]{0,80}\):|No raw memories yet\.")
_OF_USER = ("user profile", "user preferences")
_THREAD_TITLE = "Codex thread"


def read_codex_memory(path: Path, origin: str) -> ReadResult:
    """Read a folder of memories, the home folder of Codex with it, one of its files, or its database.

    Raises:
        ForeignError: it has no such memory.
        BankError: the file or folder that is named cannot be read.
    """
    reader = _CodexReader(origin)
    if path.is_dir():
        check_listed(path)
        _read_folder(reader, path)
    else:
        reader.read_named(path)
    if not reader.is_known and not reader.memory.misfits:
        raise ForeignError(path=path, why=f"it has no {HANDBOOK}, no {RAW} and no database of memories")
    return reader.done()


def _read_folder(reader: _CodexReader, path: Path) -> None:
    inner = [path / each for each in FOLDERS if (path / each).is_dir()]
    if not inner or (path / HANDBOOK).exists():
        reader.read_tree(tree_of(path), "")
        return
    # the home folder: nothing else in it is opened, nor even listed
    for folder in inner:
        if folder.is_symlink():
            reader.memory.told(folder.name, "a link is not followed")
        elif (tree := reader.memory.tree_of(folder, folder.name)) is not None:
            reader.read_tree(tree, f"{folder.name}/")
    names = sorted(each.name for each in path.iterdir() if _DATABASE.fullmatch(each.name))
    links = [each for each in names if (path / each).is_symlink()]
    for each in links:
        reader.memory.told(each, "a link is not followed")
    for each in names:
        if each not in links:
            reader.read_beside(path / each, each)


class _CodexReader:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.memory = MemoryReader(FORMAT, TOOL, origin)
        # a file or database of memories was read, even if it is empty
        self.is_known = False
        # how often a file has a thread
        self._times: Counter[tuple[str, str]] = Counter()

    def done(self) -> ReadResult:
        """Return what was read, each raw memory with a link to the summary of its thread."""
        found = self.memory.done()
        there = {each.wish for each in found.records}
        linked = []
        for each in found.records:
            to = f"rollout-{each.wish.removeprefix('thread-')}"
            is_raw = each.wish.startswith("thread-") and to in there
            linked.append(each._replace(links=(Link("relates", to),)) if is_raw else each)
        return found._replace(records=tuple(linked))

    def read_named(self, path: Path) -> None:
        """Read the one file that the user named."""
        tree = tree_of_file(path)
        (name,) = tree.names
        # refuses what is not a file, or is too large
        data = b"" if _DATABASE.fullmatch(name) else tree.bytes_of(name)
        if _DATABASE.fullmatch(name) or data.startswith(_SQLITE):
            self._rows(tree.root / name, self.origin)
        elif name.lower().endswith(MARKDOWN):
            self._file(tree, name, data, self.origin)
        else:
            raise ForeignError(path=path, why="it is neither a Markdown file nor a database of memories")

    def read_tree(self, tree: FileTree, prefix: str) -> None:
        """Read the files of a folder of memories; databases last, as the files say more about a thread."""
        self.memory.misfits += [each._replace(where=prefix + each.where) for each in tree.misfits]
        databases = [each for each in tree.names if _DATABASE.fullmatch(each.rpartition("/")[2])]
        for name in tree.names:
            if name in databases or _BESIDE.fullmatch(name.rpartition("/")[2]):
                continue
            if name == _DIFF:
                self.memory.told(prefix + name, "skipped: it is a diff that Codex works with")
            elif not name.lower().endswith(MARKDOWN):
                self.memory.told(prefix + name, "skipped: it is not a Markdown file")
            elif (data := self.memory.bytes_of(tree, name, prefix)) is not None:
                self._file(tree, name, data, f"{self.origin}/{prefix}{name}")
        for name in tree.hidden:
            if name != ".git":
                self.memory.told(prefix + name, "skipped: it is hidden")
        for name in databases:
            self.read_beside(tree.root / name, prefix + name)

    def read_beside(self, path: Path, name: str) -> None:
        """Read a database beside other files; one that cannot be read is reported."""
        try:
            self._rows(path, f"{self.origin}/{name}")
        except BankError as error:
            self.memory.told(name, f"skipped: {refusal_of(error)}")

    def _file(self, tree: FileTree, name: str, data: bytes, place: str) -> None:
        self.is_known = True
        changed = tree.changed_at(name)
        last = name.rpartition("/")[2]
        text = plain_text(data)
        if name == RAW:
            self._raw_memories(place, text, changed)
        elif name == HANDBOOK:
            self._handbook(place, text, changed)
        elif name == SUMMARY:
            version = _VERSION.match(text)
            if version:
                self.memory.account.came(place, version[1])
                self.memory.account.turned(place, version[1])
            self._handbook(place, text[version.end() :] if version else text, changed)
        elif _fields_of(text)[0].get("thread_id"):
            fields, body = _fields_of(text)
            thread = fields["thread_id"]
            self._thread(place, f"rollout-{wish_of(thread)}", last, body, {**fields, "file_changed": changed})
        else:
            kind = "procedural" if last == "SKILL.md" else ""
            # a skill is named by its folder
            shown = name.rpartition("/")[0] + ".md" if kind and "/" in name else name
            self.memory.take_document(place, shown, data, changed, kind)

    def _handbook(self, place: str, text: str, changed: str) -> None:
        """Take the groups of tasks, or the sections, of a file."""
        level = 1 if _GROUP.search(text) else 2
        for part in self.memory.sections(place, text, level):
            group = part.title.startswith(_GROUP_WORDS)
            title = part.title.removeprefix(_GROUP_WORDS).strip() or "Codex memory"
            kind = "user" if part.title.casefold() in _OF_USER else "fact"
            before = len(self.memory.records)
            self.memory.take_section(place, part, kind, title, {"file_changed": changed})
            if group:
                self.memory.account.turned(self.memory.records[before].entry, _GROUP_WORDS)

    def _raw_memories(self, place: str, text: str, changed: str) -> None:
        found = list(_THREAD.finditer(text))
        head = text[: found[0].start()] if found else text
        rest = _RAW_NOTES.sub("", head.replace(_RAW_TITLE, "", 1))
        if rest.strip():
            self.memory.take_document(f"{place}#", "Raw memories.md", rest.encode("utf-8", "surrogateescape"), changed)
        for at, each in enumerate(found):
            end = found[at + 1].start() if at + 1 < len(found) else len(text)
            fields, body = _fields_of(text[each.end() : end])
            thread = each["thread"]
            name = f"{_THREAD_TITLE} {thread}.md".replace("/", "-")
            values = {"thread_id": thread, **{k: v for k, v in fields.items() if k != "thread_id"}}
            if "thread_id" in fields and fields["thread_id"] != thread:
                values["other_thread_id"] = fields["thread_id"]
            values["file_changed"] = changed
            self._thread(f"{place}#{thread}", f"thread-{wish_of(thread)}", name, body, values)

    def _thread(self, place: str, wish: str, name: str, body: str, values: dict[str, Any], created: str = "") -> None:
        """Take what is remembered of one thread; it is the same memory in a file and in the database."""
        entry = self.memory.entry(place)
        self._times[place, wish] += 1
        count = self._times[place, wish]
        if not words_of(body):
            fields = ", ".join(f"{key} {value}" for key, value in values.items() if key != "file_changed")
            if len(fields) <= REPORTED:
                self.memory.account.skipped(entry, f"it is empty ({fields})")
                return
            body = fields
        for key, value in values.items():
            self.memory.account.came(entry, "" if key == "file_changed" else f"{key} {value}")
        found = self.memory.document(name, entry, body.strip().encode("utf-8", "surrogateescape"))
        if found is None:
            return
        task = found.metadata.get("task")
        stem = name.rpartition(".")[0]
        title = task if isinstance(task, str) and task.strip() and found.title == stem else found.title
        shown = {key if key in _PLAIN else f"thread_{key}": value for key, value in values.items()}
        record = found._replace(
            kind="user" if found.kind == "user" else "episodic",
            title=title,
            wish=wish,
            key=wish if count == 1 else f"{wish} ({count})",
            digest=digest_of_text(body),
            tags=(*found.tags, FORMAT),
            created=found.created or created,
            metadata={**found.metadata, **free_names(shown, found.metadata)},
        )
        self.memory.add(record)

    def _rows(self, path: Path, place: str) -> None:
        tables = read_database(path, TABLE).tables
        self.is_known = True
        for number, row in enumerate(tables.pop(TABLE), 1):
            thread = column_text(row.get("thread_id")) or f"row {number}"
            values = {"thread_id": thread, **dict(self._kept(place, row))}
            created = moment_of(row.get("generated_at"))
            raw, summary = column_text(row.get("raw_memory")), column_text(row.get("rollout_summary"))
            if not raw.strip() and not summary.strip():
                self._thread(f"{place}#{thread}", f"thread-{wish_of(thread)}", "x.md", "", values)
            if raw.strip():
                name = f"{_THREAD_TITLE} {thread}.md".replace("/", "-")
                self._thread(f"{place}#{thread}", f"thread-{wish_of(thread)}", name, raw, values, created)
            if summary.strip():
                name = f"{column_text(row.get('rollout_slug')) or f'{_THREAD_TITLE} {thread}'}.md".replace("/", "-")
                self._thread(f"{place}#{thread} summary", f"rollout-{wish_of(thread)}", name, summary, values, created)
        for table, rows in tables.items():
            if rows:
                self.memory.account.left(place, f"rows of {table}", count=len(rows))

    def _kept(self, place: str, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the columns of a row that are kept beside its texts."""
        for name, value in row.items():
            if name in ("thread_id", "raw_memory", "rollout_summary") or value in (None, "", b""):
                continue
            if is_binary(value):
                self.memory.account.left(place, f"values of {name} (bytes)")
            else:
                yield name, column_text(value) if isinstance(value, bytes) else value


_PLAIN = ("thread_id", "file_changed")


def _fields_of(text: str) -> tuple[dict[str, str], str]:
    """Return the lines with a name and value that a thread begins with, and the text below them."""
    fields: dict[str, str] = {}
    lines = text.lstrip("\n").split("\n")
    at = 0
    while at < len(lines) and (found := _FIELD.match(lines[at])) and found["name"] not in fields:
        fields[found["name"]] = found["value"].strip()
        at += 1
    return fields, "\n".join(lines[at:])
