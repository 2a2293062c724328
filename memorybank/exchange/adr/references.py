"""Read which other records a decision replaces, is replaced by, or relates to."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from memorybank.exchange.account import words_of
from memorybank.exchange.adr.file_names import folder_of, stem_of
from memorybank.exchange.adr.vocabulary import (
    FILLERS,
    IN_PART,
    JOINTS,
    NOT_WHOLE,
    RELATES,
    REPLACED_BY,
    REPLACES,
    STATUSES,
    split_rows,
)
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BY, OF, RELATED = "superseded-by", "supersedes", "relates"

_LINK = later(
    r"\[(?P<label>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(<?(?P<target>[^()<>\s]*(?:\([^()]*\)[^()<>\s]*)*)>?(?:\s[^()]*)?\)"
)
_WIKI = later(r"\[\[(?P<target>[^\[\]|]+)(?:\|[^\[\]]*)?\]\]")
_REFERENCE = later(r"\[(?P<label>[^\[\]]+)\](?:\[(?P<name>[^\[\]]*)\])?(?!\()")
_FILE = later(r"(?<![\w/(])(?P<target>(?:\.{0,2}/)?[\w./%+-]*[\w%+-]\.(?:md|markdown|mdx))\b", re.IGNORECASE)
_NUMBER = later(r"(?<![\w/])(?:madr|adr)s?[-_ \u00a0]?(?:no\.?|nr\.?|#)?[ ]?(?P<number>\d{1,6})(?![\d])", re.IGNORECASE)
_BARE = later(r"[\s:#\"'\[(]*(?P<number>\d{1,6})(?![\d]|[./-]\d|\s*%)")
_MORE = later(r"\s*(?:,|;|&|\band\b|\bund\b|\bet\b|\by\b|\be\b)\s*#?(?P<number>\d{1,6})(?![\d]|[./-]\d)", re.IGNORECASE)
# ADR-1 to ADR-3, ADRs 1-3
_RANGE = later(
    r"(?<![\w/])(?:madr|adr)(?P<many>s?)[-_ \u00a0]?#?(?P<first>\d{1,6})[ ]?"
    r"(?P<to>-|\u2013|\u2014|to|through|until|bis|à|a|до)[ ]?"
    r"(?P<marked>(?:madr|adr)s?[-_ \u00a0]?)?#?(?P<last>\d{1,6})(?!\d|[./-]\d)",
    re.IGNORECASE,
)
_WIDEST = 100
_NOTHING = later(
    r"[\s:*_`\"']*(?:none|n/?a|nothing|no|null|nil|tbd|\u2014|-|\u2013|\(none\)|keine?|aucune?|ninguno|nenhum|\u65e0|\u306a\u3057)?[\s.*_`\"']*\Z",
    re.IGNORECASE,
)
_EAST_BY = later(
    r"(?:\u88ab|\u7531)\s*(?P<to>.{1,120}?)\s*(?:\u6240)?(?:\u53d6\u4ee3|\u66ff\u4ee3|\u66ff\u6362|\u7f6e\u6362|\u7f6e\u63db)"
    r"|(?P<to2>(?:ADR|\[).{1,120}?)\s*(?:\u306b\u3088\u308a|\u306b\u3088\u3063\u3066|\u3067|\u306b)\s*(?:\u7f6e\u304d\u63db\u3048|\u7f6e\u63db|\u5ec3\u6b62|\u5dee\u3057\u66ff\u3048|\u53d6\u4ee3)",
    re.IGNORECASE,
)
_GLUE = " \t:*_`\"'\u2018\u2019\u201c\u201d()[]<>#-\u2013\u2014,;.&+|\u2192=>\uff1a"
_PART_OF = later(r"[)\]*_`]*\s*(?:['\u2019]s\b|\u00a7|(?:section|\bsec\.|part|item|point)\b)", re.IGNORECASE)
_DAY_BETWEEN = later(
    r"[\s(]+(?:on\s+|am\s+|le\s+|el\s+|em\s+)?\d{4}-\d{1,2}-\d{1,2}\)?\s+(?=(?:by|durch|par|por|with)\b)", re.IGNORECASE
)
_TAIL = 40


class Target(NamedTuple):
    """A record that is named: by the path of a file, by a number, or by other words."""

    file: str = ""
    number: int = 0
    words: str = ""


class Relation(NamedTuple):
    """What is said about another record, and the words that said it."""

    rel: str
    target: Target
    is_sure: bool = True


@cache
def _phrases() -> tuple[re.Pattern[str], dict[str, str]]:
    kinds: dict[str, str] = {}
    for rows, kind in ((REPLACED_BY, BY), (REPLACES, OF), (RELATES, RELATED)):
        for phrase in split_rows(rows):
            if len(phrase) > 1:
                kinds.setdefault(phrase.casefold(), kind)
    whole = "|".join(re.escape(each) for each in _limits())
    gap = rf"[\s_*-]+(?:(?:{whole})[\s_*-]+)?"
    alternatives = [
        gap.join(re.escape(word) for word in re.split(r"[ _-]", phrase))
        for phrase in sorted(kinds, key=len, reverse=True)
    ]
    return re.compile(rf"(?<!\w)(?P<phrase>{'|'.join(alternatives)})(?!\w(?<![\u2e80-\uffff]))", re.IGNORECASE), kinds


@cache
def _limits() -> tuple[str, ...]:
    return tuple(sorted(split_rows(NOT_WHOLE), key=len, reverse=True))


@cache
def _limit() -> re.Pattern[str]:
    west = "|".join(re.escape(each) for each in _limits() if each[0] < "\u2e80")
    east = "|".join(re.escape(each) for each in _limits() if each[0] >= "\u2e80")
    return re.compile(rf"(?<!\w)(?:{west})(?!\w)|{east}", re.IGNORECASE)


@cache
def _fillers() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(split_rows(FILLERS))})(?!\w)|\d+\.?", re.IGNORECASE)


@cache
def _in_part() -> re.Pattern[str]:
    words = "|".join(map(re.escape, split_rows(IN_PART)))
    return re.compile(rf"[)\]*_`]*[\s,(\u2013\u2014-]*(?:{words})", re.IGNORECASE)


@cache
def simple_words() -> frozenset[str]:
    """Return the words of a line that has nothing else than a status and a relation: `accepted, supersedes ADR 5`."""
    rows = (REPLACED_BY, REPLACES, RELATES, FILLERS, JOINTS, *STATUSES.values())
    return frozenset((*(word for each in rows for word in words_of(" ".join(split_rows(each)))), "and", "md"))


def kind_of(name: str) -> str:
    """Return the relation that a whole name stands for, such as a key of front matter; "" if none."""
    pattern, kinds = _phrases()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    spaced = re.sub(
        r"\b(?:adrs?|decisions?|records?|madrs?)\b", "", spaced.replace("_", " ").replace("-", " "), flags=re.IGNORECASE
    )
    words = " ".join(spaced.split()).casefold()
    found = pattern.fullmatch(words)
    return kinds.get(words, RELATED) if found else RELATED if words in ("links", "link") else ""


def relations_in(line: str, definitions: Mapping[str, str], *, at_start: bool = False) -> Iterator[Relation]:
    """Yield what one line says; with `at_start`, only if it begins with the words of a relation."""
    pattern, kinds = _phrases()
    # `superseded on 2024-05-06 by`
    line = _DAY_BETWEEN.sub(" ", line)
    spans = [(each.start(), each.end(), each["phrase"]) for each in pattern.finditer(line)]
    # words in the label of a link are a title
    labels = [(each.start("label"), each.end()) for each in _LINK.finditer(line)]
    spans = [each for each in spans if not any(start <= each[0] < end for start, end in labels)]
    if at_start and spans and re.sub(r"[\W\d_]+|adr", "", line[: spans[0][0]], flags=re.IGNORECASE):
        spans = []
    for number, (start, end, phrase) in enumerate(spans):
        until = spans[number + 1][0] if number + 1 < len(spans) else len(line)
        said = line[end:until]
        before = re.split(r"[.;,()](?:\s|\Z)", line[spans[number - 1][1] if number else 0 : start])[-1]
        words = " ".join(_limit().sub(" ", re.sub(r"[\s_*-]+", " ", phrase)).split()).casefold()
        kind = kinds.get(words) or next(
            (kinds[each] for each in kinds if each.replace("-", " ").replace("_", " ") == words), RELATED
        )
        places = _places(said)
        head = said[: places[0][0]] if places else ""
        tail = said[places[-1][1] :][:_TAIL] if places else ""
        is_part = bool(_limit().search(before) or _limit().search(phrase) or _limit().search(head)) or bool(
            _PART_OF.match(tail) or _in_part().match(tail)
        )
        # `replaces the queue of [..]` is not about the record as a whole
        is_direct = not _fillers().sub("", head).strip(_GLUE)
        for target in targets_in(said, definitions):
            is_whole = is_direct and not is_part
            yield Relation(kind if is_whole else RELATED, target, is_sure=kind != RELATED and (is_whole or is_part))
    for found in _EAST_BY.finditer(line) if not spans or kinds else ():
        for target in targets_in(found["to"] or found["to2"], definitions):
            yield Relation(BY, target)


def _places(text: str) -> list[tuple[int, int]]:
    """Return where a text names records."""
    found = sorted(each.span() for some in (_LINK, _WIKI, _REFERENCE, _FILE, _NUMBER) for each in some.finditer(text))
    bare = _BARE.match(text)
    return found or ([bare.span()] if bare else [])


def targets_in(text: str, definitions: Mapping[str, str]) -> list[Target]:
    """Return the records that a text names: by links, else by file names, else by numbers."""
    if _NOTHING.match(text):
        return []
    found: list[Target] = []
    for each in _LINK.finditer(text):
        number = _NUMBER.search(each["label"])
        found.append(Target(each["target"], int(number["number"]) if number else 0, each["label"]))
    rest = _LINK.sub(" ", text)
    for each in _WIKI.finditer(rest):
        number = _NUMBER.search(each["target"])
        found.append(Target(each["target"].strip(), int(number["number"]) if number else 0, each["target"].strip()))
    rest = _WIKI.sub(" ", rest)
    for each in _REFERENCE.finditer(rest):
        target = definitions.get(" ".join((each["name"] or each["label"]).split()).casefold(), "")
        if target:
            number = _NUMBER.search(each["label"])
            found.append(Target(target, int(number["number"]) if number else 0, each["label"]))
            rest = rest.replace(each[0], " ")
    if not found:
        found += [Target(each["target"]) for each in _FILE.finditer(rest)]
        rest = _FILE.sub(" ", rest)
    if not found:
        for each in _RANGE.finditer(rest):
            start, last = int(each["first"]), int(each["last"])
            # `ADR 1-3` may be a part of a record
            if start < last <= start + _WIDEST and (each["many"] or each["marked"] or each["to"].isalpha()):
                found += [Target("", number) for number in range(start, last + 1)]
                rest = rest.replace(each[0], " ")
        found += [Target("", int(each["number"])) for each in _NUMBER.finditer(rest)]
        first = _BARE.match(rest)
        at = first.end() if first and not found else -1
        if first and not found:
            found.append(Target("", int(first["number"])))
            while more := _MORE.match(rest, at):
                found.append(Target("", int(more["number"])))
                at = more.end()
    return [each for each in found if not each.file.startswith("#")]


def without_targets(text: str) -> str:
    """Return a text without the records that it names."""
    for pattern in (_LINK, _WIKI, _FILE, _NUMBER):
        text = pattern.sub(" ", text)
    return text


class Book:
    """The files of a folder that are records, to find the one that is named."""

    def __init__(self, names: Mapping[str, int]) -> None:
        """Take the names of files and their numbers, 0 for none."""
        self._numbers = names
        self._by_base: dict[str, list[str]] = {}
        self._by_digits: dict[int, list[str]] = {}
        for name, number in names.items():
            self._by_digits.setdefault(number, []).append(name)
            for key in {name.rpartition("/")[2], stem_of(name)}:
                self._by_base.setdefault(key.casefold(), []).append(name)

    def find(self, name: str, target: Target) -> str:
        """Return the file of a target that is named in `name`; "" if there is none, or more than one."""
        if target.file:
            by_path = self.at_path(name, target.file)
            if by_path or not target.number:
                return by_path or self._by_name(name, target.file)
        return self._by_number(name, target.number) if target.number else ""

    def at_path(self, name: str, target: str) -> str:
        """Return the file that a relative link in `name` leads to; "" if it is no record."""
        path = unquote(target.partition("#")[0].partition("?")[0])
        if not path or "://" in path or path.startswith("/"):
            return ""
        full = posixpath.normpath(posixpath.join(folder_of(name), path))
        return next((each for each in (full, f"{full}.md", f"{full}.mdx") if each in self._numbers), "")

    def _by_name(self, name: str, target: str) -> str:
        base = unquote(target.partition("#")[0]).rstrip("/").rpartition("/")[2].casefold()
        found = self._by_base.get(base) or self._by_base.get(base.rpartition(".")[0], [])
        return self._nearest(name, found)

    def _by_number(self, name: str, number: int) -> str:
        return self._nearest(name, self._by_digits.get(number, []))

    def _nearest(self, name: str, found: list[str]) -> str:
        near = [each for each in found if folder_of(each) == folder_of(name)]
        if len(near) == 1:
            return near[0]
        return found[0] if len(found) == 1 else ""
