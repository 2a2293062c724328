"""What a three-way merge costs against the size of the file: CPU time, and as a ratio to a floor of the same run.

    python -m tests.benchmarks.merge [--largest 5_000_000] [--runs 3]

The floor is to find the headings of the three texts and to count their lines, which no merge that is proven can save.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.team.merge import merge_files

if TYPE_CHECKING:
    from collections.abc import Callable

CPU_GOAL = 2.0
RATIO_GOAL = 12.0
EDITS = 200


class Shape(NamedTuple):
    """One kind of file: its name, and its lines for a number of entries."""

    name: str
    file: str
    make: Callable[[int], list[str]]


def sections(count: int) -> list[str]:
    """Make sections of fifty items."""
    rows = ["# Log", ""]
    for number in range(count):
        rows += ["", f"## Day {number}", ""] if number % 50 == 0 else []
        rows.append(f"- entry {number} of the log with some words in it")
    return rows


def one_list(count: int) -> list[str]:
    """Make one section of nothing but items."""
    return ["# Log", "", "## Entries", "", *(f"- entry {number} of the log with some words" for number in range(count))]


def records(count: int) -> list[str]:
    """Make messages of a session."""
    return [
        json.dumps({"role": "user", "content": f"message {number} with some words in it"}) for number in range(count)
    ]


SHAPES = (
    Shape("sections", "development_log.md", sections),
    Shape("one list", "development_log.md", one_list),
    Shape("messages", "sessions/s.jsonl", records),
)


def edited(rows: list[str], writer: str, seed: int) -> list[str]:
    """Add, reword and delete entries all over a file."""
    random = Random(seed)
    found = list(rows)
    for number in range(EDITS):
        at = random.randrange(5, len(found))
        if found[at][:1] not in {"-", "{"}:
            continue
        what = random.random()
        if what < 0.6:
            found.insert(at, found[at].replace("some words", f"words {number} of {writer}"))
        elif what < 0.8:
            found[at] = found[at].replace("some", f"other {writer}")
        else:
            del found[at]
    return found


def cpu_of(work: Callable[[], object], runs: int) -> float:
    """Return the least CPU time of some runs."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def floor_of(texts: list[bytes]) -> None:
    """Do what every merge has to do."""
    for data in texts:
        source = Source(data)
        outline(source)
        Counter(source.text.split("\n"))


def main() -> int:
    """Measure every shape and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--largest", type=int, default=5_000_000)
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    print("| file | bytes | CPU s (least) | times the floor | conflicts |\n| --- | --- | --- | --- | --- |")
    met = True
    for shape in SHAPES:
        for size in (given.largest // 4, given.largest // 2, given.largest):
            rows = shape.make(size // len(shape.make(100)[-1]))
            base, ours, theirs = (
                ("\n".join(each) + "\n").encode() for each in (rows, edited(rows, "anna", 1), edited(rows, "ben", 2))
            )
            merged = merge_files(base, ours, theirs, name=shape.file)
            cost = cpu_of(lambda: merge_files(base, ours, theirs, name=shape.file), given.runs)  # noqa: B023  called here
            floor = cpu_of(lambda: floor_of([base, ours, theirs]), given.runs)  # noqa: B023  called here
            row = (shape.name, f"{len(base):,}", f"{cost:.2f}", f"{cost / floor:.1f}", str(len(merged.conflicts)))
            print(f"| {' | '.join(row)} |", flush=True)
            met = met and cost <= CPU_GOAL and cost / floor <= RATIO_GOAL
    print(f"\ngoals {'met' if met else 'MISSED'}: {CPU_GOAL:.0f} s of CPU, {RATIO_GOAL:.0f} times the floor")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
