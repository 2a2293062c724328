"""Convert text to terms: folded words as stems, identifiers whole and in parts, scripts without spaces as pairs."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from memorybank.stem import stem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# letters of scripts without spaces: Thai, kana, CJK ideographs; and Hangul, whose words include their particles
_DENSE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile("[^\\W_]+(?:'[^\\W_]+)*", re.ASCII)
# a word with punctuation or an inner capital is treated as a name: max_retries, DEC-0054, src/auth.py:42, C++;
# matched only at the start of a word, or a long run of letters would take quadratic time
_NAME = re.compile(
    r"(?<!\w)(?:-{1,2}[A-Za-z][\w-]*"
    r"|[^\W\d_]\w*[+#]{1,2}(?!\w)"
    r"|\w+(?:(?:[._/:@#-]|::|->)\w+)+(?:\(\))?"
    r"|\w*_\w+"
    r"|[^\W\d_]+[a-z0-9][A-Z]\w*)"
)
_INNER_CAPITAL = re.compile("[a-z][A-Z]|[A-Z][A-Z][a-z]")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_LINE = re.compile(r"(?::\d+)+\Z")
_WORD_LENGTH = 64
_AROUND = ".,;:!?()[]{}<>\"'`*~|"

STOP_WORDS = frozenset(
    (  # noqa: SIM905  a list of words is read as words
        "a am an and are at be been being but by can could did do does doing for had has have having he her here hers "
        "him his how i is it its itself just me my of or our ours she should so some such that the their theirs them "
        "then there these they this those to us was we were what when where which while who whom whose why will would "
        "you your yours "
    ).split()
)


class Terms(NamedTuple):
    """The terms of a text: its words in order, and the additional terms of its names."""

    words: list[str]
    names: list[str]


def fold(text: str) -> str:
    """Return a text in lower case without diacritics."""
    if text.isascii():
        return text.lower()
    import unicodedata

    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", plain)


@cache
def _any_word() -> re.Pattern[str]:
    """Return the pattern of words in any script; compiled on the first text that is not ASCII."""
    return re.compile("[^\\W_]+(?:['\u2019][^\\W_]+)*|[\u2600-\u27bf\U0001f300-\U0001faff]")


@cache
def _dense_run() -> re.Pattern[str]:
    return re.compile(f"[{_DENSE}]+")


def _words_in(text: str) -> list[str]:
    return (_WORD if text.isascii() else _any_word()).findall(text)


def words_of(text: str) -> list[str]:
    """Split a text into its words in order, as stems."""
    folded = fold(text)
    found = _words_in(folded)
    if folded.isascii():
        return [stem(_plain(word) if "'" in word else word) for word in found]
    words: list[str] = []
    for word in found:
        words += [stem(_plain(word))] if word.isascii() else _split_dense(word)
    return words


def spellings(text: str) -> dict[str, str]:
    """Return the words of a text as they are written, by their terms; of several spellings the first."""
    spelled: dict[str, str] = {}
    for word in _words_in(text):
        for term in words_of(word):
            spelled.setdefault(term, word)
    return spelled


def terms_of(text: str) -> Terms:
    """Split a text into terms; every text is valid, there is no query syntax."""
    names: list[str] = []
    for name in _names_in(text):
        whole = fold(name)[:_WORD_LENGTH].removesuffix("()")
        names.append(whole)
        # src/auth.py:42 is also found as src/auth.py and as auth.py
        place = _LINE.sub("", whole)
        names += [each for each in (place, place.rpartition("/")[2]) if each not in {whole, ""} and "." in each]
        for part in _words_in(name):
            if _INNER_CAPITAL.search(part):
                names += [stem(piece.lower()) for piece in _CAMEL.findall(part)]
    return Terms(words_of(text), names)


def _names_in(text: str) -> Iterator[str]:
    for token in text.split():
        # almost all tokens are plain words: only the others are matched against the pattern
        bare = token.strip(_AROUND)
        if bare and not (bare.isalpha() and (bare.islower() or bare.istitle())):
            # in a text without spaces a name is between the letters
            for part in (token,) if token.isascii() else _dense_run().split(token):
                yield from _NAME.findall(part)


def spans_of(text: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    """Return the spans of a text's words and names that are among some terms, sorted and without overlaps."""
    names = _NAME.finditer(text)
    found = [name.span() for name in names if fold(name[0])[:_WORD_LENGTH].removesuffix("()") in wanted]
    for word in (_WORD if text.isascii() else _any_word()).finditer(text):
        at = word.start()
        if stem(_plain(fold(word[0]))) in wanted:
            found.append(word.span())
        elif _INNER_CAPITAL.search(word[0]):
            parts = _CAMEL.finditer(word[0])
            found += [(at + part.start(), at + part.end()) for part in parts if stem(part[0].lower()) in wanted]
        elif not word[0].isascii():
            found += [(at + i, at + i + 2) for i in range(len(word[0]) - 1) if word[0][i : i + 2] in wanted]
    apart: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(stop, apart[-1][1]))
        else:
            apart.append((start, stop))
    return apart


def title_terms(text: str) -> Terms:
    """Split a heading into terms; the parts of its names count as words."""
    found = terms_of(text)
    return Terms(found.words + [name for name in found.names if name.isalpha()], found.names)


def _plain(word: str) -> str:
    """Return a word without apostrophes and without a genitive 's."""
    if "'" in word or "\u2019" in word:
        word = word.replace("\u2019", "'")
        word = word.removesuffix("'s").replace("'", "")
    return word[:_WORD_LENGTH]


def _split_dense(word: str) -> list[str]:
    """Split a run of letters without spaces into overlapping pairs and its last letter; stem other words."""
    terms: list[str] = []
    at = 0
    for run in _dense_run().finditer(word):
        if run.start() > at:
            terms.append(stem(_plain(word[at : run.start()])))
        letters = run.group()
        terms += [letters[i : i + 2] for i in range(len(letters))]
        at = run.end()
    if at < len(word):
        terms.append(stem(_plain(word[at:])))
    return terms


def shown_and_hidden(text: str) -> tuple[str, str]:
    """Split a text into its visible part and its comments, which can be found but are not part of the text."""
    shown, hidden, at = [], [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        shown.append(text[at:start])
        hidden.append(text[start : end + 3])
        at = end + 3
    return (" ".join((*shown, text[at:])), " ".join(hidden)) if hidden else (text, "")


def spaced(terms: list[str]) -> str:
    """Return terms with a space on both sides of each, so that counting ` term ` is exact."""
    return f" {'  '.join(terms)} " if terms else ""


def query_terms(text: str) -> Terms:
    """Return the terms to search for: without stop words, unless there are no other words."""
    found = terms_of(text)
    plain = [_plain(word) for word in _words_in(fold(text))]
    telling = set(terms_of(" ".join(word for word in plain if word not in STOP_WORDS)).words)
    words = [word for word in found.words if word in telling]
    # the last letter of a run without spaces is already in the pair before it
    pairs = {word[-1] for word in words if len(word) == 2 and _is_dense(word)}  # noqa: PLR2004  a pair
    words = [word for word in words if word not in pairs]
    return Terms(words or found.words, found.names)


def _is_dense(word: str) -> bool:
    return not word.isascii() and _dense_run().fullmatch(word) is not None
