"""Whatever was done, undos walk back to the bytes of the start and redos to those of the end; in any other order each
undo takes out its own lines and nothing else, or is refused.

A few sequences by default, 2,000 of each law with `-m full`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import event, given, settings
from hypothesis import strategies as st

from memorybank.document.edits import Append, ItemRef, RemoveItem, ReplaceItem, Tick
from memorybank.errors import BankError
from memorybank.records.draft import NewRecord
from memorybank.records.find import scan
from memorybank.records.memories.memories import delete, save, update
from memorybank.store.actor import Actor
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.journal.redo import walk_back, walk_forward
from memorybank.store.journal.undo import NothingToUndoError, done_operations, standing, undo
from memorybank.store.manage.init import init
from memorybank.store.manage.items import list_items, move_item
from memorybank.store.way import Author, Way
from memorybank.workflow import steps as flows
from memorybank.workflow.finish import finish
from memorybank.workflow.ladder.promote import promote
from memorybank.workflow.lines.note import focus, note
from memorybank.workflow.lines.rotate import rotate
from memorybank.workflow.progress.tasks import finish_task
from tests.running import FULL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memorybank.store.folder import BankFolder

KINDS = ("learning", "decision", "gotcha", "task", "next", "change", "done")
# words that read like a date, a stand-in or a mark are words all the same
WORDS = ("Keys expire", "Store all times in UTC", "[None]", "2026-11-21 05:30 UTC", "größer 日本", "a `b` *c*", "same")
PLACES = (
    "activeContext.md#Learnings",
    "patterns.md#Common Gotchas",
    "progress.md#Tasks",
    "activeContext.md#Next Steps",
)
many = settings(max_examples=2000 if FULL else 8)
picks = st.tuples(st.integers(0, 13), st.integers(0, 30), st.integers(0, 30))


class Walk:
    """A bank that is written to by numbers: which operation, on what, with which words."""

    def __init__(self, bank: BankFolder, way: Way) -> None:
        self.bank, self.way = bank, way

    def item(self, number: int) -> tuple[str, ItemRef]:
        address = PLACES[number % len(PLACES)]
        rows = list_items(self.bank, address)
        return address, ItemRef(number=1 + number % max(len(rows), 1))

    def edit(self, address: str, edit: Append | RemoveItem | ReplaceItem | Tick) -> None:
        path, _ = self.bank.existing(address.partition("#")[0])
        commit(self.bank, [FileChange(path, (edit,))], "edit", self.way)

    def step(self, what: int, one: int, other: int) -> None:
        """Do one operation; what a bank refuses is done to none of its files."""
        bank, way = self.bank, self.way
        words = f"{WORDS[one % len(WORDS)]} {other}" if one % 3 else WORDS[one % len(WORDS)]
        address, ref = self.item(one)
        section = address.partition("#")[2]
        records = scan(bank, kinds=frozenset({"fact"})).records
        steps: tuple[Callable[[], object], ...] = (
            lambda: note(bank, words, way, kind=KINDS[other % len(KINDS)]),
            lambda: note(bank, words, way, kind=KINDS[one % len(KINDS)]),
            lambda: self.edit(address, RemoveItem(section, ref)),
            lambda: self.edit(address, ReplaceItem(section, ref, words)),
            lambda: self.edit(address, Tick(section, ref, done=bool(other % 2), add_box=True)),
            lambda: self.edit(address, Append(section, f"text of its own {words}")),
            lambda: move_item(bank, address, ref, PLACES[other % len(PLACES)], way),
            lambda: save(bank, NewRecord(words, title=f"T {other}"), way),
            lambda: update(bank, records[one % len(records)].id, way, tags=[f"+t{other}"]) if records else None,
            lambda: delete(bank, records[one % len(records)].id, way, hard=bool(other % 2)) if records else None,
            lambda: promote(bank, "activeContext.md#Learnings", "pattern", way, item="1"),
            lambda: finish(bank, way) if other % 2 else flows.start(bank, "BUILD", words, way),
            lambda: finish_task(bank, ItemRef(number=1), way, evidence="make: exit 0"),
            lambda: rotate(bank, way) if other % 2 else focus(bank, words, way),
        )
        with suppress(BankError):
            steps[what]()

    def texts(self) -> dict[str, bytes]:
        folder = self.bank.project
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and ".state" not in path.parts
        }


@contextmanager
def walk() -> Iterator[Walk]:
    numbers, minutes = count(1), count()

    def chance(length: int) -> bytes:
        number = next(numbers)
        return bytes((number >> (5 * place)) & 31 for place in reversed(range(length)))

    def now() -> datetime:
        return datetime(2026, 11, 21, 5, 30, tzinfo=UTC) + timedelta(minutes=next(minutes) // 8)

    folder = Path(tempfile.mkdtemp())
    try:
        way = Way(Author(Actor("tests", "s1"), now, chance))
        yield Walk(init(folder, way).bank, way)
    finally:
        shutil.rmtree(folder)


@many
@given(st.lists(picks, min_size=1, max_size=12))
def test_undos_walk_back_to_the_start_and_redos_to_the_end(steps: list[tuple[int, int, int]]) -> None:
    with walk() as walking:
        start = walking.texts()
        for each in steps:
            walking.step(*each)
        end = walking.texts()
        rows = len([*standing(done_operations(walking.bank))]) - 1
        event(f"{min(rows, 9)} operations")
        for _ in range(rows):
            walk_back(walking.bank, 1, walking.way)
        assert walking.texts() == start
        for _ in range(rows):
            walk_forward(walking.bank, 1, walking.way)
        assert walking.texts() == end
        with suppress(NothingToUndoError):
            walk_forward(walking.bank, 1, walking.way)
            raise AssertionError


def lines_of(texts: dict[str, bytes]) -> Counter[str]:
    """Count the lines with words, but for dates and what stands in for an empty section."""
    lines = Counter[str]()
    for name, data in texts.items():
        if name.endswith(".md"):
            lines.update(f"{name}: {each}" for each in data.decode("utf-8").split("\n") if each.strip())
    return Counter({each: number for each, number in lines.items() if not _is_idle(each)})


def _is_idle(line: str) -> bool:
    text = line.partition(": ")[2]
    return text.endswith(" UTC") or "[" in text or text.startswith(("updated:", "1. [Step]"))


@many
@given(st.lists(picks, min_size=2, max_size=10), st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_an_undo_in_any_order_takes_out_its_own_lines_or_is_refused(
    steps: list[tuple[int, int, int]], order: list[int]
) -> None:
    with walk() as walking:
        bank = walking.bank
        for number, each in enumerate(steps):
            walking.step(*each)
            if number % 3 == 2:
                path = bank.folder / PLACES[number % 2].partition("#")[0]
                path.write_bytes(path.read_bytes().replace(b"\n## ", b"\n- by hand %d\n\n## " % number, 3))
        for number in order:
            operations = [each for each in standing(done_operations(bank)) if each.receipt.verb != "init"]
            if not operations:
                return
            operation = operations[number % len(operations)]
            before = walking.texts()
            try:
                undo(bank, operation.id, walking.way)
            except BankError:
                event("refused")
                assert walking.texts() == before
                continue
            event("undone")
            added, gone = Counter[str](), Counter[str]()
            for receipt in operation.receipt.files:
                old, new = Counter[str](), Counter[str]()
                for change in _changes(bank, operation.id, receipt.file):
                    old.update(f"{receipt.file}: {each}" for each in change[0].split("\n") if each.strip())
                    new.update(f"{receipt.file}: {each}" for each in change[1].split("\n") if each.strip())
                added += new - old
                gone += old - new
            was, now = (lines_of(_named(bank, each)) for each in (before, walking.texts()))
            own = set(added) | set(gone)
            left = {line for line in (was - now) + (now - was) if line not in own and not _is_idle(line)}
            assert left == set(), (operation.receipt.verb, left)


def _named(bank: BankFolder, texts: dict[str, bytes]) -> dict[str, bytes]:
    return {bank.name_of(bank.project / name): data for name, data in texts.items()}


def _changes(bank: BankFolder, ident: str, file: str) -> list[tuple[str, str]]:
    from memorybank.store.journal.log import changes_of, find_operation, read_operations

    operation = find_operation(read_operations(bank), ident)
    number = next(i for i, each in enumerate(operation.receipt.files) if each.file == file)
    return [(each.old, each.new) for each in changes_of(bank, operation, number)]
