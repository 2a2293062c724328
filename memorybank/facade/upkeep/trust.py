"""Approvals: which commands of a bank may run on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import NoRecordError
from memorybank.facade.face import Face
from memorybank.listing import Listing
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.facade.caller import Caller
    from memorybank.store.approvals import Approval, ApprovalList, Runnable


class PendingCommands(Listing["Runnable"]):
    """The commands of a bank that are not approved."""

    __slots__ = ()
    plural = "pending"


class ApprovedCommands(Listing["Runnable"]):
    """The commands that were approved."""

    __slots__ = ()
    plural = "approved"


class TrustResult(NamedTuple):
    """The commands that still need an approval, and those that were approved now."""

    pending: tuple[Runnable, ...]
    approved: tuple[Runnable, ...]


class RevokedApprovals(Listing["Approval"]):
    """The approvals that were removed."""

    __slots__ = ()
    plural = "revoked"


def list_approvals(caller: Caller) -> ApprovalList:
    """Return what was approved on this machine, for every bank.

    Raises:
        ConfigError: the file of approvals cannot be read.
    """
    from memorybank.store.approvals import approvals

    return approvals(caller.home)


class Trust(Face):
    """The approvals of a bank's commands. They are kept on this machine, for this bank and the exact text."""

    __slots__ = ()

    def pending(self) -> PendingCommands:
        """Return the commands that are not approved: those of [paf.checks] in bank.toml, and those of evidence.

        Raises:
            ConfigError: the file of approvals, or what bank.toml declares, cannot be read.
        """
        from memorybank.records.ledgers.fact_check import declared
        from memorybank.store.approvals import pending
        from memorybank.workflow.evidence.evidence import declared as declared_by_evidence

        folder = self._folder
        wanted = [*declared(folder), *declared_by_evidence(folder)]
        return PendingCommands(pending(self._caller.home, folder, wanted))

    def approve(self, commands: Iterable[Runnable]) -> ApprovedCommands:
        """Approve commands, as `pending` returned them, with exactly the text that was seen; return them.

        Raises:
            BankError: the user's own folder cannot be written.
        """
        from memorybank.store.approvals import approve

        approved = ApprovedCommands(commands)
        if approved and not self._caller.dry_run:
            approve(self._caller.home, self._folder, approved, at=stamp_of(self._caller.now()))
        return approved

    def list(self) -> ApprovalList:
        """Return what was approved on this machine, for every bank.

        Raises:
            ConfigError: the file of approvals cannot be read.
        """
        return list_approvals(self._caller)

    def revoke(self, names: Sequence[str] = ()) -> RevokedApprovals:
        """Remove approvals of this bank, all of them if none is named, and return them.

        A name is that of a fact, such as AUTH-001, or a name that `list` returned.

        Raises:
            NoRecordError: names were given, and no approval has one of them.
            BankError: the user's own folder cannot be written.
        """
        from memorybank.records.ledgers.fact_check import name_of_check
        from memorybank.store.approvals import revoke

        wanted = [name if name.startswith("evidence ") else name_of_check(name) for name in names]
        gone = revoke(self._caller.home, self._folder, wanted, dry_run=self._caller.dry_run)
        if names and not gone:
            raise NoRecordError(ident=", ".join(names), kind="approval", hint="bank trust list")
        return RevokedApprovals(gone)
