"""Keep the columns of a row: in the fields of a record, in its metadata, or counted in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.exchange.contextfs.column_values import (
    PREFIX,
    KeptValues,
    is_binary,
    is_vector,
    json_of,
    text_of,
    time_of,
    words_in,
)
from memorybank.exchange.fitting import washed_line
from memorybank.records.fields import TEXT_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memorybank.exchange.account import Account
    from memorybank.exchange.contextfs.database import Row

# what only the sync of ContextFS uses, and digests of other columns
BOOKKEEPING = ("content_hash", "vector_clock", "last_modified_by", "deleted_at")


class RowReader:
    """One row of a table as an entry of the source: each column that is asked for is used, `rest` keeps the others."""

    def __init__(self, account: Account, table: str, entry: str, row: Row) -> None:
        """Note all texts of the row as texts that came."""
        self.account, self.table, self.entry = account, table, entry
        self.row: Row = {}
        for name, value in row.items():
            if name in BOOKKEEPING:
                if json_of(value) not in (None, {}, []):
                    account.left(table, f"values of {name}")
            elif is_vector(name, value) or (is_binary(value) and name != "content"):
                account.left(table, f"values of {name} ({'numbers' if not is_binary(value) else 'bytes'})")
            else:
                self.row[name] = value
                account.came(entry, "\n".join(words_in(value)))
        self.kept = KeptValues(json_of(self.row.pop("metadata", None)))

    def text(self, name: str) -> str:
        """Return a column as text."""
        return text_of(self.row.pop(name, None))

    def line(self, name: str, length: int = TEXT_LENGTH) -> str:
        """Return a column that is one line of a record; a longer one is kept as a whole."""
        text = self.text(name)
        if len(text) > length:
            self.kept.put(f"{PREFIX}{name}", text)
        return text[:length]

    def ident(self) -> str:
        """Return the id of the row."""
        ident = self.text("id")
        if ident != washed_line(ident):
            self.kept.put(f"{PREFIX}id", ident)
        return ident

    def time(self, name: str) -> str:
        """Return a column as a time in our format; another text is kept and reported."""
        value = self.row.pop(name, None)
        text, time = text_of(value), time_of(value)
        if time:
            self.account.turned(self.entry, text)
        elif text.strip():
            self.kept.put(f"{PREFIX}{name}", text)
            self.account.reported(self.entry, f"{name} is not a time: {text[:80]!r}; kept in metadata.{PREFIX}{name}")
        return time

    def tags(self, name: str) -> tuple[str, ...]:
        """Return a list of tags, as JSON or with commas; other values are kept."""
        found = json_of(self.row.pop(name, None))
        listed = found.split(",") if isinstance(found, str) else found if isinstance(found, list) else []
        if not isinstance(found, (str, list)):
            self.kept.put(f"{PREFIX}{name}", found)
        tags: list[str] = []
        seen: set[str] = set()
        for each in listed:
            if isinstance(each, (dict, list)):
                self.kept.put(f"{PREFIX}{name}", each)
            elif each is not None and str(each).strip():
                key = "-".join(str(each).casefold().split())
                if key in seen:
                    self.account.turned(self.entry, str(each))
                else:
                    seen.add(key)
                    tags.append(str(each).strip())
        return tuple(tags)

    def rest(self) -> dict[str, Any]:
        """Return the metadata, with all columns that were not asked for."""
        for name, value in self.row.items():
            found = json_of(value) if isinstance(value, (str, bytes)) else value
            self.kept.put(f"{PREFIX}{name}", found)
        self.row.clear()
        return self.kept.values


def plain_row(account: Account, table: str, entry: str, row: Row, without: Iterable[str]) -> dict[str, Any]:
    """Return a row that is kept in the metadata of another one, without empty columns and those in `without`."""
    mine = {name: value for name, value in row.items() if name not in without}
    found = RowReader(account, table, entry, mine)
    # flat: the metadata of such a row is one of its columns
    metadata = found.kept.values
    found.kept = KeptValues()
    values = {name.removeprefix(PREFIX): value for name, value in found.rest().items()}
    return {**values, "metadata": metadata} if metadata else values
