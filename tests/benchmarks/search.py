"""What a search costs: CPU seconds of cold processes as ratios to a bare FTS5 query over the same rows, in turn.

Also what a stage of the work costs, the first index of many files, one changed file, and warm queries; with
`--semantic` searches by meaning too, over made-up vectors, as those of 10,000 entries take long to compute.
`--entries N --per-file M --size CHARACTERS`.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.running import MODULE, cost_of, environment, make_bank

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = ("ba", "co", "di", "fu", "ge", "ha", "ki", "lo", "mu", "ne", "pa", "ro", "su", "ta", "vi", "we")
# some four thousand words of two and three syllables
WORDS = ["".join(each) for count in (2, 3) for each in itertools.product(LETTERS, repeat=count)]
OLD = 1_700_000_000
RUNS = 7
BARE = """
import click, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("SELECT rowid FROM found WHERE found MATCH ? ORDER BY rank LIMIT 10", (sys.argv[2],)).fetchall()
"""


def text_of(number: int, size: int) -> str:
    """Give the text of a file: `size` characters of made-up words, the same for the same number."""
    chance = random.Random(number)
    words: list[str] = []
    length = 0
    while length < size:
        # a few words are in most files, most in a few
        words.append(WORDS[min(int(chance.paretovariate(0.35)), len(WORDS)) - 1])
        length += len(words[-1]) + 1
    return " ".join(words)


def fill(project: Path, count: int, size: int, per_file: int = 1) -> None:
    """Make a bank of `count` entries, so many in each memory."""
    make_bank(project)
    folder = project / ".memorybank" / "memories" / "fact"
    folder.mkdir(parents=True)
    for number in range(count // per_file):
        path = folder / f"fct-20261121-{number:06d}-made-up.md"
        path.write_text(
            f"---\nid: fct-20261121-{number:06d}\ntype: fact\ncreated: 2026-11-21T09:00:00Z\n---\n"
            f"# Fact {number}\n\n"
            + "".join(
                f"{f'## Part {part}{2 * chr(10)}' if part else ''}{text_of(number * per_file + part, size)}\n\n"
                for part in range(per_file)
            ),
            encoding="utf-8",
        )
        os.utime(path, (OLD, OLD))


def median(measure: Callable[[], float]) -> float:
    """Give the middle of several runs."""
    return statistics.median(measure() for _ in range(RUNS))


def main() -> int:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--entries", type=int, default=10_000)
    options.add_argument("--size", type=int, default=1000)
    options.add_argument("--per-file", type=int, default=1)
    options.add_argument("--semantic", action="store_true")
    given = options.parse_args()
    query = "bacodi fugeha kilomu"
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        fill(project, given.entries, given.size, given.per_file)
        env = environment(PYTHONPYCACHEPREFIX=f"{name}/compiled", HOME=name)
        cost_of((*MODULE, "search", query), project / "..", env)
        first = cost_of((*MODULE, "search", query), project, env)
        index = project / ".memorybank" / ".state" / "index.sqlite"
        match = " OR ".join(f'"{each}"' for each in query.split())
        bare = median(lambda: cost_of((sys.executable, "-c", BARE, str(index), match), project, env).cpu)
        cold = [cost_of((*MODULE, "search", query), project, env) for _ in range(RUNS)]
        again = statistics.median(each.cpu for each in cold)
        stage = (*MODULE, "load", "--stage", "implement", "--query", query)
        loaded = median(lambda: cost_of(stage, project, env).cpu)
        changed = project / ".memorybank" / "memories" / "fact" / "fct-20261121-000007-made-up.md"

        def one_changed() -> float:
            changed.write_text(changed.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
            os.utime(changed, (OLD, OLD + random.randrange(10_000)))
            return cost_of((*MODULE, "search", query), project, env).cpu

        one = median(one_changed)
        files = given.entries // given.per_file
        megabytes = index.stat().st_size / 1e6
        print(f"{given.entries} entries of {given.size} characters in {files} files; index {megabytes:.1f} MB\n")
        print("| what | CPU s | ratio | goal |\n| --- | --- | --- | --- |")
        print(f"| bare FTS5 query, `import click, sqlite3` | {bare:.3f} | 1.00 | |")
        print(f"| cold `bank search` | {again:.3f} | {again / bare:.2f} | 2 |")
        print(f"| cold `bank load --stage` | {loaded:.3f} | {loaded / bare:.2f} | 3 |")
        print(f"| one file changed | {one:.3f} | {one / again:.2f} of no change | 1.3 |")
        speed = f"{files / first.cpu:,.0f} files/s, {given.entries / first.cpu:,.0f} entries/s"
        print(f"| first index | {first.cpu:.1f} | {speed} | 1,000 files/s |")
        print(f"| peak MB, cold | {max(each.megabytes for each in cold):.0f} | | 40 |")
        warm(index, project)
        lexical = whole(project)
        print(f"| warm search with the look for changes, p50 | {lexical:.1f} ms | | 15 ms |")
        if given.semantic:
            by_meaning(index, project, query, env, bare)
    return 0


def whole(project: Path, *, semantic: bool = False) -> float:
    """Measure whole searches in a process that goes on: with the look for changes, and all that is around a query."""
    from memorybank import Bank

    bank = Bank.open(project)
    first = 1000 if semantic else 300
    costs = []
    for number in range(35):
        # every query is new
        query = f"{WORDS[first + number]} {WORDS[first + 100 + number]}"
        start = time.process_time()
        bank.search(query, semantic=semantic)
        costs.append((time.process_time() - start) * 1000)
    return statistics.median(costs[5:])


def by_meaning(index: Path, project: Path, query: str, env: dict[str, str], bare: float) -> None:
    """Measure searches by meaning, cold and warm; the vectors are random, the model is the real one."""
    import numpy as np

    from memorybank.recall.semantic.vector_file import NAME, Vectors, add

    db = sqlite3.connect(index)
    keys = [key for (key,) in db.execute("SELECT DISTINCT key FROM entry WHERE length")]
    db.close()
    rows = np.random.default_rng(7).standard_normal((len(keys), 384)).astype("f4")
    add(index.with_name(NAME), Vectors.of(keys, rows / np.linalg.norm(rows, axis=1, keepdims=True)))
    words = (*MODULE, "search", query, "--semantic")
    cost_of(words, project, env)
    cold = [cost_of(words, project, env) for _ in range(RUNS)]
    middle = statistics.median(each.cpu for each in cold)
    print(f"| cold `bank search --semantic` | {middle:.3f} | {middle / bare:.2f} | 6 |")
    print(f"| peak MB, cold, by meaning | {max(each.megabytes for each in cold):.0f} | | |")
    lexical, semantic = whole(project), whole(project, semantic=True)
    print(f"| warm search by meaning, p50 | {semantic:.1f} ms | {semantic - lexical:.1f} ms more | 15 ms more |")


def warm(index: Path, project: Path) -> None:
    """Compare warm queries with the bare ones, in one process."""
    from memorybank import Bank
    from memorybank.recall.filters import HitFilter
    from memorybank.recall.search import Query, search_in

    assert Bank.open(project)
    db = sqlite3.connect(index)
    chance = random.Random(3)
    ours, bare = [], []
    for _ in range(200):
        words = [chance.choice(WORDS) for _ in range(4)]
        match = " OR ".join(f'"{each}"' for each in words)
        start = time.process_time()
        db.execute("SELECT rowid FROM found WHERE found MATCH ? ORDER BY rank LIMIT 10", (match,)).fetchall()
        bare.append(time.process_time() - start)
        start = time.process_time()
        search_in(db, Query(" ".join(words), HitFilter()))
        ours.append(time.process_time() - start)
    db.close()
    p95 = [sorted(each)[int(len(each) * 0.95)] * 1000 for each in (ours, bare)]
    p50 = [statistics.median(each) * 1000 for each in (ours, bare)]
    print(f"| warm query, p50 | {p50[0]:.1f} ms | {p50[0] / p50[1]:.2f} of bare ({p50[1]:.1f} ms) | |")
    print(f"| warm query, p95 | {p95[0]:.1f} ms | {p95[0] / p95[1]:.2f} of bare ({p95[1]:.1f} ms) | 3 |")


if __name__ == "__main__":
    sys.exit(main())
