"""The values of settings, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import FieldError
from memorybank.listing import Listing
from memorybank.shell import quoted
from memorybank.store.config import BANK, USER, found_in
from memorybank.store.settings.database_url import URL, without_password
from memorybank.store.settings.table import BY_KEY, OTHERS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypedDict

    from memorybank.store.config import Layer
    from memorybank.store.settings.table import Setting

    class SettingWire(TypedDict):
        """The JSON form of a setting."""

        key: str
        value: bool | int | float | str | list[str]
        source: str
        default: bool | int | float | str | list[str]
        kind: str
        text: str


class SettingValue(NamedTuple):
    """A setting, its value in force, and where that comes from: environment, bank, user or default."""

    setting: Setting
    value: Any
    source: str

    @property
    def key(self) -> str:
        """The key of the setting."""
        return self.setting.key

    def to_wire(self) -> SettingWire:
        """Return the JSON form."""
        default = self.setting.default
        return {
            "key": self.key,
            "value": list(self.value) if isinstance(self.value, tuple) else self.value,
            "source": self.source,
            "default": list(default) if isinstance(default, tuple) else default,
            "kind": self.setting.kind,
            "text": self.setting.text,
        }


class SettingList(Listing[SettingValue]):
    """All settings with their values in force."""

    __slots__ = ()
    plural = "settings"


def setting_of(key: str) -> Setting:
    """Return a setting by its key; one whose name the bank chooses, such as `check.severity.dead-link`, by that.

    Raises:
        FieldError: there is no such setting; the error names the closest one.
    """
    found = BY_KEY.get(key) or BY_KEY.get(key.strip().casefold().replace("-", "_"))
    if found is not None:
        return found
    for setting in OTHERS:
        prefix = setting.key.removesuffix("*")
        if setting.key.endswith("*") and key.startswith(prefix) and key != prefix:
            return with_choices(setting._replace(key=key))
    from memorybank.document.addresses import near

    close = near(key, list(BY_KEY))
    hint = f"bank config get {quoted(close[0])}" if close else "bank config list"
    did = f"; did you mean {' or '.join(close)}?" if close else ""
    raise FieldError(field="key", why=f"no setting is called {key!r}{did}", hint=hint)


def with_choices(setting: Setting) -> Setting:
    """Return the setting of a heading with the kinds of notes, which another table has."""
    if not setting.key.startswith("headings."):
        return setting
    from memorybank.contracts.layouts import CLINE_NOTES

    return setting._replace(choices=(*CLINE_NOTES, "other"))


def value_in_force(layers: Sequence[Layer], key: str) -> SettingValue:
    """Return the value of a setting in force, and where it comes from.

    Raises:
        FieldError: there is no such setting.
        ConfigError: a file of settings is invalid.
    """
    return _in_force(setting_of(key), layers)


def values_in_force(layers: Sequence[Layer], prefix: str = "") -> SettingList:
    """Return all settings whose key is the prefix or below it, in the order of the table.

    Raises:
        FieldError: no setting is below it.
        ConfigError: a file of settings is invalid.
    """
    settings = [*SETTINGS, *_others(layers)]
    wanted = [each for each in settings if not prefix or each.key == prefix or each.key.startswith(f"{prefix}.")]
    if not wanted:
        wanted = [setting_of(prefix)]
    return SettingList(_in_force(setting, layers) for setting in wanted)


def _in_force(setting: Setting, layers: Sequence[Layer]) -> SettingValue:
    value, source = found_in(tuple(layers), setting)
    if setting.key == URL:
        # the environment may have a password in it, and nothing shows it
        value = without_password(value)
    return SettingValue(setting, value, source)


def _others(layers: Sequence[Layer]) -> Iterator[Setting]:
    """Yield the settings of single features; of those with free names, the names that the bank has."""
    bank = next((layer.table for layer in layers if layer.source == BANK), {})
    for setting in OTHERS:
        if not setting.key.endswith(".*"):
            yield setting
            continue
        table: Any = bank
        for name in setting.key.split(".")[:-1]:
            table = table.get(name, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict):
            yield from (with_choices(setting._replace(key=f"{setting.key[:-1]}{name}")) for name in table)


__all__ = ["BANK", "USER", "SettingList", "SettingValue", "setting_of", "value_in_force", "values_in_force"]
