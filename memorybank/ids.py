"""Ids and slugs: short ids that two branches do not create twice, and file names of letters and digits only."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
# an id as `new_id` makes it, as a part of a pattern
RANDOM_ID = r"[a-z]{2,4}-\d{8}-[0-9a-z]{5}"
SLUG_LENGTH = 60
_SLUG_BYTES = 120

# ASCII characters that separate words; characters beyond ASCII are decided one by one
_WORD = later(r"[\x00-\x2f:-`{-\x7f]+")
# invisible letters
_FILLERS = "\u115f\u1160\u3164\uffa0"
# invisible marks that select a glyph
_UNSEEN = ((0x34F, 0x34F), (0x17B4, 0x17B5), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


def chosen(word: str, choices: Iterable[str]) -> str:
    """Return the choice that a word is in another case or spacing (`In Progress`); else the word as it is."""
    known = tuple(choices)
    if word in known:
        return word
    key = _joined(word)
    return next((each for each in known if _joined(each) == key), word)


def _joined(word: str) -> str:
    return "-".join(word.replace("_", " ").replace("-", " ").casefold().split())


def new_id(prefix: str, now: datetime, random_bytes: Callable[[int], bytes]) -> str:
    """Return a new id such as `op-20261121-k3f9x`: kind, day and a tail of 25 random bits."""
    return f"{prefix}-{now:%Y%m%d}-{tail(5, random_bytes)}"


def tail(length: int, random_bytes: Callable[[int], bytes]) -> str:
    """Return random letters of Crockford's base 32."""
    return "".join(CROCKFORD[byte & 31] for byte in random_bytes(length))


def slug_of(text: str) -> str:
    """Return a file name's stem for a title: lower-case words joined by hyphens, in the letters of its script.

    Latin letters lose their accents. A title of symbols only is named after them, for example `rocket`; a title with
    no words or symbols becomes `untitled`. The slug has no control characters and no marks that change the direction
    of text, and is at most 60 letters and 120 bytes long.
    """
    folded = text.casefold()
    plain = unicodedata.normalize("NFKD", folded)
    if plain.isascii() or not any(map(_is_foreign, plain)):
        words = plain.encode("ascii", "ignore").decode()
    else:
        words = ""
        for char in unicodedata.normalize("NFKC", folded):
            # a mark on a Latin letter goes, like the accent that is part of one
            is_mark = unicodedata.category(char)[0] == "M"
            words += "" if is_mark and words[-1:].isascii() else _letter(char)
    slug = _cut(_WORD.sub("-", words).strip("-"))
    return slug or _cut("-".join(_WORD.sub("-", each) for each in map(_sign, text) if each)) or "untitled"


def _is_foreign(char: str) -> bool:
    """Return whether a character is a visible letter or digit that has no ASCII form."""
    return not char.isascii() and unicodedata.category(char)[0] in "LN" and char not in _FILLERS


def _letter(char: str) -> str:
    """Return a character as it appears in a slug; a hyphen if it is not a letter, a digit or a mark on one."""
    base = unicodedata.normalize("NFKD", char)[0]
    if base.isascii():
        return base if base.isalnum() else "-"
    if _is_foreign(char):
        return char
    kind = unicodedata.category(char)
    if kind == "Cf" or any(first <= ord(char) <= last for first, last in _UNSEEN):
        return ""
    return char if kind[0] == "M" else "-"


def _sign(char: str) -> str:
    """Return the name of a symbol such as an emoji; "" for ASCII and for symbols without a name."""
    is_sign = not char.isascii() and unicodedata.category(char)[0] in "SP"
    return unicodedata.name(char, "").lower() if is_sign else ""


def _cut(slug: str) -> str:
    """Shorten a slug to the length limit of a file name, without cutting a letter from its marks."""
    size = count = 0
    for count, char in enumerate(slug):
        size += len(char.encode("utf-8", "surrogateescape"))
        if count == SLUG_LENGTH or size > _SLUG_BYTES:
            break
    else:
        return slug.strip("-")
    while count and unicodedata.category(slug[count])[0] == "M":
        count -= 1
    return slug[:count].strip("-")
