"""Decide whether a name is the name of a secret, and whether a value looks like a real secret. Pure."""

from __future__ import annotations

import binascii
import math
import re
from functools import cache, lru_cache
from itertools import pairwise

from memorybank.patterns import later
from memorybank.secrets import words as data

_WORD = later("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SYMBOLS = frozenset("!@#$%^&*+=?~")
_SHORTEST = {"password": 6, "secret": 10, "token": 16, "pass": 8, "key": 32}
KINDS = ("password", "secret", "token")
_SHORTEST_PHRASE = 4  # words
_UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_LONGEST_PASSWORD = 200
_SHORT_FORM = "[a-z][0-9]{1,2}[a-z]"  # i18n, e2e, k8s
_LONGEST_NUMBER = 8  # a date as digits
_LONGEST_WORD = 20
_SHORTEST_WORD = 8  # a password of letters only
_SHORTEST_MIXED = 20  # a value without a digit must be this long to look random


@lru_cache(maxsize=512)
def kind_of_name(name: str) -> str:
    """Return the kind of value a name has: "password", "secret", "token", or "" if it is not secret.

    "pass" and "key" are kinds of their own, for the words alone.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    while words and (words[-1].isdigit() or words[-1] in _words(data.NAME_TAILS)):
        words.pop()
    joined = "".join(words)
    if not words or not _words(data.PUBLIC_WORDS).isdisjoint(words):
        return ""
    if len(words) == 1 and joined in ("pass", "key"):
        return joined  # "pass" may count tests or name a filter, "key" may name anything: only the value decides
    if joined.endswith(data.PASSWORD_ENDS) or words[-1] == "pass" or words[-1] in _words(data.WHOLE_NAMES):
        return "password"
    if joined.endswith(data.SECRET_ENDS):
        return "secret"
    # "monkey" ends in "key"
    return "token" if joined.endswith(data.TOKEN_ENDS) or words[-1] == "key" else ""


def is_real(value: str, kind: str, *, loose: bool) -> bool:
    """Return whether the value of a name looks real; `loose` if the syntax already shows that it is a value."""
    if len(value) < _SHORTEST[kind]:
        return False
    match kind:
        case "password":
            return is_real_password(value, loose=loose)
        case "pass":
            return is_strong(value)
        case "key":
            return _is_base64(value) and is_random(value, bits=4.0)
        case "secret" if _matches(_UUID, value) or (loose and is_strong(value)):
            return True
        case _:
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
    if not loose and _matches("[A-Za-z][A-Za-z0-9]*", value) and _names_code(value):
        return False
    if any(each.isdigit() for each in value) or (len(value) >= _SHORTEST["token"] and _is_base64(value)):
        return True
    if not _SYMBOLS.isdisjoint(value[:-1]):
        return loose
    return loose and len(value) >= _SHORTEST_WORD and value.isalpha() and value[1:].islower()


def is_strong(value: str) -> bool:
    """Return whether a value can hardly be anything but a password: letters, digits, and a sign or both cases."""
    if len(value) < _SHORTEST["pass"] or not is_real_password(value) or not any(each.isdigit() for each in value):
        return False
    if "\\" in value:
        return False
    has_sign = not _SYMBOLS.isdisjoint(value) and not value.startswith(tuple(_SYMBOLS))
    return not is_wordy(value) if not has_sign else not _is_code(value)


def is_phrase(value: str) -> bool:
    """Return whether a value is a passphrase: four words or more, none of which a sentence about passwords has."""
    words = value.split(" ")
    letters = words[:-1] if words[-1].isdigit() else words
    alike = value.islower() or all(word[0].isupper() and word[1:].islower() for word in letters)
    used = {word.lower() for word in letters}
    known = _words(data.PLACEHOLDER_WORDS) | _words(data.SENTENCE_WORDS)
    return alike and len(letters) >= _SHORTEST_PHRASE and len(used) == len(letters) and used.isdisjoint(known)


def is_digest(value: str) -> bool:
    """Return whether a value has the form of a digest or a commit."""
    return _matches(data.DIGEST, value)


def _is_base64(value: str) -> bool:
    """Return whether a value is base64 beyond doubt: whole groups, and padding or a sign that names do not have."""
    return len(value) % 4 == 0 and _matches("[A-Za-z0-9+/]+={0,2}", value) and ("=" in value or "+" in value)


def _names_code(value: str) -> bool:
    """Return whether a value is a name like `passwordInput2`: words in camel case, one of them about passwords."""
    words = [word.lower() for word in _WORD.findall(value) if word.isalpha()]
    return len(words) > 1 and any(word in ("password", "secret", "token", "auth") for word in words)


def _is_code(value: str) -> bool:
    return _matches(r"[A-Za-z_][\w.]*(?:[(\[].*)?", value)


def _matches(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


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
    if _matches(_SHORT_FORM, piece):
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
    # `Sha2Token` and `calculateSha2Token`
    return all(word[0].isupper() for word in letters[1:]) and len(piece) >= 4 * len(letters)


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@cache
def _innocent() -> re.Pattern[str]:
    return re.compile("|".join(data.INNOCENT), re.DOTALL)


@cache
def _placeholder_form() -> re.Pattern[str]:
    return re.compile(data.PLACEHOLDER_FORM)
