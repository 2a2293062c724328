"""Session files of agents: import them and read what is in the bank and in the report, for the tests of each format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memorybank.exchange.formats import import_from
from memorybank.records.find import scan
from memorybank.records.sessions.messages import read_messages
from tests.exchange.making import make_way

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.exchange.imported import ImportResult
    from memorybank.store.folder import BankFolder


def write(folder: Path, name: str, *lines: str) -> Path:
    """Write lines into a file below a folder, and give the file."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def run(bank: BankFolder, form: str, path: Path) -> ImportResult:
    """Import a source of a format; no word may be unaccounted for."""
    done = import_from(bank, form, path, make_way())
    assert done.unaccounted == ()
    return done


def told(done: ImportResult) -> list[str]:
    """Give the lines of the report."""
    return [f"{each.where}: {each.why}" for each in done.misfits]


def talks(bank: BankFolder) -> dict[str, list[str]]:
    """Give what was said in each session of a bank, by the session's id in its source."""
    return {
        str(record.metadata["imported_id"]): [f"{m.role}: {m.text}" for m in read_messages(bank, record.id).rows]
        for record in scan(bank, kinds=("session",)).records
    }
