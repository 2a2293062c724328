"""Programs that run other programs, and say in their output that one of them failed although they go on."""

from __future__ import annotations

import re

_SAID = (
    ("make", r"(?<![\w./-])g?make(?:\[\d+\])?: \[.+\] .+ \(ignored\)$"),
    ("make", r"^g?make(?:\[\d+\])?: (?=.*(?:test|check|spec)).* is up to date\.$"),
    ("make", r"^g?make(?:\[\d+\])?: Nothing to be done for (?=.*(?:test|check|spec)).*\.$"),
    ("npm", r"^npm (?:ERR!|error) (?:Test failed\b|Lifecycle script |code ELIFECYCLE).*$"),
    ("pnpm", r"^[ \t\u2009]*ELIFECYCLE[ \t\u2009]+(?:Test|Command) failed.*$"),
    ("yarn", r"^error Command failed with exit code \d+\.$"),
    ("tox", r"^  \S+: (?:IGNORED )?FAIL(?:ED)?(?: |$).*$"),
    ("coverage", r"^(?:ERROR|Jest): Coverage for .* does not meet .*$"),
    ("coverage", r"^(?:Coverage failure: |ERROR: Coverage failure: |FAIL Required test coverage of).*$"),
    ("tox", r"^\S+: command failed but is marked ignore outcome.*$"),
    ("nox", r"^nox > (?:Session .+ failed\.|\* .+: failed)$"),
)
# a command that is printed before it is run: by nox, tox, npm, pnpm, yarn, a shell with -x; and by make, as it stands
_ECHOED = re.compile(r"^(?:nox > |\S+: commands\[\d+\]> |[>$+] )(\S.*)$|^([\w./~-]+(?: [-\w./=:*]+)*)$", re.MULTILINE)
_CALLS = re.compile(
    r"(?:\S*/)?(?:python[\d.]* -m |npx |uv run |poetry run |node )?(?:\S*/)?"
    r"(?:pytest|unittest|jest|vitest|mocha|jasmine|ava|uvu)(?: [-\w./=:*]*[-./][-\w./=:*]*)*\Z"
)


# a level as Maven prints it is no name
_PREFIXED = re.compile(
    r"(\[(?!(?:INFO|ERROR|WARN|WARNING|DEBUG)\])[\w@/.:-]+\]|[\w@/.-]+:[\w@/.:-]+:|[\w@/.-]+ +\||[\w@/.-]+ [\w:.-]+:)"
    r"(?: (.*))?\Z"
)
_LEAST = 3


def without_prefixes(text: str) -> str:
    """Return an output in which each line begins with a name, sorted by these names; "" if it is no such output."""
    groups: dict[str, list[str]] = {}
    rest, number = [], 0
    for line in text.split("\n"):
        found = _PREFIXED.match(line)
        if found:
            groups.setdefault(found[1], []).append(found[2] or "")
        else:
            rest.append(line)
            number += bool(line.strip())
    prefixed = [lines for lines in groups.values() if len(lines) >= _LEAST]
    if sum(map(len, prefixed)) <= number:
        return ""
    return "\n".join(line for lines in (rest, *prefixed) for line in lines)


def echoed_commands(text: str) -> list[str]:
    """Return the commands that a wrapper printed before it ran them."""
    return [marked or bare for marked, bare in _ECHOED.findall(text) if marked or _CALLS.match(bare)]


def ignored_failures(text: str) -> dict[str, str]:
    """Return what these programs say of a command that failed, or of nothing that was run, by their names."""
    said = ((name, re.search(pattern, text, re.MULTILINE)) for name, pattern in _SAID)
    return {name: f"{name} says: {found[0].strip()}" for name, found in said if found}
