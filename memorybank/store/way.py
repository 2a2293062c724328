"""How a commit is made: who writes and when, and the options of one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from memorybank.document.receipt import Receipt
    from memorybank.store.actor import Actor


class Author(NamedTuple):
    """Who writes, the clock, the source of random bytes, and the time that clocks show where the writer is.

    Without `local`, that time is the clock's own.
    """

    actor: Actor
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    local: Callable[[datetime], datetime] | None = None


class WriteOptions(NamedTuple):
    """The options of one command that writes.

    `timeout` is how long to wait for the lock, in seconds. `force` allows a grow-only section to be replaced,
    `accept_shrunk` accepts a file that lost most of its text, `allow_secrets` names the secret rules to ignore (false
    positives). `on_wait` is called with a text while the command waits, `on_done` with the receipt as soon as the
    operation is done, even if something fails afterwards. `request` is the same when the same command is typed again.
    """

    timeout: float = 10.0
    dry_run: bool = False
    force: bool = False
    accept_shrunk: bool = False
    allow_secrets: tuple[str, ...] = ()
    on_wait: Callable[[str], None] | None = None
    on_done: Callable[[Receipt], None] | None = None
    request: str = ""


class Way(NamedTuple):
    """How to make a commit: the author and the options of the command."""

    author: Author
    options: WriteOptions = WriteOptions()

    def with_actor(self, actor: Actor) -> Way:
        """Return the same way with another actor."""
        return self._replace(author=self.author._replace(actor=actor))
