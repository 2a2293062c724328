"""Making a bank: in a project, in the form of another tool, or one that belongs to the user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError, NoFileError

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.document.receipt import Receipt, ReceiptWire
    from memorybank.facade.caller import Caller
    from memorybank.store.folder import BankFolder
    from memorybank.store.manage.init import InitResult

    class SetUpWire(TypedDict):
        """The JSON form of a set up."""

        bank_folder: str
        layout: str
        kept_files: list[str]
        lost_files: list[str]
        advice: list[str]
        receipt: ReceiptWire


class SetUp(NamedTuple):
    """A bank that was made or completed: the files that were there already, and those that are lost.

    A lost file held text and was deleted; it is not made again, because `bank restore` brings the text back. `note`
    says what is unexpected where the project is the user's home folder.
    """

    folder: BankFolder
    receipt: Receipt
    kept: tuple[str, ...]
    lost: tuple[str, ...]
    note: str

    @property
    def path(self) -> Path:
        """The folder of the memory files."""
        return self.folder.folder

    @property
    def layout(self) -> str:
        """The layout of the bank."""
        return self.folder.layout.name

    def to_wire(self) -> SetUpWire:
        """Return the JSON form: the bank, its files, advice if something is unexpected, and the receipt."""
        return {
            "bank_folder": str(self.path),
            "layout": self.layout,
            "kept_files": list(self.kept),
            "lost_files": list(self.lost),
            "advice": [self.note] if self.note else [],
            "receipt": self.receipt.to_wire(),
        }


def belongs_to_user(folder: Path | str, caller: Caller) -> bool:
    """Whether a folder is that of the global bank or of a named one, which belong to the user and to no project."""
    from memorybank.store.home import is_users_own

    return is_users_own(Path(folder).absolute(), caller.home)


def set_up(
    project: Path | str,
    caller: Caller,
    *,
    adopt: bool = False,
    layout: str = "",
    namespace: str | None = None,
) -> SetUp:
    """Make a bank in a project, or complete the one that is there; existing files are never changed.

    With `adopt` a bank of another layout is used where it stands; `layout` makes it in the form of another tool.
    `namespace` makes a named bank of the user instead, which belongs to no project; so does the global bank, which is
    made where `project` is the user's own place.

    Raises:
        ArtifactError: there is a bank of another layout, and `adopt` was not asked for.
        FieldError: the layout or the namespace is invalid, or does not go with the rest.
        NoFileError: there is no such folder.
    """
    made = _make(Path(project), caller, adopt=adopt, layout=layout, namespace=namespace)
    if not made.receipt.dry_run:
        from memorybank.store.manage.known_banks import remember

        remember(made.bank, caller.home, caller.now())
    note = "" if namespace is not None else _note(made.bank, caller.home, Path(project))
    return SetUp(made.bank, made.receipt, made.kept, made.lost, note)


def _make(project: Path, caller: Caller, *, adopt: bool, layout: str, namespace: str | None) -> InitResult:
    from memorybank.store.home import is_users_own, namespace_folder
    from memorybank.store.manage.init import init, init_users_own

    home = caller.home
    own = project.absolute() if namespace is None else namespace_folder(home, namespace)
    is_own = namespace is not None or is_users_own(own, home)
    if adopt and layout:
        why = "a bank that is adopted keeps its own"
        raise FieldError(field="layout", why=why, hint="leave out either adopt or layout")
    if layout and is_own:
        raise FieldError(field="layout", why="a bank of the user has no other layout", hint="leave it out")
    if is_own:
        return init_users_own(own, caller.way(None))
    if any(char < " " for char in str(own)):
        raise FieldError(field="folder", why=f"{str(own)!r} has a control character", hint="rename the folder")
    if own.name == ".memorybank":
        own = own.parent
    if not own.is_dir():
        from memorybank.shell import quoted

        raise NoFileError(path=own, hint=f"mkdir -p {quoted(own)}")
    return init(own, caller.way(None), adopt=adopt, home=home, layout=layout)


def _note(bank: BankFolder, home: Path, asked: Path) -> str:
    """Return what is unexpected where the project is the user's home folder."""
    from memorybank.store.home import is_users_own

    if not is_users_own(bank.folder, home) or is_users_own(asked.absolute(), home):
        return ""
    if not bank.is_users_own:
        return (
            f"{bank.project} is your home folder: this bank is the project's, and your global bank (bank --global) too"
        )
    return (
        f"{asked.absolute()} is your home folder: the bank there is your global bank and of no project, so docs/ is "
        f"not searched; to change that, add the line home_is_project = true to {bank.folder / 'bank.toml'}"
    )
