"""Reports that runners wrote, shortened to what is counted, and what is read from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memorybank.workflow.evidence.runners.recognise import read_counts, read_report

REPORTS = Path(__file__).parents[1] / "cases" / "reports"
EXPECTED = {
    "jest.json": "jest 2/2, 1 skipped, 1 todo, 1 expected to fail, 1 rerun",
    "vitest-file.json": "vitest 3/3; 1 test file failed outside the tests",
    "vitest-after.json": "vitest 3/3; 1 test file failed outside the tests",
    "mocha.json": "mocha 2/2, 2 skipped, 1 rerun",
    "playwright.json": "playwright 5/6, 2 skipped, 1 expected to fail, 2 rerun",
    "pytest.json": "pytest 3/3, 1 skipped, 1 expected to fail, 1 other",
    "pytest-import.json": "pytest 2/2; 1 file failed outside the tests",
    "pytest-rerun.json": "pytest 1/1, 1 rerun",
    "pytest-reruns.xml": "JUnit 2/2, 1 rerun",
    "pytest-subtests.xml": "JUnit 3/4",
    "pytest-teardown.xml": "JUnit 2/3, 1 skipped, 1 expected to fail",
    "node.xml": "JUnit 7/7, 1 skipped, 1 todo",
    "playwright.xml": "JUnit 4/4, 2 skipped",
    "surefire-flaky.xml": "JUnit 2/3, 2 rerun",
    "suite-error.xml": "JUnit 1/1; failures that the report claims: 1, those of its tests: 0",
}


def told(text: str) -> str:
    return " & ".join(
        "; ".join(part for part in (f"{each.runner} {each}", each.fault, each.outside) if part)
        for each in read_report(text)
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_a_report_is_counted(name: str) -> None:
    assert told((REPORTS / name).read_text(encoding="utf-8")) == EXPECTED[name]


def test_every_report_is_expected() -> None:
    assert {path.name for path in REPORTS.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("jest.json", ["numTotalTests"]),
        ("vitest-file.json", ["numTotalTests"]),
        ("playwright.json", ["stats", "unexpected"]),
        ("pytest.json", ["summary", "total"]),
    ],
)
def test_a_report_with_fewer_tests_than_it_claims_does_not_add_up(name: str, path: list[str]) -> None:
    value = json.loads((REPORTS / name).read_text(encoding="utf-8"))
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = 99
    assert "the report claims " in told(json.dumps(value))


def test_a_report_that_says_it_failed_is_no_proof_though_its_tests_passed() -> None:
    value = json.loads((REPORTS / "jest.json").read_text(encoding="utf-8"))
    value["success"] = False
    assert told(json.dumps(value)).endswith("; the report says that the run failed")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"numTotalTests": 1}',
        '{"numTotalTests": "x", "testResults": []}',
        '{"stats": {"passes": "many"}}',
        '{"suites": [], "stats": {"unexpected": 0}}',
        '{"exitcode": 0, "summary": {"total": null}}',
        '{"numTotalTests": ' + "[" * 100_000,
        "{" * 100_000 + '"passes"',
    ],
    ids=range(8),
)
def test_other_json_is_no_report(text: str) -> None:
    assert told(text) == ""


def test_a_printed_report_is_found_among_other_lines() -> None:
    report = (REPORTS / "mocha.json").read_text(encoding="utf-8")
    found = read_counts(f"> mocha --reporter json\n{{ not json\n{report}done\n", ["npm", "test"])
    assert str(found) == "2/2, 2 skipped, 1 rerun"
