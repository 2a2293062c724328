"""The reports that a run writes: a file, the files of a folder, or those that match a pattern; only new ones count."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, OutsideError
from memorybank.workflow.evidence.runners.counts import added
from memorybank.workflow.evidence.runners.recognise import read_report

if TYPE_CHECKING:
    from memorybank.store.folder import BankFolder
    from memorybank.workflow.evidence.runners.counts import Counts

_SUFFIXES = (".xml", ".trx", ".json")
_WILD = "*?["
_SIGNS = ("<testsuite", "<TestRun")
_FILES = 10_000


class Reports(NamedTuple):
    """The requested reports, and the state of the files that stood there before the run."""

    name: str
    before: dict[Path, tuple[int, int]]


def reports_before(bank: BankFolder, name: str) -> Reports:
    """Return the state of the reports before a run.

    Raises:
        OutsideError: the path, or the pattern, leads out of the project.
    """
    return Reports(name, {path: stamp for path in _files(bank, name) if (stamp := _stamp(path))})


def read_reports(bank: BankFolder, reports: Reports) -> tuple[Counts | None, list[str]]:
    """Return the sum of the reports that the run wrote, or why nothing was counted; older reports are left out."""
    name = reports.name
    written = [path for path in _files(bank, name) if (stamp := _stamp(path)) and stamp != reports.before.get(path)]
    if not written:
        return None, [f"the report {name} was not written by this run"]
    if len(written) > _FILES:
        return None, [f"{name} has more than {_FILES} files"]
    every: list[Counts] = []
    for path in written:
        try:
            text = bank.read(path).decode("utf-8", "replace")
        except BankError as error:
            return None, [error.message]
        found = read_report(text)
        if not found and len(written) > 1 and any(sign in text for sign in _SIGNS):
            return None, [f"{path.relative_to(bank.project).as_posix()} is a damaged report"]
        every += found[-1:]
    if not every:
        return None, [f"{name} is no report in JUnit XML, TRX or JSON that can be counted"]
    return added(every), []


def _files(bank: BankFolder, name: str) -> list[Path]:
    """Return the files of a path, a folder or a pattern, in the order of their names."""
    if any(each in name for each in _WILD):
        pattern = PurePosixPath(name.replace("\\", "/"))
        if pattern.is_absolute() or ".." in pattern.parts:
            raise OutsideError(path=name, why="a proof must stay inside the project")
        found = sorted(path for path in bank.project.glob(pattern.as_posix()) if path.is_file())
        return [_inside(bank, path) for path in found]
    path = _inside(bank, bank.project / name)
    if not path.is_dir():
        return [path]
    # a folder below may have the same tests in another form, as those of TestNG have
    here = [each for each in path.iterdir() if _is_report(each)]
    return sorted(here or [each for each in path.rglob("*") if _is_report(each)])


def _is_report(path: Path) -> bool:
    return path.suffix in _SUFFIXES and path.is_file()


def _inside(bank: BankFolder, path: Path) -> Path:
    if not path.resolve().is_relative_to(bank.project.resolve()):
        raise OutsideError(path=str(path), why="a proof must stay inside the project")
    return path


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
