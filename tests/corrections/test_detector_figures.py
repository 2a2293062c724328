"""The figures of the detector on labelled turns, and the file of labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank.corrections.evaluation.detector import evaluate_detector
from memorybank.corrections.evaluation.event_rows import CLIENT, read_rows, row_of
from memorybank.corrections.evaluation.labelled import CORRECTION, NONE, Label, read_labelled, text_digest
from memorybank.corrections.transcripts.event import Event
from memorybank.errors import FieldError, NoFileError

if TYPE_CHECKING:
    from pathlib import Path


def labelled_folder(folder: Path, turns: list[tuple[Event, str]]) -> Path:
    """Write a log of events and the labels of those that have one."""
    (folder / "log.jsonl").write_text("".join(f"{row_of(event)}\n" for event, _ in turns), "utf-8")
    labels = [
        Label(CLIENT, "log.jsonl", line, text_digest(event.text), label)
        for line, (event, label) in enumerate(turns, 1)
        if label
    ]
    (folder / "labels.jsonl").write_text("".join(f"{label.to_line()}\n" for label in labels), "utf-8")
    return folder


def test_figures_count_hits_false_alarms_and_misses(tmp_path: Path) -> None:
    turns = [
        (Event("said", "human", "add a port option"), NONE),
        (Event("said", "assistant", "I set the port to 8080."), ""),
        (Event("said", "human", "no, 9090"), CORRECTION),
        (Event("said", "assistant", "The port is 9090 now."), ""),
        (Event("said", "human", "thanks"), NONE),
        (Event("said", "human", "vienna"), CORRECTION),
    ]
    figures = evaluate_detector(read_labelled(labelled_folder(tmp_path, turns)))
    assert (
        figures.turn_count,
        figures.correction_count,
        figures.hit_count,
        figures.false_alarm_count,
        figures.missed_count,
    ) == (4, 2, 1, 0, 1)
    assert (figures.precision.value, figures.recall.value) == (1.0, 0.5)
    assert [(error.line, error.label, error.rule) for error in figures.errors] == [(6, CORRECTION, "")]


def test_a_label_of_another_text_is_stale(tmp_path: Path) -> None:
    folder = labelled_folder(tmp_path, [(Event("said", "human", "no, 9090"), CORRECTION)])
    (folder / "log.jsonl").write_text(row_of(Event("said", "human", "no, 9091")), "utf-8")
    figures = evaluate_detector(read_labelled(folder))
    assert (figures.turn_count, figures.stale_count, figures.precision.value) == (0, 1, None)


def test_the_last_label_of_a_turn_counts_and_a_torn_last_line_is_skipped(tmp_path: Path) -> None:
    first = Label(CLIENT, "log.jsonl", 1, "0123456789abcdef", CORRECTION)
    rows = f'{first.to_line()}\n{first._replace(label=NONE).to_line()}\n{{"client": "ev'
    (tmp_path / "labels.jsonl").write_text(rows, "utf-8")
    assert read_labelled(tmp_path).labels == (first._replace(label=NONE),)


def test_an_invalid_label_is_an_error_that_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_text('{"client": "events", "label": "perhaps"}\n\n', "utf-8")
    with pytest.raises(FieldError, match=r"labels.jsonl:1: label must be one of correction, none"):
        read_labelled(tmp_path)


def test_rows_are_events_and_other_lines_are_skipped(tmp_path: Path) -> None:
    events = [Event("said", "human", "hi"), Event("call", "assistant", tool="Bash", arguments={"command": "ls"})]
    rows = "".join(f"{row_of(event)}\n" for event in events)
    (tmp_path / "log.jsonl").write_text(f"[]\n{rows}{{", "utf-8")
    assert [event._replace(line=0, offset=0) for event in read_rows(tmp_path / "log.jsonl")] == events


def test_a_labels_file_that_is_not_there_or_names_no_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(NoFileError):
        read_labelled(tmp_path / "gone.jsonl")
    row = {"client": "events", "file": "a\0b.jsonl", "line": 1, "digest": "0" * 16, "label": "none"}
    (tmp_path / "labels.jsonl").write_text(f"{json.dumps(row)}\n", encoding="utf-8")
    with pytest.raises(FieldError, match="no name of a file"):
        read_labelled(tmp_path)
