"""Settles the copies that sync programs leave: each is merged into its file and removed, as one operation.

The text that both came from is looked for in the journal and in git. It counts only if the copy has all of its lines:
a newer text would let lines look deleted that the copy never had. Without it, the lines of both stay.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from memorybank.document.source import Source, digest_of, lines_of
from memorybank.errors import FieldError
from memorybank.patterns import later
from memorybank.shell import command
from memorybank.store.git.repository import ask
from memorybank.store.journal.commit import FileChange, retried
from memorybank.store.journal.log import read_operations
from memorybank.store.journal.timeline import Timeline
from memorybank.store.manage.sync_copies import original_of
from memorybank.team.git.settle import FILES, Settled, SettledFile, Sides, choice, decided, place_in
from memorybank.team.git.unmerged import blob
from memorybank.team.merge import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from memorybank.store.folder import BankFolder
    from memorybank.store.way import Way

_MOST_TEXTS = 50
_MOST_COMMITS = 20
# what every write changes: a copy never has the time of an earlier text
_STAMP = later(r"(?:updated:.*|\d{4}-\d\d-\d\d \d\d:\d\d(?: UTC)?)\s*")


def copies_among(bank: BankFolder, files: Sequence[str]) -> dict[str, str]:
    """Return the files that are copies, by the name that was given, with the file each is a copy of.

    Raises:
        NoFileError: there is no such file.
    """
    found = {each: original_of(bank, *bank.existing(each)) for each in files}
    return {each: original for each, original in found.items() if original}


def settle_copies(bank: BankFolder, copies: dict[str, str], way: Way, *, take: str = "") -> Settled:
    """Merge copies into their files and remove them, as one operation; `take` decides conflicts.

    A conflict leaves both texts in the file, between markers, so the copy is removed then, too.

    Raises:
        NoFileError: a copy is gone meanwhile.
        BankError: the write is refused.
    """
    take = choice(take)

    def make() -> tuple[tuple[SettledFile, ...], list[FileChange]]:
        before: dict[str, bytes] = {}
        texts: dict[str, bytes] = {}
        settled: dict[str, SettledFile] = {}
        removed = []
        for copy, original in copies.items():
            path, _ = bank.existing(copy)
            theirs = bank.read(path)
            if original not in texts:
                before[original] = texts[original] = bank.read(bank.place_of(original)[0])
            base = _base_of(bank, original, before[original], theirs)
            sides = Sides(FILES, base, texts[original], theirs, Labels(original, path.name))
            texts[original], conflicts = decided(place_in(bank, original), sides, take)
            settled[original] = SettledFile(original, FILES, conflicts)
            removed.append(FileChange(path, base=digest_of(theirs), gone=True))
        changes = [
            FileChange(
                bank.place_of(name)[0],
                text=data.decode("utf-8", "surrogateescape"),
                base=digest_of(before[name]),
                whole=True,
                merged=True,
            )
            for name, data in texts.items()
            if data != before[name]
        ]
        return tuple(settled.values()), [*changes, *removed]

    found, receipt = retried(make, bank, "merge", way)
    return Settled(found, receipt)


def check_only_copies(files: Sequence[str], copies: dict[str, str]) -> None:
    """Refuse to settle copies and other files in one operation.

    Raises:
        FieldError: there are both.
    """
    others = [each for each in files if each not in copies]
    if others:
        first = next(iter(copies))
        why = f"{first} is a copy of {copies[first]}, and {others[0]} is not a copy"
        raise FieldError(field="file", why=why, hint=command("bank merge", first))


def _base_of(bank: BankFolder, name: str, ours: bytes, theirs: bytes) -> bytes | None:
    """Return the earlier text with the most lines, of those whose lines the copy has all; None if there is none.

    The newest of several. A shorter one would bring lines back that were removed here.
    """
    there = _counted(theirs)
    best, most = None, 0
    for data in _earlier_texts(bank, name, ours):
        lines = _counted(data)
        if lines.total() > most and lines <= there:
            best, most = data, lines.total()
    return best


def _counted(data: bytes) -> Counter[str]:
    lines = lines_of(Source(data).text.replace("\r\n", "\n"))
    return Counter(line for line in lines if line.strip() and not _STAMP.fullmatch(line))


def _earlier_texts(bank: BankFolder, name: str, ours: bytes) -> Iterator[bytes]:
    path, _ = bank.place_of(name)
    line = Timeline(bank, name, read_operations(bank), ours)
    digests = [digest for link in reversed(line.links) for digest in (link.receipt.after, link.receipt.before)]
    for digest in [line.digest, *dict.fromkeys(digests)][:_MOST_TEXTS]:
        data = line.data_of(digest) if digest else None
        if data:
            yield data
    yield from _texts_in_git(path)


def _texts_in_git(path: Path) -> Iterator[bytes]:
    told = ask(path.parent, "log", f"--max-count={_MOST_COMMITS}", "--format=%H", "--", f":(literal){path.name}")
    for commit in (told or "").split():
        data = blob(path.parent, f"{commit}:./{path.name}")
        if data:
            yield data
