"""Runners of JavaScript that count as they go: node --test, ava, uvu; and Playwright, which drives browsers."""

from __future__ import annotations

import re

from memorybank.patterns import later
from memorybank.workflow.evidence.runners.counts import Counts
from memorybank.workflow.evidence.runners.numbers import before_names
from memorybank.workflow.evidence.runners.runner import Runner
from memorybank.workflow.evidence.runners.segments import own, segments, unended

_TAP_BEGUN = later(r"^TAP version 1[34]$", re.MULTILINE)
_NODE = later(
    r"^(?P<mark>[#\u2139]) tests (?P<tests>\d+)\n(?:(?P=mark) suites \d+\n)?(?P=mark) pass (?P<passed>\d+)\n"
    r"(?P=mark) fail (?P<failed>\d+)\n(?P=mark) cancelled (?P<cancelled>\d+)\n(?P=mark) skipped (?P<skipped>\d+)\n"
    r"(?P=mark) todo (?P<todo>\d+)\n(?P=mark) duration_ms ",
    re.MULTILINE,
)
# a file without tests is reported as a test of its own
_NODE_FILE = later(r"^(?:ok \d+ - |\u2714 )\S+\.[cm]?[jt]s(?: \([\d.]+ms\))?$", re.MULTILINE)
_NODE_NOT_OK = later(r"^not ok \d+ - (?!.*# (?:TODO|SKIP))", re.MULTILINE)
_NODE_LISTED = later(r"^\u2716 (?!.*# (?:TODO|SKIP))", re.MULTILINE)
_NODE_LATE = later(r"generated asynchronous activity after the test ended", re.MULTILINE)
_NODE_BEGUN = later(r"^[.X]+\n\nFailed tests:$|^[\u2714\u2716] .* \(\d+\.\d{3,}ms\)$", re.MULTILINE)
_AVA = later(r"^  \u2500\n\n((?:  \d+ [a-z ]+(?:\n|\Z))+)", re.MULTILINE)
_AVA_BEGUN = later(
    r"^  \u2718 (?:No tests found in |\d+ tests? remaining in |Exiting due to process\.exit\(\))"
    r"|^  Uncaught exception in \S+$",
    re.MULTILINE,
)
_AVA_LOST = later(r"^  \u2718 No tests found in (\S+?),? ", re.MULTILINE)
_AVA_KNOWN = ("passed", "failed", "known failure", "skipped", "todo")
_UVU = later(r"^  Total: +(\d+)\n  Passed: +(\d+)\n  Skipped: +(\d+)\n  Duration: ", re.MULTILINE)
_UVU_FILE = later(r" \((\d+) / (\d+)\)$", re.MULTILINE)
_UVU_BEGUN = later(r"^.*Exiting early before testing is finished\.$|^[\u2022\u2718 ]+ \(\d+ / \d+\)$", re.MULTILINE)
_PLAYWRIGHT_BEGUN = later(r"^Running (\d+) tests? using \d+ workers?", re.MULTILINE)
_PLAYWRIGHT_SUM = later(
    r"  (\d+) (failed|flaky|interrupted|did not run|skipped|passed|errors?)(?: \([^)]*\))?(?: (?:was|were) not .*)?\Z"
)
_PLAYWRIGHT_NONE = later(
    r"^Error: No tests found\.$|^- \S*node_modules/playwright/lib/|^\[\d+/\d+\] \S+:\d+:\d+ \u203a ", re.MULTILINE
)
_PLAYWRIGHT_CROSS = later(r"^  \u2718 +\d+ (?!.*\(retry #\d+\)).*$", re.MULTILINE)


def node_counts(text: str) -> list[Counts]:
    """Read the summary of node --test, from its reporters spec and tap."""
    parts = segments(text, _TAP_BEGUN)
    result = []
    for part in parts:
        every = list(_NODE.finditer(text, part.start, part.end))
        if len(parts) > 1:
            # with tap each run has a first line, so its summary is the last one
            every = [each for each in every if each["mark"] != "#" or part.header][-1 if part.header else 0 :]
        at = part.start
        for found, end in zip(every, [each.start() for each in every[1:]] + [part.end], strict=False):
            result.append(_of_node(found, text[at : found.start()], text[found.end() : end]))
            at = found.end()
    return result


def _of_node(found: re.Match[str], before: str, after: str) -> Counts:
    names = ("passed", "failed", "cancelled", "skipped", "todo")
    passed, failed, cancelled, skipped, todo = (int(found[name]) for name in names)
    ended = passed + failed + cancelled + skipped + todo
    files = min(len(_NODE_FILE.findall(before)), passed)
    said = []
    listed = after.partition("\u2716 failing tests:\n")[2]
    if not failed + cancelled and (_NODE_NOT_OK.search(before) or _NODE_LISTED.search(listed)):
        said.append("a suite or a hook failed outside the tests")
    if _NODE_LATE.search(before + after):
        said.append("a test failed after its end")
    fault = "" if ended == int(found["tests"]) else f"it reports {found['tests']} tests but only {ended} results"
    counts = Counts("node", passed - files, failed, cancelled, skipped, other=files, todo=todo, fault=fault)
    return counts._replace(outside="; ".join(said))


def ava_counts(text: str) -> list[Counts]:
    """Read the last lines of ava, after its rule; what is neither test nor skip has failed outside the tests."""
    result = []
    lost = [f"{each[1]} has no tests" for each in _AVA_LOST.finditer(text)]
    for found in _AVA.finditer(text):
        told = {
            re.sub(r"\btests? ", "", name).replace("failures", "failure"): number
            for name, number in before_names(found[1]).items()
        }
        counts = Counts(
            "ava",
            told.get("passed", 0),
            told.get("failed", 0),
            skipped=told.get("skipped", 0),
            todo=told.get("todo", 0),
            expected=told.get("known failure", 0),
        )
        said = [f"{number} {name}" for name, number in told.items() if name not in _AVA_KNOWN]
        result.append(counts._replace(outside="; ".join([*said, *lost])))
    return result


def uvu_counts(text: str) -> list[Counts]:
    """Read the last lines of uvu; a summary that its own lines contradict was printed by a test."""
    result, at = [], 0
    for found in _UVU.finditer(text):
        total, passed, skipped = (int(group) for group in found.groups())
        counts = Counts("uvu", passed, max(total - passed, 0), skipped=skipped)
        files = [(int(each[1]), int(each[2])) for each in _UVU_FILE.finditer(text, at, found.start())]
        is_sure = (sum(each[0] for each in files), sum(each[1] for each in files)) == (passed, total)
        result.append((counts, is_sure))
        at = found.end() if is_sure else at
    return own(result)


def playwright_counts(text: str) -> list[Counts]:
    """Read the last lines of Playwright's test runner; a flaky test is one that passed when it was run again."""
    result = []
    for part in segments(text, _PLAYWRIGHT_BEGUN)[1:]:
        told = _last_lines(text[part.start : part.end])
        if not told or part.header is None:
            result.append(unended("playwright"))
            continue
        flaky, failed = told.get("flaky", 0), told.get("failed", 0) + told.get("interrupted", 0)
        crosses = len(_PLAYWRIGHT_CROSS.findall(text, part.start, part.end))
        expected = min(max(crosses - failed - flaky, 0), told.get("passed", 0))
        counts = Counts(
            "playwright",
            told.get("passed", 0) - expected + flaky,
            failed,
            skipped=told.get("skipped", 0),
            left_out=told.get("did not run", 0),
            expected=expected,
            reruns=flaky,
        )
        errors = told.get("error", 0) + told.get("errors", 0)
        said = f"{errors} error{'' if errors == 1 else 's'} outside the tests" if errors else ""
        total, ended = int(part.header[1]), counts.ran + counts.unproven + counts.left_out
        fault = "" if ended == total else f"{total} tests were started but {ended} have a result"
        result.append(counts._replace(outside=said, fault=fault))
    return result


def _last_lines(text: str) -> dict[str, int]:
    """Return the numbers of the last block of lines; the names of tests between them are indented deeper."""
    told: list[str] = []
    for line in reversed(text.rstrip().split("\n")):
        found = _PLAYWRIGHT_SUM.match(line)
        if found:
            told.append(f"{found[1]} {found[2]}")
        elif told and not line.startswith("    "):
            break
    return before_names("\n".join(told))


RUNNERS = (
    Runner(
        "node",
        ("node", "--test"),
        node_counts,
        reports=True,
        begun=_NODE_BEGUN,
        report="--test-reporter=junit --test-reporter-destination=report.xml",
        signs=(" duration_ms ", "Failed tests:", "ms)\n"),
    ),
    Runner(
        "ava",
        ("ava",),
        ava_counts,
        reports=True,
        begun=_AVA_BEGUN,
        idle=("--help", "--version"),
        signs=("  \u2500\n", "\u2718", "Uncaught exception in "),
    ),
    Runner(
        "uvu",
        ("uvu",),
        uvu_counts,
        begun=_UVU_BEGUN,
        idle=("--help", "--version"),
        signs=("  Total: ", "Exiting early before", " / "),
    ),
    Runner(
        "playwright",
        ("playwright", "test"),
        playwright_counts,
        reports=True,
        begun=_PLAYWRIGHT_NONE,
        idle=("--list", "--help"),
        report="--reporter=json",
        signs=("Running ", "No tests found.", "node_modules/playwright/lib/", "\u203a"),
    ),
)
