"""Word stems, equal to those of SQLite's `porter` tokenizer.

M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980. Implemented here because the index, the
query and the comparison of lines need stems, and a stemmer in C would be a dependency for forty lines; the tests
compare it with SQLite.
"""

from __future__ import annotations

import re
from functools import lru_cache

from memorybank.patterns import later

_C = "[^aeiou]"
_V = "[aeiouy]"
_CONSONANTS = f"{_C}[^aeiouy]*"
_VOWELS = f"{_V}[aeiou]*"
_HAS_MEASURE = later(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}")
_MEASURE_ONE = later(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}(?:{_VOWELS})?\\Z")
_MEASURE_MORE = later(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}{_VOWELS}{_CONSONANTS}")
_HAS_VOWEL = later(f"(?:{_CONSONANTS})?{_V}")
_SHORT = later(f"{_CONSONANTS}{_V}[^aeiouwxy]\\Z")
_DOUBLE = later(r"([^aeioulsz])\1\Z", re.IGNORECASE)

_STEP_2 = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "logi": "log",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
}
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_ENDS_2 = later(f"({'|'.join(sorted(_STEP_2, key=len, reverse=True))})\\Z")
_ENDS_3 = later(f"({'|'.join(sorted(_STEP_3, key=len, reverse=True))})\\Z")
_ENDS_4 = later(r"(ement|ance|ence|able|ible|ment|ant|ent|ism|ate|iti|ous|ive|ize|al|er|ic|ou|(?<=[st])ion)\Z")
_SHORTEST, _LONGEST = 3, 63


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the stem of a lower-case word; a word that is not only ASCII letters is returned unchanged."""
    if not _SHORTEST <= len(word) <= _LONGEST or not word.isascii() or not word.isalpha():
        return word[: _LONGEST + 1]
    # a leading y is a consonant: written in upper case so that the patterns match it as one
    if word[0] == "y":
        return "y" + _stem("Y" + word[1:])[1:]
    return _stem(word)


def _stem(word: str) -> str:
    word = _step_1(word)
    found = _ENDS_2.search(word)
    if found and _HAS_MEASURE.match(word[: found.start()]):
        word = word[: found.start()] + _STEP_2[found.group()]
    found = _ENDS_3.search(word)
    if found and _HAS_MEASURE.match(word[: found.start()]):
        word = word[: found.start()] + _STEP_3[found.group()]
    found = _ENDS_4.search(word)
    if found and _MEASURE_MORE.match(word[: found.start()]):
        word = word[: found.start()]
    if word[-1] == "e":
        base = word[:-1]
        if _MEASURE_MORE.match(base) or (_MEASURE_ONE.match(base) and not _SHORT.match(base)):
            word = base
    if word[-2:] == "ll" and _MEASURE_MORE.match(word):
        word = word[:-1]
    return word


def _step_1(word: str) -> str:
    if word[-1] == "s":
        if word.endswith(("sses", "ies")) and word not in ("sses", "ies"):
            word = word[:-2]
        elif word[-2] != "s":
            word = word[:-1]
    if word.endswith("eed") and word != "eed":
        if _HAS_MEASURE.match(word[:-3]):
            word = word[:-1]
    else:
        base = word[:-2] if word.endswith("ed") else word[:-3] if word.endswith("ing") else ""
        if base and _HAS_VOWEL.match(base):
            if base.endswith(("at", "bl", "iz")) or _SHORT.match(base):
                word = base + "e"
            elif _DOUBLE.search(base):
                word = base[:-1]
            else:
                word = base
    if word[-1] == "y" and _HAS_VOWEL.match(word[:-1]):
        word = word[:-1] + "i"
    return word
