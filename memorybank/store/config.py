"""`bank.toml`: the settings of a bank, each with a default; some can be the user's own, or the environment's."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.errors import ConfigError, NewerVersionError, NoFileError
from memorybank.files.write import read
from memorybank.store.settings.table import BY_KEY, LAYOUT_VERSION, LOCAL, SCOPES, SETTINGS, parse_value, valid_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memorybank.store.home import Personal
    from memorybank.store.settings.table import Setting

FILE = "bank.toml"
_EXCLUSIVE = ("load.budget_tokens", "load.budget_chars")


class Config(NamedTuple):
    """The settings of a bank, as they are in force; `store/settings/table.py` says what each is for.

    `headings` says which kind of note a section of another tool's bank takes, by its name, or "other".
    """

    name: str = ""
    project: str = ""
    layout: int = LAYOUT_VERSION
    kept_megabytes: int = 64
    scope: str = SCOPES[0]
    semantic: bool = False
    home_is_project: bool = False
    log_zone: str = LOCAL
    load_budget_tokens: int = 0
    load_budget_chars: int = 0
    agents_inject: bool = False
    agents_writes: str = "block"
    agents_stop: str = "remind"
    agents_mine: bool = True
    agents_prompt: bool = False
    sync_enabled: bool = False
    headings: Mapping[str, str] = MappingProxyType({})


class Layer(NamedTuple):
    """One place that settings are read from: its name, the path or "" for the environment, and its values."""

    source: str
    path: Path | None
    table: Mapping[str, Any]


ENVIRONMENT, BANK, USER, DEFAULT = "environment", "bank", "user", "default"


def read_config(path: Path, personal: Personal | None = None, *, is_repaired: bool = False) -> Config:
    """Read the settings in force: of the environment, the bank's file, the user's file, or else the defaults.

    While the file is repaired, its values do not count: one of them may be invalid.

    Raises:
        ConfigError: a value has the wrong type, or a file is not valid TOML.
        NewerVersionError: the bank's layout is newer than this program.
    """
    layers = layers_of(path, personal)
    bank = next(layer for layer in layers if layer.source == BANK)
    layout = _raw(bank, BY_KEY["layout"]) if is_repaired else value_in(bank, BY_KEY["layout"])
    if isinstance(layout, int) and layout > LAYOUT_VERSION:
        raise NewerVersionError(path=path, found=layout, known=LAYOUT_VERSION)
    if is_repaired:
        return Config()
    values = {setting.field: found_in(layers, setting)[0] for setting in SETTINGS}
    return Config(**values, headings=_headings(bank.table, path))


def layers_of(path: Path | None, personal: Personal | None) -> tuple[Layer, ...]:
    """Return where settings are read from, the place that is looked at first first; without a path there is no bank.

    Raises:
        ConfigError: a file is not valid TOML.
    """
    bank = Layer(BANK, path, read_table(path)) if path is not None else Layer(BANK, Path(FILE), {})
    if personal is None:
        return (bank,)
    environment = Layer(ENVIRONMENT, None, personal.environ)
    return (environment, bank, Layer(USER, personal.path, read_table(personal.path)))


def found_in(layers: tuple[Layer, ...], setting: Setting) -> tuple[Any, str]:
    """Return the value of a setting and the name of its place.

    Raises:
        ConfigError: a value that was reached is not one the setting takes.
    """
    for layer in layers:
        if not setting.personal and layer.source != BANK:
            continue
        value = value_in(layer, setting)
        if value is not None:
            return value, layer.source
        if setting.key in _EXCLUSIVE and _has_other(layer, setting):
            break
    return setting.default, DEFAULT


def value_in(layer: Layer, setting: Setting) -> Any:
    """Return the value of a setting in one place; None if it is not there.

    Raises:
        ConfigError: it is not one the setting takes.
    """
    if layer.path is None:
        text = layer.table.get(setting.variable, "")
        if not text:
            return None
        try:
            return parse_value(setting, text)
        except ValueError as error:
            why = f"{setting.variable} {error}, not {text!r}"
            raise ConfigError(path="the environment", why=why, hint=f"unset {setting.variable}") from None
    value = _raw(layer, setting)
    if value is None:
        return None
    try:
        value = valid_value(setting, value)
    except ValueError as error:
        raise ConfigError(path=layer.path, why=f"{setting.key} {error}") from None
    if setting.key in _EXCLUSIVE and _has_other(layer, setting):
        raise ConfigError(path=layer.path, why="load needs budget_tokens or budget_chars, not both")
    return value


def _raw(layer: Layer, setting: Setting) -> Any:
    """Return what a file has for a key.

    Raises:
        ConfigError: the key's table is a value.
    """
    table: Any = layer.table
    *outer, last = setting.parts
    for name in outer:
        table = table.get(name, {})
        if not isinstance(table, dict):
            why = f"{name} must be a table: [{name}] {last} = {_example(setting)}"
            raise ConfigError(path=layer.path or "", why=why)
    return table.get(last)


def _example(setting: Setting) -> str:
    """Return a value as TOML has it, for the text of an error."""
    if setting.key in _EXCLUSIVE:
        return "8000"
    return str(setting.default).lower() if isinstance(setting.default, bool | int) else _quoted(str(setting.default))


def _has_other(layer: Layer, setting: Setting) -> bool:
    """Whether a place has the other one of two settings that exclude each other."""
    (other,) = (BY_KEY[key] for key in _EXCLUSIVE if key != setting.key)
    return bool(layer.table.get(other.variable)) if layer.path is None else _raw(layer, other) is not None


def _headings(table: Mapping[str, Any], path: Path) -> dict[str, str]:
    """Return `[headings]`: the kind of note that a section takes."""
    rows = table.get("headings", {})
    if not isinstance(rows, dict):
        raise ConfigError(path=path, why="headings must be a table")
    if not rows:
        return {}
    from memorybank.contracts.layouts import CLINE_NOTES

    kinds = (*CLINE_NOTES, "other")
    for name, kind in rows.items():
        if kind not in kinds:
            raise ConfigError(
                path=path, why=f"headings: invalid kind {kind!r} of {name!r}: choose from {', '.join(kinds)}"
            )
    return dict(rows)


def can_be_set(key: str, path: Path, personal: Personal | None) -> bool:
    """Return False only if a setting has its default: no file names its table. The reader of TOML stays unloaded."""
    setting = BY_KEY[key]
    word = setting.parts[0].encode()
    if personal is None:
        return word in _bytes_of(path)
    return bool(personal.environ.get(setting.variable)) or word in _bytes_of(path) or word in _bytes_of(personal.path)


def _bytes_of(path: Path) -> bytes:
    try:
        return read(path)
    except NoFileError:
        return b""


def read_table(path: Path) -> dict[str, Any]:
    """Read everything in the settings file; an empty table if there is no file.

    Raises:
        ConfigError: the file is not valid TOML.
    """
    try:
        data = read(path)
    except NoFileError:
        return {}
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(path=path, why=str(error)) from error


def _quoted(text: str) -> str:
    """Return a text as a TOML string; bytes of a folder's name that are not UTF-8 become U+FFFD."""
    import json

    return json.dumps(os.fsencode(text).decode("utf-8", "replace"), ensure_ascii=False)


def render_config(config: Config) -> str:
    """Return the settings file of a new bank."""
    return (
        "# settings of this memory bank; every line is optional\n"
        f"name = {_quoted(config.name)}\n"
        f"layout = {config.layout}\n"
        f"kept_megabytes = {config.kept_megabytes}  # space for undo\n"
        f'scope = "{config.scope}"  # "repository": all git worktrees share the bank of the main one\n'
        + (
            "home_is_project = true  # this is the global bank and the bank of the home folder\n"
            if config.home_is_project
            else ""
        )
    )
