"""The judge is judged first: planted faults are found, correct merges have none, git's figures are as published."""

from __future__ import annotations

from random import Random

import pytest

from tests.running import FULL
from tests.team.histories.accounting import account, compare
from tests.team.histories.history import rows, run_history
from tests.team.histories.pairs import by_git, make_pair
from tests.team.histories.reading import TOKEN, cut
from tests.team.histories.table import Tally, interval
from tests.team.histories.versions import version

BASE = """# Notes

## Learnings

- k1k amber
- k2k birch
  - k3k cedar
- [ ] k4k delta

---

```sh
k5k ember
```

## Notes

- k6k falcon

## Notes

- k7k garden
- run the tests
- run the tests
"""
OURS = BASE.replace("- k2k birch\n", "- k2k birch\n- k8k ours\n").replace("[ ] k4k", "[x] k4k")
THEIRS = BASE.replace("- k7k garden\n", "- k7k garden\n- k9k theirs\n").replace("- k1k amber\n", "")
THEIRS = THEIRS.replace("k4k delta", "k4k delta drum")
GOOD = OURS.replace("- k7k garden\n", "- k7k garden\n- k9k theirs\n").replace("- k1k amber\n", "")
GOOD = GOOD.replace("k4k delta", "k4k delta drum")

PLANTED = {
    "an added bullet is lost": ("lost", GOOD.replace("- k8k ours\n", "")),
    "the other side's is lost": ("lost", GOOD.replace("- k9k theirs\n", "")),
    "a line of both is lost": ("lost", GOOD.replace("- k6k falcon\n", "")),
    "a tick is lost": ("lost", GOOD.replace("[x]", "[ ]")),
    "a word is lost": ("lost", GOOD.replace("delta drum", "delta")),
    "equal bullets are made one": ("lost", GOOD.replace("- run the tests\n", "", 1)),
    "a rule is taken for a repetition": ("lost", GOOD.replace("---\n", "")),
    "the end of a fence is lost": ("lost", GOOD.replace("ember\n```\n", "ember\n")),
    "a heading is lost": ("lost", GOOD.replace("## Notes\n", "", 1)),
    "a bullet is doubled": ("doubled", GOOD.replace("- k9k theirs\n", "- k9k theirs\n" * 2)),
    "a rule is doubled": ("doubled", GOOD.replace("---\n", "---\n\n---\n")),
    "a heading is doubled": ("doubled", GOOD.replace("## Learnings\n", "## Learnings\n\n## Learnings\n")),
    "a deleted bullet is back": ("revived", GOOD.replace("- k2k", "- k1k amber\n- k2k")),
    "a bullet is under another heading": ("misplaced", GOOD.replace("- k8k ours\n", "") + "- k8k ours\n"),
    "a bullet is under the other heading of that name": (
        "misplaced",
        GOOD.replace("- k9k theirs\n", "").replace("- k6k falcon\n", "- k6k falcon\n- k9k theirs\n"),
    ),
    "a nested item is at the top": ("misplaced", GOOD.replace("  - k3k", "- k3k")),
    "a bullet is in the fence": (
        "misplaced",
        GOOD.replace("- k6k falcon\n", "").replace("k5k ember\n", "k5k ember\n- k6k falcon\n"),
    ),
    "a bullet has lost its list": ("misplaced", GOOD.replace("- k6k falcon", "k6k falcon")),
    "the order is turned": ("disordered", GOOD.replace("- k7k garden\n- k9k theirs\n", "- k9k theirs\n- k7k garden\n")),
    "a line is nobody's": ("torn", GOOD.replace("---\n", "---\n\nsomething\n")),
    "the endings are mixed": ("endings", GOOD.replace("- k6k falcon\n", "- k6k falcon\r\n")),
    "the last ending is lost": ("endings", GOOD.removesuffix("\n")),
}


def test_a_correct_merge_has_no_fault() -> None:
    found = account(BASE, OURS, THEIRS, GOOD)
    assert (found.faults, found.conflicts, found.needed) == ([], 0, False)


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_fault_is_found(case: str) -> None:
    kind, result = PLANTED[case]
    assert result != GOOD
    assert kind in {found for found, _ in account(BASE, OURS, THEIRS, result).faults}


def conflict(ours: str, theirs: str) -> str:
    return f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"


def test_a_conflict_of_what_both_changed_is_needed() -> None:
    ours, theirs = BASE.replace("amber", "azure"), BASE.replace("amber", "apple")
    shown = BASE.replace("- k1k amber\n", conflict("- k1k azure\n", "- k1k apple\n"))
    found = account(BASE, ours, theirs, shown)
    assert (found.faults, found.needless, found.needless_blocks) == ([], False, 0)
    assert [kind for kind, _ in account(BASE, ours, theirs, ours).faults] == ["hidden"]
    both = BASE.replace("- k1k amber\n", "- k1k azure\n- k1k apple\n")
    assert "doubled" in {kind for kind, _ in account(BASE, ours, theirs, both).faults}
    one_side = BASE.replace("- k1k amber\n", conflict("- k1k azure\n", ""))
    assert "lost" in {kind for kind, _ in account(BASE, ours, theirs, one_side).faults}


def test_a_conflict_of_different_items_is_needless() -> None:
    ours, theirs = BASE.replace("amber", "azure"), BASE.replace("birch", "beech")
    shown = BASE.replace(
        "- k1k amber\n- k2k birch\n", conflict("- k1k azure\n- k2k birch\n", "- k1k amber\n- k2k beech\n")
    )
    found = account(BASE, ours, theirs, shown)
    assert (found.faults, found.needless, found.needless_blocks) == ([], True, 1)


def test_an_edit_against_a_deletion_has_to_be_shown() -> None:
    ours, theirs = BASE.replace("- k6k falcon\n", ""), BASE.replace("falcon", "finch")
    for result in (ours, theirs):
        assert [kind for kind, _ in account(BASE, ours, theirs, result).faults] == ["hidden"]
    shown = BASE.replace("- k6k falcon\n", conflict("", "- k6k finch\n"))
    assert account(BASE, ours, theirs, shown).faults == []


def test_the_two_directions_are_compared_without_their_order() -> None:
    assert compare("- k1k\n- k2k\n", "- k2k\n- k1k\n") == ""
    assert compare("- k1k\n- k2k\n", "- k2k\n")
    assert compare(conflict("a\n", "b\n"), conflict("b\n", "a\n")) == ""
    assert compare(conflict("a\n", "b\n"), "a\n")


def drop(lines: list[str], at: int, rng: Random) -> list[str]:
    return [*lines[:at], *lines[at + 1 :]]


def double(lines: list[str], at: int, rng: Random) -> list[str]:
    return [*lines[: at + 1], *lines[at:]]


def elsewhere(lines: list[str], at: int, rng: Random) -> list[str]:
    return [lines[at], *lines[:at], *lines[at + 1 :]]


@pytest.mark.parametrize("damage", [drop, double, elsewhere])
def test_damage_of_any_line_of_any_merge_is_found(damage: object) -> None:
    """A correct merge of a random pair is damaged in one line that has a token."""
    tried = 0
    for seed in range(400 if FULL else 60):
        pair = make_pair(seed, stamps=False)
        if pair.theirs == pair.base or pair.name.endswith(".jsonl") or "\r" in pair.base + pair.theirs:
            continue
        right = pair.theirs  # what is right when only one side changed anything
        assert account(pair.base, pair.base, right, right, name=pair.name).faults == []
        lines, rng = cut(right), Random(seed)
        states = version(lines).states
        places = [at for at, line in enumerate(lines) if len(TOKEN.findall(line)) == 1 and at > 6]
        places = [at for at in places if TOKEN.findall(lines[at])[0] in states]
        if not places:
            continue
        at = rng.choice(places)
        result = "\n".join(damage(lines, at, rng)) + "\n"  # type: ignore[operator]
        found = account(pair.base, pair.base, right, result, name=pair.name)
        assert found.faults, (damage, seed, lines[at])
        tried += 1
    assert tried > 30


def figures(*options: str) -> Tally:
    merge, tally = by_git(*options), Tally("")
    for seed in range(400 if FULL else 80):
        pair = make_pair(seed)
        if len({pair.base, pair.ours, pair.theirs}) == 3:
            result = merge(pair.name, pair.base, pair.ours, pair.theirs)
            tally.add(account(pair.base, pair.ours, pair.theirs, result, name=pair.name), str(seed))
    return tally


def test_git_stops_at_what_is_none_and_loses_little() -> None:
    """Published figures: 10 % needless on pairs that nobody stamps; a stamp on both sides is a conflict each time."""
    text = figures()
    assert text.needless_rate > 0.1
    assert text.wrong / text.merges < 0.2
    assert interval(text.needless, text.merges)[0] > 0.02


def test_a_union_is_wrong_in_a_third_without_a_word() -> None:
    """Published figure: 18 of 59."""
    union = figures("--union")
    assert (union.clean, union.needless) == (union.merges, 0)
    assert union.faults["doubled"]
    assert union.faults["revived"]
    assert 0.2 < union.wrong / union.merges < 0.6


def test_a_history_in_git_is_merged_and_rebased_both_ways() -> None:
    """By git's own merge, which needs no driver: it is the harness that is tried here."""
    tallies = rows("text")
    for seed in range(1, 20 if FULL else 2):
        run_history(seed, "text", tallies)
    assert all(tally.merges for tally in tallies.values())
    assert not any(tally.faults["lost"] for tally in tallies.values())
