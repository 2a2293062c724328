"""Find corrections in the events of one session log."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from memorybank.document.text import without_hidden
from memorybank.ids import CROCKFORD
from memorybank.records.corrections.correction import PREFIX, Correction, Origin, Premise
from memorybank.secrets.scan import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.transcripts.event import Event


def find_corrections(events: Iterable[Event], markers: Markers, *, client: str, file: str = "") -> Iterator[Correction]:
    """Yield the corrections of a session's events, in their order; no text of them has a secret."""
    premise = Premise()
    turn = 0
    for event in events:
        if event.speaker == "assistant" and event.kind == "said":
            premise = Premise(_clean(event.text))
        elif event.kind == "denied" and event.text:
            call = Premise(tool=_clean(f"{event.tool} {' '.join(map(str, event.arguments.values()))}"))
            yield _correction("denied-with-comment", event, call, client, file, turn)
        elif event.speaker == "human" and event.kind == "said":
            turn += 1
            if turn > 1 and event.text.lower().split(",")[0].split(" ")[0] in markers.openers:
                yield _correction("marker", event, premise, client, file, turn)


def _clean(text: str) -> str:
    return redact(without_hidden(text)[0])


def _correction(rule: str, event: Event, premise: Premise, client: str, file: str, turn: int) -> Correction:
    text = _clean(event.text)
    origin = Origin(client, event.session, file, event.line, turn, event.at)
    key = "\0".join((premise.text, premise.tool, text, event.ident or event.at))
    tail = "".join(CROCKFORD[byte & 31] for byte in hashlib.sha256(key.encode("utf-8", "replace")).digest()[:5])
    day = event.at[:10].replace("-", "") or "00000000"
    return Correction(f"{PREFIX}-{day}-{tail}", rule, text, premise, origin)
