"""BankFolder: one bank on disk, where its files are and which contracts they have. Features are functions of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.contracts.layouts import BANK_FOLDERS, CLINE_FILES, CLINE_OTHERS, CONTRACT_FILES, HOME, Layout
from memorybank.errors import NoFileError, OutsideError
from memorybank.shell import quoted
from memorybank.store.home import NAMESPACES, Personal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memorybank.contracts.contract import Contract
    from memorybank.store.config import Config

_HIDDEN_NAMES = (".git", ".state")
# the endings of the files whose sections are edited
MARKDOWN = (".md", ".markdown")
_FROM_PROJECT = "./"


class BankFolder:
    """A folder of contracted Markdown files inside a project.

    Creating one reads nothing; `config` and the contracts are read on first use. A bank with `read_only` set was found
    while looking for other banks: nothing in it is written, not even a cache.
    """

    __slots__ = (
        "_config",
        "_config_state",
        "_contracts",
        "folder",
        "here",
        "is_repaired",
        "layout",
        "personal",
        "project",
        "read_only",
    )

    def __init__(self, folder: Path, project: Path, layout: Layout, *, here: Path | None = None) -> None:
        self.folder = folder
        self.project = project
        self.layout = layout
        self.here = here or project
        self.read_only = False
        # set while the settings are corrected, so that an invalid value does not keep its own correction away
        self.is_repaired = False
        # the settings that the user has for all banks; None where only the bank's own count
        self.personal: Personal | None = None
        self._config: Config | None = None
        self._config_state: tuple[object, ...] = ()
        # by file name: the bank's own template, if there is one, and the contract
        self._contracts: dict[str, tuple[bytes | None, Contract | None]] = {}

    @property
    def state(self) -> Path:
        """Local state: journal, kept bytes, lock. May be deleted at any time; only the history is lost."""
        return self.folder / ".state"

    @property
    def roots(self) -> tuple[Path, Path]:
        """The folders below which files may be edited."""
        return (self.folder, self.project)

    @property
    def is_users_own(self) -> bool:
        """Whether this is the global bank or a named one: a bank of the user, not of a project."""
        return self.folder == self.project

    @property
    def origin(self) -> Path:
        """The project being worked on: the bank's own, or the repository that contains the caller's folder."""
        if not self.is_users_own:
            return self.project
        return next(
            (parent for parent in (self.here, *self.here.parents) if os.path.lexists(parent / ".git")), self.here
        )

    def names_below(self, root: Path) -> tuple[str, ...]:
        """Return the names that the bank's folder has below a folder: two where it is a link to another one of it.

        Git lists the files of the second one as files of the project.
        """
        pairs = ((self.folder, root), (_real(self.folder), _real(root)))
        names = [path.relative_to(top).as_posix() for path, top in pairs if path.is_relative_to(top)]
        return tuple(dict.fromkeys(names))

    @property
    def config(self) -> Config:
        """The settings in force, read again when a file changed.

        Raises:
            ConfigError: `bank.toml`, or the user's own settings, are not valid.
            NewerVersionError: a newer version of the program wrote it.
        """
        path, personal = self.folder / "bank.toml", self.personal
        state = (_state_of(path), personal, _state_of(personal.path) if personal else (), self.is_repaired)
        if self._config is None or state != self._config_state:
            from memorybank.store.config import read_config

            self._config = read_config(path, personal, is_repaired=self.is_repaired)
            self._config_state = state
        return self._config

    @property
    def main_files(self) -> tuple[str, ...]:
        """The files that `load` prints: the three contracts, or the files of the bank's layout."""
        if self.layout.contracted:
            return CONTRACT_FILES
        return (*CLINE_FILES, *(each for each in CLINE_OTHERS if os.path.lexists(self.folder / each)))

    def present_files(self) -> list[str]:
        """Name the files of `main_files` that are there; a link that leads nowhere, or out, is one too."""
        return [file for file in self.main_files if os.path.lexists(self.folder / file)]

    @property
    def init_command(self) -> str:
        """The command that creates a missing memory file, from any current folder."""
        if not self.layout.contracted:
            # such a bank can only be created where banks of this layout are searched for
            is_found = self.folder == self.project / self.layout.folder
            return f"bank init --layout {self.layout.name} {quoted(self.project)}" if is_found else "bank outline"
        if self.is_users_own:
            named = self.folder.parent.name == NAMESPACES
            return f"bank init --namespace {self.folder.name}" if named else "bank init --global"
        adopt = "" if self.layout == HOME else "--adopt "
        return f"bank init {adopt}{quoted(self.project)}"

    def locate(self, file: str) -> tuple[Path, str]:
        """Return the path of a file the user named, and its name inside the bank.

        The name is tried as in `name_of`, then relative to the bank, the project, and the caller's folder. `.md` may be
        left out. The file need not exist, but its place must be inside the bank or the project.

        Raises:
            OutsideError: the place is outside both.
        """
        _refuse_invalid(file)
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
        """Return the path of a file from its name in the bank, as the journal stores it. The file need not exist.

        Raises:
            OutsideError: the place is outside both bank and project.
        """
        _refuse_invalid(name)
        path = (self.folder if _is_of_bank(name) else self.project) / name
        if not name.startswith(_FROM_PROJECT) and not os.path.lexists(path) and os.path.lexists(self.folder / name):
            # a bank folder known only from the bank's own templates; its name is relative to the bank
            path = self.folder / name
        self.name_of(path)
        return path, name

    def name_of(self, path: Path) -> str:
        """Return the name of a path. No other path has the same name, whichever files exist.

        The bank's own files are named relative to the bank, all others relative to the project. A project file gets
        `./` if its name looks like one of the bank's own: `progress.md` is the contract, `./progress.md` another file.

        Raises:
            OutsideError: the path is in neither, with or without following links.
        """
        absolute = os.path.abspath(path)  # noqa: PTH100  without following links
        for root in self.roots:
            for place in _with_links(absolute):
                for base in _with_links(root):
                    name = _below(place, base)
                    if name:
                        parts = name.split("/")
                        if parts[0] in _HIDDEN_NAMES or ".git" in parts:
                            raise OutsideError(path=path, why="bank never edits files in there")
                        return self._canonical(name, in_bank=root == self.folder)
        raise OutsideError(path=path)

    def _canonical(self, name: str, *, in_bank: bool) -> str:
        if in_bank:
            if self.is_users_own:
                return name
            return name if _is_of_bank(name) else f"{self.folder.relative_to(self.project).as_posix()}/{name}"
        return f"{_FROM_PROJECT}{name}" if _is_of_bank(name) else name

    def existing(self, file: str) -> tuple[Path, str]:
        """Return the path and name of an existing file.

        Raises:
            NoFileError: the file does not exist; it lists the closest names.
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
        """Read a file of the bank or its project; a link is followed if it stays inside.

        Raises:
            NoFileError: the file does not exist.
            OutsideError: it is outside the bank and the project.
            LimitError: it is too large.
        """
        from memorybank.files.read import read, resolve

        return read(resolve(path, self.roots))

    def list_files(self) -> list[str]:
        """List the Markdown files of the bank, then those below the project's plans, research and solutions folders."""
        from memorybank.files.read import why_outside
        from memorybank.store.doc_folders import ROOTS, doc_folders

        found = sorted(path for path in self.folder.glob("*.md"))
        for root in (self.project / each for each in ROOTS):
            for name in doc_folders(str(root)) if not why_outside(root, self.roots) else ():
                found += sorted((root / name).glob("*.md"))
        return [self.name_of(path) for path in found]

    def contract_of(self, name: str) -> Contract | None:
        """Return the contract of a file of this bank by its name, or None.

        Raises:
            ConfigError: the bank's own template for it is not valid.
        """
        if not self.layout.contracted or "/" in name:
            return None
        templates = self.folder / "templates"
        path = templates / "contracts" / name
        # the bytes are compared: an editor may keep the size, and two saves may have the same time
        own = path.read_bytes() if path.is_file() else None
        remembered = self._contracts.get(name)
        if remembered is not None and remembered[0] == own:
            return remembered[1]
        from memorybank.contracts.load import load_contract

        contract = load_contract(name, templates)
        self._contracts[name] = (own, contract)
        return contract


def _refuse_invalid(name: str) -> None:
    """Refuse a name that no file can have here: empty, with control characters, or not encodable.

    Raises:
        OutsideError: it is such a name.
    """
    is_encodable = True
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        is_encodable = False
    if not name or not is_encodable or any(ord(char) < 32 or ord(char) == 127 for char in name):  # noqa: PLR2004  control characters
        raise OutsideError(path=name, why="it is not a valid file name")


def _is_of_bank(name: str) -> bool:
    """Check whether a name looks like one of the bank's own files; decided by the name alone."""
    first, slash, _ = name.partition("/")
    return not slash or first in BANK_FOLDERS


def _with_links(path: Path | str) -> Iterator[str]:
    """Yield a path as it is written, then with all links followed: asked for only if the first one does not fit."""
    yield os.path.abspath(path)  # noqa: PTH100  without following links
    yield os.path.realpath(path)


def _below(place: str, base: str) -> str:
    """Return the name that a path has below a folder; "" if it is not in it. Paths of text take a third of the time."""
    start = f"{base.rstrip(os.sep)}{os.sep}"
    is_in = os.path.normcase(place).startswith(os.path.normcase(start))
    return place[len(start) :].replace(os.sep, "/") if is_in else ""


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _state_of(path: Path) -> tuple[int, ...]:
    """Return what changes when a file does; empty without one."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
