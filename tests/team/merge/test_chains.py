"""Chains of merges: machines that edit one file and pull and push in turn, with conflicts that nobody settles.

A merge has the conflict blocks of earlier ones in its input. Each line has a word of its own, its token.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from memorybank.contracts.load import load_contract
from memorybank.team.merge import Labels, merge_files
from memorybank.team.merge.line_merge import Markers, marked_spans
from memorybank.team.reconcile import reconcile
from tests.running import FULL

TOKEN = re.compile(r"tok-[0-9]+")
WORDS = (
    "tangerine",
    "nectar",
    "comet",
    "lantern",
    "quartz",
    "velvet",
    "cobalt",
    "thistle",
    "falcon",
    "lilac",
    "lobster",
)
START = "# Shared\n\n- tok-1 kettle marble ribbon\n- tok-2 acorn ferry gravel\n"
EDITS = ("append", "insert", "reword", "remove", "move", "rewrite", "delete")
WEIGHTS = (4, 3, 3, 1.5, 1, 1, 0.6)


@dataclass
class Machine:
    """What one machine has, and what it had after its last merge."""

    text: str | None = START
    last: str | None = START


@dataclass
class Team:
    """Machines around a hub that has one text; `gone` are the lines that somebody took away."""

    name: str
    random: Random
    head: str | None = START
    gone: set[str] = field(default_factory=set)
    count: int = 2

    def edit(self, machine: Machine) -> None:
        self.count += 1
        line = f"tok-{self.count} {' '.join(self.random.sample(WORDS, 4))}"
        kind = self.random.choices(EDITS, WEIGHTS)[0]
        if machine.text is None or kind == "rewrite":
            self.gone |= {*TOKEN.findall(machine.text or "")}
            machine.text = f"# Shared\n\n{line}\n"
            return
        if kind == "delete":
            self.gone |= {*TOKEN.findall(machine.text)}
            machine.text = None
            return
        rows = machine.text.split("\n")
        free = [at for at, row in plain_rows(machine.text) if row.startswith("- ")]
        if kind in {"append", "insert"} or not free:
            at = self.random.choice(free) + 1 if free and kind == "insert" else len(rows) - 1
            rows[at:at] = ["", f"- {line}"] if rows[at - 1].startswith("tok-") else [f"- {line}"]
        elif kind == "reword":
            rows[self.random.choice(free)] += f" {self.random.choice(WORDS)}"
        else:
            row = rows.pop(self.random.choice(free))
            if kind == "move":
                rows.insert(min(self.random.choice(free), len(rows) - 1), row)
            else:
                self.gone |= {*TOKEN.findall(row)}
        machine.text = "\n".join(rows)

    def sync(self, machine: Machine) -> None:
        base, ours, theirs = (
            None if each is None else each.encode() for each in (machine.last, machine.text, self.head)
        )
        contract = load_contract(self.name)
        made = reconcile(base, ours, theirs, name=self.name, contract=contract, labels=Labels("here", "hub")).data
        text = made.decode() if made is not None else ""
        sides = {*TOKEN.findall(machine.text or ""), *TOKEN.findall(self.head or "")}
        outside = Counter(token for _, row in plain_rows(text) for token in TOKEN.findall(row))
        inside = {*TOKEN.findall(text)} - outside.keys()
        assert sides - self.gone <= outside.keys() | inside, "lost"
        assert [token for token, count in outside.items() if count > 1] == [], "doubled"
        within = {token for start, end in marked_spans(text) for token in TOKEN.findall(text, start, end)}
        assert outside.keys() & within == set(), "in a conflict, and outside of it"
        machine.text = machine.last = self.head = text if made is not None else None


def plain_rows(text: str) -> list[tuple[int, str]]:
    """Return the lines outside of conflicts, with their numbers from 0."""
    found, is_inside = [], False
    for at, row in enumerate(text.split("\n")):
        is_inside = is_inside or row.startswith("<<<<<<<")
        found += [] if is_inside else [(at, row)]
        is_inside = is_inside and not row.startswith(">>>>>>>")
    return found


@pytest.mark.parametrize("name", ["memories/fact/shared.md", "activeContext.md", "notes.txt"])
@pytest.mark.parametrize("part", range(40 if FULL else 2))
def test_no_line_stands_in_a_conflict_and_outside_of_it(name: str, part: int) -> None:
    for seed in range(25 * part, 25 * part + 25):
        team = Team(name, Random(seed))
        machines = [Machine() for _ in range(team.random.choice([2, 3, 3]))]
        for _ in range(team.random.randint(6, 25)):
            machine = team.random.choice(machines)
            (team.sync if team.random.random() < 0.4 else team.edit)(machine)
        for machine in machines * 3:
            team.sync(machine)
        assert len({machine.text for machine in machines}) == 1, f"seed {seed}"


def test_the_check_of_chains_sees_a_line_in_a_conflict_and_outside_of_it() -> None:
    team = Team("notes.txt", Random(1), head="- tok-1 a\n<<<<<<< here\n- tok-1 b\n=======\n>>>>>>> hub\n")
    with pytest.raises(AssertionError, match="outside of it"):
        team.sync(Machine(text="", last=""))


INNER = "<<<<<<< a\none\n=======\ntwo\n>>>>>>> b\n"


def test_conflicts_are_not_nested() -> None:
    """A text that has an unresolved merge is in a new conflict above and below it."""
    text, blocks = Markers(Labels("c", "d")).blocks(f"above\n{INNER}below\n", "other\n")
    first, second = "<<<<<<< c\nabove\n=======\nother\n>>>>>>> d\n", "<<<<<<< c\nbelow\n=======\n>>>>>>> d\n"
    assert text == first + INNER + second
    assert blocks == (first, INNER, second)


def test_an_unresolved_merge_that_both_sides_have_is_left_out_of_a_conflict() -> None:
    text, blocks = Markers(Labels("c", "d")).blocks(f"above\n{INNER}same\n", f"other\n{INNER}same\n")
    assert text == f"<<<<<<< c\nabove\n=======\nother\n>>>>>>> d\n{INNER}same\n"
    assert len(blocks) == 1


def test_conflicts_within_conflicts_are_read_as_one() -> None:
    nested = f"<<<<<<< c\n{INNER}=======\n>>>>>>> d\n"
    assert marked_spans(f"x\n{nested}y\n{INNER}") == [(2, 2 + len(nested)), (4 + len(nested), 4 + len(nested + INNER))]
    # one that is not closed ends at the first end
    assert marked_spans(f"<<<<<<< c\n{INNER}") == [(0, 10 + len(INNER))]
    assert marked_spans("<<<<<<< c\nx\n") == []


@pytest.mark.parametrize("name", ["notes.md", "notes.txt"])
def test_the_lines_of_an_unresolved_merge_stay_together(name: str) -> None:
    base = f"# T\n\nx\n\n{INNER}\ny\n"
    merged = merge_files(base.encode(), base.replace("x", "X").encode(), base.replace("y", "Y").encode(), name=name)
    assert merged == (base.replace("x", "X").replace("y", "Y").encode(), ())


@pytest.mark.parametrize("by_ours", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_edits_of_a_file_that_somebody_else_deleted_meet_within_its_conflict(by_ours: bool, end: str) -> None:
    """One deletes a file, two edit it: the second edit is merged with the first, and the file is deleted or not."""
    base, one, other = (
        text.replace("\n", end).encode()
        for text in (
            "---\nid: a\n---\n# A\n\n- x\n",
            "---\nid: a\n---\n# A\n\n- x\n- y\n",
            "---\nid: a\n---\n# B\n\n- x\n",
        )
    )
    half = reconcile(base, None, one, name="a.md") if by_ours else reconcile(base, one, None, name="a.md")
    for sides in ((other, half.data), (half.data, other)):
        found = reconcile(base, *sides, name="a.md")
        both = reconcile(base, one, other, name="a.md").data
        again = reconcile(base, None, both, name="a.md") if by_ours else reconcile(base, both, None, name="a.md")
        assert found == again
    # who keeps it takes the markers off, and has the edit of others
    assert reconcile(half.data, one, found.data, name="a.md").data == both
    # who deletes it, too, while it was edited within the conflict, has the conflict
    left = reconcile(half.data, None, found.data, name="a.md")
    assert left.conflicts
    assert left.data == reconcile(base, None, both, name="a.md").data
