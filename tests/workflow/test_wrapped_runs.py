"""Runners behind other programs: what stands before, around or in front of each line of an output changes no count."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from memorybank.process import ProcessResult
from memorybank.workflow.evidence.runners.recognise import RUNNERS, plain, read_counts
from memorybank.workflow.evidence.validity import faults_of_run
from tests.workflow.test_runners import ALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.workflow.evidence.runners.counts import Counts

MAKE = ["make", "test"]
# each wrapper is tried with each so-many-th output
STEP = 1 if os.environ.get("MEMORYBANK_FULL") else 15


def in_front(form: str) -> Callable[[str], str]:
    """Put something before each line; `{}` in it are the seconds and their parts."""

    def change(text: str) -> str:
        rows = enumerate(text.split("\n"))
        return "".join(f"{form.format(s=at % 60, u=at * 137 % 1000, m=at // 60 % 60)}{line}\n" for at, line in rows)

    return change


def around(before: str, after: str = "", form: str = "") -> Callable[[str], str]:
    inside = in_front(form)
    return lambda text: before + (inside(text) if form else text) + after


WRAPPERS: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "a terminal in a terminal": lambda text: text.replace("\n", "\r\r\n"),
    "bold": lambda text: "\n".join(
        f"\x1b[1m\x1b[32m{line}\x1b[0m\x1b[K" if line else line for line in text.split("\n")
    ),
    "GitHub's raw log": in_front("2026-11-29T18:{m:02d}:{s:02d}.0000{u:03d}Z "),
    "GitLab's raw log": in_front("2026-11-29T18:{m:02d}:{s:02d}.000{u:03d}Z 01O "),
    "Jenkins' times": in_front("[2026-11-29T18:{m:02d}:{s:02d}.{u:03d}Z] "),
    "a log with a comma": in_front("2026-11-29 18:{m:02d}:{s:02d},{u:03d} "),
    "a clock in brackets": in_front("[18:{m:02d}:{s:02d}] "),
    "syslog": in_front("Nov 29 18:{m:02d}:{s:02d} host ci[812]: "),
    "syslog without a host": in_front("Nov 29 18:{m:02d}:{s:02d} "),
    "seconds": in_front("{s}.{u:03d} "),
    "foreman": in_front("18:{m:02d}:{s:02d} web.1  | "),
    "docker compose up": in_front("app-1  | "),
    "docker compose up in a log": in_front("2026-11-29T18:{m:02d}:{s:02d}.000{u:03d}Z app-1  | "),
    "docker compose run": around(" Container app-db-1  Creating\n Container app-db-1  Created\n"),
    "docker build": around("#8 CACHED\n\n", "#9 DONE 3.1s\n\n#10 exporting\n#10 DONE 0.1s\n", "#9 {s}.{u:03d} "),
    "turbo": in_front("@scope/web:test: "),
    "concurrently": in_front("[0] "),
    "pnpm": around("packages/web test$ run-it\n", "packages/web test: Done\n", "packages/web test: "),
    "pnpm that draws": around(
        "Scope: 2 of 3 workspace projects\npackages/web test$ run-it\n",
        "\N{BOX DRAWINGS LIGHT UP AND RIGHT}\N{BOX DRAWINGS LIGHT HORIZONTAL} Done in 1.2s\n",
        "\N{BOX DRAWINGS LIGHT VERTICAL} ",
    ),
    "a bar": in_front("| "),
    "nx": around("\n> nx run web:test\n\n", "\n\n NX   Successfully ran target test for project web (2s)\n\n"),
    "npm": around(
        "\n> web@1.0.0 test\n> run-it\n\n", "\nnpm notice\nnpm notice New version of npm: 11.1.0 -> 11.2.0\n"
    ),
    "make": around("make[1]: Entering directory '/src/app'\n", "\nmake[1]: Leaving directory '/src/app'\n"),
    "tox": around(
        "py311: commands[0]> run-it\n", "\n  py311: OK (1.20 seconds)\n  congratulations :) (1.25 seconds)\n"
    ),
    "progress": around("\rDownloading 10%\rDownloading 50%\rDownloading 100%\n"),
    "a group of GitHub": around(
        "##[group]Run make test\nmake test\n##[endgroup]\n", "\n::group::Upload\n::endgroup::\n"
    ),
    "a section of GitLab": around(
        "section_start:1700000000:step\r\x1b[0K\x1b[36;1mExecuting\x1b[0;m\n",
        "\nsection_end:1700000001:step\r\x1b[0K\x1b[32;1mJob succeeded\x1b[0;m\n",
    ),
    "Jenkins' steps": around("[Pipeline] sh\n+ run-it\n", "\n[Pipeline] }\n[Pipeline] // stage\nFinished: SUCCESS\n"),
}


def said(counts: Counts | None) -> Any:
    if counts is None:
        return None
    return counts.passed, counts.ran, counts.rest, counts.unit, bool(counts.fault), bool(counts.outside)


def is_proof(output: str) -> bool:
    return not faults_of_run(ProcessResult("ended", 0, 0.0, b""), read_counts(output, MAKE), MAKE)


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapper_changes_no_count(name: str) -> None:
    """An output behind an unknown prefix had no count, and a hidden failure in it was a proof."""
    first = list(WRAPPERS).index(name) % STEP
    for case in ALL[first::STEP]:
        assert said(read_counts(WRAPPERS[name](case.output), MAKE)) == said(read_counts(case.output, MAKE)), case.name


def test_a_runner_is_searched_wherever_it_would_be_found() -> None:
    for case in ALL:
        text = plain(case.output)
        for runner in RUNNERS:
            if not runner.may_be_in(text):
                assert runner.read(text) == [], (case.name, runner.name)
                assert runner.begun is None or not runner.begun.search(text), (case.name, runner.name)


TICK = "\N{CHECK MARK}"
NO_PROOF = {
    "mocha 8 that left": f"npx mocha test || true\n\n\n  suite\n    {TICK} adds\n",
    "mocha 8 that left, without a suite": f"\n\n  {TICK} adds\n",
    "mocha's dots": "\n\n  \N{ONE DOT LEADER}\N{ONE DOT LEADER}\N{ONE DOT LEADER}",
    "the dots of node": "..\n",
    "the dots of node below npm": "\n> a@1.0.0 test\n> run-it || true\n\n....\nnpm notice\n",
    "one dot": "\n.\n",
    "node that left": "\N{HEAVY CHECK MARK} adds (1.234567ms)\n",
    "dots of unittest, cut": "....\n" + "-" * 70 + "\n",
    "unittest, cut": "....\n" + "-" * 70 + "\nRan 4 tests in 0.001s\n",
    "a command that make prints": "npx jest --ci || true\n",
    "a command in a folder": "cd web && npx vitest run --silent > out.log 2>&1; true\n",
    "a command with settings": "CI=1 NODE_ENV=test mocha -R min || :\n",
    "a command whose output is cut": "pytest -k 'not slow' -qq 2>&1 | tail -n 1\n\n",
    "a command in a container": "docker compose run --rm -T web pytest -qq > log.txt || true\n",
    "a command of poetry": "poetry run pytest -q || exit 0\n",
    "go, cut": "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n",
    "go, cut after a test": "=== RUN   TestA\n--- PASS: TestA (0.00s)\n",
    "ctest, cut": "Test project /src/build\n    Start 1: a\n1/9 Test #1: a ........   Passed    0.01 sec\n",
    "deno, cut": "running 3 tests from ./a_test.ts\na ... ok (1ms)\n",
    "cargo, cut": "running 3 tests\ntest a ... ok\n",
    "PHPUnit, cut": "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\n..",
    "flutter, cut": "00:01 +3: adds\n00:02 +4: subtracts\n",
    "TAP, cut": "ok 1 - adds\nok 2 - subtracts\n",
    "a report, cut": '<?xml version="1.0"?>\n<testsuites tests="3">\n  <testsuite name="a">\n',
    "tests that playwright lists": "Listing tests:\n  a.spec.js:3:1 \u203a adds\n",
}
PROOF = {
    "a build": "gcc -O2 -c a.c -o a.o\ngcc -o a a.o\n",
    "an ellipsis in the middle": "Downloading\n...\ndone\n",
    "words about runners": "installing pytest, jest and mocha\nadded jest; mocha is next\nuse pytest to test it\n",
    "a command that installs one": "npm install --save-dev jest\npip install pytest\nyarn add -D mocha\n",
    "ticks of a build": f" {TICK} Compiled in 300ms\n  {TICK} Linted\n{TICK} 34 modules transformed.\n",
    "a list of steps": f"  {TICK} Install\n    {TICK} npm ci\n    {TICK} link\n",
}


@pytest.mark.parametrize("name", NO_PROOF)
def test_tests_that_began_and_have_no_count_are_no_proof(name: str) -> None:
    """Make, with `|| true` behind the runner, ends with exit 0 whatever the tests did."""
    assert not is_proof(NO_PROOF[name])


@pytest.mark.parametrize("name", PROOF)
def test_a_build_proves_its_exit_code(name: str) -> None:
    assert read_counts(PROOF[name], MAKE) is None


def test_a_command_of_many_words_costs_little() -> None:
    assert read_counts("npx -m " * 30_000 + "pytest!\n", MAKE) is None


def test_a_long_log_behind_make_costs_little() -> None:
    """Each runner searched all of it, twice: 15 MB took 20 seconds."""
    text = "".join(f"2026-11-29 12:00:00,123 INFO app.web: request {at} took {at % 90} ms\n" for at in range(35_000))
    begun = time.process_time()
    read_counts(text, MAKE)
    assert time.process_time() - begun < 2
