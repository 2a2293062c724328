"""What `check` costs over many files, cold, in CPU time; and that it grows with their size.

    python -m tests.benchmarks.check [--count 1000] [--runs 3] [--profile]

Records as `bank save` makes them, of twenty lines each, with paths and links to look up. Cold means that what is kept
of records is taken away before each check; the program's own start is not counted.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank.check.lint import lint
from memorybank.records.draft import NewRecord, draft
from memorybank.store.actor import Actor
from memorybank.store.discover import find_bank
from memorybank.store.journal.commit import commit
from memorybank.store.manage.init import init
from memorybank.store.way import Author, Way

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TEXT = "\n".join(f"- item {number} in `src/x{number}.py`, [a link](gone{number}.md) and words " for number in range(20))
KINDS = ("fact", "decision", "code", "error")
BATCH = 250


def main() -> int:
    """Measure a quarter, a half and all of the files, and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--profile", action="store_true", help="print where the time goes")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        project.mkdir()
        way = Way(Author(Actor("bench", ""), lambda: NOW, Random(71).randbytes))
        init(project, way)
        print("| files | KB | CPU s | ms a file | MB/s |")
        print("| --- | --- | --- | --- | --- |")
        made = 0
        for count in (given.count // 4, given.count // 2, given.count):
            made = fill(project, way, made, count)
            size = sum(path.stat().st_size for path in (project / ".memorybank" / "memories").rglob("*.md"))
            cost = min(check(project) for _ in range(given.runs))
            print(f"| {count} | {size // 1000} | {cost:.2f} | {cost / count * 1000:.2f} | {size / cost / 1e6:.2f} |")
        if given.profile:
            profile = cProfile.Profile()
            profile.runcall(check, project)
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    return 0


def fill(project: Path, way: Way, made: int, count: int) -> int:
    """Bring the bank to so many records."""
    bank = find_bank(project, environ={})
    while made < count:
        until = min(made + BATCH, count)
        news = [NewRecord(TEXT, KINDS[number % 4], title=f"Record {number}") for number in range(made, until)]
        drafts = [draft(bank, new, way) for new in news]
        commit(bank, [each.change for each in drafts], "save", way)
        made = until
    return made


def check(project: Path) -> float:
    """Give the CPU seconds of one check, cold."""
    for kept in (project / ".memorybank" / ".state").glob("records.*"):
        kept.unlink()
    begun = time.process_time()
    lint(find_bank(project, environ={}), now=NOW)
    return time.process_time() - begun


if __name__ == "__main__":
    sys.exit(main())
