"""Write a page that was made from a bank into a file outside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.errors import ArtifactError, NoFileError, OutsideError
from memorybank.files.durable import make_dirs
from memorybank.files.read import read
from memorybank.files.write import FileMoved, publish

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.store.folder import BankFolder


def write_page(bank: BankFolder, to: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a page of Markdown; a file with another text is kept, unless it may be replaced.

    Raises:
        OutsideError: the place is inside the bank, whose files are changed by commands only.
        ArtifactError: the file exists with another text, or was changed meanwhile.
        BankError: it cannot be read or written.
    """
    target = to.resolve()
    if target.is_relative_to(bank.folder.resolve()):
        refusal = OutsideError(path=to, why="a page is not written into its own bank")
        refusal.hint = "--out ../REPORT.md"
        raise refusal
    data = text.encode("utf-8", "replace")
    try:
        there = read(target)
    except NoFileError:
        there = None
    if there == data:
        return
    if there is not None and not overwrite:
        raise ArtifactError(
            path=to, why="it already exists with another text", hint="name a new file, or use --overwrite"
        )
    make_dirs(target.parent)
    try:
        publish(target, base=there, new=data)
    except FileMoved as error:
        raise ArtifactError(path=to, why="another program changed it just now", hint="run the command again") from error
