"""Write the messages of imported sessions: a new file, or only the messages since the last import."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import Source
from memorybank.errors import NoFileError, NoRecordError
from memorybank.exchange.incoming import ORIGIN
from memorybank.files.write import read
from memorybank.records.change import target_of, with_fields
from memorybank.records.sessions.messages import messages_path, render_message
from memorybank.secrets.scan import find_secrets
from memorybank.store.journal.commit import FileChange
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.exchange.incoming import Incoming
    from memorybank.records.record import Record
    from memorybank.records.sessions.messages import Message
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


class MessageChanges(NamedTuple):
    """The changes that update a session from its source; the secret rules found only in whole lines, and the texts."""

    record: Record
    changes: list[FileChange]
    rules: list[str]
    hidden: list[str]


def message_rows(messages: Sequence[Message], way: Way) -> tuple[list[str], list[str], list[str]]:
    """Return messages as lines of their file, the secret rules found only in a whole line, and the redacted texts.

    The text of a message with such a secret is redacted; the message itself stays.
    """
    rows: list[str] = []
    hidden: list[str] = []
    texts: list[str] = []
    for message in messages:
        if not message.text.strip():
            continue
        row = render_message(message)
        rules = [found.rule for found in find_secrets(row)]
        if [rule for rule in rules if rule not in way.options.allow_secrets]:
            hidden += rules
            texts.append(message.text)
            row = render_message(message._replace(text=f"<redacted:{rules[0]}>"))
        elif rules:
            row = render_message(message, rules)
        rows.append(f"{row}\n")
    return rows, hidden, texts


def new_messages(bank: BankFolder, session: str, rows: Sequence[str]) -> list[FileChange]:
    """Return the change that creates a session's message file; empty without messages."""
    return [FileChange(messages_path(bank, session), text="".join(rows))] if rows else []


def grown(bank: BankFolder, session: str, came: Incoming, origin: str, way: Way) -> MessageChanges | None:
    """Return the changes that add new messages to an imported session; None if anything else changed."""
    if came.messages is None:
        return None
    rows, hidden, texts = message_rows(came.messages, way)
    path = messages_path(bank, session)
    try:
        target = target_of(bank, session, kinds=("session",))
        there = Source(read(path))
    except (NoRecordError, NoFileError):
        return None
    text = "".join(rows)
    if not text.startswith(there.text) or text == there.text:
        return None
    values = {f"metadata.{ORIGIN}": origin, "updated": stamp_of(way.author.now())}
    if came.fields.get("ended"):
        values["ended"] = str(came.fields["ended"])
    changed = with_fields(target.source, values, target.record.file)
    messages = FileChange(path, text=text, base=there.digest)
    return MessageChanges(target.record, [target.changed(changed.text), messages], hidden, texts)
