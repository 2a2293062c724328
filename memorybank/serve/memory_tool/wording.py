"""The memory tool's commands as texts: those of the SDK's own file-system backend, which models know."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from memorybank.errors import ArtifactError, BankError, NoFileError, NotAFileError
from memorybank.facade.agents.memory_answers import (
    LeavesMemoriesError,
    LineRangeError,
    MemoryFile,
    MemoryListing,
    NoMatchError,
    NotInMemoriesError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memorybank.facade.agents.memory_folder import MemoryFolder

MOST_LINES = 999_999
_WIDTH = len(str(MOST_LINES))
_AROUND = 2
_UNIT = 1024


class RefusedError(Exception):
    """A command was refused; the text is for the model."""


def view(folder: MemoryFolder, place: Path, command: Any) -> str:
    """Return a file with line numbers, or the list of a folder."""
    path = text_in(command, "path")
    with worded(path, missing=f"The path {path} does not exist. Please provide a valid path."):
        found = folder.view(place)
    return _listed(found, path) if isinstance(found, MemoryListing) else _numbered(found, path, command)


def create(folder: MemoryFolder, place: Path, command: Any) -> str:
    """Write a new file."""
    path, text = text_in(command, "path"), text_in(command, "file_text")
    with worded(path, exists=f"File {path} already exists"):
        folder.create(place, text)
    return f"File created successfully at: {path}"


def str_replace(folder: MemoryFolder, place: Path, command: Any) -> str:
    """Replace a text, and show the lines around it."""
    path = text_in(command, "path")
    old, new = text_in(command, "old_str"), text_in(command, "new_str", default="")
    try:
        with worded(path, missing=f"The path {path} does not exist. Please provide a valid path."):
            done = folder.str_replace(place, old, new)
    except NoMatchError as error:
        if not error.lines:
            why = f"No replacement was performed, old_str `{old}` did not appear verbatim in {path}."
            raise RefusedError(why) from error
        places = ", ".join(map(str, error.lines))
        why = f"No replacement was performed. Multiple occurrences of old_str `{old}` in lines: {places}."
        raise RefusedError(f"{why} Please ensure it is unique") from error
    rows = done.text.split("\n")
    first = max(0, done.line - _AROUND)
    shown = _rows(rows[first : done.line + _AROUND + 1], first + 1)
    return f"The memory file has been edited. Here is the snippet showing the change (with line numbers):\n{shown}"


def insert(folder: MemoryFolder, place: Path, command: Any) -> str:
    """Insert lines."""
    path, text = text_in(command, "path"), text_in(command, "insert_text")
    line = getattr(command, "insert_line", None)
    if not isinstance(line, int) or isinstance(line, bool):
        raise RefusedError(f"Invalid `insert_line` parameter: {line!r}. It should be a whole number.")
    try:
        with worded(path, missing=f"The path {path} does not exist. Please provide a valid path."):
            folder.insert(place, line, text)
    except LineRangeError as error:
        why = f"Invalid `insert_line` parameter: {line}. It should be within the range [0, {error.last}]."
        raise RefusedError(why) from error
    return f"The file {path} has been edited."


def delete(folder: MemoryFolder, place: Path, command: Any) -> str:
    """Delete a file or folder."""
    path = text_in(command, "path")
    if place == folder.root.resolve():
        raise RefusedError("Cannot delete the /memories directory itself")
    with worded(path, missing=f"The path {path} does not exist"):
        folder.delete(place)
    return f"Successfully deleted {path}"


def rename(folder: MemoryFolder, old: Path, new: Path, command: Any) -> str:
    """Move a file or folder."""
    old_path, new_path = text_in(command, "old_path"), text_in(command, "new_path")
    if old == folder.root.resolve():
        raise RefusedError("Cannot rename the /memories directory itself")
    with worded(
        old_path,
        missing=f"The path {old_path} does not exist",
        exists=f"The destination {new_path} already exists" if new.exists() else "",
    ):
        folder.rename(old, new)
    return f"Successfully renamed {old_path} to {new_path}"


def clear(folder: MemoryFolder) -> str:
    """Delete all files."""
    with worded("/memories"):
        folder.clear()
        folder.make()
    return "All memory cleared"


def locate(folder: MemoryFolder, path: object) -> Path:
    """Return the real path of a path of the tool."""
    if not isinstance(path, str):
        raise RefusedError(f"Path must start with /memories, got: {path!r}")
    with worded(path):
        return folder.locate(path)


def text_in(command: Any, name: str, *, default: str | None = None) -> str:
    """Return a parameter of a command, which the SDK did not check.

    Raises:
        RefusedError: it is missing or not a text.
    """
    value = getattr(command, name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise RefusedError(f"Invalid `{name}` parameter: it should be a text.")
    return value


@contextmanager
def worded(path: str, *, missing: str = "", exists: str = "") -> Iterator[None]:
    """Convert errors of the bank to texts; those that a command words itself pass."""
    try:
        yield
    except (NoMatchError, LineRangeError):
        raise
    except NotInMemoriesError as error:
        raise RefusedError(f"Path must start with /memories, got: {path}") from error
    except LeavesMemoriesError as error:
        raise RefusedError(f"Path {path} would escape /memories directory") from error
    except NoFileError as error:
        raise RefusedError(missing or f"The path {path} does not exist") from error
    except NotAFileError as error:
        raise RefusedError(_not_a_file(path, error)) from error
    except ArtifactError as error:
        raise RefusedError(exists or f"{error.message}. {error.hint}") from error
    except BankError as error:
        raise RefusedError(f"{error.message}. {error.hint}") from error


def _not_a_file(path: str, error: NotAFileError) -> str:
    if "symbolic link" in error.message:
        return f"path {path!r} is a symlink"
    if "not a regular file" in error.message:
        return f"Unsupported file type for {error.where}"
    return f"The path {path} is not a file."


def _listed(found: MemoryListing, path: str) -> str:
    rows = [(found.size, path)]
    rows += [
        # as the model wrote the folder: a link keeps its name
        (each.size, f"{path.rstrip('/')}{each.path.removeprefix(found.path)}{'/' if each.is_folder else ''}")
        for each in found.entries
    ]
    head = f"Here're the files and directories up to 2 levels deep in {path}, excluding hidden items:"
    return "\n".join([head, *(f"{_size(size)}\t{name}" for size, name in rows)])


def _numbered(found: MemoryFile, path: str, command: Any) -> str:
    lines = found.text.split("\n")
    if len(lines) > MOST_LINES:
        raise RefusedError(f"File {path} exceeds maximum line limit of 999,999 lines.")
    first = 0
    wanted = getattr(command, "view_range", None)
    if isinstance(wanted, list | tuple) and len(wanted) == 2 and all(isinstance(each, int) for each in wanted):  # noqa: PLR2004 - first and last
        first = max(1, wanted[0]) - 1
        lines = lines[first : len(lines) if wanted[1] == -1 else wanted[1]]
    return f"Here's the content of {path} with line numbers:\n{_rows(lines, first + 1)}"


def _rows(lines: list[str], first: int) -> str:
    return "\n".join(f"{number:>{_WIDTH}}\t{line}" for number, line in enumerate(lines, first))


def _size(size: int) -> str:
    value, unit = float(size), "B"
    for larger in "KMG":
        if value < _UNIT:
            break
        value, unit = value / _UNIT, larger
    return f"{int(value)}{unit}" if value == int(value) else f"{value:.1f}{unit}"
