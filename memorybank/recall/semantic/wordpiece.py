"""Split words into the pieces of the embedding model, like BERT's uncased tokenizer.

Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers" (2019); `minilm/vocab.txt` is that model's list
of pieces, under its own licence beside it. Implemented here because the packaged tokenizer includes a network client.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pkgutil import get_data

_UNKNOWN, _START, _END = 100, 101, 102
_LONGEST_WORD = 100
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def pieces(text: str, most: int) -> list[int]:
    """Return the numbers of a text's pieces, at most `most`, including the marks for start and end."""
    known = _vocabulary()
    found: list[int] = []
    for word in _words(text):
        found += _cut(word, known)
        if len(found) > most:
            break
    return [_START, *found[: most - 2], _END]


@cache
def _vocabulary() -> dict[str, int]:
    # also from a zip; importlib.resources takes longer to import than the list to read
    data = get_data(__package__, "minilm/vocab.txt") or b""
    lines = data.decode().split("\n")
    return dict(zip(lines, range(len(lines)), strict=True))


def _words(text: str) -> list[str]:
    """Split a text at white space and around each mark and ideograph; letters become lower-case without accents."""
    parts: list[str] = []
    for each in unicodedata.normalize("NFD", _clean(text).lower()):
        kind = unicodedata.category(each)
        if kind == "Mn":
            continue
        parts.append(f" {each} " if _is_mark(each, kind) or _is_ideograph(each) else each)
    return "".join(parts).split()


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    # white space is kept, other control and format characters are removed
    return "".join(
        " " if each.isspace() else each
        for each in text
        if each in "\t\n\r" or not (each in "\0\ufffd" or unicodedata.category(each).startswith("C"))
    )


def _is_mark(each: str, kind: str) -> bool:
    return kind.startswith("P") or (each.isascii() and not each.isalnum() and not each.isspace())


def _is_ideograph(each: str) -> bool:
    return any(low <= ord(each) <= high for low, high in _CJK)


def _cut(word: str, known: dict[str, int]) -> list[int]:
    """Split a word into the longest known pieces from its start; if a part is unknown, the whole word is unknown."""
    if len(word) > _LONGEST_WORD:
        return [_UNKNOWN]
    found = []
    at = 0
    while at < len(word):
        prefix = "##" if at else ""
        end = len(word)
        while end > at and prefix + word[at:end] not in known:
            end -= 1
        if end == at:
            return [_UNKNOWN]
        found.append(known[prefix + word[at:end]])
        at = end
    return found
