"""Which earlier decision the words of a new one name as replaced: `MySQL instead of Postgres`, `replaces dec-…`."""

from __future__ import annotations

import re
from functools import cached_property

from memorybank.patterns import later
from memorybank.workflow.contradictions.claims import claims_of, name_words
from memorybank.workflow.contradictions.plain import is_limited, is_plain, is_tentative
from memorybank.workflow.lines.similarity import plain_of

_INSTEAD = later(
    r"\b(?:instead of|in place of|rather than|no longer|replaces|supersedes|replacing|superseding)\b[:\s]+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
# these say it in any sentence, the others only in a plain one
_STRONG = later(r"(?:replac|supersed)", re.IGNORECASE)
# where the replaced thing ends: with its sentence, or before what it is for
_SENTENCE = later(r"[.;,(]\s|[.;,)]\Z|\s[-\u2013\u2014]\s|\b(?:because|since|to|when)\b", re.IGNORECASE)
_PURPOSE = later(r"\b(?:for|as|with|in)\b", re.IGNORECASE)


class Naming:
    """The texts of a new decision, and what they say about earlier ones."""

    __slots__ = ("__dict__", "_texts")

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = [plain_of(each) for each in texts if each.strip()]

    @cached_property
    def replaces(self) -> tuple[str, ...]:
        """What stands after `instead of` and its like, up to the end of its sentence."""
        if not self._texts or is_tentative(self._texts[0]):
            return ()
        is_one = is_plain(self._texts[0])
        sure = [text for text in self._texts if not is_tentative(text) and not is_limited(text)]
        found = [each for text in sure for each in _INSTEAD.finditer(text) if is_one or _STRONG.match(each[0])]
        return tuple(_before(_SENTENCE, each["rest"]) for each in found)

    def name(self, said: str, ident: str) -> bool:
        """Check whether the texts name an earlier decision that the new one contradicts."""
        if self.name_exactly(said, ident) or self.name_alone(said, ident):
            return True
        values = [claim.value or claim.subject for claim in claims_of(said)]
        return any(_is_name_of(_before(_PURPOSE, rest), value) for rest in self.replaces for value in values)

    def name_exactly(self, said: str, ident: str) -> bool:
        """Check whether the texts name an earlier decision by its id, or as replaced by all its words."""
        return (bool(ident) and any(_has_word(text, ident) for text in self._texts)) or self._name_statement(said)

    def _name_statement(self, said: str) -> bool:
        statement = _folded(plain_of(said).partition(" - ")[0])
        return any(_folded(rest) == statement for rest in self.replaces)

    def name_id(self, ident: str) -> bool:
        """Check whether the texts name an id as replaced."""
        return bool(ident) and any(_has_word(rest, ident) for rest in self.replaces)

    def name_alone(self, said: str, ident: str) -> bool:
        """Check whether the texts name an earlier decision as replaced, by its id or all its words."""
        return self.name_id(ident) or self._name_statement(said)


def _is_name_of(text: str, value: frozenset[str]) -> bool:
    """Check whether a text is a value or the name in it: `Postgres` for `Postgres 16`."""
    words = name_words(text)
    return bool(words) and bool(value) and (words <= value or value <= words)


def _before(end: re.Pattern[str], text: str) -> str:
    found = end.search(text)
    return (text[: found.start()] if found else text).strip()


def _folded(text: str) -> str:
    return " ".join(text.replace("`", "").replace("**", "").casefold().split()).strip(" .\"'")


def _has_word(text: str, word: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.IGNORECASE))
