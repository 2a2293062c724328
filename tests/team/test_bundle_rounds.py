"""Machines that exchange bundles in any order end with the same memory: each line once, or in a visible conflict."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.running import bank, sampled
from tests.team.test_bundles import Machine, machines

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["machines"]


def test_both_sides_edits_merge_and_the_round_trip_converges(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    one.run("note", "from one")
    two.run("note", "from two")
    two.run("note", "a gotcha", "--as", "gotcha")
    assert two.apply(one.create())["activeContext.md"] == "merged"
    one.apply(two.create())
    assert one.texts() == two.texts()
    assert [one.lines().count(f"- from {name}") for name in ("one", "two")] == [1, 1]
    assert one.lines().count("- known to both") == 1


def test_what_was_applied_and_undone_is_not_deleted_where_it_came_from(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    one.run("note", "from one")
    one.run("save", "More of it", "--type", "fact", "--title", "More")
    two.run("note", "from two")
    before = two.texts()
    path = one.create()
    two.apply(path)
    after = two.texts()
    two.run("undo")
    assert two.texts() == before
    assert "removed" not in one.apply(two.create()).values()
    assert {"- from one", "- from two"} <= {*one.lines()}
    assert "take" in two.apply(path, "--dry-run").values()
    two.apply(path)
    assert two.texts() == after
    one.apply(two.create())
    assert one.texts() == two.texts()


def test_an_undo_that_is_undone_counts_as_applied(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    one.run("save", "More of it", "--type", "fact", "--title", "More")
    path = one.create()
    two.apply(path)
    two.run("undo")
    two.run("redo")
    assert set(two.apply(path).values()) == {"keep"}
    later = one.create("later.bundle", "--since", path)
    assert two.apply(later) == {}


def test_bundles_that_cross_converge_without_doubled_lines(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    for number in range(3):
        one.run("note", f"from one {number}")
        two.run("note", f"from two {number}")
        from_one, from_two = one.create(), two.create()
        one.apply(from_two)
        two.apply(from_one)
        one.run("note", f"later one {number}")
    two.apply(one.create())
    one.apply(two.create())
    assert one.texts() == two.texts()
    said = [f"- {word} {number}" for number in range(3) for word in ("from one", "from two", "later one")]
    assert [one.lines().count(each) for each in said] == [1] * len(said)


def test_random_edits_of_three_machines_converge(tmp_path: Path) -> None:
    chance = random.Random(7)
    one = Machine(tmp_path / "m0")
    one.run("note", "known to all")
    machines = [one]
    for number in (1, 2):
        machines.append(Machine(tmp_path / f"m{number}"))
        for path in machines[-1].bank.glob("*.md"):
            path.unlink()
        machines[-1].apply(one.create())
    written: list[str] = []
    for turn in range(12):
        source, target = chance.sample(machines, 2)
        for machine in (source, target):
            written.append(f"note {turn} of {machine.folder.name}")
            kind = chance.choice(("learning", "gotcha", "next"))
            machine.run("note", written[-1], "--as", kind)
        target.apply(source.create(f"{turn}.bundle"))
    for _ in range(2):
        for source in machines:
            for target in machines:
                if source is not target:
                    target.apply(source.create())
    assert machines[0].texts() == machines[1].texts() == machines[2].texts()
    text = b"\n".join(machines[0].texts().values()).decode()
    assert {each: text.count(each + "\n") for each in written} == dict.fromkeys(written, 1)


def apply(machine: Machine, path: str) -> None:
    """Apply a bundle; a conflict is an outcome, too."""
    ended = bank(machine.folder, "bundle", "apply", path)
    assert ended.returncode in {0, 1}, ended.stderr
    assert (ended.returncode == 1) == ("conflict: " in ended.stdout)


class Story:
    """Random work of three machines that exchange bundles, some late, some again, some crosswise."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.machines = [Machine(folder / "m0")]
        self.machines[0].run("note", "known to all")
        for number in (1, 2):
            self.machines.append(Machine(folder / f"m{number}"))
            for path in self.machines[-1].bank.glob("*.md"):
                path.unlink()
            self.machines[-1].apply(self.machines[0].create())
        self.there: set[str] = set()
        self.removed: set[str] = set()
        self.bundles: list[tuple[str, Machine]] = []

    def work(self, turn: int) -> None:
        machine = self.chance.choice(self.machines)
        if self.chance.random() < 0.75:
            line = f"line {turn} of {machine.folder.name}"
            machine.run("note", line, "--as", self.chance.choice(["learning", "gotcha", "next", "decision"]))
            self.there.add(line)
            return
        path = machine.bank / "activeContext.md"
        text = path.read_text(encoding="utf-8")
        mine = sorted(line for line in self.there if f"- {line}\n" in text)
        if mine:
            line = self.chance.choice(mine)
            path.write_text(text.replace(f"- {line}\n", ""), encoding="utf-8")
            self.there.remove(line)
            self.removed.add(line)

    def exchange(self, turn: int) -> None:
        source, target = self.chance.sample(self.machines, 2)
        self.bundles.append((source.create(f"{turn}.bundle"), source))
        if self.chance.random() < 0.7:
            apply(target, self.bundles[-1][0])
        if self.chance.random() < 0.6:
            path, source = self.chance.choice(self.bundles)
            apply(self.chance.choice([each for each in self.machines if each is not source]), path)


@pytest.mark.parametrize("seed", sampled(range(12), 6))
def test_a_line_that_was_removed_stays_removed_and_every_other_is_there_once(tmp_path: Path, seed: int) -> None:
    """The texts that a third machine had in between are in the bundles: without them such lines come back."""
    story = Story(tmp_path, seed)
    for turn in range(24):
        story.work(turn)
        if story.chance.random() < 0.5:
            story.exchange(turn)
    for _ in range(3):
        for source in story.machines:
            for target in story.machines:
                if source is not target:
                    apply(target, source.create())
    first, *others = [each.texts() for each in story.machines]
    assert all(each == first for each in others)
    text = b"\n".join(first.values()).decode()
    counts = {line: text.count(f"{line}\n") for line in story.there}
    assert 0 not in counts.values()
    if "<<<<<<<" not in text:
        assert set(counts.values()) <= {1}
    assert {line for line in story.removed if f"- {line}\n" in text} == set()
