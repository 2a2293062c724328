"""The account of words: every word of a source is in what was written, in the report, or left out by a counted kind.

A reader says for each entry which text came, which parts of it were turned into a field of another form, and which were
left out and why. After that, what was written is compared with what came. A word that is in neither is a fault of
ours, and is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.text import without_hidden
from memorybank.exchange.safe_read import Misfit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_WORD = re.compile(r"[^\W_]+")
_NAMED = 12


def words_of(text: str) -> Counter[str]:
    """Return the words of a text with their number, in one case, without hidden characters and underscores."""
    text = without_hidden(text)[0]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return Counter(_WORD.findall(text.casefold()))


def texts_in(value: Any) -> Iterator[str]:
    """Yield the names and values of a nested value as texts."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from texts_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from texts_in(each)
    elif value is not None:
        yield str(value)


class _Entry(NamedTuple):
    came: Counter[str]
    settled: Counter[str]
    kinds: Counter[str]


class _Group(NamedTuple):
    """What is reported in one line about several entries of a file or folder."""

    where: str
    why: str


class Account:
    """What became of the words of each entry of a source, and what is reported about it."""

    def __init__(self) -> None:
        """Start without entries."""
        self._entries: dict[str, _Entry] = {}
        self._skipped: set[str] = set()
        self._misfits: list[tuple[str, Misfit]] = []
        self._told: list[tuple[str, Misfit]] = []
        self._groups: dict[_Group, list[tuple[str, str]]] = {}

    def _entry(self, entry: str) -> _Entry:
        return self._entries.setdefault(entry, _Entry(Counter(), Counter(), Counter()))

    def came(self, entry: str, text: str) -> None:
        """Note a text of the source that belongs to an entry; all its words must be accounted for."""
        self._entry(entry).came.update(words_of(text))

    def turned(self, entry: str, text: str) -> None:
        """Note words that are kept in another form: a time, a role, a heading or status that has our name."""
        self._entry(entry).settled.update(words_of(text))

    def left(self, entry: str, kind: str, text: str = "", count: int = 1) -> None:
        """Note something that is not imported, and report it by its kind: `3 parts (image) skipped`."""
        found = self._entry(entry)
        found.kinds[kind] += count
        found.settled.update(words_of(text))

    def told(self, entry: str, why: str) -> None:
        """Report something that is kept, so that no words are accounted for by that.

        It is not reported of an entry that is settled: one that was imported before, or that is skipped.
        """
        self._told.append((entry, Misfit(entry, why)))

    def told_group(self, entry: str, where: str, why: str, name: str) -> None:
        """Report something as `told`, in one line for all entries of a file or folder of which it is true."""
        self._groups.setdefault(_Group(where, why), []).append((entry, name))

    def reported(self, entry: str, why: str, text: str = "", *, where: str = "") -> None:
        """Report something of an entry; its words, and those of `text`, are accounted for by that."""
        self._misfits.append((entry, Misfit(where or entry, why)))
        self.turned(entry, f"{why} {text}")

    def skipped(self, entry: str, why: str, *, where: str = "") -> None:
        """Report that an entry as a whole is not imported, and why."""
        self._misfits.append((entry, Misfit(where or entry, f"skipped: {why}")))
        self._skipped.add(entry)

    def misfits(self, settled: Collection[str] = ()) -> tuple[Misfit, ...]:
        """Return what is to be reported: single things first, then groups, then what was left out by its kind.

        What is only `told` is left out for the `settled` entries, because nothing was done with them.
        """
        told = [misfit for entry, misfit in self._told if entry not in settled]
        for group, members in self._groups.items():
            names = [name for entry, name in members if entry not in settled]
            told += [Misfit(group.where, f"{group.why} ({len(names)}): {'; '.join(names)}")] if names else []
        counted = [
            Misfit(entry, f"{count} {kind} skipped")
            for entry, found in self._entries.items()
            if entry not in self._skipped
            for kind, count in found.kinds.items()
        ]
        return (*told, *(misfit for _, misfit in self._misfits), *counted)

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries with words to account for."""
        return tuple(entry for entry, found in self._entries.items() if found.came and entry not in self._skipped)

    def missing(self, entry: str, written: Iterable[str]) -> Counter[str]:
        """Return the words of an entry that are neither written nor settled."""
        if entry in self._skipped or entry not in self._entries:
            return Counter()
        found = self._entries[entry]
        rest = found.came.copy()
        rest.subtract(found.settled)
        # once for all texts: each subtraction goes through all the words
        rest.subtract(words_of("\n".join(written)))
        return +rest


def missing_line(missing: Counter[str], what: str = "are neither written nor reported") -> str:
    """Return how many words are missing, and the first of them."""
    first = list(missing)[:_NAMED]
    more = " …" if len(missing) > len(first) else ""
    return f"{missing.total()} words of it {what}: {' '.join(first)}{more}"
