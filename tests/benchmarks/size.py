"""What one edit costs against the size of the file: CPU time, how it grows, and peak memory.

    python -m tests.benchmarks.size [--largest 10_000_000] [--runs 3]

The cost of starting (of the same edit in a file of 1 KB) is told apart, so that growth shows from the smallest size on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.running import MODULE, Cost, bullets, cost_of, environment, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable

CPU_GOAL = 1.0
MEMORY_GOAL = 300.0
# eight times the size may cost this much more, what it takes to start put aside; single doublings are at the mercy of
# what else the machine does
GROWTH_GOAL = 10.0
SMALLEST = 1_000


class Shape(NamedTuple):
    """One kind of file, how it is made in a given size, and the edit that is measured."""

    name: str
    file: str
    make: Callable[[int, str], str]
    words: tuple[str, ...]


def contract(size: int, template: str) -> str:
    """Fill the learnings of a new memory file."""
    head, mark, tail = template.partition("## Learnings\n")
    return f"{head}{mark}\n{bullets('Learning', size - len(template))}{tail}"


def one_list(size: int, _template: str) -> str:
    """Make one section of nothing but list items."""
    return f"# Log\n\n## Entries\n\n{bullets('Entry', size)}"


def small_sections(size: int, _template: str) -> str:
    """Make as many sections as are allowed, each with a paragraph and three items."""
    parts = ["# Log\n\n## Entries\n\n- none\n\n"]
    length = number = 0
    each = max(300, size // 50_000)
    while length < size:
        number += 1
        part = f"## Day {number}\n\nWhat happened that day, and why it *matters*.\n\n{bullets('Seen', each - 100)}\n"
        parts.append(part)
        length += len(part)
    return "".join(parts)


def prose(size: int, _template: str) -> str:
    """Make long paragraphs with a fence now and then."""
    part = "The quick brown fox jumps over the lazy dog, again and again, and is not tired.\n" * 12
    block = f"{part}\n```python\nprint('# no heading')\n```\n\n"
    return "# Text\n\n## Entries\n\n- none\n\n## Story\n\n" + block * (size // len(block) + 1)


NOTE = ("note", "One more thing was learned")
APPEND = ("edit", "docs/log.md#Entries", "--append", "- more")
SHAPES = (
    Shape("contract, `note`", ".memorybank/activeContext.md", contract, NOTE),
    Shape("one list, `edit --append`", "docs/log.md", one_list, APPEND),
    Shape("small sections, `edit --append`", "docs/log.md", small_sections, APPEND),
    Shape("prose, `edit --append`", "docs/log.md", prose, APPEND),
)


def main() -> int:
    """Measure every shape in every size and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--largest", type=int, default=10_000_000)
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    sizes = [given.largest]
    while sizes[0] // 2 >= SMALLEST:
        sizes.insert(0, sizes[0] // 2)
    print("| file, command | bytes | CPU s (least) | growth per doubling | peak MB |\n| --- | --- | --- | --- | --- |")
    met = True
    with tempfile.TemporaryDirectory() as name:
        for shape in SHAPES:
            met = table(shape, sizes, Path(name) / shape.name.partition(",")[0], given.runs) and met
    print(f"\ngoals {'met' if met else 'MISSED'}: {CPU_GOAL:.0f} s of CPU and {MEMORY_GOAL:.0f} MB at the largest size")
    return 0 if met else 1


def table(shape: Shape, sizes: list[int], project: Path, runs: int) -> bool:
    """Print one shape's rows; tells whether the goals were met."""
    make_bank(project)
    path = project / shape.file
    path.parent.mkdir(exist_ok=True)
    template = path.read_text(encoding="utf-8") if path.exists() else ""
    env = environment(PYTHONPYCACHEPREFIX=str(project / "compiled"))
    costs = []
    met = True
    for size in sizes:
        runs_here = [edit(shape, path, shape.make(size, template), env, project) for _ in range(runs)]
        costs.append(min(each.cpu for each in runs_here))
        memory = max(each.megabytes for each in runs_here)
        grown = grown_of(costs)
        growth = f"{grown[-1] / grown[-2]:.2f}" if len(grown) > 1 and grown[-2] > min(costs) / 4 else ""
        print(f"| {shape.name} | {path.stat().st_size:,} | {costs[-1]:.3f} | {growth} | {memory:.0f} |", flush=True)
        met = met and costs[-1] <= CPU_GOAL and memory <= MEMORY_GOAL
    grown = grown_of(costs)
    return met and (grown[-4] < min(costs) / 8 or grown[-1] / grown[-4] <= GROWTH_GOAL)


def grown_of(costs: list[float]) -> list[float]:
    """Give what each size cost above the floor: the least of all rows, for the smallest files cost nothing but it."""
    return [each - min(costs) for each in costs]


def edit(shape: Shape, path: Path, text: str, env: dict[str, str], project: Path) -> Cost:
    """Do one edit of a fresh file and give its cost."""
    path.write_text(text, encoding="utf-8")
    cost = cost_of((*MODULE, *shape.words), project, env)
    if cost.status:
        raise SystemExit(f"{' '.join(shape.words)} on {len(text)} bytes ended with status {cost.status}")
    return cost


if __name__ == "__main__":
    sys.exit(main())
