"""The changes of a bank's files, as they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.agents.bank_watch import BankWatch


class WatchMethods(Face):
    """The watch on the files, as a part of `Bank`."""

    __slots__ = ()

    def watch(self) -> BankWatch:
        """Watch the bank's files from now on: memory files, records, sessions, whoever changes them.

            with bank.watch() as watch:
                while changes := watch.wait():
                    print(changes.edited)

        Nothing runs in the background, and the bank may be deleted meanwhile.
        """
        from memorybank.agents.bank_watch import BankWatch

        return BankWatch(self._folder)
