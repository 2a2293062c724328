"""Load corrections within a budget, and say of each why it is there or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import FieldError
from memorybank.recall.loading.budget import count_tokens, fewest_tokens
from memorybank.records.corrections.accepted import accepted_corrections, known_corrections
from memorybank.records.corrections.correction import DROPPED
from memorybank.records.corrections.pack import Left, pack, window_warning
from memorybank.records.corrections.score import MIXTURE, RECENCY, score_all
from memorybank.records.corrections.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Annotated, TypedDict

    from memorybank.records.corrections.correction import Correction, Premise
    from memorybank.records.corrections.score import Scored
    from memorybank.store.folder import BankFolder

    class LoadedCorrectionWire(TypedDict):
        """A correction that was loaded, and the parts of its score."""

        id: str
        tier: str
        status: str
        text: str
        premise: Annotated[Any, Premise]
        at: str
        is_pinned: bool
        score: float
        decay: float
        query: float
        terms: dict[str, float]
        explained: str

    class LeftCorrectionWire(TypedDict):
        """A correction that was left out, its size, and why."""

        id: str
        size: int
        why: str

    class CorrectionLoadWire(TypedDict):
        """The JSON form of corrections that were loaded."""

        text: str
        included: list[LoadedCorrectionWire]
        omitted: list[LeftCorrectionWire]
        size: int
        budget: int | None
        unit: str
        tokens: int
        window: int
        window_percent: float
        warning: str
        strategy: str
        query: str


class CorrectionOptions(NamedTuple):
    """What to load: a budget in characters or tokens, else that of the settings; the window of the model in tokens.

    Without a strategy the settings choose it. With a query, what matches it comes first. With `only_accepted`, those
    that wait are not there.
    """

    budget_chars: int | None = None
    budget_tokens: int | None = None
    window: int | None = None
    query: str = ""
    strategy: str = ""
    only_accepted: bool = False


class CorrectionLoad(NamedTuple):
    """The corrections that fit into a budget: the text with a line for each, what was chosen, and what was left out.

    `warning` is set if the text takes more than 70 % of the window.
    """

    text: str
    chosen: tuple[Scored, ...]
    left_out: tuple[Left, ...]
    size: int
    budget: int
    unit: str
    tokens: int
    window: int
    warning: str
    strategy: str
    query: str = ""

    @property
    def window_percent(self) -> float:
        """The part of the window that the text takes, in percent; 0 without a window."""
        return round(100 * self.tokens / self.window, 1) if self.window else 0.0

    def withheld(self) -> CorrectionLoad:
        """Return only the warning: what was chosen is left out until somebody confirms that it may take so much."""
        why = "not confirmed: the whole takes too much of the window"
        left = tuple(Left(each.correction.id, len(each.correction.text), why) for each in self.chosen)
        return self._replace(text="", chosen=(), left_out=(*left, *self.left_out), size=0, tokens=0)

    def to_wire(self) -> CorrectionLoadWire:
        """Return the JSON form: of each correction what its line says, and its score term by term."""
        return {
            "text": self.text,
            "included": [_loaded(each) for each in self.chosen],
            "omitted": [{"id": each.id, "size": each.size, "why": each.why} for each in self.left_out],
            "size": self.size,
            "budget": self.budget,
            "unit": self.unit,
            "tokens": self.tokens,
            "window": self.window,
            "window_percent": self.window_percent,
            "warning": self.warning,
            "strategy": self.strategy,
            "query": self.query,
        }


def load_corrections(
    bank: BankFolder, now: datetime, wish: CorrectionOptions, matches: Mapping[str, float] | None = None
) -> CorrectionLoad:
    """Load the corrections that were accepted or wait, never one that was dropped; `matches` is by query.

    Raises:
        FieldError: the budget or the strategy is not valid.
        BankError: the bank or its settings cannot be read.
    """
    settings = read_settings(bank)
    limit, unit = _budget(wish, settings.budget_chars)
    window = settings.window_tokens if wish.window is None else wish.window
    known = accepted_corrections(bank) if wish.only_accepted else known_corrections(bank)
    known = [each for each in known if each.status != DROPPED]
    wanted = [each for each in known if each.effective_tier in settings.tiers]
    ranked = score_all(wanted, now, settings, strategy=wish.strategy, matches=matches)
    if unit == "tokens":
        packed = pack(ranked, limit, unit=unit, measure=count_tokens, fewest=fewest_tokens)
    else:
        packed = pack(ranked, limit, unit=unit)
    tokens = packed.size if unit == "tokens" else count_tokens(packed.text)
    return CorrectionLoad(
        packed.text,
        packed.chosen,
        packed.left_out,
        packed.size,
        limit,
        unit,
        tokens,
        window,
        window_warning(tokens, window),
        wish.strategy or (MIXTURE if settings.mixture else RECENCY),
        wish.query,
    )


def _budget(wish: CorrectionOptions, default: int) -> tuple[int, str]:
    if wish.budget_chars is not None and wish.budget_tokens is not None:
        hint = "bank corrections load --budget-tokens 1000"
        raise FieldError(field="budget", why="give tokens or characters, not both", hint=hint)
    for field, value in (("budget_tokens", wish.budget_tokens), ("budget_chars", wish.budget_chars)):
        if value is not None and value < 1:
            hint = "bank corrections load --budget-chars 4096"
            raise FieldError(field=field, why="it must be at least 1", hint=hint)
    if wish.window is not None and wish.window < 0:
        raise FieldError(field="window", why="it is a number of tokens", hint="bank corrections load --window 200000")
    if wish.budget_tokens is not None:
        return wish.budget_tokens, "tokens"
    return wish.budget_chars or default, "characters"


def premise_of(correction: Correction) -> str:
    """Return what was corrected, in one text: the call of the tool, or what the assistant said."""
    return " ".join(each for each in correction.premise[::-1] if each)


def _loaded(each: Scored) -> LoadedCorrectionWire:
    from memorybank.wire import to_wire

    correction, score = each
    return {
        "id": correction.id,
        "tier": correction.effective_tier,
        "status": correction.status,
        "text": correction.text,
        "premise": to_wire(correction.premise),
        "at": correction.origin.at,
        "is_pinned": correction.is_pinned,
        "score": round(score.total, 4),
        "decay": round(score.decay, 4),
        "query": round(score.query, 4),
        "terms": {name: round(value, 4) for name, value in score.terms.items()},
        "explained": score.explained,
    }
