"""Decide whether a name is the name of a secret, and whether a value looks like a real secret. Pure."""

from __future__ import annotations

import binascii
import math
import re
from functools import cache, lru_cache
from itertools import pairwise

from memorybank.secrets import rules as data

_WORD = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SYMBOLS = frozenset("!@#$%^&*+=?~")
_SHORTEST = {"password": 6, "secret": 10, "token": 16}
KINDS = tuple(_SHORTEST)
_LONGEST_PASSWORD = 200
_LONGEST_NUMBER = 8  # a date as digits
_LONGEST_WORD = 20
_SHORTEST_WORD = 8  # a password of letters only
_SHORTEST_MIXED = 20  # a value without a digit must be this long to look random


@lru_cache(maxsize=512)
def kind_of_name(name: str) -> str:
    """Return the kind of value a name has: "password", "secret", "token", or "" if it is not secret."""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and (words[-1].isdigit() or words[-1] in _words(data.NAME_TAILS)):
        words.pop()
    joined = "".join(words)
    if not words or not _words(data.PUBLIC_WORDS).isdisjoint(words):
        return ""
    if joined.endswith(data.PASSWORD_ENDS) or (words[-1] == "pass" and len(words) > 1):
        return "password"
    if joined.endswith(data.SECRET_ENDS) or joined == "pass":  # "pass" alone may count tests, or name a filter
        return "secret"
    # "key" alone proves nothing, and "monkey" ends in "key"
    return "token" if joined.endswith(data.TOKEN_ENDS) or (words[-1] == "key" and len(words) > 1) else ""


def is_real(value: str, kind: str, *, loose: bool) -> bool:
    """Return whether the value of a name looks real; `loose` if the syntax already shows that it is a value."""
    if len(value) < _SHORTEST[kind]:
        return False
    if kind == "password":
        return is_real_password(value, loose=loose)
    return is_random(value, bits=3.0 if len(value) >= _SHORTEST["token"] else 2.6)


def is_real_password(value: str, *, loose: bool = True) -> bool:
    """Return whether a value looks like a password that a person chose, not like words about passwords."""
    if not _SHORTEST["password"] <= len(value) <= _LONGEST_PASSWORD or not _is_value(value) or value.isdigit():
        return False
    if not any(each.isalpha() for each in value):
        return False
    pieces = re.split("[^A-Za-z0-9]+", value)
    if len(pieces) > 1 and is_wordy(value) and _SYMBOLS.isdisjoint(value):
        named = any(word.lower() in _words(data.PLACEHOLDER_WORDS) for word in _WORD.findall(value))
        return loose and not named and any(each.isdigit() for each in value)
    if any(each.isdigit() for each in value):
        return True
    if not _SYMBOLS.isdisjoint(value[:-1]):
        return loose
    return loose and len(value) >= _SHORTEST_WORD and value.isalpha() and value[1:].islower()


def is_random(value: str, *, bits: float) -> bool:
    """Return whether a value looks random: letters and digits mixed, no words, `bits` of entropy per character."""
    if not _is_value(value) or is_wordy(value) or not any(each.isalpha() for each in value):
        return False
    if not any(each.isdigit() for each in value):
        turns = sum(one.islower() != two.islower() for one, two in pairwise(value))
        if len(value) < _SHORTEST_MIXED or turns < len(value) / 4:
            return False
    return entropy(value) >= bits


def entropy(value: str) -> float:
    """Return the Shannon entropy of a value in bits per character."""
    shares = (value.count(each) / len(value) for each in set(value))
    return -sum(share * math.log2(share) for share in shares)


def is_placeholder(value: str) -> bool:
    """Return whether a value is a placeholder: `${VAR}`, `<password>`, `***`, `your-password`, `changeme`."""
    if not len(set(value)) > len("xy") or has_example(value) or _placeholder_form().search(value):
        return True
    known = _words(data.PLACEHOLDER_WORDS)
    pieces = [piece.lower() for piece in re.findall("[A-Za-z0-9]+", value)]
    if all(piece in known or piece.isdigit() for piece in pieces) or ("|" in value and pieces[0] in known):
        return True
    return all(word.isdigit() or word.lower() in known for word in _WORD.findall(value))


def has_example(value: str) -> bool:
    """Return whether a value contains a word that marks it as an example."""
    lower = value.lower()
    return any(part in lower for part in data.PLACEHOLDER_PARTS)


def is_wordy(value: str) -> bool:
    """Return whether a value is made of words, short numbers and versions between separators, like names and paths."""
    return all(_is_wordy_piece(piece) for piece in re.split("[^A-Za-z0-9]+", value))


def decoded(base64: str) -> bytes:
    """Decode base64 of either alphabet; the last bytes of an incomplete group are dropped."""
    standard = base64.rstrip("=").replace("-", "+").replace("_", "/")
    return binascii.a2b_base64(standard[: len(standard) // 4 * 4] + _last_group(standard))


def _last_group(base64: str) -> str:
    rest = len(base64) % 4
    return base64[-rest:] + "=" * (4 - rest) if rest > 1 else ""


def _is_value(value: str) -> bool:
    return "://" not in value and not _innocent().fullmatch(value) and not is_placeholder(value)


def _is_wordy_piece(piece: str) -> bool:
    if not piece or piece.lower() in _words(data.PLACEHOLDER_WORDS):
        return True
    words = _WORD.findall(piece)
    letters = [word for word in words if word.isalpha()]
    if not letters:
        return len(piece) <= _LONGEST_NUMBER
    # `CamelCase` has few, long runs of letters; a random value has many short ones, or a very long one
    if max(map(len, letters)) > _LONGEST_WORD or len(words) > len(letters) + 1:
        return False
    if not words[0].isalpha() or len(words) == len(letters) or words[-1].isdigit():
        return len(piece) >= 3 * len(letters) - 2
    return all(word[0].isupper() for word in letters) and len(piece) >= 4 * len(letters)


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@cache
def _innocent() -> re.Pattern[str]:
    return re.compile("|".join(data.INNOCENT), re.DOTALL)


@cache
def _placeholder_form() -> re.Pattern[str]:
    return re.compile(data.PLACEHOLDER_FORM)
