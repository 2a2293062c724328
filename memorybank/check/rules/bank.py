"""The rules for the bank as a whole: missing files, crashes, evidence, and edits made outside `bank`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.check.findings import Finding
from memorybank.document.addresses import parse_address
from memorybank.document.source import digest_of
from memorybank.errors import BankError
from memorybank.shell import quoted
from memorybank.store.journal.log import read_operations
from memorybank.store.journal.recover import state_of
from memorybank.store.manage.lost_text import find_lost
from memorybank.store.manage.sync_copies import sync_copies
from memorybank.workflow.evidence.verify import standings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memorybank.check.lookup import Lookup
    from memorybank.store.folder import BankFolder

    WholeRule = Callable[[Lookup], Iterator[Finding]]


def expected(bank: BankFolder) -> tuple[str, ...]:
    """Return the names of the memory files that a bank must have."""
    return bank.main_files if bank.layout.contracted else ()


def check_missing_file(world: Lookup) -> Iterator[Finding]:
    """Every memory file of the bank exists; `bank init` creates the missing ones and changes no other file.

    A missing file that once had text was deleted outside `bank`: `bank restore FILE` brings its last text back.
    """
    for file in expected(world.bank):
        if not os.path.lexists(world.bank.folder / file):
            lost = find_lost(world.bank, file, None)
            message = "the file is missing" if lost is None else "the file was deleted, but its last text is kept"
            hint = world.bank.init_command if lost is None else f"bank restore {quoted(file)}"
            yield Finding("missing-file", "error", file, 1, message, hint)


def check_torn_operation(world: Lookup) -> Iterator[Finding]:
    """No operation was interrupted by a crash, so that only some of its files were written.

    The next write, or `bank doctor --fix`, finishes it by writing the remaining files. If those were edited since, the
    files already written are rolled back. If these were edited as well, you have to compare them yourself.
    """
    for operation in read_operations(world.bank, tail=True):
        if operation.state in ("begun", "torn") and state_of(world.bank, operation) == "torn":
            if operation.state == "begun":
                message, hint = f"{operation.id} was interrupted", "bank doctor --fix"
            else:
                files = ", ".join(file.file for file in operation.receipt.files)
                what = f"{operation.id} ({operation.receipt.verb})"
                message = f"{what} was interrupted; {files} were edited since: compare them"
                hint = f"bank history {quoted(operation.receipt.files[-1].file)} --diff"
            yield Finding("torn-operation", "error", ".state/journal.jsonl", 1, message, hint)


def check_stale_evidence(world: Lookup) -> Iterator[Finding]:
    """Evidence is up to date: the files it covers did not change since its run, and its line states the result.

    `bank verify --stale` runs it again. A line without a recorded run is only a claim, and is not reported here.
    """
    try:
        found = standings(world.bank)
    except BankError:
        return  # other rules report the file that cannot be read
    for each in found:
        if each.state not in ("fresh", "unbound", "uncovered"):
            file = parse_address(each.address).file
            hint = "bank verify --stale" if each.state != "orphan" else f"bank history {quoted(file)}"
            name = f"^{each.id} " if each.id else ""
            yield Finding("stale-evidence", "warning", file, each.line, f"{name}is {each.state}: {each.why}", hint)


def check_round_the_door(world: Lookup) -> Iterator[Finding]:
    """A memory file was last written outside `bank`: by an editor, a merge or an agent's own tool.

    This is allowed, and reported only with --notices: the bank's history does not have such edits, and they were not
    checked for secrets. Without a journal, as in a fresh clone, nothing is reported.
    """
    last: dict[str, str] = {}
    for operation in read_operations(world.bank):
        if operation.state == "done":
            last.update({file.file: file.after for file in operation.receipt.files})
    for name, digest in sorted(last.items()):
        try:
            path = world.bank.place_of(name)[0]
            now = digest_of(world.bank.read(path))
        except BankError:
            now = ""
        if now != digest and (name.endswith(".md") or name.startswith("memory-tool/")):
            what = "was edited" if now and digest else "was deleted" if digest else "was created again"
            message = f"the file {what} outside bank since its last operation"
            yield Finding("round-the-door", "notice", name, 1, message, f"bank history {quoted(name)}")


def check_sync_copy(world: Lookup) -> Iterator[Finding]:
    """No program that syncs folders has left a copy of a file, because two machines changed it at once.

    What the other machine wrote is only in the copy, as `progress (Ann's conflicted copy 2026-11-30).md` of Dropbox or
    `progress.sync-conflict-20261130-101112-ABCDEFG.md` of Syncthing. A name with just a number or the name of a
    computer, as iCloud and OneDrive make it, is a copy only of the same record or contract. `bank merge COPY` merges
    the copy into its file and removes it. Until then it is in no list, is not searched, and does not travel.
    """
    for each in sync_copies(world.bank):
        message = f"a sync program left this copy of {each.original}"
        yield Finding("sync-copy", "error", each.file, 1, message, f"bank merge {quoted(each.file)}")


WHOLE: dict[str, WholeRule] = {
    "missing-file": check_missing_file,
    "torn-operation": check_torn_operation,
    "stale-evidence": check_stale_evidence,
    "round-the-door": check_round_the_door,
    "sync-copy": check_sync_copy,
}
# what these report is not a fault: they run with --notices, or when bank.toml sets their severity
NOTICES = frozenset({"round-the-door"})
