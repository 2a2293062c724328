"""Corrections as they are kept: list and show them, and decide about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.corrections.correction_answers import CorrectionList, ShownCorrection
from memorybank.facade.face import Face, check_choice, check_limit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from memorybank.corrections.accept import Acceptance
    from memorybank.corrections.decide import Decision, Decisions
    from memorybank.corrections.propose import ProposalList
    from memorybank.corrections.why import Reason


class Keeping(Face):
    """The methods of `bank.corrections` for what was found. One is named by its id, the beginning of it, or `last`."""

    __slots__ = ()

    def list(
        self, *, status: str = "", tier: str = "", client: str = "", since: str | datetime = "", limit: int = 20
    ) -> CorrectionList:
        """Return corrections, the newest first; all of them with a `limit` of 0.

        `status` is waiting, proposed, accepted or dropped; those that were proposed wait too. Without one, dropped ones
        are left out. `since` is a day or time, or `7d` for a week ago.

        Raises:
            FieldError: a status, a tier, the limit or `since` is invalid.
        """
        from memorybank.records.corrections.accepted import known_entries
        from memorybank.records.corrections.correction import DROPPED, STATUSES, TIERS, UNDECIDED, WAITING

        check_limit(limit, least=0)
        status = check_choice(status, ("", *STATUSES), field="status")
        tier = check_choice(tier, ("", *TIERS), field="tier")
        after = self._moment(since, "since")
        wanted = UNDECIDED if status == WAITING else (status,) if status else set(STATUSES) - {DROPPED}
        found = [
            each
            for each in (entry.correction for entry in reversed(known_entries(self._folder)))
            if each.status in wanted
            and tier in {"", each.effective_tier}
            and client in {"", each.origin.client}
            and (not after or each.origin.at >= after)
        ]
        return CorrectionList(found[: limit or None], total=len(found))

    def show(self, correction: str) -> ShownCorrection:
        """Return one correction and what was decided about it.

        Raises:
            NoRecordError: no correction or several match.
        """
        from memorybank.records.corrections.find_correction import find_entry, record_file

        entry = find_entry(self._folder, correction)
        file = record_file(self._folder, entry.correction)
        return ShownCorrection(entry.correction, entry.found_at, entry.decided_at, entry.why, file)

    def why(self, correction: str) -> Reason:
        """Return which rule found a correction, what that rule looks for, and the score term by term.

        Raises:
            NoRecordError: no correction or several match.
            ConfigError: a setting is invalid.
        """
        from memorybank.corrections.why import why

        return why(self._folder, correction, self._caller.now())

    def propose(self, *, limit: int = 5) -> ProposalList:
        """Return what accepting each waiting correction would write, the best first, and mark them as proposed.

        On a disk that cannot be written, `not_marked` of the result says why they are not marked.

        Raises:
            FieldError: the limit is below 0.
            BankError: a memory file cannot be read.
        """
        from memorybank.corrections.propose import propose

        check_limit(limit, least=0)
        return propose(self._folder, self._way(), limit=limit)

    def accept(
        self,
        corrections: str | Sequence[str],
        *,
        kind: str = "",
        text: str = "",
        supersedes: str | Sequence[str] = (),
        anyway: bool = False,
    ) -> Acceptance:
        """Accept corrections as one operation: each becomes a record with its id, and a line in patterns.md.

        `kind` is standard, gotcha or none; without one it is by the words. `text` rewords the line of one correction.
        `supersedes` names what it replaces: ids of records or facts, or texts of lines.

        Raises:
            NoRecordError: no correction or several match.
            FieldError: one is accepted already, the kind is invalid, or a text is for several.
            ContradictionError: one contradicts what the bank says, and neither `supersedes` nor `anyway` is given.
            RoleError: a reader may not accept.
            BankError: the write is refused; nothing is written.
        """
        from memorybank.corrections.accept import accept

        idents = [corrections] if isinstance(corrections, str) else corrections
        named = [supersedes] if isinstance(supersedes, str) else supersedes
        return accept(self._folder, idents, self._way(), kind=kind, text=text, supersedes=named, anyway=anyway)

    def drop(self, corrections: str | Sequence[str], *, why: str = "", off: bool = False) -> Decisions:
        """Take corrections out of the queue; `off` puts dropped ones back.

        Raises:
            NoRecordError: no correction or several match.
            FieldError: one is accepted already.
            RoleError: a reader may not decide.
        """
        from memorybank.corrections.decide import drop

        idents = [corrections] if isinstance(corrections, str) else corrections
        return drop(self._folder, idents, self._way(), why=why, off=off)

    def pin(self, correction: str, *, off: bool = False) -> Decision:
        """Pin a correction, so that it does not decay; `off` takes the pin away.

        Raises:
            NoRecordError: no correction or several match.
            RoleError: a reader may not decide.
        """
        from memorybank.corrections.decide import pin

        return pin(self._folder, correction, self._way(), off=off)

    def tier(self, correction: str, tier: str) -> Decision:
        """Set the tier of a correction: critical, high, medium or low; "" leaves the one that was found.

        Raises:
            NoRecordError: no correction or several match.
            FieldError: there is no such tier.
            RoleError: a reader may not decide.
        """
        from memorybank.corrections.decide import set_tier

        return set_tier(self._folder, correction, tier, self._way())
