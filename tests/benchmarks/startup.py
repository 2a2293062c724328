"""What a cold command costs, in CPU time, against a bare `import click` in the same run.

    python -m tests.benchmarks.startup [--bank .venv/bin/bank] [--runs 21]

Without --bank the package is run as a module; a script that pip has installed starts a little faster.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.cold import Line, Program, in_turn, options
from tests.running import make_bank

SIZE = 20_000
MEMORY_GOAL = 25.0
COMMANDS = {
    "load": (("load",), 1.3),
    "show": (("show", "activeContext.md#Decisions"), 2.0),
    "note": (("note", "The test database must be reset between runs"), 2.2),
}


def main() -> int:
    """Measure, print a table, and say whether the goals were met."""
    given = options(__doc__, runs=21).parse_args()
    with tempfile.TemporaryDirectory() as name:
        return measure(Path(name), Program.of(given.bank), given.runs)


def measure(folder: Path, program: Program, runs: int) -> int:
    """Measure every command and print the table."""
    project = folder / "project"
    make_bank(project, SIZE)
    env = program.environment(folder)
    lines: dict[str, Line] = {"import click": ((program.python, "-c", "import click"), env)}
    lines |= {name: ((*program.command, *words), env) for name, (words, _) in COMMANDS.items()}
    found = in_turn(lines, project, runs)
    base = statistics.median(each.cpu for each in found["import click"])
    print(f"| command | CPU ms (median of {runs}) | ratio | goal | peak MB |")
    print("| --- | --- | --- | --- | --- |")
    met = True
    for name, costs in found.items():
        middle = statistics.median(each.cpu for each in costs)
        memory = max(each.megabytes for each in costs)
        goal = COMMANDS[name][1] if name in COMMANDS else 1.0
        met = met and middle / base <= goal and (name != "note" or memory <= MEMORY_GOAL)
        print(f"| {name} | {middle * 1000:.1f} | {middle / base:.2f} | {goal:.1f} | {memory:.1f} |")
    print(f"\nfiles of {SIZE // 1000} KB; goals {'met' if met else 'MISSED'} (memory of note: {MEMORY_GOAL:.0f} MB)")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
