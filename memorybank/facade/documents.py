"""Plans and research files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.facade.caller import Caller
    from memorybank.facade.memories import RecordList
    from memorybank.store.folder import BankFolder
    from memorybank.store.view import View
    from memorybank.workflow.progress.documents import CreatedDocument


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

    def list(self) -> RecordList:
        """Return the documents, newest first, without their text."""
        from memorybank.facade.memories import RecordList
        from memorybank.workflow.progress.documents import list_documents

        found = list_documents(self._folder, self._kind)
        return RecordList(found.records, total=len(found.records), broken=found.broken)

    def show(self, name: str) -> View:
        """Return a document with its text and digest, by its number in `list`, its file, its title or words in them.

        Raises:
            NoRecordError: none matches, or several do; the error lists them.
        """
        from memorybank.store.view import look
        from memorybank.workflow.progress.documents import find_document

        return look(self._folder, find_document(self._folder, self._kind, name).file)
