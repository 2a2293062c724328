"""Check whether two decisions contradict each other: the same subject with two values that exclude each other.

Few false alarms are more important than finding every case: a narrower value is a refinement, a value of another kind
(a format and a place) is an addition, and texts that are only similar are ignored.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.patterns import later
from memorybank.stem import stem
from memorybank.workflow.contradictions.claims import Claim, claims_of, word_key
from memorybank.workflow.contradictions.plain import is_tentative
from memorybank.workflow.contradictions.replaced import replaced

# aspects that do not exclude a name: formats, outputs, requirements
_ASPECTS = (
    "json yaml xml csv toml protobuf msgpack parquet avro html markdown text binary",
    "stdout stderr syslog file files console",
    "strict optional mandatory required",
)
_ASPECT_OF = {stem(word): number for number, row in enumerate(_ASPECTS) for word in row.split()}
# a value that says when, how or how often, and not what
_MANNER = later(
    r"\A(?:on|after|before|when|whenever|every|each|per|only|with|without|by|via|from|if|once|during|at least|at most"
    r"|up to|must|should|can|may|also|and)\b|\b(?:is|are|was|were|has|have|gets?|per|every|each|all)\b",
    re.IGNORECASE,
)
# participles and adjectives in lower case; names are usually capitalised (memcached is the exception)
_LIKE = later(r"\A(?!memcached\b)[a-z]+(?:ed|ten|own|ing|able|ible)\b|[a-z-]+(?:ive|less|ly|-based|able|ible)\Z")
_PLACE = later(r"\A(?:in|to|under|at|below|inside|next to)\b|[\w.-]*/", re.IGNORECASE)
_BOUND = later(r">=|≥|<=|≤|\bat least\b|\bat most\b|\bup to\b|\bor (?:newer|later|more|less)\b|\d\+", re.IGNORECASE)
_NUMBER = later(r"(?<![\w.])v?(\d+(?:[.,]\d+)*)\s*([a-zA-Z%]+)?")
_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), ("time", 0.001)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("time", 1.0)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), ("time", 60.0)),
    **dict.fromkeys(("h", "hour", "hours"), ("time", 3600.0)),
    **dict.fromkeys(("d", "day", "days"), ("time", 86400.0)),
    **dict.fromkeys(("week", "weeks"), ("time", 604800.0)),
    **dict.fromkeys(("b", "byte", "bytes"), ("size", 1.0)),
    **dict.fromkeys(("kb", "k", "kib"), ("size", 1e3)),
    **dict.fromkeys(("mb", "mib"), ("size", 1e6)),
    **dict.fromkeys(("gb", "gib"), ("size", 1e9)),
    "%": ("share", 1.0),
}
_LONGEST_NAME = 5
_STEM = 5
# a pattern or a learning often describes its subject; a value that chooses something is short and names one thing
_LONGEST_CHOICE = 3
_LIST = later(r"[,;&+]|\s/\s|✅|❌|🔄|\band\b", re.IGNORECASE)
_SUBJECT_WORD = later(r"[^\W_]+(?:[-'][^\W_]+)*")


class ValueClash(NamedTuple):
    """Two values for one subject, as written."""

    subject: str
    new: str
    old: str


def clash(new: str, old: str, *, strict: bool = False) -> ValueClash | None:
    """Return what two lines disagree about; None if both can be true.

    With `strict` the old line must choose a value, and not only describe its subject. A question or a proposal
    decides nothing.
    """
    found = None if is_tentative(new) else _clash(new, old, strict=strict)
    return None if found is None or is_tentative(old) else found


def _clash(new: str, old: str, *, strict: bool) -> ValueClash | None:
    others = [each for each in claims_of(old) if not strict or _is_choice(each)]
    for mine in claims_of(new) if others else ():
        for other in others:
            if mine.subject == other.subject and _differ(mine, other):
                return ValueClash(_named(mine.subject, old), _said(mine), _said(other))
    named = replaced(new, old)
    return ValueClash(named.subject, named.new, named.old) if named else None


def _is_choice(claim: Claim) -> bool:
    return len(claim.value) <= _LONGEST_CHOICE and not _LIST.search(claim.said)


def _named(subject: frozenset[str], text: str) -> str:
    """Return the words of a subject as written in a text."""
    words = [each for each in _SUBJECT_WORD.findall(text) if word_key(each) in subject]
    return " ".join(dict.fromkeys(words)) or " ".join(sorted(subject - {"\0"}))


def _said(claim: Claim) -> str:
    return claim.said if claim.positive else f"not {claim.said}"


def _differ(mine: Claim, other: Claim) -> bool:
    if mine.positive != other.positive:
        return mine.value == other.value
    if not mine.positive or mine.value == other.value:
        # two negative statements do not exclude each other
        return False
    numbers = _numbers(mine.said), _numbers(other.said)
    if all(numbers):
        return _numbers_differ(mine, other, *numbers)
    if any(numbers) and not (mine.value & other.value):
        # a count beside a name: "Retries: 3" and "Retries: exponential"
        return all(_is_name(each) and not each.said[:1].isdigit() for each in (mine, other))
    if _overlap(mine, other):
        return False
    return _same_sort(mine, other)


def _overlap(mine: Claim, other: Claim) -> bool:
    """Check whether two values share a word, or one word refines another: `argon2` and `argon2id`."""
    return any(
        one == two or (len(one) >= _STEM and two.startswith(one)) or (len(two) >= _STEM and one.startswith(two))
        for one in mine.value
        for two in other.value
    )


def _same_sort(mine: Claim, other: Claim) -> bool:
    """Check whether two values answer the same question."""
    aspects = [{_ASPECT_OF[word] for word in each.value if word in _ASPECT_OF} for each in (mine, other)]
    if aspects[0] != aspects[1]:
        return False
    places = [bool(_PLACE.match(each.said)) for each in (mine, other)]
    if any(places):
        return all(places)
    return all(_is_name(each) for each in (mine, other))


def _is_manner(said: str) -> bool:
    return bool(_MANNER.search(said) or _LIKE.search(said))


def _is_name(claim: Claim) -> bool:
    """Check whether a value says what was chosen, and not how something is done."""
    return len(claim.value) <= _LONGEST_NAME and not _is_manner(claim.said) and not _PLACE.match(claim.said)


def _numbers(text: str) -> list[tuple[str, float | str]]:
    found: list[tuple[str, float | str]] = []
    for number, unit in _NUMBER.findall(text):
        kind, factor = _UNITS.get(unit.casefold(), ("", 0.0))
        plain = number.replace(",", "")
        if kind and plain.count(".") <= 1:
            found.append((kind, float(plain) * factor))
        else:
            found.append(("", plain))
    return found


def _numbers_differ(
    mine: Claim, other: Claim, ours: list[tuple[str, float | str]], theirs: list[tuple[str, float | str]]
) -> bool:
    if len(ours) != 1 or len(theirs) != 1 or ours[0][0] != theirs[0][0]:
        return False
    if ours[0][1] == theirs[0][1] or bool(_BOUND.search(mine.said)) != bool(_BOUND.search(other.said)):
        return False
    if not ours[0][0]:
        one, two = str(ours[0][1]), str(theirs[0][1])
        if one.startswith(f"{two}.") or two.startswith(f"{one}."):
            # 3 and 3.12: one refines the other
            return False
    units = set(_UNITS)
    rest = [{word for word in each.value if not word[0].isdigit() and word not in units} for each in (mine, other)]
    plain = [{word.rstrip("s") for word in each} for each in rest]
    units_plain = {word.rstrip("s") for word in units}
    named = [each - units_plain for each in plain]
    return named[0] == named[1] or (not named[0] or not named[1])
