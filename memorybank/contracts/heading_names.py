"""Names of sections in other languages, for banks of other tools: what kind of note a heading takes.

The names are data, in `templates/headings.tsv`. A heading has one of them as a whole or it is not known; nothing is
guessed. Only the form is made equal first: case, emoji, numbering, punctuation, full-width letters, accents of Latin
letters. A heading in two languages, `現在の作業 (Current Focus)`, is known if both parts mean the same.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.layouts import CLINE_ELSEWHERE, CLINE_NOTES, CLINE_SECTIONS
from memorybank.contracts.load import template_bytes
from memorybank.document.names import plain_of
from memorybank.patterns import later

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

FILE = "headings.tsv"
OTHER = "other"  # a known section that takes no kind of note
ENGLISH = "en"
_REMARK = "remark"
_NUMBER = later(r"(?:第?\d{1,3}(?: \d{1,3})*[章節节部] ?|\d{1,3}(?: \d{1,3})* |[一二三四五六七八九十]{1,3} )(?=\S)")
_BRACKET = later(r"(.*\S)\s*[(\[]([^()\[\]]+)[)\]]\W*")
_PARTS = later(r"\s*[/|]\s*|\s+[-\u2013\u2014]\s+")
_ACCENTED = later("[\u00c0-\u024f\u1e00-\u1eff\u0451\u064a\u0643\u0623\u0625\u0622]")
_BETWEEN = later(r"[^\w\t\n|#]+|_+")
_LONGEST = 120  # characters; a longer heading is a sentence
# letters that are written in two ways; the others of Latin script are found by their parts
_TWINS = {
    "\u0451": "\u0435",
    "\u0111": "d",
    "\u0142": "l",
    "\u00f8": "o",
    "\u0131": "i",
    "\u064a": "\u06cc",
    "\u0643": "\u06a9",
    "\u0623": "\u0627",
    "\u0625": "\u0627",
    "\u0622": "\u0627",
}


class NamedKind(NamedTuple):
    """A kind of note that a heading names, the language, and the place of the name among those of the language."""

    kind: str
    language: str
    rank: int


class _Table(NamedTuple):
    kinds: dict[str, tuple[NamedKind, ...]]  # by the form of a name
    first: dict[tuple[str, str], str]  # the name of a new section, by kind and language


@lru_cache(maxsize=512)
def kinds_named(name: str) -> tuple[NamedKind, ...]:
    """Return the kinds that a heading names in other languages; empty if it is not known."""
    if len(name) > _LONGEST:
        return ()
    found = _kinds_of(name)
    if found:
        return _without_remarks(found)
    text = unicodedata.normalize("NFKC", name).strip()
    bracket = _BRACKET.fullmatch(text)
    if bracket:
        inner = _kinds_of(bracket[2])
        if any(each.kind == _REMARK for each in inner):
            return _without_remarks(_kinds_of(bracket[1]))
        return _common((bracket[1], bracket[2]))
    before, colon, _ = text.partition(":")
    if colon and _kinds_of(before):  # `Текущий фокус: импорт`
        return _without_remarks(_kinds_of(before))
    parts = [part for part in _PARTS.split(text) if part]
    return _common(parts) if len(parts) > 1 else ()


def name_in(language: str, kind: str) -> str:
    """Return the name that a new section of a kind gets in a language; "" if there is none."""
    return "" if language == ENGLISH else _table().first.get((kind, language), "")


def language_of(names: Iterable[str]) -> str:
    """Return the language of some headings: that of most of the known ones, English if none is in another one."""
    forms = {name: form_of(name) in _english() for name in names}
    if all(forms.values()):
        return ENGLISH
    counts: dict[str, int] = {}
    for name, is_english in forms.items():
        for language in {each.language for each in kinds_named(name)} | ({ENGLISH} if is_english else set()):
            counts[language] = counts.get(language, 0) + 1
    return max(counts, key=lambda language: counts[language], default=ENGLISH)


def is_known(name: str) -> bool:
    """Return whether a heading is one of the names of Cline's sections, in English or in another language."""
    return form_of(name) in _english() or bool(kinds_named(name))


def form_of(name: str) -> str:
    """Return the form in which names are compared; "" if it has none."""
    words = plain_of(name).words
    return "" if "~~" in words else _folded(_NUMBER.sub("", words, count=1))  # a struck name is not in use


def _kinds_of(name: str) -> tuple[NamedKind, ...]:
    return _table().kinds.get(form_of(name), ())


def _without_remarks(found: Iterable[NamedKind]) -> tuple[NamedKind, ...]:
    return tuple(each for each in found if each.kind != _REMARK)


def _common(parts: Iterable[str]) -> tuple[NamedKind, ...]:
    """Return the kinds that all parts of a heading name; one of the parts may be English."""
    common: set[str] | None = None
    found: list[NamedKind] = []
    for part in parts:
        here = _without_remarks(_kinds_of(part))
        found += here
        kinds = {each.kind for each in here} | _english().get(form_of(part), frozenset())
        common = kinds if common is None else common & kinds
    return tuple(each for each in found if each.kind in (common or ()))


def _folded(text: str) -> str:
    return _BETWEEN.sub("", _ACCENTED.sub(_plain, text.casefold()))


def _plain(letter: re.Match[str]) -> str:
    """Return what stands for a letter that has an accent in Latin script, or is written in two ways."""
    char = letter[0]
    base = _TWINS.get(char) or unicodedata.normalize("NFD", char)[0]
    return base if not base.isascii() or base.isalpha() else char


@cache
def _table() -> _Table:
    text = template_bytes(FILE).decode("utf-8")
    # the whole file at once: two thousand names one by one would take longer than a small command
    folded = _folded(text)
    kinds: dict[str, list[NamedKind]] = {}
    first: dict[tuple[str, str], str] = {}
    for line, forms in zip(text.split("\n"), folded.split("\n"), strict=True):
        if not line or line.startswith("#"):
            continue
        kind, language, names = line.split("\t")
        first[kind, language] = names.partition("|")[0].strip()
        for rank, form in enumerate(forms.split("\t")[2].split("|")):
            kinds.setdefault(form, []).append(NamedKind(kind, language, rank))
    return _Table({form: tuple(each) for form, each in kinds.items()}, first)


@cache
def _english() -> dict[str, frozenset[str]]:
    """Return the kinds of each English name; names that take no kind have `OTHER`."""
    kinds: dict[str, set[str]] = {}
    places = [(kind, names) for kind, (_, names) in CLINE_NOTES.items()]
    places += [(kind, names) for kind, more in CLINE_ELSEWHERE.items() for _, names in more]
    places += [(OTHER, names) for names in CLINE_SECTIONS.values()]
    for kind, names in places:
        for name in names:
            kinds.setdefault(form_of(name), set()).add(kind)
    return {form: frozenset(each) for form, each in kinds.items()}
