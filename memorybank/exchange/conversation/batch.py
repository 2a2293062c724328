"""A part of an import of conversations: the sessions in it, and the account of their words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from memorybank.document.inline import title_in
from memorybank.document.source import digest_of
from memorybank.exchange.account import Account
from memorybank.exchange.conversation import plain
from memorybank.exchange.conversation.talk import Ledger
from memorybank.exchange.incoming import BY_CONTENT, Incoming, ReadResult

if TYPE_CHECKING:
    from memorybank.exchange.conversation.talk import Fields, Talk

# a part is written when it has so many talks, or so many characters: this and the largest talk have to be in memory
PART_RECORDS = 50
PART_CHARACTERS = 1_000_000


class Batch:
    """The records of a part that is being read, and their account."""

    def __init__(self, source: str, fields: Fields) -> None:
        """Start a part of a source; `fields` are those of the whole file."""
        self.records: list[Incoming] = []
        self.account = Account()
        self.size = 0
        self._source = source
        self._fields = fields
        self._ledgers: list[Ledger] = []

    def ledger(self, entry: str) -> Ledger:
        """Return a ledger of the account; it is settled when the part is done."""
        self._ledgers.append(Ledger(self.account, entry, self._fields))
        return self._ledgers[-1]

    @property
    def is_full(self) -> bool:
        """Whether it is to be written before more is read."""
        return len(self.records) >= PART_RECORDS or self.size >= PART_CHARACTERS

    def done(self) -> ReadResult:
        """Return the part."""
        for ledger in self._ledgers:
            ledger.settle()
        return ReadResult(self._source, tuple(self.records), account=self.account)


def incoming(talk: Talk, entry: str, account: Account) -> Incoming:
    """Return a conversation as a session; what is missing or broken is reported."""
    asked = next((message.text for message in talk.messages if message.role == "user"), talk.messages[0].text)
    told = json.dumps([talk.title, talk.summary, [message._asdict() for message in talk.messages]])
    times = [message.at for message in talk.messages if message.at]
    started = talk.started or min(times, default="")
    ended = max([talk.ended, *times])
    if not started and talk.tool != plain.TOOL:
        account.reported(entry, "it has no date")
    if talk.broken:
        account.reported(entry, f"its tree is broken: {talk.broken}; {len(talk.messages)} messages of it were taken")
    fields = {"tool": talk.tool, "agent_session": talk.ident, "started": started, "ended": ended}
    first = json.dumps(talk.messages[0])
    return Incoming(
        entry,
        digest_of(told.encode()),
        "session",
        talk.title or title_in(asked) or "Conversation",
        "",
        wish=talk.ident,
        key=talk.ident or f"{BY_CONTENT}{digest_of(first.encode())}",
        status="ended",
        summary=talk.summary,
        tags=talk.tags,
        source_tool=talk.tool,
        created=started,
        metadata=talk.metadata,
        fields={name: each for name, each in fields.items() if each},
        messages=tuple(talk.messages),
    )
