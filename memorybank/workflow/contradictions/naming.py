"""Which earlier decision the words of a new one name as replaced: `MySQL instead of Postgres`, `replaces dec-…`."""

from __future__ import annotations

import re
from functools import cached_property

from memorybank.workflow.contradictions.claims import claims_of, name_words
from memorybank.workflow.lines.similarity import plain_of

_INSTEAD = re.compile(
    r"\b(?:instead of|in place of|rather than|no longer|replaces|supersedes|replacing|superseding)\b[:\s]+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
# these mean the same in what was decided, but not in a reason: "read over HTTP", "the rows come from Redis"
_WEAK = re.compile(r"\b(?:over|from)\s+(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
# where the replaced thing ends: with its sentence, or before what it is for
_SENTENCE = re.compile(r"[.;,(]\s|[.;,)]\Z|\s[-\u2013\u2014]\s|\b(?:because|since|to|when)\b", re.IGNORECASE)
_PURPOSE = re.compile(r"\b(?:for|as|with|in)\b", re.IGNORECASE)
_USE = re.compile(r"\A(?:we\s+)?(?:use|using|uses)\s+(?:the\s+)?", re.IGNORECASE)


class Naming:
    """The texts of a new decision, and what they say about earlier ones."""

    __slots__ = ("__dict__", "_texts")

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = [plain_of(each) for each in texts if each.strip()]

    @cached_property
    def replaces(self) -> tuple[str, ...]:
        """What stands after `instead of` and its like, up to the end of its sentence."""
        found = [each for text in self._texts for each in _INSTEAD.finditer(text)]
        found += _WEAK.finditer(self._texts[0]) if self._texts else ()
        return tuple(_USE.sub("", _before(_SENTENCE, each["rest"])) for each in found)

    @cached_property
    def _has_subject(self) -> bool:
        return any("\0" not in claim.subject for claim in claims_of(self._texts[0]))

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
        return any(_folded(rest) in {statement, _USE.sub("", statement)} for rest in self.replaces)

    def name_id(self, ident: str) -> bool:
        """Check whether the texts name an id as replaced."""
        return bool(ident) and any(_has_word(rest, ident) for rest in self.replaces)

    def name_alone(self, said: str, ident: str) -> bool:
        """Check whether the texts name an earlier decision as replaced, by its id, its words or its whole value."""
        if self.name_id(ident) or self._name_statement(said):
            return True
        if self._has_subject:
            return False
        values = [claim.value for claim in claims_of(said) if claim.value and claim.positive]
        return any(name_words(_before(_PURPOSE, rest)) in values for rest in self.replaces)


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
