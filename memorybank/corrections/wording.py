"""How a correction is written into the bank: its kind, its line, its title; pure functions.

The words are those of the user. Whatever stands in them, the line stays one list item and the texts of the record stay
below their headings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memorybank.corrections.detection.exact_values import values_in
from memorybank.document.inline import TITLE_LENGTH
from memorybank.document.text import one_line
from memorybank.patterns import later
from memorybank.workflow.lines.similarity import words_of

if TYPE_CHECKING:
    from memorybank.records.corrections.correction import Correction, Premise

STANDARD, GOTCHA, NONE = "standard", "gotcha", "none"
KINDS = (STANDARD, GOTCHA, NONE)
TEXT_LENGTH = 300
PREMISE_LENGTH = 80
# words of a rule for the next time, and words of a fact
_RULES = later(
    r"\b(?:always|never|don.?t|do not|stop|please|prefer|from now on|every time|must(?:n.?t)?|should(?:n.?t)?"
    r"|avoid|only|use|keep|leave|ask|rather|immer|nie|niemals|bitte|nur|toujours|jamais|siempre|nunca|sempre|всегда|никогда)\b"
    r"|总是|不要|请|必ず|しないで|ください",
    re.IGNORECASE,
)
# rules that stay rules with a value in them
_HABITS = later(
    r"\b(?:always|never|prefer|from now on|every time|avoid|only|keep|leave|ask|immer|nie|niemals|nur|toujours|jamais"
    r"|siempre|nunca|sempre|всегда|никогда)\b|总是|必ず",
    re.IGNORECASE,
)
_EXACT = frozenset(("url", "ip", "day", "version", "hex", "number", "host", "path", "variable"))
_FACTS = later(
    r"\b(?:is|are|was|were|isn.?t|aren.?t|returns|has|have|lives|runs|means|called|named|ist|sind|est|sont|es|son"
    r"|é|são)\b|是|です",
    re.IGNORECASE,
)
# how a text begins that Markdown would not read as the words of a list item
_BLOCK = later(r"(?:[#>|=~*+\[<!_]|```|-(?:\s|-+\s*\Z)|\d{1,9}[.)](?:\s|\Z))")
_SENTENCE = later(r"(?<=[.!?。！？])\s+|\n+")  # noqa: RUF001  the full stops of Chinese and Japanese
_TICKS = later(r"`+")
_TAIL = later(r"\s*\(instead of: .*\)\s*(?=\(|\Z)|\s*\(cor-\d{8}-[0-9a-z]{5}\)\s*\Z")


def kind_of(correction: Correction) -> str:
    """Return where the line of a correction goes: a standard says what to do, a gotcha what is so.

    A host, port, path or version is a fact, unless a word such as "always" makes a rule of it; a flag is a way to work.
    """
    text = correction.text
    kinds = {each.kind for each in values_in(text)}
    if kinds & _EXACT and "flag" not in kinds and not _HABITS.search(text):
        return GOTCHA
    if _RULES.search(text):
        return STANDARD
    return GOTCHA if _FACTS.search(text) or (kinds and "flag" not in kinds) else STANDARD


def line_text(correction: Correction, text: str = "") -> str:
    """Return the line of a correction without its id: the user's words, or `text`, and in short what they corrected."""
    words = core_text(correction, text)
    premise = short_premise(correction.premise, correction.text)
    return f"{words} (instead of: {premise})" if premise and not text else words


def core_text(correction: Correction, text: str = "") -> str:
    """Return what a correction says in one line, with its exact values as they are; a long text is cut."""
    words = one_line(text or correction.text)
    if not text and len(words) > TEXT_LENGTH:
        words = f"{words[:TEXT_LENGTH].rsplit(' ', 1)[0]} …"
        lost = [each for each in correction.values if each not in words]
        words = f"{words} ({', '.join(lost)})" if lost else words
    if _BLOCK.match(words):
        words = f'"{words}"'
    return words.replace("<!--", r"\<!--")


def core_of(line: str) -> str:
    """Return the words of a line, without what they corrected and without the id of its record."""
    return _TAIL.sub("", line).strip()


def short_premise(premise: Premise, about: str) -> str:
    """Return a premise in a few words: the call of the tool, else the sentence with most of its words."""
    if premise.tool:
        return _cut(one_line(premise.tool))
    wanted = words_of(about)
    sentences = [each.strip() for each in _SENTENCE.split(premise.text) if each.strip()]
    # the last one of several that fit equally well: it is what the user read last
    best = max(enumerate(sentences), key=lambda row: (len(words_of(row[1]) & wanted), row[0]), default=(0, ""))
    return _cut(one_line(best[1]))


def title_of(correction: Correction, text: str = "") -> str:
    """Return the title of a record; one that is cut ends with `…`."""
    words = one_line(text or correction.text)
    return words if len(words) <= TITLE_LENGTH else f"{words[: TITLE_LENGTH - 1]}…"


def fenced(text: str) -> str:
    """Return a text as a block of code, so that nothing in it is read as Markdown."""
    longest = max((len(each) for each in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.strip(chr(10))}\n{fence}"


def _cut(text: str) -> str:
    text = text.replace("<!--", r"\<!--")
    return text if len(text) <= PREMISE_LENGTH else f"{text[: PREMISE_LENGTH - 1].rstrip()}…"
