"""The banks that this machine has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.facade.values import checked

if TYPE_CHECKING:
    import builtins

    from memorybank.facade.caller import Caller
    from memorybank.store.manage.known_banks import KnownBank


class SeenBank(NamedTuple):
    """A bank that was seen on this machine, and whether it is still there."""

    bank: KnownBank
    is_there: bool

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form: the fields of the bank, and `there`."""
        from memorybank.wire import to_wire

        return {**to_wire(self.bank), "there": self.is_there}


class Banks:
    """The list of banks that this machine has seen. The banks themselves are never changed."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self) -> builtins.list[SeenBank]:
        """Return the banks that this machine has seen, also those that are gone."""
        from memorybank.store.manage.known_banks import is_there, known_banks

        home = self._caller.home
        return [SeenBank(bank, is_there(bank, home)) for bank in known_banks(home)]

    @checked
    def forget(self, name: str) -> KnownBank:
        """Remove a bank from the list, by its folder or by a name that only it has.

        Raises:
            NoRecordError: no bank or several banks match.
            BankError: the list cannot be written.
        """
        from memorybank.store.manage.known_banks import forget

        return forget(self._caller.home, name, dry_run=self._caller.dry_run)

    def forget_missing(self) -> builtins.list[KnownBank]:
        """Remove the banks whose folder is gone from the list, and return them.

        Raises:
            BankError: the list cannot be written.
        """
        from memorybank.store.manage.known_banks import forget_missing

        return forget_missing(self._caller.home, dry_run=self._caller.dry_run)
