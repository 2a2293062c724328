"""Mining session logs, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.corrections.log_search import LogSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from memorybank.corrections.mine import Mining
    from memorybank.corrections.mining_status import MiningStatus


class MiningMethods(LogSearch):
    """The methods of `bank.corrections` that read session logs."""

    __slots__ = ()

    def mine(
        self,
        *,
        source: Path | str = "",
        clients: str | Sequence[str] = (),
        since: str | datetime = "",
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> Mining:
        """Find corrections in session logs and add them to the local list; a log is read on from where it ended.

        Without `source`, a folder or a log, it is the sessions of this project in the places of the clients:
        claude-code, codex, gemini, cursor. Logs that were not changed since `since` are left out. `on_progress` is
        called with what is done, and how much of how much.

        Raises:
            FieldError: a client is unknown, the source is not there, or `since` is not a day or time.
            BankError: the list cannot be written.
        """
        from memorybank.corrections.mine import mine

        search = self._search(source, clients, since)
        return mine(self._folder, self._way(), search, on_progress=on_progress)

    def status(self) -> MiningStatus:
        """Return how many corrections wait, were accepted and dropped, and which logs have something new.

        `proposed_count` is how many of the waiting ones were proposed; `mined_at` is when logs were mined last.

        Raises:
            ConfigError: a setting is invalid.
        """
        from memorybank.corrections.mining_status import mining_status

        return mining_status(self._folder, self._search())
