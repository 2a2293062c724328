"""Change one setting: in the bank's file as an operation that can be undone, or in the user's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from memorybank.document.source import digest_of
from memorybank.errors import ConfigError, FieldError, NoFileError
from memorybank.files.write import FileMoved, lock, make_dirs, publish, read, resolve
from memorybank.shell import quoted
from memorybank.store.config import FILE
from memorybank.store.journal.commit import FileChange, commit
from memorybank.store.settings.database_url import LOGIN_PLACES, URL, check_url, without_password
from memorybank.store.settings.in_force import setting_of
from memorybank.store.settings.table import parse_value, valid_value
from memorybank.store.settings.toml_edit import with_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from memorybank.document.receipt import Receipt
    from memorybank.store.folder import BankFolder
    from memorybank.store.home import Personal
    from memorybank.store.settings.table import Setting
    from memorybank.store.way import Way

_TRIES = 5


class SettingChange(NamedTuple):
    """A setting that was changed: its value in the file now, null if it has none, the file, and the receipt.

    The receipt is null for the user's own file, whose changes are not in the journal of a bank.
    """

    key: str
    value: Any
    path: str
    receipt: Receipt | None = None


def typed_setting(key: str, value: Any, *, user: bool = False) -> tuple[Setting, Any]:
    """Return a setting and the value that was typed for it; None removes it from the file.

    Raises:
        FieldError: there is no such setting, it does not take the value, or not in that file.
    """
    setting = setting_of(key)
    unset = f"bank config unset {quoted(setting.key)}"
    if setting.fixed:
        raise FieldError(field=setting.key, why=f"`{setting.fixed}` sets it", hint=setting.fixed)
    if user and not setting.personal:
        why = "it belongs to the bank, so it cannot be your own"
        hint = f"bank config set {quoted(setting.key)} VALUE" if value is not None else unset
        raise FieldError(field=setting.key, why=why, hint=hint.replace("VALUE", quoted(str(value))))
    if value is None:
        return setting, None
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    try:
        _check_line(text)
        found = parse_value(setting, text)
        if setting.key == "log.zone":
            _check_zone(found)
        if setting.key == URL:
            check_url(found)
    except ValueError as error:
        text = without_password(text)
        raise FieldError(field=setting.key, why=f"{error}, not {text!r}", hint=_hint(setting, text)) from None
    return setting, list(found) if isinstance(found, tuple) else found


def _check_line(text: str) -> None:
    if any(ord(char) < 32 or ord(char) == 127 or "\ud800" <= char <= "\udfff" for char in text):  # noqa: PLR2004  control characters
        raise ValueError("must be one line of text")


def _check_zone(name: str) -> None:
    if name.casefold() in {"local", "utc"}:
        return
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be local, utc, or a name such as Europe/Berlin") from None


def _hint(setting: Setting, text: str) -> str:
    """Return a command that works: with the closest of the choices, or the value that is the default."""
    if setting.key == URL:
        return LOGIN_PLACES
    value = str(setting.default).lower() if isinstance(setting.default, bool) else str(setting.default or 8000)
    if setting.choices:
        from memorybank.document.addresses import near

        value = next(iter(near(text, setting.choices, 1, score=40)), setting.choices[0])
    return f"bank config set {quoted(setting.key)} {quoted(value)}"


def change_bank(bank: BankFolder, key: str, value: Any, way: Way) -> SettingChange:
    """Set a setting in `bank.toml`, or remove it; the rest of the file stays byte for byte. `bank undo` reverts it.

    Raises:
        FieldError: the setting does not take the value.
        ConfigError: the file is not valid TOML.
        BankError: the file cannot be written.
    """
    setting, new = typed_setting(key, value)
    receipt = change_several(bank, [(setting, new)], f"config {'unset' if new is None else 'set'} {setting.key}", way)
    return SettingChange(setting.key, new, str(bank.folder / FILE), receipt)


def change_several(bank: BankFolder, changes: Sequence[tuple[Setting, Any]], what: str, way: Way) -> Receipt:
    """Set several settings in `bank.toml` in one operation, or remove those whose value is None.

    Raises:
        ConfigError: the file is not valid TOML.
        BankError: the file cannot be written.
    """
    path = bank.folder / FILE
    # a file with an invalid value is still one that can be corrected
    bank.is_repaired = True

    def plan() -> list[FileChange]:
        real = resolve(path, bank.roots)
        try:
            data = read(real)
        except NoFileError:
            data = None
        text = data or b""
        for setting, new in changes:
            text = with_value(text, setting.parts, new, path)
        if text == (data or b""):
            return []
        return [
            FileChange(path, text=text.decode("utf-8"), base=digest_of(data) if data is not None else "", whole=True)
        ]

    return commit(bank, plan, what, way)


def given_value(setting: Setting, value: Any) -> Any:
    """Return a value of another file as the setting takes it, to be written.

    Raises:
        ValueError: it does not; the text completes a sentence that begins with the key.
    """
    found = valid_value(setting, value)
    for text in found if isinstance(found, tuple) else (found,):
        _check_line(str(text))
    return list(found) if isinstance(found, tuple) else found


def change_user(
    personal: Personal, key: str, value: Any, *, timeout: float = 10.0, dry_run: bool = False
) -> SettingChange:
    """Set a setting in the user's own file, or remove it; the rest of the file stays byte for byte.

    Raises:
        FieldError: the setting does not take the value, or belongs to the bank.
        ConfigError: the file is not valid TOML.
        BankError: the file cannot be written.
    """
    setting, new = typed_setting(key, value, user=True)
    path = personal.path
    if dry_run:
        with_value(_read(path) or b"", setting.parts, new, path)
        return SettingChange(setting.key, new, str(path))
    make_dirs(personal.home, 0o700)
    with lock(personal.home / ".state" / "settings.lock", timeout=timeout, holder="config"):
        for left in reversed(range(_TRIES)):
            data = _read(path)
            text = with_value(data or b"", setting.parts, new, path)
            if text == (data or b""):
                break
            try:
                publish(path, base=data, new=text, mode=0o600)
                break
            except FileMoved as error:
                if not left:
                    raise ConfigError(path=path, why="another program keeps writing it", hint="try again") from error
    return SettingChange(setting.key, new, str(path))


def _read(path: Path) -> bytes | None:
    try:
        return read(path)
    except NoFileError:
        return None
