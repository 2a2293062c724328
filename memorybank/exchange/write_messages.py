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
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.exchange.incoming import Incoming
    from memorybank.records.change import Target
    from memorybank.records.record import Record
    from memorybank.records.sessions.messages import Message
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


class MessageChanges(NamedTuple):
    """The changes that update a session from its source, the values set in its front matter, and what is to be told.

    `rules` are the secret rules found only in whole lines, `hidden` the texts. There are no changes if the session
    already has more than the source.
    """

    record: Record
    changes: list[FileChange]
    values: Mapping[str, str] = {}
    whys: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


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


def grown(bank: BankFolder, sessions: Iterable[str], came: Incoming, origin: str, way: Way) -> MessageChanges | None:
    """Return the changes that add new messages to an imported session, or a new title or summary.

    It is the one of `sessions` that has most of the messages. None if each of them has another one.
    """
    rows, hidden, texts = message_rows(came.messages or (), way)
    text = "".join(rows)
    found: list[tuple[int, Target, Source]] = []
    for session in sessions:
        try:
            target = target_of(bank, session, kinds=("session",))
            there = Source(read(messages_path(bank, session)))
        except (NoRecordError, NoFileError):
            continue
        if there.text.startswith(text) and there.text != text:
            return MessageChanges(target.record, [])
        if text.startswith(there.text):
            found.append((len(there.text), target, there))
    if not found:
        return None
    _, target, there = max(found, key=lambda each: each[0])
    ended = str(came.fields.get("ended", ""))
    if text == there.text and ended < str(target.record.fields.get("ended", "")):
        # an older export of the same messages: its title may be an old one
        return MessageChanges(target.record, [])
    values = {f"metadata.{ORIGIN}": origin, "updated": stamp_of(way.author.now())}
    if ended:
        values["ended"] = ended
    whys = []
    for name in ("title", "summary"):
        new, ours = getattr(came, name), getattr(target.record, name)
        before = target.record.metadata.get(f"imported_{name}", ours)
        if new and new != before:
            values[f"metadata.imported_{name}"] = new
            is_ours = (
                f"is that of {target.record.id} again" if new == ours else f"differs from that of {target.record.id}"
            )
            whys.append(f"its {name} {is_ours}; kept in metadata.imported_{name}")
    other = [name for name, value in came.metadata.items() if target.record.metadata.get(name, value) != value]
    whys += [f"fields of it changed, which are left unchanged: {', '.join(other)}"] if other else []
    changed = with_fields(target.source, values, target.record.file)
    changes = [target.changed(changed.text)]
    if text != there.text:
        changes.append(FileChange(messages_path(bank, target.record.id), text=text, base=there.digest))
    return MessageChanges(target.record, changes, values, tuple(whys), tuple(hidden), tuple(texts))
