"""Where the memory tool's files are in a bank: its paths, which begin with `/memories`, as real paths.

They are in `memory-tool/NAME/` of the bank. No path leads out of it: not by `..`, written plainly or encoded, not by a
link, and not by a name that another system reads as a path.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from memorybank.document.text import check_text
from memorybank.errors import FieldError, NotAFileError, OutsideError, UnsupportedTextError

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder

MEMORIES = "/memories"
FOLDER = "memory-tool"
DEFAULT = "memories"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# bytes: leaves room for what a temporary file adds
_LONGEST = 200
_MOST_PARTS = 32
# a name encoded more often than this is refused as it is
_DECODINGS = 4
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*\\]|[. ]$')
_DEVICES = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?", re.IGNORECASE
)


class NotInMemoriesError(OutsideError):
    """The path does not begin with `/memories`."""

    def __init__(self, *, path: str) -> None:
        super().__init__(path=path, why=f"it must begin with {MEMORIES}")
        self.hint = f"name a file below {MEMORIES}"


class LeavesMemoriesError(OutsideError):
    """The path leads out of `/memories`."""

    def __init__(self, *, path: str) -> None:
        super().__init__(path=path, why=f"it leads out of {MEMORIES}")
        self.hint = f"name a file below {MEMORIES}"


class MemoryNameError(OutsideError):
    """A file cannot have this name on every system."""

    def __init__(self, *, path: str, why: str) -> None:
        super().__init__(path=path, why=why)
        self.hint = "choose a name of letters, digits, dots, dashes and underscores"


def root_of(bank: BankFolder, name: str) -> Path:
    """Return the folder that `/memories` is, for the memory of this name.

    Raises:
        FieldError: the name is not a plain word.
    """
    if not _NAME.fullmatch(name) or fault_of_name(name):
        why = f"{name!r} cannot be the name of a folder on every system"
        raise FieldError(field="name", why=why, hint="use letters, digits, dots, dashes and underscores")
    return bank.folder / FOLDER / name


def locate(root: Path, path: str) -> Path:
    """Return the real path of one of the tool's paths; the file need not exist.

    Raises:
        NotInMemoriesError: it does not begin with `/memories`.
        LeavesMemoriesError: it leads out, by itself or by a link.
        MemoryNameError: no file can have the name on every system.
    """
    if path != MEMORIES and not path.startswith(f"{MEMORIES}/"):
        raise NotInMemoriesError(path=path)
    parts: list[str] = []
    for part in path.removeprefix(MEMORIES).split("/"):
        if part in {"", "."}:
            continue
        if part == "..":
            if not parts:
                raise LeavesMemoriesError(path=path)
            parts.pop()
            continue
        _check_name(part, path)
        parts.append(part)
    if len(parts) > _MOST_PARTS:
        raise MemoryNameError(path=path, why=f"it is more than {_MOST_PARTS} folders deep")
    return real_in(root, root.joinpath(*parts), path)


def real_in(root: Path, place: Path, path: str) -> Path:
    """Return the real path of a place, which must be in the root or the root itself; `path` is what an error names.

    Raises:
        LeavesMemoriesError: a link leads out.
        NotAFileError: its links form a loop.
    """
    base = Path(os.path.realpath(root))
    real = Path(os.path.realpath(place))
    if not real.is_relative_to(base):
        raise LeavesMemoriesError(path=path)
    if real.is_symlink():
        raise NotAFileError(path=path, what="a symbolic link that leads to itself")
    return real


def path_of(root: Path, place: Path) -> str:
    """Return the tool's path of a place."""
    inner = place.relative_to(os.path.realpath(root)).as_posix()
    return MEMORIES if inner == "." else f"{MEMORIES}/{inner}"


def _check_name(part: str, path: str) -> None:
    plain = part
    for _ in range(_DECODINGS):
        decoded = unquote(plain)
        if decoded == plain:
            break
        plain = decoded
        if plain in {".", ".."} or "/" in plain or "\\" in plain or "\0" in plain:
            raise LeavesMemoriesError(path=path)
    if part.strip(". ") == "" or "..\\" in part or part.startswith("\\"):
        raise LeavesMemoriesError(path=path)
    why = fault_of_name(part)
    if why:
        raise MemoryNameError(path=ascii(path)[1:-1], why=why)


def fault_of_name(part: str) -> str:
    """Return why no file should have this name; "" if it may."""
    try:
        check_text(part)
        size = len(os.fsencode(part))
    except (UnsupportedTextError, UnicodeEncodeError):
        return "its name contains characters that cannot be seen or stored"
    if "\n" in part or "\r" in part or "\t" in part:
        return "its name contains a line end or a tab"
    if size > _LONGEST:
        return f"its name is longer than {_LONGEST} bytes"
    if part.casefold() == ".git" or (part.startswith(".") and part.endswith(".tmp")):
        return "that name is used by git or by bank itself"
    if _NOT_ON_WINDOWS.search(part) or _DEVICES.fullmatch(part):
        return "Windows has no files of this name, and a bank may be checked out there"
    return ""
