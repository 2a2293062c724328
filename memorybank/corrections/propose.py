"""Propose corrections: what accepting each one would write, the one that weighs most today first.

A proposal is only shown. Accepting plans anew, so what changed since is seen then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.corrections.place import PlannedLine, contradicted_by, planned_line
from memorybank.errors import MachineError
from memorybank.listing import Listing
from memorybank.patterns import later
from memorybank.records.corrections.accepted import known_corrections
from memorybank.records.corrections.correction import ACCEPTED, PROPOSED, UNDECIDED, WAITING, Correction
from memorybank.records.corrections.ledger import append_decisions, append_settled
from memorybank.records.corrections.pack import sense_of
from memorybank.records.corrections.score import score_all
from memorybank.records.corrections.settings import read_settings
from memorybank.store.roles import READ_ONLY
from memorybank.times import stamp_of
from memorybank.workflow.lines.similarity import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypedDict

    from memorybank.records.corrections.score import Scored
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way
    from memorybank.workflow.contradictions.earlier import Contradiction, ContradictionWire

    class ProposalWire(TypedDict):
        """The JSON form of a proposal."""

        id: str
        text: str
        tier: str
        score: float
        address: str
        line_text: str
        merged: str
        similar: str
        same: list[str]
        contradictions: list[ContradictionWire]
        command: str


# words beside those that only say that something was wrong; in scripts without spaces a word is a whole phrase
_FEWEST_WORDS = 2
_FEWEST_LETTERS = 6
_WORD = later(r"\w+")
_EMPTY_WORDS = "no nope wrong stop wait again yes ok okay sorry undo revert back please actually"
_EMPTY = frozenset(_EMPTY_WORDS.split())


class Proposal(NamedTuple):
    """What accepting one correction would write, and the command that accepts it.

    `same` are the ids of others that say the same: accepting it takes them out of the queue.
    """

    correction: Correction
    score: float
    line: PlannedLine
    contradictions: list[Contradiction]
    same: list[str]

    @property
    def command(self) -> str:
        """The command that accepts it; what it contradicts has to be named by a person."""
        return f"bank corrections accept {self.correction.id}"

    def to_wire(self) -> ProposalWire:
        """Return the JSON form."""
        return {
            "id": self.correction.id,
            "text": self.correction.text,
            "tier": self.correction.effective_tier,
            "score": self.score,
            "address": self.line.address,
            "line_text": self.line.line,
            "merged": self.line.merged,
            "similar": self.line.near,
            "same": self.same,
            "contradictions": [each.to_wire() for each in self.contradictions],
            "command": self.command,
        }


class ProposalList(Listing[Proposal]):
    """Proposals, the best first, and the ids of those that are not offered.

    `left_out` say too little to be kept; `settled` say what was accepted, and are taken out of the queue. `not_marked`
    is why that, and that they were proposed, could not be written down; "" if it could.
    """

    __slots__ = ("left_out", "not_marked", "settled")
    plural = "proposals"
    beside = ("left_out", "settled", "not_marked")
    left_out: list[str]
    settled: list[str]
    not_marked: str

    def __init__(
        self,
        rows: Iterable[Proposal] = (),
        *,
        total: int | None = None,
        left_out: Iterable[str] = (),
        settled: Iterable[str] = (),
        not_marked: str = "",
    ) -> None:
        super().__init__(rows, total=total)
        self.left_out = list(left_out)
        self.settled = list(settled)
        self.not_marked = not_marked


def propose(bank: BankFolder, way: Way, *, limit: int = 5) -> ProposalList:
    """Return proposals for what waits, and mark them as proposed; a reader and a dry run mark nothing.

    Of those that say the same the best is offered. What says the same as an accepted one is not offered again. On a
    disk that cannot be written, they are returned without a mark.

    Raises:
        BankError: a memory file or the ledger cannot be read.
    """
    known = known_corrections(bank)
    now = way.author.now()
    # scored among all, as they are when they are loaded
    scored = [each for each in score_all(known, now, read_settings(bank)) if each.correction.status in UNDECIDED]
    accepted = {sense_of(each): each.id for each in known if each.status == ACCEPTED}
    settled: dict[str, list[str]] = {}
    alike: dict[tuple[str, ...], list[Scored]] = {}
    left_out = []
    for each in scored:
        sense = sense_of(each.correction)
        if sense in accepted:
            settled.setdefault(accepted[sense], []).append(each.correction.id)
        elif says_enough(each.correction):
            alike.setdefault(sense, []).append(each)
        else:
            left_out.append(each.correction.id)
    chosen = list(alike.values())[: limit or None]
    found = [
        Proposal(
            best.correction,
            round(best.score.total, 4),
            planned_line(bank, best.correction),
            [one for one, _ in contradicted_by(bank, best.correction)],
            [each.correction.id for each in twins],
        )
        for best, *twins in chosen
    ]
    not_marked = ""
    if not way.options.dry_run and not bank.read_only and way.author.actor.role != READ_ONLY:
        fresh = [each.correction.id for group in chosen for each in group if each.correction.status == WAITING]
        try:
            _mark(bank, fresh, settled, at=stamp_of(now))
        except MachineError as error:
            not_marked = error.message
    gone = [each for twins in settled.values() for each in twins]
    return ProposalList(found, total=len(alike), left_out=left_out, settled=gone, not_marked=not_marked)


def _mark(bank: BankFolder, fresh: Iterable[str], settled: Mapping[str, Iterable[str]], *, at: str) -> None:
    for ident, twins in settled.items():
        append_settled(bank, ident, twins, at=at)
    append_decisions(bank, [(each, {"status": PROPOSED}) for each in fresh], at=at)


def says_enough(correction: Correction) -> bool:
    """Return whether a correction says something for the next time: a value, or more than that something was wrong."""
    said = words_of(correction.text) - _EMPTY
    words = [each for each in _WORD.findall(correction.text.casefold()) if each not in _EMPTY]
    if correction.values or (said and len(words) >= _FEWEST_WORDS):
        return True
    return any(not each.isascii() and len(each) >= _FEWEST_LETTERS for each in said)
