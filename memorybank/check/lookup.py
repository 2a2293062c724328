"""What content rules look up outside the file: paths, git, settings, time. Each answer is cached."""

from __future__ import annotations

import json
import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.errors import BankError
from memorybank.records.memories.tag_conventions import read_conventions
from memorybank.store.config import read_table
from memorybank.store.git.repository import ask
from memorybank.store.settings.table import LINE_LENGTH as LINE_LENGTH  # noqa: PLC0414  for the rules
from memorybank.store.settings.table import STALE_DAYS as STALE_DAYS  # noqa: PLC0414  for the rules

if TYPE_CHECKING:
    from datetime import datetime

    from memorybank.document.items import Entry
    from memorybank.document.sections import Document, Section
    from memorybank.store.folder import BankFolder

_COMMITS = 500  # at most this many commits are looked up
_TARGET = re.compile(r"^([A-Za-z0-9_./%-]+(?: [A-Za-z0-9_./%-]+)*)\s*::?(?!=)", re.MULTILINE)


class Row(NamedTuple):
    """One item of a file: its section, its number there, its text and its line number."""

    section: Section
    number: int
    entry: Entry
    text: str
    line: int
    is_struck: bool


class RulePage(NamedTuple):
    """One file as content rules see it."""

    document: Document
    is_contract: bool
    rows: tuple[Row, ...]


class OpenFile:
    """One file, read once for all rules; its sections are parsed when a rule needs them."""

    def __init__(self, bank: BankFolder, file: str) -> None:
        self.file = file
        self.path = bank.place_of(file)[0]
        self.source = Source(bank.read(self.path))

    @cached_property
    def document(self) -> Document:
        """Return the file's sections.

        Raises:
            LimitError: the file has too many sections.
        """
        return outline(self.source, self.file)


class Lookup:
    """What surrounds a bank: the project's files, its git repository, the settings of the check, the time."""

    def __init__(self, bank: BankFolder, now: datetime | None) -> None:
        self.bank = bank
        self.now = now
        self._there: dict[tuple[str, str], bool] = {}
        self._folders: dict[str, str] = {}
        self._commits: dict[str, bool] = {}

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The table [check] of bank.toml; empty if it is invalid, which another rule reports."""
        try:
            table = read_table(self.bank.folder / "bank.toml").get("check", {})
        except BankError:
            return {}
        return table if isinstance(table, dict) else {}

    def number(self, name: str, default: int) -> int:
        """Return a setting that is a whole number above 0."""
        value = self.settings.get(name, default)
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list of texts."""
        value = self.settings.get(name, [])
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    @cached_property
    def known_tags(self) -> frozenset[str]:
        """The only tags that there may be, in lower case: those of `[check] tags` and of groups; empty for any."""
        listed = {text.casefold().lstrip("#") for text in self.texts("tags")}
        try:
            groups = read_conventions(self.bank).groups.values() if listed else ()
        except BankError:
            groups = ()
        return frozenset(listed.union(*groups))

    def severity_of(self, rule: str) -> str:
        """Return the severity the bank sets for a rule; "" for the rule's own."""
        table = self.settings.get("severity", {})
        level = table.get(rule) if isinstance(table, dict) else None
        return level if isinstance(level, str) else ""

    def is_there(self, name: str, page: RulePage) -> bool:
        """Check whether a path exists, relative to the project, the bank, or the file that names it.

        A path outside the project is not checked and counts as existing.
        """
        here = self._folder_of(page.document.path)
        if (here, name) not in self._there:
            places = [self._place(root, name) for root in (here, *map(str, self.bank.roots))]
            self._there[here, name] = not places[0] or any(os.path.lexists(place) for place in places if place)
        return self._there[here, name]

    def stands_at(self, opened: OpenFile) -> None:
        """Remember the folder of an opened file."""
        self._folders[opened.file] = str(opened.path.parent)

    def _folder_of(self, file: str) -> str:
        if file not in self._folders:
            self._folders[file] = str(self.bank.place_of(file)[0].parent)
        return self._folders[file]

    def _place(self, root: str, name: str) -> str:
        """Return the path of a name relative to a folder; "" if it is outside the project."""
        path = os.path.normpath(os.path.join(root, name))  # noqa: PTH118  a path that may not exist, compared as text
        return path if path == self._top or path.startswith(self._top + os.sep) else ""

    @cached_property
    def _top(self) -> str:
        return os.path.normpath(str(self.bank.project))

    def is_commit(self, word: str) -> bool:
        """Check whether a commit exists; without git, and after too many look-ups, each counts as existing."""
        if word not in self._commits:
            if not self.has_git or len(self._commits) >= _COMMITS:
                return True
            self._commits[word] = ask(self.bank.project, "cat-file", "-e", f"{word}^{{commit}}") is not None
        return self._commits[word]

    @cached_property
    def has_git(self) -> bool:
        """Whether the project is in a git repository that has commits and is not shallow."""
        said = ask(self.bank.project, "rev-parse", "--is-shallow-repository", "HEAD")
        return said is not None and said.startswith("false")

    @cached_property
    def make_targets(self) -> frozenset[str] | None:
        """The targets of the project's Makefile; None without one, or if it includes others or has patterns."""
        text = self._text("Makefile")
        if text is None or re.search(r"^-?include |%", text, re.MULTILINE):
            return None
        return frozenset(word for found in _TARGET.finditer(text) for word in found[1].split())

    @cached_property
    def npm_scripts(self) -> frozenset[str] | None:
        """The scripts of the project's package.json; None if it is missing or unreadable."""
        text = self._text("package.json")
        try:
            value = json.loads(text) if text is not None else None
        except (ValueError, RecursionError):
            return None
        scripts = value.get("scripts", {}) if isinstance(value, dict) else None
        return frozenset(scripts) if isinstance(scripts, dict) else None

    def _text(self, name: str) -> str | None:
        try:
            return self.bank.read(self.bank.project / name).decode("utf-8", "replace")
        except BankError:
            return None

    @cached_property
    def active_workflows(self) -> frozenset[str]:
        """The ids of the workflows that have not ended."""
        found = set()
        for path in sorted((self.bank.folder / "workflows").glob("*.json")):
            try:
                value = json.loads(self.bank.read(path))
            except (BankError, ValueError, RecursionError):
                continue
            if isinstance(value, dict) and value.get("status") not in ("finished", "aborted", "done"):
                found.add(str(value.get("id") or path.stem))
        return frozenset(found)
