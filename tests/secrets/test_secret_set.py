"""What the scan finds in a large set of secrets and of innocent lines, to the case: each exception is named here.

The shapes are data, in `tests/cases/secrets`; a rule that finds more or less must change these lists.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from memorybank.secrets.context_rules import PLACE_RULES
from memorybank.secrets.rule_hits import anchors_of
from memorybank.secrets.rules import KEY_RULES
from memorybank.secrets.scan import find_secrets
from tests.secrets.secret_set import Sample, innocent_set, secret_set

if TYPE_CHECKING:
    from collections.abc import Iterable

SEED = 20261129
OTHER_SEEDS = (1, 2, 3)
PLACES = {
    "a list": "- {}",
    "a quote": "> {}",
    "a cell": "| a | {} | b |",
    "code": "`{}`",
    "indented": "        {}",
    "a comment": "# {}",
    "added": "+{}",
}
# shapes that are not found, and why
MISSED = {
    "yaml (letters): password: @@": "one plain word without quotes may describe a password: `password: required`",
    "provider Asana: 2/{digits:16}/{digits:16}:{hex:32}": "numbers and a digest, as in a path, without a prefix",
    "provider Okta: 00{url:40}": "no prefix beyond two digits; `SSWS` in the header before it is found",
}
# innocent lines that are taken for a secret, and why
ALARMS: dict[str, str] = {}


def is_found(sample: Sample) -> bool:
    """Whether one finding covers the secret from its first to its last letter."""
    start = sample.text.rindex(sample.secret)
    end = start + len(sample.secret)
    return any(each.start <= start and end <= each.end for each in find_secrets(sample.text))


def missed(samples: Iterable[Sample]) -> Counter[str]:
    return Counter(sample.name for sample in samples if not is_found(sample))


def test_the_set_is_large() -> None:
    assert len({sample.name for sample in secret_set(SEED)}) >= 300
    assert len(innocent_set(SEED)) >= 350


def test_each_shape_is_found_in_each_place_but_for_those_that_are_named() -> None:
    samples = secret_set(SEED)
    places = Counter(sample.name for sample in samples)
    assert missed(samples) == {name: places[name] for name in MISSED}


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_other_draws_of_each_shape_are_found_too(seed: int) -> None:
    samples = secret_set(seed)
    places = Counter(sample.name for sample in samples)
    assert missed(samples) == {name: places[name] for name in MISSED}


@pytest.mark.parametrize("seed", [SEED, *OTHER_SEEDS])
def test_innocent_lines_pass_but_for_those_that_are_named(seed: int) -> None:
    assert {line for line in innocent_set(seed) if find_secrets(line)} == set(ALARMS)


@pytest.mark.parametrize("place", PLACES)
def test_innocent_lines_pass_in_other_places(place: str) -> None:
    lines = [PLACES[place].format(line) for line in innocent_set(SEED)]
    assert [line for line in lines if find_secrets(line)] == []


def test_innocent_lines_pass_as_text_in_json() -> None:
    lines = [json.dumps({"text": f"see\n{line}\nand so on"}, ensure_ascii=False) for line in innocent_set(SEED)]
    assert [line for line in lines if find_secrets(line)] == []


def test_a_test_that_passed_is_no_password() -> None:
    for line in ("**Smoke PASS:** `e2e/w3-tour.spec.ts`", "PASS: k8s/e2e2/x1-y2.test.mjs", "Token: `a1/b2c/d3.py:7`"):
        assert find_secrets(line) == (), line


def test_base64_beside_the_same_words_is_a_secret() -> None:
    for sample in secret_set(SEED):
        if sample.name.startswith("label (b64"):
            assert is_found(sample), sample.name


def test_rules_that_search_long_runs_match_nothing_shorter() -> None:
    """Such a rule is tried in runs of 20 characters only: what it matches has to be that long."""
    shortest_run = 20
    for rule in KEY_RULES:
        parsed = re._parser.parse(rule.pattern)  # type: ignore[attr-defined]  # noqa: SLF001  the only reader of a pattern's width
        for anchor in anchors_of(rule) if rule.is_run else ():
            assert len(anchor) + rule.back + parsed.getwidth()[0] >= shortest_run, (rule.name, anchor)
            assert re.fullmatch(r"[\w.~+/=%-]+", anchor), (rule.name, anchor)
    assert not any(rule.is_run for rule in PLACE_RULES)
