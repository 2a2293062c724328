"""Machines that exchange bundles in any order end with the same memory: each line once, or in a visible conflict."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

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
