"""Programs that run other programs, and say in their output that one of them failed although they go on."""

from __future__ import annotations

import re

_SAID = (
    # its words are in the language of the machine
    ("make", r"(?<![\w./-])g?make(?:\[\d+\])?: \[.+\] .+ \((?:ignored|(?<=\d \()[^()\n]+)\)$"),
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
    r"(\[(?!(?:INFO|ERROR|WARN|WARNING|DEBUG)\])[\w@/.:-]+\]:?|[\w@/.-]+:[\w@/.:-]+:|[\w@/.-]+ +\|"
    r"|[\w@/.-]+ [\w:.-]+(?::| \|)|(?!(?:INFO|ERROR|WARN|WARNING|DEBUG):)@?[\w/.-]+:)(?: (.*))?\Z"
)
# the time before a line, as of docker compose -t, foreman, a log; and the step and time of docker build
_STAMPED = re.compile(
    r"(?:\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?|#\d+ \d+\.\d+)(?: (.*))?\Z"
)
_PIPED = re.compile(r"([\w@/.-]+ +\|)(?: (.*))?\Z")
_YARN = "\N{BLACK RIGHTWARDS ARROWHEAD} YN0000: "
_LEAST = 3


def without_prefixes(text: str) -> str:
    """Return an output in which each line begins with a name or a time, sorted by the names; "" for any other."""
    lines = [(line, _parted(line.removeprefix(_YARN))) for line in text.split("\n")]
    groups: dict[str, list[str]] = {}
    for _, parted in lines:
        if parted:
            groups.setdefault(parted[0], []).append(parted[1])
    known = {name: said for name, said in groups.items() if len(said) >= _LEAST}
    rest = [line for line, parted in lines if not parted or parted[0] not in known]
    if sum(map(len, known.values())) <= sum(bool(line.strip()) for line in rest):
        return ""
    return "\n".join(line for said in (rest, *known.values()) for line in said)


def _parted(line: str) -> tuple[str, str] | None:
    """Return the name before a line, and the line without it; the name is "" if there is only a time."""
    stamped = _STAMPED.match(line)
    if stamped:
        named = _PIPED.match(stamped[1] or "")
        return (named[1], named[2] or "") if named else ("", stamped[1] or "")
    found = _PREFIXED.match(line)
    if found is None:
        return None
    timed = _STAMPED.match(found[2] or "") if found[1].endswith("|") else None
    return found[1], (timed[1] if timed else found[2]) or ""


def echoed_commands(text: str) -> list[str]:
    """Return the commands that a wrapper printed before it ran them."""
    return [marked or bare for marked, bare in _ECHOED.findall(text) if marked or _CALLS.match(bare)]


def ignored_failures(text: str) -> dict[str, str]:
    """Return what these programs say of a command that failed, or of nothing that was run, by their names."""
    said = ((name, re.search(pattern, text, re.MULTILINE)) for name, pattern in _SAID)
    return {name: f"{name} says: {found[0].strip()}" for name, found in said if found}
