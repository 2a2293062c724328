"""Values of an import: what a reader of a foreign format returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.exchange.account import Account
    from memorybank.exchange.safe_read import Misfit
    from memorybank.records.record import Link
    from memorybank.records.sessions.messages import Message

# metadata names: where a record was imported from, and its id there
ORIGIN = "imported_from"
CAME_AS = "imported_id"
# the beginning of a key that is the digest of an entry's first words
BY_CONTENT = "text-"


class Incoming(NamedTuple):
    """A record to be created.

    `entry` is its place in the source and `digest` the digest of its text there: both identify it in a later import.
    `key` identifies it instead of `entry` if its place may change: the id of a conversation, or the digest of its
    first message. `wish` is its id in the source; `ours` is true if it was exported by `memorybank`. `messages` is
    None except for sessions.
    `points` maps words of the content that stand for the path of another record to the `wish` of that record.
    """

    entry: str
    digest: str
    kind: str
    title: str
    content: str
    wish: str = ""
    ours: bool = False
    status: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    project: str = ""
    source_tool: str = ""
    source_repo: str = ""
    session: str = ""
    created: str = ""
    updated: str = ""
    metadata: Mapping[str, Any] = {}
    links: tuple[Link, ...] = ()
    fields: Mapping[str, Any] = {}
    messages: tuple[Message, ...] | None = None
    points: Mapping[str, str] = {}
    key: str = ""


class PlainFile(NamedTuple):
    """A file to be copied unchanged to `name` in the bank; with `base` it replaces the text with that digest."""

    entry: str
    name: str
    data: bytes
    base: str = ""


class ReadResult(NamedTuple):
    """What a reader found in a source or in a part of it, and what it could not use.

    With an `account`, the words of its entries are compared with what is written.
    """

    source: str
    records: tuple[Incoming, ...] = ()
    files: tuple[PlainFile, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    account: Account | None = None
