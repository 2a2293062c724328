"""Runners: what the end of a test run says, read as counts.

A command that names its runner is read as that runner writes; any other (make, npm test, a script) as whichever
runners are recognised in its output, added up.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from memorybank.workflow.evidence.runners.counts import Counts, added
from memorybank.workflow.evidence.runners.junit import read_junit
from memorybank.workflow.evidence.runners.summaries import (
    cargo_counts,
    ctest_counts,
    go_counts,
    jest_counts,
    mocha_counts,
    node_counts,
    prove_counts,
    pytest_counts,
    tap_counts,
    trial_counts,
    unittest_counts,
    vitest_counts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


class Runner(NamedTuple):
    """A program that runs tests: the words that call it, and how its output is read; one count for each summary.

    `adds` says that one run may write several summaries, which belong together; `reports` that it can write JUnit XML
    or TAP in their place.
    """

    name: str
    words: tuple[str, ...]
    read: Callable[[str], list[Counts]]
    adds: bool = False
    reports: bool = False


RUNNERS = (
    Runner("pytest", ("pytest",), pytest_counts),
    Runner("unittest", ("unittest",), unittest_counts),
    Runner("nose2", ("nose2",), unittest_counts),
    Runner("trial", ("trial",), trial_counts),
    Runner("node", ("node", "--test"), node_counts, reports=True),
    Runner("jest", ("jest",), jest_counts, reports=True),
    Runner("vitest", ("vitest",), vitest_counts, reports=True),
    Runner("mocha", ("mocha",), mocha_counts, reports=True),
    Runner("cargo", ("cargo", "test"), cargo_counts, adds=True),
    Runner("go", ("go", "test"), go_counts),
    Runner("prove", ("prove",), prove_counts),
    Runner("ctest", ("ctest",), ctest_counts),
    Runner("JUnit", (), read_junit),
    Runner("TAP", (), tap_counts),
)
# another runner's summary holds these lines too
_PART_OF = {"TAP": ("node", "prove"), "nose2": ("unittest",), "trial": ("unittest",)}


def read_counts(output: str, command: Sequence[str] = ()) -> Counts | None:
    """Give what a run's output says was tested; None where no runner is recognised in it."""
    text = plain(output)
    named = runner_of(command)
    if named is not None:
        found = named.read(text) or (named.reports and (read_junit(text) or tap_counts(text))) or []
        return (added(found) if named.adds else found[-1]) if found else None
    every: dict[str, Counts] = {}
    for runner in RUNNERS:
        found = runner.read(text)
        if found and not any(each in every for each in _PART_OF.get(runner.name, ())):
            every[runner.name] = added(found)
    return added(list(every.values())) if every else None


def plain(output: str) -> str:
    """Take colours and carriage returns out of an output."""
    return _ESCAPES.sub("", output).replace("\r\n", "\n").replace("\r", "\n")


def runner_of(command: Sequence[str]) -> Runner | None:
    """Give the runner that a command calls by its name, whatever Python, npx or path stands before it."""
    words = _called(command)
    for runner in RUNNERS:
        if runner.words and _holds(words, runner.words):
            return runner
    return None


def _called(command: Sequence[str]) -> list[str]:
    """Give the words of a command that call programs: names without folders and endings."""
    words = list(command)
    if len(words) == 1 and " " in words[0]:
        try:
            words = shlex.split(words[0])
        except ValueError:
            words = words[0].split()
    return [_NAMES.get(word, word) for word in (_stem(word) for word in words)]


_NAMES = {"py.test": "pytest", "jest.js": "jest", "vitest.mjs": "vitest"}


def _stem(word: str) -> str:
    return word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe").removesuffix(".cmd")


def _holds(words: list[str], wanted: tuple[str, ...]) -> bool:
    """Tell whether a command calls these words: at its start, or behind the program that starts others."""
    if len(wanted) > 1:
        return words[:1] == [wanted[0]] and wanted[1] in words[1:]
    name = wanted[0]
    if words[:1] == [name]:
        return True
    # python -m pytest, npx jest, uv run pytest: but a file called so, far behind, is none
    for at, word in enumerate(words[1:5], 1):
        if word == name and (words[at - 1] in _STARTERS or words[0] in _STARTERS):
            return True
    return False


_STARTERS = frozenset(
    (
        *("-m", "npx", "pnpm", "yarn", "bunx", "exec", "run", "uv", "poetry", "pipenv", "hatch", "pdm"),
        *("coverage", "env", "timeout", "nice", "time", "node", "xvfb-run"),
    )
)
