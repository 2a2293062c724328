"""The numbers of an index that ranking needs: how often each word is, its written forms, sizes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memorybank.recall.index import Connection

# letters of a word that may be what a typo was meant for, at least
_LEAST_LETTERS = 3


class Counts:
    """The changes of the numbers that ranking needs, summed up over a whole refresh."""

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()
        self.written: set[tuple[str, str]] = set()
        self.entries = 0
        self.length = 0
        # entries with words: the others are sections without text
        self.texts = 0
        self.files = 0

    def add(self, rows: list[tuple[str, str, str, str, int]], sign: int) -> None:
        """Add or subtract a file's entries: each word once per entry, a word only in headings above once per file."""
        above: set[str] = set()
        own: set[str] = set()
        change = self.words.update if sign > 0 else self.words.subtract
        for title, body, extra, headings, length in rows:
            words = {*title.split(), *body.split(), *extra.split()}
            change(words)
            own |= words
            above.update(headings.split())
            self.length += sign * length
            self.texts += sign if length else 0
        # else its count could exceed the number of entries, and its idf would be negative
        change(above - own)
        self.entries += sign * len(rows)
        self.files += sign

    def write(self, db: Connection) -> None:
        """Apply the changes to an index."""
        rows = [(word, count) for word, count in self.words.items() if count]
        db.executemany(
            "INSERT INTO word VALUES(?, ?) ON CONFLICT(term) DO UPDATE SET count = count + excluded.count", rows
        )
        # only words of letters are compared with typos
        forms = [each for each in self.written if len(each[1]) >= _LEAST_LETTERS and each[1].isalpha()]
        db.executemany("INSERT OR IGNORE INTO form VALUES(?, ?)", sorted(forms))
        if any(count < 0 for _, count in rows):
            gone = db.execute("SELECT term FROM word WHERE count <= 0").fetchall()
            db.executemany("DELETE FROM form WHERE term = ?", gone)
            db.executemany("DELETE FROM word WHERE term = ?", gone)
        db.execute(
            "UPDATE total SET entries = entries + ?, files = files + ?, length = length + ?, texts = texts + ?",
            (self.entries, self.files, self.length, self.texts),
        )
