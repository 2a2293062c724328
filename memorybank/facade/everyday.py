"""What one does every day: read the memory files, note a line, keep tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import BankError, NoFileError
from memorybank.facade.face import Face, address_for_name
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Annotated, NotRequired, TypedDict

    from memorybank.document.receipt import Receipt
    from memorybank.records.corrections.waiting import CorrectionQueue
    from memorybank.store.view import BankStatus, FileStatus, Row, UnknownHeadings, View
    from memorybank.workflow.notes.queue_status import QueueStatus
    from memorybank.workflow.progress.checkpoint_due import CheckpointDue
    from memorybank.workflow.progress.tasks import Task, TaskList

    class FileOutlineWire(TypedDict):
        """The JSON form of a file outline."""

        file: str
        digest: NotRequired[str]
        sections: NotRequired[list[Annotated[Any, Row]]]
        error: NotRequired[Annotated[Any, BankError]]

    class StatusWire(TypedDict):
        """The JSON form of a status."""

        bank_folder: str
        project_folder: str
        layout: str
        files: list[Annotated[Any, FileStatus]]
        count: int
        operation_count: int
        last_operation: str
        unfinished: list[str]
        unknown_headings: list[Annotated[Any, UnknownHeadings]]
        waiting_notes: Annotated[Any, QueueStatus] | None
        waiting_corrections: Annotated[Any, CorrectionQueue] | None
        checkpoint_due: Annotated[Any, CheckpointDue]
        memory_counts: Mapping[str, int]


class FileOutline(NamedTuple):
    """The sections of one file, or the error that kept it from being read."""

    file: str
    digest: str = ""
    sections: tuple[Row, ...] = ()
    error: BankError | None = None

    def to_wire(self) -> FileOutlineWire:
        """Return the JSON form: either the error, or the digest and the sections."""
        from memorybank.wire import to_wire

        if self.error is not None:
            return {"file": self.file, "error": to_wire(self.error)}
        return {"file": self.file, "digest": self.digest, "sections": to_wire(self.sections)}


class OutlineList(Listing[FileOutline]):
    """The sections of some files."""

    __slots__ = ()
    plural = "files"


class Status(NamedTuple):
    """Where a bank is and its state, what waits, whether a checkpoint is due, and the memories of each type."""

    bank: BankStatus
    waiting_notes: QueueStatus | None
    waiting_corrections: CorrectionQueue | None
    checkpoint_due: CheckpointDue
    memory_counts: Mapping[str, int]

    def to_wire(self) -> StatusWire:
        """Return the JSON form: the fields of the bank's status with the others beside them."""
        from memorybank.wire import to_wire

        return {
            "bank_folder": self.bank.bank_folder,
            "project_folder": self.bank.project_folder,
            "layout": self.bank.layout,
            "files": to_wire(self.bank.files),
            "count": len(self.bank.files),
            "operation_count": self.bank.operation_count,
            "last_operation": self.bank.last_operation,
            "unfinished": list(self.bank.unfinished),
            "unknown_headings": to_wire(self.bank.unknown_headings),
            "waiting_notes": to_wire(self.waiting_notes),
            "waiting_corrections": to_wire(self.waiting_corrections),
            "checkpoint_due": to_wire(self.checkpoint_due),
            "memory_counts": dict(self.memory_counts),
        }


class Everyday(Face):
    """The everyday methods of a bank."""

    __slots__ = ()

    def note(
        self,
        text: str,
        *,
        kind: str = "learning",
        to: str = "",
        file: str = "",
        why: str = "",
        supersedes: Sequence[str] = (),
        anyway: bool = False,
        again: bool = False,
    ) -> Receipt:
        """Add one line to the section of its kind; in a role that may not write memory files, queue it.

        `to` is an address to put it at instead, `file` a place in the code (`PATH:LINE`). A decision that contradicts
        what the bank says already needs `supersedes`, the id or text of that, or `anyway`; its own words may say it
        too, as `MySQL instead of Postgres` does.

        A line that its section has already is not written once more, except with `again`; the receipt's `already` says
        where it is.

        Raises:
            ContradictionError: it contradicts something that it does not replace.
            BankError: the kind is unknown, the text is not allowed there, or the file cannot be written.
        """
        from memorybank.workflow.notes.submit import hand_in

        with address_for_name(self._folder, to, "bank note", option="--to"):
            return hand_in(
                self._folder,
                text,
                self._way(),
                kind=kind,
                to=to,
                file=file,
                why=why,
                supersedes=supersedes,
                anyway=anyway,
                once=not again,
            )

    def focus(self, text: str) -> Receipt:
        """Replace the current focus, `activeContext.md#Current Focus`.

        Raises:
            BankError: the text is not allowed there, or the file cannot be written.
        """
        from memorybank.workflow.lines.note import focus

        return focus(self._folder, text, self._way())

    def set(self, file: str, field: str, value: str, *, expect: str = "") -> Receipt:
        """Set a field of a file's front matter; only the characters of its value change.

        Raises:
            FieldError: the value is not one that the file's type allows.
            StaleEditError: the file no longer has the digest `expect`.
            BankError: the file cannot be read or written; nothing is written.
        """
        from memorybank.records.set_field import set_field

        return set_field(self._folder, file, field, value, self._way(), expect=expect)

    def show(self, address: str) -> View:
        """Return a section, a file or an item with its text and its digest, which an edit takes as `expect`.

        The text is what follows the heading line, with the blank lines around it. Instead of an address, the plain name
        of a section, a file or a kind of note will do: `decisions`, `recent changes`, `gotcha`.

        Raises:
            NoFileError, NoAnchorError: nothing has this address; similar names are in the error.
            DuplicateAnchorError: several sections have it.
        """
        from memorybank.store.view import look

        # "#Decisions" has no file: it is the plain name
        address = address if address.strip("# ") == "" else address.removeprefix("#")
        try:
            return look(self._folder, address)
        except NoFileError:
            from memorybank.workflow.lines.plain_names import address_named, is_plain

            file, dot, section = address.partition(".md ")
            if dot and section.strip():
                return look(self._folder, f"{file}.md#{section.strip()}")
            if not is_plain(address):
                raise
            return look(self._folder, address_named(self._folder, address))

    def outline(self, file: str = "") -> OutlineList:
        """Return the sections of a file, of all memory files without one.

        Raises:
            BankError: the one file that was named cannot be read; of several, the error stands in its place.
        """
        from memorybank.store.view import outline_of

        files = [file] if file else self._folder.present_files()
        outlines = OutlineList()
        for each in files:
            try:
                name, digest, rows = outline_of(self._folder, each)
            except BankError as error:
                if len(files) == 1:
                    raise
                outlines.append(FileOutline(each, error=error))
                continue
            outlines.append(FileOutline(name, digest, tuple(rows)))
        # taken anew, so that it knows how many there are
        return OutlineList(outlines)

    def status(self) -> Status:
        """Return where this bank is, and its state."""
        from collections import Counter

        from memorybank.records.corrections.waiting import queue_of
        from memorybank.records.find import scan
        from memorybank.store.view import status_of
        from memorybank.workflow.notes.queue_status import wait_of
        from memorybank.workflow.progress.checkpoint_due import due

        due_now = due(self._folder, self._current_session())
        status = status_of(self._folder)
        counts = Counter(record.type for record in scan(self._folder).records)
        waiting = (wait_of(self._folder), queue_of(self._folder))
        return Status(status, *waiting, due_now, dict(counts.most_common()))

    @property
    def tasks(self) -> Tasks:
        """The tasks of the current work: `add`, `done`, `list`."""
        return Tasks(self._folder, self._caller)


class Tasks(Face):
    """The checkboxes of progress.md#Tasks."""

    __slots__ = ()

    def add(self, text: str, *, again: bool = False) -> Receipt:
        """Add a task; in a role that may not write memory files, queue it.

        An open task with the same text is not added once more, except with `again`; the receipt's `already` says where
        it is.

        Raises:
            BankError: the text is not allowed there, or the file cannot be written.
        """
        from memorybank.workflow.notes.submit import hand_in

        return hand_in(self._folder, text, self._way(), kind="task", once=not again)

    def done(self, task: str, *, evidence: str = "", expect: str = "") -> Receipt:
        """Move a task to Completed: the one with this text, number or ^id, or the only one with all these words.

        `evidence` is a command and how it ended. Without any the task is ticked where it stands and marked
        (no evidence).

        Raises:
            NoItemError, DuplicateAnchorError: no task matches, or several do; the error lists them.
            StaleEditError: the section no longer has the digest `expect`.
        """
        from memorybank.workflow.progress.task_edits import ref_in_words
        from memorybank.workflow.progress.tasks import finish_task

        ref = ref_in_words(self._folder, task, verb="done", wanted=lambda each: each.done is False)
        return finish_task(self._folder, ref, self._way(), evidence=evidence, expect=expect, mark=True)

    def find(self, task: str) -> Task:
        """Return the task that `done` would finish; errors are those of `done`."""
        from memorybank.workflow.progress.task_edits import ref_in_words
        from memorybank.workflow.progress.tasks import one_task

        ref = ref_in_words(self._folder, task, verb="done", wanted=lambda each: each.done is False)
        return one_task(self._folder, ref, "").task

    def remove(self, task: str, *, expect: str = "") -> Receipt:
        """Remove a task with all below it; errors are those of `done`."""
        from memorybank.workflow.progress.task_edits import ref_in_words, remove_task

        return remove_task(self._folder, ref_in_words(self._folder, task, verb="remove"), self._way(), expect=expect)

    def edit(self, task: str, text: str, *, expect: str = "") -> Receipt:
        """Replace the text of a task; its checkbox, its id and what is below it stay. Errors are those of `done`."""
        from memorybank.workflow.progress.task_edits import edit_task, ref_in_words

        return edit_task(self._folder, ref_in_words(self._folder, task, verb="edit"), text, self._way(), expect=expect)

    def reopen(self, task: str, *, expect: str = "") -> Receipt:
        """Open a done task again: untick it, or move it back from Completed, without its evidence.

        Raises:
            NoItemError, DuplicateAnchorError: no done task matches, or several do; the error lists them.
            StaleEditError: the section no longer has the digest `expect`.
        """
        from memorybank.workflow.progress.task_edits import reopen_task

        return reopen_task(self._folder, task, self._way(), expect=expect)

    def list(self) -> TaskList:
        """Return the tasks in their order."""
        from memorybank.workflow.progress.tasks import list_tasks

        return list_tasks(self._folder)

    def missing_section(self) -> str:
        """Return why there are no tasks: the section for them is missing; "" where it is there."""
        from memorybank.workflow.progress.tasks import missing_section

        return missing_section(self._folder)
