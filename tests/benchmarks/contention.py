"""How long one `bank note` takes while several processes write the same file, and whether every line is there.

python -m tests.benchmarks.contention [--writers 8] [--notes 60]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.running import MODULE, environment, make_bank

GOAL = 2.0
SIZE = 20_000
# one note after the other, timed as a user waits for it: from the start of the process to its end
WRITER = """
import subprocess, sys, time
name, count, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
for number in range(count):
    start = time.monotonic()
    words = ["note", f"token-{name}-{number}-end", "--timeout", "60"]
    done = subprocess.run([*command, *words], stdout=subprocess.DEVNULL)
    print(time.monotonic() - start, done.returncode, flush=True)
"""


def main() -> int:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--writers", type=int, default=8)
    options.add_argument("--notes", type=int, default=60)
    given = options.parse_args()
    print("| writers | notes | lines there | refused | median s | p95 s | worst s | notes per s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    met = True
    for writers in (1, given.writers):
        with tempfile.TemporaryDirectory() as name:
            met = row(Path(name), writers, given.notes) and met
    print(f"\ngoal {'met' if met else 'MISSED'}: p95 of {GOAL:.0f} s, every line there once, none refused")
    return 0 if met else 1


def row(project: Path, writers: int, notes: int) -> bool:
    """Let so many processes write, print one row, and tell whether the goal was met."""
    path = make_bank(project, SIZE) / "activeContext.md"
    env = environment(PYTHONPYCACHEPREFIX=str(project / "compiled"))
    start = time.monotonic()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, f"w{number}", str(notes), *MODULE],
            cwd=project,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(writers)
    ]
    rows = [line.split() for each in running for line in each.communicate()[0].split("\n") if line]
    took = time.monotonic() - start
    times = sorted(float(seconds) for seconds, _ in rows)
    refused = sum(status != "0" for _, status in rows)
    text = path.read_text(encoding="utf-8")
    there = sum(
        text.count(f"token-w{writer}-{number}-end\n") == 1 for writer in range(writers) for number in range(notes)
    )
    late = times[int(len(times) * 0.95)]
    print(
        f"| {writers} | {len(rows)} | {there} | {refused} | {statistics.median(times):.2f} | {late:.2f} "
        f"| {times[-1]:.2f} | {len(rows) / took:.1f} |",
        flush=True,
    )
    return late <= GOAL and there == writers * notes and not refused


if __name__ == "__main__":
    sys.exit(main())
