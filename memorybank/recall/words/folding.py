"""Fold letters: case, accents and typographic forms make no difference, and `ä` may be written `ae`."""

from __future__ import annotations

# letters that Unicode does not decompose
_PLAIN = {
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n",
    "\u0131": "i", "\u017f": "s", "\u0138": "k", "\u2019": "'", "\u02bc": "'", "\uff07": "'",
}  # fmt: skip
# letters that are also written as two: Größe as Groesse, Ångström as Aangstroem, Søren as Soeren
_PAIRS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
# what shows that a text may have one of them, composed or not
_MARKS = frozenset("äöüøåÄÖÜØÅ\u0308\u030a")


def fold(text: str) -> str:
    """Return a text in lower case without diacritics."""
    if text.isascii():
        return text.lower()
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.casefold())
    # a text has few different characters: looking at each of them once takes a tenth of the time
    marks = {ord(each): None for each in set(plain) if unicodedata.combining(each)}
    plain = unicodedata.normalize("NFC", plain.translate(marks) if marks else plain)
    for letter, letters in _PLAIN.items():
        plain = plain.replace(letter, letters)
    return plain


def fold_spelled_out(text: str) -> str:
    """Return a folded text with `ae` for `ä` and the like; "" if that makes no difference."""
    if text.isascii() or _MARKS.isdisjoint(text):
        return ""
    import unicodedata

    return fold(unicodedata.normalize("NFC", text.casefold()).translate(_PAIRS))
