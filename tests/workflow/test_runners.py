"""Runners: outputs of real runs, as they were printed, with the counts read and what is said of them as a proof."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from memorybank.process import ProcessResult
from memorybank.workflow.evidence.runners.recognise import plain, read_counts, runner_of
from memorybank.workflow.evidence.validity import faults_of_command, faults_of_run

if TYPE_CHECKING:
    from memorybank.workflow.evidence.runners.counts import Counts

CASES = Path(__file__).parents[1] / "cases" / "runners"
PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"


class Case(NamedTuple):
    name: str
    command: str
    exit_code: int
    counts: str
    proof: str
    output: str
    source: str


def read_case(path: Path) -> Case:
    head, _, output = path.read_text(encoding="utf-8").partition("\n\n")
    command, code, counts, proof, *source = (line.partition(" ")[2] for line in head.split("\n"))
    return Case(path.stem, command, int(code), counts, proof, output, "".join(source))


ALL = [read_case(path) for path in sorted(CASES.glob("*.txt"))]


def counted(counts: Counts | None) -> str:
    return "none" if counts is None else f"{counts.runner} {counts}"


def judged(case: Case) -> str:
    words = shlex.split(case.command)
    ran = ProcessResult("ended", case.exit_code, 0.0, b"")
    faults = faults_of_command(words, shell=False) + faults_of_run(ran, read_counts(case.output, words), words)
    return "; ".join(faults) or "yes"


@pytest.mark.parametrize("case", ALL, ids=[each.name for each in ALL])
def test_the_counts_of_a_real_run_are_read(case: Case) -> None:
    assert counted(read_counts(case.output, shlex.split(case.command))) == case.counts


@pytest.mark.parametrize("case", ALL, ids=[each.name for each in ALL])
def test_a_real_run_is_a_proof_or_the_reason_is_told(case: Case) -> None:
    assert judged(case) == case.proof


@pytest.mark.parametrize("case", ALL, ids=[each.name for each in ALL])
def test_behind_a_wrapper_the_output_alone_tells_the_same(case: Case) -> None:
    """`make test` does not name its runner; what it printed does."""
    named, bare = read_counts(case.output, shlex.split(case.command)), read_counts(case.output, ["make", "test"])
    if named is None or case.counts.split()[0] in ("trial", "nose2"):
        return
    assert bare is not None
    # several summaries of which a test may have printed some are refused
    if not bare.fault.startswith("there are several summaries"):
        assert (bare.passed, bare.ran, bare.rest, bare.unit) == (named.passed, named.ran, named.rest, named.unit)
        assert named.outside in bare.outside


@pytest.mark.parametrize("case", [each for each in ALL if each.source], ids=lambda case: case.name)
def test_a_case_says_where_its_output_is_from(case: Case) -> None:
    """`recorded` is what a run printed here, shortened; `published` is what others show of a run."""
    assert case.source.startswith(("recorded with ", "published: "))


def test_the_page_shows_runs_as_they_were_and_each_runner() -> None:
    rows = {
        f"| `{each.command}` | {each.exit_code} | {each.counts} | {each.proof.replace('|', chr(92) + '|')} |": each
        for each in ALL
    }
    table = PAGE.read_text(encoding="utf-8").partition("| command | exit |")[2].partition("\n\n")[0]
    shown = table.split("\n")[2:]
    assert [row for row in shown if row not in rows] == []
    assert {each.counts.split()[0] for each in ALL} == {rows[row].counts.split()[0] for row in shown}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("pytest -q", "pytest"),
        (".venv/bin/pytest", "pytest"),
        ("python -m pytest tests", "pytest"),
        ("uv run --with x pytest", "pytest"),
        ("coverage run -m pytest", "pytest"),
        ("python -m unittest discover", "unittest"),
        ("npx vitest run", "vitest"),
        ("node node_modules/.bin/jest", "jest"),
        ("node --test", "node"),
        ("cargo test --workspace", "cargo"),
        ("go test ./...", "go"),
        ("go vet ./...", ""),
        ("make test", ""),
        ("ruff check pytest", ""),
        ("cat pytest", ""),
        ("git log --grep jest", ""),
    ],
)
def test_a_runner_is_known_by_how_it_is_called(command: str, name: str) -> None:
    found = runner_of(shlex.split(command))
    assert (found.name if found else "") == name


def test_colours_and_carriage_returns_are_no_words() -> None:
    text = "\x1b[32m\x1b[1m====== 3 passed\x1b[0m\x1b[32m in 0.94s ======\x1b[0m\r\n"
    assert counted(read_counts(text, ["pytest"])) == "pytest 3/3"
    assert plain("\x1b]8;;http://x\x07link\x1b]8;;\x07") == "link"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all 12 passed",
        "12 passed in the end",
        "x" * 100_000,
        "1.." * 50_000,
        "ok " * 50_000,
        " 1 passing (" * 20_000,
    ],
    ids=range(7),
)
def test_other_words_are_no_counts_and_cost_little(text: str) -> None:
    assert read_counts(text) is None


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite tests="1"><testcase name="&a;"/></testsuite>',
        "<testsuite",
        "<testsuite><testcase></testsuite>",
        "<testsuite>" * 5000,
    ],
    ids=["entities", "cut", "crossed", "deep"],
)
def test_a_hostile_report_has_no_count(xml: str) -> None:
    found = read_counts(xml)
    assert found is None or (not found.ran and found.outside.startswith("JUnit was recognised"))


def test_a_report_that_claims_more_than_it_holds_does_not_add_up() -> None:
    found = read_counts('<testsuite tests="3"><testcase name="a"/></testsuite>')
    assert found is not None
    assert found.fault == "the report claims 3 tests but has 1"


def test_a_runner_behind_a_wrapper_without_a_count_is_named() -> None:
    found = read_counts("python -m pytest -qq\n...F.  [100%]\n", ["make", "test"])
    assert found is not None
    assert found.outside.startswith("pytest was recognised, but its output has no count")
    assert found.outside.endswith("bank prove … --report report.xml -- … --junitxml=report.xml")


def test_lines_with_a_service_before_each_are_read_by_service() -> None:
    """Docker Compose prints the lines of two services as they come."""
    text = (
        "api-1  | ..                    [100%]\nweb-1  | Test Suites: 1 passed, 1 total\n"
        "api-1  | 2 passed in 0.10s\nweb-1  | Tests:       3 passed, 3 total\n"
        "web-1  | Snapshots:   0 total\napi-1  | \napi-1 exited with code 0\n"
    )
    assert counted(read_counts(text, ["docker", "compose", "up"])) == "pytest + jest 5/5"


def test_a_table_or_a_log_is_no_output_of_services() -> None:
    assert read_counts("a | b\n- | -\nx | 2 passed in 0.10s\n", ["make"]) is None


def test_each_runner_that_a_shell_calls_is_counted() -> None:
    text = "..                    [100%]\n2 passed in 0.10s\n"
    both = "pytest -q tests/a && pytest -q tests/b"
    assert counted(read_counts(text * 2, [both])) == "pytest 4/4"
    missing = read_counts(text, ["pytest -q tests/a && npx jest"])
    assert missing is not None
    assert missing.outside.startswith("jest was recognised, but its output has no count")


@pytest.mark.parametrize(
    "piece", ["\n", " \n", "\t", "a", "1 ", "=", "a: b: ", "    at a (b)\n", '{"a":', "--- ", "[", "1) x\n   y\n"]
)
def test_a_long_output_of_one_kind_is_read_to_its_end(piece: str) -> None:
    """Each took minutes when one of the patterns went back over the text at every place."""
    assert read_counts(piece * (200_000 // len(piece)), ["make", "all"]) is None


JEST = (
    "FAIL ./a.test.js\n\nTest Suites: 1 failed, 1 total\nTests:       1 failed, 2 passed, 3 total\nTime:        1 s\n"
)


@pytest.mark.parametrize(
    "before",
    [
        *("@x/a: ", "a: ", "[@x/a]: ", "\N{BLACK RIGHTWARDS ARROWHEAD} YN0000: [a]: ", "a test | ", "#12 0.512 "),
        *("16:20:11 web.1  | ", "2026-11-29T16:43:52.1234567Z ", "[2026-11-29 16:43:52] "),
        *("web-1  | 2026-11-29T16:43:52.123456789Z ", "web-1  | ", "a:test: "),
    ],
)
def test_a_failure_is_seen_behind_a_name_or_a_time(before: str) -> None:
    """Lerna, yarn, bun, docker build, foreman, docker compose -t: each line begins in another form."""
    text = "".join(f"{before}{line}\n" for line in JEST.splitlines())
    assert counted(read_counts(text, ["make", "test"])) == "jest 2/3"


def test_the_end_of_a_line_may_have_two_carriage_returns() -> None:
    assert counted(read_counts(JEST.replace("\n", "\r\r\n"), ["npx", "jest"])) == "jest 2/3"


def test_a_number_without_end_is_no_count() -> None:
    """Python refuses to read it; the run crashed."""
    assert read_counts(f"{'9' * 5000} passed in 0.10s\n", ["pytest", "-q"]) is None
    assert read_counts(f'<testsuite tests="{"9" * 5000}"><testcase name="a"/></testsuite>') is not None


def test_a_run_of_more_than_a_day_is_counted() -> None:
    text = f"{'=' * 9} test session starts {'=' * 9}\n\n{'=' * 9} 1 passed in 90000.00s (1 day, 1:00:00) {'=' * 9}\n"
    assert counted(read_counts(text, ["pytest"])) == "pytest 1/1"


def test_make_says_that_it_ignores_a_failure_in_any_language() -> None:
    found = read_counts("built\nmake: [Makefile:2: test] Fehler 1 (ignoriert)\n", ["make", "test"])
    assert found is not None
    assert found.outside == "make says: make: [Makefile:2: test] Fehler 1 (ignoriert)"


def test_a_page_that_a_test_printed_is_no_document_type() -> None:
    """Tests of web pages print HTML, which stands in the report as it is."""
    page = "<![CDATA[<!DOCTYPE html><p>]]>"
    xml = f'<testsuite tests="1"><testcase name="a"/><system-out>{page}</system-out></testsuite>'
    assert counted(read_counts(xml)) == "JUnit 1/1"
