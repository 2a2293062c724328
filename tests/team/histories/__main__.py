"""`python -m tests.team.histories`: the table of merges and rebases of random histories."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.running import ROOT
from tests.team.histories.accounting import account, compare
from tests.team.histories.history import rows, run_history
from tests.team.histories.pairs import by_git, by_product, make_pair, real_texts
from tests.team.histories.table import HEAD, Tally
from tests.team.histories.verbs import run_verbs, verb_rows

WAYS = ("bank", "text", "union")


def main() -> int:
    """Run histories, and print a table and what was wrong with the product."""
    parser = argparse.ArgumentParser(prog="python -m tests.team.histories", description=main.__doc__)
    parser.add_argument("--count", type=int, default=20, help="histories in real git")
    parser.add_argument("--pairs", type=int, default=0, help="files merged without git")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ways", default=",".join(WAYS), help="bank, text (git's own merge), union")
    parser.add_argument("--real", action="store_true", help="begin with files of real banks")
    parser.add_argument("--verbs", action="store_true", help="also cherry-pick, revert, stash pop, crossed merges")
    parser.add_argument("--show", type=int, default=20, help="lines about faults of the product to print")
    parser.add_argument("--log", default="", help="a file for all of these lines")
    chosen = parser.parse_args()
    shared = Path(os.environ.get("MEMORYBANK_SHARED_DATA") or ROOT.parent / "shared" / "data")
    real = [*real_texts(shared / "memory-banks")] if chosen.real else []
    started, shown = time.monotonic(), []
    print(HEAD)
    for way in chosen.ways.split(","):
        tallies = rows(way) if chosen.count else {}
        if chosen.verbs:
            tallies |= verb_rows(way)
        for seed in range(chosen.seed, chosen.seed + chosen.count):
            run_history(seed, way, tallies, real=real)
            if chosen.verbs:
                run_verbs(seed, way, tallies)
        if chosen.pairs:
            tallies["pairs"] = merge_pairs(way, range(chosen.seed, chosen.seed + chosen.pairs), real)
        for tally in tallies.values():
            print(tally.row(), flush=True)
            if way == "bank":
                shown += tally.shown
    print(f"{time.monotonic() - started:.0f} s")
    print(*shown[: chosen.show], sep="\n")
    if chosen.log:
        Path(chosen.log).write_text("\n".join(shown) + "\n", encoding="utf-8")
    return bool(shown)


def merge_pairs(way: str, seeds: range, real: list[str]) -> Tally:
    """Merge files without git, both ways."""
    merge = by_product() if way == "bank" else by_git(*(("--union",) if way == "union" else ()))
    tally = Tally(f"{way}: files, both ways")
    for seed in seeds:
        pair = make_pair(seed, real=real[seed % len(real)] if real else "")
        if len({pair.base, pair.ours, pair.theirs}) < 3:
            continue
        result = merge(pair.name, pair.base, pair.ours, pair.theirs)
        found = account(pair.base, pair.ours, pair.theirs, result, name=pair.name)
        differs = compare(result, merge(pair.name, pair.base, pair.theirs, pair.ours))
        if differs:
            found.add("asymmetric", differs)
        tally.add(found, f"pair {seed}, {pair.name}")
    return tally


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        for each in [name for name in os.environ if name.startswith("MEMORYBANK_") and "SHARED" not in name]:
            del os.environ[each]
        sys.exit(main())
