"""What a shell waits for a completion in a bank of many memories, in CPU time, against `import click` in the same run.

    python -m tests.benchmarks.completion [--bank .venv/bin/bank] [--count 10000] [--runs 7]

The words of a line come in variables, as bash, zsh and fish send them. Each kind of name is measured with what an
earlier command has kept (`.state/records.cache`, made by one `bank list`). The goals are those of a person who presses
the tab key: at most 150 ms on a machine where `import click` takes 40, which is a ratio of 3.7.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank import Bank
from tests.benchmarks.records import fill
from tests.running import MODULE, Cost, cost_of, environment

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
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bank", help="an installed bank script, to be measured instead of -m memorybank")
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--runs", type=int, default=7)
    given = options.parse_args()
    script = Path(given.bank).absolute() if given.bank else None
    python = str(script.with_name("python")) if script else sys.executable
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        fill(project, given.count)
        more(project)
        return measure(Path(name), project, python, (str(script),) if script else MODULE, given.runs)


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


def measure(folder: Path, project: Path, python: str, command: tuple[str, ...], runs: int) -> int:
    """Run everything in turn, so that a busy moment of the machine meets all alike."""
    installed = command != MODULE
    env = environment(**({"PYTHONPATH": ""} if installed else {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}))
    env["MEMORYBANK_HOME"] = str(folder / "home")
    cost_of((*command, "list"), project, env)
    shells = {what: asked("bash", line) for what, line in LINES.items()}
    shells |= {
        f"{what}, {shell}": asked(shell, LINES[what]) for shell in ("zsh", "fish") for what in ("sections", "ids")
    }
    lines: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {"import click": ((python, "-c", "import click"), env)}
    lines |= {name: (command, {**env, **variables}) for name, variables in shells.items()}
    found: dict[str, list[Cost]] = {name: [] for name in lines}
    for number in range(runs + 1):
        for name, (line, variables) in lines.items():
            cost = cost_of(line, project, variables)
            if cost.status:
                raise SystemExit(f"{name} ended with status {cost.status}")
            if number:
                found[name].append(cost)
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
