"""The doctor: one probe for each thing around a bank that can break; each names its fix, and some can be applied."""

from __future__ import annotations

import json
import os
import stat
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from memorybank.errors import BankError, LockedError, NoFileError
from memorybank.files.write import lock, read
from memorybank.shell import quoted
from memorybank.store.cache import hide_state
from memorybank.store.config import FILE, found_in, layers_of, read_config
from memorybank.store.git.repository import ask
from memorybank.store.journal.log import journal_path, read_operations
from memorybank.store.journal.recover import recover, state_of
from memorybank.store.settings.database_url import URL
from memorybank.store.settings.table import BY_KEY
from memorybank.store.sync_marks import time_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorybank.store.folder import BankFolder

    Examine = Callable[[BankFolder], tuple[str, str]]
    Fix = Callable[[BankFolder], None]

_INDEX = b"SQLite format 3\0"
_PRIVATE = 0o700
# seconds without a sync that worked, while syncs were tried
_LATE = 2 * 86400


class Probe(NamedTuple):
    """The result of one probe: `fault` ("" if fine), `hint` (how to fix it), `fixable` (by `doctor --fix`)."""

    name: str
    fault: str
    hint: str
    fixable: bool


def probe_settings(bank: BankFolder) -> tuple[str, str]:
    """Check that bank.toml is valid."""
    try:
        read_config(bank.folder / "bank.toml")
    except BankError as error:
        return error.message, error.hint
    return "", ""


def probe_files(bank: BankFolder) -> tuple[str, str]:
    """Check that every memory file can be read and written."""
    for name in bank.main_files:
        path = bank.folder / name
        try:
            bank.read(path)
        except NoFileError:
            continue  # `bank check` reports it
        except BankError as error:
            return error.message, error.hint
        if not os.access(path, os.W_OK):
            return f"{name} cannot be written", f"chmod u+w {quoted(path)}"
    return ("", "") if os.access(bank.folder, os.W_OK) else (f"{bank.folder} cannot be written", "")


def probe_lock(bank: BankFolder) -> tuple[str, str]:
    """Check that no other process holds the bank's lock."""
    path = bank.state / "lock"
    if not path.exists():
        return "", ""
    try:
        with lock(path, timeout=0.0, holder="doctor"):
            return "", ""
    except LockedError as error:
        return error.message, "wait until that process ends; its lock ends with it"
    except BankError as error:
        return error.message, error.hint


def probe_journal(bank: BankFolder) -> tuple[str, str]:
    """Check that every line of the journal can be read."""
    broken = 0
    try:
        data = read(journal_path(bank))
    except NoFileError:
        return "", ""
    except BankError as error:
        return error.message, error.hint
    for line in data.split(b"\n"):
        try:
            broken += bool(line) and not isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            broken += 1
    why = f"{broken} line{'s' if broken > 1 else ''} of the journal cannot be read, and undo cannot use what was there"
    return (why, "nothing to do: the other lines are still used") if broken else ("", "")


def probe_unfinished(bank: BankFolder) -> tuple[str, str]:
    """Check that no crash left an operation half done."""
    torn = [
        operation.id
        for operation in read_operations(bank, tail=True)
        if operation.state == "begun" and state_of(bank, operation)
    ]
    return (f"unfinished operations: {', '.join(torn)}", "bank doctor --fix") if torn else ("", "")


def probe_index(bank: BankFolder) -> tuple[str, str]:
    """Check that the search index is a database; it may be deleted at any time."""
    path = bank.state / "index.sqlite"
    try:
        if not path.is_file():
            # a pipe would not end
            return ("the search index is not a file", f"rm {quoted(path)}") if os.path.lexists(path) else ("", "")
        with path.open("rb") as file:
            head = file.read(len(_INDEX))
    except OSError as error:
        return f"the search index cannot be read: {error.strerror}", f"rm {quoted(path)}"
    return ("", "") if head in (_INDEX, b"") else ("the search index is broken", f"rm {quoted(path)}")


def probe_private(bank: BankFolder) -> tuple[str, str]:
    """Check that only the user can read local state, which keeps earlier versions of files."""
    if sys.platform == "win32" or not bank.state.is_dir():
        return "", ""
    mode = stat.S_IMODE(bank.state.stat().st_mode)
    return (f"other users can read {bank.state} ({mode:o})", "bank doctor --fix") if mode & 0o077 else ("", "")


def probe_ignored(bank: BankFolder) -> tuple[str, str]:
    """Check that git ignores local state."""
    if not bank.state.is_dir() or ask(bank.project, "rev-parse", "--git-dir") is None:
        return "", ""
    tracked = ask(bank.project, "ls-files", "--", str(bank.state))
    if tracked and tracked.strip():
        return "git tracks local state", f"git rm -r --cached {quoted(bank.state)}"
    if (bank.state / ".gitignore").exists() or ask(bank.project, "check-ignore", "-q", str(bank.state)) is not None:
        return "", ""
    return "git does not ignore local state", "bank doctor --fix"


def probe_attributes(bank: BankFolder) -> tuple[str, str]:
    """Check that every merge driver named in .gitattributes is configured in this clone."""
    try:
        text = bank.read(bank.project / ".gitattributes").decode("utf-8", "replace")
    except BankError:
        return "", ""
    words = [word for line in text.split("\n") if not line.startswith("#") for word in line.split()]
    drivers = {word.removeprefix("merge=") for word in words if word.startswith("merge=")}
    for name in sorted(drivers - {"union", "text", "binary", "ours"}):
        if not (ask(bank.project, "config", "--get", f"merge.{name}.driver") or "").strip():
            why = f".gitattributes names the merge driver {name!r}, which is not configured in this clone"
            return why, "bank merge install" if name == "bank" else f"git config merge.{name}.driver COMMAND"
    return "", ""


def probe_hooks(bank: BankFolder) -> tuple[str, str]:
    """Check that the git hooks that call `bank` are executable."""
    where = ask(bank.project, "rev-parse", "--git-path", "hooks")
    folder = bank.project / where.strip() if where else None
    for path in sorted(folder.iterdir()) if folder and folder.is_dir() else ():
        if path.suffix != ".sample" and path.is_file() and not os.access(path, os.X_OK) and _names_bank(path):
            return f"the hook {path.name} is not executable, so git skips it", f"chmod +x {quoted(path)}"
    return "", ""


def probe_sync(bank: BankFolder) -> tuple[str, str]:
    """Check that a sync with the team's hub is set up, and that it worked lately; the hub is not asked."""
    try:
        layers = layers_of(bank.folder / FILE, bank.personal)
        (url, _), (is_on, _) = (found_in(layers, BY_KEY[key]) for key in (URL, "sync.enabled"))
    except BankError:
        return "", ""  # the settings have a probe of their own
    if is_on and not url:
        return "sync.enabled is set, and no database is named", f"bank config set {URL} postgresql://USER@HOST/DATABASE"
    if url and find_spec("psycopg") is None:
        return "the bank has a hub, and psycopg is not installed", "pip install 'memorybank[postgres]'"
    tried, done = time_of(bank, "tried"), time_of(bank, "done")
    if is_on and tried is not None and tried - (done or 0) > _LATE:
        late = f"for {int(tried - done) // 86400} days" if done else "yet"
        return f"no sync with the hub has worked {late}", "bank sync status"
    return "", ""


def _names_bank(path: Path) -> bool:
    try:
        return b"bank " in path.read_bytes()[:65536]
    except OSError:
        return False


def _settle(bank: BankFolder) -> None:
    with lock(bank.state / "lock", holder="doctor"):
        recover(bank, read_operations(bank, tail=True))


def _make_private(bank: BankFolder) -> None:
    bank.state.chmod(_PRIVATE)


PROBES: dict[str, Examine] = {
    "settings": probe_settings,
    "files": probe_files,
    "lock": probe_lock,
    "journal": probe_journal,
    "unfinished": probe_unfinished,
    "index": probe_index,
    "private": probe_private,
    "ignored": probe_ignored,
    "attributes": probe_attributes,
    "hooks": probe_hooks,
    "sync": probe_sync,
}
_FIXES: dict[str, Fix] = {"unfinished": _settle, "private": _make_private, "ignored": hide_state}


def examine(bank: BankFolder) -> list[Probe]:
    """Run every probe; change nothing."""
    found = []
    for name, probe in PROBES.items():
        fault, fix = probe(bank)
        found.append(Probe(name, fault, fix, bool(fault) and fix == "bank doctor --fix" and name in _FIXES))
    return found


def fix_faults(bank: BankFolder) -> list[str]:
    """Fix what is safe to fix, and return the names of the probes that were fixed.

    Operations that a crash left half done are finished or rolled back.

    Raises:
        BankError: another process holds the bank, or writing fails.
    """
    done = [each.name for each in examine(bank) if each.fixable]
    for name in done:
        _FIXES[name](bank)
    return done
