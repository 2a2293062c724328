"""The request to the layers, and how they make candidates of messages and records."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError
from memorybank.recall.loading.budget import Candidate
from memorybank.recall.loading.contracts import Fault, whole_lines
from memorybank.records.corrections.correction import TYPE
from memorybank.records.record import parse
from memorybank.records.sessions.messages import FOLDER
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import TypedDict

    from memorybank.recall.loading.found_records import FoundRecords
    from memorybank.recall.loading.stages import Cell
    from memorybank.records.record import Record
    from memorybank.records.sessions.messages import Message
    from memorybank.store.folder import BankFolder

    class LayerWire(TypedDict):
        """What a layer found."""

        layer: str
        wants: str
        found_count: int
        more_count: int
        hint: str


SESSION, CACHE, DEEP, FACTS, GROUPS, GIT = "session", "cache", "deep", "pafs", "groups", "git"
CORRECTIONS = "corrections"
# the position of a layer in the text, after the contracts; records of all layers are kept together
PLACES = {CORRECTIONS: 1, FACTS: 2, DEEP: 3, GROUPS: 4, SESSION: 5, CACHE: 6, GIT: 7}


class LoadRequest(NamedTuple):
    """What to load: a cell of the table, the query and the focus, the time, and the sessions.

    `sessions` are those whose messages are loaded; with `only_these` also the recent activity is only theirs. `match`
    returns how much of the query a text has, from 0 to 1. `first` names what counts more in this stage. `said` are the
    lines of the contracts, in which an accepted correction may be.
    """

    cell: Cell
    now: datetime
    query: str
    focus: str
    first: tuple[str, ...]
    match: Callable[[str], float]
    sessions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    only_these: bool = False
    git: bool = False
    said: tuple[str, ...] = ()

    def is_elsewhere(self, kind: str) -> bool:
        """Whether records of a type are in a layer of their own, and in no other."""
        return kind == TYPE and self.cell.corrections > 0


class Layer(NamedTuple):
    """What a layer found: the number of candidates, how many more there are, and the command to list those."""

    name: str
    wants: str
    found: int
    beyond: int = 0
    fetch: str = ""

    def to_wire(self) -> LayerWire:
        """Return the JSON form; `hint` is the command that lists the rest."""
        return {
            "layer": self.name,
            "wants": self.wants,
            "found_count": self.found,
            "more_count": self.beyond,
            "hint": self.fetch,
        }


class Candidates:
    """The candidates of all layers, what each layer found, and what could not be read."""

    __slots__ = ("_records", "candidates", "faults", "layers")

    def __init__(self) -> None:
        self.candidates: list[Candidate] = []
        self.layers: list[Layer] = []
        self.faults: list[Fault] = []
        self._records: FoundRecords | None = None

    def records(self, bank: BankFolder, ask: LoadRequest) -> FoundRecords:
        """Return the records that the index finds; it is asked once, for all layers."""
        if self._records is None:
            from memorybank.recall.loading.found_records import find_records

            self._records = find_records(bank, ask)
        return self._records


@contextmanager
def told(faults: list[Fault], layer: str, address: str) -> Iterator[None]:
    """Record errors of the `with` block as faults, so that an unreadable file does not hide the rest."""
    try:
        yield
    except BankError as error:
        faults.append(Fault(layer, error.where or address, error.message))


def offer_message(
    layer: str, session: str, message: Message, number: int, order: tuple[int, ...], terms: Mapping[str, float]
) -> Candidate:
    """Return a message as a candidate; `number` is its position in the session, from 0."""
    # further lines are indented, so that no line of a message looks like a heading of this output
    text = whole_lines(message.text).rstrip("\n").replace("\n", "\n  ")
    place = f"{FOLDER}{session}.jsonl"
    return Candidate(
        key=f"{place}:{number}",
        layer=layer,
        order=(PLACES[layer], *order),
        head=f"=== {place}" if layer == SESSION else f"=== {place} (recent)",
        text=f"{f'{message.at} ' if message.at else ''}{message.role}: {text}\n",
        address=f"{place}:{number + 1}",
        fetch="",
        terms=terms,
    )


def load_command(session: str, count: int) -> str:
    """Return the command that prints the last messages of a session."""
    return f"bank session load {quoted(session)} --max-messages {count}"


def read_record(bank: BankFolder, file: str, kind: str) -> Record:
    """Read a whole record from its file.

    Raises:
        BankError: the record cannot be read.
    """
    path, name = bank.place_of(file)
    return parse(bank.read(path), name, kind)


def offer_record(record: Record, layer: str, place: int) -> Candidate:
    """Return a record as a candidate: its title and text, or as short form its title and summary."""
    name = record.file
    mark = f"  [{record.type}]{f' {record.status}' if record.status else ''}"
    title = f"# {' '.join(record.title.split())}\n"
    fetch = f"bank recall {quoted(record.id)}"
    content = whole_lines(record.content) if record.content.strip() else ""
    summary = whole_lines(record.summary) if record.summary.strip() else ""
    return Candidate(
        key=name,
        layer=layer,
        order=(PLACES[DEEP], place, name),
        head=f"=== {name} @{record.digest}{mark}",
        text=title + content,
        short=title + summary if len(content) > len(summary) else "",
        short_head=f"=== {name} @{record.digest}{mark} in short; {fetch}",
        address=name,
        fetch=fetch,
    )
