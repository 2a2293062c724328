"""How well `bank search` finds: recall and nDCG over public question sets, through the real command on Markdown files.

Needs the folder of shared data (MEMORYBANK_SHARED_DATA, else ../shared/data beside the checkout); prints one row for
each set and says which goals were met. `--limit N` asks N questions of each set instead of all.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MEMORYBANK_SHARED_DATA", ROOT.parent / "shared" / "data")) / "retrieval"


class Row(NamedTuple):
    """One measurement: the set, how it is counted, typos put into each question, and the goals."""

    name: str
    level: str = "entry"
    typos: int = 0
    recall: float = 0.0
    ndcg: float = 0.0


ROWS = (
    Row("locomo", recall=0.74, ndcg=0.55),
    Row("locomo", level="session", recall=0.93),
    Row("cosqa", recall=0.57, ndcg=0.40),
    Row("devmem", ndcg=0.885),
    Row("locomo", typos=1),
    Row("locomo", typos=2),
)


def evaluation() -> Any:
    """Import the scorer that stands beside the data."""
    spec = importlib.util.spec_from_file_location("retrieval_eval", DATA / "eval.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no retrieval sets in {DATA}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Measure every row and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--limit", type=int)
    options.add_argument("--only", default="")
    given = options.parse_args()
    if not (DATA / "eval.py").is_file():
        raise SystemExit(f"no retrieval sets in {DATA}")
    score = evaluation()
    print("| set | counted by | typos | questions | recall@10 | nDCG@10 | goal |")
    print("| --- | --- | ---: | ---: | --- | --- | --- |")
    met = True
    plain = 0.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        os.environ["PYTHONPATH"] = str(ROOT)
        for row in ROWS:
            if given.only and row.name != given.only:
                continue
            limit = 400 if row.level == "session" else 50
            command = f"{sys.executable} -m memorybank search --json --limit {limit} --in {{dir}} -- {{query}}"
            questions = score.load(row.name, limit=given.limit)
            found = score.evaluate_cmd(questions, command, f"{folder}/sets", row.level, row.typos)
            recall, ndcg = found["recall@10"], found["ndcg@10"]
            is_met = recall >= row.recall and ndcg >= row.ndcg
            goal = f"{row.recall or ''} / {row.ndcg or ''}".strip()
            if row.typos:
                loss, most = 1 - recall / plain, (0.02, 0.08)[row.typos - 1]
                is_met, goal = loss <= most, f"{loss:.1%} lost, at most {most:.0%}"
            elif row == ROWS[0]:
                plain = recall
            met = met and is_met
            print(
                f"| {row.name} | {row.level} | {row.typos} | {found['n']} | {recall:.3f} | {ndcg:.3f} | "
                f"{goal}{'' if is_met else ' MISSED'} |",
                flush=True,
            )
    print(f"\ngoals {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
