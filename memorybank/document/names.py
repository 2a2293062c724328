"""Compare names of headings as people write them: by their words, without emoji, numbers, marks and punctuation.

Names are compared exactly first; this looser comparison is used only if no heading has the exact name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from memorybank.patterns import later

_LONG = 200  # characters; a longer text is not a name
_TAG = later(r"<[^<>]*>")
_LINK = later(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_ATTRIBUTES = later(r"\s*\{[^{}]*\}\s*\Z")
_SHORTCODE = later(r"(?<!\S):[a-z0-9_+-]+:(?!\S)", re.IGNORECASE)
_KEYCAP = later("[0-9#*]\ufe0f?\u20e3")
_STRUCK = later(r"~~.*~~\Z", re.DOTALL)
_NUMBER = later(
    r"[\s\W]*(?:(?:\(?(\d{1,3}(?:\.\d{1,3})*|[ivx]{1,5})(?:[.):\]]+|\s+[-\u2013\u2014:]+))|(\d{1,3}(?:\.\d{1,3})+))\s+(?=\S)"
)
_SUFFIX = later(r"(.*\S)\s*[(\[]([^()\[\]]*)[)\]][\s\W]*\Z", re.DOTALL)
_COUNT = later(r"[\d\s/.,:%-]*\Z")
_APOSTROPHE = later("(?<=\\w)['`\u2018\u2019\u02bc\u00b4\u2032](?=\\w)")
# remarks in brackets after a name that do not change its subject
_REMARKS = (
    "active|current|in progress|latest|new|now|ongoing|open|recent|snapshot|this session|this sprint|this week"
    "|to do|today|todo|updated|wip"
)
_NEUTRAL = frozenset(_REMARKS.split("|"))


class PlainName(NamedTuple):
    """A name without its decoration: the words, the number before them, the remark in brackets after them."""

    words: str
    number: str = ""
    remark: str = ""


@lru_cache(maxsize=4096)
def plain_of(name: str) -> PlainName:
    """Return a name without its decoration; a name that is only decoration is not changed."""
    is_undecorated = name.isascii() and name.replace(" ", "").isalnum()
    if is_undecorated or len(name) > _LONG:
        return PlainName(" ".join(name.split()).casefold())
    text = _unescaped(name)
    text = _ATTRIBUTES.sub("", _LINK.sub(r"\1", _TAG.sub("", text)))
    text = _KEYCAP.sub("", _SHORTCODE.sub("", text))
    text = "".join(char for char in text if not _is_picture(char))
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    if _STRUCK.match(text):
        # strikethrough means that the section is no longer in use
        return PlainName(" ".join(name.split()).casefold())
    number = remark = ""
    found = _NUMBER.match(text)
    if found:
        number, text = found[1] or found[2], text[found.end() :]
    bracket = _SUFFIX.match(text)
    if bracket and _words(bracket[1]):
        said = _words(bracket[2])
        if said in _NEUTRAL or _COUNT.match(bracket[2]):
            text, remark = bracket[1], said
    words = _words(text)
    return PlainName(words, number, remark) if words else PlainName(" ".join(name.split()).casefold())


def is_same_name(one: str, other: str) -> bool:
    """Whether two names differ only in their decoration; numbers and remarks that both have must be equal."""
    first, second = plain_of(one), plain_of(other)
    return (
        first.words == second.words
        and (not first.number or not second.number or first.number == second.number)
        and (not first.remark or not second.remark or first.remark == second.remark)
    )


def _unescaped(name: str) -> str:
    if "&" in name and ";" in name:
        from html import unescape

        name = unescape(name)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", name)


def _is_picture(char: str) -> bool:
    """Whether a character is an emoji, a part of one, or invisible."""
    if char.isascii():
        return False
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True
    return unicodedata.category(char) in ("So", "Sk", "No", "Cf", "Co", "Cn")


def _words(text: str) -> str:
    """Return the words of a text; `+` and `#` are kept at the end of a word, as in C++ and C#."""
    text = _APOSTROPHE.sub("", text.replace("&", " and ").replace(" + ", " and "))
    kept: list[str] = []
    for char in text:
        is_word = char.isalnum() or unicodedata.category(char)[0] in "LMN"
        is_sign = char in "+#" and kept and kept[-1] != " "
        kept.append(char if is_word or is_sign else " ")
    return " ".join("".join(kept).split())
