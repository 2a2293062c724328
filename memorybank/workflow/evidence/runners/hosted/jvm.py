"""Runners of the Java virtual machine: Maven, Gradle, JUnit's console launcher, ScalaTest and sbt."""

from __future__ import annotations

import re
from itertools import pairwise

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import after_names, before_names
from memorybank.workflow.evidence.runners.runner import Runner

_MAVEN = later(r"^(?:\[INFO\] )?Results ?: *$", re.MULTILINE)
_MAVEN_SUM = later(
    r"^(?:\[[A-Z]+\] )?Tests run: (\d+), (Failures: \d+, Errors: \d+, Skipped: \d+(?:, Flakes: \d+)?) *$"
)
_MAVEN_AGAIN = later(r"^\[[A-Z]+\] +Run (?!1:)\d+: ")
_MAVEN_NONE = later(r"^\[INFO\] (?:No tests to run\.|Tests are skipped\.)$", re.MULTILINE)
_MAVEN_FAILED = later(r"^\[INFO\] BUILD FAILURE$", re.MULTILINE)
_MAVEN_BEGUN = later(
    r"^\[INFO\] --- (?:maven-)?(?:surefire|failsafe)(?:-plugin)?:\S+:(?:test|integration-test)\b", re.MULTILINE
)
_GRADLE_SUM = later(r"^(\d+) tests? completed((?:, \d+ (?:failed|skipped))*)$", re.MULTILINE)
_GRADLE_TEST = later(r"^\S.*? > \S.*? (PASSED|FAILED|SKIPPED)$", re.MULTILINE)
_GRADLE_FAILED = later(
    r"^(?:BUILD FAILED in .*|BUILD FAILED|Execution failed for task '(?!.*[tT]est').*)$", re.MULTILINE
)
_GRADLE_TASK = later(r"^(?:> Task )?:(?:\S+:)?\w*[tT]est\w*(?: [A-Z-]+)? *$", re.MULTILINE)
_GRADLE_BUILD = later(r"^BUILD (?:SUCCESSFUL|FAILED)", re.MULTILINE)
_CONSOLE = later(r"^\[ +(\d+) (tests|containers) (found|skipped|started|aborted|successful|failed) +\]$")
_SCALATEST = later(
    r"^(?:\[info\] )?Suites: completed \d+, aborted (\d+)\n(?:\[info\] )?Tests: (succeeded \d+, failed \d+.*)$",
    re.MULTILINE,
)
_SBT = later(r"^\[(?:info|error|warn)\] (?:Passed|Failed|Error): (Total \d+, .*)$", re.MULTILINE)
_AFTER = later(r"([a-z]+) (\d+)", re.IGNORECASE)


def maven_counts(text: str) -> list[Counts]:
    """Read the results of Surefire and Failsafe, one for each module and goal."""
    if "Tests run: " not in text and "BUILD FAILURE" not in text and not _MAVEN_NONE.search(text):
        return []
    result: list[Counts] = []
    starts = [found.end() for found in _MAVEN.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        reruns = 0
        for line in text[start:end].split("\n"):
            reruns += _MAVEN_AGAIN.match(line) is not None
            if said := _MAVEN_SUM.match(line):
                result.append(_of_maven(int(said[1]), after_names(said[2]), reruns))
                break
    result += [Counts("maven") for _ in _MAVEN_NONE.finditer(text)]
    if _MAVEN_FAILED.search(text) and not any(each.failed or each.errors for each in result):
        result.append(Counts("maven", outside="BUILD FAILURE outside the tests"))
    return result


def _of_maven(total: int, told: dict[str, int], reruns: int) -> Counts:
    failed, errors, skipped = told["failures"], told["errors"], told["skipped"]
    passed = max(total - failed - errors - skipped, 0)
    return Counts("maven", passed, failed, errors, skipped, reruns=max(reruns, told.get("flakes", 0)))


def gradle_counts(text: str) -> list[Counts]:
    """Read Gradle, which prints a count only if a test failed, or lines of tests if the build logs them."""
    if not _GRADLE_BUILD.search(text):
        return []
    result = []
    for found in _GRADLE_SUM.finditer(text):
        told = before_names(found[2])
        failed, skipped = told.get("failed", 0), told.get("skipped", 0)
        result.append(Counts("gradle", max(int(found[1]) - failed - skipped, 0), failed, skipped=skipped))
    marks = _GRADLE_TEST.findall(text)
    if not result and ("PASSED" in marks or "SKIPPED" in marks):
        result.append(Counts("gradle", marks.count("PASSED"), marks.count("FAILED"), skipped=marks.count("SKIPPED")))
    if _GRADLE_FAILED.search(text) and not any(each.failed for each in result):
        result.append(Counts("gradle", outside="BUILD FAILED outside the tests"))
    return result


def console_counts(text: str) -> list[Counts]:
    """Read the console launcher of JUnit 5; a class whose set-up failed is no test."""
    if " tests found " not in text:
        return []
    result: list[Counts] = []
    told: dict[str, int] = {}
    for line in text.split("\n"):
        found = _CONSOLE.match(line)
        if not found:
            told = {}
            continue
        told[f"{found[2]} {found[3]}"] = int(found[1])
        if f"{found[2]} {found[3]}" == "tests failed":
            result.append(_of_console(told))
    return result


def _of_console(told: dict[str, int]) -> Counts:
    passed, failed = told.get("tests successful", 0), told.get("tests failed", 0)
    skipped = told.get("tests skipped", 0) + told.get("tests aborted", 0)
    counts = Counts("JUnit 5", passed, failed, skipped=skipped)
    broken = told.get("containers failed", 0)
    if broken:
        return counts._replace(outside=f"{broken} container{'' if broken == 1 else 's'} failed outside the tests")
    lost = told.get("tests found", 0) - passed - failed - skipped
    return counts._replace(fault=f"{lost} tests were found but have no result") if lost else counts


def scalatest_counts(text: str) -> list[Counts]:
    """Read ScalaTest; a suite that was aborted is named."""
    if "Suites: completed " not in text:
        return []
    result = []
    for found in _SCALATEST.finditer(text):
        told = {name.lower(): int(number) for name, number in _AFTER.findall(found[2])}
        aborted = int(found[1])
        result.append(
            Counts(
                "ScalaTest",
                told.get("succeeded", 0),
                told.get("failed", 0),
                skipped=told.get("ignored", 0) + told.get("canceled", 0),
                todo=told.get("pending", 0),
                outside=f"{aborted} suite{'' if aborted == 1 else 's'} aborted" if aborted else "",
            )
        )
    return result


def sbt_counts(text: str) -> list[Counts]:
    """Read what sbt prints for each project and framework; canceled and ignored tests are in its total or not."""
    if "Total " not in text:
        return []
    result = []
    for found in _SBT.finditer(text):
        told = {name.lower(): int(number) for name, number in _AFTER.findall(found[1])}
        result.append(
            Counts(
                "sbt",
                told.get("passed", 0),
                told.get("failed", 0),
                told.get("errors", 0),
                told.get("skipped", 0) + told.get("ignored", 0) + told.get("canceled", 0),
                todo=told.get("pending", 0),
            )
        )
    return result


_GOALS = ("test", "verify", "integration-test", "surefire:test", "failsafe:integration-test")
RUNNERS = (
    Runner(
        "maven",
        ("mvn", "test"),
        maven_counts,
        adds=True,
        idle=("-DskipTests", "-Dmaven.test.skip", "-DskipITs", "--help", "--version"),
        begun=_MAVEN_BEGUN,
        results="target/surefire-reports",
        signs=("Tests run: ", "BUILD FAILURE", "No tests to run.", "Tests are skipped.", "surefire", "failsafe"),
        also=tuple((name, goal) for name in ("mvn", "mvnd") for goal in _GOALS),
    ),
    Runner(
        "gradle",
        ("gradle", "test"),
        gradle_counts,
        adds=True,
        idle=("--dry-run", "-m", "--help", "--version"),
        begun=_GRADLE_TASK,
        results="build/test-results",
        signs=("BUILD SUCCESSFUL", "BUILD FAILED", "> Task :", "\n:"),
        also=(("gradle", "check"), ("gradle", "*Test"), ("gradle", "*:test"), ("gradle", "*UnitTest")),
    ),
    Runner("JUnit 5", (), console_counts, adds=True),
    Runner("sbt", ("sbt", "test"), sbt_counts, adds=True, also=(("sbt", "*test*"),)),
    Runner("ScalaTest", (), scalatest_counts, adds=True, within=("sbt",)),
)
