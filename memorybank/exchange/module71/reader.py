"""Read a Module 71 tree, from a project or from our export, as records and files of a bank."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.exchange.incoming import Incoming, PlainFile, ReadResult
from memorybank.exchange.module71 import tree
from memorybank.exchange.module71.entries import bug, decisions, learnings, with_extra
from memorybank.exchange.module71.findings import Findings
from memorybank.exchange.module71.log import merged_log
from memorybank.exchange.module71.session_json import account_session, session_of
from memorybank.exchange.safe_read import FileTree, ForeignError, json_of, refusal_of, text_of
from memorybank.records.templates import load_type

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

# the files to restore; never settings or templates, because they control what the program does
_CARRIED = re.compile(r"pafs\.md\Z|memories/[^/]+/[^/]+\.md\Z|groups/[^/]+\.md\Z")
_KNOWN = (tree.README, tree.SUMMARY, tree.LOG, tree.DECISIONS, tree.LEARNINGS)


def read_tree(bank: BankFolder, source: FileTree) -> ReadResult:
    """Read a tree; write nothing.

    Raises:
        ForeignError: the folder has no file of such a tree.
    """
    if not any(each in _KNOWN[1:] or each.startswith((tree.BUGS, tree.SESSIONS)) for each in source.names):
        why = f"it has no {', '.join(_KNOWN[1:])}, {tree.BUGS} or {tree.SESSIONS}"
        raise ForeignError(path=source.root, why=why)
    reading = _Reading(bank, source)
    for name in source.names:
        try:
            reading.take(name)
        except BankError as error:
            reading.found.account.skipped(name, refusal_of(error))
    for name in source.hidden:
        reading.found.account.skipped(name, "it is hidden")
    account = reading.found.account
    return ReadResult(tree.FORMAT, tuple(reading.records), tuple(reading.files), source.misfits, account)


class _Reading:
    def __init__(self, bank: BankFolder, source: FileTree) -> None:
        self.bank, self.source = bank, source
        self.found = Findings()
        self.records: list[Incoming] = []
        self.files: list[PlainFile] = []

    def take(self, name: str) -> None:
        """Read one file.

        Raises:
            BankError: it cannot be read.
        """
        folder = name.partition("/")[0] + "/"
        direct = "/" not in name[len(folder) :]
        if name == tree.DECISIONS:
            self.records += decisions(load_type(self.bank, "decision"), self.source.text_of(name), self.found)
        elif name == tree.LEARNINGS:
            self.records += learnings(load_type(self.bank, "learning"), self.source.text_of(name), self.found)
        elif folder == tree.BUGS and direct and name.endswith(".md"):
            self.records.append(bug(load_type(self.bank, "bug"), self.source.text_of(name), name, self.found))
        elif folder == tree.SESSIONS and direct and name.endswith(".json"):
            self._session(name)
        elif name == tree.LOG:
            records, files = merged_log(self.bank, self.source.bytes_of(name), self.found)
            self.records += records
            self.files += files
        elif name == tree.README:
            self._readme()
        else:
            self._copy(name, folder)

    def _copy(self, name: str, folder: str) -> None:
        """Take a file that is copied byte for byte, so that its words need no account."""
        if name == tree.SUMMARY:
            self.files.append(PlainFile(name, tree.BANK_SUMMARY, self.source.bytes_of(name)))
        elif name.startswith(tree.CARRIED) and _CARRIED.match(name.removeprefix(tree.CARRIED)):
            self.files.append(PlainFile(name, name.removeprefix(tree.CARRIED), self.source.bytes_of(name)))
        elif name.startswith(tree.CARRIED):
            self.found.account.skipped(name, "such a file is not restored")
        elif folder in {tree.CHECKPOINTS, tree.ARTIFACTS}:
            self.files.append(PlainFile(name, name, self.source.bytes_of(name)))
        else:
            self.found.account.skipped(name, "it is not a file of the tree")

    def _session(self, name: str) -> None:
        data = self.source.bytes_of(name)
        value = json_of(data, name, whole=True)
        if not isinstance(value, dict):
            raise ForeignError(path=name, why="it is not a JSON object")
        record = session_of(value, name, digest_of(data))
        account_session(value, record, self.found)
        self.records.append(with_extra(load_type(self.bank, "session"), record, self.found))

    def _readme(self) -> None:
        """Keep a README written by a person as a file; ours is generated again."""
        data = self.source.bytes_of(tree.README)
        text = text_of(data)
        title = text.partition("\n")[0].removeprefix("# ").removesuffix(" - memory")
        if text != tree.README_TEXT.replace("{title}", title):
            self.files.append(PlainFile(tree.README, f"{tree.ARTIFACTS}module71-README.md", data))
