"""What every part of the facade has: the bank's folder, and who calls."""

from __future__ import annotations

from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any

from memorybank.errors import BankError, FieldError, NoBankError, NoFileError
from memorybank.facade.values import checked
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from memorybank.facade.caller import Caller
    from memorybank.records.memories.memories import SavedRecord
    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

CURRENT = "current"


class Face:
    """Methods on one bank. Arguments of public methods are checked against their annotations, see `values.checked`."""

    __slots__ = ("_caller", "_opened")

    def __init__(self, folder: BankFolder, caller: Caller) -> None:
        self._opened = folder
        self._caller = caller

    @property
    def _folder(self) -> BankFolder:
        """The bank's folder, which must still be there: nothing may make it again in its old place.

        Raises:
            NoBankError: it was moved or deleted after it was opened.
        """
        if not self._opened.folder.is_dir():
            why = f"{self._opened.folder} was moved or deleted"
            raise NoBankError(start=self._opened.folder, why=why, hint="open the bank again in its new place")
        return self._opened

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        for name, value in list(vars(cls).items()):
            if name.startswith("_"):
                continue
            if isinstance(value, FunctionType):
                setattr(cls, name, checked(value))
            elif isinstance(value, classmethod | staticmethod):
                setattr(cls, name, type(value)(checked(value.__func__)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._opened.folder}>"

    def _way(self, *, force: bool = False) -> Way:
        return self._caller.way(self._folder, force=force)

    def _current_session(self) -> str:
        from memorybank.records.sessions.current import current_session

        return current_session(self._folder, self._caller.environ, self._caller.here)

    def _session_of(self, session_id: str, *, option: str = "") -> str:
        """Return the session that is meant: as it was named, or the current one for "" and "current".

        `option` is the option of the command that names a session.

        Raises:
            NoRecordError: the current one is meant, but no session is current.
        """
        found = session_id if session_id not in {"", CURRENT} else self._current_session()
        if not found:
            from memorybank.records.sessions.sessions import no_current_session

            raise no_current_session(self._folder, option)
        return found

    def _local_now(self) -> datetime:
        return self._caller.local(self._caller.now())

    def _saved(self, saved: SavedRecord) -> SavedRecord:
        """Return what a write of a record did; from then on the user's other banks know of this one."""
        if saved.receipt.operation:
            from memorybank.store.manage.known_banks import remember

            remember(self._folder, self._caller.home, self._caller.now())
        return saved

    def _moment(self, given: str | datetime, field: str) -> str:
        """Return a day or time as records are compared with it; "" for "".

        Raises:
            FieldError: it is not a day or time.
        """
        if not given:
            return ""
        from memorybank.records.filter import parse_moment

        text = given if isinstance(given, str) else given.isoformat()
        return parse_moment(text, self._caller.now(), field=field)


@contextmanager
def address_for_name(folder: BankFolder, name: str, verb: str, *, option: str = "") -> Iterator[None]:
    """Let an error for a missing file name the address that a plain name means: a write needs the address itself.

    `option` is the option of the command that takes it.

    Raises:
        NoFileError: as raised inside, with the addresses of the sections with this name.
    """
    try:
        yield
    except NoFileError as error:
        from memorybank.workflow.lines.plain_names import SeveralSectionsError, address_named, is_plain

        if not is_plain(name):
            raise
        try:
            found = [address_named(folder, name)]
        except SeveralSectionsError as several:
            addresses = several.details["addresses"]
            found = [str(each) for each in addresses] if isinstance(addresses, list) else []
        except BankError:
            found = []
        if not found:
            raise
        named = NoFileError(path=name, near=found, hint=f"{verb} {quoted(found[0])}")
        if option:
            named.options = {option: found[0]}
        raise named from error


class Place(Face):
    """Where a bank is, and who writes to it."""

    __slots__ = ()

    @property
    def path(self) -> Path:
        """The folder of the memory files."""
        return self._folder.folder

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self._folder.project

    @property
    def layout(self) -> str:
        """The layout of the bank: where its files are and which sections they have."""
        return self._folder.layout.name

    @property
    def is_contracted(self) -> bool:
        """Whether its memory files follow contracts of ours; those of another tool's bank do not."""
        return self._folder.layout.contracted

    @property
    def init_command(self) -> str:
        """The command that makes a memory file that is missing."""
        return self._folder.init_command

    @property
    def tool(self) -> str:
        """The tool that receipts name as the writer, from the environment."""
        return self._caller.actor(self._folder).tool

    @property
    def read_only(self) -> bool:
        """Whether the bank is only read: it was found while looking for others."""
        return self._folder.read_only

    def path_of(self, file: str) -> Path:
        """Return the path of a file that a finding or a receipt names."""
        return self._folder.place_of(file)[0]

    def has_file(self, file: str) -> bool:
        """Whether there is a file, or a link, of this name in the bank or its project."""
        import os

        from memorybank.errors import OutsideError

        try:
            return os.path.lexists(self._folder.locate(file)[0])
        except OutsideError:
            return False


def check_choice(value: str, choices: Sequence[str], *, field: str) -> str:
    """Return the choice that a word is, in any case; "" may be one, and is not listed.

    Raises:
        FieldError: it is not one of them.
    """
    found = next((each for each in choices if each.casefold() == value.strip().casefold()), None)
    if found is None:
        names = ", ".join(filter(None, choices))
        raise FieldError(field=field, why=f"invalid value {value!r}", hint=f"choose from {names}")
    return found


def check_limit(limit: int, *, least: int, field: str = "limit") -> None:
    """Refuse a number that is too small.

    Raises:
        FieldError: it is.
    """
    if limit < least:
        raise FieldError(field=field, why=f"{limit} is less than {least}", hint=f"pass a number of at least {least}")
