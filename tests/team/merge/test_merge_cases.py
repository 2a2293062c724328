"""The golden merges: files in `cases/merges` have many, each with base, ours, theirs and what must come of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from memorybank.contracts.load import load_contract
from memorybank.document.conflicts import find_conflicts
from memorybank.document.sections import outline
from memorybank.document.source import Source
from memorybank.team.merge import merge_files
from tests.team.merge.histories import lines_in

FOLDER = Path(__file__).parents[2] / "cases" / "merges"
FENCE = "~" * 8


class Case(NamedTuple):
    title: str
    name: str
    texts: dict[str, bytes]


def cases_in(text: str) -> list[Case]:
    found = []
    for part in re.split(rf"^# (?=[^\n]+\n\n{FENCE} )", text, flags=re.MULTILINE)[1:]:
        blocks = re.findall(rf"^{FENCE} (\w+)(?: (\S+))?\n(.*?)^{FENCE}$", part, re.MULTILINE | re.DOTALL)
        texts = {key: each.encode() for key, _, each in blocks}
        found.append(Case(part.partition("\n")[0], blocks[-1][1], texts))
    return found


CASES = [case for path in sorted(FOLDER.glob("*.md")) for case in cases_in(path.read_text(encoding="utf-8"))]


def test_the_cases_are_read() -> None:
    assert len(CASES) > 60
    assert all({"ours", "theirs", "merged"} <= set(case.texts) for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_merge_is_as_its_case_says(case: Case) -> None:
    texts, contract = case.texts, load_contract(case.name)
    merged = merge_files(texts.get("base"), texts["ours"], texts["theirs"], name=case.name, contract=contract)
    assert merged.data.decode() == texts["merged"].decode()
    marked = find_conflicts(outline(Source(merged.data), case.name, contract=contract is not None))
    old = sum(each.count(b"<<<<<<< ") for key, each in texts.items() if key == "ours")
    assert len(marked) - old == len(merged.conflicts) or old
    mirrored = merge_files(texts.get("base"), texts["theirs"], texts["ours"], name=case.name, contract=contract)
    # the order of tags is that of the first side
    assert _in_any_order(mirrored.data) == _in_any_order(merged.data)


def _in_any_order(data: bytes) -> list[list[str]]:
    return sorted(sorted(re.split(r"[\[\], ]+", line)) for line in lines_in(data).elements())
