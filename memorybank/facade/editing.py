"""Edits of sections and items, documents, and the way back through what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.facade.face import Face, check_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from memorybank.document.addresses import Address
    from memorybank.document.edits import Edit, ItemRef
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document
    from memorybank.facade.caller import Caller
    from memorybank.facade.ledgers import Documents
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.history import BlameLines, OperationList
    from memorybank.store.journal.restore import OperationDiff, RestoreResult
    from memorybank.store.journal.undo import Undone
    from memorybank.store.manage.items import ItemList


def interrupted(receipt: Receipt) -> Undone:
    """Return what undoing is when the last operation was interrupted: it has no effect left that could be undone."""
    from memorybank.store.journal.undo import Undone, UndoResult

    return Undone([UndoResult(receipt.operation, receipt)], interrupted=True)


class SectionText(NamedTuple):
    """What an editor gets of a section: its own text, without the subsections, and the digest it has now."""

    text: str
    digest: str


class Editing(Face):
    """The methods of a bank that edit, and that go back and forth through what was done."""

    __slots__ = ()

    def edit(self, address: str) -> SectionEdit:
        """Return the edits of one section, `FILE#Section` or `FILE#Parent/Section`, of any Markdown file.

            bank.edit("progress.md#Tasks").append("- [ ] Ship it")

        Raises:
            NoFileError, OutsideError: the file is not there, or not one of the bank or its project.
        """
        from memorybank.store.view import address_in

        return SectionEdit(self._folder, self._caller, address_in(self._folder, address))

    def edit_file(self, file: str) -> FileEdit:
        """Return the edit of a whole file, as it is now: its text, and `replace` for the new text.

        Raises:
            NoFileError, OutsideError: the file is not there, or not one of the bank or its project.
        """
        from memorybank.store.view import address_in, open_document

        return FileEdit(self._folder, self._caller, open_document(self._folder, address_in(self._folder, file).file))

    def history(self, file: str | None = None, *, limit: int = 20, with_diff: bool = False) -> OperationList:
        """Return the newest operations first; those of one file when it is named.

        Raises:
            OutsideError: the file is not one of the bank or its project.
        """
        from memorybank.store.journal.history import history

        return history(self._folder, file, limit=limit, with_diff=with_diff)

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

        Raises:
            NoFileError, NoAnchorError: nothing has this address.
        """
        from memorybank.store.journal.history import blame

        return blame(self._folder, address)

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


class SectionEdit(Face):
    """The edits of one section.

    With `expect`, the digest that `show` returned, an edit is refused when the section has changed since. Text that
    would make or swallow a heading is refused; with `subsections` it may hold headings below the section's level.
    """

    __slots__ = ("_place",)

    def __init__(self, folder: BankFolder, caller: Caller, place: Address) -> None:
        super().__init__(folder, caller)
        self._place = place

    @property
    def file(self) -> str:
        """The file, by its name in the bank or its project."""
        return self._place.file

    @property
    def is_whole_file(self) -> bool:
        """Whether the address names a file and no section of it; such a file is edited with `edit_file`."""
        return not self._place.section and not self._place.item

    def replace(self, text: str, *, expect: str = "", subsections: bool = False, force: bool = False) -> Receipt:
        """Put a text in place of the section's own text.

        Raises:
            StaleEditError: the section no longer has the digest `expect`; the error carries the diff.
            ContractError: the section only grows, and `force` with `expect` is not given.
            SpillError: the text would change the structure.
        """
        from memorybank.document.edits import Replace
        from memorybank.document.text import check_text

        edit = Replace(self._place.section, check_text(text), expect, subsections)
        return self._commit(edit, "edit replace", force=force)

    def append(self, text: str, *, expect: str = "", subsections: bool = False) -> Receipt:
        """Put a text at the end of the section's own text; a line that belongs to a list becomes its item.

        Raises:
            SpillError: the text would change the structure.
        """
        return self._add(text, expect, nested=subsections, at_top=False)

    def prepend(self, text: str, *, expect: str = "", subsections: bool = False) -> Receipt:
        """Put a text at the beginning of the section's own text.

        Raises:
            SpillError: the text would change the structure.
        """
        return self._add(text, expect, nested=subsections, at_top=True)

    def insert_after(self, text: str, *, expect: str = "") -> Receipt:
        """Put a new section after this one; the first line of the text is its name.

        Raises:
            ContractError: the sections of the file are fixed.
        """
        from memorybank.document.edits import InsertSection
        from memorybank.document.text import check_text
        from memorybank.store.view import find, open_document

        first, _, rest = check_text(text).strip("\r\n").partition("\n")
        name = first.strip().lstrip("#").strip()
        document = open_document(self._folder, self._place.file)
        level = find(self._folder, document, self._place.section).level or 2
        return self._commit(InsertSection(self._place.section, name, rest, level, expect=expect), "edit insert after")

    def rename(self, name: str, *, expect: str = "") -> Receipt:
        """Put another name in the section's heading.

        Raises:
            ContractError: the section's name is fixed.
        """
        from memorybank.document.edits import RenameSection
        from memorybank.document.text import check_text

        return self._commit(RenameSection(self._place.section, check_text(name).strip("\r\n"), expect), "edit rename")

    def remove(self, *, expect: str = "") -> Receipt:
        """Take the section out, with its subsections.

        Raises:
            ContractError: the sections of the file are fixed.
        """
        from memorybank.document.edits import RemoveSection

        return self._commit(RemoveSection(self._place.section, expect), "edit remove")

    def text(self, *, expect: str = "") -> SectionText:
        """Return the text that `replace` would replace, which is without the subsections, and its digest.

        Raises:
            StaleEditError: neither the section nor its file has the digest `expect`.
        """
        from memorybank.document.addresses import address_of
        from memorybank.document.items import body_end
        from memorybank.errors import StaleEditError
        from memorybank.store.view import find, open_document

        document = open_document(self._folder, self._place.file)
        section = find(self._folder, document, self._place.section)
        digest = document.digest_of(section)
        if expect and expect not in (digest, document.source.digest):
            raise StaleEditError(address=str(address_of(document, section)), expected=expect, digest=digest)
        return SectionText(document.source.text[section.body : body_end(document, section)], digest)

    def _add(self, text: str, expect: str, *, nested: bool, at_top: bool) -> Receipt:
        from memorybank.document.edits import Append
        from memorybank.document.text import check_text

        text = check_text(text)
        edit = Append(self._place.section, text, item=self._is_item(text), at_top=at_top, expect=expect, nested=nested)
        return self._commit(edit, "edit prepend" if at_top else "edit append")

    def _is_item(self, text: str) -> bool:
        """Return whether one line is meant as a list item: it has a marker, or it joins a list."""
        from memorybank.document.items import split_marker

        line = text.strip("\r\n")
        if "\n" in line or "\r" in line or not line.strip():
            return False
        marker, indented = split_marker(line)[0], line[0] in " \t"
        if marker and not indented:
            return True
        if indented and line.lstrip().startswith("|"):
            # a row of a table that an item holds
            return False
        from memorybank.document.editing.append_window import read_window, window_of
        from memorybank.document.editing.footer import spot_of
        from memorybank.errors import NotFoundError
        from memorybank.store.view import find, open_document

        document = open_document(self._folder, self._place.file)
        try:
            section = find(self._folder, document, self._place.section)
        except NotFoundError:
            return document.contract
        window = read_window(document, window_of(document, section, at_top=False))
        behind = spot_of(document, section, window, item=True).behind
        joins = behind is not None and behind.kind == "list"
        # an indented line goes below the last item
        return not joins if marker else joins

    def _commit(self, edit: Edit, verb: str, *, force: bool = False) -> Receipt:
        from memorybank.store.journal.commit import FileChange, commit

        path, _ = self._folder.existing(self._place.file)
        return commit(self._folder, [FileChange(path, (edit,))], verb, self._way(force=force))


class FileEdit(Face):
    """The edit of a whole file; what others change in other sections in the meantime stays."""

    __slots__ = ("_document",)

    def __init__(self, folder: BankFolder, caller: Caller, document: Document) -> None:
        super().__init__(folder, caller)
        self._document = document

    @property
    def file(self) -> str:
        """The file, by its name in the bank or its project."""
        return self._document.path

    @property
    def has_headings(self) -> bool:
        """Whether the file has sections; one without them can also be edited as one text below its front matter."""
        return len(self._document.sections) > 1

    def text(self, *, expect: str = "") -> SectionText:
        """Return the text of the file as it was read, and its digest.

        Raises:
            StaleEditError: the file does not have the digest `expect`.
        """
        from memorybank.errors import StaleEditError

        source = self._document.source
        if expect and expect != source.digest:
            raise StaleEditError(address=self.file, expected=expect, digest=source.digest)
        return SectionText(source.text, source.digest)

    def replace(self, text: str, *, expect: str = "") -> Receipt:
        """Put a text in place of the file's; a file with a contract keeps its headings.

        Raises:
            ContractError: a heading of a file with a contract changed.
            StaleEditError: what the text changes was changed since it was read, or the digest is not `expect`.
            SpillError: the text of a section would change the structure.
        """
        from memorybank.store.manage.whole_file import replace_file

        self.text(expect=expect)
        return replace_file(self._folder, self._document, text, self._way())


class Items(Face):
    """List items. An item is named by its number in `list`, its ^id, or its whole first line."""

    __slots__ = ()

    def list(self, address: str) -> ItemList:
        """Return the items of a section in their order.

        Raises:
            NoFileError, NoAnchorError: nothing has this address.
        """
        from memorybank.store.manage.items import list_items

        return list_items(self._folder, address)

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

        ref = ref_of(item, [row.text for row in list_items(self._folder, address)])
        return move_item(self._folder, address, ref, to, self._way(), expect=expect)

    def _edit(self, address: str, item: str, make: Callable[[str, ItemRef], Edit], verb: str) -> Receipt:
        from memorybank.store.manage.items import edit_item, list_items, ref_of

        ref = ref_of(item, [row.text for row in list_items(self._folder, address)])
        return edit_item(self._folder, address, lambda section: make(section, ref), verb, self._way())
