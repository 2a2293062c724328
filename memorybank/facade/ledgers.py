"""What is kept line by line: the development log and architectural facts; plans, research and artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.facade.face import Face, check_limit
from memorybank.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Annotated, TypedDict

    from memorybank.facade.caller import Caller
    from memorybank.records.find import BrokenRecord
    from memorybank.records.ledgers.devlog import LogEntry, LogPage
    from memorybank.records.ledgers.fact_check import FactCheck
    from memorybank.records.ledgers.fact_list import PafList
    from memorybank.records.ledgers.facts import FactChange
    from memorybank.records.record import Record
    from memorybank.store.folder import BankFolder
    from memorybank.store.view import View
    from memorybank.workflow.progress.attachments import AttachmentList, AttachResult
    from memorybank.workflow.progress.documents import CreatedDocument

    class PafChecksWire(TypedDict):
        """The JSON form of a paf checks."""

        checks: list[Annotated[Any, FactCheck]]
        count: int
        failed_count: int


class PafChecks(NamedTuple):
    """How the commands that check facts ended, and how many of them did not pass; skipped ones do not count."""

    results: Sequence[FactCheck]
    failed: int

    def to_wire(self) -> PafChecksWire:
        """Return the JSON form."""
        from memorybank.wire import to_wire

        return {"checks": to_wire(self.results), "count": len(self.results), "failed_count": self.failed}


class Ledgers(Face):
    """The methods of a bank for its log, its facts and its artifacts."""

    __slots__ = ()

    def log(self, text: str = "", *, title: str = "", items: Sequence[str] = ()) -> LogEntry:
        """Add an entry to the development log, under today's date.

        Without `title` the first line of the text is the title. Each further line is a bullet, then come `items`.

        Raises:
            BankError: a text is empty or invalid, or the write is refused; nothing is written.
        """
        from memorybank.records.ledgers.devlog import log

        return log(self._folder, text, self._way(), title=title, items=items)

    def read_log(self, *, limit: int = 10, since: str | datetime = "") -> LogPage:
        """Return the newest entries of the development log, newest first; all of them with a `limit` of 0.

        `since` is a day or time, or `7d` for a week ago.

        Raises:
            FieldError: the limit is below 0, or `since` is not a day or time.
            BankError: the log cannot be read.
        """
        from memorybank.records.ledgers.devlog import read_log

        check_limit(limit, least=0)
        return read_log(self._folder, limit=limit, since=self._moment(since, "since"))

    @property
    def pafs(self) -> Pafs:
        """The permanent architectural facts: `add`, `list`, `review`, `activate`, `deprecate`, `replace`, `check`."""
        return Pafs(self._folder, self._caller)

    @property
    def artifacts(self) -> Artifacts:
        """The files in artifacts/: `add`, `list`."""
        return Artifacts(self._folder, self._caller)


class Pafs(Face):
    """Permanent architectural facts: lines of pafs.md. One is named by its id, with or without `PAF-`."""

    __slots__ = ()

    def add(self, category: str, text: str, *, why: str = "", status: str = "", number: str = "") -> FactChange:
        """Add a fact with the next number of its category, or with the `number` that is given.

        Raises:
            FieldError: category, status or number is invalid, or the number is taken.
            BankError: the text or the write is refused; nothing is written.
        """
        from memorybank.records.ledgers.facts import add_paf

        return add_paf(self._folder, category, text, self._way(), why=why, status=status, ident=number)

    def list(self, *, category: str = "", status: str = "") -> PafList:
        """Return the facts in the order of the file; of one category or status if it is named.

        Raises:
            FieldError: there is no such status.
            BankError: the file cannot be read.
        """
        from memorybank.records.ledgers.fact_list import list_pafs

        return list_pafs(self._folder, category=category, status=status)

    def review(self, paf: str) -> FactChange:
        """Put a proposed fact up for review.

        Raises:
            FieldError: this status cannot follow the one it has.
            NoRecordError: there is no such fact.
        """
        return self._set(paf, "review")

    def activate(self, paf: str) -> FactChange:
        """Make a fact active; errors are those of `review`."""
        return self._set(paf, "active")

    def deprecate(self, paf: str, *, why: str = "") -> FactChange:
        """Mark a fact as no longer valid; its line and number stay. Errors are those of `review`."""
        return self._set(paf, "deprecated", reason=why)

    def replace(self, paf: str, *, by: str = "", why: str = "") -> FactChange:
        """Mark a fact as replaced by another one; errors are those of `review`."""
        return self._set(paf, "replaced", by=by, reason=why)

    def check(self, pafs: Sequence[str] = ()) -> PafChecks:
        """Run the commands that bank.toml declares for active facts, or for those that are named.

        Raises:
            UntrustedError: a command was not approved on this machine; none is run.
            NoRecordError: a fact that was named has no command.
            ConfigError: the commands are invalid.
        """
        from memorybank.records.ledgers.fact_check import check_pafs

        results = check_pafs(self._folder, self._caller.home, self._caller.environ, idents=pafs)
        return PafChecks(results, sum(result.state not in {"passed", "skipped"} for result in results))

    def _set(self, paf: str, status: str, *, by: str = "", reason: str = "") -> FactChange:
        from memorybank.records.ledgers.facts import set_status

        return set_status(self._folder, paf, status, self._way(), by=by, reason=reason)


class Artifacts(Face):
    """Files kept with the bank, in artifacts/."""

    __slots__ = ()

    def add(self, file: Path | str, *, folder: str = "", note: str = "") -> AttachResult:
        """Copy a file into artifacts/, or a `folder` in it, with a line under References.

        Raises:
            NoFileError: there is no such file.
            ArtifactError: another file of this name is there.
            LimitError: it is larger than 8 MB.
            SecretError: it seems to hold a secret.
        """
        from memorybank.workflow.progress.attachments import attach

        return attach(self._folder, Path(file), self._way(), folder=folder, note=note)

    def list(self) -> AttachmentList:
        """Return the files in artifacts/, and those that a line names and that are missing, by name."""
        from memorybank.workflow.progress.attachments import list_artifacts

        return list_artifacts(self._folder)


class DocumentList(Listing["Record"]):
    """Documents of one kind without their text, newest first; `broken` names the files that could not be read."""

    __slots__ = ("broken",)
    plural = "documents"
    beside = ("broken",)

    broken: Sequence[BrokenRecord]

    def __init__(self, records: Iterable[Record], *, broken: Sequence[BrokenRecord]) -> None:
        super().__init__(records)
        self.broken = broken


class Documents(Face):
    """Durable documents of one kind, with a line under References for each."""

    __slots__ = ("_kind",)

    def __init__(self, folder: BankFolder, caller: Caller, kind: str) -> None:
        super().__init__(folder, caller)
        self._kind = kind

    def new(self, title: str) -> CreatedDocument:
        """Make a document from its template, and its line under References, as one operation.

        Raises:
            BankError: the title or the machine refuse it; nothing is written.
        """
        from memorybank.workflow.progress.documents import new_document

        return new_document(self._folder, self._kind, title, self._way())

    def list(self) -> DocumentList:
        """Return the documents, newest first, without their text."""
        from memorybank.workflow.progress.documents import list_documents

        found = list_documents(self._folder, self._kind)
        return DocumentList(found.records, broken=found.broken)

    def show(self, name: str) -> View:
        """Return a document with its text and digest, by its number in `list`, its file, its title or words in them.

        Raises:
            NoRecordError: none matches, or several do; the error lists them.
        """
        from memorybank.store.view import look
        from memorybank.workflow.progress.documents import find_document

        return look(self._folder, find_document(self._folder, self._kind, name).file)
