"""The settings of a bank: those in force, where each comes from, and changes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.facade.caller import Caller
    from memorybank.store.settings.change_setting import SettingChange
    from memorybank.store.settings.in_force import SettingList, SettingValue


class SettingMethods(Face):
    """The settings, as a part of `Bank`."""

    __slots__ = ()

    @property
    def settings(self) -> Settings:
        """The settings: `get`, `set`, `unset`, `list`, `path`."""
        return Settings(self._folder, self._caller)


class Settings(Face):
    """The settings of a bank: those in `bank.toml`, the user's own, and those of the environment."""

    __slots__ = ()

    def get(self, key: str) -> SettingValue:
        """Return a setting by its key, such as `agents.writes`: its value in force, and where that comes from.

        Raises:
            FieldError: there is no such setting.
            ConfigError: a file of settings is invalid.
        """
        from memorybank.store.config import FILE, layers_of
        from memorybank.store.settings.in_force import value_in_force

        folder = self._folder
        return value_in_force(layers_of(folder.folder / FILE, folder.personal), key)

    def set(self, key: str, value: object, *, user: bool = False) -> SettingChange:
        """Set a setting in `bank.toml`, or with `user` in the user's own file; no other byte of the file changes.

        Raises:
            FieldError: there is no such setting, or it does not take the value.
            ConfigError: the file is not valid TOML.
            BankError: the file cannot be written.
        """
        return self._change(key, value, user=user)

    def unset(self, key: str, *, user: bool = False) -> SettingChange:
        """Remove a setting from `bank.toml`, or from the user's own file, so that the next place counts.

        Raises:
            FieldError: there is no such setting.
            ConfigError: the file is not valid TOML.
            BankError: the file cannot be written.
        """
        return self._change(key, None, user=user)

    def _change(self, key: str, value: object, *, user: bool) -> SettingChange:
        from memorybank.store.settings.change_setting import change_bank

        if user:
            return change_users_setting(self._caller, key, value)
        return change_bank(self._folder, key, value, self._way())

    def list(self, prefix: str = "") -> SettingList:
        """Return all settings, or those below a prefix such as `agents`, with their values in force.

        Raises:
            FieldError: no setting is below the prefix.
            ConfigError: a file of settings is invalid.
        """
        from memorybank.store.config import FILE, layers_of
        from memorybank.store.settings.in_force import values_in_force

        folder = self._folder
        return values_in_force(layers_of(folder.folder / FILE, folder.personal), prefix)

    def path(self, *, user: bool = False) -> Path:
        """Return the path of `bank.toml`, or of the user's own file; it need not exist."""
        from memorybank.store.config import FILE

        return users_settings_path(self._caller) if user else self._folder.folder / FILE


def users_settings(caller: Caller, prefix: str = "") -> SettingList:
    """Return the settings without a bank: the user's own, those of the environment, and the defaults.

    Raises:
        FieldError: no setting is below the prefix.
        ConfigError: the user's own file is invalid.
    """
    from memorybank.store.config import layers_of
    from memorybank.store.home import Personal
    from memorybank.store.settings.in_force import values_in_force

    return values_in_force(layers_of(None, Personal(caller.home, caller.environ)), prefix)


def change_users_setting(caller: Caller, key: str, value: object) -> SettingChange:
    """Set or, with None, remove one of the user's own settings; no bank is needed.

    Raises:
        FieldError: there is no such setting, it does not take the value, or it belongs to a bank.
        ConfigError: the file is not valid TOML.
        BankError: the file cannot be written.
    """
    from memorybank.store.home import Personal
    from memorybank.store.settings.change_setting import change_user

    personal = Personal(caller.home, caller.environ)
    return change_user(personal, key, value, timeout=caller.timeout, dry_run=caller.dry_run)


def users_settings_path(caller: Caller) -> Path:
    """Return the path of the user's own settings; it need not exist."""
    from memorybank.store.home import Personal

    return Personal(caller.home, caller.environ).path
