"""The edits of one section, and of a whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.document.addresses import Address
    from memorybank.document.edits import Edit
    from memorybank.document.receipt import Receipt
    from memorybank.document.sections import Document
    from memorybank.facade.caller import Caller
    from memorybank.store.folder import BankFolder


class SectionText(NamedTuple):
    """What an editor gets of a section: its own text, without the subsections, and the digest it has now."""

    text: str
    digest: str


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
