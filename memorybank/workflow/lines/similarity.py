"""How similar two lines are: compare their meaningful words, stemmed. Pure functions, no language model."""

from __future__ import annotations

from memorybank.patterns import later

# stop words
_EMPTY_WORDS = """
a about all an and any are as at be been but by can could do does for from had has have how i if in into is it its just
may more must need needs no not of on only or our over should so some than that the their then there these they this to
too use used uses using was we were what when where which while will with would you your
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_WORD = later(r"[^\W_]+(?:[._/:+#-][^\W_]+)*[+#]*")
_DATE = later(r"\A\[\d{4}-\d{2}-\d{2}\]\s*")
_ID = later(r"\s\^[0-9A-Za-z-]+\s*\Z")
_FEWEST = 3  # shared words that two similar lines must have

ALIKE = 0.6
SAME = 0.8


def plain_of(text: str) -> str:
    """Return a line without its leading date and its trailing id."""
    return _ID.sub("", _DATE.sub("", text.strip())).strip()


def unmarked(text: str) -> str:
    """Return a line as `plain_of` does, without marks of emphasis and code."""
    return plain_of(text).replace("**", "").replace("`", "").strip("*_ ")


def is_same(one: str, other: str) -> bool:
    """Check whether two lines are equal, character for character, except for the date and the id.

    Only equal lines may be dropped as duplicates: `likeness` ignores symbols and only finds similar lines.
    """
    return plain_of(one) == plain_of(other)


def words_of(text: str) -> frozenset[str]:
    """Return the stems of a line's words, without stop words."""
    # most commands need `plain_of` alone
    from memorybank.stem import stem

    words = (each.casefold() for each in _WORD.findall(plain_of(text)))
    return frozenset(stem(word) for word in words if word not in _EMPTY)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of common words of two lines, from 0 to 1; below three common words it is 0.

    Lines with equal words count even if they have fewer. Lines with different numbers are never similar.
    """
    numbers = [frozenset(word for word in words if not word.isalpha()) for words in (one, other)]
    if all(numbers) and numbers[0] != numbers[1]:
        return 0.0
    shared = len(one & other)
    if not shared:
        return 0.0
    if shared < _FEWEST and one != other:
        return 0.0
    return shared / len(one | other)
