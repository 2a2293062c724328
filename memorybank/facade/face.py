"""What every part of the facade has: the bank's folder, and who calls."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from memorybank.facade.values import checked

if TYPE_CHECKING:
    from memorybank.facade.caller import Caller
    from memorybank.store.folder import BankFolder
    from memorybank.store.journal.commit import Way


class Face:
    """Methods on one bank. Arguments of public methods are checked against their annotations, see `values.checked`."""

    __slots__ = ("_caller", "_folder")

    def __init__(self, folder: BankFolder, caller: Caller) -> None:
        self._folder = folder
        self._caller = caller

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        for name, value in list(vars(cls).items()):
            if not name.startswith("_") and isinstance(value, FunctionType):
                setattr(cls, name, checked(value))

    def _way(self, *, force: bool = False) -> Way:
        return self._caller.way(self._folder, force=force)

    def _current_session(self) -> str:
        from memorybank.records.sessions.current import current_session

        return current_session(self._folder, self._caller.environ, self._caller.here)
