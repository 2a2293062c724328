"""Tags: count them over all records, report near-duplicates, rename them everywhere in one operation."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, FieldError, NoRecordError
from memorybank.records.change import target_in, with_fields
from memorybank.records.fields import check_tag
from memorybank.records.find import rows_of, scan, stems_of, uncollected
from memorybank.records.header_cache import read_kept, record_from, values_of
from memorybank.records.memories.tag_conventions import TagConventions, read_conventions
from memorybank.store.journal.commit import retried

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Annotated, TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.records.find import BrokenRecord
    from memorybank.records.header_cache import Row
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

    class TagUseWire(TypedDict):
        """A tag, and how often it is used."""

        tag: str
        uses: int

    class SimilarTagsWire(TypedDict):
        """Two tags that may mean the same."""

        tag: str
        usual: str

    class TagCountsWire(TypedDict):
        """The JSON form of a tag counts."""

        tags: list[TagUseWire]
        count: int
        similar_tags: list[SimilarTagsWire]

    class TagRenameWire(TypedDict):
        """The JSON form of a tag rename."""

        ids: list[str]
        count: int
        broken: list[Annotated[Any, BrokenRecord]]
        receipt: ReceiptWire


# tags at least this similar (in percent) are probably the same; shorter ones differ by too few letters to tell
_ALIKE, _SHORTEST = 85, 5
# words with the short forms that people write; first letters alone are no sign: data is not short for database
_SHORT_FORMS = """
address addr; administration admin; application app; argument arg args; artificialintelligence ai
authentication auth authn; authorization auth authz; backend be; certificate cert certs; command cmd
configuration cfg conf config; continuousintegration ci; database db; databases dbs; dependencies deps
dependency dep; destination dest dst; development dev; directory dir; document doc; documentation doc docs
elasticsearch es; environment env; exception exc; frontend fe; function fn func; github gh; infrastructure infra
javascript js; kubernetes kube; library lib; machinelearning ml; management mgmt; message msg; mongodb mongo
operations ops; package pkg; parameter param; password pw pwd; performance perf; postgresql pg postgres psql
production prod; python py; repository repo; request req; response res resp; security sec; source src
specification spec; statistics stats; temporary temp tmp; transaction tx txn; typescript ts; userinterface ui
utilities utils; variable var
"""
_ABBREVIATIONS = {
    words.split()[0]: frozenset(words.split()[1:]) for words in re.split(r"[;\n]\s*", _SHORT_FORMS.strip())
}
# memories whose files take long to look at
_MANY = 1000
_DIGITS = re.compile(r"\d+")
_JOINTS = re.compile(r"[-./_]+")


class TagCounts(NamedTuple):
    """How often each tag is used, most used first, and pairs that may be the same: the rarer and the usual one."""

    counts: Mapping[str, int]
    near: Sequence[tuple[str, str]]

    def to_wire(self) -> TagCountsWire:
        """Return the JSON form: each tag with the number of its uses, and the pairs."""
        return {
            "tags": [{"tag": tag, "uses": count} for tag, count in self.counts.items()],
            "count": len(self.counts),
            "similar_tags": [{"tag": rare, "usual": usual} for rare, usual in self.near],
        }


class TagRename(NamedTuple):
    """The ids of the records whose tags were changed, those that could not be read, and the receipt."""

    ids: Sequence[str]
    broken: Sequence[BrokenRecord]
    receipt: Receipt

    def to_wire(self) -> TagRenameWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {
            "ids": list(self.ids),
            "count": len(self.ids),
            "broken": to_wire(self.broken),
            "receipt": self.receipt.to_wire(),
        }


def count_tags(bank: BankFolder, *, kinds: Iterable[str] = ()) -> TagCounts:
    """Count the tags of all memories, or of some types.

    Raises:
        NoTypeError: a type is unknown.
    """
    counts = _counted(scan(bank, kinds=kinds).records)
    return TagCounts(counts, _near_pairs(counts))


def kept_tags(bank: BankFolder) -> dict[str, int]:
    """Return the tags for a person who waits; in a large bank as of the last command that read all memories.

    There no file is looked at, and there are none if nothing was kept.
    """
    many = next(islice(stems_of(bank), _MANY, None), None) is not None
    with uncollected():
        if not many:
            return _counted(map(record_from, values_of(rows_of(bank)[0])))
        rows = [row for folder in read_kept(bank)[1].values() for row in folder.values() if row.key]
        return _counted(map(record_from, values_of(rows)))


def _counted(records: Iterable[Record]) -> dict[str, int]:
    found = Counter(tag for record in records for tag in dict.fromkeys(record.tags))
    return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))


def _near_pairs(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return each tag that is similar to one that is used at least as often."""
    pairs = []
    usual: list[str] = []
    for tag in counts:
        found = near_tag(tag, usual)
        if found:
            pairs.append((tag, found))
        usual.append(tag)
    return pairs


def near_tag(tag: str, others: Sequence[str]) -> str:
    """Return the first tag that is probably the same word, "" for none; it is only reported, never used instead."""
    plain = _plain(tag)
    known = [(_plain(other), other) for other in others if other != tag]
    same = [other for each, other in known if each == plain]
    same = same or [other for other in others if other != tag and _is_alias(tag, other)]
    if same or len(plain) < _SHORTEST:
        return same[0] if same else ""
    swapped = [other for each, other in known if len(each) == len(plain) and _is_swapped(plain, each)]
    if swapped:
        return swapped[0]
    from memorybank.document.addresses import near

    numbers = _DIGITS.findall(plain)
    alike = near(tag, others, score=_ALIKE)
    return next((each for each in alike if each != tag and _DIGITS.findall(each) == numbers), "")


def _is_alias(one: str, other: str) -> bool:
    first, second = (_JOINTS.sub("", each) for each in (one, other))
    return _is_short_for(first, second) or _is_short_for(second, first)


def _is_short_for(short: str, long: str) -> bool:
    """Return whether a tag is short for another: `db` for database, `k8s` for kubernetes."""
    if short in _ABBREVIATIONS.get(long, ()):
        return True
    # the number of letters between the first and the last
    between = short[1:-1]
    return between.isdecimal() and (short[0], int(between), short[-1]) == (long[0], len(long) - 2, long[-1])


def _is_swapped(one: str, other: str) -> bool:
    """Return whether two adjacent letters are swapped in words of the same length, which similarity does not detect."""
    apart = [at for at, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
    at = apart[0] if apart else 0
    return apart == [at, at + 1] and one[at].isalpha() and one[at : at + 2] == other[at + 1] + other[at]


def _plain(tag: str) -> str:
    """Return a tag without separators and plural ending: `front-ends` is `frontend`."""
    word = _JOINTS.sub("", tag)
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def advice_for(bank: BankFolder, ident: str, tags: Collection[str]) -> tuple[str, ...]:
    """Return advice for each tag of a record that is another name of one, or that is new and similar to a known one."""
    try:
        agreed = read_conventions(bank) if tags else TagConventions()
    except ConfigError:
        agreed = TagConventions()  # `bank check` reports it
    others = {tag: agreed.canonical(tag) for tag in tags if agreed.canonical(tag) != tag}
    named = (
        f"the team's name for {tag!r} is {meant!r}: bank update {ident} --tags +{meant},-{tag}"
        for tag, meant in others.items()
    )
    return (*named, *_new_tags(bank, ident, [tag for tag in tags if tag not in others]))


def _new_tags(bank: BankFolder, ident: str, tags: Collection[str]) -> tuple[str, ...]:
    with uncollected():
        rows = rows_of(bank)[0] if tags else []
        # usually only few records are needed: those whose text contains the tag
        new = [tag for tag in tags if not _is_used(tag, rows, ident)]
        if not new:
            return ()
        counts = _counted(each for each in map(record_from, values_of(rows)) if each.id != ident)
    found = [(tag, near_tag(tag, list(counts))) for tag in new if tag not in counts]
    return tuple(
        f"no other memory has the tag {tag!r}; did you mean {near!r}? bank update {ident} --tags +{near},-{tag}"
        for tag, near in found
        if near
    )


def _is_used(tag: str, rows: Iterable[Row], ident: str) -> bool:
    needle = json.dumps(tag)
    found = map(record_from, values_of(row for row in rows if needle in row.raw))
    return any(tag in each.tags and each.id != ident for each in found)


def rename_tag(bank: BankFolder, old: str, new: str, way: Way) -> TagRename:
    """Replace one tag by another in every record, in one operation; a record with both keeps one.

    `updated` stays as it is: nobody has looked at the records, and a review goes by it.

    Raises:
        FieldError: the new tag is not valid, or the old one.
        NoRecordError: no record has the old one.
        FrontMatterError: the front matter of a record cannot be changed safely; then no record is changed.
    """
    new = check_tag(new)
    if new == old:
        raise FieldError(field="tags", why=f"{new!r} is the tag itself", hint="name another tag")

    def make() -> tuple[tuple[list[str], list[BrokenRecord]], list[FileChange]]:
        found = scan(bank, every=True)
        changes, ids = [], []
        for record in found.records:
            if old not in record.tags:
                continue
            target = target_in(bank, *bank.place_of(record.file), record.type)
            tags = list(dict.fromkeys(new if tag == old else tag for tag in target.record.tags))
            changed = with_fields(target.source, {"tags": tags}, record.file)
            changes.append(target.changed(changed.text))
            ids.append(record.id)
        if not ids:
            raise NoRecordError(ident=old, kind="tag", hint="bank tags")
        return (ids, found.broken), changes

    renamed, receipt = retried(make, bank, "tags rename", way)
    return TagRename(*renamed, receipt)
