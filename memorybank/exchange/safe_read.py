"""Read files of other programs safely: with limits, never through a link, never outside the named folder."""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from memorybank.document.source import BOM
from memorybank.errors import BankError, LimitError, NoFileError, RefusedError
from memorybank.exchange.repeated_names import every_pair
from memorybank.files.read import SIZE_LIMIT, read, typed_error
from memorybank.times import stamp_of

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILES = 20_000
# seconds since 1970; a number outside this range is not a time
_FIRST, _LAST = 0, 32_503_680_000


class ForeignError(RefusedError):
    """A file of another program is not in the expected format, so nothing is imported from it."""

    code: ClassVar[str] = "foreign"

    def __init__(self, *, path: Path | str, why: str, hint: str = "bank import -h") -> None:
        super().__init__(f"cannot import {path}: {why}", hint=hint, where=str(path))


class Misfit(NamedTuple):
    """Something of the source that was changed, has no place in the target, or was skipped; and why."""

    where: str
    why: str


class FileTree(NamedTuple):
    """The files below a folder, by their names with slashes; links are reported, not followed.

    `hidden` names the files and folders that are not listed because their names begin with a point.
    """

    root: Path
    names: tuple[str, ...]
    misfits: tuple[Misfit, ...] = ()
    hidden: tuple[str, ...] = ()

    def bytes_of(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises:
            BankError: it cannot be read, or is too large.
        """
        return read(self.root / name)

    def text_of(self, name: str) -> str:
        """Return a file's text; bytes that are not UTF-8 become lone surrogates.

        Raises:
            BankError: it cannot be read, or is too large.
        """
        return text_of(self.bytes_of(name))

    def changed_at(self, name: str) -> str:
        """Return when a file was last changed, in our time format."""
        return moment_of((self.root / name).lstat().st_mtime)


def tree_of(root: Path) -> FileTree:
    """List the files below a folder, without hidden ones; a folder in it that cannot be listed is a misfit.

    Raises:
        NoFileError: the folder does not exist.
        LimitError: it has too many files.
        BankError: it cannot be listed.
    """
    if not root.is_dir():
        raise NoFileError(path=root, hint="bank import -h")
    names: list[str] = []
    misfits: list[Misfit] = []
    hidden: list[str] = []

    def refused(error: OSError) -> None:
        if os.fspath(error.filename) == os.fspath(root):
            raise typed_error(root, error) from error
        where = os.path.relpath(error.filename, root).replace(os.sep, "/")
        misfits.append(Misfit(where, f"skipped: it cannot be read ({error.strerror})"))

    for folder, folders, files in os.walk(root, onerror=refused):
        here = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if here == "." else f"{here}/"
        links = [each for each in folders if os.path.islink(f"{folder}/{each}")]  # noqa: PTH114  names as walk gives them
        misfits += [Misfit(prefix + link, "a link is not followed") for link in sorted(links)]
        hidden += [f"{prefix}{each}" for each in sorted([*folders, *files]) if each.startswith(".")]
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in links)
        for file in sorted(files):
            if file.startswith("."):
                continue
            if os.path.islink(f"{folder}/{file}"):  # noqa: PTH114  see above
                misfits.append(Misfit(prefix + file, "a link is not followed"))
            else:
                names.append(prefix + file)
        if len(names) > MAX_FILES:
            raise LimitError(path=root, why=f"it has more than {MAX_FILES} files")
    return FileTree(root, tuple(names), tuple(misfits), tuple(hidden))


def text_of(data: bytes) -> str:
    """Return bytes as text, without a byte order mark."""
    return data.removeprefix(BOM).decode("utf-8", "surrogateescape")


def json_of(data: bytes, name: str, *, whole: bool = False) -> Any:
    """Read JSON; with `whole`, numbers that are not finite are texts, and each value of a repeated name is kept.

    Raises:
        ForeignError: it is not valid JSON; the error has the line and the reason.
        LimitError: it is too large.
    """
    if len(data) > SIZE_LIMIT:
        raise LimitError(path=name, why=f"it is larger than {SIZE_LIMIT // 1024 // 1024} MB")
    try:
        if whole:
            return json.loads(text_of(data), parse_constant=str, parse_float=_number, object_pairs_hook=every_pair)
        return json.loads(text_of(data), parse_constant=lambda _: None)
    except RecursionError:
        raise ForeignError(path=name, why="its JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ForeignError(path=name, why=f"invalid JSON on line {error.lineno} ({error.msg})") from error
    except ValueError as error:
        raise ForeignError(path=name, why=f"invalid JSON ({error})") from error


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def moment_of(value: Any) -> str:
    """Return a time of another program, text or seconds, in our format; "" if it is not a time.

    A time without a zone counts as UTC, a day as its start.
    """
    try:
        if isinstance(value, bool) or value is None:
            return ""
        if isinstance(value, (int, float)):
            at = datetime.fromtimestamp(value, UTC) if _FIRST < value < _LAST else None
        else:
            at = datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        return ""
    if at is None:
        return ""
    at = at.astimezone(UTC) if at.tzinfo else at
    return stamp_of(at) if at.year >= 1000 else ""  # noqa: PLR2004  an earlier year is a slip


def origin_of(path: Path, project: Path) -> str:
    """Return a name for a file or folder without machine paths: relative to the project, else its last part."""
    real, base = path.resolve(), project.resolve()
    return real.relative_to(base).as_posix() if real.is_relative_to(base) else real.name


def refusal_of(error: BankError) -> str:
    """Return an error's message, for a report."""
    return error.message
