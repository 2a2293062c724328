"""Which session logs a method of the facade is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from memorybank.corrections.mine import Search


class LogSearch(Face):
    """The methods that read session logs have this in common."""

    __slots__ = ()

    def _search(
        self,
        source: Path | str | None = None,
        clients: str | Sequence[str] = (),
        since: str | datetime = "",
    ) -> Search:
        from memorybank.corrections.mine import Search
        from memorybank.times import moment_of

        after = moment_of(self._moment(since, "since"))
        named = [clients] if isinstance(clients, str) else clients
        return Search(
            self._caller.environ,
            self._caller.here / Path(source).expanduser() if source else None,
            tuple(each for each in named if each),
            after.timestamp() if after else None,
        )
