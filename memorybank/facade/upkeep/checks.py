"""Upkeep: check the files, examine what is around them, review, archive and migrate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from memorybank.facade.face import Face, check_choice, check_limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Annotated, TypedDict

    from memorybank.check.doctor import Probe
    from memorybank.check.findings import Finding
    from memorybank.check.manual import Manual, ManualList
    from memorybank.check.review import Question
    from memorybank.document.receipt import Receipt
    from memorybank.facade.upkeep.banks import Banks
    from memorybank.facade.upkeep.trust import Trust
    from memorybank.store.manage.lost_text import LostText
    from memorybank.store.manage.migrate import MigrateResult
    from memorybank.store.refused_text import RefusedText, RefusedTextWire
    from memorybank.workflow.lines.rotate import RotateResult

    class CheckWire(TypedDict):
        """The JSON form of a check."""

        findings: list[Annotated[Any, Finding]]
        count: int
        lost_texts: list[Annotated[Any, LostText]]
        receipt: Annotated[Any, Receipt] | None

    class DoctorWire(TypedDict):
        """The JSON form of a doctor."""

        probes: list[Annotated[Any, Probe]]
        count: int
        fixed: list[str]
        refused_texts: list[RefusedTextWire]

    class ReviewWire(TypedDict):
        """The JSON form of a review."""

        period: str
        questions: list[Annotated[Any, Question]]
        count: int


Period = Literal["weekly", "quarterly"]
Order = Literal["", "newest-first", "oldest-first"]


class CheckResult(NamedTuple):
    """The findings, and what a fix did; without a fix there is no receipt and `lost` is None.

    `lost` has the last known text of each file that lost most of it; `bank restore` brings it back.
    """

    findings: tuple[Finding, ...]
    receipt: Receipt | None
    lost: tuple[LostText, ...] | None

    @property
    def failed(self) -> bool:
        """Whether something was found that is not just a notice."""
        return any(finding.severity != "notice" for finding in self.findings)

    def to_wire(self) -> CheckWire:
        """Return the JSON form: the findings as a list, and what a fix did."""
        from memorybank.wire import to_wire

        return {
            "findings": to_wire(self.findings),
            "count": len(self.findings),
            "lost_texts": to_wire(self.lost or ()),
            "receipt": to_wire(self.receipt),
        }


class DoctorReport(NamedTuple):
    """The result of each probe, the names of the probes that were fixed, and the texts that commands refused."""

    probes: tuple[Probe, ...]
    fixed: tuple[str, ...]
    kept: tuple[RefusedText, ...]

    @property
    def faults(self) -> tuple[Probe, ...]:
        """The probes that are not in order."""
        return tuple(probe for probe in self.probes if probe.fault)

    def to_wire(self) -> DoctorWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {
            "probes": to_wire(self.probes),
            "count": len(self.probes),
            "fixed": list(self.fixed),
            "refused_texts": [text.to_wire() for text in self.kept],
        }


class Review(NamedTuple):
    """The questions of a period, the most urgent first."""

    period: str
    questions: tuple[Question, ...]

    def to_wire(self) -> ReviewWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {"period": self.period, "questions": to_wire(self.questions), "count": len(self.questions)}


class Upkeep(Face):
    """The methods of a bank for its upkeep."""

    __slots__ = ()

    def check(self, files: Sequence[str] = (), *, fix: bool = False, notices: bool = False) -> CheckResult:
        """Check the named files, or all of them, against their contracts and the project.

        With `fix` what is safe to fix is fixed in one operation; findings that remain say why. A file that lost its
        text is never written over.

        Raises:
            NoFileError: a named file does not exist.
            BankError: a fix cannot be written.
        """
        from memorybank.check.lint import FixResult, fix_findings, lint

        folder, now, way = self._folder, self._caller.now(), self._way()
        findings = lint(folder, files, now=now, notices=notices, accept_shrunk=way.options.accept_shrunk)
        fixed = fix_findings(folder, findings, way) if fix else FixResult(None, (), ())
        if fixed.receipt is not None and not fixed.receipt.dry_run:
            findings = lint(folder, files, now=now, notices=notices)
        return CheckResult(_with_reasons(findings, fixed.left), fixed.receipt, fixed.lost if fix else None)

    @staticmethod
    def rules() -> ManualList:
        """Return the manual pages of the rules that `check` applies."""
        from memorybank.check.manual import manual

        return manual()

    @staticmethod
    def rule(name: str) -> Manual:
        """Return the manual page of one rule, or of the error that a file can have.

        Raises:
            NoRecordError: no rule has that name.
        """
        from memorybank.check.manual import manual_of

        return manual_of(name)

    def doctor(self, *, fix: bool = False) -> DoctorReport:
        """Check settings, files, lock, journal, index, permissions, git set-up and what was installed for clients.

        With `fix` what is safe to fix is fixed first; a dry run fixes nothing.

        Raises:
            BankError: another process holds the bank, or a fix cannot be written.
        """
        from memorybank.check.doctor import examine, fix_faults
        from memorybank.store.refused_text import list_kept

        kept = list_kept(self._folder)
        fixed = fix_faults(self._folder) if fix and not self._caller.dry_run else []
        return DoctorReport((*examine(self._folder), *self._installs()), tuple(fixed), tuple(kept))

    def _installs(self) -> Iterator[Probe]:
        """Yield a probe for each client and scope with an install."""
        import os
        from pathlib import Path

        from memorybank.agents.install.clients import CLIENTS
        from memorybank.agents.install.inspect_installed import inspect_installed
        from memorybank.agents.install.installed_record import read_record
        from memorybank.check.doctor import Probe
        from memorybank.facade.agents.clients import request_for

        project = Path(os.path.realpath(self._folder.project))
        noted = read_record(self._caller.home).files
        for client in CLIENTS.values():
            for scope in client.scopes:
                request = request_for(self._caller, project, scope, hooks=True)
                found = inspect_installed(client, request, noted)
                if found is not None:
                    yield Probe(f"{client.name} {scope}", *found, fixable=False)

    def review(self, *, period: Period | str = "weekly") -> Review:
        """Return what needs a decision each week or quarter; a quarterly review includes the weekly questions.

        Raises:
            FieldError: the period is neither weekly nor quarterly.
        """
        from memorybank.check.review import QUARTERLY, WEEKLY, review

        period = check_choice(period, (WEEKLY, QUARTERLY), field="period")
        return Review(period, tuple(review(self._folder, self._caller.now(), period=period)))

    def rotate(self, *, order: Order | str = "") -> RotateResult:
        """Move the oldest items of every section over its limit to archive/contracts/, as one operation.

        `order` is the order of lists without dates: newest-first or oldest-first.

        Raises:
            FieldError: there is no such order.
            SpillError: the items would be changed by the move; nothing is written.
        """
        from memorybank.workflow.lines.rotate import rotate

        order = check_choice(order, ("", "newest-first", "oldest-first"), field="order")
        return rotate(self._folder, self._way(), order=order)

    def unarchive(self, address: str, *, count: int = 1) -> RotateResult:
        """Move the newest archived items of a section back.

        Raises:
            NothingArchivedError: the section has no archived items.
            FieldError: `count` is less than 1.
        """
        from memorybank.workflow.lines.rotate import unarchive

        check_limit(count, least=1, field="count")
        return unarchive(self._folder, address, self._way(), count=count)

    def migrate(self) -> MigrateResult:
        """Update the memory files to the current sections, as one operation.

        What cannot be read with certainty stays as it is and is listed.

        Raises:
            BankError: a file changed meanwhile, or cannot be written.
        """
        from memorybank.store.manage.migrate import migrate

        return migrate(self._folder, self._way())

    @property
    def trust(self) -> Trust:
        """The approvals of commands that this bank declares: `pending`, `approve`, `list`, `revoke`."""
        from memorybank.facade.upkeep.trust import Trust

        return Trust(self._folder, self._caller)

    @property
    def banks(self) -> Banks:
        """The banks that this machine has seen: `list`, `forget`, `forget_missing`."""
        from memorybank.facade.upkeep.banks import Banks

        return Banks(self._caller)


def _with_reasons(findings: Sequence[Finding], left: Sequence[Finding]) -> tuple[Finding, ...]:
    """Replace each finding that a fix could not fix by the one that says why."""
    reasons = {(each.file, each.rule, each.line, each.message.partition("; not fixed: ")[0]): each for each in left}
    shown = [reasons.pop((finding.file, finding.rule, finding.line, finding.message), finding) for finding in findings]
    return (*shown, *reasons.values())
