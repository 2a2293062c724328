"""The banks that this machine has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.facade.values import checked
from memorybank.listing import Listing

if TYPE_CHECKING:
    from memorybank.facade.caller import Caller
    from memorybank.store.manage.known_banks import KnownBank, KnownBankWire
    from memorybank.team.worktrees.orphans import OrphanList

    class SeenBankWire(KnownBankWire):
        """The JSON form of a seen bank."""

        missing: bool


class SeenBank(NamedTuple):
    """A bank that was seen on this machine, and whether it is still there."""

    bank: KnownBank
    is_there: bool

    def to_wire(self) -> SeenBankWire:
        """Return the JSON form: the fields of the bank, and whether it is `missing`."""
        return {**self.bank.to_wire(), "missing": not self.is_there}


class BankList(Listing[SeenBank]):
    """The banks that this machine has seen."""

    __slots__ = ()
    plural = "banks"


class ForgottenBanks(Listing["KnownBank"]):
    """The banks that were removed from the list."""

    __slots__ = ()
    plural = "forgotten"


class Banks:
    """The list of banks that this machine has seen. The banks themselves are never changed."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self) -> BankList:
        """Return the banks that this machine has seen, also those that are gone."""
        from memorybank.store.manage.known_banks import is_there, known_banks

        home = self._caller.home
        return BankList(SeenBank(bank, is_there(bank, home)) for bank in known_banks(home))

    def orphans(self) -> OrphanList:
        """Return the banks that were left behind: of deleted worktrees, and of those that git no longer knows."""
        from memorybank.team.worktrees.orphans import find_orphans

        return find_orphans(self._caller.home, self._caller.here)

    @checked
    def forget(self, name: str) -> KnownBank:
        """Remove a bank from the list, by its folder or by a name that only it has.

        Raises:
            NoRecordError: no bank or several banks match.
            BankError: the list cannot be written.
        """
        from memorybank.store.manage.known_banks import forget

        return forget(self._caller.home, name, dry_run=self._caller.dry_run)

    def forget_missing(self) -> ForgottenBanks:
        """Remove the banks whose folder is gone from the list, and return them.

        Raises:
            BankError: the list cannot be written.
        """
        from memorybank.store.manage.known_banks import forget_missing

        return ForgottenBanks(forget_missing(self._caller.home, dry_run=self._caller.dry_run))
