"""One value of a TOML file is set or removed; every other byte stays: comments, order, line endings, a BOM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorybank.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_BOM = b"\xef\xbb\xbf"


def with_value(data: bytes, key: tuple[str, ...], value: Any, path: Path) -> bytes:
    """Return the file with a value at a key, whose tables are made if they are missing; None removes the value.

    Raises:
        ConfigError: the file is not valid TOML, a part of the key is no table, or only this value cannot be changed.
    """
    import tomllib

    bom, text = (_BOM, data[len(_BOM) :]) if data.startswith(_BOM) else (b"", data)
    try:
        before = tomllib.loads(text.decode("utf-8"))
        after = text.decode("utf-8") if value is None and not _has(before, key) else _edited(text.decode(), key, value)
        changed = tomllib.loads(after)
    except (ValueError, RecursionError) as error:
        raise ConfigError(path=path, why=str(error), hint="correct the file in an editor") from error
    if _filled(changed) != _filled(_expected(before, key, value)):
        why = f"{'.'.join(key)} cannot be changed alone in this file"
        raise ConfigError(path=path, why=why, hint="change the file in an editor")
    return bom + after.encode("utf-8")


def _has(table: Any, key: tuple[str, ...]) -> bool:
    for name in key:
        if not isinstance(table, dict) or name not in table:
            return False
        table = table[name]
    return True


def _edited(text: str, key: tuple[str, ...], value: Any) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    *outer, last = key
    try:
        document = tomlkit.parse(text)
        table: Any = document
        for name in outer:
            if name not in table:
                table[name] = tomlkit.table()
            table = table[name]
            if not hasattr(table, "items"):
                raise ValueError(f"{name} is not a table")
        if value is None:
            del table[last]
        else:
            table[last] = value
        edited = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise ValueError(str(error)) from error
    # what was added has plain newlines; a file that has none of these keeps its own
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        return edited.replace("\r\n", "\n").replace("\n", "\r\n")
    return edited


def _expected(before: dict[str, Any], key: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return what the file should mean afterwards."""
    *outer, last = key
    copy = dict(before)
    table = copy
    for name in outer:
        if value is None and name not in table:
            return copy
        inner = table.get(name, {})
        table[name] = dict(inner) if isinstance(inner, dict) else {}
        table = table[name]
    if value is None:
        table.pop(last, None)
    else:
        table[last] = list(value) if isinstance(value, tuple) else value
    return copy


def _filled(table: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a table without tables that hold none: the last value of a dotted key takes its table."""
    inner = {name: _filled(value) if isinstance(value, dict) else value for name, value in table.items()}
    return {name: value for name, value in inner.items() if value != {}}
