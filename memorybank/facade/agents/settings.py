"""The settings of a bank: those in force, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.store.settings.in_force import SettingValue


class SettingMethods(Face):
    """The settings, as a part of `Bank`."""

    __slots__ = ()

    @property
    def settings(self) -> Settings:
        """The settings: `get`."""
        return Settings(self._folder, self._caller)


class Settings(Face):
    """The settings of a bank: those in `bank.toml`, the user's own, and those of the environment."""

    __slots__ = ()

    def get(self, key: str) -> SettingValue:
        """Return a setting by its key, such as `agents.writes`: its value, and where it comes from.

        Raises:
            FieldError: there is no such setting.
            ConfigError: a file of settings is invalid.
        """
        from memorybank.store.settings.in_force import setting_value

        return setting_value(self._folder, key)
