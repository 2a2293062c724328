"""Bank: one bank on disk, its places and its files' contracts. Features are functions that take a bank."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.contracts.layouts import BANK_FOLDERS, CLINE_FILES, CLINE_OTHERS, CONTRACT_FILES, HOME, Layout
from memorybank.errors import NoFileError, OutsideError
from memorybank.shell import quoted
from memorybank.store.home import NAMESPACES

if TYPE_CHECKING:
    from memorybank.contracts.contract import Contract
    from memorybank.store.config import Config

_HIDDEN_NAMES = (".git", ".state")
_FROM_PROJECT = "./"
# device, inode, size and time of the last change; None for a file that is not there
_FileState = tuple[int, int, int, int] | None


class BankFolder:
    """A folder of contracted Markdown files inside a project.

    Making one reads nothing; `config` and contracts are read when first asked for. One that is `read_only` was come
    upon while looking for others: no file there is written, caches neither.
    """

    __slots__ = ("_config", "_contracts", "folder", "here", "layout", "project", "read_only")

    def __init__(self, folder: Path, project: Path, layout: Layout, *, here: Path | None = None) -> None:
        self.folder = folder
        self.project = project
        self.layout = layout
        self.here = here or project
        self.read_only = False
        self._config: Config | None = None
        # by file name: the state of the bank's own template when its contract was read, and the contract
        self._contracts: dict[str, tuple[_FileState, Contract | None]] = {}

    @property
    def state(self) -> Path:
        """Local state: journal, kept bytes, lock. May be deleted at any time at the cost of history."""
        return self.folder / ".state"

    @property
    def roots(self) -> tuple[Path, Path]:
        """The folders below which files may be edited."""
        return (self.folder, self.project)

    @property
    def is_users_own(self) -> bool:
        """Whether it is the global bank or a named one, of the user and of no project."""
        return self.folder == self.project

    @property
    def origin(self) -> Path:
        """The project that is worked on: the bank's own, or the repository in which the caller stands."""
        if not self.is_users_own:
            return self.project
        return next((each for each in (self.here, *self.here.parents) if os.path.lexists(each / ".git")), self.here)

    @property
    def config(self) -> Config:
        """The bank's settings.

        Raises:
            ConfigError: `bank.toml` cannot be understood.
            NewerVersionError: it was written by a newer program.
        """
        if self._config is None:
            from memorybank.store.config import read_config

            self._config = read_config(self.folder / "bank.toml")
        return self._config

    @property
    def main_files(self) -> tuple[str, ...]:
        """The files that `load` prints: the three contracts, or those of the layout in place."""
        if self.layout.contracted:
            return CONTRACT_FILES
        return (*CLINE_FILES, *(each for each in CLINE_OTHERS if os.path.lexists(self.folder / each)))

    @property
    def init_command(self) -> str:
        """The command that makes a memory file that is missing, from wherever it is typed."""
        if not self.layout.contracted:
            # only where such a bank is looked for can one be made
            is_found = self.folder == self.project / self.layout.folder
            return f"bank init --layout {self.layout.name} {quoted(self.project)}" if is_found else "bank outline"
        if self.is_users_own:
            named = self.folder.parent.name == NAMESPACES
            return f"bank init --namespace {self.folder.name}" if named else "bank init --global"
        adopt = "" if self.layout == HOME else "--adopt "
        return f"bank init {adopt}{quoted(self.project)}"

    def locate(self, file: str) -> tuple[Path, str]:
        """Give the path of a file as a user names it, and the name by which the bank speaks of it.

        First as `name_of` would have named it, then from the bank, the project, and the folder the caller stands in.
        `.md` may be left out. The file need not exist, but its place must be inside.

        Raises:
            OutsideError: it leads out of both.
        """
        if not file or any(ord(char) < 32 or ord(char) == 127 for char in file):  # noqa: PLR2004  control characters
            raise OutsideError(path=file, why="it is not a file's name")
        names = [file] if file.endswith(".md") else [file, f"{file}.md"]
        roots = self.roots if _is_of_bank(file) else self.roots[::-1]
        for root in (*roots, self.here):
            for name in names:
                # an absolute name replaces the root; lexists, because a broken link is an answer too
                path = Path(os.path.normpath(root / name))
                if os.path.lexists(path) and not path.is_dir():
                    return path, self.name_of(path)
        near = next(
            (name for name in CONTRACT_FILES if name.removesuffix(".md").casefold() == file.casefold()),
            names[-1],
        )
        in_bank = "/" not in near.replace(os.sep, "/")
        path = (self.folder if in_bank else self.project) / near
        return path, self.name_of(path)

    def place_of(self, name: str) -> tuple[Path, str]:
        """Give the path of a file by the name that the bank gave it, as the journal keeps it; it need not exist.

        Raises:
            OutsideError: it leads out of bank and project.
        """
        path = (self.folder if _is_of_bank(name) else self.project) / name
        if not name.startswith(_FROM_PROJECT) and not os.path.lexists(path) and os.path.lexists(self.folder / name):
            # a folder of the bank that only its own templates know, named from the bank
            path = self.folder / name
        self.name_of(path)
        return path, name

    def name_of(self, path: Path) -> str:
        """Give a path's one name, which no other path has, whatever files there are.

        The bank's own files are named from the bank, all others from the project; `./` comes before those that
        would read like the bank's own: `progress.md` is the contract, `./progress.md` stands beside the bank.

        Raises:
            OutsideError: it is in neither, links followed or not.
        """
        absolute = Path(os.path.normpath(path.absolute()))
        for root in self.roots:
            for place in (absolute, _real(absolute)):
                for base in (Path(os.path.normpath(root.absolute())), _real(root)):
                    if place.is_relative_to(base) and place != base:
                        name = place.relative_to(base)
                        if name.parts[0] in _HIDDEN_NAMES or ".git" in name.parts:
                            raise OutsideError(path=path, why="it is not the user's text")
                        return self._canonical(name.as_posix(), in_bank=root == self.folder)
        raise OutsideError(path=path)

    def _canonical(self, name: str, *, in_bank: bool) -> str:
        if in_bank:
            if self.is_users_own:
                return name
            return name if _is_of_bank(name) else f"{self.folder.relative_to(self.project).as_posix()}/{name}"
        return f"{_FROM_PROJECT}{name}" if _is_of_bank(name) else name

    def existing(self, file: str) -> tuple[Path, str]:
        """Give the path and name of a file that is there.

        Raises:
            NoFileError: it is not; the names that come closest are told.
        """
        path, name = self.locate(file)
        if os.path.lexists(path):
            return path, name
        if name in self.main_files:
            from memorybank.store.manage.lost_text import find_lost

            lost = find_lost(self, name, None)
            raise NoFileError(path=name, hint=f"bank restore {quoted(name)}" if lost else self.init_command)
        from memorybank.document.addresses import near

        raise NoFileError(path=name, near=near(name, self.list_files()))

    def read(self, path: Path) -> bytes:
        """Read a file of the bank or its project as it stands now; a link is followed as far as it stays inside.

        Raises:
            NoFileError: there is none.
            OutsideError: it leads out of both.
            LimitError: it is too large.
        """
        from memorybank.files.read import read, resolve

        return read(resolve(path, self.roots))

    def list_files(self) -> list[str]:
        """Name the Markdown files of the bank, then those of the project's plans, research and solutions and below."""
        from memorybank.files.read import why_outside
        from memorybank.store.doc_folders import ROOTS, doc_folders

        found = sorted(path for path in self.folder.glob("*.md"))
        for root in (self.project / each for each in ROOTS):
            for name in doc_folders(str(root)) if not why_outside(root, self.roots) else ():
                found += sorted((root / name).glob("*.md"))
        return [self.name_of(path) for path in found]

    def contract_of(self, name: str) -> Contract | None:
        """Give the contract of a file of this bank by its name, or None.

        Raises:
            ConfigError: the bank's own template for it cannot be understood.
        """
        if not self.layout.contracted or "/" in name:
            return None
        templates = self.folder / "templates"
        # asked before the template is read: one that changes meanwhile is read again the next time
        state = _file_state(templates / "contracts" / name)
        remembered = self._contracts.get(name)
        if remembered is not None and remembered[0] == state:
            return remembered[1]
        from memorybank.contracts.load import load_contract

        contract = load_contract(name, templates)
        self._contracts[name] = (state, contract)
        return contract


def _is_of_bank(name: str) -> bool:
    """Tell whether a name reads like one of the bank's own files; decided by the name alone."""
    first, slash, _ = name.partition("/")
    return not slash or first in BANK_FOLDERS


def _file_state(path: Path) -> _FileState:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
