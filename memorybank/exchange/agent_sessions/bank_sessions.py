"""The sessions that were imported into a bank before, by their ids in the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.exchange.fitting import washed_line
from memorybank.exchange.incoming import ORIGIN
from memorybank.records.find import scan
from memorybank.records.sessions.messages import Message, read_messages

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


class BankSessions:
    """Finds messages that were imported before; the bank is read when it is first asked."""

    def __init__(self, bank: BankFolder, source: str) -> None:
        """Look into a bank for sessions of one source."""
        self._bank = bank
        self._source = source
        self._known: dict[str, str] | None = None

    def messages_of(self, ident: str) -> list[Message]:
        """Return the messages of a session; none if it was not imported."""
        record = self.record_of(ident)
        if not record:
            return []
        try:
            return read_messages(self._bank, record).rows
        except BankError:
            return []

    def record_of(self, ident: str) -> str:
        """Return the id of a session in the bank; "" if it was not imported."""
        if self._known is None:
            self._known = self._found()
        return self._known.get(washed_line(ident), "")

    def forget(self) -> None:
        """Read the bank again when it is next asked: more was written."""
        self._known = None

    def _found(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for archived in (False, True):
            for record in scan(self._bank, kinds=("session",), archived=archived).records:
                origin = record.metadata.get(ORIGIN)
                if isinstance(origin, str) and origin.startswith(f"{self._source}:"):
                    found[origin.removeprefix(f"{self._source}:").rpartition("@")[0]] = record.id
        return found
