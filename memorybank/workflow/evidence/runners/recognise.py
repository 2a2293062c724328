"""Runners: recognise a test runner and read its summary as counts.

If the command names its runner, the output is parsed in that runner's format. For any other command (make, npm test, a
script) the counts of all runners recognised in the output are added up; one that ran without a count is no proof.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from typing import TYPE_CHECKING

from memorybank.patterns import later
from memorybank.workflow.evidence.runners import cypress, javascript, json_report, junit, node, python, tap, wrappers
from memorybank.workflow.evidence.runners.counts import Counts, added
from memorybank.workflow.evidence.runners.further import rows, summaries
from memorybank.workflow.evidence.runners.hosted import dotnet, jvm, php, ruby, runtimes, scripts
from memorybank.workflow.evidence.runners.native import ctest, frameworks, go, others, rust
from memorybank.workflow.evidence.runners.started import started

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.workflow.evidence.runners.runner import Runner

_ESCAPES = later(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# a terminal inside a terminal ends a line with two carriage returns
_LINE_ENDS = later(r"\r+\n|\r")
# no count; such a number cannot even be read
_ENDLESS = later(r"\d{100,}")
# each sixth character of such a number is a digit too: much cheaper to look for
_SAMPLED = later(r"\d{16}")
_STEP = 6
# a program that prints the names of others can itself be run by such a one
_NESTED = 2
RUNNERS: tuple[Runner, ...] = (
    *python.RUNNERS,
    *cypress.RUNNERS,
    *javascript.RUNNERS,
    *node.RUNNERS,
    *go.RUNNERS,
    *rust.RUNNERS,
    *ctest.RUNNERS,
    *frameworks.RUNNERS,
    *others.RUNNERS,
    *jvm.RUNNERS,
    *dotnet.RUNNERS,
    *scripts.RUNNERS,
    *ruby.RUNNERS,
    *php.RUNNERS,
    *runtimes.RUNNERS,
    *summaries.RUNNERS,
    *rows.RUNNERS,
    *junit.RUNNERS,
    *json_report.RUNNERS,
    *tap.RUNNERS,
)


def read_counts(output: str, command: Sequence[str] = ()) -> Counts | None:
    """Return the counts in a run's output; None if no runner is recognised."""
    text = _without_endless(plain(output))
    calls = [each for part in _parts(command) if (each := _running(part)) is not None]
    named = runner_of(command)
    if named is not None and len(calls) < 2:  # noqa: PLR2004  one command
        found = named.read(text) or (read_report(text) or tap.tap_counts(text) if named.reports else [])
        return (added(found) if named.adds else found[-1]) if found else None
    counts = _unnamed(text, calls)
    size = counts.ran + counts.unproven if counts is not None else 0
    if not size or wrappers.has_prefixes(text):
        # turbo, concurrently, pnpm and docker compose print a name before each line
        for _ in range(_NESTED):
            text = wrappers.without_prefixes(text)
            apart = _unnamed(text, calls) if text else None
            if apart is not None and apart.ran + apart.unproven >= size:
                return apart
    return counts


def _unnamed(text: str, calls: Sequence[Runner]) -> Counts | None:
    """Return the sum of the counts of all runners in an output; each of `calls` must have one."""
    every: dict[str, Counts] = {}
    begun = list(calls)
    for runner in RUNNERS:
        if not runner.may_be_in(text):
            continue
        found = runner.read(text)
        if found and not any(each in every for each in runner.within):
            every[runner.name] = added(found)
        elif not found and runner.begun is not None and runner.begun.search(text):
            begun.append(runner)
    begun += [called for each in wrappers.echoed_commands(text) if (called := _running(each)) is not None]
    # a report that it printed is the count of a runner that prints no other
    reported = any(name in every for name in ("JSON", "JUnit", "TAP"))
    for runner in () if reported else begun:
        if runner.name not in every and not any(each in every for each in (*runner.within, *runner.alike)):
            every[runner.name] = Counts(runner.name, outside=runner.uncounted)
    if not every and (name := started(text)):
        known = next((runner for runner in RUNNERS if runner.name == name), None)
        why = known.uncounted if known else "tests began, but there is no count of them: it is unknown which tests ran"
        every[name] = Counts(name, outside=why)
    ignored = wrappers.ignored_failures(text)
    if not ignored:
        return added(list(every.values())) if every else None
    counts = added(list(every.values())) if every else Counts(" + ".join(ignored))
    return counts._replace(outside="; ".join(each for each in (counts.outside, *ignored.values()) if each))


def read_report(text: str) -> list[Counts]:
    """Return the counts of a report, in JUnit XML, TRX or JSON; empty for any other text."""
    text = _without_endless(text)
    return junit.read_junit(text) or dotnet.read_trx(text) or json_report.read_json(text)


def plain(output: str) -> str:
    """Return an output without colours and carriage returns."""
    text = _ESCAPES.sub("", output) if "\x1b" in output else output
    return _LINE_ENDS.sub("\n", text) if "\r" in text else text


def _without_endless(text: str) -> str:
    return _ENDLESS.sub("#", text) if _SAMPLED.search(text[::_STEP]) else text


def runner_of(command: Sequence[str]) -> Runner | None:
    """Return the runner that a command calls, also through Python, npx or a path; None if it names none."""
    words = _called(command)
    for runner in RUNNERS:
        if any(_holds(words, each) for each in (runner.words, *runner.also) if each):
            return runner
    return None


def _parts(command: Sequence[str]) -> list[str]:
    """Return the commands in a line that a shell runs; empty for a command of several words."""
    return re.split(r"&&|;|\n", command[0]) if len(command) == 1 else []


def _running(command: str) -> Runner | None:
    """Return the runner that a command calls, unless it runs no test."""
    runner = runner_of([command])
    return None if runner is None or any(word.split("=")[0] in runner.idle for word in command.split()) else runner


def _called(command: Sequence[str]) -> list[str]:
    """Return the words of a command, with program names without folder and extension."""
    words = list(command)
    if len(words) == 1 and " " in words[0]:
        try:
            words = shlex.split(words[0])
        except ValueError:
            words = words[0].split()
    return [_NAMES.get(word, word) for word in (_stem(word) for word in words)]


_NAMES = {
    "py.test": "pytest",
    "jest.js": "jest",
    "mocha.js": "mocha",
    "vitest.mjs": "vitest",
    "gradlew": "gradle",
    "mvnw": "mvn",
}


def _stem(word: str) -> str:
    return word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe").removesuffix(".cmd").removesuffix(".bat")


def _holds(words: list[str], wanted: tuple[str, ...]) -> bool:
    """Check whether a command calls these words: at its start, or after a program that starts others."""
    name, *more = wanted
    for at, word in enumerate(words[:6]):
        # python -m pytest, npx jest, uv run pytest; but not a file of that name later in the command
        if word == name and (at == 0 or _starts(words[at - 1]) or _starts(words[0])):
            rest = words[at + 1 :]
            found = [fnmatch.filter(rest, each) for each in more]
            return all(found) and not (more and _SCRIPTS.intersection(rest[: rest.index(found[0][0])]))
    return False


def _starts(word: str) -> bool:
    return word in _STARTERS or _SETTING.match(word) is not None


_SETTING = later(r"[A-Za-z_]\w*=")
# `bun run test` runs the script of that name, whatever it is
_SCRIPTS = frozenset(("run", "exec"))
_STARTERS = frozenset(
    (
        *("-m", "npx", "pnpm", "yarn", "bunx", "exec", "run", "uv", "poetry", "pipenv", "hatch", "pdm"),
        *("coverage", "env", "timeout", "nice", "time", "node", "xvfb-run", "sudo", "c8", "nyc", "&&", "||", "php"),
    )
)
