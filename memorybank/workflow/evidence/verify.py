"""Verify evidence: find out which evidence is still valid, and run the rest again.

Commands are read from files that others can edit: none is run before it was approved on this machine, word for word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError, NoFileError, NoItemError
from memorybank.store.approvals import refuse_untrusted
from memorybank.store.journal.commit import commit
from memorybank.times import day_of, stamp_of
from memorybank.wire import to_wire
from memorybank.workflow.evidence.coverage import changed_covers, covered
from memorybank.workflow.evidence.evidence import (
    Evidence,
    EvidenceClaim,
    bind,
    binding,
    canonical,
    cited,
    evidence_lines,
    is_output_kept,
    parse_told,
    read_evidence,
    runnable_of,
    told_line,
    without_id,
)
from memorybank.workflow.evidence.prove import fresh_id, renewed
from memorybank.workflow.evidence.run import SECONDS, ProofRequest, Run, evidence_of, run_proof
from memorybank.workflow.lines.find import Line, find_line
from memorybank.workflow.lines.together import together
from memorybank.workflow.progress.attachments import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Annotated, TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.store.approvals import Runnable
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import FileChange
    from memorybank.store.way import Way

    class VerifyWire(TypedDict):
        """The JSON form of a verify."""

        evidence: list[Annotated[Any, EvidenceStatus]]
        count: int
        runs: list[Annotated[Any, Rerun]]
        receipt: Annotated[Any, Receipt] | None


FRESH = "fresh"
BROKEN = "broken"


class EvidenceStatus(NamedTuple):
    """The state of one piece of evidence.

    `fresh`: it was run, and the files it covers did not change. `stale`: they changed since. `broken`: the last run
    failed. `edited`: the line does not match the recorded run. `uncovered`: it covers no files, so nobody can check
    whether it is stale. `unbound`: there is no record of a run; `why` has the command that creates one.
    `unreadable`: its record is invalid. `orphan`: a record whose line was removed.
    """

    id: str
    state: str
    why: str
    address: str
    line: int
    text: str
    command: str


class Rerun(NamedTuple):
    """A command that was run again; `reasons` say why it is invalid (empty if it is not), `remark` adds to it."""

    id: str
    command: str
    reasons: tuple[str, ...]
    remark: str
    seconds: float
    output: str


class VerifyResult(NamedTuple):
    """The requested evidence in its state after the runs."""

    standings: tuple[EvidenceStatus, ...]
    runs: tuple[Rerun, ...]
    receipt: Receipt | None

    @property
    def is_fresh(self) -> bool:
        """Whether all of it is fresh."""
        return all(standing.state == FRESH for standing in self.standings)

    def to_wire(self) -> VerifyWire:
        """Return the JSON form: the evidence as a list, the runs and the receipt."""
        return {
            "evidence": to_wire(self.standings),
            "count": len(self.standings),
            "runs": to_wire(self.runs),
            "receipt": to_wire(self.receipt),
        }


class _Found(NamedTuple):
    line: Line
    told: EvidenceClaim
    bound: Evidence | None
    standing: EvidenceStatus
    cites: bool = False

    @property
    def asked(self) -> ProofRequest:
        known = self.bound
        if known is None:
            return ProofRequest(self.told.command)
        return ProofRequest(self.told.command, known.shell, known.folder, known.globs, known.report)

    @property
    def runnable(self) -> Runnable:
        return runnable_of(self.told.command, shell=self.asked.shell, folder=self.asked.folder)


def standings(bank: BankFolder) -> list[EvidenceStatus]:
    """Return the state of each piece of evidence; run nothing and write nothing."""
    found = _look(bank)
    return [each.standing for each in found] + _orphans(bank, {each.line.id for each in found})


def verify(
    bank: BankFolder,
    way: Way,
    environ: Mapping[str, str],
    home: Path,
    *,
    which: str = "",
    what: str = "",
    seconds: float = SECONDS,
) -> VerifyResult:
    """Return the state of evidence after running it again: `which` is "stale" or "all", `what` names one line.

    A command that passes is bound to the current files; one that fails is marked in its line; one operation.

    Raises:
        UntrustedError: a command was not approved on this machine; nothing is run.
        NoItemError: the named line does not exist or has no evidence.
    """
    found = _look(bank)
    due = _due(bank, found, which, what)
    refuse_untrusted(home, bank, [each.runnable for each in due])
    runs = [] if way.options.dry_run else [(each, _run(bank, each, environ, seconds)) for each in due]
    receipt = _write(bank, runs, way) if runs else None
    named = {each.line.address if each.line.id else each.line.text for each in due} if what else None
    shown = _look(bank)
    rows = [each.standing for each in shown if named is None or _key(each) in named or _renamed(each, due)]
    if named is None:
        rows += _orphans(bank, {each.line.id for each in shown})
    return VerifyResult(tuple(rows), tuple(_rerun(each, run) for each, run in runs), receipt)


def _rerun(found: _Found, run: Run) -> Rerun:
    note = ""
    before = found.bound.counts if found.bound else None
    if not run.why and before is not None and run.counts is not None and run.counts.ran < before.ran:
        note = f"{before.ran} {before.unit} ran before, now {run.counts.ran}"
    return Rerun(found.line.id, found.told.command, run.why, note, run.seconds, run.output)


def _key(found: _Found) -> str:
    return found.line.address if found.line.id else found.line.text


def _renamed(found: _Found, due: Sequence[_Found]) -> bool:
    """Check whether a line was run: it may have got its id by the run."""
    return any(each.line.file == found.line.file and each.line.line == found.line.line for each in due)


def _look(bank: BankFolder) -> list[_Found]:
    digests: dict[tuple[tuple[str, ...], str], object] = {}

    def now_of(globs: tuple[str, ...], report: str) -> object:
        if (globs, report) not in digests:
            try:
                digests[globs, report] = covered(bank, globs, report)
            except BankError as error:
                digests[globs, report] = error
        return digests[globs, report]

    found = [_found(bank, line, told, now_of) for line, told in evidence_lines(bank)]
    known = {each.line.id: each for each in found if each.bound}
    return [_as_cited(each, known.get(cited(each.told))) for each in found]


def _as_cited(found: _Found, shown: _Found | None) -> _Found:
    """Return a line that cites another line's evidence with the state of that line."""
    if found.bound or shown is None:
        return found
    state, why = shown.standing.state, f"as ^{shown.line.id}: {shown.standing.why}"
    if state != BROKEN and _told_key(found.told) != _told_key(shown.told):
        state, why = "edited", f"^{shown.line.id} says: {shown.line.text}"
    return found._replace(standing=found.standing._replace(state=state, why=why), cites=True)


def _found(
    bank: BankFolder, line: Line, told: EvidenceClaim, now_of: Callable[[tuple[str, ...], str], object]
) -> _Found:
    bound: Evidence | None = None
    state, why = "unbound", f"there is no record of a run; create one: {binding(line, told)}"
    if line.id:
        try:
            bound = read_evidence(bank, line.id)
        except NoFileError:
            bound = None
        except BankError as error:
            state, why = "unreadable", error.message
    if bound is not None:
        state, why = _state(bound, line, told, now_of)
        if state == FRESH and not is_output_kept(bank, bound):
            state, why = "edited", f"{bound.output} was changed since the run"
    standing = EvidenceStatus(line.id, state, why, f"{line.file}#{line.section}", line.line, line.text, told.command)
    return _Found(line, told, bound, standing)


def _state(
    bound: Evidence, line: Line, told: EvidenceClaim, now_of: Callable[[tuple[str, ...], str], object]
) -> tuple[str, str]:
    if without_id(line.text) != bound.text:
        shown = canonical(bound.command, bound.exit_code, bound.counts)
        differs = _told_key(told) != _told_key(parse_told(shown))
        return "edited", f"the recorded run is {shown}" if differs else f"it was written as {bound.text!r}"
    if told.is_broken or told.exit_code:
        return BROKEN, f"since {bound.at[:10]}"
    now = now_of(bound.globs, bound.report)
    if isinstance(now, BankError):
        return "unreadable", now.message
    if not bound.covers:
        return "uncovered", "it covers no files: prove it again with --covers"
    changed = changed_covers(bound.covers, now if isinstance(now, tuple) else ())
    if changed:
        return "stale", f"changed since {bound.at[:10]}: {', '.join(changed)}"
    return (
        FRESH,
        f"{bound.at[:10]}{f' at {bound.commit[:10]}' if bound.commit else ''}{', uncommitted' if bound.dirty else ''}",
    )


def _told_key(told: EvidenceClaim | None) -> tuple[object, ...]:
    return (told.command, told.exit_code, told.said) if told else ()


def _orphans(bank: BankFolder, ids: set[str]) -> list[EvidenceStatus]:
    rows = []
    for path in sorted((bank.folder / EVIDENCE).glob("*.json")):
        if path.stem not in ids:
            why = "its line was removed: see bank history"
            rows.append(EvidenceStatus(path.stem, "orphan", why, f"{EVIDENCE}/{path.name}", 1, "", ""))
    return rows


def _due(bank: BankFolder, found: list[_Found], which: str, what: str) -> list[_Found]:
    if what:
        line = find_line(bank, what)
        named = [each for each in found if each.line.file == line.file and each.line.line == line.line]
        if not named:
            raise NoItemError(address=line.address, item=line.text, what="line with evidence", hint="bank verify")
        return named
    # a line that cites another is run there; only if its own text differs or the other fails is it run itself
    found = [each for each in found if not each.cites or each.standing.state in ("edited", BROKEN)]
    if which == "all":
        return found
    wanted = ("stale", "edited", BROKEN) if which == "stale" else ()
    return [each for each in found if each.standing.state in wanted]


def _run(bank: BankFolder, found: _Found, environ: Mapping[str, str], seconds: float) -> Run:
    try:
        run = run_proof(bank, found.asked, environ, seconds)
    except BankError as error:
        run = Run((error.message,), None, None, 0.0, "")
    # if the covered files could not be read, keep the earlier ones
    return run._replace(covers=run.covers or (found.bound.covers if found.bound else ()))


def _write(bank: BankFolder, runs: Sequence[tuple[_Found, Run]], way: Way) -> Receipt:
    now = way.author.now()
    at = stamp_of(now)
    ids: dict[int, str] = {}

    def make() -> list[FileChange]:
        changes: list[FileChange] = []
        for number, (found, run) in enumerate(runs):
            line = find_line(bank, found.line.address if found.line.id else found.line.text, files=(found.line.file,))
            ident = line.id or ids.setdefault(number, fresh_id(bank, way))
            told = found.told
            # an interrupted run has no exit code: the old result stays in the line, and is marked
            exit_code, counts = (told.exit_code, None) if run.exit_code is None else (run.exit_code, run.counts)
            shown = canonical(told.command, exit_code, counts)
            text = told_line(told, shown, broken=day_of(now) if run.why else "")
            evidence, output = evidence_of(ident, text, found.asked, run, at)
            changes += bind(bank, evidence, output)
            # several lines of a section may change: each is found by its text or id, not by the section's digest
            changes.append(renewed(bank, line, text, ident, done=not run.why, guarded=False))
        return together(changes)

    return commit(bank, make, "verify", way)
