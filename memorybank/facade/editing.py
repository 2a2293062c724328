"""Edits of sections and items, documents, and the way back through what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import FieldError, NoFileError
from memorybank.facade.edits.opened import FileEdit, SectionEdit
from memorybank.facade.face import Face, address_for_name, check_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.document.edits import Edit, ItemRef
    from memorybank.document.receipt import Receipt
    from memorybank.facade.ledgers import Documents
    from memorybank.store.journal.history import BlameLines, OperationList
    from memorybank.store.journal.restore import OperationDiff, RestoreResult
    from memorybank.store.journal.undo import Undone
    from memorybank.store.manage.items import ItemList


def interrupted(receipt: Receipt) -> Undone:
    """Return what undoing is when the last operation was interrupted: it has no effect left that could be undone."""
    from memorybank.store.journal.undo import Undone, UndoResult

    return Undone([UndoResult(receipt.operation, receipt)], interrupted=True)


class Editing(Face):
    """The methods of a bank that edit, and that go back and forth through what was done."""

    __slots__ = ()

    def edit(self, address: str) -> SectionEdit:
        """Return the edits of one section, `FILE#Section` or `FILE#Parent/Section`, of any Markdown file.

            bank.edit("progress.md#Tasks").append("- [ ] Ship it")

        Raises:
            NoFileError: the file is not there; for the plain name of a section, the error has its address.
            OutsideError: the file is not a Markdown file of the bank or its project.
        """
        from memorybank.store.view import address_in, markdown_of

        with address_for_name(self._folder, address, "bank edit"):
            place = address_in(self._folder, address)
            markdown_of(self._folder, place.file)
        return SectionEdit(self._folder, self._caller, place)

    def edit_file(self, file: str) -> FileEdit:
        """Return the edit of a whole file, as it is now: its text, and `replace` for the new text.

        Raises:
            NoFileError, OutsideError: the file is not there, or not one of the bank or its project.
        """
        from memorybank.store.view import address_in, markdown_of, open_document

        with address_for_name(self._folder, file, "bank edit"):
            name = address_in(self._folder, file).file
            markdown_of(self._folder, name)
        return FileEdit(self._folder, self._caller, open_document(self._folder, name))

    def history(
        self, file: str | None = None, *, limit: int = 20, offset: int = 0, with_diff: bool = False
    ) -> OperationList:
        """Return the newest operations first; those of one file when it is named.

        So many of the newest as `offset` says are left out.

        Raises:
            OutsideError: the file is not one of the bank or its project.
        """
        from memorybank.store.journal.history import history

        return history(self._folder, file, limit=limit, offset=offset, with_diff=with_diff)

    def diff(self, operation: str = "") -> OperationDiff:
        """Return what an operation changed; the last one when none is named.

        Raises:
            NotFoundError: there is no such operation.
        """
        from memorybank.store.journal.restore import changed_by

        return changed_by(self._folder, operation)

    def undo(self, operation: str = "", *, count: int = 1) -> Undone:
        """Undo an operation: the one that is named, or the last `count` that are not undone yet, one by one.

        Raises:
            StaleEditError: its lines changed since; the error carries the diff. Of several, those before it are undone.
            NotFoundError: there is no such operation, or nothing to undo.
            FieldError: both an operation and a count were given.
        """
        from memorybank.store.journal.redo import walk_back
        from memorybank.store.journal.undo import Undone, undo

        check_limit(count, least=1, field="count")
        if operation and count > 1:
            raise FieldError(field="count", why="an operation is named too", hint="pass one of the two")
        if operation.isdigit() and len(operation) <= len("999"):
            why = f"{operation} is not an id"
            raise FieldError(
                field="operation", why=why, hint=f"to undo {operation} operations: bank undo -n {operation}"
            )
        way = self._way()
        return Undone([undo(self._folder, operation, way)] if operation else walk_back(self._folder, count, way))

    def redo(self, *, count: int = 1) -> Undone:
        """Do again what was undone last, `count` times.

        Raises:
            StaleEditError: the lines changed since.
            NotFoundError: there is nothing to redo.
        """
        from memorybank.store.journal.redo import walk_forward
        from memorybank.store.journal.undo import Undone

        check_limit(count, least=1, field="count")
        return Undone(walk_forward(self._folder, count, self._way()))

    def last_standing(self) -> str:
        """Return the id of the operation that `undo` would take back.

        Raises:
            NotFoundError: there is nothing to undo.
        """
        from memorybank.store.journal.undo import done_operations, last_standing

        return last_standing(done_operations(self._folder)).id

    def restore(self, file: str, *, at: str = "") -> RestoreResult:
        """Bring a file's text back as an operation left it, as the last one did when none is named.

        Raises:
            NotFoundError: no text of the file is kept.
        """
        from memorybank.store.journal.restore import restore

        return restore(self._folder, file, self._way(), at=at)

    def blame(self, address: str) -> BlameLines:
        """Return each line of a section with the operation, or the git commit, that put it there.

        Instead of an address, its plain name will do.

        Raises:
            NoFileError, NoAnchorError: nothing has this address.
        """
        from memorybank.store.journal.history import blame

        try:
            return blame(self._folder, address)
        except NoFileError:
            from memorybank.workflow.lines.plain_names import address_named, is_plain

            if not is_plain(address):
                raise
            return blame(self._folder, address_named(self._folder, address))

    @property
    def items(self) -> Items:
        """The list items of a section: `list`, `tick`, `untick`, `replace`, `remove`, `move`."""
        return Items(self._folder, self._caller)

    @property
    def plans(self) -> Documents:
        """The plans in docs/plans: `new`, `list`, `show`."""
        from memorybank.facade.ledgers import Documents

        return Documents(self._folder, self._caller, "plan")

    @property
    def designs(self) -> Documents:
        """The design documents in docs/plans/designs: `new`, `list`, `show`."""
        from memorybank.facade.ledgers import Documents

        return Documents(self._folder, self._caller, "design")

    @property
    def research(self) -> Documents:
        """The research files in docs/research: `new`, `list`, `show`."""
        from memorybank.facade.ledgers import Documents

        return Documents(self._folder, self._caller, "research")


class Items(Face):
    """List items. An item is named by its number in `list`, its ^id, or its whole first line."""

    __slots__ = ()

    def list(self, address: str) -> ItemList:
        """Return the items of a section in their order; instead of an address, its plain name will do.

        Raises:
            NoFileError, NoAnchorError: nothing has this address.
        """
        from memorybank.store.manage.items import list_items

        try:
            return list_items(self._folder, address)
        except NoFileError:
            from memorybank.workflow.lines.plain_names import address_named, is_plain

            if not is_plain(address):
                raise
            return list_items(self._folder, address_named(self._folder, address))

    def tick(self, address: str, item: str, *, expect: str = "") -> Receipt:
        """Tick an item's checkbox.

        Raises:
            NoItemError: no item, or several, match.
            StaleEditError: the section no longer has the digest `expect`.
        """
        from memorybank.document.edits import Tick

        return self._edit(address, item, lambda section, ref: Tick(section, ref, expect=expect), "item tick")

    def untick(self, address: str, item: str, *, expect: str = "") -> Receipt:
        """Clear an item's checkbox; errors are those of `tick`."""
        from memorybank.document.edits import Tick

        return self._edit(
            address, item, lambda section, ref: Tick(section, ref, done=False, expect=expect), "item untick"
        )

    def replace(self, address: str, item: str, text: str, *, expect: str = "") -> Receipt:
        """Replace the text of an item; marker, checkbox, id and nested items stay. Errors are those of `tick`."""
        from memorybank.document.edits import ReplaceItem
        from memorybank.workflow.lines.note import line_of

        line = line_of(text)
        return self._edit(address, item, lambda section, ref: ReplaceItem(section, ref, line, expect), "item replace")

    def remove(self, address: str, item: str, *, expect: str = "") -> Receipt:
        """Remove an item with its nested items; errors are those of `tick`."""
        from memorybank.document.edits import RemoveItem

        return self._edit(address, item, lambda section, ref: RemoveItem(section, ref, expect), "item remove")

    def move(self, address: str, item: str, to: str, *, expect: str = "") -> Receipt:
        """Move an item to another section or file, as one operation; errors are those of `tick`."""
        from memorybank.store.manage.items import list_items, move_item, ref_of

        with address_for_name(self._folder, address, "bank item move"):
            ref = ref_of(item, [row.text for row in list_items(self._folder, address)])
        with address_for_name(self._folder, to, "bank item move", option="--to"):
            return move_item(self._folder, address, ref, to, self._way(), expect=expect)

    def _edit(self, address: str, item: str, make: Callable[[str, ItemRef], Edit], verb: str) -> Receipt:
        from memorybank.store.manage.items import edit_item, list_items, ref_of

        with address_for_name(self._folder, address, f"bank {verb}"):
            ref = ref_of(item, [row.text for row in list_items(self._folder, address)])
        return edit_item(self._folder, address, lambda section: make(section, ref), verb, self._way())
