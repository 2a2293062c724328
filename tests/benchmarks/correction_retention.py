"""Retention of corrections on the labelled sessions, as they are and with the tool work of real logs between the turns.

python -m tests.benchmarks.correction_retention [--judges N] [--svg FILE]

Prints both tables, and draws the second one. N is how many questions the judges get.

The labelled sessions are own-made and short: in real logs most of the text is tool calls and their results. The second
table puts behind each turn of the user what stood between two turns in the shared logs (MEMORYBANK_SHARED_DATA), drawn
with a fixed seed. The two judges are small programs of different construction, not models.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank import Bank
from memorybank.corrections.evaluation.cases import piece_text
from memorybank.corrections.evaluation.event_rows import read_rows, row_of
from memorybank.corrections.evaluation.labelled import FILE, Labelled, read_labelled
from memorybank.corrections.transcripts.log_places import logs_in
from memorybank.corrections.transcripts.read_log import read_events
from tests.running import MODULE, ROOT

if TYPE_CHECKING:
    from memorybank.corrections.transcripts.event import Event

LABELLED = ROOT / "tests" / "corrections" / "labelled"
JUDGES = ROOT / "tests" / "corrections" / "evaluation" / "judges"
SHARED = Path(os.environ.get("MEMORYBANK_SHARED_DATA", ROOT.parent / "shared" / "data"))
SHOWN = "mixture,only-tier,only-density,bm25-moment,bm25-question,random,truncated-talk"


def work_between_turns(shared: Path) -> list[list[Event]]:
    """Return what the main agent did and said between two turns of a person in real logs."""
    found: list[list[Event]] = []
    for log in logs_in(shared / "transcripts"):
        work: list[Event] | None = None
        for event in read_events(log.path, log.client):
            if event.speaker == "human":
                if work:
                    found.append(work)
                work = []
            elif work is not None and piece_text(event):
                work.append(event._replace(at="", session="", ident=""))
        if work:
            found.append(work)
    return sorted(found, key=lambda work: sum(len(piece_text(each)) for each in work))


def widened(labelled: Labelled, work: list[list[Event]], to: Path, *, seed: int = 1) -> Path:
    """Write labelled sessions again, with work behind each turn of the user."""
    source = random.Random(seed)
    to.mkdir()
    moved: dict[tuple[str, int], int] = {}
    for name in sorted({each.file for each in labelled.labels}):
        rows: list[str] = []
        for event in read_rows(labelled.folder / name):
            rows.append(row_of(event))
            moved[name, event.line] = len(rows)
            if event.speaker == "human" and event.kind == "said":
                rows += map(row_of, source.choice(work))
        (to / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    labels = [each._replace(line=moved[each.file, each.line]).to_line() for each in labelled.labels]
    (to / FILE).write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
    return to


def option(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else ""


def main() -> None:
    most, picture = option("--judges"), option("--svg")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        Bank.init(project)
        wide = widened(read_labelled(LABELLED), work_between_turns(SHARED), Path(folder, "wide"))
        for source in (LABELLED, wide):
            words = ["eval", "corrections", "--source", str(source), "--strategies", SHOWN]
            if picture and source == wide:
                words += ["--svg", str(Path(picture).absolute())]
            if most:
                words += ["--most", most]
                for name in ("words", "letters"):
                    words += ["--judge", f"{name}='{MODULE[0]}' '{JUDGES / f'by_{name}.py'}'"]
            print(f"$ bank eval corrections --source {source.name}/")
            print(subprocess.run([*MODULE, *words], cwd=project, check=True, text=True, capture_output=True).stdout)


if __name__ == "__main__":
    main()
