"""Files outside of a bank's memory: texts that a command refused or an editor holds, and reports of bugs."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.errors import BankError
from memorybank.files.write import FileMoved, publish, read
from memorybank.store.refused_text import keep_text, let_go_of, prune_kept

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder


def keep(bank: BankFolder | None, home: Path, data: bytes, about: str, *, mark: str = "") -> Path | None:
    """Keep a text beside a bank, or where there is a place for it; return its file, None without a place.

    `about` is in the file's name; `mark` makes a file of its own, for an editor.
    """
    return keep_text(bank, home, data, about, mark=mark)


def keep_again(path: Path | None, home: Path, data: bytes, about: str) -> Path | None:
    """Return the file that holds a text: `path`, or a new one where that is gone."""
    return path if path is not None and os.path.lexists(path) else keep_text(None, home, data, about)


def prune(path: Path) -> None:
    """Delete old texts in the folder of a file; the newest one stays."""
    prune_kept(path, time.time())


def let_go(path: Path) -> None:
    """Delete a text that is no longer needed."""
    let_go_of(path)


def read_text(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        NoFileError: the file does not exist.
        BankError: it cannot be read.
    """
    return read(path)


def put_back(path: Path, data: bytes) -> None:
    """Write a text into its file, if that can be done."""
    with suppress(BankError, FileMoved):
        publish(path, base=read(path) if os.path.lexists(path) else None, new=data, mode=0o600)


def write_report(text: str) -> Path:
    """Write the report of a bug into the folder of temporary files; only the user can read it.

    Raises:
        BankError: it cannot be written.
    """
    import tempfile

    from memorybank.ids import CROCKFORD

    tail = "".join(CROCKFORD[byte & 31] for byte in os.urandom(6))
    path = Path(tempfile.gettempdir()) / f"bank-traceback-{tail}.txt"
    publish(path, base=None, new=text.encode("utf-8", "backslashreplace"), mode=0o600)
    return path


def error_of(path: str, error: OSError) -> BankError:
    """Return the error of ours for a failed system call on a file."""
    from memorybank.files.read import typed_error

    return typed_error(path, error)
