"""Reads session logs for the measurement: the end of each as text, and the corrections that were found in it."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.detection.detect import find_corrections
from memorybank.corrections.evaluation.cases import Recorder, Session, in_order
from memorybank.corrections.evaluation.event_rows import events_of
from memorybank.corrections.evaluation.labelled import CORRECTION, FILE, read_labelled, text_digest
from memorybank.corrections.evaluation.labelling import call_text, name_from, turns_in
from memorybank.corrections.mine import logs_of
from memorybank.document.text import without_hidden
from memorybank.records.corrections.correction import Correction, Origin, Premise
from memorybank.secrets.scan import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from memorybank.corrections.detection.markers import Markers
    from memorybank.corrections.evaluation.labelled import Label, Labelled
    from memorybank.corrections.evaluation.labelling import Turn
    from memorybank.corrections.mine import Search
    from memorybank.corrections.transcripts.event import Event
    from memorybank.store.folder import BankFolder


class Logs(NamedTuple):
    """Sessions in the order of time, and the pairs of each that are asked about.

    Without labels these are the pairs that were found. Of labelled logs they are those that a person marked, whether
    they were found or not.
    """

    sessions: list[Session]
    known: list[tuple[Correction, ...]]


def read_source(
    bank: BankFolder,
    search: Search,
    markers: Markers,
    *,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Logs:
    """Read the logs of a search; the pairs that are asked about are those that were labelled, if its folder has labels.

    Raises:
        FieldError: there is no such folder, or a label is not one.
    """
    labelled = _labels_of(search)
    if labelled is not None:
        return read_labelled_logs(labelled, markers, on_progress=on_progress)
    return read_logs(places_of(bank, search), markers, on_progress=on_progress)


def places_of(bank: BankFolder, search: Search) -> list[tuple[str, Path]]:
    """Return the logs of a search, each with its client; of a labelled folder those with labels.

    Raises:
        FieldError: there is no such folder, or a label is not one.
    """
    labelled = _labels_of(search)
    if labelled is not None:
        names = dict.fromkeys((each.client, each.file) for each in labelled.labels)
        return [(client, labelled.folder / file) for client, file in names]
    return [(each.client, each.path) for each in logs_of(bank, search)]


def _labels_of(search: Search) -> Labelled | None:
    folder = search.source
    return read_labelled(folder) if folder is not None and (folder / FILE).is_file() else None


def turns_of(
    bank: BankFolder,
    search: Search,
    out: Path,
    *,
    likely: Markers | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> list[Turn]:
    """Return the turns of persons that a file of labels could be about, those of one log together.

    With markers, `likely`, those in which they find a correction come first.

    Raises:
        FieldError: there is no such folder, or a label is not one.
    """
    places = places_of(bank, search)
    found: list[tuple[bool, Turn]] = []
    for at, (client, path) in enumerate(places, 1):
        events = list(events_of(path, client))
        name = name_from(path, out)
        lines = {each.origin.line for each in find_corrections(events, likely, client=client)} if likely else set()
        found += [(turn.line not in lines, turn) for turn in turns_in(events, client=client, file=name)]
        if on_progress is not None:
            on_progress("read", at, len(places))
    return [turn for _, turn in sorted(found, key=itemgetter(0))]


def read_logs(
    logs: Sequence[tuple[str, Path]],
    markers: Markers,
    *,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Logs:
    """Read logs, each with its client; those without a word of a person are left out."""
    found = []
    for at, (client, path) in enumerate(logs, 1):
        session = _session(events_of(path, client), markers, client, str(path))[0]
        if session is not None:
            found.append(session)
        if on_progress is not None:
            on_progress("read", at, len(logs))
    sessions = in_order(found)
    return Logs(sessions, [each.corrections for each in sessions])


def read_labelled_logs(
    labelled: Labelled, markers: Markers, *, on_progress: Callable[[str, int, int], None] | None = None
) -> Logs:
    """Read the logs of labelled turns; the pairs that are asked about are those labelled as corrections."""
    by_file: dict[tuple[str, str], list[Label]] = {}
    for label in labelled.labels:
        by_file.setdefault((label.client, label.file), []).append(label)
    found: list[Session] = []
    asked: dict[str, tuple[Correction, ...]] = {}
    for at, ((client, file), labels) in enumerate(by_file.items(), 1):
        session, events = _session(events_of(labelled.folder / file, client), markers, client, file, keep=True)
        if session is not None:
            found.append(session)
            asked[session.name] = tuple(_labelled(events, labels, session))
        if on_progress is not None:
            on_progress("read", at, len(by_file))
    sessions = in_order(found)
    return Logs(sessions, [asked[each.name] for each in sessions])


def _session(
    events: Iterable[Event], markers: Markers, client: str, file: str, *, keep: bool = False
) -> tuple[Session | None, list[Event]]:
    recorder = Recorder()
    kept: list[Event] = []

    def through() -> Iterator[Event]:
        for event in recorder.through(events):
            if keep:
                kept.append(event)
            yield event

    corrections = tuple(find_corrections(through(), markers, client=client, file=file))
    if not recorder.has_human:
        return None, kept
    pieces = tuple(each._replace(text=_clean(each.text)) for each in recorder.pieces)
    return Session(file, recorder.ended, pieces, recorder.size, corrections), kept


def _labelled(events: Sequence[Event], labels: Iterable[Label], session: Session) -> Iterator[Correction]:
    """Yield the pairs that a person marked: as they were found, or with the text before them as premise."""
    marked = {(each.line, each.digest) for each in labels if each.label == CORRECTION}
    by_line = {each.origin.line: each for each in session.corrections}
    premise = Premise()
    for event in events:
        if event.speaker == "assistant" and event.kind == "said":
            premise = Premise(text=_clean(event.text))
        elif event.speaker == "assistant" and event.kind == "call":
            premise = premise._replace(tool=_clean(call_text(event)))
        elif event.speaker == "human" and (event.line, text_digest(event.text)) in marked:
            found = by_line.get(event.line)
            origin = Origin(session=event.session, file=session.name, line=event.line, at=event.at)
            yield found or Correction(f"{session.name}:{event.line}", "labelled", _clean(event.text), premise, origin)


def _clean(text: str) -> str:
    return redact(without_hidden(text)[0])
