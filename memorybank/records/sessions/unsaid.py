"""Messages whose command was interrupted: a mark for each, made before the line and removed after it.

The mark is an empty file in `.state/saying/`, named after the command, the session and the size of its messages before.
So the same command typed again finds its line, and does not write it twice; an equal message that somebody really says
twice has no mark. A mark is not synced: it outlives a killed process, not always a machine that loses its power.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memorybank.files.durable import discard, leave_mark
from memorybank.files.read import open_regular, typed
from memorybank.files.write import make_dirs

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder

FOLDER = "saying"


def begin_message(bank: BankFolder, request: str, session: str, size: int) -> Path | None:
    """Mark that a command is about to write at the end of a session's messages; None if the command has no id."""
    if not request:
        return None
    folder = bank.state / FOLDER
    make_dirs(folder, 0o700)
    path = folder / f"{request}.{size}.{session}"
    leave_mark(path)
    return path


def end_message(mark: Path | None) -> None:
    """Remove a mark: the command is done."""
    if mark is not None:
        discard(mark)


def interrupted_message(bank: BankFolder, request: str, session: str, messages: Path) -> bytes | None:
    """Return the line that an interrupted run of the same command wrote, if it is the last one; else None.

    The marks of the command are removed: its repetition is answered, or writes the line.
    """
    found = None
    for mark in _marks(bank, request, session):
        size = mark.name[len(request) + 1 :].partition(".")[0]
        found = (_only_line(messages, int(size)) if size.isdigit() else None) or found
        end_message(mark)
    return found


def _marks(bank: BankFolder, request: str, session: str) -> list[Path]:
    folder = bank.state / FOLDER
    with typed(folder):
        try:
            names = sorted(each.name for each in folder.iterdir()) if request else []
        except FileNotFoundError:
            return []
    own = (f"{request}.", f".{session}")
    return [folder / name for name in names if name.startswith(own[0]) and name.endswith(own[1])]


def _only_line(path: Path, size: int) -> bytes | None:
    """Return the text from an offset to the end of a file if it is one whole line."""
    with typed(path):
        try:
            fd = open_regular(os.fspath(path))
        except FileNotFoundError:
            return None
        with open(fd, "rb") as file:  # noqa: PTH123  a descriptor, not a path
            file.seek(size)
            # a crash may have left the line before without its end
            text = file.read().removeprefix(b"\n")
    return text if text.count(b"\n") == 1 and text.endswith(b"\n") else None
