"""The way a commit is done: who writes and when, and the options of one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from memorybank.document.receipt import Receipt
    from memorybank.store.actor import Actor


class Author(NamedTuple):
    """Who writes, with which clock and which source of random bytes."""

    actor: Actor
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]


class WriteOptions(NamedTuple):
    """The options of one command that writes.

    `timeout` is how long to wait for another writer, in seconds. With `dry_run` nothing is written. `force` lets a
    section that only grows be replaced, `accept_shrunk` accepts a file that lost most of its text, `allow_secrets`
    names the secret rules whose findings are false. `on_wait` is called with a sentence while the command waits,
    `on_done` with the receipt as soon as the operation is done, whatever fails after it. `request` is the same for
    the same command typed again.
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
    """Who writes and when, together with the options of the command."""

    author: Author
    options: WriteOptions = WriteOptions()

    def with_actor(self, actor: Actor) -> Way:
        """Return the same way with another actor."""
        return self._replace(author=self.author._replace(actor=actor))
