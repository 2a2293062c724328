"""Every text of a ContextFS database is in the bank or in the report, whatever tables and columns it has.

8 databases by default, 2,500 with MEMORYBANK_FULL=1.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from memorybank.exchange.contextfs.reader import read_contextfs
from tests.exchange.markers import Marks, lost_marks
from tests.running import FULL, new_bank

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DATABASES = 2500 if FULL else 8
COLUMNS = {
    "memories": """id content type tags summary namespace_id source_file source_repo source_tool project session_id
    created_at updated_at metadata structured_data authoritative vector_clock content_hash deleted_at embedding
    priority notes""",
    "sessions": """id label namespace_id tool repo_path branch started_at ended_at summary metadata device_name
    memories_created deleted_at mood""",
    "messages": "id session_id role content timestamp metadata tokens",
    "memory_edges": "from_id to_id relation weight created_at created_by metadata deleted_at note",
    "namespaces": "id name parent_id repo_path created_at metadata",
    "memory_notes": "memory_id note at",
    "devices": "id name",
}
TABLES = {name: columns.split() for name, columns in COLUMNS.items()}
# what is counted: values of these columns
COUNTED = ("vector_clock", "content_hash")
CLOCKS = [None, "{}", '{"d": 1}']
WORDS: dict[str, list[Any]] = {
    "type": ["fact", "decision", "Error", "user", None],
    "relation": ["supersedes", "evolved_from", "part_of"],
    "role": ["user", "Assistant", "tool", "a!", None],
    "authoritative": [0, 1],
    "weight": [0.5, 1, None],
}
TIMES = ("2025-06-01T10:00:00.5+00:00", "2025-06-01T12:00:01+02:00", "2025-06-01 10:00:02", 1748772003, None, "")


class Making:
    """Makes the rows of a database; `counted` is how often each kind of value is only counted."""

    def __init__(self, seed: int) -> None:
        self.marks = Marks(seed)
        self.chance = self.marks.chance
        self.ids = {name: [self.marks.word(f"{name} id") for _ in range(3)] for name in ("memories", "sessions")}
        self.counted: dict[str, int] = {}

    def json(self, what: str, depth: int = 3) -> Any:
        kind = self.chance.randrange(7 if depth else 3)
        if kind < 3:
            text = self.marks.word(what)
            return [text, f"{self.marks.word(what)}\n{text}\n# {self.marks.word(what)}", self.chance.randrange(9)][kind]
        if kind < 5:
            return [self.json(what, depth - 1) for _ in range(self.chance.randrange(3))]
        return {self.marks.word(f"{what} name"): self.json(what, depth - 1) for _ in range(self.chance.randrange(4))}

    def structured(self) -> Any:
        names = ("decision", "rationale", "Rationale", "alternatives", "status", "steps", "context", "resolution")
        found = {name: self.json(f"structured {name}") for name in self.chance.sample(names, 3)}
        found["status"] = self.chance.choice(["rejected", "Accepted", self.marks.word("status"), "", 0, None])
        return found

    def text(self, what: str) -> Any:
        word = self.marks.word(what)
        forms: list[Any] = [word, f"# {word}\n\n{self.marks.word(what)}", word * 60, f"```\n{word}", f"{word} " * 400]
        forms += [f"\0{word}\0", word.encode(), b"\xff" + word.encode(), f'"{word}"', f"[{word}", f"---\n{word}: 1\n"]
        return self.chance.choice(forms)

    def value(self, table: str, column: str) -> Any:
        if column == "embedding" or (column in COUNTED and table == "memories"):
            word: Any = self.chance.choice([None, b"\0\1\xff", "[0.25, 0.5]"] if column == "embedding" else CLOCKS)
            name = "bytes" if column == "embedding" else column
            self.counted[name] = self.counted.get(name, 0) + (word not in (None, "{}"))
            return word
        known, odds = self.choices(table, column)
        return self.chance.choice([*known, *([self.marks.word(f"{table} {column}")] * odds)])

    def choices(self, table: str, column: str) -> tuple[Sequence[Any], int]:
        """Give the values that a column may have, and how many times as often it has a marker."""
        if column == "memory_id":
            return self.ids["memories"], 0
        if column in {"from_id", "to_id"}:
            return self.ids["memories"], 1
        if column == "session_id":
            return [*self.ids["sessions"], None], 1
        if column in {"created_at", "updated_at", "timestamp", "started_at", "ended_at", "at"}:
            return TIMES, 1
        if column in {"metadata", "memories_created", "structured_data"}:
            made = self.structured() if column == "structured_data" else self.json(f"{table} {column}")
            return [None, "{}", *[json.dumps(made)] * 3, f'{{"{self.marks.word("broken")}'], 0
        if column == "tags":
            words = [self.marks.word("tag"), f"{self.marks.word('tag')} {self.marks.word('tag')}", "same", "Same", 5]
            return [None, "[]", json.dumps(words), ",".join(map(str, words)), '{"a": "b"}'], 0
        if column in WORDS:
            return WORDS[column], 1
        return [None, "", self.text(f"{table} {column}"), self.text(f"{table} {column}")], 0

    def row(self, table: str, columns: list[str], number: int) -> tuple[Any, ...]:
        made: list[Any] = []
        for column in columns:
            if column == "id":
                own = self.ids.get(table, [])
                made.append(own[number] if number < len(own) else self.chance.choice(["same", None]))
            elif column == "deleted_at":
                made.append(None)
            else:
                made.append(self.value(table, column))
        return tuple(made)


def make_database(path: Path, seed: int) -> Making:
    making = Making(seed)
    used: list[str] = []
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, every in TABLES.items():
            if table != "memories" and making.chance.random() < 0.2:
                continue
            columns = [each for each in every if each == "id" or making.chance.random() < 0.85]
            columns = sorted({*columns, *every[:1]}, key=every.index)
            if table == "devices":
                columns = every
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            for number in range(making.chance.randrange(5) if table != "memories" else 4):
                row = making.row(table, columns, number)
                if table == "devices":
                    making.counted["devices"] = making.counted.get("devices", 0) + 1
                    row = (number, "laptop")
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
                used += [each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in row]
    making.marks.used_in("\n".join(used))
    return making


def test_each_text_is_in_the_bank_or_in_the_report(tmp_path: Path) -> None:
    for seed in range(DATABASES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        bank = new_bank(folder)
        making = make_database(folder / "x.db", seed)
        lost, done = lost_marks(bank, read_contextfs(bank, folder / "x.db"), making.marks, seed)
        assert (lost, done.unaccounted) == ([], ()), seed
        counts: dict[str, int] = {}
        for each in done.misfits:
            counted = re.fullmatch(r"(\d+) (?:values of (\w+)(?: \(\w+\))?|(rows)) skipped", each.why)
            if counted:
                name = "devices" if counted[3] else "bytes" if counted[2] == "embedding" else counted[2]
                if not (counted[3] and each.where != "devices"):
                    counts[name] = counts.get(name, 0) + int(counted[1])
        assert counts == {name: count for name, count in making.counted.items() if count}, seed
        shutil.rmtree(folder)
