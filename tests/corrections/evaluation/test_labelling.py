"""Labels by a person: what is shown, what is saved, and that the next call goes on."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank
from memorybank.corrections.evaluation.labelled import read_labelled
from memorybank.errors import BankError, FieldError, NoRecordError
from tests.corrections.evaluation.made_logs import made_logs
from tests.corrections.transcripts.claude import Log
from tests.running import MODULE, bank, environment, make_bank

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_bank(tmp_path)
    made_logs(tmp_path / "logs", sessions=2, filler=1)
    return tmp_path


def test_turns_are_shown_with_what_was_before_them_and_without_an_opinion(project: Path) -> None:
    done = bank(
        project, "corrections", "label", "--source", "logs", "--out", "mine/labels.jsonl", "--next", "2", "--json"
    )
    answer = json.loads(done.stdout)
    assert (answer["turn_count"], answer["labelled_count"]) == (4, 0)
    first = answer["turns"][0]
    assert (first["premise"], first["text"]) == ("I'll start the server on port 8080.", "no, use port 8443 not 8080")
    assert "rule" not in first
    assert first["file"] == "../logs/0.jsonl"


def test_answers_are_saved_and_the_next_call_goes_on(project: Path) -> None:
    face = Bank.open(project).corrections
    out = project / "mine" / "labels.jsonl"
    turns = face.label(source=project / "logs", out=out, limit=0).turns
    face.label({turns[0].id: "correction", turns[1].id: "none"}, source=project / "logs", out=out, by="me")
    rest = face.label(source=project / "logs", out=out, limit=0)
    assert [each.id for each in rest.turns] == [each.id for each in turns[2:]]
    # a second thought replaces the first one
    done = face.label({turns[1].id: "yes"}, source=project / "logs", out=out)
    assert (done.labelled_count, done.correction_count) == (2, 2)
    figures = Bank.open(project).evaluate.detector(out)
    assert (figures.turn_count, figures.correction_count, figures.stale_count) == (2, 2, 0)
    assert {each.by for each in read_labelled(out).labels} == {"me", ""}


def test_measurements_take_the_markers_and_the_log_directory_of_the_bank(project: Path) -> None:
    folder, out = project / "sessions", project / "labels.jsonl"
    folder.mkdir()
    log = Log()
    log.asks("Start the server")
    log.says("It listens on port 8080.")
    log.asks("dat klopt niet")
    log.write(folder)
    opened = Bank.open(project)
    opened.settings.set("corrections.log_directory", str(folder))
    turns = opened.corrections.label(out=out, limit=0).turns
    dutch = next(each for each in turns if each.text == "dat klopt niet")
    opened.corrections.label({dutch.id: "correction"}, out=out)
    assert opened.evaluate.detector(out).missed_count == 1
    templates = project / ".memorybank" / "templates"
    templates.mkdir(exist_ok=True)
    (templates / "markers.tsv").write_text("wrong\tnl\tklopt niet\n", encoding="utf-8")
    assert opened.evaluate.detector(out).missed_count == 0
    first = opened.corrections.label(out=project / "other.jsonl", likely_first=True).turns[0]
    assert first.text == "dat klopt niet"


def test_logs_are_named_as_for_mining(project: Path) -> None:
    """From the folder of the bank, by a client as one text, and since a moment."""
    log = Log()
    log.asks("Start the server")
    log.says("It listens on port 8080.")
    log.asks("no, use port 8443")
    (project / "sessions").mkdir()
    log.write(project / "sessions")
    opened = Bank.open(project)
    day = datetime(2000, 1, 1, tzinfo=UTC)
    assert opened.corrections.mine(source="sessions", clients="claude-code", since=day).log_count == 1
    assert opened.corrections.label(source="sessions", clients="claude-code", since=day).turn_count == 1
    report = opened.evaluate.corrections(source="sessions", clients="claude-code", since=day, resamples=1)
    assert report.session_count == 1


def test_one_invalid_answer_saves_none(project: Path) -> None:
    face = Bank.open(project).corrections
    out = project / "labels.jsonl"
    first = face.label(source=project / "logs", out=out).turns[0]
    with pytest.raises(FieldError, match="'perhaps' is no label"):
        face.label({first.id: "yes", "x": "no"} | {first.id: "perhaps"}, source=project / "logs", out=out)
    with pytest.raises(NoRecordError):
        face.label({first.id: "yes", "x": "no"}, source=project / "logs", out=out)
    assert not out.exists()


def test_without_a_terminal_the_other_form_is_named(project: Path) -> None:
    done = bank(project, "corrections", "label", "--source", "logs")
    assert done.returncode == 2
    assert "--next N and --set ID=LABEL" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_keys_label_skip_and_go_back(project: Path) -> None:
    """A correction; a skip; back to it, and none; a third one; quit: each is in the file when its key was read."""
    shown = keyed(project, "yzsbny", "q")
    assert "1 of 4" in shown
    assert "\x1b[2J" not in shown
    labels = read_labelled(project / "labels.jsonl").labels
    assert [(each.file, each.line, each.label) for each in labels] == [
        ("logs/0.jsonl", 3, "correction"),
        ("logs/0.jsonl", 8, "none"),
        ("logs/1.jsonl", 3, "correction"),
    ]
    assert "1 of 1" in keyed(project, "", "q")


def keyed(project: Path, *keys: str) -> str:
    """Run the command in a terminal, and press each key when it is waited for."""
    import pty

    control, terminal = pty.openpty()
    words = (*MODULE, "corrections", "label", "--source", "logs")
    process = subprocess.Popen(words, cwd=project, stdin=terminal, stdout=terminal, stderr=terminal, env=environment())
    os.close(terminal)
    waiting = list("".join(keys))
    shown, asked, ends = "", 0, time.monotonic() + 60
    while time.monotonic() < ends:
        if select.select([control], [], [], 0.1)[0]:
            try:
                shown += os.read(control, 65536).decode("utf-8", "replace")
            except OSError:
                break
        elif shown.count("q quit") > asked and waiting:
            asked = shown.count("q quit")
            os.write(control, waiting.pop(0).encode())
    assert process.wait(10) == 0
    os.close(control)
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_labels_behind_a_link_are_read_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    row = '{"client": "claude-code", "file": "a.jsonl", "line": 1, "digest": "a", "label": "none"}'
    (tmp_path / "real.jsonl").write_text(f"{row}\n")
    (tmp_path / "labels.jsonl").symlink_to("real.jsonl")
    assert len(read_labelled(tmp_path).labels) == 1
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BankError, match="pipe"):
        read_labelled(tmp_path / "pipe")
