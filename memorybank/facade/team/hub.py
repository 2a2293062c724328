"""`bank.sync` and `bank.hub`: the team's hub, a Postgres database that every machine syncs with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import FieldError
from memorybank.facade.face import Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.team.hub.hub_counts import HubStats
    from memorybank.team.hub.set_up import HubSetUp
    from memorybank.team.hub.status import SyncStatus
    from memorybank.team.hub.sync_report import SyncReport


class HubMethods(Face):
    """The methods of `Bank` that sync with a hub."""

    __slots__ = ()

    @property
    def hub(self) -> TeamHub:
        """The hub: `init`, `status`, `stats`."""
        return TeamHub(self._folder, self._caller)

    def sync(self, *, accept_deletes: bool = False) -> SyncReport:
        """Pull what others changed from the hub, merge it into the bank, and push what was changed here.

        A change that others made at the same time is merged; where that cannot be decided, both texts are in the file
        between git's markers. `accept_deletes` allows that more than half of the files are deleted for everybody. A dry
        run lists what would be pulled and pushed, with diffs, and writes neither here nor there.

        Raises:
            MissingExtraError: the extra `postgres` is not installed.
            HubAddressError: no hub is named.
            SyncDeletesError: more than half of the synced files are gone here.
            LockedError: another process syncs this bank.
            BankError: the hub does not answer, does not allow it, or has another version; what was done stays done.
        """
        from memorybank.team.hub.address import address_of
        from memorybank.team.hub.due import approve_address
        from memorybank.team.hub.sync import SyncOptions, sync

        folder, way = self._folder, self._way()
        report = sync(folder, way, SyncOptions(accept_deletes=accept_deletes))
        if not way.options.dry_run:
            approve_address(folder, self._caller.home, address_of(folder), way)
        return report


class TeamHub(Face):
    """The hub of a bank's team."""

    __slots__ = ()

    def init(self, *, grant: Sequence[str] = (), revoke: Sequence[str] = ()) -> HubSetUp:
        """Make the tables of a hub in the database, or bring them to this version; change who its members are.

        `grant` and `revoke` have pairs as `NAMESPACE:USER`; the user is a role of the server that exists. The login
        that calls becomes a member of the bank's own namespace. Repeated, nothing happens.

        Raises:
            FieldError: a pair is no pair.
            HubDeniedError: the login may not make a schema in this database, or does not own the hub.
            HubLoginError: a role does not exist.
            BankError: the server does not answer, or is too old.
        """
        pairs = [_pair(each) for each in grant]
        gone = [_pair(each) for each in revoke]
        from memorybank.team.hub.address import address_of
        from memorybank.team.hub.postgres import USUAL, connect
        from memorybank.team.hub.set_up import set_up

        address = address_of(self._folder)
        dry_run = self._caller.dry_run
        with connect(address, USUAL, read_only=dry_run) as hub:
            return set_up(hub, address.namespace, pairs, gone, dry_run=dry_run)

    def status(self) -> SyncStatus:
        """Compare the bank with its hub: what is to pull and to push, and what was refused.

        A hub that does not answer is no error: the answer has its `problem`.

        Raises:
            MissingExtraError: the extra `postgres` is not installed.
            HubAddressError: no hub is named.
        """
        from memorybank.team.hub.status import sync_status

        return sync_status(self._folder, self._way())

    def stats(self) -> HubStats:
        """Count the files in the hub by type, tool, project and month, in all namespaces that the login may see.

        Raises:
            MissingExtraError: the extra `postgres` is not installed.
            HubAddressError: no hub is named.
            BankError: the hub does not answer, or has no tables yet.
        """
        from memorybank.team.hub.hub_counts import hub_stats

        return hub_stats(self._folder)


def _pair(text: str) -> tuple[str, str]:
    namespace, _, user = text.rpartition(":")
    if not namespace.strip() or not user.strip():
        hint = "bank sync init --grant team alice"
        raise FieldError(field="grant", why=f"{text!r} is not NAMESPACE:USER", hint=hint)
    return namespace, user
