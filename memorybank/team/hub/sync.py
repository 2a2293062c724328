"""`bank sync`: pull what others changed, merge it into the bank, push what was changed here.

Interrupted anywhere, the next sync goes on; repeated, nothing happens. Which of two changes came first is decided by
the hub's numbers and by the state that a change names as its parent: no clock is compared with another one.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import PermissionRefusedError
from memorybank.files.lock import lock
from memorybank.shell import quoted
from memorybank.store.sync_marks import FOLDER, leave
from memorybank.team.hub.address import address_of
from memorybank.team.hub.hub_errors import HubDeniedError
from memorybank.team.hub.postgres import USUAL, connect, digest_of_body
from memorybank.team.hub.pull import Pull, settle
from memorybank.team.hub.push import Push
from memorybank.team.hub.sync_report import SyncReport
from memorybank.team.hub.sync_state import SyncState

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.team.hub.address import Address
    from memorybank.team.hub.postgres import Hub, Limits

# how often a push that others were faster than is made again
ROUNDS = 8


class SyncOptions(NamedTuple):
    """How one sync is done: the limits of the connection, and after how many seconds it stops between two batches."""

    limits: Limits = USUAL
    seconds: float = 3600.0
    accept_deletes: bool = False


def sync(bank: BankFolder, way: Way, options: SyncOptions) -> SyncReport:
    """Bring the bank and the hub to the same state; a dry run reads both and writes neither.

    What was done before an error stays done.

    Raises:
        LockedError: another process syncs this bank.
        HubDeniedError: the login is not a member of the namespace.
        SyncDeletesError: more than half of the files are gone here.
        BankError: the hub, the settings or the disk.
    """
    dry_run = way.options.dry_run
    if bank.read_only:
        raise PermissionRefusedError(path=bank.folder, why="this bank was opened read-only")
    address = address_of(bank)
    folder = bank.state / FOLDER
    timeout = way.options.timeout
    with (
        nullcontext()
        if dry_run
        else lock(folder / "lock", timeout=timeout, holder="sync", on_wait=way.options.on_wait),
        connect(address, options.limits, read_only=dry_run) as hub,
    ):
        path = folder / f"{key_of(hub.check_version(), address)}.jsonl"
        login = hub.login()
        if address.namespace not in hub.namespaces():
            why = f"{login} is not a member of the namespace {address.namespace}"
            hint = f"bank sync init --grant {quoted(address.namespace)} {quoted(login)}"
            raise HubDeniedError(where=hub.where, why=why, hint=f"ask the hub's owner to run {hint}")
        state = SyncState(path, dry_run=dry_run)
        report = _Sync(bank, hub, address, state, way, login).run(options)
        if not dry_run:
            leave(bank, "done")
        return report


def key_of(ident: str, address: Address) -> str:
    """Return the name of the state of one namespace and project of one hub."""
    return digest_of_body(f"{ident}\0{address.namespace}\0{address.project}".encode())[:16]


class _Sync:
    def __init__(self, bank: BankFolder, hub: Hub, address: Address, state: SyncState, way: Way, login: str) -> None:
        self.bank, self.hub, self.address, self.state = bank, hub, address, state
        self.dry_run = way.options.dry_run
        self.pull = Pull(bank, hub, address, state, way, login)
        self.push = Push(bank, hub, address, state, way.author.actor.tool, way.options.allow_secrets)

    def run(self, options: SyncOptions) -> SyncReport:
        ends = time.monotonic() + options.seconds

        def is_late() -> bool:
            return time.monotonic() > ends

        if not self.dry_run:
            settle(self.bank, self.state)
        is_anew = self._is_another_past()
        if is_anew:
            self.state.note(forget=True)
        waiting: tuple[str, ...] = ()
        for _ in range(ROUNDS):
            if not self.pull.run(is_late=is_late):
                break
            if self.dry_run:
                self._preview(accept_deletes=options.accept_deletes)
                break
            self.push.run(accept_deletes=options.accept_deletes, is_late=is_late)
            waiting = tuple(self.push.behind)
            if not waiting or is_late():
                break
        return SyncReport(
            self.hub.where,
            self.address.namespace,
            self.address.project,
            self.dry_run,
            tuple(self.pull.pulled.values()),
            tuple(self.push.pushed.values()),
            (*self.pull.refused.values(), *self.push.refused.values()),
            waiting,
            is_anew,
            tuple(self.pull.receipts),
        )

    def _preview(self, *, accept_deletes: bool) -> None:
        pulled = self.pull.pulled
        taken = {name for name, each in pulled.items() if each.action in {"take", "removed"}}
        self.push.preview(taken, pulled.keys() - taken, accept_deletes=accept_deletes)

    def _is_another_past(self) -> bool:
        """Whether the hub does not have the operation that was read last: it was restored from a copy."""
        if not self.state.cursor:
            return False
        mark = self.hub.mark_at(self.address.namespace, self.address.project, self.state.cursor)
        return mark != self.state.mark
