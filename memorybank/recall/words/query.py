"""From a query to the terms that are looked for: known words, words taken for typos, and words that no entry has."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.recall.rank import NAME, Group, Term, idf_of
from memorybank.recall.words.terms import (
    SMALL_WORDS,
    is_compound,
    names_in,
    other_names,
    pieces_of_name,
    plain_word,
    query_terms,
    spelled_out_terms,
    spellings,
    whole_name,
    words_of,
)
from memorybank.recall.words.typos import closest, is_slip_of_stop_word, may_be_a_slip
from memorybank.stem import stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memorybank.recall.index import Connection
    from memorybank.recall.words.typos import Correction

# what each word of a name counts when the whole name is known
PART = 0.5
# what words joined by a hyphen or a slash count in addition to the words
COMPOUND = 0.5
# limits that only a query of a page reaches: words and names that are looked for, words that are compared with others
_MOST_GROUPS, _MOST_COMPARED = 48, 16
_MOST_PAIRS = 20
_AT_ONCE = 500
# a commit's hash, in full or its beginning
_HASH = re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\Z")
_SHORT_HASH = 7
_CODE = re.compile(r"(?=\D*\d)(?=\d*[a-z])[0-9a-z]+\Z")


class QueryTerms(NamedTuple):
    """What a query looks for.

    `groups` has one for each word and name, known or not; `order` the terms of its words in order. `assumed` has
    unknown words, as typed, with the known words that were looked for instead, as written. `unknown` has all words and
    names that no entry has, as typed.
    """

    groups: list[Group]
    order: list[str]
    assumed: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]


class _Vocabulary:
    """The words of an index, or of two together."""

    def __init__(self, dbs: Sequence[Connection], entries: int) -> None:
        self.dbs = dbs
        self._entries = entries
        self.counts: Counter[str] = Counter()
        # the idf of a word that no entry has
        self.unseen = idf_of(entries, 0)

    def look_up(self, terms: Iterable[str]) -> None:
        wanted = sorted(set(terms) - set(self.counts))
        for at in range(0, len(wanted), _AT_ONCE):
            some = wanted[at : at + _AT_ONCE]
            sql = f"SELECT term, count FROM word WHERE term IN ({', '.join('?' * len(some))})"  # noqa: S608  marks
            for db in self.dbs:
                for term, count in db.execute(sql, some):
                    self.counts[term] += count

    def hashes(self, word: str) -> list[str]:
        """Return the known hashes that begin with a hash, or that it begins with."""
        shorter = [word[:length] for length in range(_SHORT_HASH, len(word))]
        self.look_up(shorter)
        found = {each for each in shorter if self.counts[each]}
        for db in self.dbs:
            # "g" comes after the last digit of a hash
            rows = db.execute("SELECT term, count FROM word WHERE term > ? AND term < ?", (word, f"{word}g"))
            for term, count in rows:
                if _HASH.match(term):
                    self.counts[term] = max(count, self.counts[term])
                    found.add(term)
        return sorted(found)

    def pairs(self, letter: str) -> list[str]:
        """Return the known pairs that begin with a letter of a script without spaces."""
        sql = "SELECT term, count FROM word WHERE term > ? AND term < ? ORDER BY count DESC LIMIT ?"
        found: Counter[str] = Counter()
        for db in self.dbs:
            for term, count in db.execute(sql, (letter, f"{letter}\U0010ffff", _MOST_PAIRS)):
                found[term] += count
        self.counts.update(found)
        return list(found)

    def near(self, typed: str) -> list[Correction]:
        """Return the words that an unknown word may be meant for."""
        word = plain_word(typed)
        return closest(word, self.dbs) if may_be_a_slip(word) else []

    def term(self, text: str, weight: float = 1.0, *, exact: bool = False) -> Term:
        return Term(text, idf_of(self._entries, self.counts[text]), weight, exact)


def wanted_of(query: str, dbs: Sequence[Connection], entries: int) -> QueryTerms:
    """Return what a query looks for in an index; with a second one, a word is known if either of them has it."""
    found = query_terms(query)
    names = {whole_name(name): name for name in names_in(query)}
    doubles = spelled_out_terms(query)
    known = _Vocabulary(dbs, entries)
    known.look_up((*found.words, *found.names, *doubles.values()))
    groups, missing = _of_names(known, names, COMPOUND if len(query.split()) > 1 else NAME)
    words, assumed, unknown = _of_words(known, query, found.words, names, missing, doubles)
    order = [group.terms[0].text for group in words if group.terms]
    lost = sum(group.top for group in (*groups, *words) if not group.terms)
    some = sorted((group for group in (*groups, *words) if group.terms), key=lambda group: -group.terms[0].idf)
    kept = [*some[:_MOST_GROUPS], Group((), lost)]
    return QueryTerms(kept, order, assumed, tuple(dict.fromkeys((*missing.values(), *unknown))))


def _of_names(known: _Vocabulary, names: dict[str, str], compound: float) -> tuple[list[Group], dict[str, str]]:
    """Return the groups of names and of the words in them, and the names that no entry has."""
    groups: list[Group] = []
    missing: dict[str, str] = {}
    for whole, typed in names.items():
        also = [(other, weight) for other, weight in other_names(whole) if known.counts[other]]
        if is_compound(typed):
            # its words are enough; written the same way, it counts more
            groups += [Group((known.term(whole, compound, exact=True),), 0.0)] if known.counts[whole] else []
        elif known.counts[whole]:
            terms = [known.term(each, NAME * weight, exact=True) for each, weight in ((whole, 1.0), *also)]
            groups.append(Group(tuple(terms), terms[0].idf * NAME))
        else:
            missing[whole] = typed
            terms = [known.term(each, NAME * weight, exact=True) for each, weight in also]
            groups.append(Group(tuple(terms), known.unseen * NAME))
        for piece in dict.fromkeys(map(stem, pieces_of_name(typed))):
            if known.counts[piece]:
                groups.append(_group(known, (piece,), is_part=whole not in missing))
    return groups, missing


def _group(known: _Vocabulary, terms: Iterable[str], *, is_part: bool = False) -> Group:
    """Return a group of known terms; a part of a known name adds to a score, but is not missed."""
    weight = PART if is_part else 1.0
    # letters with digits are a code, E1234 or 3f2a9bc, and not a word of a text
    found = tuple(known.term(each, weight, exact=_CODE.match(each) is not None) for each in terms)
    return Group(found, 0.0 if is_part else found[0].idf)


def _of_words(
    known: _Vocabulary,
    query: str,
    words: Sequence[str],
    names: dict[str, str],
    missing: dict[str, str],
    doubles: dict[str, str],
) -> tuple[list[Group], dict[str, tuple[str, ...]], list[str]]:
    """Return the groups of words in their order, the words that others were looked for, and those no entry has."""
    whole_names = [name for name in names if name not in missing and not is_compound(name)]
    of_known = Counter(word for name in whole_names for word in words_of(name))
    of_missing = {word for name in missing for word in words_of(name)}
    counted = Counter(words)
    typed = spellings(query)
    # a run of letters without spaces is known if any of its pairs is
    runs = {typed.get(word) for word in words if known.counts[word] and not word.isascii()}
    groups: list[Group] = []
    assumed: dict[str, tuple[str, ...]] = {}
    unknown: list[str] = []
    for word in dict.fromkeys(words):
        terms = [each for each in (word, doubles.get(word, "")) if known.counts[each]]
        if _HASH.match(word):
            terms += known.hashes(word)
        elif not terms and len(word) == 1 and not word.isascii():
            terms = known.pairs(word)
        if terms:
            groups.append(_group(known, terms, is_part=counted[word] <= of_known[word]))
            continue
        spelled = typed.get(word, word)
        if spelled in runs or spelled in unknown or plain_word(spelled) in SMALL_WORDS:
            continue
        if is_slip_of_stop_word(spelled.lower()):
            continue
        near = known.near(spelled) if len(assumed) < _MOST_COMPARED else []
        if near:
            assumed[spelled] = tuple(dict.fromkeys(each.written for each in near))
        for each in near:
            known.counts[each.term] = each.uses
        terms_of_near = tuple(known.term(each.term, each.weight) for each in near)
        groups.append(Group(terms_of_near, 0.0 if word in of_missing else known.unseen))
        if word not in of_missing:
            unknown.append(spelled)
    return groups, assumed, unknown
