"""Load what a stage of work needs within a budget, and explain everything that was chosen or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.contracts.load import template_bytes
from memorybank.contracts.read_triggers import TRIGGERS
from memorybank.document.source import digest_of
from memorybank.errors import FieldError
from memorybank.recall.loading.budget import Budget, BudgetChoice, count_tokens, merged, select
from memorybank.recall.loading.candidates import Layer, LoadRequest
from memorybank.recall.loading.contracts import LAYER, frame_candidates, read_frame
from memorybank.recall.loading.layers import gather
from memorybank.recall.loading.stages import FILE, Table, parse_table
from memorybank.recall.words.terms import query_terms, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import TypedDict

    from memorybank.recall.loading.budget import BudgetChoiceWire
    from memorybank.recall.loading.candidates import LayerWire
    from memorybank.recall.loading.contracts import Fault
    from memorybank.store.config import Config
    from memorybank.store.folder import BankFolder

    class ContextWire(TypedDict):
        """The JSON form of a context."""

        text: str
        tokens: int
        included: list[BudgetChoiceWire]
        shortened: list[BudgetChoiceWire]
        omitted: list[BudgetChoiceWire]
        stage: str
        mode: str
        budget: int | None
        unit: str
        candidate_count: int
        layers: list[LayerWire]


_QUERY_LENGTH = 10_000
_CURRENT = "current"


class LoadOptions(NamedTuple):
    """What to load; an empty field means the default.

    `trigger` is a moment of `load --for`, `files` are the addresses to load from the contracts. `session` and `group`
    choose whose messages are loaded, instead of those of `current`, the current session. `git` adds where the project
    stands in git.
    """

    stage: str = ""
    mode: str = ""
    budget_tokens: int | None = None
    budget_chars: int | None = None
    trigger: str = ""
    files: tuple[str, ...] = ()
    query: str = ""
    group: str = ""
    session: str = ""
    current: str = ""
    git: bool = False


class Context(NamedTuple):
    """What was loaded: the text, its estimated number of tokens, and the choice for each candidate.

    Each of `candidates` is in one of `included`, `shortened` and `omitted`. `layers` has what each layer found, and how
    much more there is that the stage does not load.
    """

    text: str
    tokens: int
    included: tuple[BudgetChoice, ...]
    shortened: tuple[BudgetChoice, ...]
    omitted: tuple[BudgetChoice, ...]
    stage: str = ""
    mode: str = ""
    budget: int | None = None
    unit: str = "tokens"
    candidates: int = 0
    layers: tuple[Layer, ...] = ()

    def of(self, layer: str) -> tuple[BudgetChoice, ...]:
        """Return what is in the text from one layer, in its order, also what another layer had as well.

        The layers are contracts, session, cache, deep, pafs, groups, corrections and git.
        """
        return tuple(each for each in (*self.included, *self.shortened) if layer in (each.layer, *each.also))

    def to_wire(self) -> ContextWire:
        """Return the JSON form."""
        return {
            "text": self.text,
            "tokens": self.tokens,
            "included": [each.to_wire() for each in self.included],
            "shortened": [each.to_wire() for each in self.shortened],
            "omitted": [each.to_wire() for each in self.omitted],
            "stage": self.stage,
            "mode": self.mode,
            "budget": self.budget,
            "unit": self.unit,
            "candidate_count": self.candidates,
            "layers": [each.to_wire() for each in self.layers],
        }


def table_of(bank: BankFolder | None) -> Table:
    """Read the table of stages and modes: the built-in one, overridden by the bank's own.

    Raises:
        ConfigError: the bank's own table is invalid.
    """
    shipped = template_bytes(FILE)
    own = template_bytes(FILE, bank.folder / "templates") if bank else shipped
    if own == shipped:
        # parsing TOML takes longer than the rest of a small load
        from memorybank.recall.loading.shipped_stages import DIGEST, TABLE

        if digest_of(shipped) == DIGEST:
            return TABLE
    return parse_table(shipped, None if own == shipped else own)


def load_context(bank: BankFolder, wish: LoadOptions, now: datetime) -> Context:
    """Load what a stage of work needs.

    Raises:
        BudgetError: the budget is too small for the pinned items.
        FieldError: the stage, mode, moment or budget is invalid.
        NotFoundError: a named file, session or group does not exist.
        ConfigError: the bank's own table is invalid.
    """
    wish = wish._replace(query=wish.query[:_QUERY_LENGTH])
    table = table_of(bank)
    wanted = wish.files or (_reads_of(wish.trigger) if wish.trigger else bank.main_files)
    cell = table.cells[table.stage_of(wish.stage, wish.trigger), table.mode_of(wish.mode)]
    budget = _budget(wish, bank.config)
    for file in wish.files:
        _check_place(bank, file)
    frame = read_frame(bank, wanted)
    groups = _groups(bank, wish)
    match = _matcher(wish.query or frame.focus[:_QUERY_LENGTH])
    first = table.first.get(cell.stage, ())
    ask = LoadRequest(
        cell,
        now,
        query=wish.query,
        focus=frame.focus,
        first=first,
        match=match,
        sessions=_sessions(bank, wish, groups),
        groups=groups,
        only_these=bool(wish.group or wish.session),
        git=wish.git,
        said=tuple(line.text for line in frame.lines),
    )
    contracts = list(frame_candidates(frame.lines, first, match))
    gathered = gather(bank, ask)
    candidates = merged([*contracts, *gathered.candidates])
    chosen = select(candidates, budget, f"bank load --stage {cell.stage} --mode {cell.mode}")
    faults = [_unread(fault) for fault in (*frame.faults, *gathered.faults)]
    return Context(
        chosen.text,
        count_tokens(chosen.text),
        chosen.included,
        chosen.shortened,
        (*chosen.omitted, *faults),
        cell.stage,
        cell.mode,
        budget.limit,
        budget.unit,
        len(candidates) + len(faults),
        (Layer(LAYER, ", ".join(wanted), len(contracts)), *gathered.layers),
    )


def _reads_of(trigger: str) -> tuple[str, ...]:
    for each in TRIGGERS:
        if each.name == trigger:
            return each.reads
    raise FieldError(field="for", why=f"unknown moment {trigger!r}", hint="bank load --for list")


def _budget(wish: LoadOptions, config: Config) -> Budget:
    if wish.budget_tokens is not None and wish.budget_chars is not None:
        raise FieldError(
            field="budget", why="give tokens or characters, not both", hint="bank load --budget-tokens 4000"
        )
    limits: tuple[int | None, int | None] = (wish.budget_tokens, wish.budget_chars)
    if limits == (None, None):
        limits = (config.load_budget_tokens or None, config.load_budget_chars or None)
    for limit, unit, measure in zip(limits, ("tokens", "chars"), (count_tokens, len), strict=True):
        if limit is not None and limit < 1:
            raise FieldError(field="budget", why="it must be at least 1", hint=f"bank load --budget-{unit} 4000")
        if limit is not None:
            return Budget(limit, unit, measure)
    return Budget(None)


def _check_place(bank: BankFolder, address: str) -> None:
    """Check that a file or section exists; the error lists near misses, as in `bank show`."""
    from memorybank.store.view import address_in, find, open_document

    place = address_in(bank, address)
    if place.section:
        find(bank, open_document(bank, place.file), place.section)
    else:
        bank.existing(place.file)


def _groups(bank: BankFolder, wish: LoadOptions) -> tuple[str, ...]:
    if not wish.group:
        return ()
    from memorybank.records.sessions.groups import find_group

    return (find_group(bank, wish.group).id,)


def _sessions(bank: BankFolder, wish: LoadOptions, groups: Sequence[str]) -> tuple[str, ...]:
    if wish.session and not (wish.session == _CURRENT and wish.current):
        from memorybank.records.sessions.sessions import find_session

        return (find_session(bank, wish.session, newest=True).id,)
    if groups:
        from memorybank.records.sessions.groups import find_group, members_of

        return tuple(member.id for one in groups for member in members_of(bank, find_group(bank, one))[0])
    return (wish.current,) if wish.current else ()


def _matcher(query: str) -> Callable[[str], float]:
    """Return a function that returns the part of a query's words that a text has, from 0 to 1."""
    found = query_terms(query)
    wanted = set(found.words) | set(found.names)

    def match(text: str) -> float:
        if not wanted:
            return 0.0
        terms = terms_of(text)
        return len(wanted & {*terms.words, *terms.names}) / len(wanted)

    return match


def _unread(fault: Fault) -> BudgetChoice:
    return BudgetChoice(
        layer=fault.layer,
        address=fault.address,
        fetch="bank check",
        reason=f"it cannot be read: {fault.why}",
        begins="",
        size=0,
        value=0.0,
        rank=0.0,
        terms={},
        is_unread=True,
    )
