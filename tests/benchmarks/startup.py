"""What a cold command costs, in CPU time, against a bare `import click` in the same run.

    python -m tests.benchmarks.startup [--bank .venv/bin/bank] [--runs 21]

Without --bank the package is run as a module; a script that pip has installed starts a little faster.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.running import MODULE, Cost, cost_of, environment, make_bank

SIZE = 20_000
MEMORY_GOAL = 25.0
COMMANDS = {
    "load": (("load",), 1.3),
    "show": (("show", "activeContext.md#Decisions"), 2.0),
    "note": (("note", "The test database must be reset between runs"), 2.2),
}


def main() -> int:
    """Measure, print a table, and say whether the goals were met."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bank", help="an installed bank script, to be measured instead of -m memorybank")
    options.add_argument("--runs", type=int, default=21)
    given = options.parse_args()
    script = Path(given.bank).absolute() if given.bank else None
    # a script's own interpreter, so that both sides import the same click
    python = str(script.with_name("python")) if script else sys.executable
    command = (str(script),) if script else MODULE
    with tempfile.TemporaryDirectory() as name:
        return measure(Path(name), python, command, given.runs, installed=script is not None)


def measure(folder: Path, python: str, command: tuple[str, ...], runs: int, *, installed: bool) -> int:
    """Run everything in turn, so that a busy moment of the machine meets all alike."""
    project = folder / "project"
    make_bank(project, SIZE)
    # as after an install: compiled once, outside the checkout
    env = environment(**({"PYTHONPATH": ""} if installed else {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}))
    lines: dict[str, tuple[str, ...]] = {"import click": (python, "-c", "import click")}
    lines |= {name: (*command, *words) for name, (words, _) in COMMANDS.items()}
    found: dict[str, list[Cost]] = {name: [] for name in lines}
    for number in range(runs + 1):
        for name, line in lines.items():
            cost = cost_of(line, project, env)
            if cost.status:
                raise SystemExit(f"{' '.join(line)} ended with status {cost.status}")
            if number:
                found[name].append(cost)
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
