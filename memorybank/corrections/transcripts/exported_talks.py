"""Conversations in data exports of Claude and ChatGPT as events: a JSON file, or the zip file as it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.corrections.transcripts.event import Event
from memorybank.corrections.transcripts.log_values import name_of, text_of
from memorybank.exchange.account import Account
from memorybank.exchange.conversation.archives import READ_ERRORS, Reading, opened
from memorybank.exchange.conversation.chatgpt import chatgpt_talk
from memorybank.exchange.conversation.claude import claude_talk
from memorybank.exchange.conversation.json_stream import Value, values_in
from memorybank.exchange.conversation.talk import Fields, Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.corrections.transcripts.counts import LogCounts
    from memorybank.exchange.conversation.talk import Talk


def events_of_export(path: Path, counts: LogCounts, seen: set[str]) -> Iterator[Event]:
    """Yield the events of the conversations of an export, which have no calls and no denials.

    Raises:
        BankError: it cannot be read.
    """
    number = 0
    with opened(path) as export:
        for part in export.parts:
            try:
                with part.open() as stream:
                    for each in values_in(Reading(stream, part.name or str(path), lambda _: None)):
                        talk = _talk(each.value, counts) if isinstance(each, Value) else None
                        if talk is None or f"export {talk.ident}" in seen:
                            continue
                        if talk.ident:
                            seen.add(f"export {talk.ident}")
                        for event in _events(talk):
                            number += 1
                            yield event._replace(line=number)
            except READ_ERRORS as error:
                counts.refused[f"{path}/{part.name}" if part.name else str(path)] = f"it cannot be read ({error})"


def _talk(value: Any, counts: LogCounts) -> Talk | None:
    """Return a conversation; None if the value is not one, or is nested too deeply."""
    if not isinstance(value, dict):
        return None
    counts.read += 1
    ledger = Ledger(Account(), "", Fields())
    try:
        if isinstance(value.get("chat_messages"), list):
            talk = claude_talk(value, ledger)
        elif isinstance(value.get("mapping"), dict):
            talk = chatgpt_talk(value, ledger)
        else:
            counts.miss("value of an export")
            return None
    except RecursionError:
        counts.broken += 1
        return None
    ident = next((value[key] for key in ("uuid", "conversation_id", "id") if isinstance(value.get(key), str)), "")
    return talk._replace(ident=name_of(ident))


def _events(talk: Talk) -> Iterator[Event]:
    for number, message in enumerate(talk.messages):
        text = text_of(message.text).strip()
        role = message.role
        if text:
            speaker: Any = {"user": "human", "assistant": "assistant"}.get(role, "harness")
            yield Event("said", speaker, text, message.at, talk.ident, f"{talk.ident}#{number}" if talk.ident else "")
