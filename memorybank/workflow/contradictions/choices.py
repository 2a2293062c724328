"""What a text chooses and what it drops: `use X for Y`, `X instead of Z`, `move off Z`, `no longer use Z`.

Only usual ways to write this are known. A name is compared by its words, without articles, vendors and versions.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from memorybank.workflow.contradictions import phrases
from memorybank.workflow.contradictions.claims import SAME, subject_of, word_key
from memorybank.workflow.lines.similarity import unmarked

_WORD = re.compile(r"[^\W_]+(?:[._/#-][^\W_]+)*[+#]*")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?:\.x)?\Z", re.IGNORECASE)
_DOMAIN = re.compile(r"(?<=\w)\.(?:js|io|net|dev|com|org|sh|ai|app)\Z")
_LONGEST_NAME = 4
# a longer clause is an explanation
_LONGEST_CLAUSE = 160
# words that the same name may have or not
_PARTS = frozenset(
    ("amazon", "apache", "aws", "azure", "broker", "cluster", "database", "engine", "framework", "google", "hashicorp")
)
_FILLER = frozenset(
    ("a", "all", "an", "any", "both", "either", "just", "only", "our", "own", "some", "the", "their", "this", "to")
)
_LONG = {"golang": "go", "mongo": "mongodb", "rabbit": "rabbitmq", "nodejs": "node", "gh": "github"}

# a word as it is compared -> its short forms, where they begin with other letters
_SHORT = {
    word_key(long): [short for short, each in (*SAME.items(), *_LONG.items()) if each == long]
    for long in {*SAME.values(), *_LONG.values()}
}

_ANYTHING: frozenset[str] = frozenset()


class Name(NamedTuple):
    """What something is called: its words, its version, and as written."""

    words: frozenset[str]
    version: str
    said: str


class Choice(NamedTuple):
    """A name that a text chooses, and the words of what it is for; `whole` if it is the only one.

    `bare` if the text is only a name.
    """

    name: Name
    scope: frozenset[str]
    whole: bool
    bare: bool = False


class Drop(NamedTuple):
    """A name that a text drops, and the words of what it was for; `forbidden` if nothing takes its place.

    `faint` if only an arrow says so, which may also be a path or a flow; `named` if the text begins with its subject:
    `Queue: NATS instead of Redis`.
    """

    name: Name
    scope: frozenset[str]
    forbidden: bool
    faint: bool = False
    named: bool = False


class Statement(NamedTuple):
    """What a text chooses and what it drops."""

    chosen: tuple[Choice, ...] = ()
    dropped: tuple[Drop, ...] = ()


def _match(form: str, text: str) -> re.Match[str] | None:
    return re.fullmatch(form, text, re.IGNORECASE)


def keys_of(text: str) -> frozenset[str]:
    """Return the words of a text in the form in which names are compared."""
    return frozenset(map(_key, _WORD.findall(text)))


@lru_cache(maxsize=8)
def beginnings(words: frozenset[str]) -> re.Pattern[str]:
    """Return a pattern for how one of these words may begin in a text: a quick check that lets some others pass."""
    begins = {each for word in words for each in (word[:3], *_SHORT.get(word, ()))}
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, sorted(begins)))})", re.IGNORECASE)


@lru_cache(maxsize=256)
def said_in(text: str) -> Statement:
    """Return what a line of a decision chooses and drops."""
    line = unmarked(text)
    if not line or line.startswith("~~"):
        return Statement()
    line = phrases.REASON.sub("", f" {line}").strip()
    where = phrases.WHERE.match(line)
    scope = subject_of(where["scope"]) if where else _ANYTHING
    line = line[where.end() :] if where else line
    clauses = [each.strip(" .!") for each in phrases.CLAUSE.split(line) if each.strip(" .!")]
    clauses = [each for each in clauses if len(each) <= _LONGEST_CLAUSE]
    found = [_clause(each, scope, bare=len(clauses) == 1) for each in clauses]
    return Statement(
        tuple(choice for each in found for choice in each.chosen),
        tuple(drop for each in found for drop in each.dropped),
    )


def _clause(clause: str, where: frozenset[str], *, bare: bool) -> Statement:
    """Return what a clause says; `bare` if a name alone is a choice."""
    colon = _match(phrases.COLON, clause)
    if not colon or "://" in clause:
        return _said(clause, where, bare=bare)
    scope = where | subject_of(colon["scope"])
    return _said(colon["value"], scope, bare=True) if scope else Statement()


def _said(text: str, scope: frozenset[str], *, bare: bool) -> Statement:
    text = phrases.LEAD.sub("", text, count=1)
    for form in phrases.DROPS if phrases.CHANGES.search(text) else ():
        found = _match(form, text)
        if found:
            parts = {name: value or "" for name, value in found.groupdict().items()}
            said = _replacement(parts, scope, forbidden=form in phrases.FORBIDS)
            is_faint = form is phrases.ARROW
            return said._replace(dropped=tuple(each._replace(faint=is_faint) for each in said.dropped))
    return Statement(tuple(_choices(text, scope, bare=bare)))


def _replacement(parts: dict[str, str], scope: frozenset[str], *, forbidden: bool) -> Statement:
    """Return what a clause says that drops `old`, takes `new` in its place, and is about `what`."""
    what, new = parts.get("what", ""), parts.get("new", "")
    taken = _choices(new, _ANYTHING, bare=True) if new else []
    # "Redis with NATS in the queue"
    where = _names(new, strict=True)[1] if new and not taken else _ANYTHING
    if parts.get("word") and not taken:
        # what stands before `over` and `not` is no choice: "read over HTTP"
        return Statement()
    names, purpose = _names(parts["old"], strict=True)
    if parts.get("word", "").casefold() == "over" and any(name.words & phrases.TRANSPORTS for name in names):
        names = []
    about = subject_of(what) if what else _ANYTHING
    if about and any(not name.words for name in names):
        # "upgrade Postgres from 14 to 16"
        names = [name if name.words else name._replace(words=_name_words(what)) for name in names]
        about = _ANYTHING
    names = [_completed(name, [each.name for each in taken]) for name in names]
    taken = [each._replace(name=_completed(each.name, names)) for each in taken]
    wide = scope.union(about, purpose, where, *(each.scope for each in taken))
    chosen = tuple(each._replace(scope=wide) for each in taken if each.name.words)
    is_named = bool(scope or about)
    return Statement(chosen, tuple(Drop(name, wide, forbidden, named=is_named) for name in names if name.words))


def _completed(name: Name, others: list[Name]) -> Name:
    """Return a name that is a version alone with the words of the other side: `Postgres 16 instead of 14`."""
    return name._replace(words=others[0].words) if not name.words and others else name


def _choices(text: str, scope: frozenset[str], *, bare: bool) -> list[Choice]:
    """Return what a positive statement chooses."""
    rest = phrases.LEAD.sub("", text, count=1)
    for form in phrases.CHOICES:
        found = _match(form, rest)
        if found:
            about = found.groupdict().get("scope")
            own = subject_of(about) if about else _ANYTHING
            return _chosen(found["value"], scope | own) if own or not about else []
    if not bare or not _match(phrases.BARE, rest):
        return []
    return [each._replace(bare=not scope) for each in _chosen(rest, scope)]


def _chosen(text: str, scope: frozenset[str]) -> list[Choice]:
    names, purpose = _names(text, strict=False)
    return [Choice(name, scope | purpose, len(names) == 1) for name in names]


def _names(text: str, *, strict: bool) -> tuple[list[Name], frozenset[str]]:
    """Return the names in a text and what they are for.

    With `strict`, a text that says when or where from (`the cache after a deploy`) has no names.
    """
    text = phrases.STACK.sub("", phrases.TRAILING.sub("", text.strip()))
    name, purpose, *_ = *phrases.SCOPE.split(f" {text}", maxsplit=1), ""
    early, late = (phrases.QUALIFIED.search(f" {each.strip()}") for each in (name, purpose))
    if (early and strict) or (late and not late.start()):
        return [], _ANYTHING
    if early:
        name = f" {name.strip()}"[: early.start()]
    if late:
        purpose = f" {purpose.strip()}"[: late.start()]
    found = [_name(each) for each in phrases.SPLIT.split(name.strip())]
    names = [each for each in found if (each.words or each.version) and len(each.words) <= _LONGEST_NAME]
    return names, subject_of(purpose) if purpose else _ANYTHING


def _name(text: str) -> Name:
    numbers = [found[1] for word in _WORD.findall(text) if (found := _VERSION.match(word))]
    return Name(_name_words(text), numbers[-1] if numbers else "", text.strip())


def _name_words(text: str) -> frozenset[str]:
    words = [word for word in _WORD.findall(text.casefold()) if word not in _FILLER and not _VERSION.match(word)]
    return frozenset(_key(word) for word in words if word not in _PARTS) or frozenset(map(_key, words))


def _key(word: str) -> str:
    plain = _DOMAIN.sub("", word.casefold())
    return word_key(_LONG.get(plain, plain))
