"""Convert text to terms: folded words as stems, identifiers whole and in parts, scripts without spaces as pairs."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later
from memorybank.recall.words.folding import fold, fold_spelled_out
from memorybank.stem import stem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# letters of scripts without spaces: Thai, kana, CJK ideographs; and Hangul, whose words include their particles
_DENSE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile("[^\\W_]+(?:'[^\\W_]+)*", re.ASCII)
# a word with punctuation or an inner capital is treated as a name: max_retries, DEC-0054, src/auth.py:42, C++, .env;
# matched only at the start of a word, or a long run of letters would take quadratic time
_NAME = re.compile(
    r"(?<![\w.:$])(?:\.[A-Za-z]\w*(?:[./-]\w+)*|\$\{?[A-Za-z_]\w*|::\w+)"
    r"|(?<!\w)(?:-{1,2}[A-Za-z][\w-]*"
    r"|[^\W\d_]\w*[+#]{1,2}(?!\w)"
    r"|\w+(?:(?:[._/:@#-]|::|->)\w+)+(?:\(\))?"
    r"|\w*_\w+"
    r"|[^\W\d_]+[a-z0-9][A-Z]\w*"
    r"|#\d+(?!\w)"
    r"|@[\w-]+/[\w.-]*\w)"
)
# a URL or a Windows path is a name as a whole, up to a bracket or a quotation mark
_LITERAL = later(r"\w\\+\w|\w://\w|\w\?\w+=")
_ENDS = later(r"[()\[\]<>\"'`|,;]+")
_INNER_CAPITAL = re.compile("[a-z][A-Z]|[A-Z][A-Z][a-z]")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# the end of a place in a file: src/auth.py:42, src/auth.py:42:7, src/auth.py#L42-L50
_LINE = later(r"(?:(?::\d+)+|#l\d+(?:-l?\d+)?)\Z")
_VERSION = later(r"v\d")
# letters alone, joined: a compound such as rate-limit or and/or, which may as well be written with a space
_COMPOUND = later(r"[^\W\d_]+(?:[-/][^\W\d_]+)+")
_WORD_LENGTH = 64
AROUND = ".,;:!?()[]{}<>\"'`*~|"

STOP_WORDS = frozenset(
    (  # noqa: SIM905  a list of words is read as words
        "a am an and are at be been being but by can could did do does doing for had has have having he her here hers "
        "him his how i is it its itself just me my of or our ours she should so some such that the their theirs them "
        "then there these they this those to us was we were what when where which while who whom whose why will would "
        "you your yours "
    ).split()
)
# words that are no subject: they count where an entry has them, and are not missed where none has
SMALL_WORDS = STOP_WORDS | frozenset(
    (  # noqa: SIM905  as above
        "about above after again against all along already also although always among another any anything as away "
        "back because before behind below beside besides between beyond both down during each either else enough even "
        "ever every everything few from further get gets getting go goes got if in inside into last least "
        "less let like made make makes many may maybe might mine more most much must near need needs neither "
        "never next no nor not nothing now off often on once one ones only onto other others otherwise out outside "
        "over own per perhaps please quite rather really same say says see seem since someone something "
        "sometimes soon still take tell than thing things though through thus till too toward towards under until up "
        "upon us use used uses using very via want wants way well went whether with within without yes yet"
    ).split()
)


class Terms(NamedTuple):
    """The terms of a text: its words in order, and the additional terms of its names."""

    words: list[str]
    names: list[str]


@cache
def _any_word() -> re.Pattern[str]:
    """Return the pattern of words in any script; compiled on the first text that is not ASCII."""
    return re.compile("[^\\W_]+(?:['\u2019][^\\W_]+)*|[\u2600-\u27bf\U0001f300-\U0001faff]")


@cache
def _dense_run() -> re.Pattern[str]:
    return re.compile(f"[{_DENSE}]+")


def _words_in(text: str) -> list[str]:
    return (_WORD if text.isascii() else _any_word()).findall(text)


def words_of(text: str, written: set[tuple[str, str]] | None = None) -> list[str]:
    """Split a text into its words in order, as stems; add each stem with its word as written to `written`."""
    folded = fold(text)
    found = _words_in(folded)
    if folded.isascii() or all(map(str.isascii, found)):
        plain = [_plain(word) if "'" in word else word[:_WORD_LENGTH] for word in found]
        stems = list(map(stem, plain))
        if written is not None:
            written.update(zip(stems, plain, strict=True))
        return stems
    words: list[str] = []
    for word in found:
        terms = [stem(_plain(word))] if word.isascii() else _split_dense(word)
        words += terms
        if written is not None and len(terms) == 1:
            written.add((terms[0], _plain(word)))
    return words


def spellings(text: str) -> dict[str, str]:
    """Return the words of a text as they are written, by their terms; of several spellings the first."""
    spelled: dict[str, str] = {}
    for word in _words_in(text):
        for term in words_of(word):
            spelled.setdefault(term, word)
    return spelled


def plain_spellings(text: str) -> dict[str, str]:
    """Return the words of a text as they are written, by their plain form."""
    return {plain_word(word): word for word in _words_in(text)}


def spelled_out_terms(text: str) -> dict[str, str]:
    """Return the terms of a text's words that can be spelled out, with the other term: grosse and groesse of Größe."""
    if text.isascii():
        return {}
    found: dict[str, str] = {}
    for word in _words_in(text):
        spelled_out = fold_spelled_out(word)
        if spelled_out:
            found.update(zip(words_of(word), words_of(spelled_out), strict=False))
    return found


def plain_word(text: str) -> str:
    """Return a word as the index has it in writing: folded, without apostrophes."""
    return _plain(fold(text))


def terms_of(text: str, written: set[tuple[str, str]] | None = None) -> Terms:
    """Split a text into terms; every text is valid, there is no query syntax."""
    names: list[str] = []
    for name in names_in(text):
        whole, pieces = _terms_of_name(name)
        names += whole
        names += [term for term, _ in pieces]
        if written is not None:
            written.update(pieces)
    words = words_of(text, written)
    spelled_out = fold_spelled_out(text)
    if spelled_out:
        known = set(words)
        names += [word for word in words_of(spelled_out, written) if word not in known]
    return Terms(words, names)


@lru_cache(maxsize=1 << 14)
def _terms_of_name(name: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the terms of a name as a whole, and those of its words with each as written."""
    whole = whole_name(name)
    pieces = tuple((stem(piece), piece) for piece in pieces_of_name(name))
    return (whole, *(other for other, _ in other_names(whole))), pieces


def whole_name(name: str) -> str:
    """Return the term of a name: max_retries, src/auth.py:42."""
    return fold(name)[:_WORD_LENGTH].removesuffix("()").replace("{", "")


def other_names(whole: str) -> list[tuple[str, float]]:
    """Return the names that a name is also found by, each with the weight of such a match.

    src/auth.py:42 is also src/auth.py and auth.py; v1.2.3 is 1.2.3; --no-cache is no-cache; @scope/name is scope/name.
    """
    found: list[tuple[str, float]] = []
    place = _LINE.sub("", whole)
    if place != whole and "." in place:
        found.append((place, 0.9))
    parts = place.split("/")
    if "." in parts[-1]:
        found += [("/".join(parts[-count:]), 0.6 + 0.1 * count) for count in (2, 1) if len(parts) > count]
    if _VERSION.match(whole):
        found.append((whole[1:], 0.95))
    bare = whole.lstrip("-@.$")
    if bare != whole and not bare.isalnum():
        found.append((bare, 0.95))
    return found


def pieces_of_name(name: str) -> list[str]:
    """Return the words that a name joins by capitals: get, user of getUser."""
    return [piece.lower() for part in _words_in(name) if _INNER_CAPITAL.search(part) for piece in _CAMEL.findall(part)]


def is_compound(name: str) -> bool:
    """Check whether a name is words joined by a hyphen or a slash, which may as well be written apart."""
    return _COMPOUND.fullmatch(name) is not None


def is_literal(name: str) -> bool:
    """Check whether a name is a URL or a Windows path."""
    return ("\\" in name or "?" in name or "://" in name) and _LITERAL.search(name) is not None


def names_in(text: str) -> Iterator[str]:
    """Yield the names of a text as they are written."""
    for token in text.split():
        # almost all tokens are plain words: only the others are matched against the pattern
        bare = token.strip(AROUND)
        if bare and not (bare.isalpha() and (bare.islower() or bare.istitle()) and f".{bare}" not in token):
            if is_literal(token):
                yield from (part.strip(AROUND) for part in _ENDS.split(token) if is_literal(part))
            # in a text without spaces a name is between the letters
            for part in (token,) if token.isascii() else _dense_run().split(token):
                yield from _NAME.findall(part)


def spans_of(text: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    """Return the spans of a text's words and names that are among some terms, sorted and without overlaps."""
    names = _NAME.finditer(text)
    found = [name.span() for name in names if whole_name(name[0]) in wanted]
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


def title_terms(text: str, written: set[tuple[str, str]] | None = None) -> Terms:
    """Split a heading into terms; the parts of its names count as words."""
    found = terms_of(text, written)
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
