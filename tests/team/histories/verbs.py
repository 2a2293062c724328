"""The other ways that git brings texts together: cherry-pick, revert, stash pop, and merges that cross."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.team.histories.history import edit, in_repository, judge
from tests.team.histories.making import Words, make_bank
from tests.team.histories.table import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.team.histories.repository import Repository, Step

    Write = Callable[[str, int, str], list[str]]

VERBS = ("cherry-pick", "revert", "stash pop", "crossed merges")


def verb_rows(way: str) -> dict[str, Tally]:
    """Return empty rows for one way of merging."""
    return {verb: Tally(f"{way}: {verb}") for verb in VERBS}


def run_verbs(seed: int, way: str, tallies: dict[str, Tally]) -> None:
    """Run one history of two writers, and bring their work together in each way."""
    with in_repository(way) as repository:
        rng = Random(f"verbs {seed}")
        words = Words(rng)
        files = make_bank(words)
        repository.begin(files)
        names, stamps = rng.sample([*files], 2), iter(rng.sample(range(20000), 400))

        def write(branch: str, commits: int, start: str = "main") -> list[str]:
            repository.git("switch", "-q", "-C", branch, start)
            made = []
            for number in range(commits):
                for _ in range(2):
                    edit(repository, words, names, stamps)
                made.append(repository.commit(f"{branch} {number}"))
            return made

        ours, theirs = write("ours", 2), write("theirs", 2)
        where = f"verbs {seed}"
        judge(tallies["cherry-pick"], _cherry_pick(repository, theirs[1]), where)
        judge(tallies["revert"], _revert(repository, ours[0]), where)
        judge(tallies["stash pop"], _stash_pop(repository, ours[1]), where)
        steps = _crossed(repository, write)
        judge(tallies["crossed merges"], steps, where, exact=False)


def _commit_after(repository: Repository, torn: dict[str, str | None]) -> str:
    repository.settle(torn)
    return repository.commit("settled")


def _steps(repository: Repository, commits: tuple[str, str, str], torn: dict[str, str | None]) -> list[Step]:
    base, ours, theirs = commits
    done = _commit_after(repository, torn)
    names = repository.changed(base, theirs)
    return [
        repository.step(name, base, ours, theirs, torn[name] if name in torn else repository.text(done, name))
        for name in sorted(names)
    ]


def _cherry_pick(repository: Repository, commit: str) -> list[Step]:
    repository.git("switch", "-q", "-C", "picked", "ours")
    repository.git("cherry-pick", "--allow-empty", "--keep-redundant-commits", commit, check=False)
    return _steps(repository, (f"{commit}^", "ours", commit), repository.stopped())


def _revert(repository: Repository, commit: str) -> list[Step]:
    repository.git("switch", "-q", "-C", "reverted", "ours")
    repository.git("revert", "--no-edit", commit, check=False)
    return _steps(repository, (commit, "ours", f"{commit}^"), repository.stopped())


def _stash_pop(repository: Repository, commit: str) -> list[Step]:
    """Put the changes of a commit into a stash, and pop it on the other branch."""
    repository.git("switch", "-q", "-C", "stashed", commit)
    repository.git("reset", "-q", "--mixed", f"{commit}^")
    repository.git("add", "-A")
    if not repository.git("status", "--porcelain"):
        return []
    repository.git("stash", "-q")
    repository.git("switch", "-q", "-C", "popped", "theirs")
    repository.git("stash", "pop", "-q", check=False)
    return _steps(repository, (f"{commit}^", "theirs", commit), repository.stopped())


def _crossed(repository: Repository, write: Write) -> list[Step]:
    """Merge both ways, go on with both, and merge again: the common ancestor is a merge of two."""
    for name, onto, other in (("left", "ours", "theirs"), ("right", "theirs", "ours")):
        repository.merge(onto, other, label=name)
    same = {*repository.changed("main", "left")} - repository.changed("left", "right")
    base = repository.git("rev-parse", "left")
    write("left", 1, "left")
    write("right", 1, "right")
    steps = repository.merge("left", "right", label="crossed", base=base)
    return [step for step in steps if step.name in same]
