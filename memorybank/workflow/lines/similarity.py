"""How alike two lines are: by the words that carry meaning, brought to a common form. Pure, and no model."""

from __future__ import annotations

import re

# words that hold a sentence together and say nothing of what it is about
_EMPTY_WORDS = """
a about all an and any are as at be been but by can could do does for from had has have how i if in into is it its just
may more must need needs no not of on only or our over should so some than that the their then there these they this to
too use used uses using was we were what when where which while will with would you your
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:[._/:+#-][^\W_]+)*[+#]*")
_DATE = re.compile(r"\A\[\d{4}-\d{2}-\d{2}\]\s*")
_ID = re.compile(r"\s\^[0-9A-Za-z-]+\s*\Z")
_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ies", "ied", "ers", "ed", "es", "ly", "er", "s", "e")
_SHORTEST = 4  # letters that stay of a word whose ending is taken off
_FEWEST = 3  # words two lines must share to be called alike

ALIKE = 0.6
SAME = 0.8


def plain_of(text: str) -> str:
    """Give a line without the date before it and the id behind it."""
    return _ID.sub("", _DATE.sub("", text.strip())).strip()


def is_same(one: str, other: str) -> bool:
    """Whether two lines are equal, character for character, but for the date before and the id behind.

    Only such a line may be left unwritten or taken out: `likeness` knows no symbols, and says what is close.
    """
    return plain_of(one) == plain_of(other)


def stem_of(word: str) -> str:
    """Bring a word to a form that its relatives share; rough, and only ever compared with its like."""
    word = word.casefold()
    if not word.isalpha():
        return word
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "ies", "es")) and len(word) >= _SHORTEST:
        return word[:-1]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word


def words_of(text: str) -> frozenset[str]:
    """Give the words of a line that carry its meaning."""
    words = (each.casefold() for each in _WORD.findall(plain_of(text)))
    return frozenset(stem_of(each) for each in words if each not in _EMPTY)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Tell from 0 to 1 how many of their words two lines share; under three shared words there is no likeness.

    Equal lines of fewer words are alike all the same. Lines with other numbers in them say different things.
    """
    numbers = [frozenset(each for each in words if not each.isalpha()) for words in (one, other)]
    if all(numbers) and numbers[0] != numbers[1]:
        return 0.0
    shared = len(one & other)
    if not shared:
        return 0.0
    if shared < _FEWEST and one != other:
        return 0.0
    return shared / len(one | other)
