"""Files of the user in which a set-up puts a block: what becomes of each, and the writing, all or none."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from memorybank.document.source import diff_of
from memorybank.errors import ArtifactError, BankError, NoFileError, StaleEditError
from memorybank.files.write import FileMoved, delete, make_dirs, publish, read, read_back
from memorybank.shell import quoted
from memorybank.team.git.marked_block import BlockError, BlockName, with_block, without_block

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import TypedDict

    class SetUpFileWire(TypedDict):
        """The JSON form of one file of a set-up."""

        path: str
        outcome: str
        why: str
        diff: str

    class ConfigChangeWire(TypedDict):
        """The JSON form of one value of git's configuration."""

        name: str
        before: str
        after: str

    class GitSetUpWire(TypedDict):
        """The JSON form of a set-up of git, or of taking it out."""

        action: str
        changed: bool
        dry_run: bool
        files: list[SetUpFileWire]
        config: list[ConfigChangeWire]
        notes: list[str]


CREATED, CHANGED, REMOVED, UNCHANGED, LEFT = "created", "changed", "removed", "unchanged", "left"
_SCRIPT_MODE, _TEXT_MODE = 0o777, 0o666


class BlockFileError(ArtifactError):
    """A file of the user cannot be changed without a risk for what is in it; it is left as it is."""

    def __init__(self, *, path: Path, why: str, lines: Sequence[str] = (), hint: str = "") -> None:
        shown = "".join(f"\n{line}" for line in lines)
        told = f"{why}; add this yourself:{shown}" if lines else why
        super().__init__(path=path, why=f"not changed: {told}", hint=hint or f"ls -l {quoted(path)}")


class FilePlan(NamedTuple):
    """One file: its bytes now and afterwards (None: no file), and why it is left, if it is."""

    path: Path
    before: bytes | None
    after: bytes | None
    is_script: bool = False
    why: str = ""


class SetUpFile(NamedTuple):
    """One file of a set-up: what was done with it (or would be), the diff, and why it was left."""

    path: Path
    outcome: str
    diff: str = ""
    why: str = ""

    def to_wire(self) -> SetUpFileWire:
        """Return the JSON form."""
        return {"path": str(self.path), "outcome": self.outcome, "why": self.why, "diff": self.diff}


class ConfigChange(NamedTuple):
    """One value of git's configuration of this clone, before and after; "" if there is no value."""

    name: str
    before: str
    after: str

    def to_wire(self) -> ConfigChangeWire:
        """Return the JSON form."""
        return {"name": self.name, "before": self.before, "after": self.after}


class GitSetUp(NamedTuple):
    """What a set-up did to the files and to git's configuration of this clone."""

    action: str
    files: tuple[SetUpFile, ...]
    config: tuple[ConfigChange, ...] = ()
    notes: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether something was changed, or would be."""
        return bool(self.config) or any(each.outcome not in {UNCHANGED, LEFT} for each in self.files)

    def to_wire(self) -> GitSetUpWire:
        """Return the JSON form."""
        return {
            "action": self.action,
            "changed": self.changed,
            "dry_run": self.dry_run,
            "files": [each.to_wire() for each in self.files],
            "config": [each.to_wire() for each in self.config],
            "notes": list(self.notes),
        }


def read_own(path: Path) -> bytes | None:
    """Read a file that may not be there; None without one.

    Raises:
        BankError: it is a link, or cannot be read.
    """
    if path.is_symlink():
        raise BlockFileError(path=path, why=f"it is a link to {path.readlink()}")
    try:
        return read(path)
    except NoFileError:
        return None


def plan_in(path: Path, name: BlockName, lines: tuple[str, ...], *, is_script: bool = False) -> FilePlan:
    """Plan to put a block into a file.

    Raises:
        BankError: the file is a link, cannot be read, or has a damaged block.
    """
    before = read_own(path)
    try:
        after = with_block(before, name, lines, is_script=is_script)
    except BlockError as error:
        raise BlockFileError(path=path, why=str(error), hint=f"fix {path}") from None
    return FilePlan(path, before, after, is_script)


def plan_out(path: Path, name: BlockName) -> FilePlan:
    """Plan to take a block out of a file.

    Raises:
        BankError: the file is a link, cannot be read, or has a damaged block.
    """
    before = read_own(path)
    try:
        after = without_block(before, name) if before is not None else None
    except BlockError as error:
        raise BlockFileError(path=path, why=str(error), hint=f"fix {path}") from None
    return FilePlan(path, before, after)


def write_plans(plans: Sequence[FilePlan], command: str) -> None:
    """Write the files, all or none; each only over the bytes that the plan was made for.

    Raises:
        StaleEditError: another program saved one meanwhile; those written before are as they were.
        BankError: one cannot be written; those written before are as they were.
    """
    done: list[FilePlan] = []
    try:
        for plan in plans:
            if plan.before != plan.after:
                _write(plan, command)
                done.append(plan)
    except BaseException:
        for plan in reversed(done):
            with suppress(BankError):
                _write(plan._replace(before=plan.after, after=plan.before), command)
        raise


def _write(plan: FilePlan, command: str) -> None:
    try:
        if plan.after is None:
            delete(plan.path, base=plan.before or b"")
            return
        make_dirs(plan.path.parent)
        publish(plan.path, base=plan.before, new=plan.after, mode=_SCRIPT_MODE if plan.is_script else _TEXT_MODE)
        read_back(plan.path, plan.after, plan.before)
    except FileMoved:
        where = str(plan.path)
        raise StaleEditError(address=where, expected="the file as read", digest="another", hint=command) from None


def told(plan: FilePlan) -> SetUpFile:
    """Return what was done with a file, or would be."""
    if plan.why:
        return SetUpFile(plan.path, LEFT, why=plan.why)
    if plan.before == plan.after:
        return SetUpFile(plan.path, UNCHANGED)
    outcome = CREATED if plan.before is None else REMOVED if plan.after is None else CHANGED
    old, new = ((each or b"").decode("utf-8", "replace") for each in (plan.before, plan.after))
    return SetUpFile(plan.path, outcome, diff_of(old, new, str(plan.path).lstrip("/")))
