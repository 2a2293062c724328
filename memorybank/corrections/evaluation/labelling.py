"""How a person labels: the turns of some logs with what came before them, and the answers, saved one by one."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.evaluation.labelled import CORRECTION, NONE, Label, read_labelled, text_digest
from memorybank.errors import FieldError, NoRecordError
from memorybank.files.durable import append_line, make_dirs
from memorybank.records.corrections.ledger import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from memorybank.corrections.transcripts.event import Event

# what of a turn is shown: who labels must see all that decides, and no log as a whole
_LONGEST = 4000
ANSWERS = {"correction": CORRECTION, "yes": CORRECTION, "y": CORRECTION, "none": NONE, "no": NONE, "n": NONE}


class Turn(NamedTuple):
    """A turn of a person that is to be labelled, and what the assistant said or did before it.

    `id` is made of the log, the line and the text: it stays the same. `label` is "" until there is one. The texts are
    without secrets; whether the detector finds a correction here is not part of it.
    """

    id: str
    client: str
    file: str
    line: int
    session: str
    turn: int
    at: str
    premise: str
    tool: str
    text: str
    digest: str
    label: str = ""


class LabelProgress(NamedTuple):
    """Turns, how many have a label, and how many of these are corrections."""

    out: str
    turns: tuple[Turn, ...]
    turn_count: int
    labelled_count: int
    correction_count: int


def turns_in(events: Iterable[Event], *, client: str, file: str) -> Iterator[Turn]:
    """Yield the turns of one log that could be corrections: those with something of the assistant before them."""
    premise = tool = ""
    number = 0
    for event in events:
        if event.speaker == "assistant" and event.kind == "said" and event.text.strip():
            premise, tool = clean(event.text, _LONGEST), ""
        elif event.speaker == "assistant" and event.kind == "call":
            tool = clean(call_text(event), _LONGEST)
        elif event.speaker == "human" and event.kind in {"said", "denied"} and event.text.strip():
            number += 1
            digest = text_digest(event.text)
            if event.kind == "denied" and event.arguments:
                tool = clean(call_text(event), _LONGEST)
            if premise or tool:
                yield Turn(
                    id=hashlib.sha256(f"{file}\0{event.line}\0{digest}".encode()).hexdigest()[:10],
                    client=client,
                    file=file,
                    line=event.line,
                    session=event.session,
                    turn=number,
                    at=event.at,
                    premise=premise,
                    tool=tool,
                    text=clean(event.text, _LONGEST),
                    digest=digest,
                )


def name_from(log: Path, out: Path) -> str:
    """Return the name of a log as a label has it: from the folder of the labels."""
    return os.path.relpath(log.resolve(), out.resolve().parent).replace(os.sep, "/")


def with_labels(turns: Sequence[Turn], out: Path) -> list[Turn]:
    """Return turns with the labels that they have in a file; it need not be there.

    Raises:
        FieldError: a line of it is not a label.
    """
    if not out.is_file():
        return list(turns)
    found = {(each.file, each.line, each.digest): each.label for each in read_labelled(out).labels}
    return [each._replace(label=found.get((each.file, each.line, each.digest), "")) for each in turns]


class Labeller:
    """The turns of some logs in the order in which they are asked about, and the file that gets the answers.

    The logs are read once; each answer is saved at once.
    """

    def __init__(self, turns: Sequence[Turn], out: Path, *, by: str = "") -> None:
        self._by_id = {each.id: each for each in with_labels(turns, out)}
        self._out, self._by = out, by

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, with the labels that they have by now."""
        return tuple(self._by_id.values())

    def waiting(self) -> tuple[Turn, ...]:
        """Return the turns without a label."""
        return tuple(each for each in self._by_id.values() if not each.label)

    def progress(self, shown: Sequence[Turn]) -> LabelProgress:
        """Return some turns, and how far the labelling of all of them is."""
        labels = [each.label for each in self._by_id.values() if each.label]
        return LabelProgress(str(self._out), tuple(shown), len(self._by_id), len(labels), labels.count(CORRECTION))

    def save(self, turn: Turn, label: str) -> Turn:
        """Add the label of a turn to the file, durably; a later one replaces it."""
        if not self._out.parent.is_dir():
            make_dirs(self._out.parent)
        row = Label(turn.client, turn.file, turn.line, turn.digest, label, turn.session, turn.turn, self._by)
        append_line(self._out, f"{row.to_line()}\n".encode())
        self._by_id[turn.id] = turn._replace(label=label)
        return self._by_id[turn.id]

    def save_all(self, answers: Mapping[str, str]) -> list[Turn]:
        """Save the labels of turns that are named by their ids; none is saved if one is invalid.

        Raises:
            NoRecordError: there is no such turn.
            FieldError: an answer is not a label.
        """
        by_id = self._by_id
        for ident, said in answers.items():
            check_answer(ident, said, by_id)
        return [self.save(by_id[ident], ANSWERS[said.casefold()]) for ident, said in answers.items()]


def check_answer(ident: str, said: str, known: Collection[str]) -> None:
    """Refuse an answer for a turn that is not known, or that is no label.

    Raises:
        NoRecordError: there is no such turn.
        FieldError: it is not a label.
    """
    if ident not in known:
        raise NoRecordError(ident=ident, kind="turn", hint="bank corrections label --next lists the turns")
    if said.casefold() not in ANSWERS:
        why = f"{said!r} is no label"
        raise FieldError(field=ident, why=why, hint=f"--set {ident}=correction, or --set {ident}=none")


def call_text(event: Event) -> str:
    """Return a call as a text: the tool, and what it was given."""
    return f"{event.tool} {' '.join(str(value) for value in event.arguments.values())}".strip()
