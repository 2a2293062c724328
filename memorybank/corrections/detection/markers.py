"""Marker words: what people say when they correct, by language, as data from `templates/markers.tsv`.

That file explains its classes and the form of a phrase. A phrase has no other signs, so no phrase, not even one of the
settings, can be slow to match.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from memorybank.contracts.load import template_bytes
from memorybank.patterns import later
from memorybank.recall.words.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

FILE = "markers.tsv"
OWN = "own"
# classes whose phrases begin a clause; the others are found anywhere in it
_AT_START = frozenset((
    "opener", "weak", "order", "undo", "steer", "more", "place", "change",
    "ask", "doubt", "question", "task", "go", "self",
))  # fmt: skip
# classes of what is no correction
_NO_SIGN = frozenset(
    "approval critical go harmless offer praise proceed question report self style task".split()  # noqa: SIM905
)
# scripts without spaces: no word ends, and the verb with what is asked comes last
_DENSE = frozenset(("zh", "ja"))
_DENSE_AT_START = frozenset(("opener", "weak", "task", "go"))
_UP_TO_THREE = r"(?:\S+\s+){0,3}?"
_GAP = r"[\s,-]+"  # also as in `peux-tu`
_START, _NO_WORD_BEFORE, _NO_WORD_AFTER = r"^\W*", r"(?<!\w)", r"(?!\w)"
# `commit-messages` and `no-cache` are other words; in languages with `montre-moi` the first part is the word
_COMPOUNDS, _NO_COMPOUND_AFTER = frozenset(("en", "de")), r"(?!\w|-\w)"
_NEVER = re.compile(r"(?!)")
# so many texts are matched with the phrases they may have; for more it is cheaper to compile all phrases once
_NARROWED = 8
# how people type words of English in chats
_TYPED = {
    "u": "you",
    "w/o": "without",
    "ur": "your",
    "shld": "should",
    "shud": "should",
    "shoud": "should",
    "cld": "could",
    "wld": "would",
    "dnt": "dont",
    "plz": "please",
    "plse": "please",
    "gr8": "great",
    "b4": "before",
    "alrdy": "already",
    "nvm": "nevermind",
}
_TYPED_WORD = later(rf"(?<![-./\w@$])(?:{'|'.join(_TYPED)})(?![-./=:_@\w])")


class Phrases:
    """The phrases of one class of markers by language, as a pattern for text as `plain` returns it.

    To compile them all takes longer than a hook has for one turn. So the first texts are matched with those phrases
    only whose words they have, which finds the same.
    """

    def __init__(self, name: str, rows: Mapping[str, list[str]]) -> None:
        self._name, self._rows = name, rows
        self._count = 0
        self._whole: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match in a text."""
        return self._pattern(text).search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """Return the match at the beginning of a text."""
        return self._pattern(text).match(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Return all matches in a text."""
        return self._pattern(text).finditer(text)

    def sub(self, replacement: str, text: str) -> str:
        """Return a text with each match replaced."""
        return self._pattern(text).sub(replacement, text)

    def whole(self) -> re.Pattern[str]:
        """Return the pattern of all phrases."""
        if self._whole is None:
            self._whole = self._compiled(bool)
        return self._whole

    def _pattern(self, text: str) -> re.Pattern[str]:
        if self._whole is not None or self._count >= _NARROWED:
            return self.whole()
        found = self._compiled(lambda phrase: _may_have(text, phrase))
        self._count += found is not _NEVER
        return found

    def _compiled(self, is_wanted: Callable[[str], bool]) -> re.Pattern[str]:
        rows = ((language, list(filter(is_wanted, row))) for language, row in self._rows.items())
        each = [_alternatives(self._name, *row) for row in rows if row[1]]
        return re.compile("|".join(each)) if each else _NEVER


class Markers:
    """The markers of some languages, by class and language, with those of the settings as the class `own`."""

    __slots__ = ("_classes", "phrases")

    def __init__(self, phrases: Mapping[str, Mapping[str, list[str]]]) -> None:
        self.phrases = phrases
        self._classes: dict[str, Phrases] = {}

    def __getitem__(self, name: str) -> Phrases:
        """Return the phrases of a class."""
        found = self._classes.get(name)
        if found is None:
            found = self._classes[name] = Phrases(name, self.phrases.get(name, {}))
        return found


def load_markers(languages: Iterable[str] = (), extra: Iterable[str] = (), own: Path | None = None) -> Markers:
    """Return the markers of some languages, of all languages if there are no names, with those of the settings.

    `own` is the folder of a bank's own templates; what is in its file counts in any language. An unknown language has
    no markers; English is always there, as developers of any language mix it in. A word of the settings that is a
    marker anyway, such as `no`, stays what it is: it does not make corrections of questions.
    """
    found = _known(frozenset(languages), template_bytes(FILE), template_bytes(FILE, own) if own else b"")
    words = [each for each in map(plain, extra) if each.strip(" ~/") and not _is_known(each, found)]
    return Markers({**found.phrases, OWN: {"": words}}) if words else found


def _is_known(text: str, markers: Markers) -> bool:
    """Check whether a plain text is a phrase of a class that is a sign of a correction."""
    words = text.split()
    rows = (rows for name, rows in markers.phrases.items() if name not in _NO_SIGN)
    phrases = (phrase.split() for each in rows for phrases in each.values() for phrase in phrases)
    return any(
        len(each) == len(words) and all(word in form.split("/") for word, form in zip(words, each, strict=True))
        for each in phrases
    )


def languages_of(own: Path | None = None) -> tuple[str, ...]:
    """Return the languages that have markers."""
    rows = {**_rows(template_bytes(FILE)), **_rows(template_bytes(FILE, own) if own else b"")}
    return tuple(sorted({language for _, language in rows}))


def plain(text: str) -> str:
    """Return a text in the form in which markers are compared: folded, without apostrophes and short forms of chats."""
    folded = fold(text).replace("'", "").replace("\u2018", "").replace("\u2019", "")
    return _TYPED_WORD.sub(lambda match: _TYPED[match[0]], folded)


@cache
def _known(languages: frozenset[str], shipped: bytes, own: bytes) -> Markers:
    by_class: dict[str, dict[str, list[str]]] = {}
    added = _rows(own)
    for (name, language), phrases in {**_rows(shipped), **added}.items():
        if not languages or language in languages or language == "en" or (name, language) in added:
            by_class.setdefault(name, {})[language] = phrases
    return Markers(by_class)


def _rows(data: bytes) -> dict[tuple[str, str], list[str]]:
    """Return the phrases of a file by class and language, in plain form; a line of another form is skipped."""
    rows: dict[tuple[str, str], list[str]] = {}
    for line in data.decode("utf-8", "replace").split("\n"):
        parts = line.rstrip("\r").split("\t")
        if len(parts) == 3 and not line.startswith("#"):  # noqa: PLR2004  class, language, phrases
            phrases = plain(parts[2]).split("|")
            rows[parts[0].strip(), parts[1].strip()] = [each.strip() for each in phrases if each.strip(" ~/")]
    return rows


def _may_have(text: str, phrase: str) -> bool:
    """Check whether a text has each word of a phrase somewhere; a word with `~` is not looked for."""
    for word in phrase.split():
        if "/" in word:
            if "~" not in word and not any(each in text for each in word.split("/")):
                return False
        elif word not in text and "~" not in word:
            return False
    return True


def _alternatives(name: str, language: str, phrases: Iterable[str]) -> str:
    forms = sorted({_form(phrase) for phrase in phrases}, key=len, reverse=True)
    if language in _DENSE:
        before, after = _START if name in _DENSE_AT_START else "", ""
    else:
        before = _START if name in _AT_START else _NO_WORD_BEFORE
        after = _NO_COMPOUND_AFTER if language in _COMPOUNDS else _NO_WORD_AFTER
    return f"{before}(?:{'|'.join(forms)}){after}"


def _form(phrase: str) -> str:
    """Return the pattern of a phrase."""
    pattern = ""
    for word in phrase.strip(" ~").split():
        if word == "~":
            pattern += _UP_TO_THREE
            continue
        one = "|".join(re.escape(each) for each in word.split("/") if each).replace(r"\~", r"\S+").replace("~", r"\S+")
        pattern += f"(?:{one}){_GAP}"
    return pattern.removesuffix(_GAP)
