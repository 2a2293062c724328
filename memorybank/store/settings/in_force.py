"""The value of a setting, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import FieldError
from memorybank.store.config import FILE, found_in, layers_of
from memorybank.store.settings.table import BY_KEY

if TYPE_CHECKING:
    from typing import TypedDict

    from memorybank.store.folder import BankFolder
    from memorybank.store.settings.table import Setting

    class SettingValueWire(TypedDict):
        """The JSON form of a setting."""

        key: str
        value: bool | int | str | list[str]
        source: str


class SettingValue(NamedTuple):
    """A setting, its value in force, and where that comes from: environment, bank, user or default."""

    setting: Setting
    value: Any
    source: str

    @property
    def key(self) -> str:
        """The key of the setting."""
        return self.setting.key

    def to_wire(self) -> SettingValueWire:
        """Return the JSON form."""
        return {"key": self.key, "value": self.value, "source": self.source}


def setting_of(key: str) -> Setting:
    """Return a setting by its key.

    Raises:
        FieldError: there is no such setting; the error names the closest one.
    """
    found = BY_KEY.get(key.strip().casefold())
    if found is None:
        from memorybank.document.addresses import near

        close = near(key, list(BY_KEY))
        hint = f"bank config get {close[0]}" if close else "bank config list"
        raise FieldError(field="key", why=f"no setting is called {key!r}", hint=hint)
    return found


def setting_value(bank: BankFolder, key: str) -> SettingValue:
    """Return the value of a setting in force, and where it comes from.

    Raises:
        FieldError: there is no such setting.
        ConfigError: a file of settings is invalid.
    """
    setting = setting_of(key)
    value, source = found_in(layers_of(bank.folder / FILE, bank.personal), setting)
    return SettingValue(setting, value, source)
