"""Find secrets that must not be stored: keys, tokens, passwords, private keys. Pure: takes text, returns places.

There are two ways to find one. A *rule* (see `rules.py`) is tried where its anchor occurs. An *assignment* is tried
where a name says "secret" (`password = "…"`, `--token …`, `<apiKey>…`), and its value must look real. All work is
linear in the length of the text. A finding reports the rule and the place, never the secret itself.
"""

from __future__ import annotations

from typing import NamedTuple

from memorybank.patterns import later
from memorybank.secrets.assignments import assignment_hits, foreign_hits
from memorybank.secrets.hits import Hit, apart
from memorybank.secrets.rule_hits import RULES, rule_hits
from memorybank.secrets.values import KINDS


class Secret(NamedTuple):
    """A secret that was found: the rule, the line (from 1) and the half-open span in the text."""

    rule: str
    line: int
    start: int
    end: int


# UTF-16 text, as Windows programs write it, read as one byte per character: each letter has a NUL beside it
_WIDE = later(r"(?:[\t\n\r -~]\0){8,}+[\t\n\r -~]?")


def rule_names() -> list[str]:
    """Return the names of all rules that a finding can have, in order."""
    # the rule of an assignment is the kind of its name
    return sorted({rule.name for rule in RULES} | set(KINDS))


def find_secrets(text: str) -> tuple[Secret, ...]:
    r"""Return every secret in a text, in order and without overlap; lines end at "\n" only."""
    # Each character becomes one character, so offsets stay valid; a key has only ASCII characters.
    plain = text if text.isascii() else text.encode("ascii", "replace").decode("ascii")
    found: list[Secret] = []
    line, counted = 1, 0
    for hit in apart([*_hits(plain, text), *_wide_hits(plain)]):
        line += plain.count("\n", counted, hit.start)
        counted = hit.start
        found.append(Secret(hit.rule, line, hit.start, hit.end))
    return tuple(found)


def _hits(plain: str, text: str) -> list[Hit]:
    folded = plain.lower()
    return [*rule_hits(plain, folded), *assignment_hits(plain, folded), *foreign_hits(text, folded)]


def _wide_hits(plain: str) -> list[Hit]:
    hits: list[Hit] = []
    for run in _WIDE.finditer(plain) if "\0" in plain else ():
        narrow, at = run.group().replace("\0", ""), run.start()
        hits += [each._replace(start=at + 2 * each.start, end=at + 2 * each.end - 1) for each in _hits(narrow, narrow)]
    return hits


def redact(text: str) -> str:
    """Replace every secret with `<redacted:rule>`; neither the secret nor its length is kept."""
    return redacted(text)[0]


def redacted(text: str, allowed: tuple[str, ...] = ()) -> tuple[str, tuple[Secret, ...]]:
    """Return a text with every secret replaced by `<redacted:rule>`, and the secrets; allowed rules are skipped."""
    pieces: list[str] = []
    at = 0
    found = tuple(each for each in find_secrets(text) if each.rule not in allowed)
    for secret in found:
        pieces += (text[at : secret.start], f"<redacted:{secret.rule}>")
        at = secret.end
    return "".join((*pieces, text[at:])), found
