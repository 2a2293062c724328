"""What the search for secrets costs, in CPU time against floors of the same run.

    python -m tests.benchmarks.secrets [--runs 11]

Importing it is measured against `import click`, which every command pays; reading against `str.lower` and one regular
expression for words over the same text.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank.secrets.scan import find_secrets
from tests.benchmarks.cold import options
from tests.running import environment
from tests.secrets.secret_samples import innocent_lines, told_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20261121
IMPORT_GOAL = 0.3
READ_GOAL = 8.0
IMPORTS = (
    "import re, math, itertools, binascii, typing, memorybank.contracts, time; before = time.process_time(); "
    "import memorybank.secrets.scan; between = time.process_time(); import click; "
    "print((between - before) / (time.process_time() - between))"
)


def main() -> int:
    """Measure, print a table, and say whether the goals were met."""
    runs = options(__doc__, runs=11).parse_args().runs
    lines = [*innocent_lines(SEED), *(line for _, _, line in told_secrets(SEED))] * 10
    text = "\n".join(lines)
    word = re.compile(r"\w+")
    floor = _seconds(lambda: (text.lower(), word.findall(text)), runs)
    read = _seconds(lambda: find_secrets(text), runs)
    imported = _import_ratio(runs)
    print("| what | ratio | goal | |")
    print("| --- | --- | --- | --- |")
    print(f"| import, to click's | {imported:.2f} | {IMPORT_GOAL} | |")
    rate = f"{len(lines) / read:,.0f} lines/s"
    print(f"| read mixed lines, to lower and words | {read / floor:.2f} | {READ_GOAL} | {rate} |")
    met = imported <= IMPORT_GOAL and read / floor <= READ_GOAL
    print(f"\n{len(lines)} lines, {len(text) / 1e6:.2f} MB; goals {'met' if met else 'MISSED'}")
    return 0 if met else 1


def _seconds(work: Callable[[], object], runs: int) -> float:
    costs = []
    for _ in range(runs + 1):
        begun = time.process_time()
        work()
        costs.append(time.process_time() - begun)
    return statistics.median(costs[1:])


def _import_ratio(runs: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        env = environment(PYTHONPYCACHEPREFIX=folder)
        line = [sys.executable, "-c", IMPORTS]
        found = [subprocess.run(line, capture_output=True, check=True, text=True, env=env) for _ in range(runs + 1)]
    return statistics.median(float(each.stdout) for each in found[1:])


if __name__ == "__main__":
    sys.exit(main())
