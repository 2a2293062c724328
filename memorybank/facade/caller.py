"""Who calls, and how it writes: the environment, the folder, the clock, chance, and the options of writes."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from memorybank.document.receipt import Receipt
    from memorybank.store.actor import Actor
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


def system_clock() -> datetime:
    """Return the time, or SOURCE_DATE_EPOCH where it is set, so that an output can be made again."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return datetime.fromtimestamp(int(epoch), UTC)
    return datetime.now(UTC)


def local_time(moment: datetime) -> datetime:
    """Return a time with this machine's offset; in UTC where SOURCE_DATE_EPOCH makes outputs equal everywhere."""
    return moment if os.environ.get("SOURCE_DATE_EPOCH", "").isdigit() else moment.astimezone()


class Caller:
    """Where a call comes from and how it writes; the same for all calls of one `Bank`.

    `timeout` is in seconds. `force` lets a section that only grows be replaced, `accept_shrunk` accepts a file that
    lost most of its text, `allow_secrets` names secret rules whose findings are false. `request` is the same for the
    same command typed again. `tool` is named as the writer where the environment names none. `on_wait` is called with
    a text while another writer holds the lock, `on_done` with the receipt of each operation that is done.
    """

    # a plain class: what makes data classes takes a tenth of the time that a note may take
    __slots__ = (
        "_environ",
        "accept_shrunk",
        "allow_secrets",
        "dry_run",
        "folder",
        "force",
        "local",
        "logs",
        "now",
        "on_done",
        "on_wait",
        "random_bytes",
        "request",
        "role",
        "settles",
        "timeout",
        "tool",
    )

    def __init__(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        now: Callable[[], datetime] = system_clock,
        local: Callable[[datetime], datetime] = local_time,
        random_bytes: Callable[[int], bytes] = os.urandom,
        timeout: float = 10.0,
        dry_run: bool = False,
        force: bool = False,
        accept_shrunk: bool = False,
        allow_secrets: Sequence[str] = (),
        role: str = "",
        request: str = "",
        tool: str = "python",
        settles: bool = True,
        logs: bool = True,
        on_wait: Callable[[str], None] | None = None,
        on_done: Callable[[Receipt], None] | None = None,
    ) -> None:
        self._environ = environ
        self.folder = folder
        self.now = now
        self.local = local
        self.random_bytes = random_bytes
        self.timeout = timeout
        self.dry_run = dry_run
        self.force = force
        self.accept_shrunk = accept_shrunk
        self.allow_secrets = tuple(allow_secrets)
        self.role = role
        self.request = request
        self.tool = tool
        # whether an operation that a crash left begun is settled before a write; the command line did it already
        self.settles = settles
        # whether its calls are lines of the log of calls
        self.logs = logs
        self.on_wait = on_wait
        self.on_done = on_done

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment; the process's own one where none was given."""
        return os.environ if self._environ is None else self._environ

    @property
    def here(self) -> Path:
        """The folder that the call comes from."""
        return Path.cwd() if self.folder is None else self.folder

    @property
    def home(self) -> Path:
        """The user's own place: `~/.memorybank`, or MEMORYBANK_HOME."""
        from memorybank.store.home import home_of

        return home_of(self.environ)

    def actor(self, bank: BankFolder | None) -> Actor:
        """Return who writes: the tool, the role, and the current session of the bank if there is one.

        Raises:
            RoleError: the role is unknown.
        """
        from memorybank.records.sessions.current import actor_in
        from memorybank.store.actor import UNKNOWN_TOOL, actor_from
        from memorybank.store.roles import narrowed

        actor = actor_from(self.environ) if bank is None else actor_in(bank, self.environ, self.here)
        tool = self.tool if actor.tool == UNKNOWN_TOOL else actor.tool
        return actor._replace(role=narrowed(actor.role, self.role), tool=tool)

    def way(self, bank: BankFolder | None, *, force: bool = False) -> Way:
        """Return how a write is done: by whom, when, and with which options; without a bank it makes one.

        Raises:
            BankError: the role is unknown, or an operation that a crash left begun cannot be settled.
        """
        from memorybank.store.way import Author, Way, WriteOptions

        if bank is not None and self.settles and not self.dry_run and not bank.read_only:
            from memorybank.store.journal.recover import settle_interrupted

            settle_interrupted(bank)
        author = Author(self.actor(bank), self.now, self.random_bytes, self.local)
        options = WriteOptions(
            timeout=self.timeout,
            dry_run=self.dry_run,
            force=force or self.force,
            accept_shrunk=self.accept_shrunk,
            allow_secrets=self.allow_secrets,
            on_wait=self.on_wait,
            on_done=self.on_done,
            request=self.request,
        )
        return Way(author, options)
