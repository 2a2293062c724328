"""`install` and `uninstall`: decide for all files what becomes of them, then write them, all or none."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memorybank.agents.install.change import ClientFileError, Outcome, is_installed, put_in, take_out
from memorybank.agents.install.clients import CLIENTS, Client, pieces_of
from memorybank.agents.install.hook_pieces import LOCAL_SETTINGS
from memorybank.agents.install.installed_record import Changed, InstalledRecord, read_record, record_path, write_record
from memorybank.agents.install.pieces import OwnFile
from memorybank.agents.install.places import PROJECT, USER
from memorybank.document.source import diff_of
from memorybank.errors import BankError, FieldError, NoFileError, OutsideError, StaleEditError
from memorybank.files.temporary import sweep
from memorybank.files.write import FileMoved, delete, lock, make_dirs, publish, read, read_back, resolve
from memorybank.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypedDict

    from memorybank.agents.install.pieces import Piece
    from memorybank.agents.install.places import Machine, Request

    class InstalledFileWire(TypedDict):
        """The JSON form of one file of a client."""

        path: str
        parts: list[str]
        outcome: str
        why: str
        diff: str

    class InstallWire(TypedDict):
        """The JSON form of an install or uninstall."""

        client: str
        scope: str
        action: str
        changed: bool
        dry_run: bool
        files: list[InstalledFileWire]
        notes: list[str]


_TRIES = 10
CREATED, CHANGED, REMOVED, UNCHANGED, LEFT = "created", "changed", "removed", "unchanged", "left"


class InstalledFile(NamedTuple):
    """One file: which parts of ours are for it, what was done (or would be), the diff, and why it was left."""

    path: Path
    parts: tuple[str, ...]
    outcome: str
    diff: str = ""
    why: str = ""

    def to_wire(self) -> InstalledFileWire:
        """Return the JSON form."""
        return {
            "path": str(self.path),
            "parts": list(self.parts),
            "outcome": self.outcome,
            "why": self.why,
            "diff": self.diff,
        }


class InstallResult(NamedTuple):
    """What an install or uninstall did to each file of a client."""

    client: str
    scope: str
    action: str
    files: tuple[InstalledFile, ...]
    notes: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether a file was changed, or would be."""
        return any(each.outcome not in {UNCHANGED, LEFT} for each in self.files)

    def to_wire(self) -> InstallWire:
        """Return the JSON form."""
        return {
            "client": self.client,
            "scope": self.scope,
            "action": self.action,
            "changed": self.changed,
            "dry_run": self.dry_run,
            "files": [each.to_wire() for each in self.files],
            "notes": list(self.notes),
        }


class _Step(NamedTuple):
    shown: Path
    path: Path
    parts: tuple[str, ...]
    before: bytes | None
    outcome: Outcome
    own_folder: Path | None = None


def client_named(name: str) -> Client:
    """Return a client by its name.

    Raises:
        FieldError: no client has that name.
    """
    if name not in CLIENTS:
        near = [each for each in CLIENTS if name and each.startswith(name)] or CLIENTS
        why = f"no client is called {name!r}: {', '.join(near)}"
        raise FieldError(field="client", why=why, hint="bank install --list")
    return CLIENTS[name]


def install(
    client: Client, request: Request, bank_home: Path, *, force: bool = False, dry_run: bool = False
) -> InstallResult:
    """Write what a client needs into its files. Nothing is written if one of the files has to be refused.

    A file that another program saves meanwhile is read and planned again.

    Raises:
        ClientFileError: a file is invalid, or has an entry of the same name that is not ours, and it is not forced.
        StaleEditError: another program kept saving a file; those written before are as they were.
        BankError: a file cannot be read or written; those written before are as they were.
    """
    _check_scope(client, request.scope)

    def plan_and_write() -> InstallResult:
        noted = read_record(bank_home)
        steps = [
            _step(request, file, pieces, noted.files, is_install=True, force=force)
            for file, pieces in _by_file(pieces_of(client, request))
        ]
        told = client.notes if request.scope == PROJECT else ()
        notes = (*_notes_on(steps), *told, *(client.hook_notes if request.hooks else ()))
        return _finish(client, request, bank_home, steps, noted, "install", notes, dry_run=dry_run)

    return _while_it_moves(plan_and_write)


def uninstall(
    client: Client, request: Request, bank_home: Path, *, force: bool = False, dry_run: bool = False
) -> InstallResult:
    """Take out of a client's files what an install wrote. What another installed client uses too stays.

    Raises:
        ClientFileError: a file is invalid, so that ours cannot be found in it.
        StaleEditError: another program kept saving a file; those written before are as they were.
        BankError: a file cannot be read or written; those written before are as they were.
    """
    _check_scope(client, request.scope)
    return _while_it_moves(lambda: _uninstall_once(client, request, bank_home, force=force, dry_run=dry_run))


def _uninstall_once(client: Client, request: Request, bank_home: Path, *, force: bool, dry_run: bool) -> InstallResult:
    noted = read_record(bank_home)
    # hooks that were opted in go too
    pieces = pieces_of(client, request._replace(hooks=True))
    used: dict[Path, list[str]] = {}
    for other in CLIENTS.values():
        if other is not client and request.scope in other.scopes and is_present(other, request):
            for piece in pieces_of(other, request._replace(hooks=True)):
                used.setdefault(piece.file, []).append(other.name)
    steps = []
    kept = []
    for file, ours in _by_file(pieces):
        if file in used:
            parts = tuple(dict.fromkeys(piece.what for piece in ours))
            kept.append(InstalledFile(file, parts, LEFT, why=f"used by {', '.join(dict.fromkeys(used[file]))} too"))
        else:
            steps.append(_step(request, file, ours, noted.files, is_install=False, force=force))
    result = _finish(client, request, bank_home, steps, noted, "uninstall", (), dry_run=dry_run)
    return result._replace(files=(*result.files, *kept))


def is_present(client: Client, request: Request) -> bool:
    """Whether a client has our entry in this scope."""
    if request.scope not in client.scopes:
        return False
    first = pieces_of(client, request._replace(hooks=True))[0]
    try:
        return is_installed(_read(first.file), first)
    except BankError:
        return False


def _notes_on(steps: Sequence[_Step]) -> Iterator[str]:
    """Yield what a user should know of the files, beside their diffs."""
    for step in steps:
        if "permissions" in step.parts and step.outcome.after != step.before:
            allowed = f"{step.shown} lets the agent run bank's commands that read or write the bank without a question"
            yield f"{allowed}, but not prove, verify, trust and what accepts corrections"
        if step.shown.name == LOCAL_SETTINGS and step.before is None:
            yield f"{step.shown} has paths of this machine: keep it out of git"


def _while_it_moves(plan_and_write: Callable[[], InstallResult]) -> InstallResult:
    """Plan again when a file changed since it was read: a client that runs saves its settings at any time."""
    for _ in range(_TRIES - 1):
        with suppress(StaleEditError):
            return plan_and_write()
    return plan_and_write()


def _check_scope(client: Client, scope: str) -> None:
    if scope not in client.scopes:
        only = client.scopes[0] if scope in {PROJECT, USER} else " or ".join(client.scopes)
        why = f"{client.title} has no settings of the scope {scope!r}"
        raise FieldError(field="scope", why=why, hint=f"bank install {client.name} --scope {only}")


def _by_file(pieces: Sequence[Piece]) -> list[tuple[Path, list[Piece]]]:
    found: dict[Path, list[Piece]] = {}
    for piece in pieces:
        found.setdefault(piece.file, []).append(piece)
    return list(found.items())


def _read(path: Path) -> bytes | None:
    try:
        return read(path)
    except NoFileError:
        return None


def _step(
    request: Request, file: Path, pieces: list[Piece], noted: dict[str, Changed], *, is_install: bool, force: bool
) -> _Step:
    machine: Machine = request.machine
    # a link of the user's own set-up is followed; one in a project must not lead out of it
    roots = [Path(file.anchor)] if request.is_user else [machine.project]
    try:
        path = resolve(file, roots)
    except OutsideError:
        real = Path(os.path.realpath(file))
        why = "its links form a loop" if real.is_symlink() else f"it is a link out of the project, to {real}"
        raise ClientFileError(path=file, why=f"not changed: {why}", hint=f"ls -l {quoted(file)}") from None
    before = _read(path)
    change = put_in if is_install else take_out
    outcome = change(path, before, pieces, noted.get(str(path)), force=force)
    first = pieces[0]
    own = (
        path.parents[len(file.relative_to(first.folder).parts) - 1]
        if isinstance(first, OwnFile) and first.folder
        else None
    )
    return _Step(file, path, tuple(dict.fromkeys(each.what for each in pieces)), before, outcome, own)


def _finish(
    client: Client,
    request: Request,
    bank_home: Path,
    steps: list[_Step],
    noted: InstalledRecord,
    action: str,
    notes: tuple[str, ...],
    *,
    dry_run: bool,
) -> InstallResult:
    if not dry_run:
        _write(steps, noted, bank_home, f"bank {action} {client.name} --scope {request.scope}")
    files = tuple(map(_file_of, steps))
    return InstallResult(client.name, request.scope, action, files, notes, dry_run)


def _write(steps: list[_Step], noted: InstalledRecord, bank_home: Path, command: str) -> None:
    """Write the files, all or none: each is written only over the bytes that the plan was made for."""
    changed = [each for each in steps if each.outcome.after != each.before]
    same = all(noted.files.get(str(each.path)) == each.outcome.note for each in steps)
    if not changed and same and not noted.unfinished:
        return
    make_dirs(bank_home / ".state", 0o700)
    with lock(bank_home / ".state" / "install.lock", timeout=10.0, holder="install"):
        # another command may have installed or removed what the plan is about, or what shares its files
        old = read_record(bank_home)
        if old.files != noted.files:
            where = str(record_path(bank_home))
            raise StaleEditError(address=where, expected="the record as read", digest="another", hint=command)
        new = dict(old.files)
        for step in steps:
            name = str(step.path)
            if step.outcome.note is None:
                new.pop(name, None)
            else:
                folders = _missing(step.path.parent) if step.outcome.after is not None else []
                note = step.outcome.note
                new[name] = note._replace(folders=tuple(dict.fromkeys((*note.folders, *folders))))
        _hand_over(old.files, new)
        sweep(*old.unfinished)
        write_record(bank_home, new, {str(each.path): old.files.get(str(each.path)) for each in steps})
        _publish_all(changed, lambda: write_record(bank_home, old.files), command)
        _drop_folders([each for each in steps if each.outcome.after is None], old.files)
        write_record(bank_home, new)


def _hand_over(old: dict[str, Changed], new: dict[str, Changed]) -> None:
    """Note the folders that were made for files that go with one that stays in them, which may be the last to go."""
    for name, row in old.items():
        for folder in () if name in new else row.folders:
            heir = next((each for each in new if Path(each).is_relative_to(folder)), None)
            if heir is not None:
                new[heir] = new[heir]._replace(folders=tuple(dict.fromkeys((*new[heir].folders, folder))))


def _publish_all(changed: list[_Step], take_back: Callable[[], None], command: str) -> None:
    done: list[_Step] = []
    made: list[str] = []
    try:
        for step in changed:
            if step.outcome.after is not None:
                made += _missing(step.path.parent)
            _publish(step.path, step.before, step.outcome.after, command)
            done.append(step)
    except BaseException:
        for step in reversed(done):
            # a file that was saved by another program since we wrote it is not ours to take back
            with suppress(StaleEditError):
                _publish(step.path, step.outcome.after, step.before, command)
        _drop(set(map(Path, made)))
        take_back()
        raise


def _publish(path: Path, before: bytes | None, after: bytes | None, command: str) -> None:
    try:
        if after is None:
            if before is not None:
                delete(path, base=before)
            return
        make_dirs(path.parent)
        publish(path, base=before, new=after)
        read_back(path, after, before)
    except FileMoved:
        raise StaleEditError(address=str(path), expected="the file as read", digest="another", hint=command) from None


def _missing(folder: Path) -> list[str]:
    missing = []
    while not folder.is_dir() and folder != folder.parent:
        missing.append(str(folder))
        folder = folder.parent
    return missing


def _drop_folders(gone: list[_Step], noted: dict[str, Changed]) -> None:
    """Remove the folders that were made for files, if they are empty; that of a skill is ours in any case."""
    folders: set[Path] = set()
    for step in gone:
        row = noted.get(str(step.path))
        folders |= set(map(Path, row.folders)) if row else set()
        if step.own_folder is not None:
            folders |= {step.own_folder, *(each for each in step.path.parents if step.own_folder in each.parents)}
    _drop(folders)


def _drop(folders: set[Path]) -> None:
    for folder in sorted(folders, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def _file_of(step: _Step) -> InstalledFile:
    before, after = step.before, step.outcome.after
    if step.outcome.left:
        return InstalledFile(step.shown, step.parts, LEFT, why=step.outcome.left)
    if before == after:
        return InstalledFile(step.shown, step.parts, UNCHANGED)
    done = CREATED if before is None else REMOVED if after is None else CHANGED
    texts = [(each or b"").decode("utf-8", "replace") for each in (before, after)]
    return InstalledFile(step.shown, step.parts, done, diff_of(texts[0], texts[1], str(step.shown).lstrip("/")))
