"""The log of the calls that agents' programs made: when, who, what and how much, never what was read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face, check_limit
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from memorybank.agents.audit import AuditLog


class AuditMethods(Face):
    """The log of calls, as a part of `Bank`."""

    __slots__ = ()

    @property
    def audit(self) -> Audit:
        """The log of agents' calls: `record`, `list`."""
        return Audit(self._opened, self._caller)


class Audit(Face):
    """The log of agents' calls of a bank, kept on this machine in `.state/audit.jsonl`."""

    __slots__ = ()

    def record(
        self,
        *,
        tool: str,
        client: str = "",
        addresses: Sequence[str] = (),
        bytes_in: int = 0,
        bytes_out: int = 0,
        milliseconds: float = 0.0,
        outcome: str = "ok",
        session: str = "",
    ) -> None:
        """Add a call to the log: sizes and names, never a text. `outcome` is "ok" or the code of an error.

        A log that cannot be written fails nothing: no error is raised for it. A dry run adds nothing.
        """
        from memorybank.agents.audit import AuditEntry, record_call

        if self._caller.dry_run:
            return
        at = stamp_of(self._caller.now())
        sizes = (bytes_in, bytes_out, milliseconds)
        record_call(self._opened, AuditEntry(at, client, tool, tuple(addresses), *sizes, outcome, session))

    def list(
        self, *, since: str | datetime = "", client: str = "", tool: str = "", session: str = "", limit: int = 20
    ) -> AuditLog:
        """Return the calls that match, the newest first, and the totals of each tool; 0 is no limit.

        Raises:
            FieldError: `since` is not a day or time, or the limit is negative.
            BankError: the log cannot be read.
        """
        from memorybank.agents.audit import list_calls

        check_limit(limit, least=0)
        moment = self._moment(since, "since")
        return list_calls(self._folder, since=moment, client=client, tool=tool, session=session, limit=limit)
