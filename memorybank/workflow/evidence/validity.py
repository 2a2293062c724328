"""What makes a run invalid as a proof: a masked exit code, no tests, numbers that do not add up.

Not every trick is detected: a test without assertions, or a script that prints a summary, passes.
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
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_MASKS = (
    (re.compile(r"\|\|"), "`||` hides the exit code of the command before it"),
    (re.compile(r";\s*\S|\n\s*\S|(?<![&>])&(?![&>])"), "only the exit code of the last command counts"),
    (re.compile(r"(?<!\|)\|(?!\|)"), "after a pipe only the exit code of the last command counts"),
    (re.compile(r"^\s*!|\bif\b|\bset \+e\b|\btrap\b"), "the exit code of the command is replaced"),
)


def faults_of_command(words: Sequence[str], *, shell: bool) -> list[str]:
    """Return why a command can never be a proof, regardless of its result; empty if it can."""
    faults = []
    script = words[0] if shell and words else _script_in(words)
    if script:
        bare = _QUOTED.sub("_", script)
        piped = "pipefail" in script
        faults += [
            why for pattern, why in _MASKS if pattern.search(bare) and not (piped and why.startswith("after a pipe"))
        ]
        try:
            words = shlex.split(script)
        except ValueError:
            words = script.split()
    if words and words[0].rpartition("/")[2] in _PRINTERS:
        faults.append(f"`{words[0]}` only prints, it tests nothing")
    runner = runner_of(words)
    if runner:
        faults += [f"with `{word}` {runner.name} runs no test" for word in words if word.split("=")[0] in runner.idle]
    return faults


def _script_in(words: Sequence[str]) -> str:
    """Return the script passed to a shell with -c, anywhere in the command; "" without one."""
    for at, word in enumerate(words[:-1]):
        if word.rpartition("/")[2] in _SHELLS:
            flags = [n for n, each in enumerate(words[at + 1 :], at + 1) if re.fullmatch(r"-[a-z]*c[a-z]*", each)]
            if flags and flags[0] + 1 < len(words):
                return words[flags[0] + 1]
    return ""


def faults_of_run(ran: ProcessResult, counts: Counts | None, words: Sequence[str]) -> list[str]:
    """Return why the result of a run is not a proof; empty if it is one."""
    if ran.state == "error":
        return [f"it could not be started: {ran.output.decode('utf-8', 'replace')}"]
    if ran.state == "timeout":
        return [f"it did not finish within {ran.seconds:.0f} s and was killed"]
    faults = []
    if ran.exit_code:
        ended = f"exit {ran.exit_code}" if ran.exit_code > 0 else f"signal {-ran.exit_code} ended it"
        faults.append(ended if counts is None or not counts.ran else f"{ended} ({counts})")
    if counts is None:
        runner = runner_of(words)
        if runner is not None and not ran.exit_code:
            faults.append(runner.uncounted)
        return faults
    if counts.fault:
        faults.append(f"the counts do not add up: {counts.fault}")
    if counts.outside:
        faults.append(counts.outside)
    if (counts.failed or counts.errors) and not ran.exit_code:
        faults.append(f"exit 0, but only {counts.passed} of {counts.ran} passed")
    elif not counts.ran and not counts.fault and not counts.outside:
        rest = f" ({counts.rest})" if counts.rest else ""
        faults.append(f"0 {counts.unit} were run{rest}")
    return faults
