"""The user's own folder: the global bank, named banks, the list of known banks and the approved commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.patterns import later

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACES = "namespaces"
# the settings that one user has in all banks
SETTINGS_FILE = "settings.toml"
_NAME = later(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}\Z")


class Personal(NamedTuple):
    """What the user has set for all banks: the user's own folder, which may hold settings, and the environment."""

    home: Path
    environ: Mapping[str, str]

    @property
    def path(self) -> Path:
        """The file of the user's own settings; it need not exist."""
        return self.home / SETTINGS_FILE


def home_of(environ: Mapping[str, str]) -> Path:
    """Return the folder of the global bank: `MEMORYBANK_HOME`, else `~/.memorybank`. It need not exist."""
    named = environ.get("MEMORYBANK_HOME")
    return Path(named).expanduser().absolute() if named else persons_folder() / ".memorybank"


def persons_folder() -> Path:
    """Return the home folder. An empty or relative HOME is ignored: it would put the banks into `/` or the cwd."""
    named = os.environ.get("HOME")
    if named is not None and not Path(named).is_absolute():
        try:
            import pwd

            return Path(pwd.getpwuid(os.getuid()).pw_dir)
        except (ImportError, KeyError):
            pass
    return Path.home()


def is_list_alone(folder: Path) -> bool:
    """Check whether the user's own folder holds only the list of known banks or settings: then it is no bank."""
    held = any((folder / each).is_file() for each in ("bank.toml", "activeContext.md"))
    return not held and any(
        (folder / each).is_file() for each in (".state/banks.json", ".state/installed.json", SETTINGS_FILE)
    )


def namespace_folder(home: Path, name: str) -> Path:
    """Return the folder of a named bank of the user. It need not exist.

    Raises:
        FieldError: the name cannot be a folder's name.
    """
    if not _NAME.match(name):
        from memorybank.ids import slug_of

        close = slug_of(name)
        raise FieldError(
            field="namespace",
            why=f"{name!r} is not a valid name: use letters, digits, hyphens and dots",
            hint=f"bank init --namespace {close if _NAME.match(close) else 'NAME'}",
        )
    return home / NAMESPACES / name


def is_users_own(folder: Path, home: Path) -> bool:
    """Check whether a folder is the global bank or a named one."""
    return _same(folder, home) or (folder.parent.name == NAMESPACES and _same(folder.parent.parent, home))


def _same(one: Path, other: Path) -> bool:
    if one == other:
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False
