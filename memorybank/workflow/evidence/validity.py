"""What makes a run no proof: an exit code that is not the tests' own, no tests, numbers that do not add up.

Not all that can deceive is seen here: a test that asserts nothing, or a script that prints a summary, passes.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from memorybank.workflow.evidence.runners.recognise import runner_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.process import ProcessResult
    from memorybank.workflow.evidence.runners.counts import Counts

_SHELLS = frozenset(("sh", "bash", "zsh", "dash", "ksh", "fish", "busybox"))
_PRINTERS = frozenset(("echo", "printf", "true", "cat", ":", "yes", "tee", "head", "tail"))
# options with which a runner lists, builds or explains, and runs nothing
_IDLE = {
    "pytest": ("--collect-only", "--co", "--collectonly", "--fixtures", "--setup-plan", "--help", "-h", "--version"),
    "go": ("-list", "-exec", "-c", "-n"),
    "cargo": ("--no-run", "--list", "--help"),
    "jest": ("--listTests", "--help", "--version"),
    "vitest": ("list", "--help", "--version"),
    "mocha": ("--dry-run", "--help", "--version"),
    "ctest": ("-N", "--show-only", "--help"),
    "prove": ("--dry", "-D", "--help"),
}
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_MASKS = (
    (re.compile(r"\|\|"), "`||` hides the exit code of what stands before it"),
    (re.compile(r";\s*\S|\n\s*\S|(?<![&>])&(?![&>])"), "only the exit code of the last command counts"),
    (re.compile(r"(?<!\|)\|(?!\|)"), "behind a pipe the exit code is that of the last command"),
    (re.compile(r"^\s*!|\bif\b|\bset \+e\b|\btrap\b"), "the exit code is turned into another one"),
)


def faults_of_command(words: Sequence[str], *, shell: bool) -> list[str]:
    """Say why a command proves nothing, whatever comes of it; nothing when it may."""
    faults = []
    script = words[0] if shell and words else _script_in(words)
    if script:
        bare = _QUOTED.sub("_", script)
        piped = "pipefail" in script
        faults += [why for pattern, why in _MASKS if pattern.search(bare) and not (piped and why.startswith("behind"))]
        try:
            words = shlex.split(script)
        except ValueError:
            words = script.split()
    if words and words[0].rpartition("/")[2] in _PRINTERS:
        faults.append(f"`{words[0]}` prints; it tests nothing")
    runner = runner_of(words)
    idle = _IDLE.get(runner.name, ()) if runner else ()
    faults += [f"with `{each}` {runner.name} runs no test" for each in words if runner and each.split("=")[0] in idle]
    return faults


def _script_in(words: Sequence[str]) -> str:
    """Give the script that a shell is given with -c, wherever in the command it stands."""
    for at, word in enumerate(words[:-1]):
        if word.rpartition("/")[2] in _SHELLS:
            flags = [n for n, each in enumerate(words[at + 1 :], at + 1) if re.fullmatch(r"-[a-z]*c[a-z]*", each)]
            if flags and flags[0] + 1 < len(words):
                return words[flags[0] + 1]
    return ""


def faults_of_run(ran: ProcessResult, counts: Counts | None, words: Sequence[str]) -> list[str]:
    """Say why what came of a run is no proof; nothing when it is one."""
    if ran.state == "error":
        return [f"it could not be started: {ran.output.decode('utf-8', 'replace')}"]
    if ran.state == "timeout":
        return [f"it did not end within {ran.seconds:.0f} s and was killed"]
    faults = []
    if ran.exit_code:
        ended = f"exit {ran.exit_code}" if ran.exit_code > 0 else f"signal {-ran.exit_code} ended it"
        faults.append(ended if counts is None or not counts.ran else f"{ended} ({counts})")
    if counts is None:
        runner = runner_of(words)
        if runner is not None and not ran.exit_code:
            faults.append(f"{runner.name} told no counts: which tests ran is not known")
        return faults
    if counts.fault:
        faults.append(f"the counts do not add up: {counts.fault}")
    elif not counts.ran:
        faults.append(f"0 {counts.unit} were run")
    elif (counts.failed or counts.errors) and not ran.exit_code:
        faults.append(f"exit 0, but only {counts.passed} of {counts.ran} passed")
    return faults
