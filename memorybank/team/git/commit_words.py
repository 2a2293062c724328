"""What a commit's message says of decisions and fixes. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from memorybank.document.source import each_line
from memorybank.document.text import without_hidden

DECISION, FIX = "decision", "gotcha"
# for grep -E, which knows no \b everywhere; the words are looked at more closely below
SHELL_PATTERN = "decision|decide|chose|choos|fix|bug"
_DECIDED = re.compile(r"\b(?:decision|decisions|decided|decide|chose|chosen)\b", re.IGNORECASE)
_FIXED = re.compile(r"\b(?:fix|fixes|fixed|bug|bugs|bugfix|hotfix)\b", re.IGNORECASE)
_LABELLED = re.compile(r"\s*(?:[-*]\s+)?(?:decision|decided)\s*:\s*(\S.*)", re.IGNORECASE)
_SQUASHED = re.compile(r"(?:fixup|squash|amend)! ")
_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*: ")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
# what begins a heading, a quotation, a fence or a list, which no line of a bank may have in it
_BEGINS = re.compile(r"(?:#{1,6}\s+|>\s*|`{3,}|~{3,}|\d{1,9}[.)]\s+|[-*+]\s+)+")
_MOST = 5
_LENGTH = 300


class CommitNote(NamedTuple):
    """One line for the bank: its kind and its text."""

    kind: str
    text: str


def said_in(message: str) -> list[CommitNote]:
    """Return what a message decided and fixed: its subject, and lines that begin with `Decision:`; at most five.

    A commit that will be squashed into another one says nothing yet.
    """
    lines = [_plain(line) for line in each_line(message)]
    subject = next(filter(None, lines), "")
    if not subject or _SQUASHED.match(subject):
        return []
    found = []
    kind = DECISION if _DECIDED.search(subject) else FIX if _FIXED.search(subject) else ""
    if kind:
        found.append(CommitNote(kind, subject))
    for line in lines[lines.index(subject) + 1 :]:
        labelled = _LABELLED.match(line)
        if labelled:
            found.append(CommitNote(DECISION, labelled[1]))
    if not found and _is_in_body(lines[lines.index(subject) + 1 :]):
        found.append(CommitNote(DECISION, subject))
    return list(dict.fromkeys(found))[:_MOST]


def _is_in_body(lines: list[str]) -> bool:
    """Whether the text below the subject names a decision; what git and its hosts add does not count."""
    return any(_DECIDED.search(line) for line in lines if not _TRAILER.match(line))


def _plain(line: str) -> str:
    """Return a line as one line of words: without control or hidden characters, not longer than a line of a bank."""
    text = " ".join(without_hidden(_CONTROL.sub(" ", line))[0].split())
    text = _BEGINS.sub("", text, count=1) if _BEGINS.match(text) else text
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1].rstrip()}…"
