"""The rules that look at the bank as a whole: evidence, and edits that went round the door."""

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
from memorybank.workflow.evidence.verify import standings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memorybank.check.lookup import Lookup
    from memorybank.store.folder import BankFolder

    WholeRule = Callable[[Lookup], Iterator[Finding]]


def expected(bank: BankFolder) -> tuple[str, ...]:
    """Name the memory files that a bank must have."""
    return bank.main_files if bank.layout.contracted else ()


def check_missing_file(world: Lookup) -> Iterator[Finding]:
    """Every memory file of the bank is there; `bank init` makes those that are not, and touches no other.

    One that bank wrote text into was deleted by something else: `bank restore FILE` brings its last text back.
    """
    for file in expected(world.bank):
        if not os.path.lexists(world.bank.folder / file):
            lost = find_lost(world.bank, file, None)
            message = "the file is missing" if lost is None else "the file was deleted; its last text is kept"
            hint = world.bank.init_command if lost is None else f"bank restore {quoted(file)}"
            yield Finding("missing-file", "error", file, 1, message, hint)


def check_torn_operation(world: Lookup) -> Iterator[Finding]:
    """No operation was cut short by a crash: some of its files are as it left them, others as it found them.

    The next write settles it, as `bank doctor --fix` does: the files that were still to come are written. Where they
    were edited since, the published ones are taken back; where these were edited as well, it is left to you.
    """
    for each in read_operations(world.bank, tail=True):
        if each.state in ("begun", "torn") and state_of(world.bank, each) == "torn":
            if each.state == "begun":
                message, hint = f"{each.id} was cut short", "bank doctor --fix"
            else:
                files = ", ".join(file.file for file in each.receipt.files)
                message = f"{each.id} ({each.receipt.verb}) was cut short, and {files} were edited since: compare them"
                hint = f"bank history {quoted(each.receipt.files[-1].file)} --diff"
            yield Finding("torn-operation", "error", ".state/journal.jsonl", 1, message, hint)


def check_stale_evidence(world: Lookup) -> Iterator[Finding]:
    """Evidence speaks of what is there: what it covers is as it was when it ran, and its line says what came of it.

    `bank verify --stale` runs it again. A line that nothing is bound to is a claim, and is not told here.
    """
    try:
        found = standings(world.bank)
    except BankError:
        return  # the file that cannot be read is told by other rules
    for each in found:
        if each.state not in ("fresh", "unbound", "uncovered"):
            file = parse_address(each.address).file
            hint = "bank verify --stale" if each.state != "orphan" else f"bank history {quoted(file)}"
            name = f"^{each.id} " if each.id else ""
            yield Finding("stale-evidence", "warning", file, each.line, f"{name}is {each.state}: {each.why}", hint)


def check_round_the_door(world: Lookup) -> Iterator[Finding]:
    """A memory file was last written by something else than `bank`: an editor, a merge, an agent's own tool.

    That is allowed, and told for your information only, with --notices: such edits are in no history of the bank and
    went past the check for secrets. Where there is no journal, as in a fresh clone, nothing is told.
    """
    last: dict[str, str] = {}
    for operation in read_operations(world.bank):
        if operation.state == "done":
            last.update({each.file: each.after for each in operation.receipt.files})
    for name, digest in sorted(last.items()):
        try:
            path = world.bank.place_of(name)[0]
            now = digest_of(world.bank.read(path))
        except BankError:
            now = ""
        if now != digest and name.endswith(".md"):
            what = "was edited" if now and digest else "was deleted" if digest else "was made again"
            message = f"the file {what} by something else than bank since its last operation"
            yield Finding("round-the-door", "notice", name, 1, message, f"bank history {quoted(name)}")


WHOLE: dict[str, WholeRule] = {
    "missing-file": check_missing_file,
    "torn-operation": check_torn_operation,
    "stale-evidence": check_stale_evidence,
    "round-the-door": check_round_the_door,
}
# what these tell is no fault: they are asked when notices are, or when a bank makes more of them
NOTICES = frozenset({"round-the-door"})
