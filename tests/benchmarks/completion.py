"""What a shell waits for a completion in a bank of many memories, in CPU time, against `import click` in the same run.

    python -m tests.benchmarks.completion [--bank .venv/bin/bank] [--count 10000] [--runs 7]

The words of a line come in variables, as bash, zsh and fish send them. Each kind of name is measured with what an
earlier command has kept (`.state/records.cache`, made by one `bank list`). The goals are those of a person who presses
the tab key: at most 150 ms on a machine where `import click` takes 40, which is a ratio of 3.7.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank import Bank
from tests.benchmarks.cold import Line, Program, in_turn, options
from tests.benchmarks.records import fill
from tests.running import cost_of

GOAL = 3.7
SESSIONS = 60
# what is completed -> the line; its last word is not finished
LINES = {
    "commands": "bank no",
    "options": "bank list --",
    "kinds": "bank note x --as ",
    "types": "bank save x --type ",
    "stages": "bank load --stage ",
    "triggers": "bank load --for ",
    "files": "bank load ",
    "sections": "bank show ",
    "sections, begun": "bank show activeContext.md#",
    "ids": "bank recall ",
    "ids, begun": "bank recall fct",
    "tags": "bank list --tag ",
    "tasks": "bank task done ",
    "sessions": "bank session show ",
    "operations": "bank diff ",
    "plans": "bank plan show ",
    "facts": "bank paf review ",
    "groups": "bank group summary ",
    "workflows": "bank workflow show ",
    "bugs": "bank bug show ",
}


def asked(shell: str, line: str) -> dict[str, str]:
    """Return the variables that a shell sets when it asks for the end of a line."""
    words = line.split(" ")
    if shell == "fish":
        return {"_BANK_COMPLETE": "fish_complete", "COMP_WORDS": " ".join(words[:-1]), "COMP_CWORD": words[-1]}
    text = "\n".join(words) if shell == "bash" else line
    return {"_BANK_COMPLETE": f"{shell}_complete", "COMP_WORDS": text, "COMP_CWORD": str(len(words) - 1)}


def main() -> int:
    """Measure, print a table, and say whether the goals were met."""
    given = options(__doc__, runs=7, count=10_000).parse_args()
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        fill(project, given.count)
        more(project)
        return measure(Path(name), project, Program.of(given.bank), given.runs)


def more(project: Path) -> None:
    """Add what is not a memory: sessions, groups, tasks, plans, facts, bugs, workflows."""
    bank = Bank.open(project)
    for number in range(SESSIONS):
        bank.sessions.start(label=f"session-{number}")
        bank.end_session()
    for number in range(20):
        bank.tasks.add(f"Task number {number}")
        bank.plans.new(f"Plan number {number}")
        bank.groups.create(f"Group number {number}")
        bank.bugs.report(f"Bug number {number}")
        bank.pafs.add("AUTH", f"Fact number {number}")
    bank.workflows.start("BUILD", "Uploads survive a cut")


def measure(folder: Path, project: Path, program: Program, runs: int) -> int:
    """Measure every line and print the table."""
    env = program.environment(folder)
    env["MEMORYBANK_HOME"] = str(folder / "home")
    cost_of((*program.command, "list"), project, env)
    shells = {what: asked("bash", line) for what, line in LINES.items()}
    shells |= {
        f"{what}, {shell}": asked(shell, LINES[what]) for shell in ("zsh", "fish") for what in ("sections", "ids")
    }
    lines: dict[str, Line] = {"import click": ((program.python, "-c", "import click"), env)}
    lines |= {name: (program.command, {**env, **variables}) for name, variables in shells.items()}
    found = in_turn(lines, project, runs)
    base = statistics.median(each.cpu for each in found["import click"])
    print(f"| completed | CPU ms (median of {runs}) | ratio | goal |")
    print("| --- | --- | --- | --- |")
    met = True
    for name, costs in found.items():
        middle = statistics.median(each.cpu for each in costs)
        met = met and middle / base <= GOAL
        print(f"| {name} | {middle * 1000:.1f} | {middle / base:.2f} | {GOAL:.1f} |")
    print(f"\ngoals {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
