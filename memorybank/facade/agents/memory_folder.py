"""The plain files of an agent's memory tool, `/memories/…`, kept in the bank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.document.receipt import Receipt
    from memorybank.facade.caller import Caller
    from memorybank.store.folder import BankFolder
    from memorybank.store.memory_files.changes import MemoryChanges, Replaced
    from memorybank.store.memory_files.listing import MemoryFile, MemoryListing


class MemoryFolder(Face):
    """The files of one memory: paths begin with `/memories`, and none leads out of it.

    A place is such a path, or what `locate` returned for it. All changes go through the bank's lock and journal, so
    several agents may write at once, and `bank undo` brings a deleted folder back.
    """

    __slots__ = ("_root",)

    def __init__(self, folder: BankFolder, caller: Caller, root: Path) -> None:
        super().__init__(folder, caller)
        self._root = Path(root)

    @property
    def root(self) -> Path:
        """The folder that `/memories` is."""
        return self._root

    def make(self) -> None:
        """Make the folder, closed to other users of the machine, if it is missing and the bank may be written."""
        from memorybank.files.durable import make_dirs
        from memorybank.store.memory_files.changes import FOLDER_MODE

        if not self._caller.dry_run and not self._folder.read_only:
            make_dirs(self._root, FOLDER_MODE)

    def locate(self, path: str) -> Path:
        """Return the real path of a path of the tool; nothing need be there.

        Raises:
            OutsideError: it does not begin with `/memories`, leads out, or no file may have the name.
        """
        from memorybank.store.memory_files.places import locate

        return locate(self._root, path)

    def view(self, place: str | Path) -> MemoryFile | MemoryListing:
        """Return a file with its text, or what is in a folder, two levels deep.

        Raises:
            NoFileError: nothing is there.
            NotAFileError: it is a link, a pipe or a device.
            EncodingRefusedError: it is not UTF-8.
        """
        from memorybank.store.memory_files.listing import look

        return look(self._root, self._place(place))

    def create(self, place: str | Path, text: str) -> Receipt:
        """Write a new file.

        Raises:
            ArtifactError: there is one.
            BankError: its text has a secret or hidden characters, or the bank cannot be written.
        """
        return self._changes().create(self._place(place), text)

    def str_replace(self, place: str | Path, old_str: str, new_str: str) -> Replaced:
        """Replace a text that is in a file exactly once.

        Raises:
            NoMatchError: it is not there, or there more than once.
            BankError: there is no such file, or the change is refused.
        """
        return self._changes().replace(self._place(place), old_str, new_str)

    def insert(self, place: str | Path, insert_line: int, insert_text: str) -> Receipt:
        """Insert a text as lines after this line of a file; 0 is its beginning.

        Raises:
            LineRangeError: the file has fewer lines.
            BankError: there is no such file, or the change is refused.
        """
        return self._changes().insert(self._place(place), insert_line, insert_text)

    def delete(self, place: str | Path) -> Receipt:
        """Delete a file, or a folder with all its files; `bank undo` brings them back.

        Raises:
            BankError: nothing is there, or a folder has something that undo could not bring back.
        """
        return self._changes().delete(self._place(place))

    def rename(self, old: str | Path, new: str | Path) -> Receipt:
        """Move a file, or a folder with all its files, to a place where nothing is.

        Raises:
            ArtifactError: something is there.
            BankError: nothing is at the old place.
        """
        return self._changes().rename(self._place(old), self._place(new))

    def clear(self) -> Receipt:
        """Delete all files."""
        return self._changes().clear()

    def _place(self, place: str | Path) -> Path:
        from memorybank.store.memory_files.places import LeavesMemoriesError

        if isinstance(place, str):
            return self.locate(place)
        if not place.is_relative_to(self._real_root()) or ".." in place.parts:
            raise LeavesMemoriesError(path=str(place))
        return place

    def _real_root(self) -> Path:
        return self._root.resolve()

    def _changes(self) -> MemoryChanges:
        from memorybank.store.memory_files.changes import MemoryChanges

        return MemoryChanges(self._folder, self._real_root(), self._way)


class MemoryFolders(Face):
    """The memories of agents that are kept as plain files."""

    __slots__ = ()

    def memory_folder(self, name: str = "memories") -> MemoryFolder:
        """Return the plain files of a memory tool: `memory-tool/NAME/` in the bank.

        An assistant, or a person it works for, gets a memory of its own by another name.

        Raises:
            FieldError: the name cannot be that of a folder on every system.
        """
        from memorybank.store.memory_files.places import root_of

        return MemoryFolder(self._folder, self._caller, root_of(self._folder, name))
