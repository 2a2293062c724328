"""When corrections are mined without anybody asking: the lines of a timer, which a person enters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.corrections.timer import TimerLines


class Scheduling(Face):
    """The method of `bank.corrections` for timers."""

    __slots__ = ()

    def timer(self) -> TimerLines:
        """Return the lines for cron and systemd that mine the project's logs at `corrections.schedule`.

        Where the bank syncs by itself (`sync.enabled`), there is a line for cron that syncs it, too. Nothing is
        installed.

        Raises:
            FieldError: the schedule is not one of cron, or a path has a line break.
            ConfigError: a setting is invalid.
        """
        from memorybank.corrections.timer import timer_lines
        from memorybank.facade.agents.clients import program_words
        from memorybank.records.corrections.settings import read_settings
        from memorybank.store.config import FILE, found_in, layers_of
        from memorybank.store.settings.table import BY_KEY

        bank = self._folder
        name = bank.config.name or bank.project.name
        environ = self._caller.environ
        every = 0
        if bank.config.sync_enabled:
            every, _ = found_in(layers_of(bank.folder / FILE, bank.personal), BY_KEY["sync.interval"])
        words = program_words()
        return timer_lines(read_settings(bank).schedule, bank.project, name, words, environ, sync_seconds=every)
