"""Signs of tests that began, in an output that has no count at all: it was cut, or the program ended too early."""

from __future__ import annotations

from memorybank.patterns import later

# the runner, words of which one is in its line, and the line
_SIGNS = (
    ("unittest", ("\nRan ", " ... "), r"^Ran \d+ tests? in [\d.]+s$|^test\w* \([\w.]+\) \.\.\. "),
    ("ctest", ("Test project ", " Test "), r"^Test project /|^ *\d+/\d+ Test +#\d+: "),
    ("deno", ("running ",), r"^running \d+ tests? from \S+$"),
    ("cargo", ("running ",), r"^running \d+ tests?$"),
    ("nextest", (" across ",), r"^ *Starting \d+ tests? across \d+ "),
    ("doctest", ("[doctest]",), r"^\[doctest\] (?:doctest version is|run with) "),
    ("Catch2", ("Randomness seeded",), r"^Randomness seeded to: \d+$"),
    ("Check", ("Running suite(s)",), r"^Running suite\(s\): "),
    (
        "dotnet",
        ("test execution", "test files matched"),
        r"^ *(?:Starting test execution, please|A total of \d+ test files)",
    ),
    ("ExUnit", ("ExUnit",), r"^Running ExUnit with seed: "),
    ("minitest", ("Run options",), r"^Run options: .*--seed \d+$"),
    ("test-unit", ("Loaded suite",), r"^Loaded suite "),
    ("RSpec", ("\nrspec ", "Randomized with"), r"^rspec \./\S+ # |^Randomized with seed \d+$"),
    ("PHPUnit", ("Sebastian Bergmann",), r"^PHPUnit \d+\.\S+ by Sebastian Bergmann"),
    ("prove", (".t .",), r"^\S+\.t \.{2,}(?: ?(?:ok|skipped: .*))?\s*$"),
    ("go", ("=== RUN", "--- "), r"^=== RUN   \S|^--- (?:PASS|FAIL|SKIP): \S+ \("),
    ("gotestsum", ("(cached)", "s)\n"), r"^[\u2713\u2716\u2205]  \S+ \("),
    ("meson", ("/",), r"^ *\d+/\d+ \S.* (?:OK|FAIL|SKIP|EXPECTEDFAIL|ERROR|TIMEOUT) +[\d.]+s\b"),
    ("dart", (": ",), r"^(?:\d+:)?\d\d:\d\d \+\d+(?: ~\d+)?(?: -\d+)?: "),
    ("JUnit 5", ("JUnit!", "Test run finished"), r"^Thanks for using JUnit!|^Test run finished after \d+ ms$"),
    ("ScalaTest", ("Run starting", "Run completed"), r"^(?:\[info\] )?Run (?:starting\. Expected test|completed in )"),
    ("swift", ("Test Suite '", "Test run started"), r"^Test Suite '.*' started at |^\S* *Test run started\.$"),
    ("zig", ("...OK", "...FAIL", "...SKIP"), r"^\d+/\d+ \S+\.\.\.(?:OK|FAIL|SKIP)"),
    (
        "playwright",
        (" \u203a ", "Listing tests"),
        r"^Listing tests:$|^ *(?:[\u2713\u2718] +)?\[?\d+[\]/ ].*\.\w+:\d+:\d+ \u203a ",
    ),
    ("bun", ("(pass) ", "(fail) ", "(skip) "), r"^\((?:pass|fail|skip)\) \S"),
    ("vitest", (" test",), r"^ [\u2713\u276f\u00d7\u2193] \S+ +\(\d+ tests?\b"),
    ("Pest", ("   PASS  ", "   FAIL  ", "   WARN  "), r"^   (?:PASS|FAIL|WARN)  \S"),
    (
        "mocha",
        ("_,------,", "\u2708", "\u25ac", "ms\n"),
        r"^  [\u2713\u2714] .+: \d+ms$|_,------,|^  \u22c5*\u2708|^ *\[\u25ac+\u2024*\]",
    ),
    ("TAP", ("ok 1",), r"^ *(?:not )?ok 1(?: -? ?\S.*)?$"),
    ("JUnit", ("<testcase ", "<testsuite"), r"^ *<test(?:case|suites?)\b"),
)
_PATTERNS = tuple((name, words, later(f"(?m){pattern}")) for name, words, pattern in _SIGNS)
# what comes after the tests, as the programs print it that call a runner
_AFTER = later(
    r"(?:g?make(?:\[\d+\])?: |npm (?:notice|warn)|nox > |  \S+: (?:OK|SKIP)|  congratulations|Done(?: in |$)"
    r"|\S+ exited with code 0|##\[|::\w+|section_(?:start|end):|Job succeeded| *NX  |\[Pipeline\]|Finished: SUCCESS).*"
)
_DOTS = later(
    r" *(?=\S*[.\u2024\u25cf\u25cc\u25fc\u2731])[.\u2024\u25cf\u25cc\u25fc\u2731XFEsS,!*]+ *(?:\d+ / \d+ .*)?"
)
_RULE = later(r"[-=_]{20,}")
_END = 4000


def started(text: str) -> str:
    """Return the name of a runner whose tests began in an output; "" if there is no sign of one."""
    for name, words, pattern in _PATTERNS:
        if any(word in text for word in words) and pattern.search(text):
            return name
    lines = [line for line in text[-_END:].split("\n") if line.strip()]
    lines = [line for line in lines if not _AFTER.fullmatch(line) and not _RULE.fullmatch(line)]
    return "a test runner" if lines and _DOTS.fullmatch(lines[-1]) else ""
