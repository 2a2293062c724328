"""From a query to the terms that are looked for: known words, words taken for typos, and words that no entry has."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from memorybank.patterns import later
from memorybank.recall.rank import NAME, Group, Term, idf_of
from memorybank.recall.words.terms import (
    AROUND,
    SMALL_WORDS,
    is_compound,
    is_literal,
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

# what another form of a name or a hash counts, of what the typed one does
OTHER_FORM = 0.8
# limits that only a query of a page reaches: words and names that are looked for, words that are compared with others
_MOST_GROUPS, _MOST_COMPARED = 48, 16
_MOST_PAIRS = 20
_AT_ONCE = 500
_PHRASE = "SELECT e.extra FROM found JOIN entry e ON e.id = found.rowid WHERE found MATCH ? LIMIT ?"
# a commit's hash, in full or its beginning
_HASH = re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\Z")
_SHORT_HASH = 7
_LETTER = later(r"[^\W\d_]")
# a sign that joins words to a name; a bracket does not: type(s)
_JOINED = later(r"\w[^\w\s(),;'\u2019]+\w")
_QUOTED = later('"([^"]+)"')
_QUOTATION_MARKS = str.maketrans("\u201c\u201d\u201e`", '""""')
# at most: entries with a phrase that are counted, words of a phrase; at least: letters of a code in capitals
_MOST_OF_PHRASE, _LONGEST, _SHORTEST_CODE = 100, 32, 4
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
        self._phrases = 0
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

    def phrase(self, words: Sequence[str], name: str = "") -> tuple[Term | None, Term | None]:
        """Return words that follow each other as a term, and the name they are as a part of longer names."""
        self.look_up(words)
        self._phrases += 1
        if self._phrases > _MOST_COMPARED or len(words) > _LONGEST or not all(self.counts[word] for word in words):
            return None, None
        match = f'"{" ".join(words)}"'
        extra = [row[0] for db in self.dbs for row in db.execute(_PHRASE, (match, _MOST_OF_PHRASE))]
        if not extra:
            return None, None
        term = Term("  ".join(words), idf_of(self._entries, len(extra)), NAME, exact=True)
        count = sum(name in each for each in extra) if name else 0
        inside = Term(name, idf_of(self._entries, count), NAME, exact=True, inside=True) if count else None
        return term, inside

    def near(self, typed: str) -> list[Correction]:
        """Return the words that an unknown word may be meant for."""
        word = plain_word(typed)
        return closest(word, self.dbs) if may_be_a_slip(word) else []

    def term(self, text: str, weight: float = 1.0, *, exact: bool = False) -> Term:
        return Term(text, idf_of(self._entries, self.counts[text]), weight, exact)


def wanted_of(query: str, dbs: Sequence[Connection], entries: int) -> QueryTerms:
    """Return what a query looks for in an index; with a second one, a word is known if either of them has it."""
    as_typed, query = query, " ".join(dict.fromkeys(query.split()))
    found = query_terms(query)
    doubles = spelled_out_terms(query)
    known = _Vocabulary(dbs, entries)
    known.look_up((*found.words, *found.names, *doubles.values()))
    names = _of_names(known, query)
    words = _of_words(known, query, found.words, names, doubles)
    groups = [*names.groups, *words.groups, *_of_phrases(known, as_typed, found.words)]
    lost = sum(group.top for group in groups if not group.terms)
    some = sorted((group for group in groups if group.terms), key=lambda group: -group.terms[0].idf)
    kept = [*some[:_MOST_GROUPS], Group((), lost)]
    return QueryTerms(kept, words.order, words.assumed, tuple(dict.fromkeys((*names.missing, *words.unknown))))


class _Names(NamedTuple):
    """The names of a query: their groups, the words that known ones join, and the missing ones with their words."""

    groups: list[Group]
    joined: Counter[str]
    missing: dict[str, Sequence[str]]


def _of_names(known: _Vocabulary, query: str) -> _Names:
    """Return the names of a query, each as one group with the words that it joins."""
    found = _Names([], Counter(), {})
    for token in query.split():
        # the first of them may be all of the token
        names = list(dict.fromkeys(names_in(token)))
        words = words_of(token)
        if names and is_literal(names[0]):
            names = names[:1]
        elif len(words) > 1 and _JOINED.search(token) and not (len(names) == 1 and words_of(names[0]) == words):
            # no name as a whole, but a text may have it so: a=b, SQLSTATE[42P01]
            phrase, _ = known.phrase(words)
            if phrase:
                found.joined.update(words)
                found.groups.append(Group((phrase,), phrase.idf * NAME, _parts(known, token, words)))
                continue
        for name in names:
            words = words_of(name)
            terms, is_known = _forms(known, name, words)
            if is_known:
                found.joined.update(words)
                found.groups.append(Group(terms, terms[0].idf * NAME, _parts(known, name, words)))
            elif not is_compound(name):
                found.missing[name] = words
                found.groups.append(Group(terms, known.unseen * NAME))
                found.groups.extend(Group((part,), part.idf) for part in _parts(known, name, ()))
    return found


def _forms(known: _Vocabulary, name: str, words: Sequence[str]) -> tuple[tuple[Term, ...], bool]:
    """Return the terms that a name is found by, the best first, and whether some entry has it as it is typed."""
    whole = whole_name(name)
    also = [(known.term(other, exact=True), weight) for other, weight in other_names(whole) if known.counts[other]]
    best = known.term(whole, NAME, exact=True) if known.counts[whole] else None
    # digits are a part of many names: 1.2 of 3.1.2
    phrase, inside = known.phrase(words, whole) if len(words) > 1 and _LETTER.search(whole) else (None, None)
    if phrase:
        best = best or inside or (phrase if is_compound(name) else None)
        also += [(phrase, OTHER_FORM)] if best is not phrase else []
    # no other form counts more than the one that was typed
    most = best.idf if best else known.unseen
    terms = [term._replace(idf=min(term.idf, most), weight=NAME * weight) for term, weight in also]
    return ((best, *terms) if best else tuple(terms)), best is not None


def _parts(known: _Vocabulary, name: str, words: Iterable[str]) -> tuple[Term, ...]:
    """Return the known words that a name joins, by signs or by capitals."""
    pieces = dict.fromkeys((*words, *map(stem, pieces_of_name(name))))
    known.look_up(pieces)
    return tuple(known.term(piece) for piece in pieces if known.counts[piece])


def _of_phrases(known: _Vocabulary, query: str, words: Sequence[str]) -> list[Group]:
    """Return the groups of the query as one phrase and of what is quoted in it, where an entry has them so."""
    found: list[Group] = []
    for text in dict.fromkeys((query, *_QUOTED.findall(query.translate(_QUOTATION_MARKS)))):
        phrase = words_of(text)
        own = [word for word in dict.fromkeys(words) if word in phrase]
        if " " in text and len(phrase) > 1 and all(known.counts[word] for word in own):
            term, _ = known.phrase(phrase)
            if term:
                # what is quoted counts more than all other words together
                counted = own if text == query else dict.fromkeys(words)
                idf = max(term.idf, sum(known.term(word).idf for word in counted if known.counts[word]))
                found.append(Group((term._replace(idf=idf),), 0.0))
    return found


class _Words(NamedTuple):
    """The words of a query: their groups, their terms in order, those looked for instead, those no entry has."""

    groups: list[Group]
    order: list[str]
    assumed: dict[str, tuple[str, ...]]
    unknown: list[str]


def _of_words(known: _Vocabulary, query: str, words: Sequence[str], names: _Names, doubles: dict[str, str]) -> _Words:
    """Return the words of a query that are not in a known name."""
    of_missing = {word for each in names.missing.values() for word in each}
    counted = Counter(words)
    typed = spellings(query)
    codes = _codes_in(query)
    # a run of letters without spaces is known if any of its pairs is
    runs = {typed.get(word) for word in words if known.counts[word] and not word.isascii()}
    found = _Words([], [], {}, [])
    for word in dict.fromkeys(words):
        if counted[word] <= names.joined[word]:
            found.order.append("")
            continue
        terms = [known.term(each) for each in (word, doubles.get(word, "")) if known.counts[each]]
        if _HASH.match(word):
            most = terms[0].idf if terms else known.unseen
            terms += [known.term(each)._replace(weight=OTHER_FORM) for each in known.hashes(word)]
            terms = [term._replace(idf=min(term.idf, most)) for term in terms]
        elif not terms and len(word) == 1 and not word.isascii():
            terms = [known.term(each) for each in known.pairs(word)]
        if terms:
            if word in codes:
                terms = [term._replace(exact=True) for term in terms]
            found.groups.append(Group(tuple(terms), terms[0].idf))
            found.order.append(terms[0].text)
            continue
        spelled = typed.get(word, word)
        if spelled in runs or spelled in found.unknown or plain_word(spelled) in SMALL_WORDS:
            continue
        if is_slip_of_stop_word(spelled.lower()):
            continue
        near = known.near(spelled) if len(found.assumed) < _MOST_COMPARED else []
        if near:
            found.assumed[spelled] = tuple(dict.fromkeys(each.written for each in near))
        for each in near:
            known.counts[each.term] = each.uses
        terms = [known.term(each.term, each.weight) for each in near]
        found.groups.append(Group(tuple(terms), 0.0 if word in of_missing else known.unseen))
        found.order.extend(term.text for term in terms[:1])
        if word not in of_missing:
            found.unknown.append(spelled)
    return found


def _codes_in(query: str) -> set[str]:
    """Return the words of a query that are codes, and no words of a text: E1234, 3f2a9bc, ENOENT, $HOME."""
    tokens = query.split()
    is_loud = query.isupper() and len(tokens) > 1
    found = set()
    for token in tokens:
        words = words_of(token)
        bare = token.strip(AROUND)
        if bare.startswith("$") or (len(bare) >= _SHORTEST_CODE and bare.isalpha() and bare.isupper() and not is_loud):
            found.update(words)
        found.update(word for word in words if _CODE.match(word))
    return found
