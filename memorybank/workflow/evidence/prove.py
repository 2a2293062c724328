"""Prove a claim or a task: run a command, and write a line of evidence only if it passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.edits import RemoveItem, ReplaceItem, Tick
from memorybank.document.text import check_text, one_line
from memorybank.errors import UnsupportedTextError
from memorybank.ids import tail
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.manage.items import number_in
from memorybank.times import stamp_of
from memorybank.workflow.evidence.coverage import covered, refuse_empty
from memorybank.workflow.evidence.evidence import (
    EvidenceClaim,
    bind,
    canonical,
    evidence_lines,
    parse_told,
    places_of,
    told_line,
    without_id,
)
from memorybank.workflow.evidence.run import SECONDS, ProofRequest, Run, evidence_of, run_proof
from memorybank.workflow.lines.find import Line, find_line, stands_in
from memorybank.workflow.lines.note import line_of
from memorybank.workflow.lines.placement import place_of, put_line
from memorybank.workflow.lines.reference_line import put_entry
from memorybank.workflow.lines.together import together
from memorybank.workflow.progress.tasks import list_tasks
from memorybank.workflow.refresh import without_unproven

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way


class Proof(NamedTuple):
    """The result: `reasons` say why it is not a proof (then nothing was written), else `text` is the written line.

    `remark` says what it does not show; `output` is the end of the command's output, without secrets.
    """

    proved: bool
    reasons: tuple[str, ...]
    id: str
    text: str
    command: str
    exit_code: int | None
    counts: dict[str, object] | None
    commit: str
    dirty: bool
    covers: tuple[str, ...]
    seconds: float
    output: str
    remark: str
    receipt: Receipt | None


def prove(
    bank: BankFolder,
    subject: str,
    what: ProofRequest,
    way: Way,
    environ: Mapping[str, str],
    *,
    seconds: float = SECONDS,
) -> Proof:
    """Run a command and write what it proves: `subject` is a task (number, text, ^id), a line's ^id, or a claim.

    A task moves to Completed with its evidence, a claim becomes a line under Verification; the same claim with the
    same command replaces its old line. One operation; nothing is written if it is not a proof, and a dry run runs
    nothing.

    An evidence line without a record may be named by its whole text.

    Raises:
        NoItemError: no line has the ^id.
        BankError: the command leads out of the project, or a write is refused.
    """
    line = _line_of(bank, subject)
    claim = "" if line else line_of(subject)
    if way.options.dry_run:
        covers = covered(bank, what.covers, what.report)
        refuse_empty(covers)
        return _proof(Run(("it was not run (dry run)",), None, None, 0.0, "", covers=covers), what)
    run = run_proof(bank, what, environ, seconds)
    if run.why or run.exit_code is None:
        return _proof(run, what)
    at = stamp_of(way.author.now())

    def make() -> tuple[tuple[str, str], list[FileChange]]:
        now = find_line(bank, line.address if line.id else line.text, files=(line.file,)) if line else None
        shown = canonical(what.command, run.exit_code or 0, run.counts)
        there = now or _same_claim(bank, claim, what.command)
        ident = (there.id if there else "") or fresh_id(bank, way)
        text, changes = _changes(bank, there, claim, shown, ident, way)
        evidence, output = evidence_of(ident, text, what, run, at)
        return (ident, text), [*bind(bank, evidence, output), *together(changes)]

    (ident, text), receipt = retried(make, bank, "prove", way)
    return _proof(run, what)._replace(proved=True, id=ident, text=text, receipt=receipt)


def fresh_id(bank: BankFolder, way: Way) -> str:
    """Return an unused id for a line of evidence."""
    while True:
        ident = f"v{tail(5, way.author.random_bytes)}"
        if not places_of(bank, ident)[0].exists():
            return ident


def _proof(run: Run, what: ProofRequest) -> Proof:
    counts = None if run.counts is None else run.counts._asdict()
    covers = tuple(f"{cover.glob or '.'} ({cover.files} files)" for cover in run.covers)
    return Proof(
        proved=False,
        reasons=run.why,
        id="",
        text="",
        command=what.command,
        exit_code=run.exit_code,
        counts=counts,
        commit=run.commit,
        dirty=run.dirty,
        covers=covers,
        seconds=run.seconds,
        output=run.output,
        remark=run.remark,
        receipt=None,
    )


def _line_of(bank: BankFolder, subject: str) -> Line | None:
    """Find the line to prove; None for a claim, which has no line yet."""
    wanted = subject.strip()
    place = place_of(bank, "task")
    if wanted.startswith("^") or ("#" in wanted and "^" in wanted.partition("#")[2]):
        return find_line(bank, wanted)
    tasks = list_tasks(bank)
    number = number_in(wanted, len(tasks))
    if number:
        wanted = tasks[number - 1].text
    for task in tasks:
        # the remark "(no evidence)" of a ticked task is not part of its name
        if wanted in {task.text, without_unproven(task.text, "")}:
            return find_line(bank, task.text, files=(place.file,))
    if parse_told(wanted) is not None:
        # an evidence line without an id, named by its whole text
        found = [line for line, _ in evidence_lines(bank) if line.text == wanted]
        if len(found) == 1:
            return found[0]
    if wanted.isascii() and wanted.isdigit():
        raise UnsupportedTextError(why="no task has that number, and a number is not a claim", hint="bank task list")
    return None


def _same_claim(bank: BankFolder, claim: str, command: str) -> Line | None:
    for line, told in evidence_lines(bank):
        if line.done is None and not told.before and told.after == claim and told.command == command:
            return line
    return None


def _changes(
    bank: BankFolder, line: Line | None, claim: str, shown: str, ident: str, way: Way
) -> tuple[str, list[FileChange]]:
    if line is None:
        text = " - ".join(each for each in (shown, claim) if each)
        return text, put_entry(bank, "verification", f"{text} ^{ident}", way)
    told = parse_told(line.text)
    if told is not None and not stands_in(line, place_of(bank, "task")):
        text = told_line(told, shown)
        return text, [renewed(bank, line, text, ident)]
    words = (told.before or told.after) if told is not None else without_unproven(without_id(line.text), "")
    text = told_line(EvidenceClaim(words, "", 0, "", is_broken=False, after=""), shown)
    return text, _completed(bank, line, text, ident, shown, is_bare=told is None)


def renewed(
    bank: BankFolder, line: Line, text: str, ident: str, *, done: bool = True, guarded: bool = True
) -> FileChange:
    """Plan to replace the text of an evidence line; its checkbox shows whether it is valid.

    With `guarded` the section must be unchanged; else only its own number and text, or its id, must match.
    """
    path, _ = bank.existing(line.file)
    box = "" if line.done is None else f"[{'x' if done else ' '}] "
    mark = "" if line.id else f" ^{ident}"
    new = f"{box}{one_line(check_text(text))}{mark}"
    edit = ReplaceItem(line.section, line.ref, new, line.digest if guarded else "")
    return FileChange(path, (edit,))


def _completed(bank: BankFolder, line: Line, text: str, ident: str, shown: str, *, is_bare: bool) -> list[FileChange]:
    """Plan to move a task to Completed; a task with nested items is ticked in place."""
    path, name = bank.existing(line.file)
    if not line.is_alone:
        if is_bare and line.done is not None:
            suffix = shown if line.id else f"{shown} ^{ident}"
            return [FileChange(path, (Tick(line.section, line.ref, suffix=suffix, expect=line.digest),))]
        return [renewed(bank, line, text, ident)]
    place = place_of(bank, "done")
    arrives = put_line(bank, place, f"{text} ^{ident}", task="x" if line.done is not None else None)
    leaves = FileChange(path, (RemoveItem(line.section, line.ref, line.digest),))
    return [leaves, arrives] if arrives.text is None and bank.name_of(arrives.path) == name else [arrives, leaves]
