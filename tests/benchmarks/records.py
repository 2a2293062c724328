"""What reading costs in a bank of many memories, in CPU time, against `import click, yaml` in the same run.

    python -m tests.benchmarks.records [--bank .venv/bin/bank] [--count 10000] [--runs 7]

Each command is measured with the kept front matter (`.state/records.cache`, made by the first of them) and without.
The goal of three times is that of a bank in use; without what is kept, each file is opened once, and the table says
what that costs.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank.records.draft import NewRecord, draft
from memorybank.store.actor import Actor
from memorybank.store.discover import find_bank
from memorybank.store.journal.commit import commit
from memorybank.store.manage.init import init
from memorybank.store.way import Author, Way
from tests.benchmarks.cold import Program, options
from tests.running import cost_of

GOAL = 3.0
KINDS = ("fact", "decision", "code", "error", "procedural", "episodic", "user", "learning")
WORDS = ("auth", "cache", "redis", "retry", "schema", "deploy", "python", "queue", "token", "index")
BATCH = 500


def main() -> int:
    """Measure, print a table, and say whether the goals were met."""
    given = options(__doc__, runs=7, count=10_000).parse_args()
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        ident = fill(project, given.count)
        return measure(Path(name), project, ident, Program.of(given.bank), given.runs)


def fill(project: Path, count: int) -> str:
    """Make a bank with so many memories through the door; gives the id of one of them."""
    chance = Random(71)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    project.mkdir()
    way = Way(Author(Actor("bench", ""), lambda: start, chance.randbytes))
    init(project, way)
    bank = find_bank(project, environ={})
    made = []
    for first in range(0, count, BATCH):
        changes = []
        for number in range(first, min(first + BATCH, count)):
            kind = KINDS[number % len(KINDS)]
            text = " ".join(chance.choices(WORDS, k=60))
            new = NewRecord(
                f"{text}\n\n- {number}: {text}\n",
                kind,
                title=f"Memory {number}: {' '.join(chance.sample(WORDS, 3))}",
                tags=[*chance.sample(WORDS, 2), f"area-{number % 300}"],
                created=f"{start + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}",
                metadata={"sprint": number % 40},
            )
            drafted = draft(bank, new, way)
            changes.append(drafted.change)
            made.append(drafted.record.id)
        commit(bank, changes, "save", way)
    return made[len(made) // 2]


def measure(folder: Path, project: Path, ident: str, program: Program, runs: int) -> int:
    """Run everything in turn, so that a busy moment of the machine meets all alike."""
    command, env = program.command, program.environment(folder)
    commands = {
        "list --tag": (*command, "list", "--tag", "area-7", "--limit", "20"),
        "list --type --since --metadata": (
            *(*command, "list", "--type", "decision", "--since", "2024-06-01", "--metadata", "sprint=9"),
        ),
        "list": (*command, "list"),
        "recall": (*command, "recall", ident),
    }
    kept = project / ".memorybank" / ".state" / "records.cache"
    lines: dict[str, tuple[str, ...]] = {"import click, yaml": (program.python, "-c", "import click, yaml")}
    found: dict[str, list[float]] = {}
    peaks: dict[str, float] = {}
    for number in range(runs + 1):
        for name, line in {**lines, **commands}.items():
            for state in ("kept", "nothing kept") if name.startswith("list") else ("",):
                if state == "nothing kept":
                    kept.unlink(missing_ok=True)
                elif state and not kept.exists():
                    cost_of(commands["list"], project, env)
                cost = cost_of(line, project, env)
                if cost.status:
                    raise SystemExit(f"{' '.join(line)} ended with status {cost.status}")
                label = f"{name}, {state}" if state else name
                if state == "nothing kept":
                    # what was kept for a part of the types is not what `list` would keep
                    kept.unlink(missing_ok=True)
                if number:
                    found.setdefault(label, []).append(cost.cpu)
                    peaks[label] = max(peaks.get(label, 0.0), cost.megabytes)
    base = statistics.median(found["import click, yaml"])
    print(f"| command | CPU ms (median of {runs}) | ratio | goal | peak MB |")
    print("| --- | --- | --- | --- | --- |")
    met = True
    for label, costs in found.items():
        middle = statistics.median(costs)
        goal = 1.0 if label.startswith("import") else 0.0 if label.endswith("nothing kept") else GOAL
        met = met and (not goal or middle / base <= goal)
        print(f"| {label} | {middle * 1000:.1f} | {middle / base:.2f} | {goal or '-'} | {peaks[label]:.1f} |")
    print(f"\ngoals {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
