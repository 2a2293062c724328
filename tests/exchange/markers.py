"""Marker words in a source, and where each of them is after an import: in the bank, or in the report."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from memorybank.exchange.write_records import take_in
from tests.exchange.making import make_way, tree_at

if TYPE_CHECKING:
    from memorybank.exchange.imported import ImportResult
    from memorybank.exchange.incoming import ReadResult
    from memorybank.store.folder import BankFolder

_LETTERS = "bcdfghjklmnpqrstvwxz"


class Marks:
    """Makes words of which each is there once."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.made: dict[str, str] = {}

    def word(self, what: str) -> str:
        """Make a marker for a piece of text; `what` says which, for the message of a failing test."""
        number = len(self.made)
        tail = ""
        for _ in range(4):
            number, rest = divmod(number, len(_LETTERS))
            tail += _LETTERS[rest]
        word = f"qz{tail}"
        self.made[word] = what
        return word

    def used_in(self, text: str) -> None:
        """Forget the markers that are not in the text of a source."""
        self.made = {word: what for word, what in self.made.items() if word in text}


def lost_marks(bank: BankFolder, found: ReadResult, marks: Marks, seed: int) -> tuple[list[str], ImportResult]:
    """Import what was read; return what the markers stood for that are neither in a file of the bank nor reported."""
    before = tree_at(bank.folder)
    done = take_in(bank, [found], make_way(seed))
    texts = [f"{each.where} {each.why}" for each in done.misfits]
    for name, data in tree_at(bank.folder).items():
        if data != before.get(name) and not name.startswith(".state"):
            texts.append(data.decode("utf-8", "surrogateescape"))
    there = "\n".join(texts)
    return [f"{word}: {what}" for word, what in marks.made.items() if word not in there], done
