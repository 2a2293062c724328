"""Own-made session logs with known corrections, as rows of events; longer than a context, so that one must choose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from memorybank.corrections.evaluation.event_rows import CLIENT, row_of
from memorybank.corrections.evaluation.labelled import CORRECTION, FILE, Label, text_digest
from memorybank.corrections.transcripts.event import Event

if TYPE_CHECKING:
    from pathlib import Path

# what the assistant said, and what the user put right
PAIRS = (
    ("I'll start the server on port 8080.", "no, use port 8443 not 8080"),
    ("Deploying to the host staging-1.", "no, deploy to eu-west-2.example.net"),
    ("I run the tests with unittest.", "no, run the tests with `pytest -q`"),
    ("The retries stay at three.", "no, set the retries to 7 for uploads"),
    ("I write the report to /tmp/out.", "no, write reports to var/reports/daily"),
    ("I delete build and dist.", "no, keep build, only remove dist"),
    ("I add the flag --fast to the import.", "no, imports run with --dry-run first"),
    ("Formatting the files with black.", "no, format files with `ruff format`"),
    ("I pin the client to version 2.1.", "no, pin the client to 2.3.4"),
    ("Sessions are stored in Redis.", "no, store sessions in PostgreSQL"),
    ("Commit messages describe every file.", "no, commit messages stay below fifty characters"),
    ("I log amounts as floats.", "no, amounts are integers in cents"),
)
_FILLER = "The module parses each row, checks its length and hands it on to the next step of the pipeline. "


def made_logs(folder: Path, *, sessions: int = 6, filler: int = 12) -> Path:
    """Write labelled logs: two corrections in each session, and work of `filler` steps after each of them."""
    labels = []
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(sessions):
        events = [_said("human", "Continue with the next part.", number, 0)]
        for place in range(2):
            premise, text = PAIRS[(2 * number + place) % len(PAIRS)]
            minute = 10 * place
            events.append(_said("assistant", premise, number, minute + 1))
            events.append(_said("human", text, number, minute + 2))
            label = Label(CLIENT, f"{number}.jsonl", len(events), text_digest(text), CORRECTION)
            labels.append(label.to_line())
            events.append(_said("assistant", "Understood.", number, minute + 3))
            for step in range(filler):
                call = f"c{number}-{place}-{step}"
                reading = {"path": f"src/part_{step}.py"}
                events.append(
                    Event("call", "assistant", session=f"s{number}", tool="Read", call=call, arguments=reading)
                )
                events.append(Event("result", "harness", _FILLER * 3, session=f"s{number}", call=call))
        events.append(_said("assistant", "The part is done.", number, 30))
        rows = "".join(f"{row_of(event)}\n" for event in events)
        (folder / f"{number}.jsonl").write_text(rows, encoding="utf-8")
    (folder / FILE).write_text("".join(f"{line}\n" for line in labels), encoding="utf-8")
    return folder


def _said(speaker: str, text: str, number: int, minute: int) -> Event:
    at = f"2026-11-{number + 1:02}T09:{minute:02}:00Z"
    return Event(
        **json.loads(json.dumps({"kind": "said", "speaker": speaker, "text": text, "at": at, "session": f"s{number}"}))
    )
