"""What `bank corrections load` costs cold, against a bare `import click` in the same run: CPU time and memory.

python -m tests.benchmarks.corrections [--bank .venv/bin/bank] [--count 2000] [--runs 21]
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.cold import Line, Program, in_turn, options
from tests.running import ROOT

CPU_GOAL, MEMORY_GOAL = 4.0, 33.0
COMMANDS = {
    "load": ("corrections", "load"),
    "load, tokens": ("corrections", "load", "--budget-tokens", "1000"),
    "load, recency": ("corrections", "load", "--strategy", "recency"),
    "search": ("corrections", "search", "deploy port17"),
}
# what the goals are for
MEASURED = ("load", "load, tokens", "load, recency")
_WORDS = (
    "the build test deploy server config file branch port never always use run install before after with without "
    "staging docker pnpm npm pytest flag verbose folder module name"
)


def make(project: Path, count: int) -> None:
    """Make a bank with corrections that wait, one each hour back from now."""
    from memorybank import Bank
    from memorybank.records.corrections.correction import Correction, Origin, Premise
    from memorybank.records.corrections.ledger import append_found
    from memorybank.store.discover import find_bank
    from memorybank.times import stamp_of

    Bank.init(project)
    chance = random.Random(1)
    words = _WORDS.split()
    now = datetime.now(UTC)
    rows = []
    for number in range(count):
        text = " ".join(chance.choices(words, k=chance.randint(6, 24)))
        premise = Premise(" ".join(chance.choices(words, k=40)))
        said = stamp_of(now - timedelta(hours=number))
        origin = Origin("claude-code", f"session-{number // 20}", "session.jsonl", number, number, said)
        rows.append(
            Correction(
                f"cor-{said[:10].replace('-', '')}-{number:05}",
                "marker",
                text,
                premise,
                origin,
                values=(f"port{number}",),
                tier=chance.choice(("critical", "high", "medium", "low")),
                position=chance.random(),
            )
        )
    append_found(find_bank(project, environ={}), rows, at=stamp_of(now))


def main() -> int:
    """Measure, print a table, and say whether the goals were met."""
    given = options(__doc__, runs=21, count=2000).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = folder / "project"
        program = Program.of(given.bank)
        env = {**program.environment(folder), "HOME": name, "MEMORYBANK_HOME": f"{name}/home"}
        # the memory of a child is never less than that of this process: what makes the bank is another one
        code = (
            f"import sys; from tests.benchmarks.corrections import Path, make; make(Path(sys.argv[1]), {given.count})"
        )
        line = (sys.executable, "-c", code, str(project))
        subprocess.run(line, check=True, env={**env, "PYTHONPATH": str(ROOT)})
        return measure(project, program, env, given.runs, given.count)


def measure(project: Path, program: Program, env: dict[str, str], runs: int, count: int) -> int:
    """Measure every command and print the table."""
    lines: dict[str, Line] = {"import click": ((program.python, "-c", "import click"), env)}
    lines |= {name: ((*program.command, *words), env) for name, words in COMMANDS.items()}
    found = in_turn(lines, project, runs)
    base = statistics.median(each.cpu for each in found["import click"])
    print(f"| command | CPU ms (median of {runs}) | ratio | goal | peak MB |")
    print("| --- | --- | --- | --- | --- |")
    met = True
    for name, costs in found.items():
        middle = statistics.median(each.cpu for each in costs)
        memory = max(each.megabytes for each in costs)
        goal = f"{CPU_GOAL:.1f}" if name in MEASURED else ""
        met = met and (name not in MEASURED or (middle / base <= CPU_GOAL and memory <= MEMORY_GOAL))
        print(f"| {name} | {middle * 1000:.1f} | {middle / base:.2f} | {goal} | {memory:.1f} |")
    print(f"\n{count} corrections; goals {'met' if met else 'MISSED'} (memory: {MEMORY_GOAL:.0f} MB)")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
