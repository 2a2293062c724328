"""The set-up of the merge driver: lines in `.gitattributes`, which are committed, and this clone's configuration.

The attributes say which files are merged by the driver `bank`, the configuration how it is run. A clone with only the
attributes merges as git does.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import FieldError
from memorybank.store.doc_folders import ROOTS
from memorybank.store.git.repository import ask
from memorybank.team.git.marked_block import BlockError, BlockName, has_block
from memorybank.team.git.repo_config import changes_to, check_repository, value_of, write_config
from memorybank.team.git.set_up_files import GitSetUp, plan_in, plan_out, read_own, told, write_plans

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import TypedDict

    from memorybank.store.folder import BankFolder

    class DriverStatusWire(TypedDict):
        """The JSON form of where the merge driver is set up."""

        ready: bool
        attributes_file: str
        attributes: list[str]
        unmerged_files: list[str]
        driver: str
        program_found: bool
        missing: list[str]


NAME = "bank"
DRIVER = f"merge.{NAME}.driver"
_ENDINGS = (".md", ".json", ".jsonl")
_INSTALL, _UNINSTALL = "bank merge install", "bank merge uninstall"
_BLOCK = BlockName("merge", _INSTALL, _UNINSTALL)
_UNSET = frozenset(("unspecified", "set", NAME))


class DriverStatus(NamedTuple):
    """What there is of the set-up: `attributes` are the lines of the block, `driver` the command of this clone.

    `unmerged` are files of the bank to which git gives another driver, or none. `missing` says what is to be done.
    """

    file: Path
    attributes: tuple[str, ...]
    unmerged: tuple[str, ...]
    driver: str
    has_program: bool
    missing: tuple[str, ...]

    def to_wire(self) -> DriverStatusWire:
        """Return the JSON form."""
        return {
            "ready": not self.missing,
            "attributes_file": str(self.file),
            "attributes": list(self.attributes),
            "unmerged_files": list(self.unmerged),
            "driver": self.driver,
            "program_found": self.has_program,
            "missing": list(self.missing),
        }


def driver_command(program: Sequence[str], *options: str) -> str:
    """Return the command for git's configuration; git runs it with a shell.

    Where the program is gone, is killed, or does not understand its words, git's own merge of a text file takes its
    place. With the status of a fault of ours, it has done that itself.
    """
    words = " ".join(map(shlex.quote, (*program, "merge-driver", *options)))
    as_git = "git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B"
    return f"{words} -- %O %A %B %L %P; s=$?; case $s in 0|1|70) exit $s;; esac; {as_git}"


def attribute_lines(bank: BankFolder, above: str = "") -> tuple[str, ...]:
    """Return the lines of `.gitattributes` for the files of a bank, relative to its project.

    With `above`, the project's folder below the top of the repository, they are relative to that.
    """
    folder = bank.folder.relative_to(bank.project).as_posix()
    inside = "" if folder == "." else f"/{folder}"
    patterns = [f"{inside}/**/*{ending}" for ending in _ENDINGS]
    if not bank.is_users_own:
        patterns += [f"/{root}/**/*.md" for root in ROOTS]
    return tuple(f"{_pattern(f'/{above}{each}' if above else each)} merge={NAME}" for each in patterns)


def _pattern(text: str) -> str:
    if not any(char in text for char in ' "\\'):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def install_driver(bank: BankFolder, program: Sequence[str], *, force: bool = False, dry_run: bool = False) -> GitSetUp:
    """Write the block of attributes and this clone's configuration.

    Raises:
        GitError: there is no repository, or git refuses.
        FieldError: the user has given another driver to files of the bank, and it is not forced.
        BankError: the file of attributes cannot be changed.
    """
    check_repository(bank.project)
    path = bank.project / ".gitattributes"
    if not force:
        _refuse_others(bank, path)
    plan = plan_in(path, _BLOCK, attribute_lines(bank))
    wanted = {
        f"merge.{NAME}.name": "sections and lines of a memory bank",
        DRIVER: driver_command(program),
        # A common ancestor of branches merged crosswise is itself a merge. Merged as text it has markers that nobody
        # wrote: of 96 such merges 58 had conflicts, with our own driver 4, and both lost nothing.
        f"merge.{NAME}.recursive": NAME,
    }
    changes = changes_to(bank.project, wanted)
    if not dry_run:
        write_plans([plan], _INSTALL)
        write_config(bank.project, changes)
    notes = []
    if plan.before != plan.after:
        notes.append("commit .gitattributes; each other clone runs bank merge install once")
    if ask(bank.project, "check-ignore", "-q", str(bank.folder / bank.main_files[0])) is not None:
        notes.append("git ignores this bank, so it has nothing to merge")
    return GitSetUp("install", (told(plan),), changes, tuple(notes), dry_run)


def uninstall_driver(bank: BankFolder, *, dry_run: bool = False) -> GitSetUp:
    """Take the block out of the attributes, and the driver out of this clone's configuration.

    Raises:
        GitError: there is no repository, or git refuses.
        BankError: the file of attributes cannot be changed.
    """
    check_repository(bank.project)
    plan = plan_out(bank.project / ".gitattributes", _BLOCK)
    changes = changes_to(bank.project, {f"merge.{NAME}.name": "", DRIVER: "", f"merge.{NAME}.recursive": ""})
    if not dry_run:
        write_plans([plan], _UNINSTALL)
        write_config(bank.project, changes)
    return GitSetUp("uninstall", (told(plan),), changes, (), dry_run)


def driver_status(bank: BankFolder) -> DriverStatus:
    """Return what there is of the set-up in this clone.

    Raises:
        GitError: there is no repository.
        BankError: the file of attributes cannot be read.
    """
    check_repository(bank.project)
    path = bank.project / ".gitattributes"
    data = read_own(path)
    try:
        lines = attribute_lines(bank) if has_block(data, _BLOCK) else ()
    except BlockError:
        lines = ()
    drivers = _drivers(bank)
    driver = value_of(bank.project, DRIVER)
    words = _words(driver)
    has_program = bool(words) and _is_program(words[0])
    unmerged = tuple(sorted(file for file, name in drivers.items() if name != NAME))
    missing = []
    if unmerged:
        missing.append("the attributes do not name the driver for all files of the bank")
    if not driver:
        missing.append("this clone has no driver: git merges as text")
    elif not has_program:
        missing.append(f"the program of the driver is gone: {words[0] if words else driver}")
    return DriverStatus(path, lines, unmerged, driver, has_program, tuple(missing))


def is_half_set_up(project: Path) -> bool:
    """Whether the attributes are there and this clone has no driver."""
    data = read_own(project / ".gitattributes")
    try:
        return has_block(data, _BLOCK) and not value_of(project, DRIVER)
    except BlockError:
        return False


def _drivers(bank: BankFolder) -> dict[str, str]:
    """Return the merge driver that git gives to each memory file."""
    files = [str(bank.folder / name) for name in bank.main_files]
    rows = (ask(bank.project, "check-attr", "-z", "merge", "--", *files) or "").split("\0")
    found = dict(zip(rows[0::3], rows[2::3], strict=False))
    return {bank.name_of(bank.project / name): driver for name, driver in found.items()}


def _refuse_others(bank: BankFolder, path: Path) -> None:
    others = {driver for driver in _drivers(bank).values() if driver not in _UNSET}
    if others:
        named = ", ".join(sorted("-merge" if each == "unset" else f"merge={each}" for each in others))
        why = f"the attributes of this repository give {named} to files of the bank; ours come after them"
        raise FieldError(field=str(path), why=why, hint=f"{_INSTALL} --force")


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _is_program(word: str) -> bool:
    import shutil

    return shutil.which(word) is not None
