"""How the work stands and what shows it: evidence, promotions, checkpoints, the summary, the hand-off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from memorybank.errors import FieldError, NoFileError
from memorybank.facade.face import Face, check_choice, check_limit
from memorybank.listing import Listing
from memorybank.times import stamp_of

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterable, Mapping, Sequence

    from memorybank.records.find import BrokenRecord
    from memorybank.workflow.evidence.prove import Proof
    from memorybank.workflow.evidence.verify import VerifyResult
    from memorybank.workflow.gate import Passage
    from memorybank.workflow.ladder.promote import Demotion, Promotion
    from memorybank.workflow.ladder.suggest import SuggestionList
    from memorybank.workflow.progress.checkpoints import Checkpoint, CheckpointResult, CheckpointRowWire
    from memorybank.workflow.progress.summary import Summary, SummaryChange
    from memorybank.workflow.task_sync import OpenTaskList, SyncResult


SECONDS = 600.0
PRECOMPACT = "precompact"


class Member(NamedTuple):
    """Somebody of the team, as the summary lists them."""

    name: str
    role: str = ""


class Milestone(NamedTuple):
    """A milestone; `day` is when it was completed, if its status is "completed", else when it is due."""

    name: str
    status: str = ""
    day: str = ""


class Handoff(NamedTuple):
    """The hand-off summary and its length."""

    text: str
    character_count: int


class CheckpointSelection(Listing["Checkpoint"]):
    """Checkpoints, newest first.

    `total` is how many there are without the limit; `broken` names the files that could not be read.
    """

    __slots__ = ("broken",)
    plural = "checkpoints"
    beside = ("broken",)

    broken: Sequence[BrokenRecord]

    def __init__(self, checkpoints: Iterable[Checkpoint], *, total: int, broken: Sequence[BrokenRecord]) -> None:
        super().__init__(checkpoints, total=total)
        self.broken = broken

    def row(self, each: Checkpoint) -> CheckpointRowWire:
        """Return the JSON form of one checkpoint: what a list shows of it."""
        return {"file": each.file, "timestamp": each.timestamp, "phase": each.phase, "notes": each.notes}


class Evidence(Face):
    """The methods of a bank for evidence: `prove`, `verify`, and the ladder, `promote` and `demote`."""

    __slots__ = ()

    def prove(
        self,
        subject: str,
        command: Sequence[str],
        *,
        covers: Sequence[str] = (),
        report: str = "",
        shell: bool = False,
        trust: bool = False,
        seconds: float = SECONDS,
    ) -> Proof:
        """Run a command, and write what it proves: a claim becomes a line, a task is completed.

        It runs in `run_folder`, without a shell; with `shell` it is one text that a shell runs. `covers` are globs of
        the files it is about, by default all that git tracks, `report` is the JUnit XML or JSON that it writes. With
        `trust`, `verify` may run it again on this machine. If it is not a proof, nothing is written and `reasons` say
        why not; a dry run runs nothing.

        Raises:
            NoItemError: no line has the ^id that `subject` is.
            BankError: the command cannot be kept, leads out of the project, or the write is refused.
        """
        from memorybank.workflow.evidence.prove import prove
        from memorybank.workflow.evidence.run import asked

        caller, way = self._caller, self._way()
        request = asked(command, way, shell=shell, folder=self._place(), covers=covers, report=report)
        proof = prove(self._folder, subject, request, way, caller.environ, seconds=seconds)
        if proof.proved and trust:
            from memorybank.store.approvals import approve
            from memorybank.workflow.evidence.evidence import runnable_of

            runnable = runnable_of(request.command, shell=request.shell, folder=request.folder)
            approve(caller.home, self._folder, [runnable], at=stamp_of(caller.now()))
        return proof

    def run_folder(self) -> Path:
        """Return the folder that `prove` runs a command in: the caller's, or the project's if that is outside."""
        return self._folder.project / self._place()

    def verify(self, item: str = "", *, which: str = "", seconds: float = SECONDS) -> VerifyResult:
        """Return which evidence still holds, after running some of it again: that of `item`, or `which`.

        `item` is a line's ^id or text, `which` is "stale" or "all"; without both nothing is run. Each command must be
        approved on this machine.

        Raises:
            UntrustedError: a command was not approved; none is run.
            NoItemError: the line does not exist, or has no evidence.
            FieldError: `which` is unknown, or both are given.
        """
        which = check_choice(which, ("", "stale", "all"), field="which")
        if item and which:
            raise FieldError(field="which", why="a line is named too", hint="pass one of the two")
        from memorybank.workflow.evidence.verify import verify

        caller = self._caller
        return verify(self._folder, self._way(), caller.environ, caller.home, which=which, what=item, seconds=seconds)

    def promote(
        self,
        line: str,
        *,
        to: str,
        item: str = "",
        section: str = "",
        title: str = "",
        evidence: str = "",
        keep: bool = False,
    ) -> Promotion:
        """Move a line one step up, to "pattern", "document" or "proven", as one operation.

        `line` is a section's address with an `item` (number, ^id or text), or a ^id, the text, or the id of the record
        that it cites. `section` is a section of the file, a kind of note, or `solution/CATEGORY`. With `keep` a short
        pointer stays.

        Raises:
            NoItemError: no line matches.
            ContractError: the section cannot take the line or already has it, or there is no evidence.
            FieldError: `to` is unknown.
        """
        from memorybank.workflow.ladder.promote import promote

        return promote(
            self._folder,
            line,
            to,
            self._way(),
            item=item,
            section=section,
            title=title,
            evidence=evidence,
            keep=keep,
        )

    def demote(self, line: str, *, why: str, item: str = "") -> Demotion:
        """Strike a pattern that proved wrong; the line stays, with the reason.

        Raises:
            NoItemError: no line matches.
            ContractError: the line is not a pattern, or is already struck.
        """
        from memorybank.workflow.ladder.promote import demote

        return demote(self._folder, line, why, self._way(), item=item)

    def suggest_promotions(self) -> SuggestionList:
        """Return the observations that could be promoted, merged or removed, each with the reason and the command."""
        from memorybank.workflow.ladder.suggest import suggest

        return suggest(self._folder)

    def _place(self) -> str:
        """Return the caller's folder as a path from the project; "" for the project, or outside of it."""
        here, project = self._caller.here.resolve(), self._folder.project.resolve()
        name = here.relative_to(project).as_posix() if here.is_relative_to(project) else "."
        return "" if name == "." else name


class Standing(Face):
    """The methods of a bank that say how the work stands: checkpoints, the summary, open tasks, gates, hand-off."""

    __slots__ = ()

    @property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints: `list`, `show`; `checkpoint` records one."""
        return Checkpoints(self._folder, self._caller)

    def checkpoint(
        self,
        note: str = "",
        *,
        phase: str = "",
        reason: str = "",
        progress: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
        completed: bool = False,
    ) -> CheckpointResult:
        """Record the current state of the work.

        Tasks are those of progress.md, or of `progress` (completed, in_progress, todo, current_task), files and lines
        those of git; `metrics` were measured elsewhere. With the reason "precompact" it also has what a compacted
        context loses first. A `completed` phase is logged too.

        Raises:
            FieldError: the reason is unknown, a metric is one that is counted, or a completed phase has no name.
            BankError: a text cannot be kept, or the write is refused.
        """
        from memorybank.workflow.progress.checkpoints import save_checkpoint
        from memorybank.workflow.progress.progress import progress_from

        reason = check_choice(reason, ("", PRECOMPACT), field="reason")
        if reason:
            from memorybank.workflow.handoff import standing
        more = {"reason": reason, **standing(self._folder)} if reason else {}
        return save_checkpoint(
            self._folder,
            self._way(),
            note=note,
            phase=phase,
            progress=progress_from(progress) if progress else None,
            metrics=metrics,
            completed=completed,
            more=more,
        )

    def summary(self) -> Summary:
        """Return what summary.json says of the project.

        Raises:
            NoFileError: it does not exist yet; `refresh_summary` makes it.
            ConfigError: it is not a JSON object.
        """
        from memorybank.workflow.progress.summary import read_summary

        return read_summary(self._folder)

    def set_summary(
        self,
        values: Mapping[str, Any] | Sequence[tuple[str, Any]] = (),
        *,
        project_name: str | None = None,
        version: str | None = None,
        status: str | None = None,
        description: str | None = None,
        tech_stack: Mapping[str, Any] | None = None,
        team: Sequence[Member] = (),
        milestones: Sequence[Milestone] = (),
        metrics: Mapping[str, Any] | None = None,
        unset: Sequence[str] = (),
        expect: str = "",
    ) -> SummaryChange:
        """Set fields of the summary; the others stay as they are, in their order.

        `values` has further fields, by name or path (`deployment.region`), `unset` names fields to remove, `metrics`
        were measured elsewhere. A member or milestone replaces the one with the same name.

        Raises:
            FieldError: a name or value is invalid, or the field is a counted number.
            StaleEditError: the file no longer has the digest `expect`.
        """
        from memorybank.workflow.progress.summary import set_summary

        texts = {"project_name": project_name, "version": version, "status": status, "description": description}
        pairs: list[tuple[str, Any]] = [(name, text) for name, text in texts.items() if text is not None]
        pairs += [(f"tech_stack.{part.replace('.', '_')}", what) for part, what in (tech_stack or {}).items()]
        pairs += [("team", {"name": each.name, **({"role": each.role} if each.role else {})}) for each in team]
        pairs += [("milestones", self._row_of(milestone)) for milestone in milestones]
        pairs += cast("list[tuple[str, Any]]", values)  # pairs, as every argument was converted
        return set_summary(self._folder, pairs, self._way(), metrics=metrics, unset=unset, expect=expect)

    def refresh_summary(self) -> SummaryChange:
        """Count the summary's numbers again; name, version and description come from the project's manifest file.

        Raises:
            ConfigError: summary.json is not a JSON object.
        """
        from memorybank.workflow.progress.summary import refresh_summary

        return refresh_summary(self._folder, self._way())

    def _row_of(self, milestone: Milestone) -> dict[str, str]:
        row = {"name": milestone.name}
        if milestone.status:
            row["status"] = milestone.status
        is_done = milestone.status.casefold() == "completed"
        if milestone.day or is_done:
            row["completed_at" if is_done else "target_date"] = milestone.day or stamp_of(self._caller.now())
        return row

    def hydrate(self) -> OpenTaskList:
        """Return the open tasks of progress.md for an agent's task tool, each with the tasks that come first."""
        from memorybank.workflow.task_sync import hydrate

        return hydrate(self._folder)

    def sync_tasks(
        self,
        tasks: str | Sequence[Mapping[str, Any]] = "",
        *,
        file: Path | str = "",
        without_evidence: bool = False,
    ) -> SyncResult:
        """Tick each task that a task tool reports as completed, once, with its evidence.

        `tasks` are those of the tool, each with `id` (or `subject`), `status` and `evidence`, or their JSON; `file` is
        a file that has the JSON.

        Raises:
            FieldError: the JSON is invalid.
            NoFileError: there is no such file.
        """
        from memorybank.workflow.task_sync import sync

        if file:
            tasks = _text_of(file)
        elif not isinstance(tasks, str):
            import json

            tasks = json.dumps(tasks)
        return sync(self._folder, tasks, self._way(), without_evidence=without_evidence)

    def gate(self, stage: str) -> Passage:
        """Return whether a stage may begin: whether the current session has read what it needs.

        Raises:
            FieldError: the stage is unknown.
            ConfigError: the bank's own table of stages is invalid.
        """
        from memorybank.workflow.gate import gate

        folder = self._folder
        return gate(folder, stage, self._caller.actor(folder).session)

    def handoff(self) -> Handoff:
        """Return a summary for whoever continues, without secrets, in at most 1,500 characters."""
        from memorybank.workflow.handoff import handoff

        text = handoff(self._folder)
        return Handoff(text, len(text))


class Checkpoints(Face):
    """Checkpoints. One is named by its file, or the start or end of its name."""

    __slots__ = ()

    def list(self, *, limit: int = 20) -> CheckpointSelection:
        """Return the newest checkpoints first; a limit of 0 means no limit.

        Raises:
            FieldError: the limit is below 0.
        """
        from memorybank.workflow.progress.checkpoints import list_checkpoints

        check_limit(limit, least=0)
        known = list_checkpoints(self._folder)
        rows: builtins.list[Checkpoint] = known.checkpoints[:limit] if limit else known.checkpoints
        return CheckpointSelection(rows, total=len(known.checkpoints), broken=known.broken)

    def show(self, checkpoint: str = "") -> Checkpoint:
        """Return a checkpoint; the newest when none is named.

        Raises:
            NoRecordError: none or several match.
        """
        from memorybank.workflow.progress.checkpoints import find_checkpoint

        return find_checkpoint(self._folder, checkpoint)


def _text_of(file: Path | str) -> str:
    from memorybank.files.read import read

    try:
        return read(Path(file)).decode("utf-8", "replace")
    except NoFileError:
        raise NoFileError(path=str(file), hint="bank hydrate > tasks.json") from None
