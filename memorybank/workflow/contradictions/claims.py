"""What a decision claims: a subject and the value chosen for it, parsed from the usual ways to write decisions.

A text without a clear subject makes no claim; nothing is guessed from similar words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.patterns import later
from memorybank.stem import stem
from memorybank.workflow.lines.similarity import plain_of

# short forms that mean the same subject
SAME = {
    "auth": "authentication",
    "db": "database",
    "config": "configuration",
    "repo": "repository",
    "postgres": "postgresql",
    "js": "javascript",
    "ts": "typescript",
    "k8s": "kubernetes",
    "py": "python",
}
# words that do not identify a subject
_VAGUE_WORDS = """
a an the our all this that project system layer service application app code choice strategy mechanism solution approach
tool tooling default of in and for to on with new via by we us be is are will should must
"""
_VAGUE = frozenset(_VAGUE_WORDS.split())
_FILLER = frozenset(("a", "an", "the", "our", "only", "just", "plain", "simple", "always", "be", "as", "of"))
_WORD = later(r"[^\W_]+(?:[._/#-][^\W_]+)*[+#]*")
_TAIL = later(
    r"\s(?:[-\u2013\u2014]\s|because\b|since\b|so that\b|due to\b|in order to\b|which\b|until\b).*"
    r"|\s*[(\[;].*|[.!]\s*\Z|\.\s.*",
    re.IGNORECASE | re.DOTALL,
)
_NOT = later(
    r"\A(?:we\s+)?(?:(?:do|does|must|should|shall|will|may|can)\s+not|don't|doesn't|cannot|can't|won't|never|no|avoid"
    r"|stop|forbid|without|not|disable|drop)\b\s*(?:to\s+)?",
    re.IGNORECASE,
)
_ALWAYS = later(r"\A(?:we\s+)?(?:always|must|should|shall|will|enable|allow|require|do)\b\s*", re.IGNORECASE)
_USE = (
    r"(?:use|uses|using|adopt|choose|chose|pick|prefer|select|keep|run|stay with|go with|go for|settle on"
    r"|standardi[sz]e on|switch to|move to|migrate to)"
)
_FOR = later(rf"\A{_USE}\s+(?P<value>.+?)\s+(?:for|as)\s+(?P<subject>.+)\Z", re.IGNORECASE)
_FROM = later(
    r"\A(?:switch|move|migrate|change|port)\s+(?:the\s+)?(?P<subject>.*?)\s*from\s+(?P<old>.+?)\s+to\s+(?P<value>.+?)"
    r"(?:\s+for\s+(?P<other>.+))?\Z",
    re.IGNORECASE,
)
_SET = later(
    r"\A(?:set|raise|lower|change|limit|cap|increase|reduce)\s+(?:the\s+)?(?P<subject>.+?)\s+(?:to|at)\s+(?P<value>.+)\Z",
    re.IGNORECASE,
)
_PUT = later(
    r"\A(?:store|keep|put|save|write|serve|host|deploy)\s+(?:the\s+)?(?P<subject>.+?)\s+(?P<how>in|on|to|under|as|with|from)\s+"
    r"(?P<value>.+)\Z",
    re.IGNORECASE,
)
_IS = later(
    r"\A(?P<subject>.+?)\s+(?:is|are|will be|should be|must be|uses?|use|runs? on|goes? through|is done with"
    r"|is handled by|lives? in)\s+(?P<no>not\s+)?(?P<value>.+)\Z",
    re.IGNORECASE,
)
_DONE = later(
    r"\A(?P<subject>.+?\s(?:is|are)\s\w+(?:ed|en|wn|pt|lt))\s(?:with|by|in|on|to|as)\s(?P<value>.+)\Z", re.IGNORECASE
)
_COLON = later(r"\A(?P<subject>[^:`\"]{2,60}?)\s*(?::|→|=)\s+(?P<value>.+)\Z", re.DOTALL)
_OVER = later(r"\s+(?:over|instead of|rather than|not|in place of)\s+.*", re.IGNORECASE | re.DOTALL)
_OVER_FOR = later(r"\s+(?:over|instead of|rather than)\s+\S+(?:\s+\S+)?(?=\s+(?:for|as)\s)", re.IGNORECASE)
_LONGEST_SUBJECT = 6


class Claim(NamedTuple):
    """A subject, the words of its value for comparison (`value`) and as written (`said`), and its sign."""

    subject: frozenset[str]
    value: frozenset[str]
    said: str
    positive: bool


def claims_of(text: str) -> list[Claim]:
    """Return the claims of one line of a decision; empty if its subject is not clear."""
    line = plain_of(text).strip("*_ ")
    if not line or line.startswith("~~"):
        return []
    line = line.replace("**", "").replace("`", "")
    found = _COLON.match(line)
    if found and "://" not in line[: found.end("subject") + 3]:
        value = _cut(found["value"])
        negative = _NOT.match(value)
        claims = _claim(found["subject"], value[negative.end() :] if negative else value, positive=not negative)
        return claims or _sentence(_cut(line))
    return _sentence(_cut(line))


def _cut(text: str) -> str:
    """Return a statement without its reason."""
    return _TAIL.sub("", f" {text}").strip()


def _sentence(line: str) -> list[Claim]:
    line = _OVER_FOR.sub("", line)
    negative = _NOT.match(line)
    rest = _ALWAYS.sub("", line[negative.end() :] if negative else line, count=1)
    positive = not negative
    explicit = bool(negative) or rest != line
    found = _FROM.match(rest)
    if found and positive:
        return _claim(found["other"] or found["subject"], found["value"], positive=True)
    for form in (_FOR, _SET, _PUT):
        found = form.match(rest)
        if found:
            subject = found["subject"]
            if form is _PUT:
                # where something is stored and in which form are two different questions
                subject = f"{subject} {'as' if found['how'].casefold() == 'as' else 'where'}"
            claims = _claim(subject, found["value"], positive=positive)
            return [*claims, *_whole(rest, positive=positive)]
    found = _DONE.match(rest) if positive else None
    if found:
        return _claim(found["subject"], found["value"], positive=True)
    found = _IS.match(rest) if not negative else None
    if found and not _NOT.match(found["value"]):
        return [*_claim(found["subject"], found["value"], positive=not found["no"]), *_whole(rest, positive=True)]
    return _whole(rest, positive=positive, explicit=explicit)


def _whole(rest: str, *, positive: bool, explicit: bool = False) -> list[Claim]:
    """Return the whole statement as the subject: its opposite is the same statement with `not`."""
    subject = subject_of(_OVER.sub("", rest), limit=12)
    return [Claim(subject | {"\0"}, frozenset(), rest, positive)] if len(subject) > (0 if explicit else 1) else []


def _claim(subject: str, value: str, *, positive: bool) -> list[Claim]:
    names = subject_of(subject)
    value = _OVER.sub("", value).strip()
    words = name_words(value)
    return [Claim(names, words, value, positive)] if names and words else []


def subject_of(text: str, limit: int = _LONGEST_SUBJECT) -> frozenset[str]:
    """Return the stemmed words of a subject; empty if it is too long to be a subject."""
    words = _words(text, _VAGUE)
    return words if len(words) <= limit else frozenset()


def name_words(text: str) -> frozenset[str]:
    """Return the stemmed words of a value."""
    return _words(text, _FILLER)


def word_key(word: str) -> str:
    """Return what a word is compared by: its stem, in the long form of a usual abbreviation."""
    plain = word.casefold()
    return stem(SAME.get(plain, plain))


def _words(text: str, without: frozenset[str]) -> frozenset[str]:
    found = []
    for word in _WORD.findall(text):
        plain = word.casefold()
        if plain in without:
            continue
        found.append(word_key(plain))
    return frozenset(found)
