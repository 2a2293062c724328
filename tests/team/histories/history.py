"""One history: a common bank, two to four writers on branches, and all ways to bring their work together."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.team.histories.accounting import FAULTS, account, compare
from tests.team.histories.by_bank import edit_by_bank
from tests.team.histories.editing import edit_text, stamp_at
from tests.team.histories.making import Words, make_bank
from tests.team.histories.pairs import with_tokens
from tests.team.histories.reading import TOKEN
from tests.team.histories.repository import Repository
from tests.team.histories.table import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.team.histories.repository import Step

ROWS = ("merge A <- B", "merge B <- A", "rebase A on B", "rebase B on A")


def rows(way: str) -> dict[str, Tally]:
    """Return empty rows for one way of merging."""
    return {row: Tally(f"{way}: {row}") for row in ROWS}


@contextmanager
def in_repository(way: str) -> Iterator[Repository]:
    """Give an empty repository in a folder of its own; the home is its own, too."""
    folder = Path(tempfile.mkdtemp(prefix="history-"))
    home = os.environ.get("HOME")
    repository = Repository(folder / "repository", way)
    os.environ["HOME"] = repository.environment["HOME"]
    try:
        yield repository
    finally:
        repository.close()
        if home is not None:
            os.environ["HOME"] = home
        shutil.rmtree(folder)


def run_history(seed: int, way: str, tallies: dict[str, Tally], *, real: Sequence[str] = ()) -> None:
    """Run one history, and count what became of each line."""
    with in_repository(way) as repository:
        writers = _write(Random(f"history {seed}"), repository, real)
        _bring_together(seed, repository, writers, tallies)


def _write(rng: Random, repository: Repository, real: Sequence[str]) -> list[str]:
    """Make the common bank and the branches of the writers; return the branches."""
    words = Words(rng)
    files = make_bank(words)
    if real:
        files |= {f"docs/real-{n}.md": with_tokens(text, words) for n, text in enumerate(rng.sample([*real], 2))}
    repository.begin(files)
    # writers meet in few files, as people who work on one thing do
    names = rng.sample([*files], rng.randint(2, 3))
    if real:
        names += [name for name in files if name.startswith("docs/real")]
    stamps = iter(rng.sample(range(20000), 400))
    writers = [f"w{number}" for number in range(rng.choice([2, 2, 2, 3, 4]))]
    twin = rng.random() < 0.1
    common = (rng.choice(names), next(words.numbers)) if twin else ("", 0)
    for writer in writers:
        repository.git("switch", "-q", "-c", writer, "main")
        if twin:
            name, number = common
            repository.write(name, edit_text(files[name], Words(Random(number), count(10**6 * number)), name))
        for number in range(rng.randint(1, 3)):
            for _ in range(rng.randint(1, 3)):
                edit(repository, words, names, stamps)
            repository.commit(f"{writer} {number}")
    return writers


def edit(repository: Repository, words: Words, names: Sequence[str], stamps: Iterator[int]) -> None:
    """Make one edit by the product or by hand."""
    if words.rng.random() < 0.4 and edit_by_bank(repository.tree, words):
        return
    name = words.rng.choice(names)
    if repository.path(name).exists():
        stamp = stamp_at(next(stamps)) if words.rng.random() < 0.5 else ""
        repository.write(name, edit_text(repository.read(name), words, name, stamp=stamp))


def _bring_together(seed: int, repository: Repository, writers: list[str], tallies: dict[str, Tally]) -> None:
    """Merge and rebase all writers, in their order and in the opposite one."""
    results: dict[str, dict[tuple[int, str], str]] = defaultdict(dict)
    for row, branches in (("merge A <- B", writers), ("merge B <- A", writers[::-1])):
        onto = branches[0]
        for number, branch in enumerate(branches[1:]):
            steps = repository.merge(onto, branch, label=f"merged-{number}")
            onto = f"merged-{number}"
            judge(tallies[row], steps, f"history {seed}, {row}, {number}")
            _all_there(tallies[row], steps, f"history {seed}, {row}, {number}")
            if len(writers) == 2:
                results[row].update({(number, step.name): step.result for step in steps if step.result is not None})
    first, second = (results[row] for row in ROWS[:2])
    for at in sorted(first.keys() & second.keys()):
        differs = compare(first[at], second[at])
        if differs:
            tallies[ROWS[0]].fault("asymmetric", f"history {seed}, {at[1]}: {differs}")
    for row, branches in (("rebase B on A", writers), ("rebase A on B", writers[::-1])):
        onto = branches[0]
        for number, branch in enumerate(branches[1:]):
            steps = repository.rebase(branch, onto, label=f"rebased-{number}")
            onto = f"rebased-{number}"
            judge(tallies[row], steps, f"history {seed}, {row}, {number}")


def judge(tally: Tally, steps: Sequence[Step], where: str, *, exact: bool = True) -> None:
    """Count the files that both sides changed, and check that git took the others as they are.

    Not `exact`: the base that git made from two others may have another order.
    """
    for step in steps:
        ours, theirs, result = step.ours, step.theirs, step.result
        if ours is None or theirs is None or result is None:
            continue  # git's own answer: a file that one side does not have
        base = step.base or ""
        if ours in (base, theirs) or theirs == base:
            if exact and result != (theirs if ours == base else ours):
                tally.fault("torn", f"{where}: {step.name} was changed by one side only")
            continue
        tally.add(account(base, ours, theirs, result, name=step.name), f"{where}, {step.name}")


def _all_there(tally: Tally, steps: Sequence[Step], where: str) -> None:
    """Look for lines over all files, as a record may be in another place now."""

    def tokens(part: str) -> set[str]:
        return {token for step in steps for token in TOKEN.findall(getattr(step, part) or "")}

    base, ours, theirs, result = (tokens(part) for part in ("base", "ours", "theirs", "result"))
    for token in sorted(((ours & theirs) | (ours - base) | (theirs - base)) - result):
        tally.fault("lost", f"{where}: {token} is in no file")


def wrong(tallies: dict[str, Tally]) -> list[str]:
    """Return what no merge may do."""
    return [line for tally in tallies.values() for line in tally.shown if line.split()[0] in FAULTS]
