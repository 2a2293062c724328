"""Workflows, work in progress from its start to its Memory Update, the queue of notes, and the end of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face, check_choice
from memorybank.ids import chosen
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.records.find import BrokenRecord
    from memorybank.workflow.artifact import Workflow, WorkflowChange
    from memorybank.workflow.finish import FinishResult
    from memorybank.workflow.notes.agent_output import IngestResult
    from memorybank.workflow.notes.queued import ApplyResult, QueuedNote, QueuedNoteWire, QueueReceipt
    from memorybank.workflow.outcome.wrap_up import WrapUp
    from memorybank.workflow.resume import WorkflowState

    class WorkflowRowWire(TypedDict):
        """A workflow, as a list shows it."""

        id: str
        kind: str
        status: str
        goal: str

    class WaitingNoteWire(QueuedNoteWire):
        """A note that waits in the queue."""

        moved: bool


class WorkflowSelection(Listing["Workflow"]):
    """Workflows, newest first; `broken` names the files that could not be read."""

    __slots__ = ("broken",)
    plural = "workflows"
    beside = ("broken",)

    broken: Sequence[BrokenRecord]

    def __init__(self, workflows: Iterable[Workflow], *, broken: Sequence[BrokenRecord]) -> None:
        super().__init__(workflows)
        self.broken = broken

    def row(self, each: Workflow) -> WorkflowRowWire:
        """Return the JSON form of one workflow: what a list shows of it."""
        return {"id": each.id, "kind": each.kind, "status": each.status, "goal": each.goal}


class QueuedNotes(Listing["QueuedNote"]):
    """Queued notes, oldest first.

    `moved` has the ids of those whose section changed since they were queued; `broken` names the files that could not
    be read.
    """

    __slots__ = ("broken", "moved")
    plural = "notes"
    beside = ("broken",)

    broken: Sequence[BrokenRecord]

    def __init__(self, notes: Iterable[QueuedNote], *, moved: frozenset[str], broken: Sequence[BrokenRecord]) -> None:
        super().__init__(notes)
        self.moved = moved
        self.broken = broken

    def row(self, each: QueuedNote) -> WaitingNoteWire:
        """Return the JSON form of one note, with whether its section changed since (`moved`)."""
        return {**each.to_wire(), "moved": each.id in self.moved}


class WorkflowMethods(Face):
    """The workflows of a bank, its queue of notes, and what has to be written at the end of a session."""

    __slots__ = ()

    @property
    def workflows(self) -> Workflows:
        """The workflows: `start`, `list`, `phase`, `add_task`, `set_task`, `result`, `gate`, `finish`, `resume`."""
        return Workflows(self._folder, self._caller)

    @property
    def notes(self) -> Notes:
        """The notes queue: `ingest`, `list`, `apply`, `drop`, `edit`."""
        return Notes(self._folder, self._caller)

    def wrap_up(self, *, since: str | datetime = "", none: Sequence[str] = ()) -> WrapUp:
        """Return what has to be written before the work is done, each point with the command that settles it.

        It looks at what was done since the current session began, or since `since`. `none` names points for which
        there was nothing to write; that is kept for this session.

        Raises:
            FieldError: a point in `none` is unknown, or `since` is not a day or time.
        """
        from memorybank.agents.hook_state import changed_files
        from memorybank.workflow.outcome.wrap_up import wrap_up

        return wrap_up(
            self._folder,
            self._way(),
            since=self._moment(since, "since"),
            none=none,
            written=lambda at: changed_files(self._folder, at),
        )


class Workflows(Face):
    """Workflows. One is named by its id, or the start or end of it; "" is the active one."""

    __slots__ = ()

    def start(
        self,
        kind: str,
        goal: str,
        *,
        non_goals: Sequence[str] = (),
        constraints: Sequence[str] = (),
        acceptance: Sequence[str] = (),
        open_decisions: Sequence[str] = (),
        phases: Sequence[str] = (),
        workflow: str = "",
    ) -> WorkflowChange:
        """Start a workflow: write its artifact, and its name under Current Workflow, as one operation.

        `kind` is PLAN, BUILD, REVIEW or DEBUG. Without `phases` it gets those of its kind; `workflow` is an id of your
        own.

        Raises:
            FieldError: the kind is unknown, or the id cannot be used.
            RoleError: the caller is not the router.
        """
        from memorybank.workflow.steps import start

        return start(
            self._folder,
            kind,
            goal,
            self._way(),
            non_goals=non_goals,
            constraints=constraints,
            acceptance=acceptance,
            open_decisions=open_decisions,
            phases=phases,
            ident=workflow,
        )

    def show(self, workflow: str = "") -> Workflow:
        """Return a workflow.

        Raises:
            NoRecordError: none or several match.
        """
        from memorybank.workflow.artifact import find_flow

        return find_flow(self._folder, workflow)

    def list(self, *, status: str = "") -> WorkflowSelection:
        """Return the workflows, newest first; with `status` (active, finished, aborted), only those with this one.

        Raises:
            FieldError: the status is another one.
        """
        choices = ("", "active", "finished", "aborted")
        status = chosen(status, choices)
        check_choice(status, choices, field="status")
        from memorybank.workflow.artifact import list_flows

        known = list_flows(self._folder)
        rows = [flow for flow in known.flows if not status or flow.status == status]
        return WorkflowSelection(rows, broken=known.broken)

    def phase(self, name: str, *, status: str = "active", note: str = "", workflow: str = "") -> WorkflowChange:
        """Set the status of a phase; one that becomes active ends the phase before it.

        Raises:
            FieldError: the phase or the status is unknown.
            NoRecordError: no active workflow matches.
        """
        from memorybank.workflow.steps import set_phase

        return set_phase(self._folder, workflow, name, self._way(), status=status, note=note)

    def add_task(self, text: str, *, after: Sequence[str] = (), workflow: str = "") -> WorkflowChange:
        """Add a task; the tasks in `after` come first.

        Raises:
            NoRecordError: no active workflow matches, or a task in `after` does not exist.
        """
        from memorybank.workflow.steps import add_task

        return add_task(self._folder, workflow, text, self._way(), after=after)

    def set_task(self, task: str, *, status: str = "done", evidence: str = "", workflow: str = "") -> WorkflowChange:
        """Set the status of a task, named by its id or text; `evidence` is a text, or the ^id of a proven line.

        Raises:
            NoItemError: no line with evidence has that ^id.
            NoRecordError: no active workflow or no task matches.
            FieldError: the status is unknown.
        """
        from memorybank.workflow.steps import set_task

        return set_task(self._folder, workflow, task, status, self._way(), evidence=evidence)

    def result(self, agent: str, text: str, *, status: str = "", workflow: str = "") -> WorkflowChange:
        """Store what an agent reported, and queue the memory notes in it, as one operation.

        Without `status` it is read from the text (`STATUS: PASS`), else it is "done".

        Raises:
            NoRecordError: no active workflow matches.
        """
        from memorybank.workflow.steps import add_result

        return add_result(self._folder, workflow, agent, text, self._way(), status=status)

    def gate(
        self, name: str, *, question: str = "", status: str = "pending", why: str = "", workflow: str = ""
    ) -> WorkflowChange:
        """Open a gate that must be passed before the end, or settle it with the `status` passed or failed.

        Raises:
            NoRecordError: no active workflow matches, or the gate was never opened.
            FieldError: the status is unknown.
        """
        from memorybank.workflow.steps import set_gate

        return set_gate(self._folder, workflow, name, self._way(), question=question, status=status, why=why)

    def note(self, text: str, *, kind: str = "learning", workflow: str = "") -> WorkflowChange:
        """Keep a note that is written when the workflow finishes; in another role than the router's, queue it.

        Raises:
            BankError: the kind is unknown, the text cannot be a line, or no active workflow matches.
        """
        from memorybank.workflow.steps import add_note

        return add_note(self._folder, workflow, text, self._way(), kind=kind)

    def debug(self, tried: str = "", *, result: str = "", reset: bool = False, workflow: str = "") -> WorkflowChange:
        """Record a debug attempt with the next number; with `reset` the numbers start again at 1.

        Without a result it is what follows an arrow in `tried`: `pinned the clock → still red`.

        Raises:
            UnsupportedTextError: a text is empty; with `reset` both may be.
            NoRecordError: no active workflow matches.
        """
        from memorybank.workflow.steps import add_attempt

        if not result:
            tried, _, result = (each.strip() for each in tried.replace(" -> ", " → ").partition(" → "))
        return add_attempt(self._folder, workflow, tried, result, self._way(), reset=reset)

    def finish(
        self,
        workflow: str = "",
        *,
        changed: Sequence[str] = (),
        next_steps: Sequence[str] = (),
        anyway: bool = False,
    ) -> FinishResult:
        """Finish a workflow with its Memory Update, as one operation.

        `changed` says what changed, by default its done tasks. With `anyway`, open gates do not stop it.

        Raises:
            GateError: a gate is not passed, and `anyway` is not set.
            RoleError: the caller is not the router.
            NoRecordError, FieldError: no active workflow matches.
        """
        from memorybank.workflow.finish import finish

        return finish(self._folder, self._way(), ident=workflow, changed=changed, next_steps=next_steps, anyway=anyway)

    def abort(self, workflow: str = "", *, why: str) -> WorkflowChange:
        """Abort a workflow: its transient lines are removed, its notes stay queued.

        Raises:
            NoRecordError, FieldError: no active workflow matches.
        """
        from memorybank.workflow.steps import abort

        return abort(self._folder, workflow, why, self._way())

    def resume(self, workflow: str = "") -> WorkflowState:
        """Return where a workflow stopped, and what is next; without an id, the active or the last one.

        Raises:
            NoRecordError: no workflow matches.
        """
        from memorybank.workflow.resume import resume

        return resume(self._folder, workflow)

    def auto_proceed(self) -> bool:
        """Return whether gates are passed without asking."""
        from memorybank.workflow.auto_proceed import is_auto

        return is_auto(self._folder)

    def set_auto_proceed(self, *, on: bool) -> Receipt:
        """Set whether gates are passed without asking: AUTO_PROCEED under Session Settings.

        Raises:
            RoleError: the caller is not the router.
            BankError: the file cannot be read or changed.
        """
        from memorybank.workflow.auto_proceed import set_auto

        return set_auto(self._folder, self._way(), on=on)


class Notes(Face):
    """The queue of notes from agents that may not write the memory files. A note is named by its id, or a part."""

    __slots__ = ()

    def ingest(self, text: str, *, workflow: str = "", agent: str = "") -> IngestResult:
        """Queue the notes in an agent's output, as one operation; notes already queued are skipped.

        Without `workflow` they are for the active workflow. Secrets are redacted.

        Raises:
            BankError: the queue cannot be written.
        """
        from memorybank.workflow.notes.agent_output import ingest

        return ingest(self._folder, text, self._way(), workflow=workflow, agent=agent)

    def list(self, *, workflow: str = "") -> QueuedNotes:
        """Return the queued notes, oldest first; with `workflow`, only those for that one."""
        from memorybank.workflow.notes.queue import has_moved, waiting

        queue = waiting(self._folder, workflow=workflow)
        moved = frozenset(note.id for note in queue.notes if has_moved(self._folder, note))
        return QueuedNotes(queue.notes, moved=moved, broken=queue.broken)

    def apply(self, notes: Sequence[str] = (), *, workflow: str = "") -> ApplyResult:
        """Write notes to their sections and remove them from the queue, as one operation; without ids, all of them.

        Raises:
            RoleError: the caller is not the router, or queued one of them in the same role.
            NoRecordError: no note matches.
        """
        from memorybank.workflow.notes.queue import apply_notes
        from memorybank.workflow.notes.queue_status import kept_in

        if kept_in(self._folder):
            from memorybank.workflow.notes.kept_output import queue_kept

            queue_kept(self._folder, self._way())
        return apply_notes(self._folder, notes, self._way(), workflow=workflow)

    def drop(self, notes: Sequence[str]) -> Receipt:
        """Remove notes from the queue without writing them.

        Raises:
            NoRecordError: no note matches.
            RoleError: the caller is not the router, and the note is someone else's.
        """
        from memorybank.workflow.notes.queue import drop_notes

        return drop_notes(self._folder, notes, self._way())[1]

    def edit(self, note: str, *, text: str = "", kind: str = "") -> QueueReceipt:
        """Change the text or the kind of a queued note; its author stays. Errors are those of `drop`."""
        from memorybank.workflow.notes.queue import edit_note

        return edit_note(self._folder, note, self._way(), text=text, kind=kind)
