"""Programs that run other programs, and say in their output that one of them failed although they go on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Callable

# each line that matches has the word
_SAID = (
    # its words are in the language of the machine
    ("make", "make", r"(?<![\w./-])g?make(?:\[\d+\])?: \[.+\] .+ \((?:ignored|(?<=\d \()[^()\n]+)\)$"),
    ("make", "make", r"^g?make(?:\[\d+\])?: (?=.*(?:test|check|spec)).* is up to date\.$"),
    ("make", "make", r"^g?make(?:\[\d+\])?: Nothing to be done for (?=.*(?:test|check|spec)).*\.$"),
    ("npm", "npm ", r"^npm (?:ERR!|error) (?:Test failed\b|Lifecycle script |code ELIFECYCLE).*$"),
    ("pnpm", "ELIFECYCLE", r"^[ \t\u2009]*ELIFECYCLE[ \t\u2009]+(?:Test|Command) failed.*$"),
    ("yarn", "Command failed", r"^error Command failed with exit code \d+\.$"),
    ("tox", "FAIL", r"^  \S+: (?:IGNORED )?FAIL(?:ED)?(?: |$).*$"),
    ("coverage", "Coverage for ", r"^(?:ERROR|Jest): Coverage for .* does not meet .*$"),
    ("coverage", "overage failure", r"^(?:ERROR: )?Coverage failure: .*$"),
    ("coverage", "Required test coverage", r"^(?:FAIL|ERROR:) Required test coverage of.*$"),
    ("tox", "marked ignore", r"^\S+: command failed but is marked ignore outcome.*$"),
    ("nox", "nox > ", r"^nox > (?:Session .+ failed\.|\* .+: failed)$"),
)
# a command that is printed before it is run: by nox, tox, npm, pnpm, yarn, a shell with -x
_MARKED = later(r"^(?:nox > |\S+: commands\[\d+\]> |[>$+] )(\S.*)$", re.MULTILINE)
_MARKS = ("nox > ", "]> ", "\n> ", "\n$ ", "\n+ ")
_NAMES = (
    *("pytest", "unittest", "jest", "vitest", "mocha", "jasmine", "ava", "uvu", "rspec", "phpunit", "bats"),
    *("node --test", "go test", "cargo test", "bun test", "deno test", "playwright test", "cypress run"),
)
# make prints a command as it stands: each part of the line is one
_JOINED = later(r"&&|\|\||;|\|(?= *(?:tee|cat|tail|head|grep|sed|awk)\b)")
_REDIRECTED = later(r"(?:[12&]?>+ *&?[\w./-]+ *)+\Z")
_BEFORE = (
    r"(?:\w+=\S* |(?:npx|uv run|coverage run|docker[ -]compose (?:run|exec)(?: --?\S+)* [\w.-]+)(?: --?\S+)*? "
    r"|\S*python[\d.]* -m |-m |(?:poetry|pipenv|hatch|pdm|yarn) run |(?:bundle|pnpm|npm) exec (?:-- )?"
    r"|yarn |pnpm |node |bunx |php |env |cross-env |time |timeout \S+ ){0,5}"
)
_CALLS = later(
    rf"{_BEFORE}(?:[\w.@~-]*/)*((?:{'|'.join(_NAMES)})(?: run)?(?: --?\w.*|(?: [-\w./=:*]*[-./][-\w./=:*]*)*))\Z"
)


# a level as Maven prints it is no name
_PREFIXED = later(
    r"(?!\[?(?:INFO|ERROR|WARN|WARNING|DEBUG|TRACE|CRITICAL)\b)"
    r"(\[[\w@/.:-]+\]:?|[\w@/.-]+:[\w@/.:-]+:|[\w@/.-]+ +\||[\w@/.-]+ [\w:.-]+(?::| \|)|@?[\w/.-]+:)(?: (.*))?\Z"
)
# the time before a line, as of docker compose -t, foreman, syslog, GitLab, a log; and the step and time of docker build
_STAMPED = later(
    r"(?:\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: \d\d[EO]\+?)?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: [\w.-]+ [\w./-]+\[\d+\]:)?|(?:#\d+ )?\d+\.\d{2,})(?: (.*))?\Z"
)
# a line of deno is no name
_PIPED = later(r"((?!ok \|)(?!FAILED \|)[\w@/.-]+ +\|)(?: (.*))?\Z")
# pnpm and others draw a line on the left, or indent all that a program prints
_DRAWN = later(r"[\u2502\u2503|](?: (.*))?\Z")
_INDENTED = later(r"(?: {2}|\t)(.*)\Z")
# lines of the same programs, between or around those
_AROUND = later(r"\u2514\u2500 |[\w@/.-]+ [\w:.-]+\$ |Scope: |#\d+ ")
_YARN = "\N{BLACK RIGHTWARDS ARROWHEAD} YN0000: "
_LEAST = 3
_END = 4000
_LONG = 1_000_000


def without_prefixes(text: str) -> str:
    """Return an output in which each line begins with a name, a time or a margin, sorted by the names.

    It is "" for any other.
    """
    if len(text) > _LONG and not has_prefixes(text):
        return ""
    found = _without(text, _parted) or _without(text, _in_margin(_DRAWN))
    return found or _without(text, _in_margin(_INDENTED), whole=True)


def has_prefixes(text: str) -> bool:
    """Check whether the end of an output looks as if each line begins with a name, a time or a drawn line."""
    end = text[-_END:].partition("\n")[2] if len(text) > _END else text
    return bool(_without(end, _parted) or _without(end, _in_margin(_DRAWN)))


def _without(text: str, parted: Callable[[str], tuple[str, str] | None], *, whole: bool = False) -> str:
    lines = [(line, parted(line.removeprefix(_YARN)) if line else None) for line in text.split("\n")]
    groups: dict[str, list[str]] = {}
    for _, found in lines:
        if found:
            groups.setdefault(found[0], []).append(found[1])
    bare = sum(bool(line.strip() and not _AROUND.match(line)) for line, found in lines if not found)
    # a word and a colon can stand before any line
    least = 1 if len([name for name in groups if name]) <= 1 and not bare else _LEAST
    known = {name: said for name, said in groups.items() if len(said) >= least or not name}
    rest = [line for line, found in lines if not found or found[0] not in known]
    bare += sum(len(said) for name, said in groups.items() if name not in known)
    if not known or (whole and bare) or sum(map(len, known.values())) <= bare:
        return ""
    return "\n".join(line for said in (rest, *known.values()) for line in said)


def _in_margin(pattern: re.Pattern[str]) -> Callable[[str], tuple[str, str] | None]:
    def parted(line: str) -> tuple[str, str] | None:
        found = pattern.match(line)
        return ("", found[1] or "") if found else None

    return parted


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
    found = _MARKED.findall(text) if text[:1] in ">$+" or any(mark in text for mark in _MARKS) else []
    for line in dict.fromkeys(line for name in _NAMES for line in _lines_with(name, text)):
        if line[:1].strip(" \t>$+#"):
            parts = (_REDIRECTED.sub("", part).strip() for part in _JOINED.split(line))
            found += [called[1] for part in parts if (called := _CALLS.match(part))]
    return found


def ignored_failures(text: str) -> dict[str, str]:
    """Return what these programs say of a command that failed, or of nothing that was run, by their names."""
    having: dict[str, str] = {}
    result: dict[str, str] = {}
    for name, word, pattern in _SAID:
        if word not in having:
            having[word] = "\n".join(_lines_with(word, text))
        found = re.search(pattern, having[word], re.MULTILINE) if having[word] else None
        if found:
            result[name] = f"{name} says: {found[0].strip()}"
    return result


def _lines_with(word: str, text: str) -> list[str]:
    lines, at = [], text.find(word)
    while at >= 0:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        lines.append(text[text.rfind("\n", 0, at) + 1 : end])
        at = text.find(word, end)
    return lines
