"""Pull: what others changed in the hub since the last sync is merged into the bank, through the one door.

The hub is read page by page in the order of its numbers, only the latest state of each file. The cursor moves past a
page when all of it was applied, or kept aside with its reason: a row that is refused (a secret, a name that climbs, a
text that is too large, a forged digest) stays in the hub, is listed with each sync and by `bank sync status`, and is
tried again until it is applied or replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import BankError, DiskError, LockedError
from memorybank.store.journal.log import read_operations
from memorybank.store.journal.recover import settle_interrupted
from memorybank.store.roles import RoleError
from memorybank.team.hub.postgres import digest_of_body
from memorybank.team.hub.schema import BODY_BYTES
from memorybank.team.hub.sync_report import PulledFile, RefusedFile
from memorybank.team.hub.sync_state import RefusedRow
from memorybank.team.incoming import REFUSED, Arrival, Incoming, apply_incoming
from memorybank.team.merge.sides import Labels
from memorybank.team.syncable import read_sync_file, shown, sync_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.team.hub.address import Address
    from memorybank.team.hub.postgres import Head, Hub
    from memorybank.team.hub.sync_state import SyncState

VERB = "sync"
PAGE_ROWS = 1000
PAGE_BYTES = 32 * 1024 * 1024


class Pull:
    """One pull; `pulled`, `refused` and `receipts` grow with each page."""

    def __init__(self, bank: BankFolder, hub: Hub, address: Address, state: SyncState, way: Way, login: str) -> None:
        self.bank, self.hub, self.address, self.state, self.way = bank, hub, address, state, way
        self.labels = Labels(login, "hub")
        self.pulled: dict[str, PulledFile] = {}
        self.refused: dict[str, RefusedFile] = {}
        self.receipts: list[Receipt] = []

    def run(self, *, is_late: Callable[[], bool]) -> bool:
        """Read to the end of the hub; False if the time was over before it."""
        place = (self.address.namespace, self.address.project)
        again = [*self.state.kept, *self._missing_contracts()]
        if again:
            self._take(self.hub.heads_of(*place, again), cursor=False)
        while True:
            heads = self.hub.heads(*place, after=self.state.cursor, limit=PAGE_ROWS)
            if not heads:
                return True
            self._take(_first(heads), cursor=True)
            if is_late():
                return False

    def _missing_contracts(self) -> list[str]:
        """Return the contracts that are not here any more: they come back from the hub, and are deleted nowhere."""
        if not self.bank.layout.contracted:
            return []
        synced = [name for name in self.bank.main_files if name in self.state.files]
        missing = [name for name in synced if read_sync_file(self.bank, name) is None]
        if missing:
            self.state.note(files=dict.fromkeys(missing, ""))
        return missing

    def _take(self, heads: Sequence[Head], *, cursor: bool) -> None:
        known = self.state.files
        fresh = [head for head in heads if head.digest != known.get(head.id, "")]
        faults = {head.id: fault for head in fresh if (fault := _fault_of(head))}
        wanted = [head for head in fresh if head.id not in faults]
        bodies = self.hub.bodies([head.sequence for head in wanted if head.op == "put"])
        items: dict[str, Incoming] = {}
        for head in wanted:
            body = bodies.get(head.sequence)
            if digest_of_body(body) != head.digest:
                faults[head.id] = ("hub-row", "its text does not have the digest that it claims")
            else:
                items[head.id] = Incoming(self._base_of(head.id), body)
        arrivals = self._applied(items, {head.id: head.digest for head in wanted})
        kept: dict[str, list[object] | None] = {head.id: None for head in heads if head.id in self.state.kept}
        for head in fresh:
            arrival = arrivals.get(head.id)
            code, why = faults.get(head.id, ("", ""))
            if arrival is not None and arrival.action == REFUSED:
                code, why = arrival.code, arrival.why
            if arrival is None or code:
                kept[head.id] = list(RefusedRow(head.sequence, head.digest, code, why))
                self.refused[head.id] = RefusedFile(shown(head.id), "hub", code, why)
                continue
            self.refused.pop(head.id, None)
            if arrival.action != "same":
                found = PulledFile(shown(head.id), arrival.action, len(arrival.conflicts), head.login, head.sequence)
                self.pulled[head.id] = found
        moved = {"cursor": heads[-1].sequence, "mark": self._mark(heads[-1].sequence)} if cursor else {}
        self.state.note(kept=kept, **moved)

    def _mark(self, sequence: int) -> str:
        return self.hub.mark_at(self.address.namespace, self.address.project, sequence)

    def _base_of(self, name: str) -> bytes | None:
        """Return the text that both sides had last; from the hub where the file here was changed since."""
        digest = self.state.files.get(name, "")
        if not digest:
            # two banks of one project began with the same template, each on its machine
            contract = self.bank.contract_of(name)
            return contract.body.encode() if contract is not None else None
        here = read_sync_file(self.bank, name)
        if here is not None and not here.why and digest_of_body(here.data) == digest:
            return here.data
        found = self.hub.body_of(self.address.namespace, self.address.project, name, digest)
        return found if found is not None and digest_of_body(found) == digest else None

    def _applied(self, items: dict[str, Incoming], digests: dict[str, str]) -> dict[str, Arrival]:
        """Merge a page into the bank: all of it at once, or file by file where one of them stops the others."""
        if not items:
            return {}
        try:
            return self._apply(items, digests)
        except (RoleError, LockedError, DiskError):
            raise
        except BankError:
            found: dict[str, Arrival] = {}
            for name, item in items.items():
                try:
                    found |= self._apply({name: item}, digests)
                except (RoleError, LockedError, DiskError):
                    raise
                except BankError as error:
                    found[name] = Arrival(shown(name), REFUSED, code=error.code, why=error.message)
            return found

    def _apply(self, items: dict[str, Incoming], digests: dict[str, str]) -> dict[str, Arrival]:
        token = self.way.author.random_bytes(12).hex()
        self.state.note(begin=token, files={name: digests[name] for name in items})
        way = self.way._replace(options=self.way.options._replace(request=token))
        done = apply_incoming(self.bank, items, VERB, way, self.labels)
        if done.receipt.operation or done.receipt.files:
            self.receipts.append(done.receipt)
        # in the order of the names, as they were passed; the names in it may be written otherwise to be shown
        arrivals = dict(zip(sorted(items), done.files, strict=True))
        applied = {name: digests[name] for name, each in arrivals.items() if each.action != REFUSED}
        self.state.note(end=token, files=applied)
        return arrivals


def settle(bank: BankFolder, state: SyncState) -> None:
    """Find out whether a page that a kill interrupted was applied: the bank's journal knows.

    Without this, text that is in the file here and not in the last common text would look like our own addition.
    """
    if state.begun is None:
        return
    token, files = state.begun
    settle_interrupted(bank)
    found = next((each for each in reversed(read_operations(bank)) if each.request == token), None)
    names = {file.file for file in found.receipt.files} if found is not None and found.state == "done" else set()
    state.note(end=token, files={name: each for name, each in files.items() if _journal_name(bank, name) in names})


def _journal_name(bank: BankFolder, name: str) -> str:
    try:
        return bank.name_of(sync_path(bank, name))
    except BankError:
        return ""


def _fault_of(head: Head) -> tuple[str, str] | None:
    """Return the code and the reason why a row cannot be a file; None if it may be one."""
    if (head.op == "tombstone") != (head.digest == "") or head.op not in {"put", "tombstone"}:
        return "hub-row", "it is no operation that this version knows"
    if head.size > BODY_BYTES:
        return "limit", f"it is larger than {BODY_BYTES // 1024 // 1024} MB"
    return None


def _first(heads: Sequence[Head]) -> Sequence[Head]:
    """Return the first rows whose texts fit into the memory together."""
    size = 0
    for number, head in enumerate(heads):
        size += min(head.size, BODY_BYTES)
        if size > PAGE_BYTES and number:
            return heads[:number]
    return heads
